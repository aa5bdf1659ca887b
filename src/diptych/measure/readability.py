"""Readability of English captions: Flesch reading ease and Flesch-Kincaid grade."""

import re

import numpy as np

from diptych.language.syllables import RULE, is_english, syllables
from diptych.measure.asking import joined
from diptych.measure.inputs import Candidates
from diptych.measure.intervals import RESAMPLES, Array, ratio
from diptych.measure.rows import one_text
from diptych.measure.scores import Scored, scored
from diptych.measure.text import WORDS_ARE, words_of

_END = re.compile(r"[.!?…]+(?=[\s\"'”’)\]]|$)")


def readability(candidates: Candidates, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Scored, Scored, Scored]:
    """`flesch_reading_ease`, `flesch_kincaid_grade` and `words_per_sentence` of captions, over all from their summed counts.

    Ease = 206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch, 1948); grade = .39 words/sentence + 11.8 syllables/word - 15.59
    (Kincaid et al., 1975). Neither end is better: a caption of one short word has ease above 100. A sentence ends in . ! ? before a
    space or at the end; a text without any is one. A caption without words, or with under half of its words known to the English
    lexicon, has no value and is counted.
    """
    texts = one_text(candidates)
    counts = np.array([_counts(text) for text in texts.values()], float).reshape(len(texts), 3)
    foreign = sum(bool(words_of(text)) and not row[0] for text, row in zip(texts.values(), counts, strict=True))
    empty = int((counts[:, 0] == 0).sum()) - foreign
    how = joined(
        WORDS_ARE, RULE, f"{foreign} of {len(texts)} captions not English, undefined" if foreign else "",
        f"{empty} of {len(texts)} captions without words, undefined" if empty else "",
    )  # fmt: skip
    return tuple(  # type: ignore[return-value]
        scored(name, tuple(texts), statistic(counts), counts, statistic, better="none", how=how, seed=seed, resamples=resamples)
        for name, statistic in (("flesch_reading_ease", ease), ("flesch_kincaid_grade", grade), ("words_per_sentence", ratio))
    )


def ease(sums_K: Array) -> Array:
    """Flesch reading ease from sums of words, sentences and syllables."""
    return 206.835 - 1.015 * ratio(sums_K) - 84.6 * ratio(sums_K[..., [2, 0]])


def grade(sums_K: Array) -> Array:
    """Flesch-Kincaid grade from sums of words, sentences and syllables."""
    return 0.39 * ratio(sums_K) + 11.8 * ratio(sums_K[..., [2, 0]]) - 15.59


def sentences(text: str) -> int:
    """Sentences with a word in them, at least 1."""
    return max(1, sum(bool(words_of(part)) for part in _END.split(text)))


def _counts(text: str) -> tuple[int, int, int]:
    """Words, sentences and syllables; none where the text is empty or not English."""
    words = words_of(text)
    if 2 * sum(map(is_english, words)) < len(words) or not words:
        return 0, 0, 0
    return len(words), sentences(text), sum(map(syllables, words))
