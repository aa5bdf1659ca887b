"""Batch builders: collision-free, hard bags, per source, sub-captions, counterfactuals; all hang on the records' ids alone."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.models.words import word_tokenizer
from diptych.train.batches import Random
from diptych.train.batches_collisions import CollisionFree, collision_rate, collisions
from diptych.train.batches_hard import HardBags, bags_of
from diptych.train.batches_sources import PerSource
from diptych.train.batches_texts import Counterfactual, SubCaptions, parts
from diptych.train.contrastive import Contrastive
from diptych.train.counterfactual import Editor
from diptych.train.data import Data, Inputs

TEXTS = [f"a {colour} {noun}" for colour in ("red", "blue", "green") for noun in ("ball", "cube", "cone", "dog")]
LONG = "A red ball. Two blue cubes are left of it. A dog sleeps!"


def no_picture(image: Image) -> Picture:
    raise AssertionError("no picture is opened")


def data_of(texts: list[str], shift: int = 0) -> Data:
    rows = []
    for number in range(len(texts)):
        at = (number + shift) % len(texts)
        caption = Caption(f"r{at}/source", texts[at])
        rows.append(Record(f"r{at}", Image("x"), captions=(caption,), chosen=(caption.id,), labels={"source": "ab"[at % 3 > 0]}))
    return Data(
        rows, no_picture, Inputs(word_tokenizer(texts)), {"place": np.array([[math.cos(at), math.sin(at)] for at in range(len(texts))])}
    )


def drawn(maker, data: Data, seed: int = 0, episode: int = 0):
    return list(maker(None, data, np.random.default_rng(seed), episode))


MAKERS = {
    "collision-free": CollisionFree(4),
    "per source": PerSource(4),
    "sub-captions": SubCaptions(4, 2),
    "counterfactual": Counterfactual(4, Editor(("ball", "mug"), ("red", "green", "blue"))),
    "hard bags, still random": HardBags(4, ((1, 1), (2, 2)), "place"),
}


def said_by(maker, data: Data, seed: int = 0) -> list[list[tuple[str, ...]]]:
    """Ids and texts of each batch."""
    return [
        sorted(zip((data.rows[row].id for row in batch.rows), *batch.texts.values(), strict=True)) for batch in drawn(maker, data, seed)
    ]


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_what_is_drawn_hangs_on_the_ids_not_on_the_order_of_the_source(maker):
    first = said_by(maker, data_of(TEXTS))
    assert first and first == said_by(maker, data_of(TEXTS))
    assert sorted(first) == sorted(said_by(maker, data_of(TEXTS, shift=5)))
    assert first != said_by(maker, data_of(TEXTS), seed=1)


def test_collision_rate_by_hand():
    assert collision_rate(["A dog.", "a  dog", "a cat", "an ox"]) == 0.5
    assert collision_rate([]) == 0
    assert collisions(data_of(["a dog"] * 8), 4, np.random.default_rng(0)) == 1


def test_no_batch_without_collisions_holds_two_equal_texts():
    texts = [TEXTS[number % 5] for number in range(40)] + TEXTS
    batches = drawn(CollisionFree(5), data_of(texts))
    for batch in batches:
        assert collision_rate(batch.texts["text"]) == 0 and len(batch.rows) == 5
    rows = [row for batch in batches for row in batch.rows.tolist()]
    assert len(rows) == len(set(rows)) and len(rows) >= 40
    assert 0 < np.mean([batch.arrays["collided"].mean() for batch in batches]) < 1
    with pytest.raises(InputError, match="4 different texts make no batch of 5"):
        drawn(CollisionFree(5), data_of(["a", "b", "c", "d"] * 5))


def test_bags_by_hand():
    place = np.array([[1, 0], [0, 1], [0.9, 0.1], [0.1, 0.9], [-1, 0]], np.float32)
    assert [bag.tolist() for bag in bags_of(place, 2)] == [[0, 2], [1, 3]]


def test_hard_bags_follow_the_schedule_and_hold_neighbours():
    maker = HardBags(4, ((1, 1), (3, 2), (9, 4)), "place")
    assert [maker.bag(episode) for episode in (0, 1, 2, 3, 50)] == [1, 2, 2, 4, 4]
    assert not maker.asks_model and HardBags().asks_model
    data = data_of(TEXTS)
    spread = {}
    for episode in (0, 1):
        batches = drawn(maker, data, episode=episode)
        assert sorted(row for b in batches for row in b.rows.tolist()) == list(range(len(TEXTS)))
        pairs = [(b.rows[i], b.rows[i + 1]) for b in batches for i in (0, 2)]
        spread[episode] = np.mean([data.columns["place"][one] @ data.columns["place"][other] for one, other in pairs])
    assert spread[1] > 0.8 > spread[0]
    with pytest.raises(InputError, match="bags of 3 must fill a batch of 4"):
        drawn(HardBags(4, ((1, 3),), "place"), data)
    with pytest.raises(InputError, match="no column 'colour'"):
        drawn(HardBags(4, ((1, 2),), "colour"), data)


class ByColumn(torch.nn.Module):
    """Picture vectors that are a column of the data."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(()))

    def get_image_features(self, tokens):
        assert not self.training and not torch.is_grad_enabled()
        return tokens.float() * self.weight


def test_hard_bags_ask_the_model_as_it_stands():
    data = data_of(TEXTS)
    place = data.columns["place"]
    data = replace(data, columns={"tokens": place}, inputs=replace(data.inputs, columns=("tokens",)))
    asked = list(HardBags(4, ((1, 2),))(ByColumn(), data, np.random.default_rng(0), 0))
    known = drawn(HardBags(4, ((1, 2),), "tokens"), data)
    assert [b.rows.tolist() for b in asked] == [b.rows.tolist() for b in known]


def test_a_batch_per_source_has_one_source():
    data = data_of(TEXTS)
    batches = drawn(PerSource(4), data)
    assert len(batches) == 3
    for batch in batches:
        assert {data.rows[row].labels["source"] for row in batch.rows} == {"ab"[batch.arrays["source"][0]]}
        assert len(set(batch.arrays["source"].tolist())) == 1
    by_column = data.having(kind=np.arange(len(TEXTS)) % 2)
    assert {tuple(sorted(b.rows % 2)) for b in drawn(PerSource(6, "kind"), by_column)} == {(0,) * 6, (1,) * 6}
    with pytest.raises(InputError, match="has no 'domain'"):
        drawn(PerSource(4, "domain"), data)


def test_sentences_of_a_caption():
    assert parts((LONG,)) == ["A red ball.", "Two blue cubes are left of it.", "A dog sleeps!"]
    assert parts((LONG,), whole=True)[-1] == LONG and parts(("A dog.", "A dog."), whole=True) == ["A dog."]


def test_sub_captions_are_drawn_without_return_and_alike():
    data = data_of([LONG] * 600)
    batches = drawn(SubCaptions(200, 2), data)
    assert list(batches[0].texts) == ["text", "text1"] == list(SubCaptions(1, 2).names)
    pairs = [pair for batch in batches for pair in zip(batch.texts["text"], batch.texts["text1"], strict=True)]
    assert all(one != other for one, other in pairs)
    assert all(150 < count < 250 for count in Counter(one for one, _ in pairs).values())
    short = drawn(SubCaptions(4, 3), data_of(["A dog."] * 4))[0]
    assert set(short.texts["text2"]) == {"A dog."}


def test_counterfactual_batches_say_which_rows_have_one():
    batch = drawn(
        Counterfactual(4, Editor((), ("red", "blue", "green"), ("attribute",))), data_of(["a red ball", "a dog", "a blue mug", "no"])
    )[0]
    said, swapped = batch.texts["text"], batch.texts["swapped"]
    assert [one != other for one, other in zip(said, swapped, strict=True)] == batch.arrays["counting"].tolist()
    assert sorted(np.array(said)[batch.arrays["counting"]]) == ["a blue mug", "a red ball"]


def test_collisions_of_a_batch_are_told():
    data = data_of(["a dog", "a dog", "a cat", "an ox"])
    data = replace(data, columns={"tokens": np.eye(4)}, inputs=replace(data.inputs, columns=("tokens",)))

    class Model(ByColumn):
        get_image_features = lambda self, tokens: tokens.float() * self.weight  # noqa: E731

        def __init__(self):
            super().__init__()
            self.logit_scale = torch.nn.Parameter(torch.zeros(()))
            self.words = torch.nn.Embedding(20, 4)

        def get_text_features(self, input_ids, attention_mask):
            return self.words(input_ids).sum(1)

    terms = Contrastive(tells=("collisions",))(Model(), data.tensors(drawn(Random(4), data)[0]), 0)
    assert terms["collisions"].item() == 0.5
