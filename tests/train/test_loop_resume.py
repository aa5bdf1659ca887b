"""Interrupted at any update, or killed, and called again: the same bits as an unbroken training."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import small_training as our
import torch
from safetensors import safe_open

from diptych.data.errors import RunError
from diptych.train.checkpoint import NAME, read
from diptych.train.logs import read_log
from diptych.train.loop import train
from diptych.train.settings import Settings

OFTEN = Settings(save_every=0, log_every=4, progress=False)


def ended(out: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Weights as bytes, and the log without times."""
    with safe_open(out / "model.safetensors", "pt") as file:
        weights = {name: file.get_tensor(name).numpy().tobytes() for name in file.keys()}  # noqa: SIM118
    timed = ("seconds", "samples_per_second", "waiting")
    return weights, [{key: value for key, value in line.items() if key not in timed} for line in read_log(out / "train.jsonl")]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    train(our.plan(), our.small(), our.data(), out, settings=OFTEN)
    return ended(out)


class Cut(Exception):
    pass


class Cutting(our.Small):
    """Raises when it is called for the nth time in training mode."""

    def __init__(self, after: int):
        super().__init__()
        self.left = after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.left == 0:
            raise Cut
        self.left -= 1
        return super().forward(x)


def cut_off(after: int, out: Path) -> None:
    torch.manual_seed(0)
    model = Cutting(after)
    with pytest.raises(Cut):
        train(our.plan(), model, our.data(), out, settings=OFTEN)


# every place in a stage's course: its first update, the second part of an update, its last, the middle and the end of an episode
@pytest.mark.parametrize("after", [1, 5, 12, 25, 26, 27, 30, 32, 33, 34, 36, 41, 49])
def test_cut_off_at_any_call_and_begun_again_gives_the_same_bits(
    after: int, tmp_path: Path, unbroken: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda handle: None)  # what is slow and only a power cut could tell
    cut_off(after, tmp_path / "out")
    torch.manual_seed(0)
    train(our.plan(), Cutting(-1), our.data(), tmp_path / "out", settings=OFTEN)
    assert ended(tmp_path / "out") == unbroken
    assert not (tmp_path / "out" / NAME).exists()


def test_killed_at_any_moment_and_started_again_gives_the_same_bits(tmp_path: Path, unbroken: tuple[Any, Any]) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, our.__file__, "slow", str(out)], stderr=subprocess.PIPE)
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until and not (out / NAME).exists():
        time.sleep(0.005)
    time.sleep(random.random() * 1.5)
    process.kill()
    _, said = process.communicate()
    assert process.returncode == -signal.SIGKILL, said.decode()
    assert 0 < reached(out) < 31
    train(our.plan(), our.small(), our.data(), out, settings=OFTEN)
    assert ended(out) == unbroken


def reached(out: Path) -> int:
    """Updates that the checkpoint has seen."""
    return int(read(out / NAME)[1]["at"]) if (out / NAME).exists() else 0


def test_a_checkpoint_holds_what_may_change_and_the_model_s_buffers(tmp_path: Path) -> None:
    class Moving(our.Small):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("kept", torch.ones(2))
            self.register_buffer("made", torch.ones(3), persistent=False)

    def stop(model: object, update: int) -> dict[str, float]:
        raise Cut

    one = replace(our.plan()[0], trainable=("last",), ema=0.0)
    with pytest.raises(Cut):
        train((one,), Moving(), our.data(), tmp_path / "out", settings=replace(OFTEN, evaluate=stop, evaluate_every=2))
    found = {name for name in read(tmp_path / "out" / NAME)[0] if not name.startswith("optimiser/")}
    assert found == {"model/last.weight", "model/last.bias", "model/kept", "random/cpu/0"}
    other = our.small()
    other.last = torch.nn.Linear(8, 7)
    with pytest.raises(RunError, match="is of a training with another model"):
        train((one,), other, our.data(), tmp_path / "out", settings=OFTEN)
