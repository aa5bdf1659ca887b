"""Example rows: the picture beside its captions, every phrase marked with what the experts found."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.records import Record, Status
from diptych.data.regions import Region
from diptych.language.sentence import in_short
from diptych.report.evidence import WORDS, evidence, mark
from diptych.report.html import Html, cut, join, prose, tag
from diptych.report.numbers import figure
from diptych.report.phrases import Piece, Told
from diptych.report.thumbnails import Thumbnail

SHOWN = 12  # captions of one row
LONGEST = 1_200  # characters of one caption
PHRASES = 120  # marked phrases of one caption


@dataclass(frozen=True, slots=True)
class _Card:
    """What the parts of one card share: a prefix for ids, the record, and its boxes' numbers by region id."""

    place: str
    record: Record
    boxes: Mapping[str, int]


def card(place: str, record: Record, captions: tuple[Told, ...], picture: Thumbnail) -> Html:
    """One row; `place` is an id for it, and a prefix of the ids within."""
    used = {verdict.region for verdict in record.verdicts}
    regions = [region for region in record.regions if region.id in used]
    one = _Card(place, record, {region.id: n for n, region in enumerate(regions)})
    order = sorted(captions, key=lambda each: (each.caption.id not in record.chosen, each.caption.by != "source"))
    look = tag("div", _figure(record, regions, picture), _panel(), class_="look")
    name = tag("h3", prose(record.id, 120), id=f"{place}-name", class_="id")
    said = [_caption(f"{place}c{n}", each, one) for n, each in enumerate(order[:SHOWN])] or tag("p", "No captions.", class_="note")
    more = tag("p", f"{len(order) - SHOWN} more captions not shown", class_="note") if len(order) > SHOWN else None
    return tag(
        "article",
        look,
        tag("div", name, _status(record.status), said, more, class_="said"),
        id=place,
        class_="card",
        tabindex=-1,
        data_status=record.status.kind,
        data_contradicted=sum(each.outcome == "contradicted" for caption in captions for each in caption.said),
        aria_labelledby=f"{place}-name",
    )


def _figure(record: Record, regions: list[Region], picture: Thumbnail) -> Html:
    if not picture.uri:
        return tag("figure", tag("p", tag("span", "No picture: ", prose(picture.why, 300)), class_="missing"))
    image = tag("img", src=picture.uri, width=picture.width, height=picture.height, alt=f"Picture of {record.id[:120]}")
    boxes = tag("svg", [_box(number, region) for number, region in enumerate(regions)], class_="boxes", aria_hidden="true")
    return tag("figure", tag("div", image, boxes, class_="picture"))


def _box(number: int, region: Region) -> Html:
    left, top, right, bottom = (round(100 * min(1.0, max(0.0, edge)), 2) for edge in _edges(region))
    place: dict[str, str | int] = {
        "x": f"{left}%",
        "y": f"{top}%",
        "width": f"{right - left:.2f}%",
        "height": f"{bottom - top:.2f}%",
        "rx": 3,
    }
    label = tag("text", region.label[:40], x=f"{left}%", y=f"{top}%", dx=6, dy=17)
    return tag("g", tag("rect", class_="edge", **place), tag("rect", class_="line", **place), label, data_box=number)


def _edges(region: Region) -> tuple[float, float, float, float]:
    box = region.box
    return box.left, box.top, box.right, box.bottom


def _panel() -> Html:
    hint = tag("p", "Point at a phrase, tap it or tab to it: who said it, who checked it, and where in the picture.", class_="hint")
    close = tag("button", "✕", type="button", class_="close", aria_label="Close")
    return tag("div", hint, tag("div", class_="found", role="status"), close, class_="panel")


def _status(status: Status) -> Html | None:
    if status.kind == "kept":
        return None
    kind = tag("b", "Dropped" if status.kind == "dropped" else "Failed")
    step = join(" by ", tag("code", prose(status.step, 80))) if status.step else None
    return tag("p", kind, step, ": ", prose(status.why or "no reason given", 400), class_=f"status {status.kind}")


def _caption(place: str, one: Told, card: _Card) -> Html:
    caption = one.caption
    chosen = caption.id in card.record.chosen
    badge = tag("span", "chosen", class_="badge chosen") if chosen else None
    scores = [tag("span", prose(f"{name} {figure(score)}", 60)) for name, score in list(caption.scores.items())[:4]]
    who = tag("p", tag("span", prose(caption.by, 80), class_="by"), tag("span", prose(caption.style, 40)), scores, badge, class_="who")
    text = tag("p", _words(place, one, card), class_="caption", dir="auto", lang=caption.language[:20])
    return tag("div", who, text, _loose(place, one, card), class_="told chosen" if chosen else "told")


def _words(place: str, one: Told, card: _Card) -> Html:
    if not one.caption.text.strip():
        return tag("span", "(empty)", class_="note")
    shown, left = [], LONGEST
    for number, piece in enumerate(one.pieces):
        text = piece.text[:left]
        if not text or number > 2 * PHRASES:
            break
        left -= len(text)
        bare = text.strip()
        if not piece.said or not bare:
            shown.append(join(text))
            continue
        before, _, after = text.partition(bare)  # a line under spaces would look like words
        shown.append(join(before, _phrase(f"{place}p{number}", bare, piece, one, card), after))
    more = len(one.caption.text) - LONGEST + left
    return join(shown, cut(more) if more > 0 else None)


def _loose(place: str, one: Told, card: _Card) -> Html | None:
    if not one.loose:
        return None
    pieces = [Piece(in_short(said.statement)[:200], (said,)) for said in one.loose[:PHRASES]]
    items = [join(_phrase(f"{place}l{number}", piece.text, piece, one, card), " ") for number, piece in enumerate(pieces)]
    return tag("p", "also says: ", items, class_="loose")


def _phrase(place: str, text: str, piece: Piece, one: Told, card: _Card) -> Html:
    found = dict.fromkeys(card.boxes[v.region] for said in piece.said for v in said.verdicts if v.region and v.region in card.boxes)
    phrase = tag(
        "span",
        text,
        mark(piece.outcome) if piece.outcome in ("contradicted", "unknown") else None,
        class_=f"say {piece.outcome}",
        id=place,
        role="button",
        tabindex=0,
        aria_label=f"{text}: {WORDS[piece.outcome]}",
        aria_pressed="false",
        data_regions=" ".join(map(str, found)),
    )
    return join(phrase, tag("template", [evidence(said, one.caption, card.record) for said in piece.said]))
