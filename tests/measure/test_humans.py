"""Ratings of people: readers, protocols, tables; both published protocols on the real ratings where these are present."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import DiptychError, InputError, SourceError
from diptych.measure.agreement import kendall_tau_c
from diptych.measure.humans import (
    MEAN,
    PROTOCOLS,
    REMOVED,
    SINGLE,
    against_baseline,
    against_humans,
    measure_against_humans,
    rows_of,
    scores_of,
)
from diptych.measure.lexical_match import lexical_match
from diptych.measure.ratings import Ratings, read_ratings
from diptych.measure.scores import Scored, scored

SHARED = Path(__file__).parents[3] / "shared" / "data" / "flickr8k_judgements"


def rated() -> Ratings:
    """Three images, four pairs; the second pair's candidate is a reference, the third has one rating alone, the last none."""
    nan = math.nan
    return Ratings(
        ("a", "a", "b", "c"), ("a dog", "a cat", "a man", "a car"), (("a cat", "a pet"), ("a cat", "a pet"), ("men",), ("a bus",)),
        np.array([[1, 2, 3], [4, 4, 4], [nan, 2, nan], [nan] * 3]),
    )  # fmt: skip


def test_protocols_make_rows() -> None:
    scores = [0.1, 0.9, 0.5, 0.3]
    assert [list(column) for column in rows_of(scores, rated(), MEAN)] == [[0.1, 0.9, 0.5], [2.0, 4.0, 2.0], ["a", "a", "b"]]
    x, y, images = rows_of(scores, rated(), SINGLE)
    assert x.tolist() == [0.1] * 3 + [0.9] * 3 + [0.5] and y.tolist() == [1, 2, 3, 4, 4, 4, 2] and images == ["a"] * 6 + ["b"]
    x, y, images = rows_of(scores, rated(), REMOVED)
    assert x.tolist() == [0.1] * 3 + [0.5] and y.tolist() == [1, 2, 3, 2] and images == ["a"] * 3 + ["b"]
    with pytest.raises(InputError, match="each of 4 rated pairs, got 3"):
        rows_of([1, 2, 3], rated(), MEAN)


def test_each_pair_is_scored_as_an_image_of_its_own() -> None:
    def length(candidates, references, *, resamples: int = 1) -> Scored:
        assert list(references) == list(candidates)
        return scored("length", list(candidates), [len(text) for text in candidates.values()], resamples=resamples)

    assert scores_of((length, lambda c, r, **k: (length(c, r), lexical_match(c, r, **k))), rated())["length"].tolist() == [5, 5, 5, 5]


def test_tables_name_protocol_statistic_and_metric() -> None:
    found = against_humans({"m": [0.1, 0.9, 0.5, 0.3], "n": [1, 2, math.nan, 0]}, rated(), by=("spearman",), resamples=20)
    assert list(found) == [SINGLE.name, REMOVED.name, MEAN.name] and PROTOCOLS[-1] is MEAN and list(found[MEAN.name]) == ["spearman"]
    m, n = found[SINGLE.name]["spearman"]
    assert (m.name, m.n, n.name, n.n) == ("m", 7, "n", 6)
    assert "spearman, single ratings, all pairs" in m.how and "1 of 7 rows" in n.how


def test_a_metric_against_another() -> None:
    ratings = rated()
    found = against_baseline([1, 2, 3, 4], [2, 1, 3, 4], ratings, protocol=SINGLE, resamples=20)
    x, y, _ = rows_of([1, 2, 3, 4], ratings, SINGLE)
    other = rows_of([2, 1, 3, 4], ratings, SINGLE)[0]
    assert found.difference.value == pytest.approx(kendall_tau_c(x, y) - kendall_tau_c(other, y)) and found.n == 7


def write_folder(folder: Path) -> None:
    rows = ['"id","j1","j2","j3","imageid","textid","refid"', '"0","1","2","","i.jpg","t#0","r"', '"1","4","4","4","k.jpg","t#1","r"']
    (folder / "judgements").write_text("\n".join(rows) + "\n")
    for name, lines in {"candidates": "a dog\na cat", "ref-0": "a pup\na cat", "ref-1": "a pet\na kitten"}.items():
        (folder / name).write_text(lines + "\n")


def test_a_folder_of_judgements(tmp_path: Path) -> None:
    write_folder(tmp_path)
    found = read_ratings(tmp_path)
    assert found.images == ("i.jpg", "k.jpg") and found.references == (("a pup", "a pet"), ("a cat", "a kitten"))
    np.testing.assert_array_equal(found.ratings_NJ, [[1, 2, math.nan], [4, 4, 4]])
    assert found.copied.tolist() == [False, True]
    (tmp_path / "ref-1").write_text("a pet\n")
    with pytest.raises(SourceError, match=r"one line a pair, got \[2, 2, 2, 1\]"):
        read_ratings(tmp_path)
    (tmp_path / "ref-1").write_text("a pet\na kitten\n")
    (tmp_path / "judgements").write_text("id,rating\n1,2\n2,3\n")
    with pytest.raises(SourceError, match=r"columns imageid, j1, j2, \.\.\., got id, rating"):
        read_ratings(tmp_path)
    for broken in ("imageid,j1,\n1,2,\n1,3,\n", "imageid,j1\n1,2\n2,3,4\n", "j1,imageid\n1,i\n2\n"):
        (tmp_path / "judgements").write_text(broken)
        if broken.startswith("imageid,j1,"):
            assert read_ratings(tmp_path).ratings_NJ.tolist() == [[2], [3]]  # a column without a name is none
            continue
        with pytest.raises(SourceError, match="row 1: it must name an image and have no more cells"):
            read_ratings(tmp_path)
    (tmp_path / "ref-0").write_bytes(b"\xff\n\n")
    with pytest.raises(SourceError, match="cannot be read"):
        read_ratings(tmp_path)
    (tmp_path / "candidates").unlink()
    with pytest.raises(SourceError, match="candidates"):
        read_ratings(tmp_path)


def test_json_lines_and_csv_say_the_same(tmp_path: Path) -> None:
    rows = [
        {"id": "x", "candidate": "a dog, running", "references": ["a pup", "a pet"], "rating": [1, None, 3]},
        {"id": "y", "candidate": "a cat", "references": ["a kitten"], "rating": [4]},
    ]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "r.csv").write_text(
        "id,candidate,reference_1,reference_2,rating_1,rating_2,rating_3\n"
        'x,"a dog, running",a pup,a pet,1,,3\ny,a cat,a kitten,,4,,\n'
    )  # fmt: skip
    (tmp_path / "lists.csv").write_text(
        'id,candidate,references,rating\nx,"a dog, running","[""a pup"", ""a pet""]",1\ny,a cat,a kitten,4\n'
    )
    one, two, three = (read_ratings(tmp_path / name) for name in ("r.jsonl", "r.csv", "lists.csv"))
    for other in (two, three):
        assert (other.images, other.candidates, other.references) == (one.images, one.candidates, one.references)
    np.testing.assert_array_equal(one.ratings_NJ, two.ratings_NJ)
    np.testing.assert_array_equal(one.ratings_NJ, [[1, math.nan, 3], [4, math.nan, math.nan]])
    found = measure_against_humans(tmp_path / "r.csv", (lexical_match,), by=("kendall_tau_b",), resamples=0)
    assert found[MEAN.name]["kendall_tau_b"][0].name == "lexical_match"


def test_rows_without_an_id_are_images_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("candidate,reference,rating,id\na,b,1,\nc,d,2\n")
    assert read_ratings(tmp_path / "r.csv").images == ("0", "1")


def test_lists_in_lists_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text("[" * 100_000)
    with pytest.raises(SourceError, match="cannot be read"):
        read_ratings(tmp_path / "r.jsonl")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"candidate": "x", "references": ["y"], "rating": "good"}, "row 0: a rating must be a number or empty, got 'good'"),
        ({"candidate": "x", "references": [], "rating": 1}, "references must be one or more texts"),
        ({"candidate": 3, "references": ["y"], "rating": 1}, "needs a text `candidate`"),
        ({"candidate": "x", "references": ["y"]}, "holds no rating"),
        ([1], "needs a text `candidate`"),
    ],
)
def test_what_is_no_rating_is_named(tmp_path: Path, row: object, said: str) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(SourceError, match=said):
        read_ratings(tmp_path / "r.jsonl")


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    for name in ("r.csv", "r.jsonl"):
        file = tmp_path_factory.getbasetemp() / name
        file.write_text("candidate,rating,references\n" * (name == "r.csv") + text, encoding="utf-8", errors="replace")
        try:
            assert len(read_ratings(file).candidates) > 0
        except DiptychError as error:
            assert str(error)


@pytest.fixture(scope="module")
def judged() -> tuple[Ratings, dict[str, np.ndarray]]:
    if not SHARED.is_dir():
        pytest.skip("shared data absent")
    stored = json.loads((SHARED / "reference_scores.json").read_text())["per_pair"]
    return read_ratings(SHARED), {name: np.array(stored[name]) for name in ("CIDEr", "METEOR")}


def test_the_published_protocols_give_the_published_numbers(judged) -> None:
    ratings, scores = judged
    assert len(ratings.candidates) == 5822 and ratings.copied.sum() == 158 and len(set(ratings.images)) == 1000
    found = against_humans(scores, ratings, resamples=0)
    cider, meteor = found[SINGLE.name]["spearman"]
    assert (cider.n, f"{cider.value:.4f}", f"{meteor.value:.4f}") == (17466, "0.5817", "0.5599")  # published: .581 and .560
    cider, meteor = found[REMOVED.name]["kendall_tau_c"]
    assert (cider.n, f"{cider.value:.3f}", f"{meteor.value:.3f}") == (16992, "0.439", "0.418")


def test_content_words_agree_better_than_cider_on_images_not_chosen_on(judged) -> None:
    from diptych.data.draws import uniform  # noqa: PLC0415

    ratings, scores = judged
    half = np.array([uniform("half", image) >= 0.5 for image in ratings.images])
    values = scores_of((lexical_match,), ratings)["lexical_match"]
    part = ratings.of(half)
    found = against_humans({"lexical_match": values[half]}, part, by=("kendall_tau_c",), protocols=(REMOVED,), resamples=200)
    result = found[REMOVED.name]["kendall_tau_c"][0]
    assert result.n == 8607 and result.value == pytest.approx(0.536, abs=0.0005) and result.low > 0.449  # SPICE as published
    assert against_baseline(values[half], scores["CIDEr"][half], part, resamples=200).difference.low > 0.06
