"""The page of measured captions."""

import math
from pathlib import Path

from diptych.data.results import Difference, Result
from diptych.report import measures_report
from diptych.report.measures import Apart, Shown, Taken, histogram, nearest_first


def shown(name: str, shift: float = 0.0, better: str = "higher") -> Shown:
    values = {f"i{n}": (n / 10 + shift if n else math.nan) for n in range(12)}
    result = Result("cider", 0.5 + shift, 0.4, 0.6, 12, better, "<b>made</b> so")
    captions = {id: (f"caption {id} <script>alert(1)</script>",) for id in values}
    return Shown(name, {"cider": Taken(result, values)}, captions, dict.fromkeys(values, ("ref 1", "ref 2", "ref 3", "ref 4")))


def written(out: Path, *systems: Shown, **more) -> str:
    return measures_report(systems, out / "report.html", **more).read_text(encoding="utf-8")


def test_best_and_worst_captions_with_their_references(tmp_path: Path) -> None:
    page = written(tmp_path, shown("ours"), command="diptych measure cider <x>")
    best, worst = page.index("caption i11"), page.index("caption i1 ")
    assert best < worst and "caption i6" not in page  # five at each end
    assert "and 1 more" in page and "1 image undefined" in page and "diptych measure cider &lt;x&gt;" in page
    assert "<script>alert" not in page and "&lt;b&gt;made&lt;/b&gt; so" in page


def test_lower_is_better_turns_the_ends(tmp_path: Path) -> None:
    page = written(tmp_path, shown("ours", better="lower"))
    assert page.index("caption i1 ") < page.index("caption i11")
    assert "Highest" in written(tmp_path, shown("ours", better="none"))


def test_systems_side_by_side(tmp_path: Path) -> None:
    apart = Apart("cider", Difference("ours", "theirs", 0.2, 0.1, 0.3), 0.994)
    page = written(tmp_path, shown("ours", 0.2), shown("theirs"), apart=[apart])
    assert "ours − theirs" in page and "+0.200" in page and "99.4 %" in page and "2 systems, 12 images, 1 metric." in page


def test_p_and_holms_where_several_pairs_were_compared(tmp_path: Path) -> None:
    difference = Difference("ours", "theirs", 0.2, 0.1, 0.3)
    one = written(tmp_path, shown("ours", 0.2), shown("theirs"), apart=[Apart("cider", difference, 1.0, "< 0.0001")])
    assert "&lt; 0.0001" in one and "Holm" not in one
    several = written(tmp_path, shown("ours", 0.2), shown("theirs"), apart=[Apart("cider", difference, 0.99, "0.02", "0.04")])
    assert "p (Holm)" in several and "0.04" in several


def test_why_a_caption_scores_so(tmp_path: Path) -> None:
    why = {"a": {"wrong": ["horse", "horse", "<i>"], "objects": [f"object{n}" for n in range(8)]}, "b": {"wrong": [], "objects": []}}
    result = Result("chair_i", 0.5, math.nan, math.nan, 2, "lower")
    page = written(tmp_path, Shown("ours", {"chair_i": Taken(result, {"a": 1.0, "b": 1e-9}, why)}, {"a": ("a horse",), "b": ("b",)}))
    assert "horse (2 times), &lt;i&gt;" in page and "object5" in page and "object6" not in page and "and 2 more" in page
    assert page.count(">none<") == 2 and "references</th>" not in page and "Best to worst" in page
    assert "1e-09" not in page and ">why</th>" in page
    assert ">why</th>" not in written(tmp_path, shown("ours"))


def test_the_nearest_reference_stands_first() -> None:
    assert nearest_first(["A cat.", "one dog", "The dog runs"], ["the dog runs far"]) == ["The dog runs", "one dog", "A cat."]
    assert nearest_first(["b", "a", ""], []) == ["b", "a", ""] and nearest_first([], ["a"]) == []


def test_a_metric_of_the_whole_set_has_no_ends(tmp_path: Path) -> None:
    whole = Shown(
        "ours", {"distinct_1": Taken(Result("distinct_1", 0.1, math.nan, math.nan, 2), {"a": math.nan, "b": math.nan})}, {"a": ("x",)}
    )
    page = written(tmp_path, whole)
    assert "No image has a value of its own." in page and 'class="interval"' not in page


def test_histograms_count_every_value() -> None:
    found = histogram([0.0, 0.05, 1.0, 1.0])
    assert len(found) == 20 and sum(n for *_, n in found) == 4
    assert found[0] == (0.0, 0.05, 1) and found[1][2] == 1 and found[-1][2] == 2
    assert histogram([2.0, 2.0]) == [(1.5, 2.5, 2)]
