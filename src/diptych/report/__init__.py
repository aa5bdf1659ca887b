"""A run folder, a dataset or an effect as one self-contained HTML page."""

from diptych.report.dataset import dataset_report
from diptych.report.effects import effect_report, effect_svg
from diptych.report.run import run_report

__all__ = ["dataset_report", "effect_report", "effect_svg", "run_report"]
