from math import inf, nan
from xml.etree import ElementTree

import pytest

from diptych.report.drawing import WIDTH, Axis, Mark, spread, ticks
from diptych.report.numbers import duration, figure, several, share
from diptych.report.plots import Dot, Line, bars, columns, dots, lines, strip

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 20, [0, 5, 10, 15, 20]), (-0.2, 0.4, [-0.2, 0, 0.2, 0.4]), (0, 1234, [0, 500, 1000])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_ticks_of_counts_are_whole() -> None:
    assert ticks(0, 2, 1) == [0, 1, 2]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.3, 0.9], (0, 1)),
        ([8.3, 15.9], (8, 16)),
        ([3, 15], (0, 15)),
        ([100, 104], (100, 104)),
        ([0.5, 0.5], (0, 1)),
        ([5e-6, 5e-6], (0, 1e-5)),
        ([nan, inf, 0.2, 0.9], (0, 1)),
        ([], (0, 1)),
    ],
)
def test_axis_ends_hold_the_values(values: list[float], expected: tuple[float, float]) -> None:
    assert spread(values) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[1e-9, 2e-6], [-5, -4.99], [1e9, 3e9], [0.0], [7, 7, 7], [0.279, 0.507]])
def test_axis_ends_are_never_the_same(values: list[float]) -> None:
    low, high = spread(values)
    assert low <= min(values) <= max(values) <= high
    assert low < high
    assert [ticks(low, high)[0], ticks(low, high)[-1]] == pytest.approx([low, high])


def test_axis_maps_onto_pixels() -> None:
    axis = Axis(0, 10, 100, 300)
    assert [axis(0), axis(5), axis(10), axis(99), axis(-99)] == [100, 200, 300, 300, 100]


def test_a_dot_stands_where_its_value_is() -> None:
    plot = parsed(dots([Dot("before", 0.25, 0.2, 0.3, "before"), Dot("after", 0.75, 0.7, 0.8, "after")], "m").svg())
    circles = plot.findall(f"{SVG}circle")
    axis = Axis(0, 1, 12, WIDTH - 12)
    assert [float(circle.get("cx", "")) for circle in circles] == [axis(0.25), axis(0.75)]
    spans = [(float(line.get("x1", "")), float(line.get("x2", ""))) for line in plot.findall(f"{SVG}line[@class='line after']")]
    assert (axis(0.7), axis(0.8)) in spans
    assert "after 0.750 [0.700, 0.800]" in (plot.findtext(f"{SVG}title") or "")


def test_differences_are_shown_against_zero() -> None:
    plot = parsed(dots([Dot("d", 0.32, 0.31, 0.33)], "d", differences=True).svg())
    (zero,) = plot.findall(f"{SVG}line[@class='zero']")
    (dot,) = plot.findall(f"{SVG}circle")
    assert float(zero.get("x1", "")) < float(dot.get("cx", ""))


def test_lines_have_bands_and_references() -> None:
    series = [Line("a", ((0, 1, 0.5, 1.5), (1, 2, 1.5, 2.5))), Line("b", ((0, -1, -1, -1), (1, 0, 0, 0)), "second")]
    plot = parsed(lines(series, "t", "x", "y", [Mark("oracle", 2.2)]).svg())
    assert len(plot.findall(f"{SVG}polygon")) == len(plot.findall(f"{SVG}polyline")) == 2
    assert plot.find(f"{SVG}line[@class='mark oracle']") is not None
    band = plot.find(f"{SVG}polygon")
    assert band is not None
    assert len(band.get("points", "").split()) == 4


def test_one_point_and_no_point_can_be_drawn() -> None:
    parsed(lines([Line("a", ((3.0, 1.0, 1.0, 1.0),))], "t", "x", "y").svg())
    parsed(lines([], "t", "x", "y").svg())
    parsed(dots([], "t").svg())
    parsed(bars({}, "t").svg())
    parsed(columns([], "t", "u").svg())


def test_what_is_no_number_is_not_drawn() -> None:
    plot = parsed(dots([Dot("a", nan, nan, nan), Dot("b", 0.5, -inf, nan)], "t").svg())
    assert len(plot.findall(f"{SVG}circle")) == 1
    assert "nan" not in ElementTree.tostring(plot, "unicode").lower()
    plot = parsed(lines([Line("a", ((0, nan, nan, nan), (1, 2, 1, 3)))], "t", "x", "y").svg())
    assert len(plot.findall(f"{SVG}circle")) == 1


def test_bars_are_in_proportion() -> None:
    plot = parsed(bars({"a": 10, "b": 5, "none": 0}, "t").svg())
    widths = [float(bar.get("width", "")) for bar in plot.findall(f"{SVG}rect[@class='fill plain']")]
    assert widths == [WIDTH - 2, (WIDTH - 2) / 2, 0]


def test_columns_are_in_proportion() -> None:
    plot = parsed(columns([(0, 5, 10), (5, 10, 5)], "t", "words").svg())
    heights = [float(bar.get("height", "")) for bar in plot.findall(f"{SVG}rect[@class='fill plain']")]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    told = columns([(0, 5, 10), (5, inf, 2)], "t", "words").svg()
    assert "last: 5 or more" in told
    parsed(told)


def test_a_strip_is_cut_in_proportion() -> None:
    pieces = parsed(strip([("kept", 3), ("dropped", 0), ("failed", 1)], 4, "3 of 4")).findall("rect")
    assert [(p.get("x"), p.get("width")) for p in pieces] == [("0.000%", "75.000%"), ("75.000%", "25.000%")]
    assert not parsed(strip([("kept", 0)], 0, "none")).findall("rect")


def test_hostile_names_stay_text() -> None:
    name = '<script>alert(1)</script>"&'
    assert "<script" not in dots([Dot(name * 5, 0, 0, 1)], name, unit=name).svg() + bars({name: 1}, name).svg()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.6123, "0.612"),
        (8.3, "8.30"),
        (15.94, "15.9"),
        (1234.5, "1,234"),
        (-0.0316, "−0.032"),
        (0, "0.000"),
        (0.00004, "4e−05"),
        (nan, "-"),
    ],
)
def test_figures(value: float, expected: str) -> None:
    assert figure(value) == expected


def test_words_around_numbers() -> None:
    assert [share(1, 8), share(1, 1000), share(999, 1000), share(0, 5), share(1, 0)] == ["12 %", "0.1 %", "99.9 %", "0 %", "-"]
    assert [duration(0.0123), duration(12.34), duration(245), duration(7620)] == ["12 ms", "12.3 s", "4 min 05 s", "2 h 07 min"]
    assert [several(1, "row"), several(1200, "row")] == ["1 row", "1,200 rows"]
