"""The order of rows hangs on (seed, episode, record id) alone."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import small_training as our
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.data.records import Caption, Record
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.data import Data
from diptych.train.order import captions_drawn, marks, mixed, shuffled

MASK = (1 << 64) - 1


def of(rows: list[Record]) -> Data:
    return Data(rows, our.no_picture)


def ids(data: Data, key: int) -> list[str]:
    return [data.rows[row].id for row in shuffled(data, key)]


def test_neither_the_source_order_nor_other_rows_change_which_row_comes_first() -> None:
    rows = our.records(50)
    whole = ids(of(rows), 7)
    assert sorted(whole) == sorted(row.id for row in rows)
    assert ids(of(rows[::-1]), 7) == whole
    assert ids(of(rows[10:30]), 7) == [id for id in whole if 10 <= int(id.split()[1]) < 30]
    assert ids(of(rows), 8) != whole


def test_rows_of_one_id_keep_the_order_of_the_source() -> None:
    row = our.records(1)[0]
    assert shuffled(of([row, row, row]), 3).tolist() == [0, 1, 2]


@given(st.lists(st.integers(0, MASK), min_size=1, max_size=5), st.integers(0, MASK))
@settings(max_examples=30, deadline=None)
def test_mixing_is_the_finaliser_worked_in_whole_numbers(words: list[int], key: int) -> None:
    def slow(word: int) -> int:
        word ^= key
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        return word ^ (word >> 31)

    assert mixed(np.array(words, np.uint64), key).tolist() == [slow(word) for word in words]


def test_marks_are_of_the_rows_at_hand() -> None:
    data = of(our.records(5))
    assert marks(data) is marks(data)
    assert marks(replace(data, rows=data.rows[:2])).tolist() == marks(data)[:2].tolist()


def test_every_place_is_taken_by_every_row_alike() -> None:
    data = of(our.records(4))
    orders = Counter(tuple(shuffled(data, key).tolist()) for key in range(4800))
    assert len(orders) == 24
    assert sum((n - 200) ** 2 / 200 for n in orders.values()) < 49.7  # chi square of 23 degrees, p = .001


def test_captions_are_drawn_alike_and_by_the_record() -> None:
    rows = [
        Record(f"r{n}", row.subject, tuple(Caption(f"c{k}", f"{n} {k}") for k in range(3)), chosen=("c0", "c1", "c2"))
        for n, row in enumerate(our.records(3000))
    ]
    said = captions_drawn(of(rows), np.arange(3000), 11)
    found = Counter(text.split()[1] for text in said)
    assert all(900 < found[k] < 1100 for k in "012")
    assert captions_drawn(of(rows[::-1]), np.arange(3000), 11) == said[::-1]
    bare = replace(our.records(1)[0], chosen=())
    with pytest.raises(InputError, match=r"row 'row 0' has no caption of 'chosen'"):
        captions_drawn(of([bare]), np.arange(1), 0)


def test_an_episode_meets_every_row_once_and_leaves_the_rest_out() -> None:
    data, episodes = our.data(40), []
    for episode in (0, 1, 0):
        batches = list(Random(12)(None, data, generator(0, "stage", episode), episode))
        assert [len(batch) for batch in batches] == [12, 12, 12]
        rows = [int(row) for batch in batches for row in batch.rows]
        assert len(set(rows)) == 36
        episodes.append(rows)
    assert episodes[0] == episodes[2] != episodes[1]
    with pytest.raises(InputError, match="a batch of 41 needs as many rows, got 40: give a smaller batch or more data"):
        next(Random(41)(None, data, generator(0), 0))


def test_process_r_of_r_takes_every_rth_row() -> None:
    batch = Batch(np.arange(7) * 10, {"text": list("abcdefg")}, {"score": np.arange(7.0)})
    parts = [batch.part(rank, 3) for rank in range(3)]
    assert [part.rows.tolist() for part in parts] == [[0, 30, 60], [10, 40], [20, 50]]
    assert [list(part.texts["text"]) for part in parts] == [["a", "d", "g"], ["b", "e"], ["c", "f"]]
    assert parts[1].arrays["score"].tolist() == [1, 4]
    assert parts[1].part(1, 3) is parts[1]
    assert batch.part(0, 1) is batch


def test_a_digest_changes_with_any_entry() -> None:
    batch = Batch(np.arange(2), {"text": ["a", "b"]}, {"score": np.arange(2.0)})
    others = (
        Batch(np.array([0, 2]), batch.texts, batch.arrays),
        Batch(batch.rows, {"text": ["a", "c"]}, batch.arrays),
        Batch(batch.rows, batch.texts, {"score": np.array([0.0, 1.5])}),
    )
    assert len({one.digest() for one in (batch, *others)}) == 4
    assert Batch(np.arange(2), {"text": ("a", "b")}, {"score": np.arange(2.0)}).digest() == batch.digest()
