"""Hints on a caption, from several comparisons of its picture with paintings of it."""

from collections.abc import Iterable

from diptych.data.records import Question, Record
from diptych.language.parse import parse

ASKED = "What does the picture show that a painting of the caption shows otherwise or not at all?"


def comparison(record: Record, caption: str) -> Question | None:
    """The last comparison with paintings of the caption of this id."""
    return next((q for q in reversed(record.questions) if q.about == caption and q.text == ASKED), None)


def agreed(told: Iterable[tuple[int, str]], least: int = 1) -> tuple[str, ...]:
    """Hints that so many paintings gave, those of most paintings first, then in the order told; (painting, hint) in.

    Hints that state the same count as one, in its first wording.
    """
    wording: dict[object, str] = {}
    paintings: dict[object, set[int]] = {}
    for painting, hint in told:
        what = saying(hint)
        wording.setdefault(what, hint)
        paintings.setdefault(what, set()).add(painting)
    ranked = sorted(wording, key=lambda what: -len(paintings[what]))
    return tuple(wording[what] for what in ranked if len(paintings[what]) >= least)


def saying(hint: str) -> object:
    """What a hint states: equal for hints that state the same, the words where nothing is stated."""
    return frozenset(s.key for s in parse(hint).statements()) or " ".join(hint.casefold().split())
