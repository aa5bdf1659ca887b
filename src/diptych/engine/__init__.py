"""Runs pipelines over records: run folders, resume, accounting."""

from diptych.engine.accounts import Account, RunSummary, StepCost
from diptych.engine.context import Context
from diptych.engine.folder import is_run
from diptych.engine.forecast import Forecast, StepForecast, dry_run
from diptych.engine.reading import read_run, run_json, run_table
from diptych.engine.run import run
from diptych.engine.steps import Condition, Maker, Part, Pipeline, Repeat, Step, Survey

__all__ = [
    "Account",
    "Condition",
    "Context",
    "Forecast",
    "Maker",
    "Part",
    "Pipeline",
    "Repeat",
    "RunSummary",
    "Step",
    "StepCost",
    "StepForecast",
    "Survey",
    "dry_run",
    "is_run",
    "read_run",
    "run",
    "run_json",
    "run_table",
]
