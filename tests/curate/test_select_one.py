"""Choosing by lot, and for each question."""

from collections import Counter
from dataclasses import replace

from diptych.curate.select import BestFor, ByLot
from diptych.data.records import Question
from doubles import context, proposed, record


def test_by_lot_each_caption_is_as_likely_and_the_choice_stays() -> None:
    rows = [record(*(proposed(f"{n}/{k}", None) for k in range(3)), id=str(n)) for n in range(300)]
    chosen = [row.chosen for row in ByLot()(rows, context())]
    counts = Counter(one[0][-1] for one in chosen)
    assert set(counts) == {"0", "1", "2"} and min(counts.values()) > 70
    assert [row.chosen for row in ByLot()(rows[::-1], context())][::-1] == chosen
    assert ByLot()([record()], context())[0].status.why == "no caption is proposed"


def asked(scores):
    """Two questions; captions a and b are asked the first, c the second."""
    captions = [replace(proposed(id, None), scores={} if score is None else {"s": score}) for id, score in scores.items()]
    questions = [Question("q0", "Q?"), Question("q1", "P?"), *(Question(f"{id}.q", "P?" if id == "c" else "Q?", id) for id in scores)]
    return replace(record(*captions), questions=tuple(questions))


def test_each_question_gets_its_best_caption_that_scores_enough() -> None:
    assert BestFor("s")([asked({"a": 0.2, "b": 0.9, "c": 0.1})], context())[0].chosen == ("b", "c")
    assert BestFor("s", 0.5)([asked({"a": 0.2, "b": 0.9, "c": 0.1})], context())[0].chosen == ("b",)
    assert BestFor("s")([asked({"a": 0.5, "b": 0.5, "c": None})], context())[0].chosen == ("a",)
    assert BestFor("")([asked({"a": None, "b": 0.9, "c": None})], context())[0].chosen == ("a", "c")


def test_a_record_of_which_no_caption_answers_is_dropped() -> None:
    (done,) = BestFor("s", 0.5)([asked({"a": 0.2, "b": float("nan"), "c": 0.1})], context())
    assert done.status.why == "no caption answers a question"
    assert BestFor("s")([record(proposed("a", None))], context())[0].status.kind == "dropped"
