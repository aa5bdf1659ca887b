"""Every format written and read again: ids, captions, pictures; and what happens to rows a format cannot hold."""

import errno
import io
import json
import tarfile
from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from diptych.data import writers, writing
from diptych.data.convert import convert, kind_of
from diptych.data.errors import SourceError
from diptych.data.opening import open_picture
from diptych.data.pictures import Picture
from diptych.data.records import Answer, Caption, Image, Question, Record, Status
from diptych.data.regions import Box, Mask, Region
from diptych.data.sources import open_source

PLACES = {
    "folder": "out", "coco": "coco:out", "coco one file": "out.json", "webdataset": "webdataset:out", "tar": "out.tar",
    "jsonl": "out.jsonl",
    "csv": "out.csv", "tsv": "out.tsv", "parquet": "out.parquet", "huggingface": "huggingface:out", "records": "records:out",
}  # fmt: skip
COPIES = ("folder", "webdataset", "tar", "huggingface")


def target(tmp_path, way):
    named, colon, rest = PLACES[way].rpartition(":")
    return f"{named}{colon}{tmp_path}/made/{rest}", str(tmp_path / "made" / rest)


def photo(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(np.random.default_rng(seed).integers(0, 255, (20, 30, 3), np.uint8)).save(path)
    return Image(str(path.absolute()))


@pytest.fixture
def rows(tmp_path):
    def said(id, *texts):
        captions = tuple(
            Caption(f"{id}/c{n}", text, by="source" if n == 0 else "hf:ORG/M@1", style="alt" if n == 0 else "dense")
            for n, text in enumerate(texts)
        )
        return {"captions": captions, "chosen": tuple(c.id for c in captions[-1:])}

    here = tmp_path / "photos"
    hard = ' "quoted", tab\there\nnew line\r\nreturn; [brackets] {"text": 1} =1+1 \U0001f600 é \x00 end '
    second = Caption("b/c9", "ein Hund", by="human:anna", style="region", language="de", region="r1", parents=("b/c0", "b/c1"))
    return [
        Record("a.b/c.jpg", photo(here / "1" / "x.jpg", 1), **said("a.b/c.jpg", "a dog", "a brown dog")),
        Record("b", photo(here / "2" / "x.png", 2), (*said("b", "two", "words")["captions"], second), chosen=("b/c9", "b/c0")),
        Record("../../b", photo(here / "3" / "x.jpg", 3), **said("../../b", hard)),
        Record("B", photo(here / "4" / "x.jpg", 4), **said("B", "x" * 100_000)),
        Record("42", photo(here / "5" / "x.jpg", 5)),
        Record("b", photo(here / "6" / "x.jpg", 6), **said("again", "same id, other row")),
        Record("\u4e2d/\u6587", photo(here / "7" / "x.webp", 7), **said("7", "[starts like JSON", "{also")),
    ]


def heard(record):
    return record.id, [replace(c, scores={}) for c in record.captions], record.chosen


@pytest.mark.parametrize("way", PLACES)
def test_ids_captions_and_pictures_survive_the_round_trip(tmp_path, way, rows):
    dest, path = target(tmp_path, way)
    done = convert(rows, dest)
    assert (done.written, done.skipped) == (len(rows), ())
    back = list(open_source(path))
    assert [r.status.why for r in back if r.status.kind != "kept"] == []
    assert sorted(map(heard, back), key=str) == sorted(map(heard, rows), key=str)
    if way != "folder":
        assert [r.id for r in back] == [r.id for r in rows]
    keys = sorted(open_picture(r.subject).key for r in rows)
    assert sorted(open_picture(r.subject).key for r in back) == keys
    if way in COPIES:
        assert all(str(tmp_path / "made") in r.subject.path for r in back)
    assert [p.name for p in (tmp_path / "made").iterdir()] == [path.rpartition("/")[2]]  # nothing left over


@pytest.mark.parametrize(("first", "second"), [pair for pair in product(PLACES, PLACES) if pair[0] != pair[1]])
def test_any_format_converts_to_any_other(tmp_path, first, second, rows):
    one, path = target(tmp_path / "1", first)
    convert(rows[:3], one)
    two, other = target(tmp_path / "2", second)
    assert convert(open_source(path), two).skipped == ()
    back = list(open_source(other))
    assert sorted(map(heard, back), key=str) == sorted(map(heard, rows[:3]), key=str)
    assert all(open_picture(r.subject).width == 30 for r in back)


@pytest.mark.parametrize("way", [way for way in PLACES if way not in ("folder", "webdataset", "tar")])
def test_text_without_pictures_survives_where_the_format_allows(tmp_path, way):
    rows = [Record("t1", Image(""), (Caption("t1/0", "only words"),), chosen=("t1/0",))]
    dest, path = target(tmp_path, way)
    assert convert(rows, dest).skipped == ()
    assert list(map(heard, open_source(path))) == list(map(heard, rows))


@pytest.mark.parametrize("way", PLACES)
def test_urls_survive_where_no_copies_are_made(tmp_path, way):
    rows = [Record("u", Image("https://example.org/a.jpg?b=1"), (Caption("u/0", "x"),), chosen=("u/0",))]
    dest, path = target(tmp_path, way)
    if way in COPIES:
        done = convert(rows, dest, pictures=lambda image: open_picture(Image("gone")))
        assert done.written == 0 and done.skipped[0][0] == "u" and "missing" in done.skipped[0][1]
    else:
        convert(rows, dest)
        assert next(iter(open_source(path))).subject == rows[0].subject


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8) | st.sampled_from(
    ["\r", "\n", '"', ",", "[", "{}", "\x00", " ", "nan"]
)


@pytest.mark.parametrize("way", [way for way in PLACES if way not in COPIES])
@settings(max_examples=15, deadline=None)
@given(said=st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=3)), min_size=1, max_size=4))
def test_any_words_survive(tmp_path_factory, way, said):
    rows = [
        Record(f"{n}{id}", Image(""), tuple(Caption(f"{id}{k}", t) for k, t in enumerate(texts)), chosen=(f"{id}0",))
        for n, (id, texts) in enumerate(said)
    ]
    dest, path = target(tmp_path_factory.mktemp("any"), way)
    assert convert(rows, dest).skipped == ()
    assert list(map(heard, open_source(path))) == list(map(heard, rows))


def test_a_choice_that_is_not_there_is_counted(tmp_path, rows):
    done = convert([replace(rows[0], chosen=("gone",))], str(tmp_path / "x.jsonl"))
    assert done.written == 0 and "does not have" in done.skipped[0][1]


@pytest.mark.parametrize("way", ["coco", "coco one file"])
def test_coco_keeps_boxes(tmp_path, way, rows):
    box = Box(0.1, 0.25, 0.5, 0.75)
    regions = (
        Region("r1", box, "part", "dog", ("brown",), score=0.5, by="sim:x"),
        Region("r2", Mask(2, 1, (0, 2), box), "group", "cat", by="y"),
    )
    dest, path = target(tmp_path, way)
    convert([replace(rows[0], regions=regions), replace(rows[4], regions=regions[:1])], dest)
    first, second = list(open_source(path))
    assert [(r.id, r.kind, r.label, r.attributes, r.score, r.by) for r in first.regions] == [
        ("r1", "part", "dog", ("brown",), 0.5, "sim:x"),
        ("r2", "group", "cat", (), None, "y"),
    ]
    assert [round(v, 6) for r in (*first.regions, *second.regions) for v in (r.box.left, r.box.top, r.box.right, r.box.bottom)] == [
        0.1,
        0.25,
        0.5,
        0.75,
    ] * 3
    assert second.id == "42"
    if way == "coco":
        images = json.loads((tmp_path / "made" / "out" / "instances.json").read_text())["images"]
        assert [(i["id"], i["width"], i["height"]) for i in images] == [(1, 30, 20), (42, 30, 20)]


def test_records_keep_everything(tmp_path, rows):
    full = [replace(rows[0], scores={"x": 0.5}, meta={"a": "b"}), rows[1].drop("keep", "too short"), rows[2].fail("match", "no")]
    done = convert(full, f"records:{tmp_path}/out")
    assert done.written == 3 and list(open_source(str(tmp_path / "out"))) == full
    assert open_source(str(tmp_path / "out")).length == 3


@pytest.mark.parametrize("way", [way for way in PLACES if way != "records"])
def test_rows_that_cannot_be_written_are_counted_with_their_reason(tmp_path, way, rows):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    given = [rows[0], rows[1].drop("keep", "too short"), Record("bad", Image(""), status=Status("failed", "read", "oh"))]
    given += [Record("broken", Image(str(broken)), (Caption("c", "x"),), regions=(Region("r", Box(0, 0, 1, 1)),))]
    dest, _ = target(tmp_path, way)
    done = convert(given, dest)
    assert done.written + len(done.skipped) == len(given)
    assert done.skipped[:2] == (("b", "dropped by keep: too short"), ("bad", "failed by read: oh"))
    assert (way in COPIES or way.startswith("coco")) == (len(done.skipped) == 3)
    assert all("\n" not in why for _, why in done.skipped)


@pytest.mark.parametrize("way", PLACES)
def test_text_that_is_not_utf8_is_kept_or_counted(tmp_path, way, rows):
    odd = replace(rows[0], id="\udcff", captions=(Caption("\udcff/0", "bad \ud800 end"),), chosen=("\udcff/0",))
    dest, path = target(tmp_path, way)
    done = convert([odd], dest)
    if done.written:
        assert heard(next(iter(open_source(path)))) == heard(odd)
    else:
        assert way in ("csv", "tsv", "parquet", "huggingface") and "not UTF-8" in done.skipped[0][1]


@pytest.mark.parametrize("way", PLACES)
def test_nothing_is_overwritten(tmp_path, way, rows):
    dest, _ = target(tmp_path, way)
    convert(rows[:1], dest)
    with pytest.raises(SourceError, match="exists already"):
        convert(rows[:1], dest)


@pytest.mark.parametrize("way", PLACES)
def test_a_writer_that_breaks_leaves_nothing(tmp_path, way, rows):
    def breaking():
        yield rows[0]
        raise OSError(errno.ENOSPC, "No space left on device")

    dest, _ = target(tmp_path, way)
    with pytest.raises(SourceError, match="No space left on device") as caught:
        convert(breaking(), dest)
    assert "\n" not in str(caught.value) and list((tmp_path / "made").iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(tmp_path, rows, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="cannot be written"):
        convert(rows, str(tmp_path / "file" / "x.jsonl"))

    def full(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(writing.os, "replace", full)
    with pytest.raises(SourceError, match="Read-only file system"):
        convert(rows, str(tmp_path / "x.jsonl"))
    assert not (tmp_path / "x.jsonl").exists()


def test_the_captions_asked_for_are_written(tmp_path, rows):
    for words, wanted in [
        ("chosen", ["a brown dog"]),
        ("alt", ["a dog"]),
        ("style:dense", ["a brown dog"]),
        ("all", ["a dog", "a brown dog"]),
    ]:
        path = str(tmp_path / f"{words.replace(':', '-')}.jsonl")
        convert(rows[:1], path, captions=words)
        assert [c.text for r in open_source(path) for c in r.captions] == wanted


def test_llava_has_one_conversation_for_each_chosen_caption(tmp_path, rows):
    asked = replace(rows[1], questions=(Question("q", "How many?", answers=(Answer("two", "x"),)), Question("p", "Why?")))
    inside = replace(rows[0], subject=Image("x.tar", "a.jpg"))
    done = convert([asked, rows[4], inside], f"llava:{tmp_path}/out.json")
    assert done.written == 1 and [id for id, _ in done.skipped] == ["42", "a.b/c.jpg"]
    first, second = json.loads((tmp_path / "out.json").read_text())
    assert first["id"] == "b" and first["image"] == "photos/2/x.png"
    assert [turn["from"] for turn in first["conversations"]] == ["human", "gpt", "human", "gpt"]
    assert first["conversations"][0]["value"].startswith("<image>\n")
    assert [turn["value"] for turn in first["conversations"][1:]] == ["ein Hund", "How many?", "two"]
    assert second["id"] == "b/c0" and second["conversations"][1]["value"] == "two"


def test_rendered_pictures_are_written_as_png(tmp_path):
    shown = Picture("k", 3, 2, lambda: Pillow.new("RGB", (3, 2), "red"))
    convert([Record("w", Image("world:1", "0"))], str(tmp_path / "out"), pictures=lambda image: shown)
    assert open_picture(next(iter(open_source(str(tmp_path / "out")))).subject).pil().getpixel((0, 0)) == (255, 0, 0)


def test_names_in_tars_and_folders_are_plain_and_unique(tmp_path, rows):
    convert(rows, str(tmp_path / "out.tar"))
    with tarfile.open(tmp_path / "out.tar") as tar:
        names = tar.getnames()
    assert len(set(map(str.lower, names))) == len(names) == 3 * len(rows)
    assert all("/" not in name and not name.startswith(".") and name.count(".") == 1 for name in names)


def test_many_rows_make_many_shards(tmp_path, rows, monkeypatch):
    monkeypatch.setattr(writers, "_SHARD", 2)
    for kind in ("webdataset", "records"):
        convert(rows, f"{kind}:{tmp_path}/{kind}")
        assert [heard(r) for r in open_source(f"{tmp_path}/{kind}")] == list(map(heard, rows))
    assert len(list((tmp_path / "webdataset").iterdir())) == 4
    assert sum(pq.read_metadata(p).num_rows for p in (tmp_path / "records" / "shards").iterdir()) == len(rows)


def test_formats_are_told_by_name_or_ending(tmp_path):
    assert [kind_of(d)[0] for d in ("a.jsonl", "a.csv", "x/a.parquet", "a.tar", "a.json", "a/", "llava:a.json")] == [
        "jsonl", "csv", "parquet", "tar", "coco", "folder", "llava"
    ]  # fmt: skip
    for wrong in ("a.xyz", "nonsense:a"):
        with pytest.raises(SourceError, match="names no format"):
            kind_of(wrong)


def test_other_tools_read_the_hugging_face_dataset(tmp_path, rows):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    convert([*rows, Record("t", Image(""), (Caption("t/0", "x"),))], f"huggingface:{tmp_path}/out")
    found = datasets.load_from_disk(str(tmp_path / "out"))
    assert found["id"][:] == [*(r.id for r in rows), "t"]
    assert found[0]["image"].size == (30, 20) and found[len(rows)]["image"] is None
    assert found[1]["captions"][2] == {
        "id": "b/c9", "text": "ein Hund", "by": "human:anna", "style": "region", "language": "de", "region": "r1",
        "parents": ["b/c0", "b/c1"],
    }  # fmt: skip
    assert np.array_equal(np.asarray(found[1]["image"]), np.asarray(Pillow.open(io.BytesIO((tmp_path / "photos/2/x.png").read_bytes()))))


def test_other_tools_read_the_image_folder(tmp_path, rows):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    convert(rows[:3], str(tmp_path / "out"))
    found = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"), split="train")
    assert sorted(found["id"][:]) == sorted(r.id for r in rows[:3]) and found[0]["image"].size == (30, 20)
