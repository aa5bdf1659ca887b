"""The image-image score by hand: draws, floor and ceiling, failed paintings, families."""

import math

import numpy as np
import pytest
from vector_doubles import FixedEmbedder, FixedPainter, pictures

from diptych.data.errors import InputError
from diptych.measure.regeneration import regeneration, shuffled

UP, RIGHT, BETWEEN = [0, 1], [1, 0], [1, 1]
HALF = math.sqrt(0.5)
IDS = ("a", "b")
# picture a lies right, b up. "A" and "B" are the true captions, "m" is vague, "" anything
VECTORS = {"key-a": RIGHT, "key-b": [0, 5]} | {
    f"{text}/{draw}": vector for text, row in {
        "A": (RIGHT, RIGHT), "B": (UP, UP), "m": (BETWEEN, RIGHT), "": (BETWEEN, [1, -1]), "A2": (RIGHT, BETWEEN),
    }.items() for draw, vector in enumerate(row)
}  # fmt: skip


def run(said, **more):
    more = {"painter": FixedPainter(), "embedder": FixedEmbedder(VECTORS), "draws": 2, "resamples": 0} | more
    return {one.name: one for one in regeneration(said, pictures(*said), **more)}


def test_by_hand_with_floor_and_ceiling() -> None:
    found = run({"a": "m", "b": "B"}, truth={"a": ["A"], "b": "B"})
    assert list(found) == ["image_score", "image_score_floor", "image_score_ceiling", "image_score_normalised"]
    assert found["image_score"].per_image == pytest.approx({"a": (HALF + 1) / 2, "b": 1.0})
    assert found["image_score_floor"].per_image == pytest.approx({"a": 0.0, "b": 0.0})  # each other's true caption
    assert found["image_score_ceiling"].per_image == pytest.approx({"a": 1.0, "b": 1.0})
    assert found["image_score_normalised"].per_image == pytest.approx({"a": (HALF + 1) / 2, "b": 1.0})
    assert found["image_score_normalised"].value == pytest.approx(((HALF + 1) / 2 + 1) / 2)
    assert found["image_score"].result.better == "higher" and found["image_score_floor"].result.better == "none"


def test_the_normalised_score_is_a_ratio_of_sums() -> None:
    # floor of a: (HALF + HALF) / 2, of b: (HALF - HALF) / 2
    found = run({"a": "m", "b": "B"}, truth={"a": "A", "b": "B"}, floor="empty")
    over = [(HALF + 1) / 2 - HALF, 1.0]
    room = [1 - HALF, 1.0]
    assert found["image_score_normalised"].value == pytest.approx(sum(over) / sum(room))
    assert found["image_score_normalised"].per_image == pytest.approx({"a": over[0] / room[0], "b": 1.0})


def test_true_captions_and_empty_ones_stand_at_one_and_nought() -> None:
    truth = {"a": "A", "b": "B"}
    assert run(truth, truth=truth)["image_score_normalised"].value == pytest.approx(1.0)
    assert run({"a": "", "b": ""}, truth=truth, floor="empty")["image_score_normalised"].value == pytest.approx(0.0)


def test_without_truth_the_floor_is_anothers_candidate() -> None:
    found = run({"a": "A", "b": "B"})
    assert list(found) == ["image_score", "image_score_floor"] and found["image_score_floor"].value == 0.0


def test_draws_take_the_true_captions_in_turn() -> None:
    found = run({"a": "A", "b": "B"}, truth={"a": ["A", "A2"], "b": ["B"]})
    assert found["image_score_ceiling"].per_image["a"] == pytest.approx((1 + HALF) / 2)


def test_each_different_painting_is_made_once() -> None:
    painter, embedder = FixedPainter(), FixedEmbedder(VECTORS)
    run({"a": "B", "b": "B"}, truth={"a": "A", "b": "B"}, painter=painter, embedder=embedder, size=64)
    assert sorted((r.text, r.draw) for r in painter.asked) == [("A", 0), ("A", 1), ("B", 0), ("B", 1)]
    assert {r.size for r in painter.asked} == {64} and len(embedder.asked) == 6


def test_failed_paintings_are_left_out_and_counted() -> None:
    found = run({"a": "m", "b": "B"}, painter=FixedPainter({("m", 0), ("B", 0), ("B", 1)}))["image_score"]
    assert found.per_image["a"] == 1.0 and math.isnan(found.per_image["b"])
    assert "3 of 4 paintings failed (first: no paint)" in found.result.how and "1 of 2 images undefined" in found.result.how


def test_failed_pictures_have_no_value_anywhere() -> None:
    vectors = {name: vector for name, vector in VECTORS.items() if name != "key-a"}
    found = run({"a": "A", "b": "B"}, truth={"a": "A", "b": "B"}, embedder=FixedEmbedder(vectors))
    assert all(math.isnan(one.per_image["a"]) for one in found.values()) and found["image_score_normalised"].value == 1.0
    assert "1 of 2 pictures failed" in found["image_score"].result.how
    assert "1 of 2 images undefined, left out" in found["image_score_normalised"].result.how


def test_an_image_whose_ceiling_is_its_floor_has_no_share_of_its_own() -> None:
    found = run({"a": "m", "b": "B"}, truth={"a": "", "b": "B"}, floor="empty")["image_score_normalised"]
    assert math.isnan(found.per_image["a"]) and "1 images with a ceiling within 0.02" in found.result.how


def test_a_ceiling_below_the_floor_gives_no_share() -> None:
    found = run({"a": "A", "b": "B"}, truth={"a": "B", "b": "A"})["image_score_normalised"]
    assert math.isnan(found.value) and "undefined" in found.result.how


def test_the_spread_between_draws_is_told() -> None:
    assert f"sd between draws {np.std([HALF, 1], ddof=1) / 2:.3f}" in run({"a": "m", "b": "B"})["image_score"].result.how
    assert "sd between" not in run({"a": "m", "b": "B"}, draws=1)["image_score"].result.how


def test_half_precision_gives_the_same() -> None:
    big = {name: 2000.0 * np.array(vector) for name, vector in VECTORS.items()}
    one, other = (run({"a": "m", "b": "B"}, embedder=e) for e in (FixedEmbedder(VECTORS), FixedEmbedder(big, np.float16)))
    assert one["image_score"].values_N == pytest.approx(other["image_score"].values_N, abs=1e-3)


def test_shuffled_gives_each_another_by_seed_and_ids_alone() -> None:
    ids = [str(n) for n in range(20)]
    found = shuffled(ids)
    assert sorted(found.values()) == sorted(ids) and all(id != other for id, other in found.items())
    assert shuffled(ids[::-1]) == found != shuffled(ids, 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"draws": 0}, "draws must be 1 or more"),
        ({"floor": "none"}, "floor must be shuffled or empty"),
        ({"names": {"painter": "hf:org/clip-a", "embedder": "hf:org/clip-b"}}, "of the family of the painter"),
        ({"names": {"captioner": "sim:one?family=x", "embedder": "sim:two?family=x"}}, "of the family of the captioner"),
        ({"names": {"judge": "hf:a"}}, "names are of painter, embedder and captioner, got judge"),
        ({"truth": {"a": "A"}}, "1 of 2 candidates have no references"),
    ],
)
def test_what_does_not_fit_is_named(more, said) -> None:
    with pytest.raises(InputError, match=said):
        run({"a": "A", "b": "B"}, **more)


def test_one_image_has_no_shuffled_floor() -> None:
    with pytest.raises(InputError, match="use floor='empty'"):
        run({"a": "A"})
    assert run({"a": "A"}, floor="empty")["image_score"].value == 1.0
    with pytest.raises(InputError, match="candidates must name at least one"):
        run({}, floor="empty")


def test_models_of_other_families_are_named() -> None:
    found = run({"a": "A", "b": "B"}, names={"painter": "hf:org/draw", "embedder": "hf:org/clip"})
    assert "painter hf:org/draw" in found["image_score"].result.how
