"""Overlap of content words that knows near words, weighs rare words and beings more, and needs no neural network.

For a candidate's words A and a reference's words B, each weighed by w:

    (sum over A of w(a) max_B near(a, b) + sum over B of w(b) max_A near(a, b)) / (sum over A of w + sum over B of w)

and the mean over references, so that what few of them mention counts little. near(a, b) is 1 for one word or stem, the shared share of a
long common beginning, .3 where WordNet has them name one thing. w(a) = ln(1 + N / df(a)), twice that for people and animals, df(a) the
images among N whose references have the word. Our own; docs/agreement.md says on which ratings it was chosen and measured.

Shapes: N images, P comparisons of a candidate with a reference, T pairs of words.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError, SourceError
from diptych.language.kin import alike, content_words, names_a_being
from diptych.measure.inputs import Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored, scored

_IMAGES = 2_000  # at a time
_PAIRS = 1_000_000  # pairs of words at a time

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordFrequencies:
    """In how many of some images the references have a content word; with it a score depends on no other row of the run."""

    images: int
    counts: Mapping[str, int]

    def rarity(self, word: str) -> float:
        """ln(1 + N / df); a word never seen counts as one seen once."""
        return math.log1p(self.images / max(1, self.counts.get(word, 0)))

    def save(self, path: str | Path) -> None:
        """Writes them as JSON."""
        Path(path).write_text(json.dumps({"images": self.images, "counts": dict(self.counts)}), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "WordFrequencies":
        """What `save` wrote; SourceError for another file."""
        try:
            held = json.loads(Path(path).read_text(encoding="utf-8"))
            read = cls(int(held["images"]), {str(word): int(count) for word, count in held["counts"].items()})
            if not all(0 <= count <= read.images < 1 << 53 for count in (0, *read.counts.values())):
                raise ValueError("a count is below 0 or above the number of images")
            return read
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            why = (error.strerror or "it cannot be opened") if isinstance(error, OSError) else "it is of another shape"
            why = str(error) if "a count" in str(error) else why
            raise SourceError(
                f"{path} holds no word frequencies ({why}): make it with --save-word-frequencies FILE or WordFrequencies.save"
            ) from error


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What the match is made of. The defaults were chosen on half of the images of one set of ratings (docs/agreement.md)."""

    forms: Literal["words", "stems", "beginnings"] = "beginnings"  # how far two forms may be apart
    kin: float = 0.3  # what words are worth that name one thing
    beings: float = 2.0  # a person or an animal weighs this many times as much
    rare: bool = True  # rare words weigh more


CHOSEN = Ingredients()


def word_frequencies(references: Iterable[Sequence[str]]) -> WordFrequencies:
    """Counts over images; images with the very same references (several candidates for one image) count once."""
    distinct = set(map(tuple, references))
    counts = Counter(word for texts in distinct for word in {word for text in texts for word in content_words(text)})
    return WordFrequencies(len(distinct), dict(sorted(counts.items())))


def lexical_match(
    candidates: Candidates, references: References, *, frequencies: WordFrequencies | None = None, ingredients: Ingredients = CHOSEN,
    seed: int = 0, resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """Overlap of near content words with the references, 0 to 1, the mean over images.

    `frequencies` are this run's references' unless given. Undefined (nan) where neither candidate nor references have content words.
    """
    rows = aligned(candidates, references)
    if frequencies is not None and frequencies.images < 1:
        raise InputError(f"word frequencies must count at least 1 image, got {frequencies.images}")
    known = frequencies or word_frequencies(rows.references)
    words = _Words(known, ingredients, (rows.candidates, *rows.references))
    values = [words.scores(rows.candidates[i : i + _IMAGES], rows.references[i : i + _IMAGES]) for i in range(0, len(rows.ids), _IMAGES)]
    how = f"content words, frequencies of {known.images} images {'given' if frequencies else 'of this run'}, {ingredients}"
    return scored("lexical_match", rows.ids, np.concatenate([np.zeros(0), *values]), how=how, seed=seed, resamples=resamples)


class _Words:
    """Numbers and weights of all content words, and how near those are that are near at all."""

    def __init__(self, frequencies: WordFrequencies, made: Ingredients, texts: Iterable[Sequence[str]]) -> None:
        number: dict[str, int] = {}
        self.ids = {
            text: np.array([number.setdefault(word, len(number)) for word in content_words(text)], np.int64)
            for text in dict.fromkeys(chain.from_iterable(texts))
        }
        names = list(number)
        self.size = max(1, len(names))
        beings = np.array([made.beings if names_a_being(word) else 1.0 for word in names])
        self.weights: Floats = beings * [frequencies.rarity(word) if made.rare else 1.0 for word in names]
        self.keys, self.near = self._near_pairs(names, made)

    def _near_pairs(self, names: Sequence[str], made: Ingredients) -> tuple[Ids, Floats]:
        """Each pair of words that are near, both ways, as one sorted number; and how near."""
        found = alike(names)
        i, j = np.array(list(found), np.int64).reshape(-1, 2).T
        form, kin = np.array(list(found.values()), float).reshape(-1, 2).T
        if made.forms != "beginnings":
            form = (form == 1.0) * (made.forms == "stems")
        near = np.maximum(form, made.kin * kin)
        same = np.arange(len(names))
        keys = np.concatenate((same * self.size + same, i * self.size + j, j * self.size + i))
        order = np.argsort(keys)
        return keys[order], np.concatenate((np.ones(len(names)), near, near))[order]

    def scores(self, candidates: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
        """Each image's score."""
        image = np.repeat(np.arange(len(candidates)), [len(texts) for texts in references])
        ours = [self.ids[candidates[i]] for i in image.tolist()]
        theirs = [self.ids[text] for texts in references for text in texts]
        top, bottom = self._compared(ours, theirs)
        known = bottom > 0
        share = np.divide(top, bottom, out=np.zeros(len(top)), where=known)
        total, count = (np.bincount(image, values, len(candidates)) for values in (share, known))
        values: Floats = np.divide(total, count, out=np.full(len(candidates), np.nan), where=count > 0)
        return values

    def _compared(self, ours: Sequence[Ids], theirs: Sequence[Ids]) -> tuple[Floats, Floats]:
        """Weight matched on both sides, and weight in all, of each comparison."""
        a_size, b_size = (np.array([len(ids) for ids in side], np.int64) for side in (ours, theirs))
        a_start, b_start = (np.cumsum(size) - size for size in (a_size, b_size))
        a_all, b_all = (np.concatenate([np.zeros(0, np.int64), *side]) for side in (ours, theirs))
        pairs = a_size * b_size
        ends = np.cumsum(pairs)
        a_best, b_best = np.zeros(len(a_all)), np.zeros(len(b_all))
        for start in range(0, int(pairs.sum()), _PAIRS):
            pair = np.arange(start, min(start + _PAIRS, ends[-1]))
            comparison = np.searchsorted(ends, pair, side="right")
            offset = pair - (ends - pairs)[comparison]
            a = a_start[comparison] + offset // b_size[comparison]
            b = b_start[comparison] + offset % b_size[comparison]
            near = self._nearness(a_all[a], b_all[b])
            np.maximum.at(a_best, a, near)
            np.maximum.at(b_best, b, near)
        top, bottom = np.zeros(len(pairs)), np.zeros(len(pairs))
        for best, size, words in ((a_best, a_size, a_all), (b_best, b_size, b_all)):
            of = np.repeat(np.arange(len(size)), size)
            top += np.bincount(of, best * self.weights[words], len(pairs))
            bottom += np.bincount(of, self.weights[words], len(pairs))
        return top, bottom

    def _nearness(self, a_T: Ids, b_T: Ids) -> Floats:
        """Of each pair of words; 0 for those that are not near."""
        wanted = a_T * self.size + b_T
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        near: Floats = np.where(self.keys[place] == wanted, self.near[place], 0.0) if len(wanted) else np.zeros(0)
        return near
