"""Both recipes that look again, with a chat model in every role: they ask abilities alone, whoever answers."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from diptych.cli.catalogue import recipe
from diptych.data.nodes import nodes
from diptych.data.pictures import Picture
from diptych.data.records import Record
from diptych.data.regions import Box
from diptych.data.sources import open_source
from diptych.engine import read_run, run
from diptych.lab.opening import opened
from diptych.models.abilities import ChatRequest, Detection, Detections, Detector, Failed, Painted, Painter, Replied
from diptych.models.chat_as import chat_as


@dataclass
class Chat:
    """Sees a red dog left of a cat; heeds every hint; paints nothing and finds nothing."""

    asked: list[ChatRequest] = field(default_factory=list)

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        self.asked += requests
        return [Replied(self._one(request)) for request in requests]

    def _one(self, request: ChatRequest) -> str:
        if len(request.pictures) == 2:
            # the painting of a caption that tells of the cat shows it
            missing = [] if "cat" in request.pictures[1].key else ["There is a black cat."]
            return json.dumps({"differences": missing})
        if "answer this question" in request.prompt:
            return "No." if "dogs" in request.prompt else "Yes."
        if not request.pictures:
            return "A red dog is left of a black cat."
        if request.pictures[0].parent is not None:
            return "a red dog" if request.pictures[0].box.left < 0.5 else "a black cat"  # type: ignore[union-attr]
        if "black cat" in request.prompt or "where the things" in request.prompt:
            return "A red dog is left of a black cat."
        return "a red dog and a cat" if "one sentence" in request.prompt else "There is a red dog."


class Others:
    def paint(self, requests: list[Any]) -> list[Any]:
        return [Painted(Picture(f"{r.text} {r.draw}", 8, 8, lambda: Pillow.new("RGB", (8, 8)))) for r in requests]

    def detect(self, requests: list[Any]) -> list[Any]:
        boxes = {"dog": Box(0.1, 0.4, 0.4, 0.9), "cat": Box(0.6, 0.4, 0.9, 0.9)}
        return [Detections(tuple(Detection(p, boxes[p], 0.8) for p in r.phrases if p in boxes)) for r in requests]


def finished(name: str, tmp_path: Path, **settings: Any) -> tuple[Record, Chat]:
    Pillow.new("RGB", (200, 100), "white").save(tmp_path / "one.png")
    chat = Chat()

    def opener(address: str, ability: type) -> Any:
        return Others() if ability in (Painter, Detector) else chat_as(chat, ability)

    pipeline = recipe(name).pipeline(**settings)
    source = open_source(str(tmp_path))
    summary = run(pipeline, source, tmp_path / "run", opener=opener, pictures=opened(str(tmp_path)).pictures, progress=False)
    (record,) = read_run(tmp_path / "run")
    assert record.status.kind == "kept", record.status.why
    assert summary.rows()["kept"] == 1
    return record, chat


def test_a_cycle_through_chat_models(tmp_path: Path) -> None:
    record, chat = finished("cycleprompt", tmp_path, captioner="openai:A", painter="hf:B", comparer="openai:C", size=64)
    assert [caption.text for caption in record.captions] == ["There is a red dog.", "A red dog is left of a black cat."]
    assert [text.words for text in record.texts] == ["There is a black cat."]
    assert [len(question.answers) for question in record.questions] == [3, 0]
    hinted = [request for request in chat.asked if "black cat" in request.prompt and len(request.pictures) == 1]
    assert len(hinted) == 1 and '"There is a black cat."' in hinted[0].prompt


@pytest.mark.parametrize("answerer", [None, "openai:D"])
def test_a_graph_by_chat_models(tmp_path: Path, answerer: str | None) -> None:
    models = {"captioner": "openai:A", "detector": "hf:B", "writer": "openai:C", "answerer": answerer}
    record, _ = finished("graph_based_captions", tmp_path, **models, pixels=100)
    assert [(node.kind, node.label) for node in nodes(record)] == [
        ("crop", "image"), ("object", "dog"), ("object", "cat"), ("group", "relation"),
    ]  # fmt: skip
    # what the others say is in it
    assert [(caption.style, caption.text) for caption in record.standing()] == [("relation", "A red dog is left of a black cat.")]
    assert [caption.style for caption in record.captions] == ["short", "dense", "region", "region", "relation"]
    assert len(record.questions) == (2 if answerer else 0)
