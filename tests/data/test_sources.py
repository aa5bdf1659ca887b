"""Readers: what they make of well-formed and of hostile datasets. A bad row is a failed record with an id, never a lost one."""

import gzip
import io
import json
import os
import pickle
import tarfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from diptych.data.convert import convert
from diptych.data.errors import PictureError, SourceError
from diptych.data.opening import open_picture
from diptych.data.records import Caption, Image, Made, Record
from diptych.data.regions import Box
from diptych.data.rows import Columns
from diptych.data.schema import from_batch, to_batch
from diptych.data.sources import open_source


def png(colour="red", size=(4, 3)):
    sink = io.BytesIO()
    Pillow.new("RGB", size, colour).save(sink, "PNG")
    return sink.getvalue()


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def read(path, **options):
    return list(open_source(str(path), **options))


def texts(record):
    return [caption.text for caption in record.captions]


def kept(records):
    return {r.id: texts(r) for r in records if r.status.kind == "kept"}


def failed(records):
    assert all(r.status.step == "read" and "\n" not in r.status.why for r in records if r.status.kind == "failed")
    return {r.id: r.status.why for r in records if r.status.kind == "failed"}


# picture folders


def test_a_folder_is_read_in_order_with_its_text_files(tmp_path):
    for name in ("b/2.PNG", "b/1.png", "a.png", "c.jpg", ".hidden.png", ".git/x.png"):
        write(tmp_path / name, png())
    write(tmp_path / "b/1.txt", "\ufeffone\n\n  two  \r\n")
    write(tmp_path / "c.jpg.txt", "beside")
    write(tmp_path / "readme.txt", "no caption of anything")
    found = read(tmp_path)
    assert [(r.id, texts(r)) for r in found] == [("a.png", []), ("b/1.png", ["one", "two"]), ("b/2.PNG", []), ("c.jpg", ["beside"])]
    assert [c.id for c in found[1].captions] == ["b/1.png/0", "b/1.png/1"] == list(found[1].chosen)
    assert found[0].subject == Image(str(tmp_path / "a.png"))


def test_metadata_names_ids_and_captions(tmp_path):
    for name in ("a.png", "b.png", "s/c.png", "d.png"):
        write(tmp_path / name, png())
    write(tmp_path / "d.txt", "from the text file")
    lines = [
        {"file_name": "a.png", "text": "a dog"},
        {"file_name": "b.png", "id": "B", "captions": [{"text": "x", "by": "human:me", "id": "k"}, "y"]},
        {"file_name": "d.png", "id": "D"},
    ]
    write(tmp_path / "metadata.jsonl", "\n".join(map(json.dumps, lines)))
    write(tmp_path / "s/metadata.jsonl", json.dumps({"file_name": "c.png", "caption": {"short": "s", "dense": "d"}}))
    found = read(tmp_path)
    assert kept(found) == {"a.png": ["a dog"], "B": ["x", "y"], "D": ["from the text file"], "s/c.png": ["s", "d"]}
    assert [(c.id, c.by) for c in found[1].captions] == [("k", "human:me"), ("B/1", "source")]
    assert [c.style for c in found[3].captions] == ["short", "dense"]


def test_metadata_may_be_csv(tmp_path):
    write(tmp_path / "s/a.png", png())
    write(tmp_path / "metadata.csv", "file_name,text\ns/a.png,a dog\ngone.png,x\n")
    found = read(tmp_path)
    assert kept(found) == {"s/a.png": ["a dog"]} and "missing" in failed(found)["metadata.csv:2"]


def test_bad_metadata_lines_are_failed_rows_and_hide_no_picture(tmp_path):
    write(tmp_path / "a.png", png())
    lines = ["{broken", "[1]", '{"text": "x"}', '{"file_name": "../../etc/passwd"}', '{"file_name": "/etc/passwd"}',
             '{"file_name": "gone.png"}', '{"file_name": "a\\u0000.png"}',
             "[" * 100_000, '{"file_name": "a.png", "caption": 7}']  # fmt: skip
    write(tmp_path / "metadata.jsonl", "\n".join(lines))
    found = read(tmp_path)
    bad = failed(found)
    assert len(found) == len(bad) == 9
    assert (
        "must lie inside" in bad["metadata.jsonl:4"]
        and "must lie inside" in bad["metadata.jsonl:5"]
        and "missing" in bad["metadata.jsonl:6"]
    )
    assert "a caption must be text" in bad["a.png"]


def test_a_text_file_that_is_not_utf8_fails_its_row_alone(tmp_path):
    write(tmp_path / "a.png", png())
    write(tmp_path / "a.txt", "caf\xe9".encode("latin-1"))
    write(tmp_path / "b.png", png())
    found = read(tmp_path)
    assert "not UTF-8" in failed(found)["a.png"] and list(kept(found)) == ["b.png"]


def test_a_long_caption_is_read_and_an_endless_one_refused(tmp_path):
    write(tmp_path / "x.jsonl", "\n".join(json.dumps({"id": n, "text": "x" * n}) for n in (100_000, 1_000_001)))
    found = read(tmp_path / "x.jsonl")
    assert len(found[0].captions[0].text) == 100_000 and "at most 1000000" in failed(found)["1000001"]


# COCO


def coco(tmp_path):
    write(tmp_path / "images/7.png", png(size=(10, 20)))
    images = [{"id": 7, "file_name": "7.png", "width": 10, "height": 20}, {"id": 8, "file_name": "8.png"}, {"name": "no id"}]
    captions = [
        {"id": 1, "image_id": 7, "caption": "a dog"},
        {"id": 2, "image_id": 7, "caption": "dog"},
        {"id": 3, "image_id": 9, "caption": "lost"},
    ]
    boxes = [
        {"id": 5, "image_id": 7, "category_id": 18, "bbox": [1, 2, 4, 10], "iscrowd": 0},
        {"id": 6, "image_id": 7, "category_id": 99, "bbox": [0, 0, 10, 20], "iscrowd": 1, "score": 0.5},
        {"id": 7, "image_id": 8, "category_id": 18, "bbox": [0, 0, 1, 1]},
        {"id": 8},
    ]
    write(tmp_path / "annotations/captions_x.json", json.dumps({"images": images, "annotations": captions}))
    kinds = [{"id": 18, "name": "dog"}]
    write(tmp_path / "annotations/instances_x.json", json.dumps({"images": images[:2], "annotations": boxes, "categories": kinds}))


def test_coco_captions_and_instances_are_joined(tmp_path):
    coco(tmp_path)
    found = read(tmp_path)
    assert kept(found) == {"7": ["a dog", "dog"]}
    assert [(r.id, r.label, r.kind, r.by, r.box, r.score) for r in found[0].regions] == [
        ("7/box/5", "dog", "object", "human:coco", Box(0.1, 0.1, 0.5, 0.6), None),
        ("7/box/6", "", "group", "human:coco", Box(0, 0, 1, 1), 0.5),
    ]
    assert [c.id for c in found[0].captions] == ["7/1", "7/2"]
    assert open_picture(found[0].subject).width == 10
    bad = failed(found)
    assert list(bad) == ["8", "9", "images:2", "annotations:3"]
    assert "no width and height" in bad["8"] and "no list of images" in bad["9"]


def test_one_coco_file_is_enough(tmp_path):
    coco(tmp_path)
    assert kept(read(tmp_path / "annotations/captions_x.json")) == {"7": ["a dog", "dog"], "8": []}
    assert len(read(tmp_path / "annotations/instances_x.json")[0].regions) == 2


@pytest.mark.parametrize(
    ("image", "note", "why"),
    [
        ({"chosen": 5}, {}, ""),
        ({"chosen": None}, {}, ""),
        ({"chosen": [[1], "7/1"]}, {}, ""),
        ({}, {"region": 5}, ""),
        ({}, {"bbox": [1, 1, 2, 2], "kind": ["x"]}, ""),
        ({}, {"bbox": [1, 1, 2, 2], "kind": "zebra"}, ""),
        ({}, {"bbox": [float("nan"), 1, 2, 2]}, "finite"),
        ({}, {"bbox": [1e308, 1, 1e308, 2]}, "finite"),
        ({}, {"bbox": [1, 1, 2, 2], "category_id": [1]}, "unhashable"),
        ({}, {"parents": 5}, "iterable"),
    ],
)
def test_odd_coco_values_cost_at_most_their_row(tmp_path, image, note, why):
    images = [{"id": 7, "file_name": "a.png", "width": 9, "height": 9, **image}, {"id": 8, "file_name": "b.png"}]
    notes = [{"image_id": 7, "id": 1, "caption": "a dog", **note}]
    write(tmp_path / "a.json", json.dumps({"images": images, "annotations": notes, "categories": [{"id": [1]}, 5]}))
    found = read(tmp_path / "a.json")
    assert [r.id for r in found] == ["7", "8"] and [r.status.kind for r in found] == ["failed" if why else "kept", "kept"]
    assert why in found[0].status.why and from_batch(to_batch(found)) == found
    if not why:
        assert found[0].chosen == ("7/1",) and all(r.kind == "object" for r in found[0].regions)


@pytest.mark.parametrize("text", ["[1, 2]", '{"images": []}'])
def test_captions_json_that_is_no_coco_is_refused(tmp_path, text):
    write(tmp_path / "captions_x.json", text)
    with pytest.raises(SourceError, match="no COCO JSON"):
        read(tmp_path)


# WebDataset


def tar(path, members, kind="w"):
    with tarfile.open(path, kind) as opened:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))


def test_tars_group_by_name_and_keep_tars_apart(tmp_path):
    first = [
        ("d/1.png", png()),
        ("d/1.txt", b"a dog\n"),
        ("d/1.json", b'{"caption": "a dog", "text": "other"}'),
        ("2.seg.png", png()),
        ("2.cap", b"c"),
    ]
    tar(tmp_path / "a.tar", first)
    tar(tmp_path / "b.tar", [("d/1.png", png("blue")), ("d/1.caption", b"blue"), ("noextension", b"x")])
    found = read(tmp_path)
    assert kept(found) == {"a/d/1": ["a dog", "other"], "a/2": ["c"], "b/d/1": ["blue"]}
    assert open_picture(found[2].subject).pil().getpixel((0, 0)) == (0, 0, 255)
    assert kept(read(tmp_path / "*.tar")) == kept(read(f"{tmp_path}/{{a,b}}.tar")) == kept(found)


def test_pickles_are_never_read_but_named(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    members = [("1.png", png()), ("1.pkl", pickle.dumps(Bomb())), ("1.txt", b"x"), ("2.pyd", pickle.dumps(Bomb()))]
    tar(tmp_path / "x.tar", members)
    found = read(tmp_path / "x.tar")
    assert found[0].meta == {"not read": "pkl"} and texts(found[0]) == ["x"]
    assert "neither picture nor caption, only pyd" in failed(found)["x/2"]
    assert not (tmp_path / "exploded").exists()


def test_members_that_point_out_of_the_tar_do_nothing(tmp_path):
    path = tmp_path / "x.tar"
    tar(path, [("../../evil.png", png()), ("/abs.png", png())])
    with tarfile.open(path, "a") as opened:
        for name, kind in [("link.png", tarfile.SYMTYPE), ("hard.png", tarfile.LNKTYPE), ("dev.png", tarfile.CHRTYPE)]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            opened.addfile(info)
    found = read(path)
    assert [r.subject.member for r in found] == ["../../evil.png", "/abs.png"]
    assert all(open_picture(r.subject).width == 4 for r in found) and not (tmp_path.parent.parent / "evil.png").exists()


def test_one_key_twice_in_a_tar_is_two_rows(tmp_path):
    tar(tmp_path / "x.tar", [("1.png", png()), ("1.txt", b"one"), ("2.png", png()), ("1.png", png("blue")), ("1.txt", b"two")])
    found = read(tmp_path / "x.tar")
    assert kept(found) == {"x/1": ["one"], "x/2": [], "x/1#1": ["two"]}
    assert open_picture(found[2].subject).pil().getpixel((0, 0)) == (0, 0, 255)


def test_a_tar_that_breaks_off_keeps_what_came_before(tmp_path):
    tar(tmp_path / "x.tar", [("1.png", png()), ("1.txt", b"one"), ("2.png", png() + bytes(3000))])
    whole = (tmp_path / "x.tar").read_bytes()
    write(tmp_path / "x.tar", whole[: whole.index(b"2.png") + 1000])
    found = read(tmp_path / "x.tar")
    assert kept(found) == {"x/1": ["one"]} and "no whole tar" in failed(found)["x:broken"]
    assert open_picture(found[0].subject).width == 4
    write(tmp_path / "y.tar", b"no tar at all" * 99)
    assert list(failed(read(tmp_path / "y.tar"))) == ["y:broken"]


def test_bad_members_fail_their_row_alone(tmp_path):
    tar(tmp_path / "x.tar", [("1.png", png()), ("1.json", b"{broken"), ("2.png", png()), ("2.txt", b"\xff\xfe"), ("3.png", png())])
    found = read(tmp_path / "x.tar")
    assert list(failed(found)) == ["x/1", "x/2"] and list(kept(found)) == ["x/3"]


# tables


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "tsv", "parquet"])
def test_tables_find_their_columns(tmp_path, kind):
    write(tmp_path / "p/a.png", png())
    rows = [{"uid": "u1", "Image_Path": "p/a.png", "TEXT": "a dog"}, {"uid": "u2", "Image_Path": "https://x.org/b.png", "TEXT": "a cat"}]
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif kind in ("csv", "tsv"):
        mark = "," if kind == "csv" else "\t"
        write(path, "\n".join(mark.join(line) for line in [list(rows[0]), *(list(r.values()) for r in rows)]))
    else:
        write(path, json.dumps(rows) if kind == "json" else "\n".join(map(json.dumps, rows)))
    found = read(path)
    assert kept(found) == {"u1": ["a dog"], "u2": ["a cat"]}
    assert open_picture(found[0].subject).width == 4 and found[1].subject == Image("https://x.org/b.png")
    assert kept(read(path, columns=Columns(image="Image_Path", captions=("uid",), id="TEXT"))) == {"a dog": ["u1"], "a cat": ["u2"]}
    assert open_source(str(path)).length == (2 if kind == "parquet" else None)


def test_rows_without_ids_are_named_by_file_and_row(tmp_path):
    write(tmp_path / "a.csv", "text,caption_1,caption_2\nx,y,z\n")
    found = read(tmp_path / "a.csv")
    assert [(c.id, c.text) for c in found[0].captions] == [
        ("a.csv:0/text/0", "x"),
        ("a.csv:0/caption_1/0", "y"),
        ("a.csv:0/caption_2/0", "z"),
    ]


def test_bad_rows_of_tables_are_failed_rows(tmp_path):
    write(
        tmp_path / "a.jsonl",
        b'{"text": "x"}\n{broken\n[1]\n{"other": 1}\n{"text": "\xff"}\n{"text": {"text": 5}}\n\n{"image": 5}\n{"text": "y"}',
    )
    found = read(tmp_path / "a.jsonl")
    assert kept(found) == {"a.jsonl:0": ["x"], "a.jsonl:8": ["y"]}
    assert list(failed(found)) == [f"a.jsonl:{n}" for n in (1, 2, 3, 4, 5, 7)]
    write(tmp_path / "b.csv", b'id,text\n1,x\n2,too,many\n3\n4,\xff\n5,"bad" quote\n6,y\n')
    found = read(tmp_path / "b.csv")
    assert kept(found) == {"1": ["x"], "6": ["y"]} and len(failed(found)) == 4


def test_cells_nested_without_end_and_odd_parents_fail_their_row_alone(tmp_path):
    write(tmp_path / "a.csv", f'id,captions\n1,"{"[" * 100_000}"\n2,ok\n')
    found = read(tmp_path / "a.csv")
    assert kept(found) == {"2": ["ok"]} and "nested too deeply" in failed(found)["a.csv:0"]
    write(tmp_path / "b.jsonl", '{"id": 1, "captions": [{"text": "x", "parents": 5}]}\n{"id": 2, "text": "y"}\n')
    found = read(tmp_path / "b.jsonl")
    assert kept(found) == {"2": ["y"]} and "list of ids, got int" in failed(found)["1"]


def test_two_rows_with_one_id_are_both_passed_on(tmp_path):
    write(tmp_path / "a.csv", "id,text\n1,x\n1,y\n")
    assert [(r.id, texts(r)) for r in read(tmp_path / "a.csv")] == [("1", ["x"]), ("1", ["y"])]


def test_objects_one_after_another_and_by_key_are_read(tmp_path):
    write(tmp_path / "a.json", '{\n "id": 1,\n "text": "x"\n}\n{\n "id": 2,\n "text": "y"\n}\n')
    write(tmp_path / "b.json", '{"k1": ["x", "y"], "k2": {"caption": "z"}}')
    write(tmp_path / "c.json", '[{"image_id": 5, "caption": "x"}, {"image_id": 6, "caption": "z"}, {"image_id": 5, "caption": "y"}]')
    write(tmp_path / "d.json", '{"images": [{"filename": "a.jpg", "sentences": [{"raw": "x", "tokens": ["x"]}]}]}')
    assert kept(read(tmp_path / "a.json")) == {"1": ["x"], "2": ["y"]}
    assert kept(read(tmp_path / "b.json")) == {"k1": ["x", "y"], "k2": ["z"]}
    assert kept(read(tmp_path / "c.json")) == {"5": ["x", "y"], "6": ["z"]}
    assert kept(read(tmp_path / "d.json")) == {"d.json:0": ["x"]}


def test_pictures_inside_parquet_are_cells(tmp_path):
    cells = [
        {"bytes": png(), "path": "a.png"},
        {"bytes": None, "path": str(tmp_path / "b.png")},
        None,
        {"bytes": png("blue"), "path": None},
    ]
    write(tmp_path / "b.png", png("blue"))
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"image": pa.array(cells, kind), "text": ["w", "x", "y", "z"]})
    pq.write_table(table, tmp_path / "x.parquet")
    pq.write_table(table.slice(3), tmp_path / "y.parquet")
    found = read(tmp_path)
    assert [r.subject.member for r in found] == ["image:0", "", "", "image:3", "image:0"]
    assert [open_picture(r.subject).pil().getpixel((0, 0))[0] for r in found if r.subject.path] == [255, 0, 0, 0]
    assert texts(found[2]) == ["y"] and found[2].subject == Image("")


def test_a_broken_parquet_is_a_failed_row(tmp_path):
    pq.write_table(pa.table({"text": ["x" * 50] * 1000}), tmp_path / "x.parquet")
    write(tmp_path / "x.parquet", (tmp_path / "x.parquet").read_bytes()[:-20])
    assert list(failed(read(tmp_path / "x.parquet"))) == ["x.parquet:broken"]


def test_paths_that_lead_nowhere_fail_when_opened_and_not_before(tmp_path):
    write(tmp_path / "x.jsonl", '{"image": "gone.png", "text": "x"}\n{"image": "file:///etc/passwd", "text": "x"}')
    for record in read(tmp_path / "x.jsonl"):
        assert record.status.kind == "kept"
        with pytest.raises(PictureError, match="missing"):
            open_picture(record.subject)


# run folders


def test_a_run_folder_is_read_with_the_pictures_it_keeps(tmp_path):
    tar_path = tmp_path / "run" / "pictures-00000.tar"
    tar_path.parent.mkdir()
    tar(tar_path, [("1.png", png())])
    rows = [
        Record("a", Image("pictures-00000.tar", "1.png"), made=(Made(Image("pictures-00000.tar", "1.png"), "sim:painter"),)),
        Record("b", Image("world:3?seed=0", "1")).drop("keep", "short"),
        Record("c", Image("")),
    ]
    (tmp_path / "run/shards").mkdir()
    pq.write_table(pa.Table.from_batches([to_batch(rows)]).append_column("run_left", [[1, 2, 3]]), tmp_path / "run/shards/00000.parquet")
    found = read(tmp_path / "run")
    assert found[1:] == rows[1:] and found[0].subject == found[0].made[0].image == Image(str(tar_path), "1.png")
    assert open_picture(found[0].subject).width == 4 and read(tmp_path / "run/shards/00000.parquet") == found


# Hugging Face datasets


def test_hugging_face_folders_are_read_as_their_library_writes_them(tmp_path):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    write(tmp_path / "a.png", png("blue"))
    rows = {
        "picture": [Pillow.new("RGB", (4, 3), "red")] * 2 + [str(tmp_path / "a.png"), None],
        "caption": ["w", "x", "y", "z"],
        "n": [1, 2, 3, 4],
    }
    whole = datasets.Dataset.from_dict(rows, features=datasets.Features(
        {"picture": datasets.Image(), "caption": datasets.Value("string"), "n": datasets.Value("int64")}))  # fmt: skip
    datasets.disable_progress_bars()
    whole.save_to_disk(str(tmp_path / "one"), num_shards=3)
    datasets.DatasetDict({"train": whole.select([2, 0]), "test": whole.select([3])}).save_to_disk(str(tmp_path / "two"))
    found = read(tmp_path / "one")
    assert kept(found) == {"one:0": ["w"], "one:1": ["x"], "one:2": ["y"], "one:3": ["z"]}
    assert [open_picture(r.subject).pil().getpixel((0, 0)) for r in found[:3]] == [(255, 0, 0)] * 2 + [(0, 0, 255)]
    assert found[3].subject == Image("")
    assert kept(read(tmp_path / "two")) == {"train:0": ["y"], "train:1": ["w"], "test:0": ["z"]}


def test_a_hugging_face_state_cannot_lead_out_of_its_folder(tmp_path):
    write(tmp_path / "d/state.json", json.dumps({"_data_files": [{"filename": "../secret.arrow"}, {"filename": 5}]}))
    write(tmp_path / "secret.arrow", b"secret")
    with pytest.raises(SourceError, match="no pictures or captions"):
        read(tmp_path / "d")
    write(tmp_path / "d/state.json", "{broken")
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "d")


# damage


@pytest.mark.parametrize("name", ["huggingface:h", "x.parquet", "x.tar", "x.json", "x.csv", "x.jsonl", "records:r"])
def test_flipped_bytes_end_as_failed_rows_or_one_error(tmp_path, name):
    write(tmp_path / "p/a.png", png(size=(20, 20)))
    given = [Record(f"{n}", Image(str(tmp_path / "p/a.png")), (Caption(f"{n}/0", "a dog"),), chosen=(f"{n}/0",)) for n in range(4)]
    kind, _, rest = name.rpartition(":")
    path = tmp_path / rest
    convert(given, f"{kind}:{path}" if kind else str(path))
    file = next(p for p in [path, *path.rglob("*.arrow"), *path.rglob("*.parquet")] if p.is_file())
    whole, rng = file.read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(whole)
        for at in rng.integers(0, len(bad), 3):
            bad[at] = rng.integers(256)
        file.write_bytes(bad)
        try:
            failed(read(path))
        except SourceError as error:
            assert "\n" not in str(error)


# what is no dataset


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("x.jpg", png(), "no kind that diptych reads"),
        ("x.csv", b"", "is empty"),
        ("x.json", b"{broken", "cannot be read as JSON"),
        ("x.json", b"[]", "holds no pictures or captions"),
        ("x.jsonl", b"\n\n", "no kind"),
        ("x.csv", b"a,b\n1,2\n", "no column of pictures or captions among a, b"),
        ("x.tar", gzip.compress(b"x"), "gunzip"),
        ("x.json", b"[" * 100_000, "cannot be read as JSON"),
    ],
)
def test_what_is_no_dataset_is_refused_in_one_line(tmp_path, name, data, rule):
    write(tmp_path / name, data)
    with pytest.raises(SourceError, match=rule) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_missing_and_empty_sources_are_refused(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "gone")
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "*.tar")
    with pytest.raises(SourceError, match="holds no pictures or captions"):
        read(tmp_path)
    write(tmp_path / "x.csv", "id,text\n1,x\n")
    with pytest.raises(SourceError, match=r"has no column 'nope': it has id, text"):
        read(tmp_path / "x.csv", columns=Columns(captions=("nope",)))


def test_schemes_are_asked_first(tmp_path):
    class World:
        name, length = "world:3", 3

        def __init__(self, address):
            assert address == "world:3?seed=0"

        def __iter__(self):
            return iter(())

    assert open_source("world:3?seed=0", schemes={"world": World}).length == 3
    with pytest.raises(SourceError, match=r"does not exist.*world:"):
        open_source("nowhere", schemes={"world": World})
