"""Pictures and texts as vectors of length 1: each different one embedded once, norms taken in float64 on the host.

Half-precision vectors overflow when squared (above 255 in float16) and lose their small entries; a norm taken in their own type is
then infinite or wrong. Nothing here is computed in the model's type or on its device. Shapes: D width.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.measure.asking import ask_all, said_failed
from diptych.models.abilities import Embedder, EmbedRequest, Failed

Vector = NDArray[np.float64]
Pictures = Mapping[str, Picture]
_PIECE = re.compile(r"\w+|[^\w\s]")
CLIP_TOKENS = 77  # what CLIP reads of a text, its two end marks included


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of length 1 by id (of pictures) or by text, and why the others have none."""

    of: Mapping[str, Vector]
    failed: Mapping[str, str]

    def cosine(self, id: str, other: "Vectors", name: str) -> float:
        """The cosine of one of these and one of the others; nan where either failed."""
        one, two = self.of.get(id), other.of.get(name)
        return float("nan") if one is None or two is None else cosine(one, two)

    def said(self, what: str) -> str:
        """How many failed, for a metric's `how`."""
        return said_failed(what, list(self.failed.values()), len(self.of) + len(self.failed))


def unit(vector: ArrayLike) -> Vector | None:
    """The vector at length 1 in float64, whatever its type and size; None for one that is all zero or not finite."""
    wide = np.asarray(vector, np.float64).reshape(-1)
    most = float(np.abs(wide).max(initial=0.0))
    if not np.isfinite(most) or most == 0.0:
        return None
    scaled = wide / most  # so that no square over- or underflows
    return np.asarray(scaled / np.sqrt(scaled @ scaled), np.float64)


def cosine(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1, from -1 to 1. Raises InputError for vectors of two widths."""
    if one.shape != other.shape:
        raise InputError(f"vectors must share one space, got widths {one.size} and {other.size}: use one embedder for both")
    return float(np.clip(one @ other, -1.0, 1.0))


def cosines(one: Vectors, ids: Sequence[str], other: Vectors, names: Sequence[str]) -> NDArray[np.float64]:
    """The cosines of several with several, shape (ids, names); nan where either failed. Raises InputError as `cosine` does."""
    found = np.full((len(ids), len(names)), np.nan)
    rows = [place for place, id in enumerate(ids) if id in one.of]
    columns = [place for place, name in enumerate(names) if name in other.of]
    if rows and columns:
        cosine(one.of[ids[rows[0]]], other.of[names[columns[0]]])
        table = np.stack([one.of[ids[place]] for place in rows]) @ np.stack([other.of[names[place]] for place in columns]).T
        found[np.ix_(rows, columns)] = np.clip(table, -1.0, 1.0)
    return found


def embed_pictures(pictures: Pictures, embedder: Embedder) -> Vectors:
    """By id; pictures of one key are embedded once."""
    first = {picture.key: id for id, picture in reversed(list(pictures.items()))}
    requests = [EmbedRequest(pictures[id], record=id) for id in first.values()]
    by_key = dict(zip(first, _embedded(requests, embedder), strict=True))
    return _sorted({id: by_key[picture.key] for id, picture in pictures.items()})


def embed_texts(texts: Iterable[str], embedder: Embedder, prompt: str = "") -> Vectors:
    """By text, each different one once; `prompt` is put before every text for the model alone."""
    different = list(dict.fromkeys(texts))
    requests = [EmbedRequest(text=prompt + text) for text in different]
    return _sorted(dict(zip(different, _embedded(requests, embedder), strict=True)))


def _embedded(requests: list[EmbedRequest], embedder: Embedder) -> list[Vector | str]:
    return [_vector(answer.error if isinstance(answer, Failed) else answer.vector) for answer in ask_all(embedder.embed, requests)]


def _vector(given: ArrayLike | str) -> Vector | str:
    if isinstance(given, str):
        return given
    found = unit(given)
    return "the vector is zero or not finite" if found is None else found


def _sorted(found: Mapping[str, Vector | str]) -> Vectors:
    of = {id: vector for id, vector in found.items() if not isinstance(vector, str)}
    return Vectors(of, {id: error for id, error in found.items() if isinstance(error, str)})


def said_long(texts: Iterable[str], limit: int | None) -> str:
    """How many texts an encoder of `limit` tokens surely cuts: words and marks are counted, which tokens never fall short of."""
    listed = list(texts)
    long = 0 if limit is None else sum(len(_PIECE.findall(text)) + 2 > limit for text in listed)
    return f"{long} of {len(listed)} texts surely longer than the encoder's {limit} tokens, cut there" if long else ""
