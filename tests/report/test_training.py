import json
from pathlib import Path

import pytest

from diptych.data.errors import RunError
from diptych.report.curves import MOST, Curve, curves, thinned
from diptych.report.training import is_training, read_training, training_report


def line(at: int, stage: str, update: int, **terms: float) -> dict[str, object]:
    rates = {"rate": 0.001, "norm": 2.0, "seconds": at / 2, "samples_per_second": 256.0, "waiting": 0.01, "lost": 0}
    return {"at": at, "stage": stage, "update": update, "episode": 0, "loss": sum(terms.values()), "terms": terms, **rates}


LINES = [
    line(50, "warm", 50, contrastive=4.0),
    line(100, "warm", 100, contrastive=3.0),
    {"at": 100, "stage": "warm", "update": 100, "evaluation": {"recall_1": 0.25}},
    {"at": 120, "stage": "<b>", "update": 20, "lost_row": "a"},
    line(150, "<b>", 50, contrastive=2.0, count=1.0),
]
ABOUT = {"seconds": 75.0, "samples_per_second": 250.0, "waiting": 0.02, "lost": 1, "seed": 0, "plan": ["Stage(...)"]}


def folder(where: Path, about: object = ABOUT) -> Path:
    where.mkdir(parents=True, exist_ok=True)
    (where / "train.jsonl").write_text("".join(json.dumps(one) + "\n" for one in LINES) + '{"at": 160, "st')
    if about is not None:
        (where / "diptych.json").write_text(json.dumps(about))
    return where


def test_a_summary_tells_each_terms_ends_by_stage(tmp_path: Path) -> None:
    found = read_training(folder(tmp_path)).summary()
    assert (found["updates"], found["seconds"], found["samples_per_second"], found["waiting"]) == (150, 75.0, 250.0, 0.02)
    assert found["terms"] == {
        "warm": {"contrastive": {"first": 4.0, "last": 3.0}},
        "<b>": {"contrastive": {"first": 2.0, "last": 2.0}, "count": {"first": 1.0, "last": 1.0}},
    }
    assert found["evaluation"] == {"recall_1": 0.25}


def test_lines_for_people(tmp_path: Path) -> None:
    said = list(read_training(folder(tmp_path)).lines())
    assert said[0] == "150 updates in 1 min 15 s, 250 rows/s, 2.0% of the time waiting for data"
    assert said[1].startswith("1 times a picture could not") and said[2] == "warm: contrastive 4 → 3"


def test_the_page_holds_every_part_and_escapes(tmp_path: Path) -> None:
    folder(tmp_path)
    folder(tmp_path / "grammar")
    page = training_report(read_training(tmp_path), tmp_path / "page.html", title="clip on <photos>", rows={"in": 9, "used": 8})
    text = page.read_text(encoding="utf-8")
    assert "<b>:" not in text and "Terms of &lt;b&gt;" in text and "clip on &lt;photos&gt;" in text
    assert "Losses (grammar)" in text and "recall 1" in text and "not finished" not in text and "of 9" in text
    assert text.count("<svg") >= 10


def test_an_unfinished_training_says_so(tmp_path: Path) -> None:
    page = training_report(read_training(folder(tmp_path, None)), tmp_path / "page.html", title="clip")
    assert "not finished" in page.read_text(encoding="utf-8")


def test_a_training_without_a_loop_still_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "diptych.json").write_text(json.dumps({"seconds": 1.0}))
    assert is_training(tmp_path)
    assert "Settings" in training_report(read_training(tmp_path), tmp_path / "page.html", title="x").read_text(encoding="utf-8")


def test_a_damaged_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "diptych.json").write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        read_training(tmp_path)
    assert not is_training(tmp_path / "nothing")


def test_thinning_keeps_means_and_ranges() -> None:
    assert thinned([(1, 1.0), (2, 3.0), (3, 5.0), (4, float("nan")), (5, 7.0)], most=2) == [(1.5, 2.0, 1.0, 3.0), (4.0, 6.0, 5.0, 7.0)]
    many = thinned([(n, n) for n in range(1000)])
    assert len(many) <= MOST and sum(p[1] for p in many) / len(many) == pytest.approx(499.5, abs=3)


def test_curves_draw_each_series_and_stand_without_points() -> None:
    plot = curves([Curve("a", ((0, 1.0), (9, 2.0))), Curve("b", (), "second")], "T", "updates", "loss", parted=(4,))
    assert plot.svg().count("<polyline") == 2 and "a from 1 to 2" in plot.told
