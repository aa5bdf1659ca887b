"""`colours:`: what colour the picture or the crop has, by its pixels. It knows no things: ask it about the crop that holds one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.data.opening import thumbnail
from diptych.data.pictures import Picture
from diptych.models.abilities import Answered, Answerer, AskRequest, Failed
from diptych.models.addresses import Address
from diptych.models.colour_words import named, possible, word_of
from diptych.models.experts import number, one_by_one, only

OPTIONS: Mapping[str, str] = {"least": "0.2"}
SIDE = 96  # pixels of the longer side that are looked at
MOST = 4  # colours in one answer
BEHIND = 0.5  # tried in the world, seed 8: at 0 the first colour named is a thing's own for 37 in 100, at .5 for 64, at .7 for 67
NONE = 0.05  # share of pixels that might be called so, under which a colour is denied
DOUBTFUL = 0.5  # how far "gray" is to be trusted: white in the shade and black in the light look so
UNKNOWN = Answered("unknown", 0.0)
_ASKED = re.compile(r"\b(?:what|which)\b.*\bcolou?rs?\b", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:image|picture|photo|photograph)\b(?! of)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Colours:
    """Names the colours that have at least `least` of the thing, most first: "red and white". Score: the first's share, of gray half.

    "What colour is the ball?" is answered of a crop alone, taken to be the box of one thing that fills the ellipse in it, with its
    surroundings in the corners; so is a statement such as "the ball is red": yes from `least` on, no where nearly no pixel might be called
    so. "What colours are in the picture?" is answered of the whole. All else is unknown. White in the shade is gray here.
    """

    least: float = 0.2

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """Each picture by itself."""
        return one_by_one(requests, self._answer)

    def _answer(self, request: AskRequest) -> Answered:
        statement = request.statement
        if request.picture.parent is None and not (statement is None and _WHOLE.search(request.question)):
            request.picture.pil()  # a picture that cannot be had fails, whatever was asked
            return UNKNOWN
        inside_N3, corners_M3 = seen(request.picture)
        shares = of_thing(named(inside_N3), named(corners_M3))
        if statement is not None and statement.kind == "attribute":
            colour = word_of(statement.value.split()[-1]) if statement.value else ""
            return self._agreed(shares, inside_N3, colour) if colour else UNKNOWN
        return self._told(shares) if statement is None and _ASKED.search(request.question) else UNKNOWN

    def _agreed(self, shares: Mapping[str, float], pixels_N3: NDArray[np.uint8], colour: str) -> Answered:
        if shares.get(colour, 0.0) >= self.least:
            return Answered("yes", shares[colour])
        perhaps = possible(pixels_N3, colour)
        return Answered("no", 1 - perhaps) if perhaps < NONE else UNKNOWN

    def _told(self, shares: Mapping[str, float]) -> Answered:
        first = next(iter(shares))
        words = [word for word, share in shares.items() if share >= self.least][:MOST] or [first]
        sure = shares[first] * (DOUBTFUL if first == "gray" else 1)
        return Answered(" and ".join(filter(None, (", ".join(words[:-1]), words[-1]))), sure)


def seen(picture: Picture) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pixels (N, 3) of a small copy: of a crop those in the ellipse that fills it, and those in its corners; else all, and none."""
    rgb_HW3 = np.asarray(thumbnail(picture, SIDE).convert("RGB"), np.uint8)
    if picture.parent is None:
        return rgb_HW3.reshape(-1, 3), np.empty((0, 3), np.uint8)
    height, width = rgb_HW3.shape[:2]
    y_H, x_W = (2 * np.arange(height) + 1) / height - 1, (2 * np.arange(width) + 1) / width - 1
    inside_HW = y_H[:, None] ** 2 + x_W**2 <= 1
    if not inside_HW.any():  # of two pixels by two the middles all lie in the corners
        inside_HW[:] = True
    return rgb_HW3[inside_HW], rgb_HW3[~inside_HW]


def of_thing(inside: Mapping[str, float], corners: Mapping[str, float]) -> dict[str, float]:
    """Shares of a thing's own colours, most first: those inside less `BEHIND` of those in the corners, which show through around it.

    What has the colour of its surroundings keeps it, since it has more inside than that.
    """
    left = {word: share - BEHIND * corners.get(word, 0.0) for word, share in inside.items()}
    whole = sum(share for share in left.values() if share > 0)
    return dict(sorted(((word, share / whole) for word, share in left.items() if share > 0), key=lambda one: -one[1]))


def open_colours(address: Address, ability: type) -> Colours:
    """The scheme of `colours:`; `?least=` is the share of pixels from which a colour is named."""
    said = only(address, ability, (Answerer,), OPTIONS)
    return Colours(number(address, "least", said["least"], (0.01, 1)))
