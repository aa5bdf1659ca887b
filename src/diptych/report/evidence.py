"""What stands behind a phrase: its statements, who said them, who checked them and with what answer."""

from collections.abc import Mapping

from diptych.data.records import Caption, Record
from diptych.language.sentence import in_short
from diptych.report.html import Html, join, prose, tag
from diptych.report.numbers import figure
from diptych.report.phrases import OUTCOMES, Outcome, Said

MARKS: Mapping[Outcome, str] = {"supported": "✓", "contradicted": "✗", "unknown": "?", "unchecked": "–"}
WORDS: Mapping[Outcome, str] = {"supported": "supported", "contradicted": "contradicted", "unknown": "unknown", "unchecked": "not checked"}
_Checked = tuple[str, Outcome, str, float | None, bool, bool]  # by, answer, said, score, self_check, has a box


def legend() -> Html:
    """What the lines and marks under the words mean."""
    items = [tag("li", tag("span", WORDS[one], class_=f"say {one}"), mark(one)) for one in OUTCOMES]
    return tag("ul", items, class_="legend", aria_label="Legend")


def mark(outcome: Outcome) -> Html:
    """The sign that stands beside the colour, for those who cannot tell the colours apart."""
    return tag("span", MARKS[outcome], class_=f"mark {outcome}", aria_hidden="true")


def evidence(one: Said, caption: Caption, record: Record) -> Html:
    """One statement with its writers and its verdicts."""
    by = {other.id: other.by for other in record.captions}
    checked: list[_Checked] = [(v.by, v.answer, v.said, v.score, v.self_check, v.region is not None) for v in one.verdicts]
    head = (
        mark(one.outcome),
        " ",
        tag("b", prose(in_short(one.statement), 200)),
        " ",
        tag("span", WORDS[one.outcome], class_=f"word {one.outcome}"),
    )
    return tag(
        "div",
        tag("p", head),
        tag("ul", tag("li", "said by ", _who(caption.by)), _sources(one, by), [_verdict(item) for item in dict.fromkeys(checked)]),
        _lent(one, by),
        class_="evidence",
    )


def _sources(one: Said, by: Mapping[str, str]) -> list[Html]:
    return [tag("li", "from ", _who(writer)) for writer in dict.fromkeys(by[id] for id in one.origins if id in by)]


def _lent(one: Said, by: Mapping[str, str]) -> Html | None:
    if not one.lent_by or one.lent_by in one.origins:
        return None
    return tag("p", "Checked where ", _who(by.get(one.lent_by, one.lent_by)), " says the same.", class_="note")


def _verdict(item: _Checked) -> Html:
    by, answer, said, score, self_check, boxed = item
    return tag(
        "li",
        mark(answer),
        " checked by ",
        _who(by),
        join(": “", prose(said, 160), "”") if said else None,
        f", score {figure(score)}" if score is not None else None,
        join(" ", tag("span", "box shown", class_="badge")) if boxed else None,
        join(" ", tag("span", "self-check: same family wrote it", class_="badge own")) if self_check else None,
    )


def _who(by: str) -> Html:
    return tag("span", prose(by, 80), class_="by")
