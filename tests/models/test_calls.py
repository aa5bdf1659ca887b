import pytest

from diptych.data.errors import PictureError, RunError
from diptych.models.abilities import Failed
from diptych.models.calls import ask, calls_to, take
from doubles import context, record

ROWS = [record(id=name) for name in ("two", "none", "torn", "bad")]


def wanted(row):
    if row.id == "torn":
        raise PictureError("torn.png cannot be read")
    return {"two": ["a", "b"], "none": [], "bad": ["c", "no", "d"]}[row.id]


def upper(requests):
    return [Failed("cannot") if request == "no" else request.upper() for request in requests]


def test_each_record_gets_its_own_answers_or_its_own_failure() -> None:
    here = context()
    answers = ask(ROWS, wanted, upper, here)
    assert answers == [("A", "B"), (), Failed("torn.png cannot be read"), Failed("cannot")]
    assert here.ledger == {"upper calls": 5}
    rows = take(ROWS, answers, ("Step", "x:y"), lambda row, given: row.choose(*given))
    assert [(row.status.kind, row.chosen) for row in rows] == [("kept", ("A", "B")), ("kept", ()), ("failed", ()), ("failed", ())]
    assert rows[3].status.why == "x:y: cannot"


def test_an_expert_that_leaves_requests_out_stops_the_run() -> None:
    with pytest.raises(RunError, match="4 answers to 5 requests"):
        ask(ROWS, wanted, lambda requests: upper(requests)[1:], context())


def test_calls_are_forecast_by_what_is_asked_and_whom() -> None:
    assert calls_to("caption", "hf:a", "file:b", "hf:a", times=2) == {"caption calls to hf:a": 4, "caption calls to file:b": 2}
    assert calls_to("match") == {}
