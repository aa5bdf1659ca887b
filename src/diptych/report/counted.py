"""Caption statistics and statement counts as plots and tables."""

from collections import Counter

from diptych.report.html import Html, join, prose, tag
from diptych.report.numbers import count, several, share
from diptych.report.page import folded, plot_card, table
from diptych.report.plots import bars, columns
from diptych.report.stating import Stated
from diptych.report.wording import Wording, histogram

_TOP = 12


def wording_body(found: Wording) -> Html:
    """Lengths, repeats, words and writers."""
    if not found.captions:
        return tag("p", "There are no captions. Beside PICTURE.jpg, put them into PICTURE.txt, one a line.", class_="note")
    per_record = {f"{n} captions" if n != 1 else "1 caption": rows for n, rows in sorted(found.per_record.items())[:_TOP]}
    plots = [
        plot_card("Length", columns(histogram(found.lengths), "Caption length", "words in a caption")),
    ]
    if telling := found.telling():
        plots.append(plot_card(join("Commonest words ", tag("span", "and, of, the, … aside", class_="note")), bars(_top(telling), "Words")))
    if len(found.per_record) > 1:
        plots.append(plot_card("Captions of a row", bars(per_record, "Captions of a row")))
    if len(found.writers) > 1:
        plots.append(plot_card("Written by", bars(_top(found.writers), "Writers of captions")))
    return join(_facts(found), tag("div", plots, class_="plots"), _repeats(found))


def statement_plots(said: Stated) -> Html:
    """The commonest of each kind; numbers are captions."""
    kinds = (
        ("Objects", said.objects),
        ("Attributes", said.attributes),
        ("Relations", said.relations),
        ("Numbers", said.numbers),
        ("Words in the picture", said.quotes),
    )
    cards = [
        plot_card(f"{name}, {count(len(found))} different", bars(_top(found), f"{name}, by captions")) for name, found in kinds if found
    ]
    return tag("div", cards, class_="plots")


def _facts(found: Wording) -> Html:
    most = "more than " if found.full else ""
    rows = [
        ("captions", count(found.captions), ""),
        ("rows without a caption", count(found.without), share(found.without, found.per_record.total())),
        ("empty captions", count(found.empty), share(found.empty, found.captions)),
        ("captions that repeat another", count(found.repeated), share(found.repeated, found.captions)),
        ("different words", most + count(len(found.words)), ""),
        ("longest caption", f"{count(found.longest)} characters", ""),
    ]
    return table(("", "number", "share"), rows, "Captions in numbers")


def _repeats(found: Wording) -> Html | None:
    again = [(text, n) for text, n in found.texts.most_common(30) if n > 1]
    if not again:
        return None
    rows = [(prose(text, 200), count(n)) for text, n in again]
    return folded(f"Most repeated captions, {several(len(again), 'text')}", table(("text", "times"), rows, "Most repeated captions"))


def _top(found: Counter[str]) -> dict[str, int]:
    # equal counts in the order of the alphabet, so that a page does not change with the order of rows
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_TOP])
