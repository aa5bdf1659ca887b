"""The page around the sections: one file, nothing loaded from elsewhere, and only our own script allowed to run."""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from diptych.data.errors import RunError
from diptych.report.drawing import Plot
from diptych.report.html import Child, Html, escape, join, tag


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page, with an id that the table of contents links to."""

    id: str
    title: str
    body: Html


def write_page(out: Path, title: str, lead: Child, sections: Sequence[Section]) -> Path:
    """Writes the page whole or not at all; RunError if the disk refuses."""
    text = page(title, lead, sections)
    part = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(out)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise RunError(f"the report {out} cannot be written ({error.strerror}): free space there or choose another --out") from error
    return out


def page(title: str, lead: Child, sections: Sequence[Section]) -> Html:
    """The whole document."""
    style, script = _asset("page.css"), _asset("page.js")
    allowed = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=allowed),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · diptych"),
        tag("style", style),
    )
    links = [tag("li", tag("a", section.title, href=f"#{section.id}")) for section in sections]
    body = join(
        tag("a", "Skip to content", href="#content", class_="skip"),
        tag("header", tag("h1", tag("bdi", title)), lead, tag("nav", tag("ul", links), aria_label="Sections"), class_="top"),
        tag("main", [_section(section) for section in sections], id="content"),
        tag("footer", tag("p", "Made by diptych. This file is complete in itself and loads nothing.")),
        tag("script", script),
    )
    return Html(f'<!doctype html>\n<html lang="en">\n{tag("head", head)}\n{tag("body", body)}\n</html>\n')


def folded(summary: Child, *body: Child) -> Html:
    """Detail that opens on demand, without a script."""
    return tag("details", tag("summary", summary), *body)


def tile(name: str, value: str, small: str = "") -> Html:
    """One figure for the head of the page."""
    return tag("div", tag("dt", name), tag("dd", value, tag("small", small) if small else None))


def tiles(found: Sequence[Child]) -> Html:
    """Figures side by side."""
    return tag("dl", found, class_="tiles")


def plot_card(title: Child, plot: Plot) -> Html:
    """A plot with its title."""
    return tag("figure", tag("figcaption", title), plot.svg(), class_="small")


def table(head: Sequence[Child], rows: Sequence[Sequence[Child]], caption: str = "") -> Html:
    """A table whose first column names the row."""
    top = tag("thead", tag("tr", [tag("th", cell, scope="col") for cell in head]))
    body = tag("tbody", [tag("tr", tag("th", row[0], scope="row"), [tag("td", cell) for cell in row[1:]]) for row in rows])
    inner = tag("table", tag("caption", caption) if caption else None, top, body)
    return tag("div", inner, class_="wide", tabindex=0, role="region", aria_label=caption or escape("Table"))


def _section(section: Section) -> Html:
    return tag(
        "section", tag("h2", section.title, id=f"{section.id}-title"), section.body, id=section.id, aria_labelledby=f"{section.id}-title"
    )


def _asset(name: str) -> Html:
    return Html(files("diptych.report").joinpath(name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
