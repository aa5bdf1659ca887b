"""BLEU-1 to BLEU-4 (Papineni et al., 2002), with the smoothing constants and the closest reference length of the field's caption tool."""

from functools import partial
from itertools import repeat
from math import exp

import numpy as np
from numpy.typing import NDArray

from diptych.measure.inputs import Candidates, References
from diptych.measure.intervals import RESAMPLES
from diptych.measure.ngram_bags import ORDERS, Bags
from diptych.measure.ngrams import Corpus, Tokenizer, prepare
from diptych.measure.scores import Scored, scored

Array = NDArray[np.float64]
TINY, SMALL = 1e-15, 1e-9  # added to matches and to n-grams said, so that none gives nearly 0 and an empty text divides by something


def bleu(
    candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb", seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, ...]:  # fmt: skip
    """`bleu_1`, `bleu_2`, `bleu_3` and `bleu_4`, from 0 to 1, with brevity penalty; equal to pycocoevalcap 1.2 to the last bit.

    The value over all images comes from their summed counts, as in the paper, and so do its resamples; it is not the mean of the
    images' values, which are smoothed by constants and near 0 where no four words match. Raises InputError as `prepare` does.
    """
    return bleu_of(prepare(candidates, references, tokenizer=tokenizer), seed=seed, resamples=resamples)


def bleu_of(corpus: Corpus, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Scored, ...]:
    """The same of a prepared corpus."""
    columns_NK = bleu_counts(corpus)
    values_NM = bleu_values(columns_NK)
    whole_M = bleu_values(columns_NK.sum(axis=0, keepdims=True))[0]
    how = f"{corpus.how}; closest reference length; sums over images"
    return tuple(
        scored(
            f"bleu_{n + 1}", corpus.ids, values_NM[:, n], columns_NK.astype(float), partial(_bleu, n=n),
            value=float(whole_M[n]) if len(corpus) else None, how=how, seed=seed, resamples=resamples,
        )
        for n in range(ORDERS)
    )  # fmt: skip


def bleu_counts(corpus: Corpus) -> NDArray[np.int64]:
    """What BLEU sums over images, shape (N, 9): matches of 1 to 4 words, n-grams of 1 to 4 words said, closest reference length."""
    said = corpus.words.lengths_C[corpus.starts[:-1]]
    guess = np.maximum(0, said[:, None] - np.arange(ORDERS))
    return np.hstack((_matches(corpus), guess, _closest(corpus, said)[:, None]))


def _matches(corpus: Corpus) -> NDArray[np.int64]:
    """N-grams of the candidate that references have, each at most as often as the reference that has it oftenest; shape (N, 4)."""
    if not corpus.large:
        return plain_matches(corpus.bags, corpus.starts)
    from diptych.measure.ngram_kernels import matches  # noqa: PLC0415 - a small set should not wait for the compiler

    return matches(corpus.bags.starts, corpus.bags.counts_B, corpus.bags.same_B, corpus.starts)


def plain_matches(bags: Bags, images: NDArray[np.int64]) -> NDArray[np.int64]:
    """In numpy."""
    met = np.flatnonzero(bags.same_B >= 0)
    most_B = np.zeros(len(bags.grams_B), np.int32)
    np.maximum.at(most_B, bags.same_B[met], bags.counts_B[met])
    matched = np.zeros(len(most_B) + 1, np.int32)
    np.cumsum(np.minimum(most_B, bags.counts_B, out=most_B), dtype=np.int32, out=matched[1:])
    first = ORDERS * images[:-1, None] + np.arange(ORDERS)
    counts: NDArray[np.int64] = (matched[bags.starts[first + 1]] - matched[bags.starts[first]]).astype(np.int64)
    return counts


def _closest(corpus: Corpus, said_N: NDArray[np.int64]) -> NDArray[np.int64]:
    """Words of the reference nearest in length; of two as near, the shorter."""
    lengths = corpus.words.lengths_C
    apart = np.abs(lengths - np.repeat(said_N, np.diff(corpus.starts)))
    width = int(lengths.max(initial=0)) + 1
    key = apart * width + lengths
    key[corpus.starts[:-1]] = np.iinfo(np.int64).max  # the candidate is no reference
    nearest: NDArray[np.int64] = np.minimum.reduceat(key, corpus.starts[:-1]) % width if len(corpus) else key
    return nearest


def bleu_values(columns_NK: NDArray[np.int64]) -> Array:
    """BLEU-1 to 4 of each row of counts, shape (N, 4): the running product of precisions to the power 1/n.

    Powers and exponentials are the mathematics library's, one number at a time: vectorised ones differ in the last digit.
    """
    values = np.empty((len(columns_NK), ORDERS))
    product = np.ones(len(columns_NK))
    for n in range(ORDERS):
        product = product * ((columns_NK[:, n] + TINY) / (columns_NK[:, ORDERS + n] + SMALL))
        values[:, n] = list(map(pow, product.tolist(), repeat(1.0 / (n + 1))))
    ratio = (columns_NK[:, ORDERS] + TINY) / (columns_NK[:, 2 * ORDERS] + SMALL)
    short = np.flatnonzero(ratio < 1)
    values[short] *= np.array(list(map(exp, (1 - 1 / ratio[short]).tolist()))).reshape(-1, 1)
    return values


def _bleu(sums_K: Array, n: int) -> Array:
    """BLEU-n+1 of summed counts, vectorised: for resamples, whose last digit matters to nobody."""
    product = np.prod((sums_K[..., : n + 1] + TINY) / (sums_K[..., ORDERS : ORDERS + n + 1] + SMALL), axis=-1)
    ratio = (sums_K[..., ORDERS] + TINY) / (sums_K[..., 2 * ORDERS] + SMALL)
    value: Array = product ** (1.0 / (n + 1)) * np.exp(np.minimum(0.0, 1 - 1 / ratio))
    return value
