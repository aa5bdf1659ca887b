from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from report_samples import text_of

from diptych.data.results import Difference, Effect, Result
from diptych.report import effect_report, effect_svg


def result(name: str, value: float, near: float = 0.01) -> Result:
    return Result(name, value, value - near, value + near, 2500)


def point(value: float) -> dict[str, float]:
    gain = 0.32 - value
    return {"value": value, "fact_precision difference": gain, "fact_precision low": gain - 0.02, "fact_precision high": gain + 0.02,
            "fact_precision best single": 0.6, "fact_precision checked": 0.6 + gain}  # fmt: skip


EFFECT = Effect(
    "visual_fact_checker",
    "fact_precision",
    "higher",
    (result("best single", 0.61), result("checked", 0.934)),
    Difference("checked", "best single", 0.324, 0.31, 0.338),
    {"fact_recall": {"least": -0.05, "difference": -0.08, "low": -0.1, "high": -0.06, "held": False}},
    {"detector_error": tuple(map(point, (0.0, 0.1, 0.4, 0.8)))},
    replace(result("oracle", 0.995, 0.001), how="never errs; over rows"),
    replace(result("chance", 0.52), how="guesses"),
    False,
    "the guard on fact_recall is broken <oh>",
    (0, 1, 2),
    75.2,
    {"checked": (Result("words_per_caption", 14.1, 13.9, 14.3, 2500, "none"),)},
)


def test_the_page_tells_arms_difference_guards_and_why(tmp_path: Path) -> None:
    said = text_of(effect_report([EFFECT], tmp_path / "e.html").read_text())
    for words in ("✗ not shown", "the guard on fact_recall is broken <oh>", "checked − best single",
                  "+0.324 [0.310, 0.338]", "0.934 [0.924, 0.944]",
                  "oracle never errs", "chance guesses", "2,500", "broken", "−0.080", "words per caption",
                  "3 seeds (0, 1, 2), 1 min 15 s"):  # fmt: skip
        assert words in said, words


def test_several_effects_have_a_summary_and_places_of_their_own(tmp_path: Path) -> None:
    shown = replace(EFFECT, recipe="fusecap", shown=True)
    text = effect_report([EFFECT, shown], tmp_path / "e.html").read_text()
    assert 'id="effect-0"' in text
    assert 'id="effect-1"' in text
    assert "✓ shown" in text_of(text)


def test_the_drawing_stands_alone() -> None:
    text = effect_svg(EFFECT)
    drawing = ElementTree.fromstring(text)
    space = {"s": "http://www.w3.org/2000/svg"}
    plots = drawing.findall("s:svg", space)
    assert len(plots) == 4  # arms, difference, arms along the sweep, difference along the sweep
    assert len(drawing.findall(".//s:polyline", space)) == 3
    assert drawing.findall(".//s:line[@class='mark oracle']", space)
    (along,) = [plot for plot in plots if "fact precision along" in plot.findtext("s:title", "", space)]
    two = along.findall("s:polyline", space)
    baseline, method = ([float(at.split(",")[1]) for at in one.get("points", "").split()] for one in two)
    assert len(set(baseline)) == 1  # the baseline does not change along the sweep
    assert method == sorted(method)  # the method falls, and upwards is less on a screen
    assert method[0] < baseline[0] < method[-1]
    for plot in plots:
        assert 0 <= float(plot.get("x", "")) <= float(drawing.get("width", "")) - float(plot.get("width", ""))
        assert float(plot.get("y", "")) + float(plot.get("height", "")) <= float(drawing.get("height", ""))
    assert "class" not in drawing.attrib
    assert "style" not in text


def test_an_effect_with_little_in_it(tmp_path: Path) -> None:
    bare = Effect("x", "m", "lower", (), Difference("a", "b", 0.0, 0.0, 0.0))
    ElementTree.fromstring(effect_svg(bare))
    assert "not shown" in text_of(effect_report([bare], tmp_path / "e.html").read_text())


def test_what_was_trained_counts_seeds_and_says_how_each_arm_was_made(tmp_path: Path) -> None:
    how = "arms from one start; t interval over 3 seeds, 95%"
    arms = tuple(replace(arm, n=3, how=how) for arm in EFFECT.arms)
    made = replace(
        EFFECT,
        arms=arms,
        oracle=replace(EFFECT.oracle, n=3, how=f"sees all; {how}"),
        others={"checked": (Result("error", 0.1, 0, 0.2, 3, "lower"),)},
    )
    said, plain = (" ".join(text_of(effect_report([one], tmp_path / "e.html").read_text()).split()) for one in (made, EFFECT))
    head = "armfact precision"
    assert f"{head}seeds" in said and f"{head}nbest" in plain
    assert f"best single, checked{how}" in said and "oracle sees all" in said
    assert "−0.080 [−0.100, −0.060]" in said  # a guard with its interval
