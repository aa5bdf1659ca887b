"""Example rows: the picture beside its captions, every phrase marked with what the experts found."""

from collections.abc import Mapping

from diptych.data.graphs import Statement
from diptych.data.records import Caption, Record, Status, Verdict
from diptych.data.regions import Region
from diptych.report.html import Html, cut, join, prose, tag
from diptych.report.numbers import figure
from diptych.report.phrases import OUTCOMES, Outcome, Piece, Said, Told
from diptych.report.thumbnails import Thumbnail

SHOWN = 12  # captions of one row
LONGEST = 1_200  # characters of one caption
MARKS: Mapping[Outcome, str] = {"supported": "✓", "contradicted": "✗", "unknown": "?", "unchecked": "–"}
WORDS: Mapping[Outcome, str] = {
    "supported": "supported",
    "contradicted": "contradicted",
    "unknown": "unknown",
    "unchecked": "not checked",
}


def legend() -> Html:
    """What the marks under the words mean."""
    return tag(
        "ul", [tag("li", tag("span", WORDS[one], class_=f"say {one}"), mark(one)) for one in OUTCOMES], class_="legend", aria_label="Legend"
    )


def mark(outcome: Outcome) -> Html:
    """The sign that stands beside the colour."""
    return tag("span", MARKS[outcome], class_=f"mark {outcome}", aria_hidden="true")


def card(place: str, record: Record, captions: tuple[Told, ...], picture: Thumbnail) -> Html:
    """One row; `place` is a prefix for the ids of its elements."""
    order = sorted(captions, key=lambda one: (one.caption.id not in record.chosen, one.caption.by != "source"))
    worst = sum(one.outcome == "contradicted" for each in captions for one in each.said)
    blocks = [_caption(f"{place}c{n}", one, record) for n, one in enumerate(order[:SHOWN])]
    more = len(order) - len(blocks)
    return tag(
        "article",
        tag("div", _figure(place, record, picture), _hint(place), class_="look"),
        tag(
            "div",
            tag("h3", prose(record.id, 120), id=f"{place}-name"),
            _status(record.status),
            blocks or tag("p", "No captions.", class_="note"),
            tag("p", f"{more} more captions not shown", class_="note") if more > 0 else None,
            class_="said",
        ),
        id=place,
        class_="card",
        tabindex=-1,
        data_status=record.status.kind,
        data_contradicted=worst,
        aria_labelledby=f"{place}-name",
    )


def _figure(place: str, record: Record, picture: Thumbnail) -> Html:
    if not picture.uri:
        return tag("figure", tag("p", "No picture: ", prose(picture.why, 300), class_="missing"))
    image = tag("img", src=picture.uri, width=picture.width, height=picture.height, alt=f"Picture of row {record.id[:120]}", loading="lazy")
    boxes = tag("svg", [_box(place, region) for region in _shown(record)], class_="boxes", aria_hidden="true")
    return tag("figure", tag("div", image, boxes, class_="picture"))


def _shown(record: Record) -> tuple[Region, ...]:
    used = {verdict.region for verdict in record.verdicts}
    return tuple(region for region in record.regions if region.id in used)


def _box(place: str, region: Region) -> Html:
    box = region.box
    left, top = _percent(box.left), _percent(box.top)
    return tag(
        "rect",
        x=f"{left}%",
        y=f"{top}%",
        width=f"{_percent(box.right) - left:.3g}%",
        height=f"{_percent(box.bottom) - top:.3g}%",
        data_region=region.id,
    )


def _percent(fraction: float) -> float:
    return round(100 * min(1.0, max(0.0, fraction)), 2)


def _hint(place: str) -> Html:
    hint = tag("p", "Point at, tap or tab to a phrase to see who said it and who checked it.", class_="hint")
    return tag("div", hint, class_="panel", id=f"{place}-panel", role="status")


def _status(status: Status) -> Html | None:
    if status.kind == "kept":
        return None
    words = tag("strong", "Dropped" if status.kind == "dropped" else "Failed")
    step = join(" by ", tag("code", status.step)) if status.step else None
    return tag("p", words, step, ": ", prose(status.why, 400), class_=f"status {status.kind}")


def _caption(place: str, one: Told, record: Record) -> Html:
    caption = one.caption
    chosen = caption.id in record.chosen
    badge = tag("span", "chosen", class_="badge") if chosen else None
    return tag(
        "div",
        tag("p", tag("span", prose(caption.by, 80), class_="by"), tag("span", caption.style, class_="style"), badge, class_="who"),
        tag("p", _words(place, one, record), class_="caption", dir="auto", lang=caption.language),
        _loose(place, one, record),
        class_="told chosen" if chosen else "told",
    )


def _words(place: str, one: Told, record: Record) -> Html:
    shown, left = [], LONGEST
    for number, piece in enumerate(one.pieces):
        if left <= 0:
            break
        text = piece.text[:left]
        left -= len(text)
        shown.append(_phrase(f"{place}p{number}", text, piece, one.caption, record) if piece.said else tag("span", text))
    more = len(one.caption.text) - LONGEST
    return join(shown, cut(more) if more > 0 else None)


def _phrase(place: str, text: str, piece: Piece, caption: Caption, record: Record) -> Html:
    regions = " ".join(dict.fromkeys(v.region for one in piece.said for v in one.verdicts if v.region))
    words = tag(
        "span",
        text,
        mark(piece.outcome) if piece.outcome in ("contradicted", "unknown") else None,
        class_=f"say {piece.outcome}",
        id=place,
        role="button",
        tabindex=0,
        aria_label=f"{text.strip()}: {WORDS[piece.outcome]}",
        aria_pressed="false",
        data_regions=regions,
    )
    return join(words, tag("template", [_evidence(one, caption, record) for one in piece.said]))


def _loose(place: str, one: Told, record: Record) -> Html | None:
    if not one.loose:
        return None
    items = [
        _phrase(f"{place}l{n}", statement(said.statement), Piece("", (said,)), one.caption, record) for n, said in enumerate(one.loose)
    ]
    return tag("p", "Also said: ", [join(item, " ") for item in items], class_="loose")


def _evidence(one: Said, caption: Caption, record: Record) -> Html:
    by = {other.id: other.by for other in record.captions}
    writers = [tag("li", "from ", tag("b", prose(by[id], 80))) for id in one.origins if id in by]
    lent = tag("p", f"Checked where {by.get(one.lent_by, one.lent_by)[:80]} says the same.", class_="note") if one.lent_by else None
    return tag(
        "div",
        tag(
            "p",
            mark(one.outcome),
            " ",
            tag("b", statement(one.statement)),
            " ",
            tag("span", WORDS[one.outcome], class_=f"word {one.outcome}"),
        ),
        tag(
            "ul",
            tag("li", "said by ", tag("b", prose(caption.by, 80))),
            writers,
            [_verdict(v) for v in dict.fromkeys(_plain(v) for v in one.verdicts)],
        ),
        lent,
        class_="evidence",
    )


def _plain(verdict: Verdict) -> tuple[str, Outcome, str, float | None, bool, bool]:
    return verdict.by, verdict.answer, verdict.said, verdict.score, verdict.self_check, verdict.region is not None


def _verdict(plain: tuple[str, Outcome, str, float | None, bool, bool]) -> Html:
    by, answer, said, score, self_check, boxed = plain
    return tag(
        "li",
        mark(answer),
        " checked by ",
        tag("b", prose(by, 80)),
        join(": “", prose(said, 120), "”") if said else None,
        f" (score {figure(score)})" if score is not None else None,
        tag("span", "box shown", class_="badge box") if boxed else None,
        tag("span", "checks its own family’s caption", class_="badge own") if self_check else None,
    )


def statement(one: Statement) -> str:
    """A statement as short words: "no dog", "dog: brown", "3 dogs" as "dog × 3", "dog · sleep on · couch"."""
    subject = " ".join((*one.subject_is, one.subject))
    denied = "no " if one.negated else ""
    if one.kind == "attribute":
        return f"{denied}{subject}: {one.value}"
    if one.kind == "count":
        return f"{subject} × {one.value}"
    if one.kind == "relation":
        return f"{subject} · {one.value} · {' '.join((*one.object_is, one.object))}"
    if one.kind == "text":
        return f"“{one.value}” written" + (f" on {subject}" if subject else "")
    return f"{denied}{subject}"
