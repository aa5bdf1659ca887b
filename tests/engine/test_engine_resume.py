"""Runs that are killed, go on, grow, are refused: the rows in the end are those of an unbroken run."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from engine_parts import AtLeast, Bad, Median, Paint, Say, Split, full, go, source, strip

from diptych.data.errors import RunError
from diptych.data.opening import open_picture
from diptych.data.records import Image, Record
from diptych.engine import filling, folder, read_run, run_json

HERE = Path(__file__).parent


class Killed(BaseException):
    """Stands for SIGKILL: nothing can be written after it."""


def kill_after(monkeypatch: pytest.MonkeyPatch, events: int) -> None:
    """Lets this many writes, renames and batches happen, then nothing more."""
    left = [events]

    def counted(function: Callable) -> Callable:
        def call(*args, **options):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return function(*args, **options)

        return call

    monkeypatch.setattr(folder.os, "replace", counted(os.replace))
    monkeypatch.setattr(folder, "sync", counted(folder.sync))
    monkeypatch.setattr(filling, "run_stage", counted(filling.run_stage))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))


def tree(out: Path) -> dict[str, bytes]:
    """Rows and pictures, byte for byte; times in the notes differ."""
    pictures = {path.name: path.read_bytes() for path in out.glob("pictures-*")}
    return {"rows": repr([repr(row).replace(str(out), "") for row in read_run(out)]).encode(), **pictures}


def test_killed_at_every_moment_and_started_again_ends_the_same(tmp_path, monkeypatch):
    go(full(), source(24), tmp_path / "whole", batch=4, shard=8)
    monkeypatch.setattr(filling, "SAVE_EVERY", 0.0)
    whole = tree(tmp_path / "whole")
    events = 0
    step = random.Random(0)
    while True:
        out = tmp_path / str(events)
        with monkeypatch.context() as patch:
            kill_after(patch, events)
            try:
                go(full(), source(24), out, batch=4, shard=8)
                break
            except Killed:
                pass
        summary = go(full(), source(24), out, batch=4, shard=8)
        assert tree(out) == whole, f"killed after {events} events"
        assert not list(out.rglob("*.tmp"))
        assert summary.rows()["in"] == 24
        assert not (out / "stages").exists()
        events += step.randint(6, 22)
    assert events > 60, "the run was killed at many moments"


def test_killed_again_and_again(tmp_path, monkeypatch):
    go(full(), source(30), tmp_path / "whole", batch=3, shard=9)
    monkeypatch.setattr(filling, "SAVE_EVERY", 0.0)
    out = tmp_path / "broken"
    step = random.Random(1)
    for _ in range(200):
        with monkeypatch.context() as patch, suppress(Killed):
            kill_after(patch, step.randint(4, 25))
            go(full(), source(30), out, batch=3, shard=9)
            break
    assert tree(out) == tree(tmp_path / "whole")


def test_sigkilled_processes_end_the_same(tmp_path):
    go(full(0.002), source(60), tmp_path / "whole", batch=4, shard=10)
    out = tmp_path / "killed"
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); from engine_parts import main; main({str(out)!r}, 60)"
    command = [sys.executable, "-c", code]
    step, kills = random.Random(2), 0
    for _ in range(12):
        process = subprocess.Popen(command)
        deadline = time.monotonic() + 20
        while not (out / ".lock").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.45 + step.random() * 0.5 if kills else 0.3)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
    assert kills >= 2
    go(full(0.002), source(60), out, batch=4, shard=10)
    assert tree(out) == tree(tmp_path / "whole")


def test_grown_input_is_appended(tmp_path):
    pipeline = (Say(), Median(), Split(), Say("b"))
    go(pipeline, source(20), tmp_path, shard=8)
    before = list(read_run(tmp_path))
    level = json.loads((tmp_path / "surveys" / "01.json").read_text())["values"]["level"]
    summary = go(pipeline, source(40), tmp_path, shard=8)
    after = list(read_run(tmp_path))
    assert after[: len(before)] == before
    assert [row.id for row in after if "/" not in row.id][20:] == [f"r{n}" for n in range(20, 40)]
    assert all((row.scores["a"] >= level) == (row.status.kind == "kept") for row in after if row.id in {f"r{n}" for n in range(13, 40)})
    assert summary.rows()["in"] == 40
    assert summary.notes == ("survey Median saw 18 rows and decides on 38: --overwrite looks again",)
    assert len(run_json(tmp_path)["sessions"]) == 2


def test_a_larger_limit_goes_on_and_a_smaller_one_changes_nothing(tmp_path):
    assert go((Say(),), source(30), tmp_path, limit=5).rows()["in"] == 5
    assert go((Say(),), source(30), tmp_path, limit=12, shard=3).rows()["in"] == 12
    assert go((Say(),), source(30), tmp_path, limit=4).rows()["in"] == 12
    assert go((Say(),), iter(source(30)), tmp_path).rows()["in"] == 30
    go((Say(),), source(30), tmp_path / "whole")
    assert list(read_run(tmp_path)) == list(read_run(tmp_path / "whole"))


def test_changed_or_missing_input_is_refused_by_name(tmp_path):
    records = source(10)
    go((Say(),), records, tmp_path, shard=4)
    before = tree(tmp_path)
    changed = [*records[:6], replace(records[6], subject=Image("moved.jpg")), *records[7:]]
    for given, said in (
        (changed, r"input row 7 \('r6'\) has changed"),
        (records[:3] + records[4:], r"input row 4 \('r3'\) is now 'r4'"),
        (records[:8], r"input row 9 \('r8'\) is missing from the source"),
    ):
        with pytest.raises(RunError, match=said + ".*another --out, or --overwrite"):
            go((Say(),), given, tmp_path)
    assert tree(tmp_path) == before
    assert go((Say(),), changed, tmp_path, fresh=True).rows()["in"] == 10
    assert [row.subject.path for row in read_run(tmp_path)][6] == "moved.jpg"


@pytest.mark.parametrize(
    ("pipeline", "options", "said"),
    [
        ((Say("b"), AtLeast(0.5)), {}, "part 0 Say: word 'a' -> 'b'; parts 0 to 1 would run again on 10 rows"),
        ((Say(), AtLeast(0.6)), {}, "part 1 AtLeast: level 0.5 -> 0.6; parts 1 to 1"),
        ((Say(), Median()), {}, "part 1 Median: AtLeast -> Median"),
        ((Say(),), {}, "part 1 AtLeast: AtLeast -> nothing; parts 1 to 1"),
        ((Say(), AtLeast(0.5), Split()), {}, "part 2 Split: nothing -> Split; parts 2 to 2"),
        ((Say(), AtLeast(0.5)), {"seed": 3}, "seed 0 -> 3; all 10 rows"),
        ((Say(), AtLeast(0.5)), {"settings": {"keep": [2, 4]}}, r"settings.keep\[1\] 3 -> 4; all 10 rows"),
    ],
)
def test_changed_configuration_says_what_reruns(tmp_path, pipeline, options, said):
    go((Say(), AtLeast(0.5)), source(10), tmp_path, settings={"keep": [2, 3]})
    with pytest.raises(RunError, match=said):
        go(pipeline, source(10), tmp_path, **{"settings": {"keep": [2, 3]}, **options})


@dataclass(frozen=True, slots=True)
class Flaky:
    """Fails on rows whose file is not there."""

    folder: str

    def __call__(self, records, context):
        for record in records:
            if not (Path(self.folder) / record.id.replace("/", "-")).exists():
                raise FileNotFoundError(record.id)
        return [record.add(labels={"seen": "yes"}) for record in records]


def test_failed_rows_are_run_again_and_replaced(tmp_path):
    there, out = tmp_path / "there", tmp_path / "out"
    there.mkdir()
    pipeline = (Say(), Flaky(str(there)), Paint(), Split(), Flaky(str(there)), Median("a"), Say("b"))
    pipeline = (*pipeline[:4], Say("a"), *pipeline[4:])
    records = source(20)
    ids = {f"r{n}" for n in range(20)} | {f"r{n}-{k}" for n in range(20) for k in range(2)}
    for id in ids - {"r3", "r14", "r6-0", "r15-0"}:
        (there / id).touch()
    first = go(pipeline, records, out, shard=6)
    failed = [row.id for row in read_run(out) if row.status.kind == "failed"]
    assert {"r3", "r14", "r5#2"} <= set(failed) and len(failed) == sum(first.total.failed.values())
    again = go(pipeline, records, out, shard=6, retry_failed=True)
    assert again.rows() == first.rows(), "nothing has changed yet"
    for id in ids:
        (there / id).touch()
    assert go(pipeline, records, out, shard=6).rows() == first.rows(), "a plain resume leaves failed rows alone"
    then = go(pipeline, records, out, shard=6, retry_failed=True)
    assert sum(then.total.failed.values()) == 1 and then.total.balanced
    survey = (out / "surveys" / "06.json").read_text()
    unbroken = tmp_path / "unbroken"
    (unbroken / "x").mkdir(parents=True)
    go(pipeline, records, unbroken / "y", shard=6)
    rows = {row.id: row for row in read_run(unbroken / "y")}
    got = list(read_run(out))
    assert [row.id for row in got] == list(rows)
    level = json.loads(survey)["values"]["level"]
    for row in got:
        if row.scores.get("a", 1) >= level and rows[row.id].status.kind == "kept":
            assert strip(row) == strip(rows[row.id])
    assert all(open_picture(made.image).width == 4 for row in got for made in row.made)


def test_a_source_that_breaks_keeps_what_is_done(tmp_path):
    def broken():
        yield from source(10)
        raise OSError("the cable")

    with pytest.raises(OSError, match="the cable"):
        go((Say(),), broken(), tmp_path, batch=4, shard=100)
    assert list(tmp_path.rglob("*.partial"))
    seen = []

    def watched(records, context):
        seen.extend(record.id for record in records)
        return records

    go((Say(),), source(10), tmp_path, batch=4, shard=100)
    go((Say(),), source(10), tmp_path / "whole")
    assert list(read_run(tmp_path)) == list(read_run(tmp_path / "whole"))


def test_a_lost_shard_is_noticed(tmp_path):
    go((Say(),), source(10), tmp_path, shard=4)
    (tmp_path / "shards" / "00001.parquet").unlink()
    with pytest.raises(RunError, match="lacks shard 00001"):
        go((Say(),), source(10), tmp_path)


def test_a_broken_shard_is_named(tmp_path):
    go((Say(),), source(10), tmp_path, shard=4)
    (tmp_path / "shards" / "00001.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(RunError, match=r"00001\.parquet"):
        go((Say(),), source(10), tmp_path)


def test_other_peoples_folders_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    for options in ({}, {"fresh": True}):
        with pytest.raises(RunError, match=r"'thesis\.tex' and is no run folder"):
            go((Say(),), source(3), tmp_path, **options)
    with pytest.raises(RunError, match="is a file"):
        go((Say(),), source(3), tmp_path / "thesis.tex")
    run = tmp_path / "run"
    go((Paint(), Split(), Median("a"))[:2], source(3), run)
    (run / "notes.md").write_text("mine too")
    go((Say(),), [Record("x", Image("x.jpg"))], run, fresh=True)
    assert (run / "notes.md").read_text() == "mine too" and [row.id for row in read_run(run)] == ["x"]
    assert not list(run.glob("pictures*"))


def test_one_writer_at_a_time(tmp_path):
    def inner(records, context):
        with pytest.raises(RunError, match="is being written by another run"):
            go((Say(),), source(3), tmp_path)
        return records

    go((inner,), source(3), tmp_path)


def test_failing_rows_stay_failed_in_every_batch(tmp_path):
    go((Say(), Bad(tuple(f"r{n}" for n in range(0, 40, 3)))), source(40), tmp_path)
    wrong = {row.id for row in read_run(tmp_path) if row.status.step == "Bad"}
    assert wrong == {f"r{n}" for n in range(0, 40, 3)} - {"r12"}


def test_a_full_disk_ends_in_one_line_and_a_folder_that_resumes(tmp_path, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "out"
    go(full(), source(30), whole, batch=4, shard=8)
    real, writes, most = os.fsync, [], [0]

    def fsync(handle):
        writes.append(handle)
        if len(writes) > most[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    for most[0] in (0, 1, 5, 20, 60):
        with monkeypatch.context() as patch:
            patch.setattr(folder.os, "fsync", fsync)
            with pytest.raises(RunError, match=r"cannot write .*No space left on device.*: make room or choose another --out") as caught:
                go(full(), source(30), out, batch=4, shard=8)
            assert "\n" not in str(caught.value)
        assert not list(out.rglob("*.tmp"))
    go(full(), source(30), out, batch=4, shard=8)
    assert tree(out) == tree(whole)


def test_a_read_only_place_is_refused_in_one_line(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("runs as root")
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="cannot write"):
        go((Say(),), source(3), tmp_path / "out")


def test_a_place_that_cannot_be_is_refused_in_one_line():
    with pytest.raises(RunError, match=r"cannot write /proc/diptych/run .*: make room or choose another --out"):
        go((Say(),), source(3), Path("/proc/diptych/run"))


def test_secrets_stay_out_of_the_folder(tmp_path):
    pipeline = (Flaky("openai:m?api_key=hunter2&n=1"), Flaky("https://me:hunter2@host/x"))
    go(pipeline, source(3), tmp_path, settings={"token": "hunter2", "tokens": 5, "url": "http://h/?a=1&access_token=hunter2"})
    for path in tmp_path.glob("*.*"):
        assert b"hunter2" not in path.read_bytes(), path
    assert run_json(tmp_path)["settings"] == {"token": "***", "tokens": 5, "url": "http://h/?a=1&access_token=***"}
    assert run_json(tmp_path)["pipeline"][0]["folder"] == "openai:m?api_key=***&n=1"


def test_clearing_that_was_killed_is_finished(tmp_path, monkeypatch):
    pipeline = (Say(), Paint(), Median(), Say("b"))
    for events in range(0, 12):
        out = tmp_path / str(events)
        go(pipeline, source(20), out, shard=8)
        with monkeypatch.context() as patch, pytest.raises(Killed):
            kill_after(patch, events)
            go(pipeline, source(30), out, shard=8, fresh=True)
        assert go(pipeline, source(30), out, shard=8).rows()["in"] == 30
        stored = json.loads((out / "surveys" / "02.json").read_text())
        assert stored["rows"] == (28 if events else 18), "after a kill before the clearing the old run goes on"


def test_a_survey_that_no_row_reaches_does_not_look(tmp_path):
    pipeline = (Say(), AtLeast(2.0), Median(), Say("b"))
    assert go(pipeline, source(20), tmp_path).rows()["kept"] == 0
    assert not (tmp_path / "surveys").exists()
    there = tmp_path / "there"
    there.mkdir()
    pipeline = (Flaky(str(there)), Say(), Median())
    out = tmp_path / "out"
    assert go(pipeline, source(3), out).rows()["failed"] == 3
    (there / "r1").touch()
    with pytest.raises(RunError, match="survey Median has not looked"):
        go(pipeline, source(3), out, retry_failed=True)


def test_settings_that_are_no_numbers_compare_equal(tmp_path):
    for _ in range(2):
        go((Say(),), source(3), tmp_path, settings={"level": float("nan"), "sizes": (1, 2)})
    with pytest.raises(RunError, match=r"settings.sizes\[0\] 1 -> 1.0"):
        go((Say(),), source(3), tmp_path, settings={"level": float("nan"), "sizes": (1.0, 2)})


def test_changed_versions_are_told(tmp_path):
    go((Say(),), source(3), tmp_path)
    told = run_json(tmp_path)
    told["sessions"][-1]["versions"]["numpy"] = "1.0"
    (tmp_path / "run.json").write_text(json.dumps(told))
    notes = go((Say(),), source(5), tmp_path).notes
    assert len(notes) == 1 and notes[0].startswith("the run began with numpy 1.0 and went on with ")


def test_lost_rows_are_noticed_at_the_end(tmp_path, monkeypatch):
    real = filling.run_stage

    def losing(stage, rows, context, costs):
        out, costs = real(stage, rows, context, costs)
        return out[:-1], costs

    monkeypatch.setattr(filling, "run_stage", losing)
    with pytest.raises(RunError, match=r"10 rows were read, .*'in': 9.* rows are missing"):
        go((Say(),), source(10), tmp_path)
