"""The matcher's and the answerer's objectives, and the vectors of sets."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from diptych.lab.nano_matching import WithFalse
from diptych.models.answerer_head import PREDICATES, RelationConfig, RelationModel
from diptych.models.nano_answerer import numbers
from diptych.models.region_boxes import MOST, Found, table
from diptych.models.set_captioner import Seen, SetCaptioner, SetCaptionerConfig, told
from diptych.models.things_encoder import ThingsEncoder, ThingsEncoderConfig
from diptych.train.answering import Relating
from diptych.train.sets import Sets


class Given:
    """A dual encoder whose vectors are given."""

    def __init__(self, pictures: torch.Tensor, texts: torch.Tensor):
        self.pictures, self.texts = pictures, texts
        self.logit_scale = torch.tensor(math.log(2.0))

    def get_image_features(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.pictures

    def get_text_features(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.texts


def test_false_captions_are_further_texts_and_repeated_ones_no_wrong_answers() -> None:
    torch.manual_seed(0)
    pictures, texts = torch.randn(4, 5), torch.randn(5, 5)
    right = torch.tensor([[1, 5, 2], [1, 6, 2], [1, 5, 2], [1, 7, 2]])  # the first and the third say the same
    wrong = torch.tensor([[1, 2, 0], [1, 8, 2], [0, 0, 0], [0, 0, 0]])  # of the second picture alone
    rows = torch.tensor([0, 1, 2, 1])  # the second and the fourth are of one scene
    found = WithFalse()(Given(pictures, texts), {"tokens": pictures, "text_ids": right, "wrong_ids": wrong, "rows": rows}, 0)
    logits = 2.0 * normalize(pictures, dim=-1) @ normalize(texts, dim=-1).T
    allowed = {0: [0, 1, 3, 4], 1: [0, 1, 2, 4], 2: [1, 2, 3, 4], 3: [0, 2, 3, 4]}
    slow = [-(logits[n, n] - logits[n, others].logsumexp(0)).item() for n, others in allowed.items()]
    back = {0: [0, 1, 3], 1: [0, 1, 2], 2: [1, 2, 3], 3: [0, 2, 3]}
    slow_back = [-(logits[n, n] - logits[others, n].logsumexp(0)).item() for n, others in back.items()]
    assert found["picture"].item() == pytest.approx(sum(slow) / 4, rel=1e-5)
    assert found["text"].item() == pytest.approx(sum(slow_back) / 4, rel=1e-5)
    assert found["own"].item() == pytest.approx(math.log(1 + math.exp(logits[1, 4] - logits[1, 1])), rel=1e-5)


def test_things_are_a_set_and_those_surely_absent_say_nothing() -> None:
    torch.manual_seed(0)
    model = ThingsEncoder(ThingsEncoderConfig(channels=6, slots=64, width=16)).eval()
    things = torch.rand(2, 4, 6)
    things[:, 3, 0] = 0
    turned = things[:, [2, 0, 1, 3]].clone()
    turned[:, 3, 1:] = 5.0
    assert torch.allclose(model.get_image_features(tokens=things), model.get_image_features(tokens=turned), atol=1e-5)
    ids = torch.tensor([[1, 4, 2, 0, 0]])
    short = model.get_text_features(ids[:, :3], ids[:, :3] != 0)
    assert torch.allclose(model.get_text_features(ids, ids != 0), short, atol=1e-5)


def test_the_table_tells_of_things_largest_first() -> None:

    boxes = np.array([[0.0, 0.0, 0.2, 0.2], [0.0, 0.5, 0.5, 1.0]], np.float32)
    values = np.array([[0.1, 0.9], [0.7, 0.3]], np.float32)
    made = table(Found(boxes, np.array([0.9, 0.8], np.float32), np.zeros((2, 4), np.int64), values, boxes, values))
    assert made.shape == (MOST, 7)
    assert made[0].tolist() == pytest.approx([0.8, 0.25, 0.75, 0.5, 0.5, 0.7, 0.3])
    assert made[1].tolist() == pytest.approx([0.9, 0.1, 0.1, 0.2, 0.2, 0.1, 0.9])
    assert (made[2:] == 0).all()


def test_relations_are_learnt_from_boxes_alone(tmp_path: Any) -> None:
    torch.manual_seed(0)
    model = RelationModel(RelationConfig(channels=7, width=32))
    things = torch.zeros(32, 3, 7)
    things[..., :2] = torch.rand(32, 3, 2)
    things[..., 2:5] = 0.3
    real = torch.ones(32, 3)
    real[:, 2] = 0  # only two things in each picture
    holds = torch.zeros(32, 3, 3, len(PREDICATES))
    holds[..., 0] = (things[:, None, :, 1] - things[:, :, None, 1] > 0.1).float()
    batch = {"things": things, "real": real, "holds": holds}
    optimiser = torch.optim.AdamW(model.parameters(), 1e-2)
    for update in range(80):
        loss = Relating()(model, batch, update)["relation"]
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    model.eval().save_pretrained(tmp_path)
    again = RelationModel.from_pretrained(tmp_path).eval()
    found = again(things[:, 0], things[:, 1])[:, 0] > 0
    assert (found == holds[:, 0, 1, 0].bool()).float().mean() > 0.9


def test_how_many_of_independent_events_happen() -> None:
    assert numbers(np.array([0.5, 0.2], np.float32)).tolist() == pytest.approx([0.4, 0.5, 0.1])
    assert numbers(np.array([], np.float32)).tolist() == [1.0]


def test_a_set_is_told_by_noun_with_number_and_shared_attributes() -> None:
    things = [
        Seen("ball", "red", "large", "matte", 1, 4),
        Seen("cube", "blue", "medium", "shiny", 6, 4),
        Seen("ball", "red", "small", "matte", 3, 1),
    ]
    assert told(things, "short") == "There are two red balls and a blue cube."
    assert told(things[:2], "spatial") == "A red ball is left of a blue cube."
    assert "shiny" in told(things, "dense")
    assert told([], "short") == "a picture"


def test_a_linear_layer_learns_where_things_are(tmp_path: Any) -> None:
    torch.manual_seed(0)
    words = {"noun": ["ball", "cube"], "colour": ["red", "blue"], "size": ["medium"], "material": ["matte"]}
    model = SetCaptioner(SetCaptionerConfig(vocabulary=words, channels=3))
    place, noun = torch.arange(16) % 4, torch.arange(16) // 4 % 2
    tokens = torch.zeros(16, 4, 3)
    tokens[torch.arange(16), place, noun] = 4.0
    x, y = place % 2 / 2, place // 2 / 2
    labels = torch.full((16, 2, 4), -1)
    labels[:, 0] = 0
    labels[:, 0, 0] = noun
    boxes = torch.zeros(16, 2, 4)
    boxes[:, 0] = torch.stack([x + 0.1, y + 0.1, x + 0.4, y + 0.4], -1)
    batch = {"tokens": tokens, "boxes": boxes, "labels": labels}
    optimiser = torch.optim.AdamW(model.parameters(), 5e-2)
    for update in range(150):
        loss = torch.stack(list(Sets()(model, batch, update).values())).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    model.eval().save_pretrained(tmp_path)
    seen = SetCaptioner.from_pretrained(tmp_path).eval().seen(tokens)
    assert [[(one.noun, one.column, one.row) for one in row] for row in seen] == [
        [(words["noun"][n], p % 2, p // 2)] for n, p in zip(noun.tolist(), place.tolist(), strict=True)
    ]


def test_batches_without_things_or_pairs_teach_nothing() -> None:
    captioner = SetCaptioner(SetCaptionerConfig(channels=6))
    empty = {"tokens": torch.rand(2, 16, 6), "boxes": torch.zeros(2, 3, 4), "labels": torch.full((2, 3, 4), -1)}
    found = Sets()(captioner, empty, 0)
    assert found["labels"].item() == 0 and found["there"].isfinite()
    alone = {"things": torch.rand(2, 3, 8), "real": torch.tensor([[1, 0, 0]] * 2), "holds": torch.zeros(2, 3, 3, len(PREDICATES))}
    assert Relating()(RelationModel(RelationConfig(channels=8, width=4)), alone, 0)["relation"].item() == 0
