"""A run folder, a dataset, an effect, a training or measured captions as one self-contained HTML page."""

from diptych.report.dataset import dataset_report
from diptych.report.effects import effect_report, effect_svg
from diptych.report.measures import measures_report
from diptych.report.run import run_report
from diptych.report.training import training_report

__all__ = ["dataset_report", "effect_report", "effect_svg", "measures_report", "run_report", "training_report"]
