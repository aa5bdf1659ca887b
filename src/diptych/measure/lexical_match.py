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
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError, SourceError
from diptych.language.kin import content_words, likeness, names_a_being
from diptych.measure.inputs import Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored, scored

_IMAGES = 2_000  # at a time

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
            return cls(int(held["images"]), {str(word): int(count) for word, count in held["counts"].items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise SourceError(f"{path} holds no word frequencies ({error}): make it with WordFrequencies.save") from error


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
    words = _Words(known, ingredients)
    values = [words.scores(rows.candidates[i : i + _IMAGES], rows.references[i : i + _IMAGES]) for i in range(0, len(rows.ids), _IMAGES)]
    how = f"content words, frequencies of {known.images} images {'given' if frequencies else 'of this run'}, {ingredients}"
    return scored("lexical_match", rows.ids, np.concatenate([np.zeros(0), *values]), how=how, seed=seed, resamples=resamples)


class _Words:
    """Numbers and weights of the words met so far."""

    def __init__(self, frequencies: WordFrequencies, ingredients: Ingredients) -> None:
        self.frequencies, self.made = frequencies, ingredients
        self.number: dict[str, int] = {}
        self.names: list[str] = []
        self.weights: list[float] = []
        self.texts: dict[str, Ids] = {}

    def ids(self, text: str) -> Ids:
        """Numbers of a text's content words."""
        if text not in self.texts:
            self.texts[text] = np.array([self._id(word) for word in content_words(text)], np.int64)
        return self.texts[text]

    def _id(self, word: str) -> int:
        if word not in self.number:
            self.number[word] = len(self.names)
            self.names.append(word)
            rarity = self.frequencies.rarity(word) if self.made.rare else 1.0
            self.weights.append(rarity * (self.made.beings if names_a_being(word) else 1.0))
        return self.number[word]

    def scores(self, candidates: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
        """Each image's score."""
        image = np.repeat(np.arange(len(candidates)), [len(texts) for texts in references])
        ours = [self.ids(candidates[i]) for i in image.tolist()]
        theirs = [self.ids(text) for texts in references for text in texts]
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
        comparison = np.repeat(np.arange(len(pairs)), pairs)
        offset = np.arange(len(comparison)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
        a = a_start[comparison] + offset // b_size[comparison]
        b = b_start[comparison] + offset % b_size[comparison]
        near = self._near(a_all[a], b_all[b])
        weights = np.array(self.weights)
        top, bottom = np.zeros(len(pairs)), np.zeros(len(pairs))
        for place, size, words in ((a, a_size, a_all), (b, b_size, b_all)):
            best = np.zeros(len(words))
            np.maximum.at(best, place, near)
            of = np.repeat(np.arange(len(size)), size)
            top += np.bincount(of, best * weights[words], len(pairs))
            bottom += np.bincount(of, weights[words], len(pairs))
        return top, bottom

    def _near(self, a_T: Ids, b_T: Ids) -> Floats:
        """Nearness of each pair of words, every distinct pair looked up once."""
        keys, place = np.unique(a_T * len(self.names) + b_T, return_inverse=True)
        ours, theirs = np.divmod(keys, max(1, len(self.names)))
        found = [likeness(self.names[a], self.names[b]) for a, b in zip(ours.tolist(), theirs.tolist(), strict=True)]
        form, kin = np.array(found, float).reshape(-1, 2).T
        if self.made.forms != "beginnings":
            form = form == 1.0 if self.made.forms == "stems" else ours == theirs
        near: Floats = np.maximum(form, self.made.kin * kin)[place]
        return near
