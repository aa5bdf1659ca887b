"""What every step, survey and maker must keep to. Tests of any package call these with their parts, records and a context."""

import pickle
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import fields, is_dataclass

import pyarrow as pa

from diptych.data.records import Record
from diptych.data.schema import from_batch, to_batch
from diptych.engine.configuration import plain
from diptych.engine.context import Context
from diptych.engine.steps import Maker, Step, Survey


def check_value(part: object) -> None:
    """A part of a pipeline is a frozen dataclass of plain values: it prints, compares, hashes, pickles and goes into run.json."""
    assert is_dataclass(part) and not isinstance(part, type), f"{part!r} is no instance of a dataclass"
    assert type(part).__dataclass_params__.frozen, f"{type(part).__name__} is not frozen"
    assert repr(part).startswith(type(part).__name__ + "("), f"{part!r} does not print as itself"
    again = pickle.loads(pickle.dumps(part))
    assert again == part and hash(again) == hash(part) and repr(again) == repr(part), f"{part!r} pickles to {again!r}"
    twin = type(part)(**{f.name: getattr(part, f.name) for f in fields(part) if f.init})
    assert twin == part, f"{part!r} does not equal its twin"
    assert plain(part) == plain(again)


def check_step(step: Step, records: Sequence[Record], context: Context, *, place: str = "7") -> list[Record]:
    """The contract of a step over at least two records; returns what the step returns, for further checks."""
    assert len(records) > 1, "give at least two records"
    check_value(step)
    given, here = list(records), context.at(place)
    before = deepcopy(given)
    whole = step(given, here)
    assert given == before, f"{step!r} changes what it is given"
    assert type(whole) is list and [record.id for record in whole] == [record.id for record in given], (
        f"{step!r} changes ids or their order"
    )
    assert step(list(records), here) == whole, f"{step!r} gives something else the second time"
    assert [record for one in given for record in step([one], here)] == whole, f"{step!r} depends on the batch"
    assert step(given[::-1], here)[::-1] == whole, f"{step!r} depends on the order"
    assert step([], here) == [], f"{step!r} cannot do without records"
    for old, new in zip(given, whole, strict=True):
        check_appended(old, new)
    assert from_batch(to_batch(whole)) == whole, f"{step!r} makes records that columns do not give back"
    return whole


def check_appended(old: Record, new: Record) -> None:
    """Nothing a record held is gone or changed."""
    for name in ("captions", "regions", "questions", "texts", "verdicts", "made"):
        kept = {item.id if hasattr(item, "id") else item for item in getattr(new, name)}
        lost = [item for item in getattr(old, name) if (item.id if hasattr(item, "id") else item) not in kept]
        assert not lost, f"{old.id}: {name} lost {lost[0]!r}"
    assert [caption.text for caption in new.captions[: len(old.captions)]] == [caption.text for caption in old.captions], (
        f"{old.id}: a caption has changed"
    )


def check_survey(survey: Survey, batches: Iterable[pa.RecordBatch]) -> Step:
    """The contract of a survey: its step is what it says it makes, and does not depend on how the rows are cut into batches."""
    check_value(survey)
    whole = [batch.select(list(survey.reads)) for batch in batches]
    found = survey.look(iter(whole))
    assert type(found) is survey.makes, f"{survey!r} makes {type(found).__name__}"
    rows = [batch.slice(index, 1) for batch in whole for index in range(batch.num_rows)]
    assert survey.look(iter(rows)) == found, f"{survey!r} depends on the batches"
    check_value(found)
    return found


def check_maker(maker: Maker, records: Sequence[Record], context: Context, *, place: str = "7") -> list[Record]:
    """The contract of a maker: ids begin with the parent's, are unique, and do not depend on the call."""
    check_value(maker)
    here = context.at(place)
    before = deepcopy(list(records))
    made = [(record.id, child) for record in records for child in maker.make(record, here)]
    assert list(records) == before, f"{maker!r} changes what it is given"
    assert all(child.id.startswith(parent + "/") for parent, child in made), f"{maker!r} makes ids that do not begin with the parent's"
    assert len({child.id for _, child in made}) == len(made), f"{maker!r} makes one id twice"
    again = [child for record in reversed(records) for child in maker.make(record, here)]
    assert sorted(again, key=lambda child: child.id) == sorted((child for _, child in made), key=lambda child: child.id)
    return [child for _, child in made]
