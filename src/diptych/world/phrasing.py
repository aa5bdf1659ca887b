"""Wordings of the world's captions: a set that the parser's author may read, and one held out.

{list} is a list of things, {is} agrees with the list or the subject, {s}, {p}, {o} are subject, predicate and object, {a} an attribute.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PhrasingSet = Literal["seen", "held_out"]


@dataclass(frozen=True, slots=True)
class Phrasings:
    """Templates by what they do; of each tuple one is picked by a draw."""

    short: tuple[str, ...]
    shows: tuple[str, ...]  # first sentence of a dense caption
    also: tuple[str, ...]  # what no sentence has mentioned yet
    related: tuple[str, ...]
    inline: str  # one pair and nothing else
    said: tuple[str, ...]  # an attribute in a sentence of its own
    region: tuple[str, ...]
    alt: tuple[str, ...]
    written: tuple[str, ...]  # after the thing that carries the words {w}
    read: tuple[str, ...]  # words on nothing in particular
    several: tuple[str, ...]
    predicates: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]


SEEN = Phrasings(
    short=("{list}", "a photo of {list}", "a picture of {list}", "there {is} {list}"),
    shows=("The picture shows {list}.", "There {is} {list}.", "In this photo there {is} {list}."),
    also=("There {is} also {list}.", "The picture also shows {list}."),
    related=("{s} {is} {p} {o}.",),
    inline="{s} {p} {o}",
    said=("{s} {is} {a}.",),
    region=("{list}", "a photo of {list}"),
    alt=("{list}", "photo of {list}", "{list}"),
    written=('{n} that says "{w}"', '{n} that reads "{w}"'),
    read=('The text "{w}" is written in the picture.',),
    several=("several {n}", "some {n}", "{n}"),
    predicates={
        "left of": ("left of", "to the left of"),
        "right of": ("right of", "to the right of"),
        "on": ("on", "on top of"),
        "near": ("near", "close to"),
        "next to": ("next to", "beside"),
        "below": ("below", "under"),
    },
    values={},
)
HELD_OUT = Phrasings(
    short=(
        "an image showing {list}",
        "we see {list} here",
        "{list} can be seen",
        "a snapshot of {list}",
        "what you see here {is} {list}",
        "here {is} {list}",
    ),
    shows=(
        "Visible here {is} {list}.",
        "One can make out {list}.",
        "This shot has {list} in it.",
        "We are looking at {list}.",
        "The view includes {list}.",
    ),
    also=("Besides, {list} can be seen.", "You can spot {list} as well.", "{list} {is} part of the picture too."),
    related=("{p} {o} {is} {s}.", "{s} can be found {p} {o}.", "{s}, meanwhile, {is} {p} {o}.", "{p} {o}, one finds {s}."),
    inline="{s} that {is} {p} {o}",
    said=("{s} {is} clearly {a}.", "What is more, {s} {is} {a}.", "{s}, by the way, {is} {a}."),
    region=("a close look at {list}", "here {is} {list}", "this would be {list}", "zooming in on {list}"),
    alt=("{list}, nice shot", "{list} (close-up)", "look: {list}"),
    written=('{n} with the text "{w}"', '{n} with the word "{w}" on it', '{n} labelled "{w}"', '{n} bearing the word "{w}"'),
    read=('Somewhere one can read "{w}".', 'The letters "{w}" appear.'),
    several=("a number of {n}", "multiple {n}", "a few {n}"),
    predicates={
        "left of": ("on the left side of", "to the left of", "at the left of", "on the left-hand side of"),
        "right of": ("on the right side of", "to the right of", "at the right of", "on the right-hand side of"),
        "on": ("atop", "resting on", "upon"),
        "near": ("close by", "nearby", "not far from"),
        "next to": ("alongside", "right beside", "adjacent to"),
        "below": ("beneath", "underneath"),
        "above": ("over", "above"),
        "behind": ("in back of", "at the back of", "behind"),
        "in front of": ("ahead of", "in front of"),
    },
    values={"small": ("small", "little", "tiny"), "large": ("large", "big", "huge"), "checkered": ("checkered", "checked")},
)
SETS: Mapping[str, Phrasings] = {"seen": SEEN, "held_out": HELD_OUT}
