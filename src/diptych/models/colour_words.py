"""The names of colours: the words of the language, and where each lies, by the colours of CSS (W3C, CSS Color 4), in CIELAB."""

# N pixels, W words, P colours of CSS

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from diptych.arrays.lab import lab
from diptych.language.meaning import COLOURS

# word -> those of CSS that it names. Berlin and Kay's eleven, 1969, with turquoise and beige, which lie between two of them
NAMED = {
    "black": "black soot",
    "white": "white snow ivory azure mintcream ghostwhite floralwhite whitesmoke aliceblue honeydew seashell gainsboro lightgray",
    "gray": "gray dimgray darkgray silver slategray lightslategray",
    "red": "red darkred maroon crimson firebrick indianred brick",
    "orange": "orange darkorange coral orangered tomato sandybrown",
    "yellow": "yellow gold goldenrod khaki lightyellow lemonchiffon lightgoldenrodyellow palegoldenrod",
    "green": "green lime darkgreen forestgreen limegreen seagreen mediumseagreen darkseagreen olivedrab olive darkolivegreen lawngreen"
    " chartreuse greenyellow yellowgreen springgreen mediumspringgreen palegreen lightgreen",
    "turquoise": "turquoise teal cyan darkcyan darkturquoise mediumturquoise lightseagreen aquamarine mediumaquamarine paleturquoise"
    " lightcyan cadetblue",
    "blue": "blue navy mediumblue darkblue midnightblue royalblue steelblue dodgerblue cornflowerblue deepskyblue skyblue lightskyblue"
    " lightblue powderblue lightsteelblue slateblue darkslateblue mediumslateblue",
    "purple": "purple indigo violet darkviolet darkorchid mediumorchid orchid plum thistle blueviolet mediumpurple darkmagenta"
    " rebeccapurple",
    "pink": "pink lightpink hotpink deeppink magenta mediumvioletred palevioletred lightcoral salmon lightsalmon darksalmon mistyrose"
    " lavenderblush",
    "brown": "brown earth wood saddlebrown sienna chocolate peru darkgoldenrod rosybrown",
    "beige": "beige sand tan burlywood wheat bisque blanchedalmond antiquewhite linen oldlace cornsilk navajowhite moccasin papayawhip"
    " peachpuff",
}  # fmt: skip
# the brown of CSS is a red, and it has no black that is lit, and none of the dull browns of photographs
_OWN = {
    "soot": (45, 45, 45),
    "brown": (101, 67, 33),
    "earth": (139, 115, 85),
    "wood": (110, 85, 65),
    "sand": (205, 183, 158),
    "brick": (178, 54, 40),
}
# words of the language that name no colour of their own here -> what is said for them
SAME = {
    "maroon": "red", "gold": "yellow", "golden": "yellow", "cyan": "turquoise", "teal": "turquoise", "navy": "blue", "violet": "purple",
    "magenta": "pink", "silver": "gray", "tan": "beige", "cream": "beige",
}  # fmt: skip
# what light and shade make of a colour: nobody can deny it for that
LIT = {"white": ("gray",), "black": ("gray",), "gray": ("white", "black"), "orange": ("brown",), "brown": ("orange",)}
UNSURE = 15.0  # units of CIELAB by which a name may be farther than the nearest one and still be meant


def word_of(colour: str) -> str:
    """What is said here for a colour of the language ("teal" -> "turquoise"), or nothing."""
    return colour if colour in NAMED else SAME.get(colour, "") if colour in COLOURS else ""


def named(rgb_N3: NDArray[np.uint8]) -> dict[str, float]:
    """Colours of pixels with their shares, most first: each pixel is called by the nearest colour that has a name."""
    nearest_N = _away(rgb_N3).argmin(1)
    shares = np.bincount(nearest_N, minlength=len(NAMED)) / max(1, len(nearest_N))
    found = ((word, float(share)) for word, share in zip(NAMED, shares, strict=True) if share)
    return dict(sorted(found, key=lambda one: -one[1]))


def possible(rgb_N3: NDArray[np.uint8], word: str) -> float:
    """Share of the pixels that somebody might call by this of the words: its colour is at most `UNSURE` farther than the
    nearest, or what light makes of it is.
    """
    away_NW = _away(rgb_N3)
    meant = [list(NAMED).index(one) for one in (word, *LIT.get(word, ()))]
    close_N = away_NW[:, meant].min(1) - away_NW.min(1) <= UNSURE
    return float(close_N.mean()) if len(close_N) else 0.0


def _away(rgb_N3: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far each pixel is from the nearest colour of each word."""
    pixels_N3 = lab(rgb_N3)
    square_N = (pixels_N3**2).sum(1)
    away = [square_N[:, None] + (places_P3**2).sum(1) - 2 * pixels_N3 @ places_P3.T for places_P3 in _places()]
    return np.sqrt(np.maximum(np.stack([some_NP.min(1) for some_NP in away], 1), 0))


@cache
def _places() -> tuple[NDArray[np.float64], ...]:
    """By word, where the colours lie that it names."""
    return tuple(lab(np.array([_OWN.get(name) or ImageColor.getrgb(name) for name in names.split()])) for names in NAMED.values())
