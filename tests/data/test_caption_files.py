"""Captions by image from one file: the same from every format, and nothing left out in silence."""

import csv
import json
import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diptych.data.objects
from diptych.data.captions import MISSING, read_captions
from diptych.data.errors import SourceError
from diptych.data.listings import read_objects, read_phrases, read_questions
from diptych.data.rows import Columns

SHARED = Path(__file__).parents[3] / "shared" / "data"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=20)
SAID = TEXTS.filter(lambda text: text not in MISSING)  # which CSV cannot tell from a missing one
IDS = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=8)


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def write_all(folder: Path, said: dict[str, list[str]]) -> list[Path]:
    """The captions in every format that holds several an image."""
    rows = [{"image_id": id, "caption": text} for id, texts in said.items() for text in texts]
    coco = {
        "images": [{"id": id, "file_name": f"{id}.jpg"} for id in said],
        "annotations": [{**row, "id": n} for n, row in enumerate(rows)],
    }
    paths = [
        write(folder, "mapping.json", json.dumps(said)),
        write(folder, "results.json", json.dumps(rows)),
        write(folder, "coco.json", json.dumps(coco)),
        write(folder, "lists.json", json.dumps([{"id": id, "captions": texts} for id, texts in said.items()])),
        write(folder, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows)),
        folder / "rows.csv",
        folder / "rows.parquet",
    ]
    with paths[5].open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["image_id", "caption"])
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), paths[6])
    return paths


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(IDS, st.lists(SAID, min_size=1, max_size=3), min_size=1, max_size=5))
def test_every_format_gives_the_same(said: dict[str, list[str]]) -> None:
    with TemporaryDirectory() as folder:
        for path in write_all(Path(folder), said):
            found = read_captions(path)
            assert {id: list(texts) for id, texts in found.texts.items()} == said, path.name
            assert not found.broken and not found.numbered


PIECES = st.sampled_from(['{"id": 1, "caption": "a"}', "[", "]", "{", "}", ",", ":", '"a"', "1", "null", "NaN", "\n", "image_id", '"images"', '"annotations"', "PAR1", "\xff", "\x00", "id,caption", "caption"])  # fmt: skip # noqa: E501


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=12).map(lambda parts: "".join(parts).encode("latin-1"))),
       st.sampled_from((".json", ".jsonl", ".csv", ".tsv", ".parquet", ".txt", "")))  # fmt: skip
def test_whatever_the_bytes_captions_or_a_source_error(data: bytes, ending: str) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder), f"x{ending}", data)
        for read in (read_captions, read_objects, read_phrases, read_questions):
            try:
                found = read(path)
            except SourceError as error:
                assert str(path) in str(error) or path.name in str(error)
            else:
                assert found


def test_one_caption_an_id_and_empty_captions_stay(tmp_path: Path) -> None:
    found = read_captions(write(tmp_path, "a.json", '{"1": "a dog", "2": ""}'))
    assert found.texts == {"1": ("a dog",), "2": ("",)}


def test_ids_that_stand_in_several_rows_are_told(tmp_path: Path) -> None:
    rows = [{"image_id": 7, "caption": "a"}, {"image_id": 7, "caption": "b"}, {"image_id": 8, "caption": "c"}]
    found = read_captions(write(tmp_path, "a.json", json.dumps(rows)))
    assert found.repeated == ("7",) and found.texts["7"] == ("a", "b")


def test_lines_of_text_keep_their_place(tmp_path: Path) -> None:
    found = read_captions(write(tmp_path, "a.txt", "one\n\nthree\u2028still\r\n"))
    assert found.texts == {"0": ("one",), "1": ("",), "2": ("three\u2028still",)} and found.numbered


def test_columns_by_name_and_empty_cells(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "image,caption_predicted,caption_1,caption_2\nx.jpg,said,one,\n")
    assert read_captions(path).texts == {"x.jpg": ("one",)}
    assert read_captions(path, Columns(captions=("caption_predicted",))).texts == {"x.jpg": ("said",)}


@pytest.mark.parametrize("word", ["nan", "NaN", "NULL", "null", "None", "<NA>"])
def test_words_for_a_missing_cell_are_no_captions(tmp_path: Path, word: str) -> None:
    found = read_captions(write(tmp_path, "a.csv", f"id,caption\n1,a dog\n2,{word}\n3,\n4,{word} of it\n"))
    assert found.texts == {"1": ("a dog",), "3": ("",), "4": (f"{word} of it",)}
    assert found.broken == (f"row 1 (id '2'): the caption is {word!r}, which tables write where one is missing"
                            " (an empty cell is an empty caption)",)  # fmt: skip
    several = read_captions(write(tmp_path, "b.tsv", f"id\tcaption_1\tcaption_2\n1\ta\t{word}\n2\t\tb\n"))
    assert several.texts == {"1": ("a",), "2": ("b",)} and not several.broken  # as with null in Parquet
    assert read_captions(write(tmp_path, "c.csv", 'id,captions\n1,"[""a"", ""b""]"\n')).texts == {"1": ("a", "b")}


def test_lists_in_order_and_karpathys_splits(tmp_path: Path) -> None:
    assert read_captions(write(tmp_path, "a.json", '[["a", "b"], "c"]')).texts == {"0": ("a", "b"), "1": ("c",)}
    split = {
        "dataset": "coco",
        "images": [{"cocoid": 7, "imgid": 0, "filename": "x.jpg", "sentences": [{"raw": "a dog", "tokens": ["a", "dog"]}]}],
    }
    assert read_captions(write(tmp_path, "k.json", json.dumps(split))).texts == {"7": ("a dog",)}


def test_images_of_coco_without_captions_are_there(tmp_path: Path) -> None:
    coco = {"images": [{"id": 1}, {"id": 2}], "annotations": [{"id": 9, "image_id": 1, "caption": "a"}]}
    assert read_captions(write(tmp_path, "c.json", json.dumps(coco))).texts == {"1": ("a",), "2": ()}


def test_pretty_printed_objects_one_after_another(tmp_path: Path) -> None:
    text = "\n".join(json.dumps({"image_id": n, "text": f"c{n}"}, indent=2) for n in range(3))
    assert read_captions(write(tmp_path, "a.json", text)).texts == {"0": ("c0",), "1": ("c1",), "2": ("c2",)}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "", "is empty"),
        ("a.json", '"text"', "no kind that holds captions"),
        ("a.json", "[1, 2]", "row 0: a row must be an object or a text, got int"),
        ("a.json", "{}", "holds no captions"),
        ("a.json", '{"1": "a", "1": "b"}', "the key '1' stands twice"),
        ("a.json", '{"1": "a"', "cannot be read as JSON"),
        ("a.json", "[" * 100_000, "cannot be read as JSON"),
        ("a.json", b'{"1": "\xff"}', "is not UTF-8"),
        ("a.json.gz", b"\x1f\x8b\x08", "is compressed"),
        ("a.csv", "x,y\n1,2\n", "has no column of captions among x, y"),
        ("a.csv", "id,caption\n", "holds no captions"),
        ("a.csv", "id;caption\n1;a dog\n", "has one column, 'id;caption': columns are parted by commas or tabs"),
        ("a.json", '[{"image_id": 1, "foo": "a dog"}]', "no caption among image_id, foo .*--candidate-column"),
        ("a.parquet", b"PAR1PAR1", "cannot be read as Parquet"),
        ("a.doc", "words", "is of no kind that holds captions"),
    ],
)
def test_files_that_hold_no_captions(tmp_path: Path, name: str, text: str | bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_captions(write(tmp_path, name, text))


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_captions(tmp_path / "none.json")
    with pytest.raises(SourceError, match="is a folder"):
        read_captions(tmp_path)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("NaN", "must be text, got nan"),
        ("null", "must be text, got none"),
        ("3", "must be text, got 3"),
        ('"\\ud800"', "half a character"),
        ('{"a": 3}', "no caption among"),
    ],
)
def test_captions_that_are_no_text_are_broken_rows(tmp_path: Path, value: str, said: str) -> None:
    found = read_captions(write(tmp_path, "a.json", f'{{"1": "a dog", "2": {value}}}'))
    assert found.texts == {"1": ("a dog",)}
    assert len(found.broken) == 1 and said in found.broken[0] and found.broken[0].startswith("row 1 (id '2'): ")


def test_broken_rows_are_told_by_number(tmp_path: Path) -> None:
    lines = b'{"id": 1, "caption": "a \xff"}\n{"id": 2, "caption": "b"}\nnonsense\n{"caption": "no id"}\n'
    found = read_captions(write(tmp_path, "a.jsonl", lines))
    assert found.texts == {"2": ("b",)}
    assert [row.partition(":")[0] for row in found.broken] == ["row 0", "row 2", "row 3"]
    assert read_captions(write(tmp_path, "a.csv", 'id,caption\n1,a\n2,"b\n')).broken[0].startswith("row 1")


def test_files_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diptych.data.objects, "MOST", 100)
    with pytest.raises(SourceError, match="larger than 100 bytes"):
        read_captions(write(tmp_path, "a.json", json.dumps({str(n): "a dog" for n in range(20)})))
    long = read_captions(write(tmp_path, "b.jsonl", json.dumps({"id": 1, "caption": "a" * 1_000_001}) + '\n{"id": 2, "caption": "b"}\n'))
    assert "at most 1000000 are read" in long.broken[0]


def test_objects_of_lists_lines_and_coco(tmp_path: Path) -> None:
    wanted = {"1": ("dog", "cat"), "2": ()}
    coco = {"images": [{"id": 1}, {"id": 2}], "categories": [{"id": 5, "name": "dog"}, {"id": 6, "name": "cat"}],
            "annotations": [{"image_id": 1, "category_id": kind} for kind in (5, 6, 5)]}  # fmt: skip
    lines = '{"image_id": 1, "objects": ["dog", "cat"]}\n{"image_id": 2, "objects": []}\n'
    assert read_objects(write(tmp_path, "a.json", '{"1": ["dog", "cat", "dog"], "2": []}')) == wanted
    assert read_objects(write(tmp_path, "b.jsonl", lines)) == wanted
    assert read_objects(write(tmp_path, "c.json", json.dumps(coco))) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"1": "dog"}', "must give '1' a list of names"),
        ('[{"id": 1, "objects": []}, {"id": 1, "objects": []}]', "twice"),
        ('[{"objects": []}]', "needs an id"),
        ("[]", "lists nothing"),
        ('{"images": [{"id": [1]}], "categories": [{"id": {}}], "annotations": [{"image_id": [1], "category_id": 3}]}', "lists lack"),
        ('{"images": [{"id": 1}], "categories": [], "annotations": [{"image_id": 1, "category_id": 3}]}', "which its lists lack"),
        ('{"images": [{"id": 1}], "annotations": [{"image_id": 1, "caption": "a dog"}]}', "COCO captions and no objects"),
        ('{"1": ["dog", "a brown dog runs fast"]}', "gives '1' the sentence 'a brown dog runs fast': a name has at most 4 words"),
    ],
)
def test_objects_of_another_shape(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_objects(write(tmp_path, "a.json", text))


def test_phrases_and_questions(tmp_path: Path) -> None:
    assert read_phrases(write(tmp_path, "p.json", '{"1": {"object": ["a dog"]}}')) == {"1": {"object": ("a dog",)}}
    asked = '{"1": [{"question": "what?", "answers": ["dog"]}]}'
    assert read_questions(write(tmp_path, "q.json", asked)) == {"1": [("what?", ("dog",))]}
    lines = '{"image_id": 1, "question": "what?", "answer": "dog"}\n{"image_id": 1, "question": "who?", "answers": ["a", "b"]}\n'
    assert read_questions(write(tmp_path, "q.jsonl", lines)) == {"1": [("what?", ("dog",)), ("who?", ("a", "b"))]}
    with pytest.raises(SourceError, match="a question with answers"):
        read_questions(write(tmp_path, "q.json", '{"1": [{"question": "what?"}]}'))
    with pytest.raises(SourceError, match="lists of phrases by kind"):
        read_phrases(write(tmp_path, "p.json", '{"1": ["a"]}'))


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_real_files() -> None:
    gts, res = (read_captions(SHARED / "coco_fakecap" / "examples" / f"{name}.json") for name in ("gts", "res"))
    assert gts.texts.keys() == res.texts.keys() and len(gts.texts) == 1000
    assert all(len(texts) == 1 for texts in res.texts.values())
    stream = read_captions(SHARED / "pope_captions" / "caption_data" / "Instruction1_llava.json")
    assert len(stream.texts) == 2000 and not stream.broken and not stream.numbered
