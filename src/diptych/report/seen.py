"""Pictures of a dataset: sizes, shapes, formats, broken ones, copies, and a sheet of small ones."""

from collections import Counter
from collections.abc import Callable, Sequence

from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.report.html import Html, join, prose, tag
from diptych.report.likeness import BITS, NEAR
from diptych.report.looking import Looked
from diptych.report.numbers import count, several, share
from diptych.report.page import folded, plot_card, table
from diptych.report.plots import bars, columns
from diptych.report.thumbnails import thumbnail
from diptych.report.wording import histogram

_BROKEN, _GROUPS, _MEMBERS = 200, 12, 6  # listed on the page
_SMALL = 192  # pixels of a thumbnail's longer side
_SHAPES = (("2:1 upright or taller", 0.5), ("upright", 0.9), ("about square", 1.1), ("wide", 2.0))


def picture_body(found: Looked) -> Html:
    """Histograms, and why pictures could not be opened."""
    if not found.ids:
        return join(tag("p", "No picture could be opened.", class_="note"), _broken(found))
    longer = Counter(map(max, found.widths, found.heights))
    plots = [
        plot_card("Longer side", columns(histogram(longer), "Longer side", "pixels")),
        plot_card("Shape", bars(_shapes(found), "Shape of the pictures")),
        plot_card("Format", bars(dict(found.formats.most_common(8)), "Formats")),
    ]
    return join(tag("div", plots, class_="plots"), _broken(found))


def alike_body(found: Looked, pictures: Callable[[Image], Picture]) -> Html:
    """Copies and near copies, with pictures of the first groups."""
    copies, near = found.copies(), found.alike()
    how = (
        f"Exact: the same bytes (sha256). Near: at most {NEAR} of {BITS} bits of a difference hash on an 8 × 8 grid differ, which finds "
        "resized, recompressed and lightly edited copies; nearly flat pictures are not compared."
    )
    return join(
        tag("p", how, class_="note"), _groups("Exact copies", copies, found, pictures), _groups("Near copies", near, found, pictures)
    )


def sheet(records: Sequence[Record], pictures: Callable[[Image], Picture]) -> Html:
    """Small pictures with their first caption."""
    return tag("ul", [_small(record, pictures) for record in records], class_="sheet")


def _small(record: Record, pictures: Callable[[Image], Picture]) -> Html:
    made = thumbnail(record.subject, pictures, 256)
    image = tag("img", src=made.uri, width=made.width, height=made.height, alt=record.id[:120]) if made.uri else None
    missing = None if made.uri else tag("p", prose(made.why, 160), class_="missing")
    first = tag("p", prose(record.captions[0].text, 140), dir="auto") if record.captions else None
    return tag("li", image, missing, first, tag("p", prose(record.id, 80), class_="note"))


def _shapes(found: Looked) -> dict[str, int]:
    shapes = dict.fromkeys([*(name for name, _ in _SHAPES), "2:1 or wider"], 0)
    for width, height in zip(found.widths, found.heights, strict=True):
        shapes[next((name for name, most in _SHAPES if width / height <= most), "2:1 or wider")] += 1
    return shapes


def _broken(found: Looked) -> Html | None:
    if not found.broken:
        return tag("p", "Every picture that was opened is whole.", class_="note")
    rows = [(prose(id, 120), prose(why, 300)) for id, why in found.broken[:_BROKEN]]
    rest = len(found.broken) - len(rows)
    more = tag("p", f"and {several(rest, 'more picture')}", class_="note") if rest else None
    whole = len(found.ids) + len(found.broken)
    head = f"{several(len(found.broken), 'picture')} could not be opened ({share(len(found.broken), whole)})"
    return folded(head, table(("row", "why"), rows, "Pictures that could not be opened"), more)


def _groups(name: str, groups: Sequence[Sequence[int]], found: Looked, pictures: Callable[[Image], Picture]) -> Html:
    members = sum(map(len, groups))
    if not groups:
        return tag("h3", f"{name}: none", class_="bare")
    head = tag("h3", f"{name}: {several(len(groups), 'group')}, {count(members)} pictures", class_="bare")
    shown = [_group(group, found, pictures) for group in groups[:_GROUPS]]
    rest = len(groups) - len(shown)
    return join(head, shown, tag("p", f"and {several(rest, 'more group')}", class_="note") if rest else None)


def _group(group: Sequence[int], found: Looked, pictures: Callable[[Image], Picture]) -> Html:
    figures = []
    for index in group[:_MEMBERS]:
        made = thumbnail(found.images[index], pictures, _SMALL)
        size = f"{found.widths[index]} × {found.heights[index]}"
        image = tag("img", src=made.uri, width=made.width, height=made.height, alt=found.ids[index][:120]) if made.uri else None
        figures.append(tag("figure", image, tag("figcaption", prose(found.ids[index], 60), tag("br"), size)))
    more = tag("span", f"and {len(group) - _MEMBERS} more", class_="note") if len(group) > _MEMBERS else None
    return tag("div", figures, more, class_="alike")
