"""The n-gram metrics that a recipe's own metric stands beside."""

from collections.abc import Sequence
from dataclasses import replace

from diptych.data.records import Record
from diptych.data.selection import text_of, texts_of
from diptych.lab.cases import REFERENCE
from diptych.measure.bleu import bleu_of
from diptych.measure.cider import cider_of
from diptych.measure.meteor import meteor
from diptych.measure.ngrams import prepare
from diptych.measure.rouge import rouge_l_of
from diptych.measure.scores import Scored

REFERENCES = f"style:{REFERENCE}"


def ngrams(records: Sequence[Record], *, references: str = REFERENCES, most: int | None = None) -> list[Scored]:
    """BLEU-4, CIDEr, ROUGE-L and METEOR of the chosen captions against the first `most` references, or all.

    METEOR goes by words and stems alone, so that it is the same with and without its tables.
    """
    known = {id: texts[:most] for id, texts in texts_of(records, references).items()}
    corpus = prepare(text_of(records), known)
    plain = meteor(text_of(records), known, data=False, resamples=0)
    return [bleu_of(corpus, resamples=0)[3], cider_of(corpus, resamples=0), rouge_l_of(corpus, resamples=0), plain]


def called(name: str, scored: Scored) -> Scored:
    """The same under another name: one metric with two settings is two arms."""
    return replace(scored, result=replace(scored.result, name=name))
