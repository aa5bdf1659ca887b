"""Metrics and benchmark protocols: records and truth, or texts and references, to results with intervals.

Every metric is a function `name(candidates, references, ...)` that gives a `Scored`, or several; `measure.catalogue` lists them.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# what each module makes public; loaded when asked for, so that a metric of words loads no compiler
_MODULES: dict[str, str] = {
    "agreement": "agreement compare_agreement kendall_tau_b kendall_tau_c pairwise_accuracy pearson spearman",
    "amber": "amber amber_by_image",
    "answerability": "GoldQuestion answerability hard_score soft_score",
    "answerability_readers": "blind_reader chat_reader entailing_reader rules_reader",
    "bags": "hard_bags random_bags",
    "bleu": "bleu bleu_of",
    "capture": "capture capture_both capture_parts",
    "catalogue": "CATALOGUE",
    "chair": "Chair chair chair_by_image chair_scores with_captions",
    "cider": "cider cider_d cider_d_of cider_of cider_plain cider_plain_of",
    "classes": "COCO class_of",
    "clipscore": "clipscore clipscores ref_clipscore",
    "counting": "Counted counting_of",
    "diversity": "div_n mattr mbleu novel_captions vocabulary_size",
    "dnli": "dnli",
    "fact_scores": "fact_scores reference_fact_scores",
    "facts": (
        "FACT_METRICS FactCount Readings Tally all_facts by_kind compare_facts count_facts fact_f1 fact_precision fact_recall"
        " facts_per_word hallucination_rate measure_facts readings"
    ),
    "frequencies": "Frequencies document_frequencies",
    "held_out": "candidates_right held_out_of",
    "humans": "PROTOCOLS Protocol against_baseline against_humans measure_against_humans scores_of",
    "inputs": "Aligned aligned",
    "intervals": "Paired bootstrap mean paired t_interval",
    "judges": "ChatJudge EntailJudge FunctionJudge GraphJudge Mention",
    "knn": "knn_of",
    "lexical_match": "WordFrequencies lexical_match word_frequencies",
    "linear_probe": "Probe fit_probe linear_probe_of",
    "listener": "Listener consistent near_bags oracle_listener",
    "mentions": "ListedWords Mentions WordNetNouns read_synonyms",
    "meteor": "meteor meteor_of",
    "modality_gap": "modality_gap_of",
    "ngrams": "Corpus prepare",
    "openchair": "openchair openchair_by_image",
    "pope": "pope pope_of_captions",
    "pope_questions": "PopeQuestion pope_questions read_pope",
    "ratings": "Ratings read_ratings",
    "readability": "readability",
    "references": "measure_references reference_facts",
    "regeneration": "regeneration",
    "retrieval": "retrieval retrieval_of",
    "retrieval_ceiling": "ceiling_of normalised retrieval_true_of",
    "repetition": "repetition",
    "rewards": "Reward reward",
    "rouge": "rouge_l rouge_l_of",
    "scene_graph_score": "scene_graph_f",
    "scores": "Scored compare scored",
    "self_retrieval": "searches self_retrieval",
    "statistics": "compare_all compare_over_seeds over_seeds",
    "table": "as_json comparison_json comparison_table table",
    "text": "Lengths distinct lengths repeated vocabulary words_of words_per_caption",
    "truths": "objects_of",
    "word_recall": "word_recall",
    "zero_shot": "class_vectors zero_shot_of",
}
_FACE = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names.split()}
__all__ = sorted(_FACE)  # noqa: PLE0605


class _Package(ModuleType):
    """Keeps a function public where its module bears the same name: importing the module would put it in the function's place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and _FACE.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(f"diptych.measure has no {name!r}: `diptych measure` lists the metrics")
    return getattr(import_module(_FACE[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
