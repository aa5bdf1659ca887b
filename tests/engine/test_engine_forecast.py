"""What a run would take, said before it runs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from engine_parts import AtLeast, Median, Say, Split, source, unopened

from diptych.data.errors import InputError
from diptych.data.records import Record
from diptych.engine import Repeat, dry_run


@dataclass(frozen=True, slots=True)
class Asks:
    """Says what it would ask; would raise if it were called."""

    tokens: int

    def calls(self, record: Record) -> Mapping[str, int]:
        return {"chat calls to hf:A": 2, "tokens": self.tokens * (1 + int(record.id[1:]) % 2)}

    def __call__(self, records, context):
        raise AssertionError("a dry run calls no step")


def test_steps_are_asked_and_never_called():
    pipeline = (Asks(10), Median(), Repeat((Say(), Asks(1)), 3, len), Split())
    found = dry_run(pipeline, source(9))
    assert found.rows == 9 and found.seconds is None and found.tried == 0
    assert [(step.step, step.records) for step in found.steps] == [
        ("0 Asks", 9),
        ("1 Median", 9),
        ("2.0 Say", 27),
        ("2.1 Asks", 27),
        ("3 Split", 9),
    ]
    assert found.steps[0].calls == {"chat calls to hf:A": 18, "tokens": 130}
    assert found.steps[1].calls == {}
    assert found.calls == {"chat calls to hf:A": 18 + 54, "tokens": 130 + 39}
    assert 9 * 50 < found.disk < 9 * 5000
    assert dry_run(pipeline, source(9), limit=4).rows == 4
    assert dry_run(pipeline, []).disk == 0


def test_a_trial_measures_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = dry_run((Say(wait=0.001), AtLeast(0.5), Say("b")), source(200), opener=lambda *_: None, pictures=unopened, sample=40)
    assert found.tried == 40 and found.rows == 200 and not list(tmp_path.iterdir())
    say, keep, again = found.steps
    assert say.records == keep.records == 38 * 5 and 0 < again.records < say.records
    assert found.calls == {"sayings": say.records + again.records}
    assert say.seconds is not None and say.seconds > 0.15
    assert found.seconds is not None and found.seconds > say.seconds and found.disk > 200 * 50


def test_a_trial_needs_models():
    with pytest.raises(InputError, match="sample is 3"):
        dry_run((Say(),), source(3), sample=3)
