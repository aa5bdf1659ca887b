"""CIDEr: how alike a candidate's and its references' n-grams are, weighted by how rare they are (Vedantam et al., 2015, arXiv:1411.5726).

What the field's caption tool calls CIDEr is the paper's CIDEr-D: counts clipped, a Gaussian penalty on lengths, times 10, no stemming.
Shapes: N images, R references, C captions, B entries of n-grams.
"""

from collections.abc import Callable
from math import e
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from diptych.measure.cider_vectors import Weights, likeness
from diptych.measure.frequencies import Frequencies
from diptych.measure.inputs import Candidates, References
from diptych.measure.intervals import RESAMPLES
from diptych.measure.ngrams import Corpus, Tokenizer, prepare
from diptych.measure.scores import Scored, scored

Array = NDArray[np.float64]
SIGMA = 6.0  # of the penalty, in words
_CLIPPED = "clipped, length penalty of sigma 6, times 10, no stemming; mean over images"
_PLAIN = "not clipped, no length penalty, from 0 to 1; mean over images"
_OWN = "document frequencies of these references, held fixed over resamples"


def cider(
    candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb", seed: int = 0, resamples: int = RESAMPLES
) -> Scored:  # fmt: skip
    """`cider`, from 0 to 10, as the field's tool reports it; equal to pycocoevalcap 1.2 to the last bit.

    Document frequencies are those of this run's references, so values compare on the same images only, and a single image scores 0
    (every n-gram is in every image): use `cider_d` there. Raises InputError as `prepare` does.
    """
    return cider_of(prepare(candidates, references, tokenizer=tokenizer), seed=seed, resamples=resamples)


def cider_of(corpus: Corpus, *, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """The same of a prepared corpus."""
    values_N = _clipped(corpus, Weights.of(corpus))
    return _scored("cider", corpus, values_N, f"{_CLIPPED}; {_OWN}", seed=seed, resamples=resamples)


def cider_d(
    candidates: Candidates, references: References, *, frequencies: Frequencies | str | PathLike[str], tokenizer: Tokenizer = "ptb",
    seed: int = 0, resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """`cider_d`: the same formula with the document frequencies of a saved file, so that a caption scores alike in any company.

    Good for one image, for a filter and for a reward. An n-gram the file lacks counts as one of a single image.
    Raises InputError as `prepare` does, SourceError for a file that is none.
    """
    corpus = prepare(candidates, references, tokenizer=tokenizer)
    return cider_d_of(corpus, frequencies=frequencies, seed=seed, resamples=resamples)


def cider_d_of(
    corpus: Corpus, *, frequencies: Frequencies | str | PathLike[str], seed: int = 0, resamples: int = RESAMPLES
) -> Scored:  # fmt: skip
    """The same of a prepared corpus."""
    known = frequencies if isinstance(frequencies, Frequencies) else Frequencies.load(frequencies)
    values_N = _clipped(corpus, Weights(known.images, known.of(corpus)))
    told = f"document frequencies of {known.images} images" + (f" ({known.source})" if known.source else "")
    return _scored("cider_d", corpus, values_N, f"{_CLIPPED}; {told}", seed=seed, resamples=resamples)


def cider_plain(
    candidates: Candidates, references: References, *, stem: Callable[[str], str] | None = None, tokenizer: Tokenizer = "ptb",
    seed: int = 0, resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """`cider_plain`, from 0 to 1: the paper's first CIDEr (equations 1 to 3), cosines without clipping, penalty or factor.

    The paper stems every word first; here that is done only where `stem` (word -> stem) is given, and `how` says which.
    Raises InputError as `prepare` does.
    """
    return cider_plain_of(prepare(candidates, references, tokenizer=tokenizer), stem=stem, seed=seed, resamples=resamples)


def cider_plain_of(
    corpus: Corpus, *, stem: Callable[[str], str] | None = None, seed: int = 0, resamples: int = RESAMPLES
) -> Scored:  # fmt: skip
    """The same of a prepared corpus."""
    read = corpus.rewritten(stem, f"stems by {getattr(stem, '__name__', 'a function')}") if stem else corpus
    alike_R4 = likeness(read, Weights.of(read), clipped=False)
    return _scored(
        "cider_plain", read, _means(read, alike_R4), f"{'' if stem else 'no stemming, '}{_PLAIN}; {_OWN}", seed=seed, resamples=resamples
    )


def _clipped(corpus: Corpus, weights: Weights) -> Array:
    """CIDEr-D of each image."""
    said = ~corpus.candidate_C
    length = corpus.words.lengths_C
    apart = length - np.repeat(length[corpus.starts[:-1]], np.diff(corpus.starts))
    penalty = np.array([e ** (-(float(d) ** 2) / (2 * SIGMA**2)) for d in range(int(np.abs(apart).max(initial=0)) + 1)])
    alike_R4 = likeness(corpus, weights, clipped=True) * penalty[np.abs(apart[said])][:, None]
    return _means(corpus, alike_R4) * 10.0


def _means(corpus: Corpus, alike_R4: Array) -> Array:
    """Over references in their order, then over orders: the sums of floating numbers run as the reference tool's do."""
    image = np.repeat(np.arange(len(corpus)), corpus.references_N)
    sums = [np.bincount(image, weights=alike_R4[:, n], minlength=len(corpus)) for n in range(alike_R4.shape[1])]
    mean: Array = (((sums[0] + sums[1]) + sums[2]) + sums[3]) / 4 / corpus.references_N
    return mean


def _scored(name: str, corpus: Corpus, values_N: Array, how: str, *, seed: int, resamples: int) -> Scored:
    if len(corpus) == 1 and _OWN in how:
        how += "; one image alone scores 0"
    value = float(np.mean(values_N)) if len(corpus) else None
    return scored(name, corpus.ids, values_N, value=value, how=f"{corpus.how}; {how}", seed=seed, resamples=resamples)
