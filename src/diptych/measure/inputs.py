"""Candidates and references put in line, by id or by order; what does not fit is an error that names it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.data.errors import InputError

Candidates = Mapping[str, str] | Sequence[str]
References = Mapping[str, Sequence[str] | str] | Sequence[Sequence[str]]
_SHOWN = 3  # ids named in an error


@dataclass(frozen=True, slots=True)
class Aligned:
    """One candidate and its references an image, in the candidates' order."""

    ids: tuple[str, ...]
    candidates: tuple[str, ...]
    references: tuple[Sequence[str], ...]


def aligned(candidates: Candidates, references: References) -> Aligned:
    """Both by id (mappings) or both by order (sequences, whose ids are "0", "1", ...).

    An image without any reference or an id that only one side has raises InputError: no row is left out in silence.
    Empty candidates are allowed, and score what the metric gives an empty text. So are empty references, as the field's tools have it.
    """
    if isinstance(candidates, Mapping) != isinstance(references, Mapping):
        raise InputError("candidates and references must both be mappings by id or both be lists in one order")
    wanted = by_id(candidates, "candidates")
    given = by_id(references, "references")
    same_ids(wanted, given, "candidates have no references", "references have no candidate")
    said: list[str] = []
    known: list[Sequence[str]] = []
    for id, text in wanted.items():
        if not isinstance(text, str):
            remedy = "choose one caption an image" if isinstance(text, list | tuple) else "write an empty text where there is none"
            raise InputError(f"the candidate of {id!r} must be one text, got {text!r:.80}: {remedy}")
        known_as = given[id]
        listed = known_as if isinstance(known_as, list | tuple) else _listed(known_as)  # no copies: many small ones keep the collector busy
        if not listed or not all(issubclass(kind, str) for kind in set(map(type, listed))):
            raise InputError(
                f"the references of {id!r} must be one or more texts, got {listed!r}: give it references or leave the image out"
            )
        said.append(text)
        known.append(listed)
    return Aligned(tuple(wanted), tuple(said), tuple(known))


def _listed(texts: Any) -> Sequence[Any]:
    return (texts,) if isinstance(texts, str) or not isinstance(texts, Iterable) else tuple(texts)


def by_id(given: Any, what: str) -> dict[str, Any]:
    """A mapping with its ids as text, or a list with its places as ids; InputError for two ids that are one text (1 and "1")."""
    if isinstance(given, Mapping):
        found = {str(id): text for id, text in given.items()}
        if len(found) != len(given):
            raise InputError(
                f"{len(given) - len(found)} of {len(given)} ids of the {what} stand twice, as numbers and as text: keep one of each"
            )
        return found
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"{what} must be a mapping by id or a list, got {type(given).__name__}")
    return {str(number): text for number, text in enumerate(given)}


def same_ids(one: Mapping[str, Any], other: Mapping[str, Any], only_one: str, only_other: str) -> None:
    """InputError if either side has an id that the other lacks, in these words."""
    for here, there, lacks in ((one, other, only_one), (other, one, only_other)):
        if alone := [id for id in here if id not in there]:
            named = ", ".join(map(repr, alone[:_SHOWN])) + (", ..." if len(alone) > _SHOWN else "")
            raise InputError(f"{len(alone)} of {len(here)} {lacks}: {named}; ids must be the same on both sides")
