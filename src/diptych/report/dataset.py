"""A dataset as one page: its pictures, what is broken or there twice, its captions and what they state."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diptych.data.errors import SourceError
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.engine.progress import Progress
from diptych.report.choose import Sample
from diptych.report.counted import statement_plots, wording_body
from diptych.report.gallery import show
from diptych.report.html import Child, Html, join, prose, tag
from diptych.report.looking import Looked, look
from diptych.report.numbers import count, figure, several, share
from diptych.report.page import Section, table, tile, tiles, write_page
from diptych.report.seen import alike_body, picture_body, sheet
from diptych.report.stating import Stated, stated
from diptych.report.wording import Wording

_CARDS = 6  # rows shown with every caption, where there are captions
_DRAWN = "Rows drawn by their ids. A dashed line marks words that make a statement: a thing, an attribute, a number or a relation."


@dataclass(slots=True)
class _Read:
    """What reading all records has shown, and the samples drawn from them."""

    opened: Sample
    parsed: Sample
    shown: Sample
    rows: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    wording: Wording = field(default_factory=Wording)

    def add(self, record: Record) -> None:
        """Counts one record."""
        self.rows += 1
        if record.status.kind == "failed":
            self.failed[record.status.why] += 1
            return
        self.wording.add(record)
        self.opened.offer(record)
        self.shown.offer(record)
        if record.captions:
            self.parsed.offer(record)


def dataset_report(
    records: Iterable[Record],
    out: Path,
    *,
    title: str,
    pictures: Callable[[Image], Picture],
    notes: Sequence[str] = (),
    examples: int = 24,
    most_pictures: int = 2_000,
    most_captions: int = 5_000,
    progress: bool = True,
) -> Path:
    """Writes one HTML file that opens offline; SourceError if there are no records, RunError if the disk refuses.

    All records are read; of larger datasets `most_pictures` pictures, drawn by their ids, are opened, and the captions of
    `most_captions` records parsed. The page says so.
    """
    bar = Progress(progress)
    read = _Read(Sample(most_pictures), Sample(most_captions), Sample(examples))
    bar.stage("reading", None)
    for record in records:
        read.add(record)
        bar.advance(1)
    if not read.rows:
        raise SourceError(f"{title!r} holds no records: give a folder of pictures, or a table with captions")
    bar.stage("opening pictures", len(read.opened))
    looked = look(read.opened, pictures, bar.advance)
    bar.stage("parsing captions", len(read.parsed))
    said = stated(read.parsed, bar.advance)
    bar.close()
    lead = join([tag("p", prose(note), class_="lead") for note in notes], _tiles(read, looked))
    return write_page(out, title, lead, _sections(read, looked, said, pictures))


def _sections(read: _Read, looked: Looked, said: Stated, pictures: Callable[[Image], Picture]) -> list[Section]:
    cards = list(read.parsed)[:_CARDS]
    sections = [
        Section("pictures", "Pictures", join(_sampled(read, looked), picture_body(looked), _unread(read.failed))),
        Section("alike", "Found more than once", alike_body(looked, pictures)),
        Section("captions", "Captions", wording_body(read.wording)),
    ]
    if said.parsed:
        sections.append(Section("statements", "What the captions state", _statements(read, said)))
    sections.append(Section("sample", "A look inside", sheet(list(read.shown), pictures)))
    if cards:
        sections.append(
            Section(
                "examples",
                "How captions are read",
                show(cards, read.rows, pictures, drawn=_DRAWN),
            )
        )
    return sections


def _tiles(read: _Read, looked: Looked) -> Html:
    found: list[Child] = [tile("rows", count(read.rows), f"{several(sum(read.failed.values()), 'row')} unreadable" if read.failed else "")]
    tried = len(looked.ids) + len(looked.broken)
    found.append(tile("broken pictures", count(len(looked.broken)), f"{share(len(looked.broken), tried)} of {count(tried)} opened"))
    copies = sum(len(group) - 1 for group in looked.copies())
    found.append(tile("exact copies", count(copies), "same bytes as another"))
    words = read.wording
    found.append(tile("captions", count(words.captions), f"{figure(words.mean_length())} words each" if words.captions else ""))
    if words.captions:
        found.append(tile("repeated captions", count(words.repeated), share(words.repeated, words.captions)))
    return tiles(found)


def _sampled(read: _Read, looked: Looked) -> Html | None:
    tried = len(looked.ids) + len(looked.broken)
    rest = read.rows - sum(read.failed.values()) - tried
    if rest <= 0:
        return None
    return tag(
        "p", f"{count(tried)} of {count(tried + rest)} pictures were opened, drawn by their ids; shares below are of these.", class_="note"
    )


def _unread(failed: Counter[str]) -> Html | None:
    if not failed:
        return None
    rows = [(prose(why or "no reason given", 300), count(n)) for why, n in failed.most_common(40)]
    return table(("rows that could not be read", "rows"), rows, "Rows that could not be read")


def _statements(read: _Read, said: Stated) -> Html:
    whole = said.parsed == read.wording.captions
    which = "all" if whole else f"a sample, drawn by record ids, of {count(read.wording.captions)}"
    each = f"{figure(said.statements / said.parsed)} statements each; captions that state nothing: {count(said.silent)}."
    lead = f"{several(said.parsed, 'caption')} parsed ({which}): {each}"
    return join(tag("p", lead, class_="note"), statement_plots(said))
