"""What `diptych effect` prints of something trained."""

import math
from dataclasses import replace

import pytest

from diptych.cli.effect import tell
from diptych.data.results import Difference, Effect, Result

HOW = "t interval over 3 seeds, 95%"


def result(name: str, value: float, better: str = "higher", how: str = HOW) -> Result:
    return Result(name, value, value - 0.01, value + 0.01, 3, better, how)  # type: ignore[arg-type]


def made(how: str) -> Effect:
    others = {
        "before": (result("probe_of_tower", 0.61),),
        "plain": (result("error", 0.4, "lower"),),
        "loss": (result("error", 0.3, "lower"), result("recall_2", 0.7), result("recall_3", math.nan)),
    }
    arms = tuple(result(name, value, how=how) for name, value in (("before", 0.2), ("plain", 0.4), ("loss", 0.5)))
    return Effect("count", "accuracy", "higher", arms, Difference("loss", "plain", 0.1, 0.05, 0.15), others=others, seeds=(0, 1, 2))


def test_the_probe_comes_before_the_effect_and_metrics_of_both_arms_after(capsys: pytest.CaptureFixture[str]) -> None:
    tell(made(HOW))
    said = capsys.readouterr().out
    assert said.index("before: probe_of_tower 0.610 [0.600, 0.620]") < said.index("count: accuracy") < said.index("error ↓")
    assert "seeds" in said and next(line.split() for line in said.splitlines() if "recall_2" in line)[-4:] == ["-", "│", "0.700", "│"]
    assert "nan" not in said


def test_one_seed_has_no_interval(capsys: pytest.CaptureFixture[str]) -> None:
    one = (Result("accuracy", 0.5, math.nan, math.nan, 1, "higher", HOW),)
    sweep = {"weight": ({"value": 1.0, "accuracy difference": 0.1, "accuracy low": math.nan, "accuracy high": math.nan},)}
    tell(replace(made(HOW), arms=one, difference=Difference("loss", "plain", 0.1, math.nan, math.nan), sweep=sweep))
    found = capsys.readouterr().out
    assert "nan" not in found and next(line.split() for line in found.splitlines() if "loss −" in line)[-5:-1] == ["+0.100", "│", "-", "│"]


def test_where_nothing_was_trained_n_counts_rows_and_no_more_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell(made("paired bootstrap over rows"))
    said = capsys.readouterr().out
    assert "probe_of_tower" not in said and "error" not in said and "more metrics" not in said
