import math
from dataclasses import replace

import pytest

from diptych.curate.select import Best, Choose, Keep, KeepSaying
from diptych.curate.survey import KeepShare, Rarity
from diptych.data.errors import InputError
from diptych.data.graphs import Entity, SceneGraph
from diptych.data.schema import to_batch
from doubles import context, dogs, proposed, record


def scored(id: str, *scores: float):
    captions = [replace(proposed(f"{id}/{n}", dogs()), scores={"match": s}) for n, s in enumerate(scores)]
    return record(*captions, id=id)


def test_best_keeps_the_highest_and_ties_keep_the_earlier() -> None:
    (row,) = Best(2)([scored("r", 0.1, 0.9, 0.9, 0.3)], context())
    assert row.chosen == ("r/1", "r/2")
    (row,) = Best(1)([record(proposed("c", None))], context())
    assert row.status.kind == "dropped" and "match" in row.status.why


def test_keep_drops_with_a_reason() -> None:
    kept, dropped, unscored = Keep("match", 0.5)([scored("a", 0.5), scored("b", 0.4), record(proposed("c", None))], context())
    assert kept.status.kind == "kept"
    assert dropped.status.why == "match below 0.5"
    assert unscored.status.why == "no score match"


def test_a_score_that_is_nan_is_none() -> None:
    half, none = scored("half", math.nan, 0.6), scored("none", math.nan)
    assert Best(2)([half], context())[0].chosen == ("half/1",)
    assert Best(1)([none], context())[0].status.why == "no caption has a score match"
    kept, dropped = Keep("match", 0.5, of="proposed")([half, none], context())
    assert kept.status.kind == "kept" and dropped.status.why == "no score match"
    rows = [scored("a", 0.1), scored("b", 0.9), none]
    assert KeepShare("match", 0.5, of="proposed").look([to_batch(rows)]).at_least == 0.9


def test_choose_and_keep_saying() -> None:
    row = record(proposed("c", dogs()))
    assert Choose("proposed")([row], context())[0].chosen == ("c",)
    assert Choose("alt")([row], context())[0].status.kind == "dropped"
    assert KeepSaying(5)([row], context())[0].status.kind == "kept"
    assert KeepSaying(6)([row], context())[0].status.kind == "dropped"


def test_share_keeps_that_share() -> None:
    rows = [scored(str(n), n / 10) for n in range(10)]
    step = KeepShare("match", 0.3).look([to_batch(rows)])
    assert [row.id for row in step(rows, context()) if row.status.kind == "kept"] == ["7", "8", "9"]
    assert KeepShare("match", 1.0).look([to_batch(rows)]).at_least == 0.0
    assert KeepShare("nothing", 0.5).look([to_batch(rows)]).at_least == -math.inf
    with pytest.raises(InputError, match="share must lie in"):
        KeepShare("match", 1.3)


def test_rarity_is_the_information_of_the_nouns() -> None:
    common = [record(proposed(f"{n}/c", SceneGraph((Entity("dog", 1),))), id=str(n)) for n in range(3)]
    rare = record(proposed("r/c", SceneGraph((Entity("dog", 1), Entity("zebra", 1)))), id="r")
    rows = [*common, rare]
    done = Rarity().look([to_batch(rows)])(rows, context())
    assert done[0].scores["rarity"] == 0.0
    assert done[3].scores["rarity"] == pytest.approx((0 + 2) / 2)  # dog in 4 of 4 rows, zebra in 1 of 4
