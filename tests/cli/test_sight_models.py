"""`diptych run` with detector, segmenter and depth of transformers: boxes become masks, masks get depths."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import tiny_hf_3 as tiny
import torch

from diptych.cli import main


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures with captions, and three models."""
    made = tmp_path_factory.mktemp("sight")
    (made / "photos").mkdir()
    for n, picture in enumerate(tiny.pictures()):
        picture.pil().save(made / "photos" / f"{n}.png")
    lines = [json.dumps({"id": f"{n}.png", "caption": "A dog lies beside a ball."}) for n in range(4)]
    (made / "captions.jsonl").write_text("\n".join(lines))
    torch.manual_seed(0)
    for name in ("rt_detr", "owlv2", "sam", "depth_anything"):
        getattr(tiny, name)(made / name)
    return made


def rows(place: Path, out: Path, *more: str) -> list[dict[str, Any]]:
    words = ["run", "image_textualization", str(place / "photos"), "--captioner", f"file:{place / 'captions.jsonl'}", "--writer", "rules:"]
    assert main([*words, "--out", str(out), "--quiet", *more]) == 0
    return [row for path in sorted(out.rglob("*.parquet")) for row in pq.read_table(path).to_pylist() if "captions" in row]


def test_objects_are_listed_masked_and_measured(place: Path, tmp_path: Path) -> None:
    named = [word for role, name in (("detector", "rt_detr"), ("segmenter", "sam"), ("depth", "depth_anything"))
             for word in (f"--{role}", f"hf:{place / name}")]  # fmt: skip
    found = rows(place, tmp_path / "run", *named, "--list-threshold", "0")
    assert [row["status"]["kind"] for row in found] == ["kept"] * 4
    listed = [region for row in found for region in row["regions"]]
    assert listed and {region["label"] for region in listed} <= {"dog", "ball", "traffic light"}
    assert any(region["shape"]["mask"] for region in listed)
    depths = [region["depth"] for region in listed if region["depth"] is not None]
    assert depths and all(0 <= depth <= 1 for depth in depths)
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    assert set(kept["models"]) >= {f"hf:{place / name}" for name in ("rt_detr", "sam", "depth_anything")}


def test_a_detector_of_phrases_cannot_list_and_says_so(place: Path, tmp_path: Path) -> None:
    found = rows(place, tmp_path / "run", "--detector", f"hf:{place / 'owlv2'}")
    assert {row["status"]["kind"] for row in found} == {"failed"}
    assert all("ask for phrases, or name a detector of classes" in row["status"]["why"] for row in found)
