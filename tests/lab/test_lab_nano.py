"""The shipped nano models do what their card says, on a few held-out scenes; tokens are kept on disk."""

import os
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from diptych.lab import nano
from diptych.lab.nano_examples import Examples, examples, things_of
from diptych.lab.nano_head_scores import answers, facts, retrieval
from diptych.lab.nano_heads import Heads, heads, tokens
from diptych.lab.nano_relations import told as told_of
from diptych.lab.nano_scores import detection, pairs
from diptych.lab.nano_texts import STYLES, told
from diptych.lab.opening import opened
from diptych.models import nano_answerer
from diptych.models.abilities import Captioner, CaptionRequest
from diptych.models.nano_answerer import answerer
from diptych.models.nano_sight import load, sight, words
from diptych.models.region_boxes import Found
from diptych.models.region_model import SLOTS
from diptych.models.things_encoder import ThingsEncoder
from diptych.world.catalogue import CATEGORIES, COLOURS, MATERIALS, SIZES
from diptych.world.source import world_source

COUNT = 100
HELD = f"world:{COUNT}?pairs=seen&seed=5003&size=64"


@lru_cache(1)
def held() -> Examples:
    return examples([HELD], 1, texts=True)


@lru_cache(1)
def held_heads() -> Heads:
    return heads(held(), sight().model, words())


def test_the_detector_finds_things_and_their_colours() -> None:
    found = detection(sight().model, held())
    assert found["F1 noun+colour"] > 0.85
    assert found["size right"] > 0.9
    assert found["material right"] > 0.85


def test_the_matcher_finds_the_picture_of_a_caption() -> None:
    found = retrieval(load(ThingsEncoder, "matcher"), held_heads())
    assert found["R@1"] > 0.6
    assert found["own"] > 0.75


@pytest.mark.parametrize("name", ["captioner-a", "captioner-b"])
def test_the_captioners_mostly_tell_the_truth(name: str) -> None:
    source = opened(HELD)
    requests = [CaptionRequest(source.pictures(record.subject)) for record in islice(source.source, 60)]
    texts = [one.text for one in source.opener(f"nano:{name}", Captioner).caption(requests)]
    found = facts(texts, [world_source(HELD).truth(n) for n in range(60)])
    assert 0.6 < found["fact_precision"] < 0.97
    assert found["fact_recall"] > 0.22


def test_the_answerer_is_mostly_right() -> None:
    assert answers(answerer(), held())["all"] > 0.8


def test_configurations_name_the_words_of_the_world() -> None:
    vocabulary = sight().model.config.vocabulary
    assert vocabulary["noun"] == [c.noun for c in CATEGORIES]
    assert (vocabulary["colour"], vocabulary["size"], vocabulary["material"]) == (list(COLOURS), list(SIZES), list(MATERIALS))
    assert words()("is there a penguin ?")["input_ids"].count(words().unk_token_id) == 0


def test_examples_hold_what_truth_sees() -> None:
    truth = world_source(HELD).truth(3)
    boxes, labels = things_of(truth)
    one = truth.graph.entities[0]
    assert CATEGORIES[labels[0, 0]].noun == one.noun
    assert list(COLOURS)[labels[0, 1]] in one.values
    assert (list(SIZES)[labels[0, 2]] in one.values) == (labels[0, 2] != 1)
    assert (MATERIALS[labels[0, 3]] in one.values) == (labels[0, 3] != 0)
    assert boxes[0, 0] == pytest.approx(truth.regions[0].box.left)
    assert (labels[len(truth.graph.entities) :] == -1).all()
    assert held().pixels.shape == (COUNT, 64, 64, 3)
    assert np.array_equal(held().labels[3], labels)


def test_captions_are_true_false_captions_are_not_and_answers_are_known() -> None:
    world = world_source(HELD)
    for number in range(20):
        said = told(world.truth(number), keys=("test",))
        assert len(said.true) == len(STYLES)
        assert facts(said.true[:3], [world.truth(number)] * 3)["fact_precision"] == 1.0
        if said.false:
            assert facts(said.false, [world.truth(number)] * len(said.false))["fact_precision"] < 1.0
        assert {one.answer for one in said.asked} <= {"yes", "no", *COLOURS, *MATERIALS, *map(str, range(1, 10))}
        assert said == told(world.truth(number), keys=("test",))


def test_each_found_thing_stands_for_one_true_thing() -> None:
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.9, 0.9]], np.float32)
    labels = np.array([[4, 0, 0, 0], [2, 0, 0, 0]])
    assert pairs(boxes, boxes[::-1], labels, labels) == [(0, 0), (1, 1)]  # the same noun before the better overlap
    assert pairs(boxes, boxes[:1], labels, labels[:1]) == [(0, 0)]


def test_tokens_are_computed_once_and_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data = nano.world_data("world:5?seed=5004&size=64", captions=("short", "dense"))
    column = data.columns["tokens"]
    assert (column.shape, column.dtype) == ((5, 64, 128), np.float16)
    assert data.inputs.columns == ("tokens",)
    assert len(data.texts(0)) == 2
    assert len(list(tmp_path.rglob("*.npy"))) == 1

    def never(*_: Any) -> Any:
        raise AssertionError("computed twice")

    monkeypatch.setattr(nano, "tokens_of", never)
    again = nano.world_data("world:5?seed=5004&size=64")
    assert np.array_equal(again.columns["tokens"], column)
    pixels = np.stack([np.asarray(data.pictures(row.subject).pil()) for row in data.rows])
    assert torch.allclose(tokens(nano.tower(), pixels).float(), torch.from_numpy(column.astype(np.float32)), atol=2e-2)


def test_tokens_that_were_not_used_for_longest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert nano.cache_folder() == tmp_path / "xdg" / "diptych" / "tokens"
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path))
    monkeypatch.setattr(nano, "MOST", 250_000)  # two worlds of 7 scenes: 7 x 64 x 128 x 2 bytes each
    worlds = [f"world:7?seed={seed}&size=64" for seed in (5005, 5006, 5007)]

    def kept() -> set[str]:
        return {path.name for path in (tmp_path / "tokens").iterdir()}

    nano.world_data(worlds[0])
    (first,) = kept()
    nano.world_data(worlds[1])
    (second,) = kept() - {first}
    for age, name in enumerate((second, first)):  # used in the other order, an age ago
        os.utime(tmp_path / "tokens" / name, (1000 + age, 1000 + age))
    held = nano.world_data(worlds[1]).columns["tokens"]  # used now, so that the first is the oldest
    before = np.array(held)
    (tmp_path / "tokens" / "x.1.part.npy").write_bytes(b"0" * 10_000)
    nano.world_data(worlds[2])
    assert first not in kept() and second in kept() and len(kept()) == 3  # with what is being written
    assert np.array_equal(held, before)
    os.utime(tmp_path / "tokens" / "x.1.part.npy", (0, 0))
    monkeypatch.setattr(nano, "MOST", 1)
    nano.shrink(tmp_path / "tokens" / second)  # larger than what may be kept: it stays alone
    assert kept() == {second}
    assert np.array_equal(held, before)


def test_questions_are_answered_from_what_is_seen_alone() -> None:
    """The things are made up, so that the answers are known: two red balls, of them one large, and a shiny blue cube to their right."""
    vocabulary = sight().model.config.vocabulary
    rows = [("ball", "red", "large", "matte"), ("ball", "red", "medium", "matte"), ("cube", "blue", "medium", "shiny")]
    labels = np.array([[vocabulary[slot].index(word) for slot, word in zip(SLOTS, row, strict=True)] for row in rows])
    boxes = np.array([[0.05, 0.4, 0.25, 0.6], [0.1, 0.7, 0.25, 0.85], [0.7, 0.45, 0.85, 0.6]], np.float32)
    scores = np.full(3, 0.9, np.float32)
    values = told_of(np.pad(boxes, ((0, 6), (0, 0))), np.pad(labels, ((0, 6), (0, 0)), constant_values=-1))[:3, 5:]
    # vectors of things that look like these: those of a picture that shows them would be used, so phrases are judged by labels here
    found = Found(boxes, scores, labels, np.full((3, 4), 0.9, np.float32), np.zeros((3, 64), np.float32), values)
    asked = answerer()

    def fits(model: Any, of: Found, bags: Any) -> Any:
        words = [{*row, *(["toy"] if row[0] == "ball" else ["block"])} for row in rows]
        return np.array([[float({model.config.words[n] for n in bag} <= known) for bag in bags] for known in words], np.float32)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nano_answerer, "fits", fits)
        said = {
            "How many balls are there?": "2",
            "What is the number of toys?": "2",
            "Is there a blue cube in the image?": "yes",
            "Is there a red cube in the image?": "no",
            "Are there three red balls in the image?": "no",
            "Are there at least two red balls in the image?": "yes",
            "Is there a large red ball in the image?": "yes",
            "What colour is the cube?": "blue",
            "What color is the cube in the picture?": "blue",
            "Which colour has the cube?": "blue",
            "Name the colour of the cube.": "blue",
            "What surface does the cube have?": "shiny",
            "How does the surface of the cube look?": "shiny",
            "Is the ball left of the cube?": "yes",
            "Is the cube left of the ball?": "no",
            "Is there a blue cube to the right of a ball in the image?": "yes",
            "Can the ball be found left of the cube?": "yes",
            "Would you say that the ball is right of the cube?": "no",
            "Is there a dachshund in the image?": "unknown",
            "Is the cube singing to the ball?": "unknown",
        }
        assert {question: asked.about(question, found).text for question in said} == said
