"""Metrics and benchmark protocols: records and truth, or texts and references, to results with intervals."""

from diptych.measure.chair import Chair, chair, chair_by_image, with_captions
from diptych.measure.classes import COCO, class_of
from diptych.measure.facts import (
    FACT_METRICS,
    FactCount,
    Readings,
    Tally,
    all_facts,
    by_kind,
    compare_facts,
    count_facts,
    fact_f1,
    fact_precision,
    fact_recall,
    facts_per_word,
    hallucination_rate,
    measure_facts,
    readings,
)
from diptych.measure.intervals import Paired, bootstrap, mean, paired, t_interval
from diptych.measure.mentions import ListedWords, Mentions, WordNetNouns, read_synonyms
from diptych.measure.references import measure_references, reference_facts
from diptych.measure.table import as_json, table
from diptych.measure.text import Lengths, distinct, lengths, repeated, vocabulary, words_of, words_per_caption

__all__ = [
    "COCO",
    "FACT_METRICS",
    "Chair",
    "FactCount",
    "Lengths",
    "ListedWords",
    "Mentions",
    "Paired",
    "Readings",
    "Tally",
    "WordNetNouns",
    "all_facts",
    "as_json",
    "bootstrap",
    "by_kind",
    "chair",
    "chair_by_image",
    "class_of",
    "compare_facts",
    "count_facts",
    "distinct",
    "fact_f1",
    "fact_precision",
    "fact_recall",
    "facts_per_word",
    "hallucination_rate",
    "lengths",
    "mean",
    "measure_facts",
    "measure_references",
    "paired",
    "read_synonyms",
    "readings",
    "reference_facts",
    "repeated",
    "t_interval",
    "table",
    "vocabulary",
    "with_captions",
    "words_of",
    "words_per_caption",
]
