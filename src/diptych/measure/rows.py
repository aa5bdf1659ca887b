"""Texts by id, one or several an image, and metrics whose rows hold several values each."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from diptych.data.errors import InputError
from diptych.measure.asking import joined
from diptych.measure.inputs import by_id
from diptych.measure.scores import Scored, scored


def one_text(given: Mapping[str, str] | Sequence[str], what: str = "captions") -> dict[str, str]:
    """By id (by place for a list), each a single text; InputError for an image with several, and for two ids that are one text."""
    found: dict[str, str] = by_id(given, what)
    for id, text in found.items():
        if not isinstance(text, str):
            raise InputError(f"{id!r} must have one text in {what}, got {type(text).__name__}: choose one caption an image")
    return found


def several_texts(given: Mapping[str, Sequence[str] | str] | Sequence[Sequence[str] | str]) -> dict[str, tuple[str, ...]]:
    """By id (by place for a list), the captions of each image, one alone too; InputError for what is no text or list of texts."""
    found = {}
    for id, said in by_id(given, "captions").items():
        texts = (said,) if isinstance(said, str) else tuple(said) if isinstance(said, Iterable) else (said,)
        if not all(isinstance(text, str) for text in texts):
            raise InputError(f"the captions of {id!r} must be texts, got {said!r:.100}: write an empty one where there is none")
        found[id] = texts
    return found


def scored_rows(name: str, ids: Sequence[str], table: Sequence[Sequence[float]], *, of: str, how: str, seed: int, resamples: int) -> Scored:
    """The mean over all values of all rows, those of a row drawn together.

    Values that are nan are left out, and `how` counts them under the name `of`; a row without any has no value.
    """
    columns = np.array([(np.nansum(row), np.isfinite(row).sum()) for row in table], float).reshape(len(ids), 2)
    values = np.divide(columns[:, 0], columns[:, 1], out=np.full(len(ids), np.nan), where=columns[:, 1] > 0)
    given, known = sum(map(len, table)), int(columns[:, 1].sum())
    lacks = f"{given - known} of {given} {of} undefined, left out" if known < given else ""
    return scored(name, ids, values, columns, how=joined(how, lacks), seed=seed, resamples=resamples)
