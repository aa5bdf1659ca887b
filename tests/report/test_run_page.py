import os
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_samples import pictures, rows, text_of

from diptych.data.errors import PictureError, RunError
from diptych.data.graphs import Entity, SceneGraph
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record, Verdict
from diptych.data.regions import Box, Region
from diptych.data.results import Result
from diptych.report import run_report

ACCOUNTS = {"in": 40, "made": 0, "kept": 30, "dropped": {"Keep": {"low": 6}}, "failed": {"Propose": {"truncated": 4}}}
BEFORE = {
    "fact_precision": Result("fact_precision", 0.61, 0.59, 0.63, 300, "higher", "bootstrap"),
    "words": Result("words", 8.3, 8, 8.6, 300, "none"),
}
AFTER = {"fact_precision": Result("fact_precision", 0.934, 0.92, 0.946, 236, "higher", "bootstrap")}
EVIL = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">"\'&<b>\u202eevil \x00\ud800'


class Page(HTMLParser):
    """Checks nesting while it collects ids, references and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.refers: set[str] = set()
        self.addresses: set[str] = set()
        self.tags: Counter[str] = Counter()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag not in ("br", "img", "meta", "input", "hr", "link"):
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name != "style", "inline styles are refused by the page's own policy"
            if name == "id":
                self.ids[value or ""] += 1
            elif name in ("aria-labelledby", "aria-controls", "aria-describedby"):
                self.refers |= set((value or "").split())
            elif name in ("src", "href", "action", "data", "poster", "srcset"):
                self.addresses.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def written(out: Path, records: object = None, **changes: object) -> str:
    given = {"title": "a run", "rows": ACCOUNTS, "before": BEFORE, "after": AFTER, "pictures": pictures, **changes}
    path = run_report(rows(40) if records is None else records, out / "page.html", **given)  # type: ignore[arg-type]
    return path.read_text(encoding="utf-8")


def evil_record() -> Record:
    graph = SceneGraph((Entity(EVIL, span=(0, len(EVIL)), region="x"), Entity("ghost")))
    caption = Caption(EVIL, EVIL, EVIL, EVIL, EVIL, graph=graph)
    region = Region("a b", Box(-1, 0.2, 7, 0.1), label=EVIL, by=EVIL)
    record = Record(EVIL, Image(EVIL), (caption,), (region,), verdicts=(Verdict(EVIL, 0, "contradicted", EVIL, "a b", EVIL, 0.5, True),))
    return record.choose(EVIL).drop(EVIL, EVIL)


def evil_pictures(image: Image) -> Picture:
    raise PictureError(EVIL)


def test_the_page_is_whole_and_loads_nothing(tmp_path: Path) -> None:
    text = written(tmp_path)
    page = Page(text)
    assert [id for id, n in page.ids.items() if n > 1] == []
    assert page.refers <= page.ids.keys()
    for address in page.addresses:
        assert address.startswith(("#", "data:image/webp;base64,")), address
        assert not address.startswith("#") or address[1:] in page.ids
    assert page.tags["article"] == 24
    assert page.tags["h1"] == page.tags["main"] == page.tags["script"] == page.tags["style"] == 1
    assert len(text) < 1_000_000
    assert "default-src &#x27;none&#x27;" in text
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"] * text.count("http://www.w3.org/2000/svg")


def test_the_page_says_what_became_of_rows_and_what_changed(tmp_path: Path) -> None:
    said = text_of(written(tmp_path, notes=["simulated experts"], seconds=8.31, ledger={"detector calls": 277}, timings={"0 Propose": 2.1},
                           settings={"detector": "sim:d", "nested": [{"self_check": True}], "pair": (1, 2)}))  # fmt: skip
    for words in (
        "40 in + 0 made = 30 kept + 6 dropped + 4 failed", "0.934", "[0.920, 0.946]", "+0.324", "300 / 236", "bootstrap",
        "simulated experts", "8.3 s in all", "detector calls", "277", "0 Propose", "nested.0.self_check", "1, 2",
        "A verifier was allowed to check captions that its own family wrote", "verdicts come from the family that wrote the caption",
        "24 of 40 rows, drawn by their ids",
    ):  # fmt: skip
        assert words in said, words


def test_evidence_names_writers_experts_and_answers(tmp_path: Path) -> None:
    said = text_of(written(tmp_path))
    for words in ("said by sim:captioner-a?recall=.6", "from sim:captioner-b?recall=.5",
                  "checked by sim:detector?recall=.9&fp=.05: “1 found”, score 0.870",
                  "self-check: same family wrote it", "Dropped by Keep: fact score 0.31 below 0.5", "Failed by Propose: truncated picture",
                  "No picture: world:300?seed="):  # fmt: skip
        assert words in said, words


def test_scores_of_a_caption_are_shown(tmp_path: Path) -> None:
    said = text_of(written(tmp_path, [Record("r", Image("x"), (Caption("c", "dog", scores={"match": 0.3141}),))], pictures=evil_pictures))
    assert "match 0.314" in said


def test_rare_contradictions_are_shown(tmp_path: Path) -> None:
    caption = Caption("c", "dog", graph=SceneGraph((Entity("dog", span=(0, 3)),)))
    plain = [Record(f"r{n}", Image("x"), (caption,), verdicts=(Verdict("c", 0, "supported", "d"),)) for n in range(300)]
    plain[200] = replace(plain[200], verdicts=(Verdict("c", 0, "contradicted", "d"),))
    assert 'aria-label="dog: contradicted"' in written(tmp_path, plain, pictures=evil_pictures, examples=6)


def test_hostile_strings_stay_text(tmp_path: Path) -> None:
    clean = Page(written(tmp_path, [Record("r", Image("x"))], pictures=evil_pictures))
    text = written(
        tmp_path,
        [evil_record()],
        pictures=evil_pictures,
        title=EVIL,
        notes=[EVIL],
        settings={EVIL: {EVIL: [EVIL]}},
        ledger={EVIL: 1.5},
        timings={EVIL: 1},
        rows={
            "in": 1,
            "made": 0,
            "kept": 0,
            "dropped": {EVIL: {EVIL: 1}},
            "failed": {},
            "stages": [{"name": EVIL, "in": 1, "kept": 1}] * 2,
        },
        before={EVIL: Result(EVIL, 1, 0, 2, 1, how=EVIL)},
        after={EVIL: Result(EVIL, float("nan"), float("-inf"), float("nan"), 1, how=EVIL)},
    )
    page = Page(text)
    assert page.tags["script"] == 1
    assert page.tags["img"] == clean.tags["img"] == 0
    assert text.count("<script") == text.count("</script") == 1


def test_a_caption_of_100_000_characters_is_cut_with_a_note(tmp_path: Path) -> None:
    text = written(tmp_path, [Record("r", Image("x"), (Caption("c", "a dog and " * 10_000),))], pictures=evil_pictures)
    assert "98,800 more characters not shown" in text_of(text)
    assert len(text) < 400_000


def test_many_captions_and_many_phrases_are_bounded(tmp_path: Path) -> None:
    words = "dog " * 600
    graph = SceneGraph(tuple(Entity("dog", span=(4 * n, 4 * n + 3)) for n in range(600)))
    captions = tuple(Caption(f"c{n}", words, graph=graph) for n in range(40))
    text = written(tmp_path, [Record("r", Image("x"), captions)], pictures=evil_pictures)
    assert "28 more captions not shown" in text_of(text)
    assert len(text) < 3_000_000


def test_the_same_rows_give_the_same_page_in_any_order(tmp_path: Path) -> None:
    assert written(tmp_path / "a") == written(tmp_path / "b", list(rows(40))[::-1])


def test_nothing_at_all(tmp_path: Path) -> None:
    said = text_of(written(tmp_path, [], rows={}, before={}, after={}))
    for words in ("unfinished", "Nothing was measured", "No captions", "There are no rows to show"):
        assert words in said, words


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="runs as root")
def test_a_folder_that_refuses_writes(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="cannot be written"):
        written(tmp_path)


def test_a_place_that_cannot_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(RunError, match="cannot be written"):
        written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
