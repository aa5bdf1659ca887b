"""Effects come back from disk as they were told, and one page draws all of a folder."""

import json
import math
from dataclasses import replace

import pytest

from diptych.cli.stored_effects import as_json, draw, from_json, store, stored
from diptych.data.errors import RunError
from diptych.data.results import Difference, Effect, Result

ARM = Result("method", 0.8, 0.7, 0.9, 5, "higher", "over seeds")
EFFECT = Effect(
    "close", "fact_f1", "higher", (ARM, replace(ARM, name="baseline", value=0.5)), Difference("method", "baseline", 0.3, 0.2, 0.4),
    {"fact_precision": {"difference": 0.1, "low": 0.0, "high": 0.2, "least": -0.05, "held": True}},
    {"noise": ({"value": 0.5, "fact_f1 difference": 0.1, "fact_f1 low": 0.0, "fact_f1 high": 0.2},)},
    oracle=replace(ARM, name="oracle"), shown=True, why="it does", seeds=(100, 101), seconds=12.3, others={"method": (ARM,)},
)  # fmt: skip


def test_an_effect_comes_back_as_it_was(tmp_path):
    store(EFFECT, tmp_path, "diptych effect close")
    assert json.loads((tmp_path / "close.json").read_text())["command"] == "diptych effect close"
    assert stored(tmp_path) == [EFFECT]


def test_numbers_that_are_none_stay_none():
    back = from_json(json.loads(json.dumps(as_json(replace(EFFECT, oracle=replace(ARM, low=math.nan))))))
    assert back.oracle is not None and math.isnan(back.oracle.low) and back.oracle.value == ARM.value


def test_the_page_draws_all_that_lie_there_and_passes_over_the_rest(tmp_path):
    store(EFFECT, tmp_path, "")
    store(replace(EFFECT, recipe="align"), tmp_path, "")
    (tmp_path / "notes.json").write_text('{"arms": 3}')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "broken.json").write_text("{")
    page = draw(tmp_path).read_text()
    assert "close" in page and "align" in page
    assert [effect.recipe for effect in stored(tmp_path)] == ["align", "close"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RunError, match="cannot be written"):
        store(EFFECT, tmp_path / "gone", "")
