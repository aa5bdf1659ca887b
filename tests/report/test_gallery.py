from dataclasses import replace

from diptych.data.records import Image, Record
from diptych.report.choose import Sample
from diptych.report.gallery import gallery

ROWS = [Record(f"r{n}", Image("")) for n in range(100)]


def test_a_sample_does_not_depend_on_the_order() -> None:
    samples = [Sample(10), Sample(10)]
    for record, other in zip(ROWS, reversed(ROWS), strict=True):
        samples[0].offer(record)
        samples[1].offer(other)
    assert [r.id for r in samples[0]] == [r.id for r in samples[1]]
    assert len(samples[0]) == 10
    assert len(samples[0].heap) == 10


def test_a_sample_is_fair() -> None:
    drawn = Sample(50)
    for record in ROWS:
        drawn.offer(record)
    first_half = sum(int(record.id[1:]) < 50 for record in drawn)
    assert 15 <= first_half <= 35  # binomial, 4 standard deviations


def test_small_samples() -> None:
    none, more = Sample(0), Sample(5)
    for record in ROWS[:3]:
        none.offer(record)
        more.offer(record)
    assert (len(none), len(more)) == (0, 3)


def test_a_gallery_mixes_kept_dropped_failed_and_contradicted() -> None:
    shown = gallery(12)
    for n, record in enumerate(ROWS):
        ended = record.drop("Keep", "low") if n % 5 == 1 else record.fail("Read", "broken") if n % 5 == 2 else record
        shown.offer(ended, contradicted=n % 10 == 0)
    chosen = shown.chosen()
    kinds = [record.status.kind for record in chosen]
    assert kinds == ["kept"] * 8 + ["dropped"] * 2 + ["failed"] * 2
    assert len({record.id for record in chosen}) == 12
    assert sum(int(record.id[1:]) % 10 == 0 for record in chosen) >= 4
    assert shown.seen == 100


def test_a_gallery_of_few_rows_shows_all() -> None:
    shown = gallery(24)
    for record in ROWS[:3]:
        shown.offer(record, contradicted=True)
    shown.offer(replace(ROWS[3]).drop("Keep", "low"), contradicted=False)
    assert len(shown.chosen()) == 4


def test_two_records_of_one_id_are_both_offered():
    drawn = Sample(3)
    for _ in range(5):
        drawn.offer(Record("same", Image("a.png")))
    assert [record.id for record in drawn] == ["same"] * 3
