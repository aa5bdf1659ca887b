"""What simulated experts share: where each fact of a picture finds its draw, and what an error looks like."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from diptych.world.catalogue import CATEGORIES, COLOURS
from diptych.world.latents import Voice
from diptych.world.lookup import SLOTS, Known, Thing

# draws of one noun of the catalogue that is not in the picture
FIRES, INVENTED_COLOUR, INVENTED_PLACE, INVENTED_RELATION = range(4)
_NOUN = 4
# draws of one thing in the picture
EXISTS, COUNT, COUNT_WRONG, RELATION, RELATION_WRONG, PARTNER, TEXT, LISTED, STATED, WRONG = 0, 1, 2, 3, 4, 5, 6, 7, 8, 11
_THING = 16
TURNED = {
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
    "on": "below",
}
DIRECTIONS = ("left of", "right of", "in front of", "behind")
_PLACE = {slot: place for place, slot in enumerate(SLOTS)}
_FIRST = _NOUN * len(CATEGORIES)


@dataclass(frozen=True, slots=True)
class Layout:
    """All draws for the facts of one picture, each in a place that depends on the truth alone."""

    draws: Sequence[float]

    def noun(self, number: int, what: int) -> float:
        """For a noun of the catalogue that the picture does not show."""
        return self.draws[_NOUN * number + what]

    def thing(self, thing: Thing, what: int) -> float:
        """For a thing in the picture."""
        return self.draws[_FIRST + _THING * thing.index + what]

    def stated(self, thing: Thing, slot: str) -> float:
        """Whether a thing's colour, size or material is said."""
        return self.thing(thing, STATED + _PLACE[slot])

    def wrong(self, thing: Thing, slot: str) -> float:
        """Whether it is taken for another."""
        return self.thing(thing, WRONG + _PLACE[slot])


def layout(voice: Voice, known: Known, draw: int = 0) -> Layout:
    """A voice's draws for everything in a picture and for every noun that is not in it."""
    return _layout(voice, known.key, len(known.things), draw)


@lru_cache(256)  # statements about one picture are asked one after another
def _layout(voice: Voice, picture: str, things: int, draw: int) -> Layout:
    return Layout(voice.draws(_FIRST + _THING * things, picture, "layout", draw))


def pick(options: Sequence[str], u: float) -> str:
    """The option at a place in [0, 1)."""
    return options[min(int(u * len(options)), len(options) - 1)]


def mistaken(known: Known, thing: Thing, slot: str, u: float) -> str:
    """A value that the thing does not have: half the time one that something else in the picture has."""
    own = thing.values.get(slot)
    beside = [v for t in known.things if (v := t.values.get(slot)) is not None and v != own]
    if beside and u < 0.5:
        return pick(beside, 2 * u)
    return pick([v for v in SLOTS[slot] if v != own], 2 * u % 1)


def invented_colour(known: Known, u: float) -> str:
    """A colour for a thing that is not there: half the time one that is in the picture."""
    beside = [t.values["colour"] for t in known.things if "colour" in t.values]
    return pick(beside, 2 * u) if beside and u < 0.5 else pick(tuple(COLOURS), 2 * u % 1)


def invention(known: Known, expected: float, cooccurrence: float) -> tuple[tuple[Sequence[int], float], ...]:
    """Nouns that may be invented, each group with a chance for one of it, so that `expected` of them are invented on average."""
    if not known.kin or not known.others:
        absent = known.kin or known.others
        return ((absent, expected / len(absent)),) if absent else ()
    kin = expected * cooccurrence
    return ((known.kin, kin / len(known.kin)), (known.others, (expected - kin) / len(known.others)))
