"""What a training leaves: its files' modes, and what speaks for columns of any size."""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_training as our
from transformers import PreTrainedModel

from diptych.data.errors import RunError
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.train import saving
from diptych.train.bridges import MeanShift
from diptych.train.bridges_saved import save_bridges
from diptych.train.checkpoint import NAME
from diptych.train.loop import train
from diptych.train.saving import configuration, digested, pieces, save
from diptych.train.settings import Settings

OFTEN = Settings(save_every=0, evaluate_every=3, progress=False)


def stop(model: Any, update: int) -> dict[str, float]:
    raise KeyboardInterrupt


@pytest.fixture(params=[0o022, 0o027, 0o077], ids=oct)
def allowed(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield 0o666 & ~request.param
    os.umask(before)


def test_files_follow_the_umask(allowed: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        train(our.even_plan(), our.small(0.0), our.data(), out, settings=replace(OFTEN, evaluate=stop))
    assert stat.S_IMODE((out / NAME).stat().st_mode) == allowed
    train(our.even_plan(), our.small(0.0), our.data(), out, settings=OFTEN)
    save_bridges([MeanShift().fit(np.ones((2, 3)), np.zeros((2, 3)))], out)
    model: PreTrainedModel = PrefixCaptioner(PrefixCaptionerConfig(vocabulary=7, width=8, heads=2, places=0))
    save(tmp_path / "other", model, our.data(), {})
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"}
    assert found.keys() >= {"model.safetensors", "config.json", "diptych.json", "bridges.safetensors", "bridges.json", "train.jsonl"}
    assert set(found.values()) == {allowed}, found
    assert not list(tmp_path.rglob("*.mode"))


def test_any_number_of_a_long_column_speaks(tmp_path: Path) -> None:
    known = our.data(1000)
    with pytest.raises(KeyboardInterrupt):
        train(our.even_plan(), our.small(0.0), known, tmp_path / "out", settings=replace(OFTEN, evaluate=stop))
    other = known.columns["x"].copy()
    other[7, 2, 3] += 1e-3
    with pytest.raises(RunError, match="is of a training with another data"):
        train(our.even_plan(), our.small(0.0), known.having(x=other), tmp_path / "out", settings=OFTEN)
    train(our.even_plan(), our.small(0.0), known.having(x=known.columns["x"].copy()), tmp_path / "out", settings=OFTEN)


def test_columns_are_looked_at_in_runs_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_PIECE", 240)
    column = np.arange(400, dtype=np.float64).reshape(40, 10)
    assert [len(part) for part in pieces(column)] == [3] * 13 + [1]
    assert [len(part) for part in pieces(column[:, :0])] == [40]
    assert list(pieces(column[:0])) == []
    assert digested(pieces(column)) == digested(pieces(np.asfortranarray(column)))

    def said(of: np.ndarray) -> Any:
        return configuration(our.even_plan(), our.small(), our.data(40).having(y=of), 0)["data"]["columns"]["y"]

    found = {said(column)}
    for row in range(40):
        other = column.copy()
        other[row, row % 10] = -1
        found.add(said(other))
    assert len(found) == 41
