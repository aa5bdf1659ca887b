"""CIDEr's vectors: counts of n-grams times their rarity, norms, and products of a candidate's with its references'.

Shapes: C captions, R references, B entries (one for each different n-gram of a caption), M entries of references that the candidate has.
"""

from dataclasses import dataclass
from math import pow as power

import numpy as np
from numpy.typing import NDArray

from diptych.measure.ngram_bags import IMAGES, ORDERS, Bags
from diptych.measure.ngrams import Corpus

Array = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How rare n-grams are: of how many images, and in how many of them each is."""

    images: int
    frequency_G: Ints

    @classmethod
    def of(cls, corpus: Corpus) -> "Weights":
        """Those of the corpus's own references."""
        return cls(len(corpus), corpus.bags.frequency_G)

    def rarity(self) -> Array:
        """ln(images) - ln(max(1, frequency)) for each frequency from 0 on; numpy's logarithm, as the reference tool's."""
        counts = np.arange(int(self.frequency_G.max(initial=0)) + 1, dtype=float)
        rarity: Array = np.log(float(max(1, self.images))) - np.log(np.maximum(1.0, counts))
        return rarity


def likeness(corpus: Corpus, weights: Weights, *, clipped: bool) -> Array:
    """Cosine of each reference's vector with its candidate's, for 1 to 4 words, shape (R, 4); where a vector is 0 it is 0.

    Clipped, an n-gram of the candidate counts no more than the reference's own weight of it (CIDEr-D).
    """
    norms_C4, products_C4 = _sums(corpus, weights, clipped)
    own = np.repeat(norms_C4[corpus.starts[:-1]], np.diff(corpus.starts), axis=0)
    known = (own != 0) & (norms_C4 != 0)
    said = ~corpus.candidate_C
    alike: Array = np.divide(products_C4, own * norms_C4, out=products_C4, where=known)[said]
    return alike


def _sums(corpus: Corpus, weights: Weights, clipped: bool) -> tuple[Array, Array]:
    """Norm of each caption's vector, and its product with its candidate's; both shape (C, 4)."""
    bags, rarity = corpus.bags, weights.rarity()
    single = np.zeros(len(rarity))
    there = np.flatnonzero(np.bincount(weights.frequency_G, minlength=1))
    single[there] = [power(value, 2) for value in rarity[there].tolist()]
    several = squares(bags, weights.frequency_G, rarity)
    if corpus.large:
        from diptych.measure.ngram_kernels import vector_sums  # noqa: PLC0415 - a small set should not wait for the compiler

        return vector_sums(bags, corpus.starts, weights.frequency_G, (rarity, single, several), clipped)
    return plain_sums(bags, corpus.starts, weights.frequency_G, (rarity, single, several), clipped)


def squares(bags: Bags, frequency_G: Ints, rarity: Array) -> Array:
    """Squared weights of the entries that occur more than once in their caption, in order.

    The mathematics library's power differs from x * x in the last digit of one number in a thousand, and the reference tool uses it.
    """
    at = np.flatnonzero(bags.counts_B > 1)
    frequency = frequency_G[bags.grams_B[at]].astype(np.int64)
    pairs, which = np.unique(frequency * (1 << 32) + bags.counts_B[at], return_inverse=True)
    values = (pairs % (1 << 32)).astype(float) * rarity[pairs >> 32]
    return np.array([power(value, 2) for value in values.tolist()])[which] if len(pairs) else np.zeros(0)


def plain_sums(
    bags: Bags, images: NDArray[np.int64], frequency_G: Ints, tables: tuple[Array, Array, Array], clipped: bool
) -> tuple[Array, Array]:  # fmt: skip
    """In numpy, some images at a time; `several` is used up as n-grams that occur more than once come along."""
    rarity, single, several = tables
    norms, products = np.zeros((images[-1], ORDERS)), np.zeros((images[-1], ORDERS))
    for at in range(0, len(images) - 1, IMAGES):
        first, last = images[at], images[min(at + IMAGES, len(images) - 1)]
        starts = bags.starts[ORDERS * first : ORDERS * last + 1]
        here = slice(starts[0], starts[-1])
        frequency_B, count_B = frequency_G[bags.grams_B[here]], bags.counts_B[here]
        square_B = single[frequency_B]
        repeated = count_B > 1
        square_B[repeated], several = several[: (used := int(repeated.sum()))], several[used:]
        weight_B = count_B * rarity[frequency_B]
        norms[first:last], products[first:last] = _added(starts - starts[0], bags.same_B[here] - starts[0], square_B, weight_B, clipped)
    return norms, products


def _added(starts: NDArray[np.int64], same_B: Ints, square_B: Array, weight_B: Array, clipped: bool) -> tuple[Array, Array]:
    """`bincount` adds one number after the other, in order of first occurrence in the caption, or in the candidate."""
    size = len(starts) - 1
    groups = np.repeat(np.arange(size), np.diff(starts))
    norms = np.sqrt(np.bincount(groups, weights=square_B, minlength=size))
    met = np.flatnonzero(same_B >= 0)
    met = met[np.lexsort((same_B[met], groups[met]))]
    theirs, ours = weight_B[met], weight_B[same_B[met]]
    terms = (np.minimum(ours, theirs) if clipped else ours) * theirs
    products = np.bincount(groups[met], weights=terms, minlength=size).astype(float)  # integers where there is no term
    return norms.reshape(-1, ORDERS), products.reshape(-1, ORDERS)
