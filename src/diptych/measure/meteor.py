"""METEOR 1.5: alignment by exact word, stem, synonym and paraphrase, without Java.

Banerjee and Lavie, 2005; Denkowski and Lavie, 2011 and 2014. English, parameters of the ranking task, normalised input; equal to
`pycocoevalcap` 1.2 to the last bit where its tables are there.
"""

import sys
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.measure.inputs import Candidates, References
from diptych.measure.intervals import RESAMPLES
from diptych.measure.meteor_data import find_data, load_tables
from diptych.measure.meteor_match import Plain
from diptych.measure.meteor_score import best_of, columns, from_columns, summed, values
from diptych.measure.meteor_tables import Tables
from diptych.measure.meteor_texts import plain_phrases, texts_of
from diptych.measure.ngrams import Corpus, Tokenizer, prepare
from diptych.measure.scores import Scored, scored

Data = str | Path | Literal[False] | None
COMPILED_FROM = 200_000  # pairs of words to compare; below, starting the compiler takes longer than it saves
_STARTED_FROM = 10_000  # once it runs
_MANY = 2_000  # images that will take compiled code: started first, it makes their tokens too
WHOLE, PART = "meteor", "meteor_exact_stem"


def meteor(
    candidates: Candidates, references: References, *, tokenizer: Tokenizer = "ptb", data: Data = None, seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """METEOR of candidates against their best reference, from 0 to 1; the value over all images comes from their summed counts.

    `tokenizer="ptb"` first tokenises as `pycocoevalcap` does, "none" takes texts as they are. `data` is an installed
    `pycocoevalcap` or its `meteor` folder; by default the one that DIPTYCH_METEOR_DATA names or the installed wheel; False looks for none.
    Without its tables only words and stems are matched, and the result is called `meteor_exact_stem`: its numbers are not METEOR's.
    Raises InputError as `prepare` does, and for `data` that holds no METEOR.
    """
    if len(candidates) >= _MANY:
        import diptych.measure.meteor_kernels  # noqa: F401, PLC0415
    return meteor_of(prepare(candidates, references, tokenizer=tokenizer), data=data, seed=seed, resamples=resamples)


def meteor_of(corpus: Corpus, *, data: Data = None, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """The same of a prepared corpus."""
    folder = None if data is False else find_data(data)
    tables = None if folder is None else load_tables(folder)
    counts_N = best_counts(corpus, tables)
    return scored(
        PART if tables is None else WHOLE, corpus.ids, values(counts_N), columns(counts_N), from_columns,
        value=float(values(summed(counts_N)[None])[0]) if len(corpus) else None, how=f"{corpus.how}; {_how(tables)}", seed=seed,
        resamples=resamples,
    )  # fmt: skip


def _how(tables: Tables | None) -> str:
    if tables is None:
        return "exact and stem only, diptych's own function words: not METEOR, whose tables were not found; sums over images"
    return "METEOR 1.5: exact, stem, synonym, paraphrase; best reference; sums over images"


def best_counts(corpus: Corpus, tables: Tables | None) -> NDArray[np.int32]:
    """Counts of each image's candidate with its best reference, shape (N, STATISTICS)."""
    counts = pair_counts(corpus, tables)
    starts = np.concatenate(([0], np.cumsum(corpus.references_N)))
    chosen: NDArray[np.int32] = counts[best_of(values(counts), starts)]
    return chosen


def pair_counts(corpus: Corpus, tables: Tables | None) -> NDArray[np.int32]:
    """Counts of each reference with its image's candidate, shape (references, STATISTICS)."""
    started = "diptych.measure.meteor_kernels" in sys.modules
    if _work(corpus) < max(1, min(COMPILED_FROM, _STARTED_FROM) if started else COMPILED_FROM):
        return Plain(texts_of(corpus, tables, plain_phrases)).statistics()
    # a small set should not wait for the compiler
    from diptych.measure.meteor_kernels import statistics  # noqa: PLC0415
    from diptych.measure.meteor_walk import compiled_phrases  # noqa: PLC0415

    return statistics(texts_of(corpus, tables, compiled_phrases))


def _work(corpus: Corpus) -> int:
    """Words of each reference times words of its candidate, over all."""
    lengths_C = corpus.words.lengths_C
    return int((lengths_C * np.repeat(lengths_C[corpus.starts[:-1]], np.diff(corpus.starts))).sum())
