"""Metrics and benchmark protocols: records and truth, or texts and references, to results with intervals.

Every metric is a function `name(candidates, references, ...)` that gives a `Scored`, or several; `measure.catalogue` lists them.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# what each module makes public; loaded when asked for, so that a metric of words loads no compiler
_MODULES: dict[str, str] = {
    "chair": "Chair chair chair_by_image with_captions",
    "classes": "COCO class_of",
    "facts": (
        "FACT_METRICS FactCount Readings Tally all_facts by_kind compare_facts count_facts fact_f1 fact_precision fact_recall"
        " facts_per_word hallucination_rate measure_facts readings"
    ),
    "inputs": "Aligned aligned",
    "intervals": "Paired bootstrap mean paired t_interval",
    "mentions": "ListedWords Mentions WordNetNouns read_synonyms",
    "references": "measure_references reference_facts",
    "scores": "Scored compare scored",
    "table": "as_json table",
    "text": "Lengths distinct lengths repeated vocabulary words_of words_per_caption",
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
