"""The record's Arrow schema: exact there and back."""

import math
from dataclasses import MISSING, fields, replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import SourceError
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.records import Answer, Caption, Image, Made, Question, Record, Status, Text, Verdict
from diptych.data.regions import Box, Mask, Region
from diptych.data.schema import SCHEMA, from_batch, to_batch

words = st.text(st.characters(exclude_categories=()), max_size=6) | st.sampled_from(["", "\ud800", "\ufdd0", "\ufdd0d800", "\x00", "é"])
whole = st.integers(-(2**63), 2**63 - 1)
real = st.floats(allow_nan=False)
span = st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9))


def several(of, n=2):
    return st.lists(of, max_size=n).map(tuple)


named = st.dictionaries(words, real, max_size=3)
attributes = st.builds(Attribute, words, span, several(words))
entities = st.builds(
    Entity, words, st.none() | whole, st.none() | whole, several(attributes), st.booleans(), st.booleans(), span, span,
    st.none() | words, several(words),
)  # fmt: skip
relations = st.builds(Relation, whole, words, whole, span, several(words))
graphs = st.builds(SceneGraph, several(entities), several(relations), several(st.builds(Quote, words, st.none() | whole, span)))
captions = st.builds(
    Caption, words, words, words, words, words, st.none() | words, several(words), st.none() | graphs, named
)  # fmt: skip
boxes = st.builds(Box, real, real, real, real)
masks = st.builds(Mask, whole, whole, several(whole, 4), boxes)
regions = st.builds(
    Region, words, boxes | masks, st.sampled_from(["object", "part"]), words, several(words), st.none() | real, st.none() | real, words,
    several(st.tuples(words, words)),
)  # fmt: skip
verdicts = st.builds(
    Verdict, words, whole, st.sampled_from(["supported", "unknown"]), words, st.none() | words, words, st.none() | real, st.booleans()
)  # fmt: skip
questions = st.builds(Question, words, words, words, several(st.builds(Answer, words, words, whole)), st.none() | st.tuples(words, whole))
texts = st.builds(Text, st.sampled_from(["ocr", "hint"]), words, words, st.none() | words)
images = st.builds(Image, words, words, whole, whole, words)
statuses = st.builds(Status, st.sampled_from(["kept", "dropped", "failed"]), words, words, words)
records = st.builds(
    Record, words, images, several(captions), several(regions), several(questions), several(texts), several(verdicts),
    st.dictionaries(words, words, max_size=3), named, several(words), several(st.builds(Made, images, words, words)), statuses,
    st.dictionaries(words, words, max_size=2),
)  # fmt: skip


def same(left, right):
    return left == right and [list(a.scores) for a in left] == [list(b.scores) for b in right]


@settings(max_examples=60, deadline=None)
@given(st.lists(records, max_size=4))
def test_every_record_comes_back_as_it_was(rows):
    batch = to_batch(rows)
    assert batch.schema.equals(SCHEMA, check_metadata=True)
    assert same(from_batch(batch), rows)


@settings(max_examples=25, deadline=None)
@given(st.lists(records, min_size=2, max_size=4))
def test_parquet_and_slices_keep_every_record(rows):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_batches([to_batch(rows)]), sink)
    table = pq.read_table(pa.BufferReader(sink.getvalue()))
    assert [r for b in table.to_batches() for r in from_batch(b)] == rows
    assert from_batch(to_batch(rows).slice(1, 1)) == rows[1:2]


def test_none_is_not_empty():
    row = Record("a", Image("a.jpg"), (Caption("1", "x"), Caption("2", "y", graph=SceneGraph(), region="")))
    back = from_batch(to_batch([row]))[0]
    assert back.captions[0].graph is None and back.captions[0].region is None
    assert back.captions[1].graph == SceneGraph() and back.captions[1].region == ""


def test_nan_scores_stay_nan_and_none_stays_none():
    row = Record(
        "a",
        Image("a.jpg"),
        verdicts=(Verdict("c", 0, "unknown", "x", score=math.nan), Verdict("c", 1, "unknown", "x")),
        scores={"s": math.nan},
    )
    back = from_batch(to_batch([row]))[0]
    assert math.isnan(back.verdicts[0].score) and back.verdicts[1].score is None and math.isnan(back.scores["s"])


def test_whole_numbers_beyond_64_bits_saturate():
    row = Record("a", Image("a.jpg"), (Caption("1", "x", graph=SceneGraph((Entity("dog", count=10**30), Entity("cat", count=None)))),))
    assert [e.count for e in from_batch(to_batch([row]))[0].captions[0].graph.entities] == [2**63 - 1, None]


def test_scores_may_be_whole_numbers():
    row = Record("a", Image("a.jpg"), scores={"n": 2**60 + 1, "x": 0.5})
    assert from_batch(to_batch([row]))[0].scores == {"n": float(2**60), "x": 0.5}


def test_a_field_that_an_older_file_lacks_has_its_default():
    batch = to_batch([Record("a", Image("a.jpg", width=3), scores={"x": 1.0})])
    older = batch.drop_columns(["verdicts", "scores", "status"])
    assert from_batch(older) == [Record("a", Image("a.jpg", width=3))]


def test_a_newer_schema_is_refused_with_a_remedy():
    batch = to_batch([Record("a", Image("a.jpg"))]).replace_schema_metadata({"diptych.schema": "99"})
    with pytest.raises(SourceError, match=r"'99'.*update diptych"):
        from_batch(batch)


def test_a_table_that_is_not_ours_is_refused():
    with pytest.raises(SourceError, match="id, subject are missing"):
        from_batch(pa.record_batch({"x": [1]}))


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"subject": [5]}, "column subject holds int64"),
        ({"captions": [3]}, "column captions holds int64"),
        ({"captions": [[{"text": 5}]]}, "column captions holds list"),
        ({"scores": [[1.0]]}, "column scores holds list"),
        ({"id": pa.array([None], pa.string())}, "a row has no id"),
        ({"subject": pa.array([None], SCHEMA.field("subject").type)}, "no subject"),
        ({"status": [{"kind": "zebra"}]}, "'zebra' is none of dropped, failed, kept"),
        ({"verdicts": [[{"caption": "c", "number": 0, "answer": "so", "by": "x"}]]}, "'so' is none of contradicted, supported, unknown"),
    ],
)
def test_columns_that_hold_something_else_are_refused(columns, rule):
    batch = to_batch([Record("a", Image("a.jpg"))]).select(["id", "subject"])
    plain = {name: batch.column(name) for name in batch.schema.names}
    with pytest.raises(SourceError, match=rule):
        from_batch(pa.record_batch({**plain, **columns}))


def test_large_strings_are_strings():
    batch = to_batch([Record("a", Image("a.jpg"), meta={})])
    assert from_batch(batch.set_column(0, "id", batch.column("id").cast(pa.large_string()))) == [Record("a", Image("a.jpg"))]


def test_every_field_has_a_column():
    assert SCHEMA.names == [f.name for f in fields(Record)]
    assert [f.name for f in SCHEMA.field("captions").type.value_type] == [f.name for f in fields(Caption)]
    assert all(f.default is not MISSING or f.default_factory is not MISSING for f in fields(Record) if f.name not in ("id", "subject"))


def test_mappings_that_come_back_are_their_own():
    first, second = from_batch(to_batch([Record("a", Image("a")), Record("b", Image("b"))]))
    first.scores["x"] = 1.0
    assert second.scores == {} and replace(first, scores={}) == Record("a", Image("a"))
