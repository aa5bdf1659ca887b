"""The readers over real data: how many rows, captions and pictures, and which cannot be read and why."""

from collections import Counter
from pathlib import Path

import pytest

from diptych.data.errors import PictureError, SourceError
from diptych.data.opening import open_picture
from diptych.data.rows import Columns
from diptych.data.sources import open_source

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")

# address: rows, captions, regions, pictures that open, pictures that do not (files that were never in the folder)
COUNTS = {
    "coco128/images": (81, 0, 0, 81, 0),
    "coco128/joined.json": (81, 85, 0, 81, 0),
    "web_alt_text/test_tars": (11, 0, 0, 11, 0),
    "web_alt_text/test_images": (7, 0, 0, 7, 0),
    "web_alt_text/tests/test_files/test_1000.parquet": (1000, 1000, 0, 0, 0),
    "web_alt_text/tests/test_files/test_10000.parquet": (10_000, 10_000, 0, 0, 1),
    "web_alt_text/tests/test_files/sample_image.parquet": (2, 2, 0, 0, 0),
    "conceptual_captions_photos": (18, 0, 0, 18, 0),
    "skimage_photos": (10, 0, 0, 10, 0),
    "pose": (6, 0, 0, 6, 0),
    "pose/coco/test_coco.json": (4, 0, 14, 4, 0),
    "pose/coco/test_coco_wholebody.json": (4, 0, 14, 4, 0),
    "pose/humanart/test_humanart.json": (3, 0, 4, 0, 3),
    "pose/h36m/h36m_coco.json": (4, 0, 4, 0, 4),
    "jats": (4, 0, 0, 4, 0),
    "flickr8k_judgements/refs.json": (1000, 29_110, 0, 0, 0),
    "flickr8k_judgements/candidates.json": (1000, 5822, 0, 0, 0),
    "coco_fakecap/results/captions_val2014_fakecap_results.json": (1000, 1000, 0, 0, 0),
    "coco_fakecap/examples/gts.json": (1000, 5005, 0, 0, 0),
    "coco_fakecap/examples": (1, 0, 0, 1, 0),
    "countbench/CountBench.json": (540, 540, 0, 0, 0),
    "sugar_crepe/add_att.json": (692, 692, 0, 0, 692),
    "sugar_crepe/swap_obj.json": (245, 245, 0, 0, 245),
    "pope_captions/caption_data/Instruction1_llava.json": (2000, 2000, 0, 0, 0),
    "pope_captions/caption_data/Instruction1_mplug.json": (2000, 2000, 0, 0, 0),
    "t2i_prompts/examples/dataset/color.txt": (860, 860, 0, 0, 0),
    "nlg_eval_example/hyp.txt": (2, 2, 0, 0, 0),
    "point_clouds": (4, 1, 0, 4, 0),  # the caption is a label file that happens to lie beside a picture
}


@pytest.mark.parametrize("where", COUNTS)
def test_every_row_of_real_data_is_read(where):
    rows = list(open_source(str(SHARED / where)))
    assert [r.status.why for r in rows if r.status.kind != "kept"] == []
    assert len({r.id for r in rows}) == len(rows)
    opened: Counter[str] = Counter()
    for record in rows:
        if record.subject.path and not record.subject.path.startswith("http"):
            try:
                opened[open_picture(record.subject).pil().mode] += 1
            except PictureError as error:
                assert "is missing: put it there" in str(error)
                opened["missing"] += 1
    captions, regions = sum(len(r.captions) for r in rows), sum(len(r.regions) for r in rows)
    assert (len(rows), captions, regions, opened["RGB"], opened["missing"]) == COUNTS[where]


def test_columns_can_be_named():
    systems = Columns(captions=("predictions",), id="image_id")
    rows = list(open_source(str(SHARED / "coco128/joined.json"), columns=systems))
    assert rows[0].id == "42" and [c.style for c in rows[0].captions][:2] == ["magic_result", "mscoco_in_domain_clipretrieval"]
    pope = open_source(
        str(SHARED / "pope_captions/caption_data/Instruction1_mmgpt.json"), columns=Columns(id="image_id", captions=("text",))
    )
    assert next(iter(pope)).id == "40468"
    audio = list(open_source(str(SHARED / "aac_captions/data/example_1.csv"), columns=Columns(captions=("caption_predicted",))))
    empty = [r.id for r in audio if r.status.kind == "failed"]  # cells without words
    assert empty and all(len(r.captions) == 1 for r in audio if r.id not in empty)


def test_rows_without_pictures_and_captions_are_failed_rows():
    rows = list(open_source(str(SHARED / "pose/coco/test_coco_det_AP_H_56.json")))
    assert len(rows) == 118 and {r.status.why.partition(": ")[2] for r in rows} == {"the row holds neither picture nor caption"}


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        ("conceptual_captions_photos/credits.csv", "no column of pictures or captions"),
        ("chair_synonyms", "no pictures or captions"),
    ],
)
def test_folders_without_pictures_or_captions_say_so(where, rule):
    with pytest.raises(SourceError, match=rule):
        list(open_source(str(SHARED / where)))
