"""A recipe from the command line on experts that need no weights: labels of a file, words by OCR, rules as writer."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from diptych.cli import main
from diptych.data.records import Record
from diptych.data.sources import open_source

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()


def fused(source: Path, labels: Path, ocr: str) -> list[Record]:
    out = source.parent / "run"
    words = (
        "run",
        "fusecap",
        str(source),
        "--detector",
        f"file:{labels}",
        "--ocr",
        ocr,
        "--writer",
        "rules:",
        "--out",
        str(out),
        "--quiet",
    )
    assert main(list(words)) == 0
    return list(open_source(str(out)))


def said(row: Record) -> str:
    return next(caption.text for caption in row.captions if caption.style == "fused")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract not installed")
def test_a_drawn_sign(tmp_path: Path) -> None:
    image = Pillow.new("RGB", (320, 160), "white")
    ImageDraw.Draw(image).text((60, 50), "OPEN", fill="black", font=ImageFont.load_default(60))
    image.save(tmp_path / "sign.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "sign.txt").write_text("0 .2 .2 .1 .1\n")
    (tmp_path / "classes.txt").write_text("bicycle\n")
    source = tmp_path / "source.jsonl"
    source.write_text(json.dumps({"id": "sign.png", "image": "sign.png", "caption": "a sign on a wall"}) + "\n")
    (row,) = fused(source, tmp_path / "labels", "tesseract:")
    assert row.status.kind == "kept" and "bicycle" in said(row) and "OPEN" in said(row) and "sign" in said(row)


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
@pytest.mark.skipif(find_spec("rapidocr") is None or find_spec("onnxruntime") is None, reason="rapidocr not installed")
def test_real_photos(tmp_path: Path) -> None:
    photos = SHARED / "coco128"
    rows = [row for row in json.loads((photos / "joined.json").read_text()) if row.get("references")][:2]
    source = tmp_path / "source.jsonl"
    lines = [{"id": row["file"], "image": str(photos / row["file"]), "captions": row["references"][1:2]} for row in rows]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shoes, street = fused(source, photos / "object_detection/config.yaml", "rapidocr:?threads=1")
    assert "RUCANOR" in said(shoes) and {region.label for region in street.regions} >= {"traffic light", "car"}
