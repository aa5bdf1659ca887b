"""A run from source to folder: what stands in it, what is refused, what is counted."""

import json
from dataclasses import replace

import pytest
from engine_parts import AtLeast, Bad, Median, Paint, Say, Split, full, go, source, strip

from diptych.data.errors import InputError, RunError
from diptych.data.opening import open_picture
from diptych.data.records import Image, Record
from diptych.engine import Repeat, is_run, read_run, run_json, run_table


def test_kept_dropped_and_failed_rows_stay_in_order(tmp_path):
    records = source(30)
    summary = go((Say(), Bad(("r3",)), AtLeast(0.5)), records, tmp_path, batch=7, shard=10)
    rows = list(read_run(tmp_path))
    assert [row.id for row in rows] == [record.id if index != 11 else "r5#2" for index, record in enumerate(records)]
    by = {row.id: row for row in rows}
    assert (by["r3"].status.kind, by["r3"].status.step, by["r3"].status.why) == ("failed", "Bad", "ValueError: r3 is bad <object object>")
    assert "raise ValueError" in by["r3"].status.trace
    assert by["r3"].captions, "what earlier steps did stays"
    assert by["r12"].status.step == "Source" and not by["r12"].captions
    assert by["r5#2"].meta == {"duplicate_of": "r5"} and by["r5#2"].status.step == "input"
    low = sum(row.status.step == "AtLeast" for row in rows)
    assert summary.rows() == {"in": 30, "made": 0, "kept": 30 - low - 3, "dropped": low + 1, "failed": 2}
    assert summary.total.failed["Bad", by["r3"].status.why] == 1
    assert summary.total.dropped["AtLeast", "a is low"] == low


def test_stages_balance_and_are_written(tmp_path):
    summary = go(full(), source(60), tmp_path, shard=16)
    assert [stage.name for stage in summary.stages] == ["Say, Bad", "Median, Say", "Split, Repeat, Paint", "Median, Say"]
    assert summary.stages[0].rows_in == 60 and summary.stages[2].made > 10
    for before, after in zip(summary.stages, summary.stages[1:], strict=False):
        assert before.kept == after.rows_in
    assert all(stage.balanced for stage in (*summary.stages, summary.total))
    told = run_json(tmp_path)
    assert told["complete"] and told["rows"]["made"] == summary.total.made
    assert told["rows"]["dropped"]["AtLeast"] == {
        "a is low": summary.total.dropped["AtLeast", "a is low"],
        "c is low": summary.total.dropped["AtLeast", "c is low"],
    }
    assert told["ledger"] == {"sayings": summary.ledger["sayings"]}
    assert told["pipeline"][2] == {"is": "engine_parts.Median", "score": "a"}
    assert {"python", "diptych", "numpy", "pyarrow"} <= set(told["sessions"][0]["versions"])
    assert (tmp_path / "accounting.csv").read_text().startswith("stage,what,step,why,rows\n0,in,,,60\n")
    assert not (tmp_path / "stages").exists() and not (tmp_path / "pictures").exists()
    assert [cost.step for cost in summary.steps][-1] and {cost.step for cost in summary.steps} >= {"0 Say", "5.0 Say", "2 AtLeast"}


def test_made_rows_stand_behind_their_parents(tmp_path):
    go((Split("a"), Split("b"), Say()), source(10), tmp_path)
    ids = [row.id for row in read_run(tmp_path)]
    families = [id.partition("/")[0] for id in ids]
    assert families == sorted(families) and set(families) == {f"r{n}" for n in range(10)}
    for index, id in enumerate(ids):
        parent, _, last = id.rpartition("/")
        assert not parent or ids.index(parent) < index
        if last.startswith("b"):
            assert ids[index - 1].rpartition("/")[0] == parent or ids[index - 1] == parent
    assert any(id.count("/") == 2 for id in ids)


def test_a_made_id_that_is_taken_fails_and_the_source_stands(tmp_path):
    records = [Record("r1", Image("1.jpg")), *(Record(f"r{n}/0", Image("x.jpg")) for n in range(1, 8))]
    records += [Record(f"r{n}", Image(f"{n}.jpg")) for n in range(2, 8)]
    summary = go((Split(), Say()), records, tmp_path, shard=3)
    rows = {row.id: row for row in read_run(tmp_path)}
    twins = [id for id in rows if id.endswith("/0#2")]
    assert twins and len(twins) == sum(summary.total.failed.values())
    assert all(rows[id].status.step == "Split" and rows[id.removesuffix("#2")].subject.path == "x.jpg" for id in twins)


def test_repeat_runs_until_released_and_no_longer(tmp_path):
    class Two:
        def __call__(self, record):
            return len(record.captions) >= 2 + (record.id == "r1")

    go((Repeat((Say("a"), Say("b")), 5, Two()), Repeat((Say("c"),), 3, lambda record: False)), source(3), tmp_path)
    captions = [[caption.id.partition("-")[2] for caption in row.captions] for row in read_run(tmp_path)]
    assert captions == [["a0", "b1", "c2", "c3", "c4"], ["a0", "b1", "a2", "b3", "c4", "c5", "c6"], ["a0", "b1", "c2", "c3", "c4"]]
    texts = [caption.text for caption in next(read_run(tmp_path)).captions[2:]]
    assert len(set(texts)) == 3, "every round draws anew"


def test_a_condition_that_raises_fails_its_row(tmp_path):
    def until(record):
        return 1 / (record.id != "r1")

    go((Repeat((Say(),), 3, until),), source(3), tmp_path)
    assert [(row.status.kind, row.status.step) for row in read_run(tmp_path)] == [("kept", ""), ("failed", "until"), ("kept", "")]


def test_surveys_see_kept_rows_only_and_are_stored(tmp_path):
    go((Say(), Bad(("r0",)), AtLeast(0.5), Median(), Say("b")), source(40), tmp_path, shard=7)
    stored = json.loads((tmp_path / "surveys" / "03.json").read_text())
    rows = list(read_run(tmp_path))
    seen = sorted(row.scores["a"] for row in rows if row.id not in ("r0", "r5#2", "r12") and row.scores["a"] >= 0.5)
    assert stored == {"survey": "Median", "makes": "AtLeast", "rows": len(seen), "values": {"level": seen[len(seen) // 2], "score": "a"}}


def test_pictures_are_kept_in_tars_and_found_again(tmp_path):
    go((Paint(), Split(), Paint()), source(9), tmp_path, shard=4)
    assert sorted(p.name for p in tmp_path.glob("pictures*")) == [f"pictures-{s:02d}-{n:05d}.tar" for s in (0, 1) for n in (0, 1, 2)]
    for row in read_run(tmp_path):
        for made in row.made:
            assert open_picture(made.image).pil().size == (4, 3)
            assert "r" in made.image.member and "/" not in made.image.member


def test_table_reads_columns_in_order(tmp_path):
    go((Say(),), source(5), tmp_path, shard=2)
    assert run_table(tmp_path, ["id"]).to_pydict() == {"id": [f"r{n}" for n in range(5)]}
    assert "run_print" not in run_table(tmp_path).column_names
    empty = tmp_path / "empty"
    assert go((Say(), Median()), [], empty).rows() == {"in": 0, "made": 0, "kept": 0, "dropped": 0, "failed": 0}
    assert is_run(empty) and list(read_run(empty)) == [] and run_table(empty, ["id"]).num_rows == 0


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_rows_do_not_depend_on_the_batch_or_the_shards(tmp_path, batch):
    go(full(), source(50), tmp_path / "a", batch=batch, shard=batch + 4)
    go(full(), source(50), tmp_path / "b", batch=64, shard=64)
    a, b = (list(read_run(tmp_path / name)) for name in "ab")
    assert [strip(row) for row in a] == [strip(row) for row in b]


def test_the_seed_decides(tmp_path):
    for seed in (0, 1):
        go((Say(),), source(5), tmp_path / str(seed), seed=seed)
    a, b = (list(read_run(tmp_path / str(seed))) for seed in (0, 1))
    assert all(x.captions[0].text != y.captions[0].text for x, y in zip(a, b, strict=True))


def test_steps_that_change_ids_or_order_are_named(tmp_path):
    def shuffled(records, context):
        return records[::-1]

    for number, (step, said) in enumerate(
        {
            shuffled: "'r4' where 'r0' was",
            lambda r, c: r[1:]: "4 of 5|'r1' where",
            lambda r, c: None: "NoneType",
            lambda r, c: iter(r): "returned list_iterator",
            lambda r, c: [1] * 5: "a list of other things",
        }.items()
    ):
        with pytest.raises(RunError, match=said):
            go((step,), source(5), tmp_path / str(number))


def test_makers_that_misname_are_named(tmp_path):
    class Stray:
        def make(self, record, context):
            return [replace(record, id="else")]

    with pytest.raises(RunError, match="maker Stray made 'else' from 'r0': the id must begin with 'r0/'"):
        go((Stray(),), source(5), tmp_path)


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        ((Say,), "write Say"),
        ((3,), "part 0 is 3"),
        ((Repeat((Say(),), 0, len),), "at_most must be 1"),
        ((Repeat((Median(),), 1, len),), "a repeat holds steps only"),
    ],
)
def test_what_is_no_pipeline_is_refused(tmp_path, pipeline, said):
    with pytest.raises(InputError, match=said):
        go(pipeline, source(1), tmp_path)


def test_wrong_options_are_refused(tmp_path):
    for option in ("limit", "batch", "shard"):
        with pytest.raises(InputError, match=f"{option} must be 1 or more, got 0"):
            go((Say(),), source(1), tmp_path, **{option: 0})
