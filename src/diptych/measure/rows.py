"""Rows by id, and metrics whose rows hold several values each."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from diptych.data.errors import InputError
from diptych.measure.asking import joined
from diptych.measure.scores import Scored, scored

V = TypeVar("V")


def by_id(given: Mapping[str, V] | Sequence[V], what: str = "captions") -> dict[str, V]:
    """A mapping by id as it is, a list by the places "0", "1", ...; InputError for anything else, a text included."""
    if isinstance(given, str) or not isinstance(given, Mapping | Sequence):
        raise InputError(f"{what} must be a mapping by id or a list, got {type(given).__name__}")
    return {str(id): one for id, one in (given.items() if isinstance(given, Mapping) else enumerate(given))}


def one_text(given: Mapping[str, str] | Sequence[str], what: str = "captions") -> dict[str, str]:
    """`by_id`, each a single text; InputError for an image with several."""
    found = by_id(given, what)
    for id, text in found.items():
        if not isinstance(text, str):
            raise InputError(f"{id!r} must have one text in {what}, got {type(text).__name__}: choose one caption an image")
    return found


def same_ids(one: Mapping[str, object], other: Mapping[str, object], names: tuple[str, str]) -> None:
    """InputError for ids that only one side has."""
    for has, lacks, there, elsewhere in ((one, other, *names), (other, one, *reversed(names))):
        if alone := [id for id in has if id not in lacks]:
            raise InputError(f"{len(alone)} of {len(has)} ids of the {there} are not among the {elsewhere}, such as {alone[0]!r}")


def scored_rows(name: str, ids: Sequence[str], table: Sequence[Sequence[float]], *, of: str, how: str, seed: int, resamples: int) -> Scored:
    """The mean over all values of all rows, those of a row drawn together.

    Values that are nan are left out, and `how` counts them under the name `of`; a row without any has no value.
    """
    columns = np.array([(np.nansum(row), np.isfinite(row).sum()) for row in table], float).reshape(len(ids), 2)
    values = np.divide(columns[:, 0], columns[:, 1], out=np.full(len(ids), np.nan), where=columns[:, 1] > 0)
    given, known = sum(map(len, table)), int(columns[:, 1].sum())
    lacks = f"{given - known} of {given} {of} undefined, left out" if known < given else ""
    return scored(name, ids, values, columns, how=joined(how, lacks), seed=seed, resamples=resamples)
