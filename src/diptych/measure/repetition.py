"""How much a caption repeats itself: the way in which captions cheat a scorer that adds up what it recognises."""

from diptych.measure.diversity import grams
from diptych.measure.inputs import Candidates
from diptych.measure.intervals import RESAMPLES
from diptych.measure.rows import one_text
from diptych.measure.scores import Scored, scored
from diptych.measure.text import WORDS_ARE, words_of


def repetition(candidates: Candidates, *, n: int = 2, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """`repetition_N`: share of a caption's n-grams that it has said before; lower is better.

    A caption shorter than n words repeats nothing and scores 0.
    """
    texts = one_text(candidates)
    values = []
    for text in texts.values():
        listed = grams(words_of(text), n)
        values.append(1 - len(set(listed)) / len(listed) if listed else 0.0)
    return scored(f"repetition_{n}", tuple(texts), values, better="lower", how=WORDS_ARE, seed=seed, resamples=resamples)
