"""ROUGE-L (Lin, 2004): the longest common subsequence of candidate and reference, as the field's caption tool takes it."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diptych.measure.inputs import Candidates, References
from diptych.measure.intervals import RESAMPLES
from diptych.measure.ngrams import Corpus, Tokenizer, prepare
from diptych.measure.scores import Scored, scored

Array = NDArray[np.float64]
BETA = 1.2  # recall counts more than precision
_HOW = "best precision and best recall over references, beta 1.2; mean over images"


def rouge_l(
    candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb", seed: int = 0, resamples: int = RESAMPLES
) -> Scored:  # fmt: skip
    """`rouge_l`, from 0 to 1; equal to pycocoevalcap 1.2 to the last bit.

    Best precision and best recall are taken separately, from two references if need be. An empty text is one empty token, which
    an empty reference matches. Raises InputError as `prepare` does.
    """
    return rouge_l_of(prepare(candidates, references, tokenizer=tokenizer), seed=seed, resamples=resamples)


def rouge_l_of(corpus: Corpus, *, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """The same of a prepared corpus."""
    values_N = rouge_values(corpus)
    value = float(np.mean(values_N)) if len(corpus) else None
    return scored("rouge_l", corpus.ids, values_N, value=value, how=f"{corpus.how}; {_HOW}", seed=seed, resamples=resamples)


def rouge_values(corpus: Corpus) -> Array:
    """Each image's ROUGE-L."""
    if not len(corpus):
        return np.zeros(0)
    lengths = corpus.pieces.lengths_C
    common = common_lengths(corpus)
    own = np.repeat(lengths[corpus.starts[:-1]], np.diff(corpus.starts))
    common[corpus.starts[:-1]] = 0  # the candidate is no reference
    precision = np.maximum.reduceat(common / own, corpus.starts[:-1])
    recall = np.maximum.reduceat(common / lengths, corpus.starts[:-1])
    top = (1 + BETA**2) * precision * recall
    bottom = recall + BETA**2 * precision
    return np.divide(top, bottom, out=np.zeros(len(corpus)), where=(precision != 0) & (recall != 0))


def common_lengths(corpus: Corpus) -> NDArray[np.int64]:
    """Length of the longest common subsequence of each caption with its image's candidate."""
    pieces = corpus.pieces
    if corpus.large:
        from diptych.measure.ngram_kernels import common_subsequences  # noqa: PLC0415 - a small set should not wait for the compiler

        return common_subsequences(pieces.ids_T, pieces.offsets, corpus.starts)
    tokens = pieces.ids_T.tolist()
    captions = [tokens[a:b] for a, b in pairwise(pieces.offsets.tolist())]
    found: list[int] = []
    for first, end in pairwise(corpus.starts.tolist()):
        found.append(0)
        found.extend(common_subsequence(captions[first], captions[first + 1 : end]))
    return np.array(found, np.int64)


def common_subsequence(said: list[int], references: list[list[int]]) -> list[int]:
    """Its length with each reference, a row of the table at a time as bits of one integer (Hyyro, 2004)."""
    places: dict[int, int] = {}
    for place, token in enumerate(said):
        places[token] = places.get(token, 0) | 1 << place
    full = (1 << len(said)) - 1
    found = []
    for reference in references:
        row = full
        for token in reference:
            if match := places.get(token):
                met = row & match
                row = (row + met) | (row - met)
        found.append(len(said) - (row & full).bit_count())
    return found
