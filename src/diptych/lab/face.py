"""The package's face: runs and sources by address, with every scheme known."""

from pathlib import Path
from typing import Any

from diptych.data.sources import Source
from diptych.engine.accounts import RunSummary
from diptych.engine.run import run as engine_run
from diptych.engine.steps import Pipeline
from diptych.lab.opening import opened


def open_source(address: str) -> Source:
    """The dataset behind an address: a folder, table, tars, COCO JSON, run folder, or `world:N?noise=.4&seed=0`."""
    return opened(address).source


def run(pipeline: Pipeline, source: str, out: Path | str, *, seed: int = 0, **options: Any) -> RunSummary:
    """Runs a pipeline over the dataset behind an address into a folder, or goes on with the run that the folder holds.

    `options` are those of `diptych.engine.run`: limit, retry_failed, fresh, batch, settings, progress, name.
    """
    have = opened(source, seed)
    options = {"settings": {"source": source}, **options}
    return engine_run(pipeline, have.source, Path(out), opener=have.opener, pictures=have.pictures, seed=seed, **options)
