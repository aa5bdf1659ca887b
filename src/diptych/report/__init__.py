"""A run folder, a dataset or an effect as one self-contained HTML page."""

from diptych.report.run import run_report

__all__ = ["run_report"]
