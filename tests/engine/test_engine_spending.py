"""What models spend is accounted for by step and run, whatever becomes of the rows."""

import pickle
from collections import Counter
from dataclasses import dataclass, field

import pytest
from engine_parts import go, source

from diptych.data.errors import RunError
from diptych.data.records import Record
from diptych.engine import Context, Repeat, run_json
from diptych.engine import work as work_module
from diptych.engine.accounts import costs_of
from diptych.engine.folder import read_notes
from diptych.engine.work import Costs


class Shop:
    """What the models are opened for."""


@dataclass
class Model:
    """Spends three tokens and two millionths on each row; loses its connection when told to."""

    spent: Counter[str] = field(default_factory=Counter)
    lost_from: int = 1 << 30
    asked: int = 0

    def ask(self, rows: int) -> None:
        self.asked += rows
        self.spent.update({"tokens in": 3 * rows, "US$ millionths": 2 * rows})
        if self.asked >= self.lost_from:
            raise ConnectionError("nobody there")


@dataclass(frozen=True, slots=True)
class Buy:
    """Asks a model once for each row."""

    model: str = "a"

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        context.open(self.model, Shop).ask(len(records))
        return records


@dataclass(frozen=True, slots=True)
class Idle:
    """Asks nobody."""

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return records


@dataclass(frozen=True, slots=True)
class Make:
    """Asks a model, and makes one record."""

    def make(self, record: Record, context: Context) -> list[Record]:
        context.open("maker", Shop).ask(1)
        return [Record(f"{record.id}/x", record.subject)]


def opening(models: dict[str, Model]):
    return lambda address, ability: models.setdefault(address, Model())


@dataclass(frozen=True, slots=True)
class Always:
    """Releases every row."""

    def __call__(self, record: Record) -> bool:
        return True


def test_each_step_has_its_own_account_and_the_ledger_their_sum(tmp_path):
    summary = go(
        (Buy("a"), Buy("b"), Buy("a"), Make(), Repeat((Buy("c"),), 2, Always())), source(10), tmp_path, opener=opening({}), batch=4
    )
    spent = {cost.step: cost.spent for cost in summary.steps}
    ten = {"tokens in": 30, "US$ millionths": 20}
    twenty = {"tokens in": 60, "US$ millionths": 40}
    assert spent == {"0 Buy": ten, "1 Buy": ten, "2 Buy": ten, "3 Make": ten, "4.0 Buy": twenty}
    assert summary.ledger == {"tokens in": 180, "US$ millionths": 120}
    told = run_json(tmp_path)
    assert told["ledger"] == summary.ledger
    assert {step["step"]: step["spent"] for step in told["steps"]} == spent


def test_steps_that_spend_nothing_say_nothing_of_it(tmp_path):
    go((Buy("a"), Idle()), source(3), tmp_path, opener=opening({}))
    assert [sorted(step) for step in sorted(run_json(tmp_path)["steps"], key=lambda step: step["step"])] == [
        ["records", "seconds", "spent", "step"],
        ["records", "seconds", "step"],
    ]


@pytest.mark.parametrize("batch", [4, 100])
def test_what_was_spent_before_the_server_was_lost_is_in_the_ledger(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(work_module, "FIRST_WAIT", 0.0)
    broken = Model(lost_from=7)
    with pytest.raises(RunError, match="lost its connection"):
        go((Buy("a"), Buy("b")), source(10), tmp_path, opener=opening({"b": broken}), batch=batch)
    healed = opening({})
    summary = go((Buy("a"), Buy("b")), source(10), tmp_path, opener=healed, batch=batch)
    # batch 4: 8 rows asked `a` before the second batch failed in `b`, then the 6 rows left; batch 100: all ten twice
    asked_a = 8 + 6 if batch == 4 else 20
    asked_b = broken.asked + (6 if batch == 4 else 10)
    spent = {cost.step: cost.spent["tokens in"] for cost in summary.steps}
    assert spent == {"0 Buy": 3 * asked_a, "1 Buy": 3 * asked_b}
    assert summary.ledger["tokens in"] == 3 * (asked_a + asked_b)
    assert summary.rows() == {"in": 10, "made": 0, "kept": 10, "dropped": 0, "failed": 0}


def test_an_interrupt_keeps_the_bill_too(tmp_path):
    @dataclass(frozen=True, slots=True)
    class Stop:
        def __call__(self, records, context):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go((Buy("a"), Stop()), source(10), tmp_path, opener=opening({}))
    with pytest.raises(KeyboardInterrupt):
        go((Buy("a"), Stop()), source(10), tmp_path, opener=opening({}))
    (partial,) = (tmp_path / "stages" / "00").glob("*.partial")
    assert costs_of(read_notes(partial)).ledger == {"tokens in": 60, "US$ millionths": 40}


def test_costs_add_up_and_can_be_shipped():
    one, two = Costs(), Costs(spent={"0 A": Counter({"tokens in": 2})})
    one.add(two)
    one.add(two)
    assert one.spent == {"0 A": {"tokens in": 4}} and two.spent == {"0 A": {"tokens in": 2}}
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.bills().ledger == {"tokens in": 4}
