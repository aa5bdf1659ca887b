"""The contract of every model of transformers: whatever the batch and the company, scores equal to 1e-4 and words the same."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import tiny_hf
import tiny_hf_2
import tiny_hf_3
import tiny_hf_4
import tiny_texts
import torch

from diptych.data.errors import PictureError
from diptych.data.pictures import Picture
from diptych.data.regions import Box
from diptych.lab.opening import without_source
from diptych.models import abilities as able
from diptych.models import hf_answerers, hf_captioners
from diptych.models.hf_kinds import abilities_of

OPEN = without_source()
WITHIN = 1e-4  # design section 3
WORDS = 8  # of a text, so that models which know no end are done soon
SHAPES = ((40, 30), (30, 40), (64, 64), (40, 30), (50, 20), (64, 48), (40, 30))
SAID = ("a red ball", "a man in a hat plays the guitar", "no", "two blue cones on a wooden table", "a dog", "yes", "is there a dog")
QUESTIONS = ("is there a dog", "how many cones", "what is on the wooden table", "is it red", "a dog", "how many", "what colour is it")
SCHEMA = '{"type": "object", "properties": {"word": {"enum": ["red", "blue"]}}, "required": ["word"], "additionalProperties": false}'
BOXES = (Box(0.1, 0.2, 0.6, 0.9), Box(0, 0, 1, 1))
Builder = Callable[[Path], Path]


class Member(NamedTuple):
    """One architecture in one ability: how it is built, the method, and the n-th request."""

    build: Builder
    ability: type
    method: str
    request: Callable[[Picture, int], Any]
    sees: bool = True


def _drawn(n: int) -> dict[str, Any]:
    """Every other request is drawn."""
    return {"draw": n, "temperature": 1.2} if n % 2 else {}


def _detect(picture: Picture, n: int) -> able.DetectRequest:
    return able.DetectRequest(picture, ("dog", "red cube", "brown dog")[: 1 + n % 3])


def _several(ability: type, method: str, request: Any, builders: Sequence[Builder], sees: bool = True) -> list[Member]:
    return [Member(build, ability, method, request, sees) for build in builders]


_CHATS = [*tiny_hf.CHATS.values(), *tiny_hf_4.CHATS.values()]
_BLIND = (tiny_hf.llama, tiny_hf.gpt2)
_SEEING = [build for build in _CHATS if build not in _BLIND]
_FINDERS = (tiny_hf_3.owlv2, tiny_hf_3.owlvit, tiny_hf_3.grounding_dino, tiny_hf_3.mm_grounding_dino)
_MASKS = (tiny_hf_3.sam, tiny_hf_3.mask2former, tiny_hf_3.maskformer, tiny_hf_3.oneformer)
_DEPTHS = (tiny_hf_3.depth_anything, tiny_hf_3.dpt, tiny_hf_3.glpn)
_SENTENCES = (tiny_texts.bert, tiny_texts.sentence_bert, tiny_texts.last_token)

MEMBERS = [
    *_several(able.Captioner, "caption", lambda p, n: able.CaptionRequest(p, **_drawn(n)), tiny_hf.CAPTIONERS.values()),
    *_several(able.ChatModel, "chat", lambda p, n: able.ChatRequest(QUESTIONS[n], (p,), tokens=WORDS, **_drawn(n)), _SEEING),
    *_several(able.ChatModel, "chat", lambda p, n: able.ChatRequest(SAID[n], tokens=WORDS, **_drawn(n)), _BLIND, False),
    *_several(able.ChatModel, "chat", lambda p, n: able.ChatRequest(SAID[n], schema=SCHEMA, tokens=40, **_drawn(n)), _BLIND, False),
    *_several(able.Matcher, "match", lambda p, n: able.MatchRequest(p, SAID[n]), tiny_hf_2.MATCHERS),
    *_several(able.Embedder, "embed", lambda p, n: able.EmbedRequest(p), (*tiny_hf_2.MATCHERS, *tiny_hf_2.TOWERS)),
    *_several(able.Embedder, "embed", lambda p, n: able.EmbedRequest(text=SAID[n]), (*tiny_hf_2.MATCHERS, *_SENTENCES), False),
    *_several(able.Answerer, "answer", lambda p, n: able.AskRequest(p, QUESTIONS[n], **_drawn(n)), tiny_hf_2.ANSWERERS),
    *_several(able.Entailer, "entail", lambda p, n: able.EntailRequest(SAID[n], SAID[n - 1]), tiny_texts.ENTAILERS, False),
    *_several(able.Detector, "detect", _detect, _FINDERS),
    *_several(able.Detector, "detect", lambda p, n: able.DetectRequest(p), (tiny_hf_3.rt_detr, tiny_hf_3.detr, tiny_hf_3.yolos)),
    *_several(able.Segmenter, "segment", lambda p, n: able.SegmentRequest(p, BOXES[: n % 3]), _MASKS),
    *_several(able.DepthEstimator, "depth", lambda p, n: able.DepthRequest(p), _DEPTHS),
]


@pytest.fixture
def member(request: pytest.FixtureRequest, checkpoint: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Member, Path]:
    monkeypatch.setattr(hf_captioners, "TOKENS", WORDS)
    monkeypatch.setattr(hf_answerers, "WORDS", WORDS)
    torch.manual_seed(0)
    return request.param, checkpoint(request.param.build)


def picture(n: int) -> Picture:
    width, height = SHAPES[n]
    return tiny_hf.picture(n, width, height)


def broken() -> Picture:
    def fails() -> Any:
        raise PictureError("cut short")

    return Picture("broken", 40, 30, fails)


def taken_apart(answer: Any) -> tuple[list[str], list[float]]:
    """Words and whatever else must be the same, and numbers that may differ a little, in one order."""
    if isinstance(answer, bool | str | int | None):
        return [str(answer)], []
    if isinstance(answer, float):
        return [], [answer]
    if isinstance(answer, np.ndarray):
        return [str(answer.shape)], answer.ravel().tolist()
    parts = [getattr(answer, field.name) for field in fields(answer)] if is_dataclass(answer) else list(answer)
    both = [taken_apart(part) for part in parts]
    return [type(answer).__name__, *(word for words, _ in both for word in words)], [number for _, numbers in both for number in numbers]


def alike(given: Any, wanted: Any) -> None:
    (words, numbers), (others, known) = taken_apart(given), taken_apart(wanted)
    assert words == others
    assert np.allclose(numbers, known, rtol=0, atol=WITHIN)


HALF = "a \ud800 dog"  # half a character, as JSON may hold
READERS = [
    *_several(able.Matcher, "match", lambda p, n: able.MatchRequest(p, HALF if n == 1 else SAID[n]), tiny_hf_2.MATCHERS),
    *_several(able.Embedder, "embed", lambda p, n: able.EmbedRequest(text=HALF if n == 1 else SAID[n]), (tiny_hf_2.clip, *_SENTENCES)),
    *_several(able.Answerer, "answer", lambda p, n: able.AskRequest(p, HALF if n == 1 else SAID[n]), tiny_hf_2.ANSWERERS),
    *_several(able.Entailer, "entail", lambda p, n: able.EntailRequest(SAID[n], HALF if n == 1 else SAID[n - 1]), tiny_texts.ENTAILERS),
    *_several(able.ChatModel, "chat", lambda p, n: able.ChatRequest(HALF if n == 1 else SAID[n], tokens=4), (tiny_hf.llama, tiny_hf.gpt2)),
]


@pytest.mark.parametrize("member", READERS, indirect=True, ids=[f"{one.ability.__name__}-{one.build.__name__}" for one in READERS])
def test_a_text_that_no_tokenizer_reads_fails_alone(member: tuple[Member, Path]) -> None:
    made, folder = member
    call = getattr(OPEN(f"hf:{folder}", made.ability), made.method)
    found = call([made.request(picture(n), n) for n in range(3)])
    assert [isinstance(one, able.Failed) for one in found] == [False, True, False], found


@pytest.mark.parametrize(
    "member", MEMBERS, indirect=True, ids=[f"{one.ability.__name__}-{one.build.__name__}-{n}" for n, one in enumerate(MEMBERS)]
)
def test_member(member: tuple[Member, Path]) -> None:
    made, folder = member
    requests = [made.request(picture(n), n) for n in range(len(SHAPES))]
    alone, call, wide = (getattr(OPEN(f"hf:{folder}?batch={size}", made.ability), made.method) for size in (1, 3, 16))
    wanted = alone(requests)
    assert len(wanted) == len(requests) and call([]) == []
    assert made.ability in abilities_of(json.loads((folder / "config.json").read_text())), "`diptych models` says otherwise"
    assert sum(isinstance(one, able.Failed) for one in wanted) < len(requests), "failures alone would prove nothing"
    assert len({repr(taken_apart(one)) for one in wanted}) > 1, "one answer to all requests would prove nothing"
    spoilt = [*requests[:2], made.request(broken(), 2), *requests[2:]] if made.sees else requests
    found = call(spoilt)
    if made.sees:
        failed = found.pop(2)
        assert isinstance(failed, able.Failed) and "cut short" in failed.error, "a picture that cannot be opened fails alone"
    for company in (found, call(requests[::-1])[::-1], wide(requests)):
        for given, one in zip(company, wanted, strict=True):
            alike(given, one)
