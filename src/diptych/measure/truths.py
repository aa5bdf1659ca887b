"""Captions put in line with what is known of their images: object lists, generating captions; what is not as it should be is named."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from diptych.data.errors import InputError
from diptych.data.records import Record
from diptych.language.english import count_not_english
from diptych.measure import inputs
from diptych.measure.classes import class_of

T = TypeVar("T")


def with_truth(captions: Mapping[str, str], truths: Mapping[str, T], what: str) -> list[tuple[str, str, T]]:
    """(id, caption, truth) in the captions' order; ids are the same on both sides, since a shifted row would go unnoticed.

    Raises InputError for anything but two mappings by id, for ids that one side alone has, and for a caption that is no text (a NaN
    of a table with holes, a list). Empty captions are texts.
    """
    said, known = by_id(captions, "captions"), by_id(truths, what)
    inputs.same_ids(said, known, f"captions have no {what}", f"{what} have no caption")
    for id, text in said.items():
        one_text(text, id)
    return [(id, text, known[id]) for id, text in said.items()]


def by_id(given: Any, what: str) -> dict[str, Any]:
    """The mapping with its ids as text; InputError for a list."""
    if not isinstance(given, Mapping):
        raise InputError(f"{what} must be a mapping by id, got {type(given).__name__}: a row too many or too few would shift all others")
    return inputs.by_id(given, what)


def one_text(text: Any, id: str, what: str = "caption") -> None:
    """InputError for what is no text."""
    if not isinstance(text, str):
        raise InputError(f"the {what} of {id!r} must be a text, got {text!r}: write an empty one where there is none")


def names_of(given: Mapping[str, Any], what: str) -> dict[str, tuple[str, ...]]:
    """Lists of names by id, each name once; InputError for one text in a list's place and for anything else that is no list of names."""
    found: dict[str, tuple[str, ...]] = {}
    for id, names in by_id(given, what).items():
        listed = () if isinstance(names, str) or not isinstance(names, Iterable) else tuple(dict.fromkeys(names))
        if isinstance(names, str) or not isinstance(names, Iterable) or not all(isinstance(name, str) for name in listed):
            raise InputError(f"the {what} of {id!r} must be a list of names, got {names!r}: give an empty one where there is none")
        found[id] = listed
    return found


def not_english(texts: Iterable[str]) -> str:
    """What `how` says of texts that our English parser should not have been given; "" where there are none."""
    listed = list(texts)
    foreign = sum(count_not_english(listed))
    return f"; {foreign} of {len(listed)} texts not English, read as if they were" if foreign else ""


def objects_of(records: Iterable[Record], classes: tuple[str, ...] = ()) -> dict[str, frozenset[str]]:
    """The labels of each record's object regions (boxes or masks); with `classes` the class of each (`classes.class_of`), others left out.

    Raises InputError for two records of one id.
    """
    found: dict[str, frozenset[str]] = {}
    for record in records:
        if record.id in found:
            raise InputError(f"two records have the id {record.id!r}: keep one of them")
        labels = [r.label for r in record.regions if r.label and r.kind == "object"]
        found[record.id] = frozenset(filter(None, (class_of(label, classes) for label in labels)) if classes else labels)
    return found
