"""The contract of every expert: one answer a request, in order, whatever the company; one failure spoils no neighbour."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from diptych.data.graphs import Attribute, Entity, SceneGraph, Statement
from diptych.data.records import Image
from diptych.data.regions import Box
from diptych.lab.opening import opened, pictures
from diptych.models import abilities as able
from diptych.models.abilities import Failed
from diptych.world.source import world_picture

ROWS = 8
SOURCE = f"world:{ROWS}?seed=5"
STATEMENT = Statement(0, "attribute", "ball", "red")
READ = '{"caption": "a red ball", "question": "What colour is the ball ID?"}'
OTHER = world_picture(Image(SOURCE, "0"))  # known to every comparer of the world
GRAPH = SceneGraph((Entity("ball", 1, attributes=(Attribute("red"),)),))
EXPERTS: list[tuple[str, type, str, Callable[[Any, str], Any]]] = [
    ("sim:captioner", able.Captioner, "caption", lambda p, id: able.CaptionRequest(p, record=id)),
    ("sim:detector", able.Detector, "detect", lambda p, id: able.DetectRequest(p, ("ball", "red cube", "sign"), record=id)),
    ("sim:detector", able.Detector, "detect", lambda p, id: able.DetectRequest(p, record=id)),
    ("sim:answerer", able.Answerer, "answer", lambda p, id: able.AskRequest(p, "Is there a red ball?", STATEMENT, record=id)),
    ("sim:answerer", able.Answerer, "answer", lambda p, id: able.AskRequest(p, "How many balls are there?", record=id)),
    ("sim:ocr", able.Ocr, "read", able.ReadRequest),
    ("sim:matcher", able.Matcher, "match", lambda p, id: able.MatchRequest(p, "a red ball", id)),
    ("sim:segmenter", able.Segmenter, "segment", lambda p, id: able.SegmentRequest(p, (Box(0.1, 0.1, 0.5, 0.5),), id)),
    ("sim:depth", able.DepthEstimator, "depth", able.DepthRequest),
    ("sim:embedder", able.Embedder, "embed", lambda p, id: able.EmbedRequest(p, record=id)),
    ("sim:painter", able.Painter, "paint", lambda p, id: able.PaintRequest(f"a red ball and {len(id)} cubes", 32, draw=int(id[-1]))),
    (
        "sim:captioner",
        able.Captioner,
        "caption",
        lambda p, id: able.CaptionRequest(p, question="What colour is the ball?", words=6, record=id),
    ),
    ("sim:captioner", able.Captioner, "caption", lambda p, id: able.CaptionRequest(p, texts=("a red ball on a sign",), record=id)),
    ("sim:judge", able.Judge, "judge", lambda p, id: able.JudgeRequest(p, ("a red ball", "two cubes"), ("a ball",), record=id)),
    ("sim:reader", able.ChatModel, "chat", lambda p, id: able.ChatRequest(READ.replace("ID", id), record=id)),
    ("sim:comparer", able.Comparer, "compare", lambda p, id: able.CompareRequest(p, OTHER, record=id)),
    ("sim:entailer", able.Entailer, "entail", lambda p, id: able.EntailRequest(f"a red ball {id}", "a ball")),
    ("file:CAPTIONS", able.Captioner, "caption", lambda p, id: able.CaptionRequest(p, record=id)),
    ("file:CAPTIONS", able.Detector, "detect", lambda p, id: able.DetectRequest(p, ("ball",), record=id)),
    ("file:CAPTIONS", able.Ocr, "read", able.ReadRequest),
    ("colours:", able.Answerer, "answer", lambda p, id: able.AskRequest(p, "What colors are in the picture?", record=id)),
    ("rules:", able.Writer, "write", lambda p, id: able.WriteRequest(GRAPH)),
    ("rules:", able.Entailer, "entail", lambda p, id: able.EntailRequest("a red ball", "a ball")),
]


def plain(answers: list[Any]) -> list[str]:
    return [
        repr(a.map.tolist() if isinstance(a, able.Depth) else a.vector.tolist() if isinstance(a, able.Embedded) else a) for a in answers
    ]


@pytest.mark.parametrize(("address", "ability", "method", "request_for"), EXPERTS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_expert(address: str, ability: type, method: str, request_for, tmp_path) -> None:
    have = opened(SOURCE, 5)
    records = list(have.source)
    path = tmp_path / "captions.jsonl"
    path.write_text("".join(json.dumps({"id": r.id, "caption": "a red ball"}) + "\n" for r in records), encoding="utf-8")
    address = address.replace("CAPTIONS", str(path))
    call = getattr(have.opener(address, ability), method)
    requests = [request_for(have.pictures(record.subject), record.id) for record in records]
    whole = plain(call(requests))
    assert len(whole) == ROWS and call([]) == []
    assert plain(call(requests)) == whole, "a second call answers otherwise"
    assert plain(call(requests[::-1]))[::-1] == whole, "the order matters"
    assert [answer for request in requests for answer in plain(call([request]))] == whole, "the company matters"
    if address not in ("rules:", "sim:painter", "sim:entailer", "sim:reader"):  # which see no picture
        stranger = request_for(pictures(Image("")), "nobody")
        failed, *others = call([stranger, *requests])
        assert isinstance(failed, Failed) and failed.error
        assert plain(others) == whole, "a failure spoils its neighbours"
    fresh = opened(SOURCE, 5)
    again = getattr(fresh.opener(address, ability), method)
    assert plain(again(requests)) == whole, "another process would answer otherwise"
