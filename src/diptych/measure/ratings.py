"""Captions with ratings of several judges, and their readers: the layout of flickr8k_judgements, CSV, JSON lines.

Shapes: N pairs (an image and a candidate), J judges.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import SourceError


@dataclass(frozen=True, slots=True)
class Ratings:
    """Candidates, each with its image, that image's references and what each judge gave it (nan: not rated)."""

    images: tuple[str, ...]
    candidates: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]
    ratings_NJ: NDArray[np.float64]

    @property
    def copied(self) -> NDArray[np.bool_]:
        """Whether a candidate equals one of its references, to the letter."""
        return np.array([text in known for text, known in zip(self.candidates, self.references, strict=True)], bool)

    def of(self, keep: NDArray[np.bool_]) -> "Ratings":
        """The pairs that are marked."""
        at = np.flatnonzero(keep).tolist()
        return Ratings(
            tuple(self.images[i] for i in at), tuple(self.candidates[i] for i in at), tuple(self.references[i] for i in at),
            self.ratings_NJ[keep],
        )  # fmt: skip


def read_ratings(path: str | Path) -> Ratings:
    """A folder laid out as flickr8k_judgements (`judgements`, `candidates`, `ref-0`, `ref-1`, ...), or one CSV or JSONL file.

    A file has `candidate`, `id` (the image's; else each row is an image), `references` (a list; in CSV a JSON list or columns
    `reference_1`, ...) and ratings: `rating`, a number or a list, or columns `rating_1`, ...; what is empty is missing.
    Raises SourceError for what cannot be read, with its row.
    """
    source = Path(path)
    return _folder(source) if source.is_dir() else _table(source)


def _folder(folder: Path) -> Ratings:
    try:
        with (folder / "judgements").open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        texts = _lines(folder / "candidates")
        columns = [_lines(file) for file in sorted(folder.glob("ref-*"))]
    except (OSError, ValueError, csv.Error) as error:
        raise SourceError(
            f"{folder} cannot be read ({error}): a folder of ratings has judgements, candidates, ref-0, ref-1, ..."
        ) from error
    sizes = [len(rows), len(texts), *map(len, columns)]
    if not rows or not columns or len(set(sizes)) > 1:
        raise SourceError(f"{folder}: judgements, candidates and ref-* must have one line a pair, got {sizes}")
    named = [name for name in rows[0] if name]  # a row with too many cells has the rest under None
    judges = [name for name in named if name[0] == "j" and name[1:].isdigit()]
    if "imageid" not in named or not judges:
        raise SourceError(f"{folder / 'judgements'} must have the columns imageid, j1, j2, ..., got {', '.join(named)}")
    if broken := [number for number, row in enumerate(rows) if None in row or not row["imageid"]]:
        raise SourceError(f"{folder / 'judgements'}, row {broken[0]}: it must name an image and have no more cells than the header")
    given = [[_number(row[name], number) for name in judges] for number, row in enumerate(rows)]
    return Ratings(tuple(row["imageid"] for row in rows), tuple(texts), tuple(zip(*columns, strict=True)), _rated(given, folder))


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _table(file: Path) -> Ratings:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            if file.suffix in (".jsonl", ".ndjson"):
                rows = [json.loads(line) for line in opened if line.strip()]
            else:
                rows = list(csv.DictReader(opened))
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        raise SourceError(f"{file} cannot be read as CSV or JSON lines: {error}") from error
    images, candidates, references, given = [], [], [], []
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("candidate"), str):
            raise SourceError(f"{file}, row {number}: a rated row needs a text `candidate`, got {row!r:.80}")
        images.append(str(number if row.get("id") in (None, "") else row["id"]))
        candidates.append(row["candidate"])
        references.append(_references(row, number))
        given.append([_number(value, number) for value in _listed(row, "rating")])
    return Ratings(tuple(images), tuple(candidates), tuple(references), _rated(given, file))


def _references(row: Mapping[str, Any], number: int) -> tuple[str, ...]:
    listed = [text for text in _listed(row, "reference") if text not in (None, "")]
    if not listed or not all(isinstance(text, str) for text in listed):
        raise SourceError(
            f"row {number}: references must be one or more texts, got {listed!r:.80}: name the columns references or reference_1, ..."
        )
    return tuple(listed)


def _listed(row: Mapping[str, Any], stem: str) -> list[Any]:
    """Values of `stem`, `stems` (a list, also as JSON) and `stem_1`, `stem_2`, ..."""
    found: list[Any] = []
    for name, value in row.items():
        if not isinstance(name, str) or not (name in (stem, f"{stem}s") or name.startswith(f"{stem}_")):
            continue
        parsed = _parsed(value)
        found += parsed if isinstance(parsed, list) else [parsed]
    return found


def _parsed(value: Any) -> Any:
    """A list where a cell holds one as JSON, else the value."""
    if not isinstance(value, str) or value[:1] != "[":
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _number(value: Any, row: int) -> float:
    if value is None or value == "":
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SourceError(f"row {row}: a rating must be a number or empty, got {value!r}") from None


def _rated(given: Sequence[Sequence[float]], source: Path) -> NDArray[np.float64]:
    table = np.full((len(given), max(map(len, given), default=0)), np.nan)
    for row, values in zip(table, given, strict=True):
        row[: len(values)] = values
    if np.isnan(table).all():
        raise SourceError(f"{source} holds no rating: name the columns rating or rating_1, rating_2, ...")
    return table
