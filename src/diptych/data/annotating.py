"""Writers of annotation JSON: COCO (captions and boxes) and LLaVA conversations."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diptych.data.draws import uniform
from diptych.data.errors import PictureError
from diptych.data.opening import filled
from diptych.data.records import Image, Record
from diptych.data.writing import Job

_ASK = (
    "Describe the picture.",
    "What is in this picture?",
    "Write a caption for the picture.",
    "Tell me what the picture shows.",
    "What can be seen here?",
)


def write_coco(rows: Iterator[Record], dest: Path, job: Job) -> None:
    """COCO JSON: one file if `dest` ends in .json, else a folder of captions.json and instances.json."""
    kept = [(record, image) for record in rows if (image := _sized(record, job)) is not None]
    ids = _numbers([record.id for record, _ in kept])
    images, captions, boxes = [], [], []
    kinds: dict[str, int] = {}
    for (record, image), id in zip(kept, ids, strict=True):
        images.append(_image(record, image, id, job))
        captions.extend(_notes(record, id))
        boxes.extend(_boxes(record, image, id, kinds))
        job.written += 1
    for number, note in enumerate((*captions, *boxes), 1):
        note["id"] = number
    categories = [{"id": number, "name": name} for name, number in kinds.items()]
    whole = {"info": {"description": "written by diptych"}, "licenses": [], "images": images, "categories": categories}
    if job.single:
        dest.write_text(json.dumps({**whole, "annotations": captions + boxes}))
        return
    dest.mkdir()
    (dest / "captions.json").write_text(json.dumps({**whole, "annotations": captions}))
    (dest / "instances.json").write_text(json.dumps({**whole, "annotations": boxes}))


def _sized(record: Record, job: Job) -> Image | None:
    """The record's picture, with its size if there are boxes; None, and the row skipped, if that cannot be had."""
    if not record.regions or record.subject.width:
        return record.subject
    try:
        return filled(record.subject, job.pictures(record.subject))
    except PictureError as error:
        job.skip(record, f"its boxes need the picture's size: {error}")
        return None


def _numbers(ids: list[str]) -> list[int]:
    """The records' ids where they are whole numbers as COCO wants, else the next that is free."""
    said = [int(id) if id.isascii() and id.isdigit() and str(int(id)) == id and len(id) < 19 else 0 for id in ids]
    taken, found, free = set(said), [], 0
    seen: set[int] = set()
    for number in said:
        if number == 0 or number in seen:
            free += 1
            while free in taken:
                free += 1
            found.append(free)
        else:
            seen.add(number)
            found.append(number)
    return found


def _image(record: Record, image: Image, id: int, job: Job) -> dict[str, Any]:
    row: dict[str, Any] = {"id": id, "file_name": job.place(record), "chosen": list(record.chosen)}
    row |= {"image_member": image.member} if image.member else {}
    row |= {"width": image.width, "height": image.height} if image.width else {}
    return row if str(id) == record.id else {**row, "record_id": record.id}


def _notes(record: Record, id: int) -> list[dict[str, Any]]:
    return [
        {
            "image_id": id,
            "caption": c.text,
            "caption_id": c.id,
            "by": c.by,
            "style": c.style,
            "language": c.language,
            "parents": list(c.parents),
        }
        | ({} if c.region is None else {"region": c.region})
        for c in record.captions
    ]


def _boxes(record: Record, image: Image, id: int, kinds: dict[str, int]) -> list[dict[str, Any]]:
    notes = []
    for region in record.regions:
        box, (width, height) = region.box, (image.width, image.height)
        across, down = (box.right - box.left) * width, (box.bottom - box.top) * height
        note: dict[str, Any] = {
            "image_id": id,
            "category_id": kinds.setdefault(region.label, len(kinds) + 1),
            "bbox": [round(v, 6) for v in (box.left * width, box.top * height, across, down)],
            "area": round(across * down, 6),
            "iscrowd": int(region.kind == "group"),
            "kind": region.kind,
            "region_id": region.id,
            "by": region.by,
            "attributes": list(region.attributes),
        }
        notes.append(note if region.score is None else {**note, "score": region.score})
    return notes


def write_llava(rows: Iterator[Record], dest: Path, job: Job) -> None:
    """LLaVA conversations: one for each chosen caption, then the record's questions that have an answer."""
    made = []
    for record in rows:
        if not record.chosen or not record.subject.path or record.subject.member:
            lack = "no chosen caption" if not record.chosen else "no picture file of its own"
            job.skip(record, f"it has {lack}, and a conversation needs one")
            continue
        for number, caption in enumerate(record.standing()):
            ask = _ASK[int(uniform(record.id, caption.id, "ask") * len(_ASK))]
            turns = [("human", f"<image>\n{ask}"), ("gpt", caption.text)]
            if number == 0:
                for question in record.questions:
                    turns += [("human", question.text), ("gpt", question.answers[0].text)] if question.answers else []
            said = [{"from": who, "value": words.replace("<image>", "image") if who == "gpt" else words} for who, words in turns]
            made.append({"id": record.id if number == 0 else caption.id, "image": job.place(record), "conversations": said})
        job.written += 1
    dest.write_text(json.dumps(made))
