"""Corruptions always change a text, and a head learns to tell them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.train.captioner_parts import data_of

from diptych.data.draws import generator
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.grammar_head import GrammarEncoder
from diptych.train.batches import Random
from diptych.train.corruptions import CORRUPTIONS, Corrupting, corrupted, misarticled
from diptych.train.grammar import TRAINABLE, Grammar, grammar_loss
from diptych.train.loop import train
from diptych.train.plan import Stage

WORDS = st.lists(st.sampled_from(["a", "red", "ball", "and"]), min_size=1, max_size=8)


@given(WORDS, st.integers(0, 1000))
def test_a_corrupted_text_is_another(words: list[str], seed: int) -> None:
    assert corrupted(" ".join(words), ["a", "ball"], np.random.default_rng(seed)).split() != words


def test_an_empty_text_is_made_a_word() -> None:
    assert corrupted("", ["ball"], np.random.default_rng(0)) == "ball"


@given(WORDS, st.integers(0, 1000))
def test_each_kind_does_what_it_says(words: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    again, less, more, other, mixed, first, article = (kind(words, ["x"], rng) for kind in CORRUPTIONS)
    assert len(words) < len(again) <= len(words) + 9 and _holds(again, words)
    assert len(less) >= 1 and (len(words) - 3 <= len(less) < len(words) or len(words) == 1 or less == words) and _holds(words, less)
    assert 1 <= more.count("x") <= 3 and [word for word in more if word != "x"] == words
    assert sorted(other) == sorted(mixed) == sorted(words)
    assert len(article) == len(words) and sum(one != was for one, was in zip(article, words, strict=True)) == ("a" in words)
    assert first == words[: len(first)] and 1 <= len(first) <= max(1, len(words) - 1)


def test_the_rarer_article_is_the_wrong_one_first() -> None:
    rng = np.random.default_rng(0)
    assert misarticled(["a", "red", "ball", "and", "an", "orange", "mug"], [], rng) == ["a", "red", "ball", "and", "a", "orange", "mug"]
    assert misarticled(["A", "red", "ball"], [], rng) == ["An", "red", "ball"]
    assert misarticled(["two", "balls"], [], rng) == ["two", "balls"]


def _holds(long: list[str], short: list[str]) -> bool:
    """Whether one is the other with words left out."""
    rest = iter(long)
    return all(word in rest for word in short)


def test_the_loss_by_hand() -> None:
    found = grammar_loss(torch.tensor([[0.0, 2.0]]), torch.tensor([[0.0, 1.0]]))
    assert found.item() == pytest.approx((np.log1p(np.exp(-2)) + np.log1p(np.exp(1))) / 2)


def test_a_head_learns_grammar_and_pictures_keep_their_vectors(tmp_path: Path) -> None:
    nouns, colours = ("ball", "cube", "lamp", "mug"), ("red", "blue", "green")
    data = data_of([(f"a {colour} {noun} and a {other}",) for colour in colours for noun in nouns for other in nouns[:2]], tokens=(64, 8))
    torch.manual_seed(0)
    config = {"vocabulary": len(data.inputs.tokenizer), "width": 16, "blocks": 2, "length": 32, "dimension": 8, "squeeze": 2}
    encoder = DualEncoder(DualEncoderConfig(tower={"channels": (8, 8, 8)}, reads_tokens=True, **config))
    model = GrammarEncoder.of(encoder)
    stage = Stage("grammar", Grammar(), Corrupting(Random(24)), 100, lr=1e-2, trainable=TRAINABLE)
    folder = train((stage,), model, data, tmp_path / "out")
    opened = GrammarEncoder.from_pretrained(folder).eval()
    tokens = torch.from_numpy(data.columns["tokens"])
    torch.testing.assert_close(opened.get_image_features(tokens=tokens), encoder.get_image_features(tokens=tokens))
    batch = next(iter(Corrupting(Random(24))(model, data, generator(9), 0)))
    tensors = data.tensors(batch)
    right, wrong = (opened.grammar(tensors[f"{name}_ids"], tensors[f"{name}_mask"]).argmax(-1) for name in ("text", "wrong"))
    assert right.float().mean() > 0.85 and wrong.float().mean() < 0.2
    assert not torch.equal(opened.encoder.text_head.weight, encoder.text_head.weight)
