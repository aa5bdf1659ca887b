"""Two processes do what one does: the same losses and weights, in the same order, also from where one process was cut off."""

import subprocess
import sys
from pathlib import Path

import pytest
import small_training as our
from safetensors.torch import load_file

from diptych.train.checkpoint import NAME, read
from diptych.train.logs import read_log
from diptych.train.loop import train
from diptych.train.plan import Plan
from diptych.train.settings import Settings

EACH = Settings(save_every=0, log_every=1, progress=False)


class Cut(Exception):
    pass


def cut(updates: int) -> Settings:
    """Settings under which a training breaks off after so many updates."""

    def stop(model: object, update: int) -> dict[str, float]:
        if update == updates:
            raise Cut
        return {}

    return Settings(save_every=0, log_every=1, progress=False, evaluate=stop, evaluate_every=1)


def terms(out: Path) -> list[dict[str, float]]:
    return [line["terms"] | {"loss": line["loss"], "norm": line["norm"]} for line in read_log(out / "train.jsonl") if "terms" in line]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Folders of one process's training, of two processes', and of one that one process began and two ended."""
    at = tmp_path_factory.mktemp("ddp")
    plan: Plan = our.even_plan()
    alone, together, begun = at / "alone", at / "together", at / "begun"
    train(plan, our.small(0.0), our.data(), alone, settings=EACH)
    with pytest.raises(Cut):
        train(plan, our.small(0.0), our.data(), begun, settings=cut(9))
    assert read(begun / NAME)[1]["at"] == 8
    launch = (sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", "0")
    done = subprocess.run(
        [*launch, "--rdzv_backend", "c10d", "--rdzv_endpoint", "localhost:0", our.__file__, "even", str(together), str(begun)],
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return alone, together, begun


@pytest.mark.parametrize("which", [1, 2])
def test_weights_and_losses_are_those_of_one_process(both: tuple[Path, Path, Path], which: int) -> None:
    alone, other = both[0], both[which]
    expected, found = load_file(alone / "model.safetensors"), load_file(other / "model.safetensors")
    for name, weight in expected.items():
        assert found[name].numpy() == pytest.approx(weight.numpy(), abs=2e-6), name
    assert len(terms(other)) == 24
    for one, two in zip(terms(alone), terms(other), strict=True):
        assert two == pytest.approx(one, rel=1e-4), (one, two)
