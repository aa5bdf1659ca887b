"""One stage over a few rows: whose fault an error is, how often a step is called, and that the inner function is pure."""

import dataclasses
import errno
import io
import pickle
from itertools import pairwise
from urllib.error import HTTPError, URLError

import pytest
from engine_parts import AtLeast, Bad, Median, Paint, Say, Split, full, go, source, unopened
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import check_maker, check_step, check_survey
from diptych.data.errors import AddressError, PictureError, RunError
from diptych.data.records import Image, Record
from diptych.data.schema import to_batch
from diptych.engine import Context, read_run, work
from diptych.engine.plan import stages
from diptych.engine.rows import Row
from diptych.engine.trouble import Trouble, one_line, trouble


def context() -> Context:
    return Context(lambda address, ability: None, unopened, seed=5)


@pytest.fixture(autouse=True)
def naps(monkeypatch):
    found = []
    monkeypatch.setattr(work, "sleep", found.append)
    return found


@given(bad=st.sets(st.integers(0, 30)), size=st.integers(0, 31))
@settings(max_examples=60, deadline=None)
def test_halving_finds_exactly_the_guilty(bad, size):
    calls = []

    def call(batch):
        calls.append(len(batch))
        if any(int(record.id) in bad for record in batch):
            raise KeyError("bad")
        return [record.choose("fine") for record in batch]

    records = [Record(str(n), Image("x")) for n in range(size)]
    out = work.attempt(call, records, lambda record, error: record.fail("Step", one_line(error)), "Step")
    assert [record.id for record in out] == [record.id for record in records]
    assert {int(record.id) for record in out if record.status.kind == "failed"} == {n for n in bad if n < size}
    assert len(calls) <= 1 + 2 * 5 * len(bad), "a guilty row costs two calls for each halving"


def test_memory_is_the_batch_and_smaller_batches_fit(naps):
    sizes = []

    def call(batch):
        sizes.append(len(batch))
        if len(batch) > 3:
            raise MemoryError
        return batch

    records = source(10)
    assert work.attempt(call, records, None, "Step") == records
    assert sizes == [10, 5, 2, 3, 5, 2, 3] and not naps


def test_lost_connections_are_waited_for(naps):
    left = [3]

    def call(batch):
        left[0] -= 1
        if left[0] >= 0:
            raise ConnectionResetError("gone")
        return batch

    records = source(4)
    assert work.attempt(call, records, None, "Step") == records
    assert naps == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("error", "said", "waits"),
    [
        (ConnectionRefusedError("no"), "step Fails lost its connection at 6 rows from 'r8'.*see that the server answers", 4),
        (MemoryError(), "step Fails ran out of memory at row 'r8'.*free memory", 4),
        (OSError(errno.ENOSPC, "No space left on device"), "step Fails cannot write at 6 rows from 'r8'.*free disk space", 0),
    ],
)
def test_trouble_that_stays_stops_with_a_folder_that_resumes(tmp_path, naps, error, said, waits):
    on = [True]

    class Fails:
        def __call__(self, records, context):
            if on[0] and any(record.id == "r8" for record in records):
                raise error
            return Say()(records, context)

    with pytest.raises(RunError, match=said + ", then start the same run again, it continues"):
        go((Fails(),), source(20), tmp_path, batch=8)
    assert len(naps) == waits
    assert [path.name for path in tmp_path.rglob("*.partial")] == ["00000.partial"]
    on[0] = False
    assert go((Fails(),), source(20), tmp_path, batch=8).rows()["kept"] == 18


def test_a_wrong_address_or_missing_package_stops_at_once(tmp_path):
    for number, error in enumerate((AddressError("nothing answers to 'x:'"), ImportError("pip install diptych[models]"))):

        def step(records, context, error=error):
            raise error

        with pytest.raises(type(error), match=str(error).replace("[", r"\[")):
            go((step,), source(5), tmp_path / str(number))


def test_whose_trouble():
    def raised_from(cause):
        error = ValueError("outer")
        error.__cause__ = cause
        return error

    http = HTTPError("http://x", 404, "gone", None, io.BytesIO())
    expected = {
        Trouble.ROW: [
            ValueError("x"),
            PictureError("x"),
            FileNotFoundError("x"),
            PermissionError("x"),
            http,
            OSError(errno.ENOENT, "x"),
            RuntimeError("x"),
        ],
        Trouble.CONNECTION: [
            TimeoutError(),
            URLError("x"),
            OSError(errno.EHOSTUNREACH, "x"),
            BrokenPipeError(),
            raised_from(ConnectionError("x")),
        ],
        Trouble.MEMORY: [MemoryError(), type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), OSError(errno.ENOMEM, "x")],
        Trouble.DISK: [OSError(errno.ENOSPC, "x"), OSError(errno.EROFS, "x")],
        Trouble.USER: [AddressError("x"), RunError("x"), ImportError("x")],
    }
    for kind, errors in expected.items():
        for error in errors:
            assert trouble(error) is kind, error
    http.close()


def test_errors_fit_a_line():
    assert one_line(PictureError("a.jpg is broken:\n  give another")) == "a.jpg is broken: give another"
    assert one_line(KeyError()) == "KeyError"
    assert one_line(ValueError("<x object at 0x7f00>")) == "ValueError: <x object>"
    assert len(one_line(ValueError("x" * 10**6))) == 500


@given(cuts=st.lists(st.integers(1, 30), max_size=6), seed=st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_a_stage_gives_the_same_rows_however_they_are_cut(cuts, seed):
    stage = stages(full()[4:7])[1]
    rows = [Row(record.add(scores={"a": 0.0}), b"x" * 16) for record in source(30) if record.status.kind == "kept"]
    here = Context(None, unopened, seed, keep=lambda data, name: Image("kept", name))
    whole, costs = work.run_stage(stage, rows, here)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    pieces = [work.run_stage(stage, rows[a:b], here) for a, b in pairwise(edges)]
    assert [row for piece, _ in pieces for row in piece] == whole
    assert sum(piece.ledger["sayings"] for _, piece in pieces) == costs.ledger["sayings"]
    assert not here.ledger, "the caller's ledger is its own"


def test_a_stage_can_be_shipped():
    for stage in stages(full()):
        assert pickle.loads(pickle.dumps(stage)) == stage


def test_the_parts_keep_their_contracts():
    records = [Say()(source(9), context())[n] for n in range(9)]
    check_step(Say("b"), records, context())
    assert {record.status.kind for record in check_step(AtLeast(0.5), records, context())} == {"kept", "dropped"}
    check_step(Bad(()), records, context())
    check_step(Paint(), records, Context(None, unopened, keep=lambda data, name: Image("kept", name)))
    check_survey(Median(), [to_batch(records[:4]), to_batch(records[4:])])
    assert check_maker(Split(), records, context())


def test_the_contract_catches_what_it_should():
    def broken(call, **options):
        made = dataclasses.make_dataclass("Broken", [], frozen=options.get("frozen", True), namespace={"__call__": call})
        globals()["Broken"] = made
        made.__module__ = __name__
        return made()

    def by_batch(self, records, context):
        return [record.add(scores={"n": float(len(records))}) for record in records]

    def by_order(self, records, context):
        return records[::-1]

    def forgetful(self, records, context):
        return [dataclasses.replace(record, captions=()) for record in records]

    def changing(self, records, context):
        for record in records:
            record.scores["x"] = 1.0
        return records

    records = Say()(source(4), context())
    for call, said in (
        (by_batch, "depends on the batch"),
        (by_order, "ids or their order"),
        (forgetful, "captions lost"),
        (changing, "changes what it is given"),
    ):
        with pytest.raises(AssertionError, match=said):
            check_step(broken(call), records, context())
    with pytest.raises(AssertionError, match="is not frozen"):
        check_step(broken(by_order, frozen=False), records, context())


def test_kept_rows_of_a_failing_run_are_not_lost(tmp_path):
    go((Say(), Bad(tuple(f"r{n}" for n in range(70)))), source(70), tmp_path)
    assert {row.status.kind for row in read_run(tmp_path)} == {"failed", "dropped"}
