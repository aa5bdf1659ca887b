"""METEOR 1.5: alignment by exact word, stem, synonym and paraphrase, without Java.

Banerjee and Lavie, 2005; Denkowski and Lavie, 2011 and 2014. English, parameters of the ranking task, normalised input.
"""

from pathlib import Path
from typing import Literal

from diptych.measure.inputs import Candidates, References
from diptych.measure.intervals import RESAMPLES
from diptych.measure.scores import Scored

Tokenizer = Literal["ptb", "none"]


def meteor(
    candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb", data: str | Path | None = None, seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """METEOR of candidates against their best reference, in [0, 1]; the value over all images is made from summed counts, as published.

    `tokenizer="ptb"` first tokenises as `pycocoevalcap` does, "none" takes texts as they are. `data` is an installed
    `pycocoevalcap`, its `meteor` folder, or the environment's DIPTYCH_METEOR_DATA; by default the installed wheel is found.
    Without it the result is called `meteor_exact_stem`: synonyms and paraphrases need the data, and numbers differ from METEOR's.
    Raises InputError for ids that differ, images without references, and a `data` that holds no METEOR tables.
    """
    raise NotImplementedError
