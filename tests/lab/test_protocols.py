"""Encoders against truth: a model that reads the truth from its tokens scores as it must."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from diptych.data.draws import generator
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.lab.matches import true_of
from diptych.lab.protocols import (
    Seen,
    category_scores,
    counted,
    counting_scores,
    encoder_of,
    gap_scores,
    pair_scores,
    probe_scores,
    retrieval_scores,
    seen,
)
from diptych.lab.worlds import Corpus, corpus
from diptych.language.numbers import exact
from diptych.language.parse import parse
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.words import word_tokenizer
from diptych.train.data import Inputs
from diptych.world.corpus import Telling
from diptych.world.truth import Truth

NARROW = "nouns=8&colours=6&materials=matte&sizes=medium&written=0&stacked=0&size=64"
NUMBERS = range(2, 6)


def scene(*things: tuple[str, ...], relations: tuple[Relation, ...] = ()) -> Truth:
    return Truth("k", SceneGraph(tuple(Entity(n, 1, attributes=tuple(map(Attribute, v))) for n, *v in things), relations), (), {})


@lru_cache
def copies() -> Corpus:
    return corpus(f"world:60?copies=2-5&others=0-1&{NARROW}&seed=3", Telling(), seed=1)


def word(text: str, size: int = 512) -> np.ndarray:
    return generator("word", text).normal(size=size)


@dataclass
class Reader:
    """Pictures and texts as sums of what they show or say; how often each noun comes is one of the things shown."""

    numbers: bool = True

    def of(self, graph: SceneGraph) -> np.ndarray:
        entities = [e for e in graph.entities for _ in range(e.count or 1)]
        counts = Counter(e.noun for e in entities)
        found = np.zeros(512)
        for entity in entities:
            found += (word(entity.noun) + sum((word(f"{value} {entity.noun}") for value in entity.values), np.zeros(512))) / counts[
                entity.noun
            ]
        if self.numbers:
            found = found + sum((word(f"{noun} {n}") * (n > 1) for noun, n in counts.items()), np.zeros(512))
        return found / np.linalg.norm(found)

    def seen(self, made: Corpus) -> Seen:
        images = np.stack([self.of(truth.graph) for truth in made.truths]).astype(np.float32)
        one = Seen(None, Inputs(), made, images)
        object.__setattr__(one, "texts", lambda said: np.stack([self.of(parse(text)) for text in said]).astype(np.float32))
        return one


def test_what_is_true_of_what_by_hand() -> None:
    behind = (Relation(0, "behind", 2),)
    scenes = [scene(("ball", "red"), ("ball", "red"), ("cone", "blue"), relations=behind), scene(("ball", "red"), ("cone", "red"))]
    red = (Attribute("red"),)
    said = [
        SceneGraph((Entity("ball", 2, attributes=red),)),
        SceneGraph((Entity("ball", 1),)),
        SceneGraph((Entity("ball", None),)),
        SceneGraph((Entity("ball", 3),)),
        SceneGraph((Entity("cone", 1, attributes=red), Entity("ball", 1))),
        SceneGraph((Entity("ball", 1), Entity("cone", 1)), (Relation(0, "behind", 1),)),
        SceneGraph(),
    ]
    assert true_of(said, scenes).astype(int).tolist() == [[1, 1, 1, 0, 0, 1, 1], [0, 1, 0, 0, 1, 0, 1]]
    all_of_it = SceneGraph((Entity("ball", 2), Entity("cone", 1)))
    assert true_of([*said, all_of_it], scenes, complete=True).astype(int).tolist() == [[0] * 7 + [1], [0, 0, 0, 0, 1, 0, 0, 0]]


def test_a_reader_of_numbers_counts_and_one_that_reads_none_does_not() -> None:
    whole, blind = (counted(Reader(numbers).seen(copies()), NUMBERS) for numbers in (True, False))
    assert whole.accuracy.value > 0.95 and whole.deviation.value < 0.1
    assert blind.accuracy.value == 0 and blind.deviation.value >= 2  # every number ties, and a tie is the farthest
    assert {f"count_recall_{n}_new" for n in NUMBERS} < counting_scores(Reader().seen(copies()), NUMBERS, suffix="_new").keys()


def test_the_texts_put_to_a_scene_say_each_number_of_its_thing() -> None:
    asked: list[str] = []
    one = Reader().seen(copies())
    plain = one.texts
    object.__setattr__(one, "texts", lambda said: asked.extend(said) or plain(said))
    counted(one, NUMBERS)
    assert {n for text in asked for w in text.split() if w != "a" and (n := exact(w))} == set(NUMBERS)
    assert all(
        any(text.startswith(start) for start in ("a photo of ", "a picture of ", "there are ", "two", "three", "four", "five"))
        for text in asked
    )


def test_retrieval_is_at_its_ceiling_for_a_reader_and_the_ceiling_is_below_one() -> None:
    alone = corpus(f"world:40?things=1-1&{NARROW}&seed=4", Telling(), seed=1)
    found = retrieval_scores(Reader().seen(alone), ks=(1,))
    assert found["t2i_recall_1_ceiling"] < 0.9 and found["t2i_recall_1_true"] == 1.0
    assert found["t2i_recall_1"] == pytest.approx(found["t2i_recall_1_ceiling"]) and found["t2i_recall_1_normalised"] == pytest.approx(1)


def test_one_who_knows_that_captions_name_all_stays_below_the_ceiling_for_such_captions() -> None:
    made = corpus(f"world:60?things=1-3&{NARROW}&seed=4", Telling(), seed=1)
    exact = Reader().seen(made)  # what else is there moves its pictures away
    plain, complete = (retrieval_scores(exact, ks=(1,), complete=said) for said in (False, True))
    assert plain["t2i_recall_1_normalised"] > 1.05 and 0.95 < complete["t2i_recall_1_normalised"] <= 1
    assert plain["t2i_recall_1"] == complete["t2i_recall_1"]


def test_categories_pairs_and_gap() -> None:
    one = Reader().seen(copies())
    nouns = sorted({noun for count in one.counts for noun in count})
    assert category_scores(one, nouns)["category_accuracy"] > 0.95
    colours = sorted({v for t in copies().truths for e in t.graph.entities for v in e.values})
    held = {(nouns[0], colour) for colour in colours}
    scores = pair_scores(one, held, colours)
    assert set(scores) == {"pair_seen", "pair_unseen", "pair_harmonic", "pair_gap"} and scores["pair_seen"] > 0.8
    assert gap_scores(one)["cosine_paired"] > gap_scores(one)["cosine_others"]


def test_probes_find_a_number_that_is_in_the_sum() -> None:
    made = corpus(f"world:160?copies=2-5&others=0-1&{NARROW}&seed=5", Telling(), seed=1)
    tokens = np.zeros((160, 16, 64), np.float16)
    for row, truth in enumerate(made.truths):
        for place, entity in enumerate(truth.graph.entities):
            tokens[row, (place * 5 + row) % 16] = word(entity.noun, 64) + word("thing", 64) * 3
    parts = [Corpus(made.address, made.rows[some], made.told[some]) for some in (slice(100), slice(100, 160))]
    found = probe_scores((tokens[:100], parts[0]), (tokens[100:], parts[1]))
    assert found["category_probe"] > 0.9 and found["count_probe"] > 0.6 and found["count_probe_by_place"] < 0.45
    assert "count_probe_by_place" not in probe_scores((tokens[:100].mean(1), parts[0]), (tokens[100:].mean(1), parts[1]))


def test_a_dual_encoder_is_seen_through_its_tokens() -> None:
    made = copies()
    torch.manual_seed(0)
    words = word_tokenizer(made.texts)
    model = DualEncoder(DualEncoderConfig(vocabulary=len(words), width=16, blocks=1, dimension=8, reads_tokens=True))
    tokens: Any = np.random.default_rng(0).normal(size=(60, 64, 128)).astype(np.float16)
    one = seen(model, Inputs(words, columns=("tokens",)), made, tokens)
    assert one.image_ND.shape == (60, 8) and np.linalg.norm(one.image_ND, axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    again = one.texts([*made.texts[:3], made.texts[0]])
    assert again[0] == pytest.approx(again[3]) and 0 <= counting_scores(one, NUMBERS)["count_accuracy"] <= 1


def test_a_trained_folder_opens_with_its_inputs(tmp_path: Path) -> None:
    words = word_tokenizer(copies().texts)
    config = DualEncoderConfig(vocabulary=len(words), width=16, blocks=1, dimension=8, squeeze=8, pool="mean", reads_tokens=True, length=20)
    model = DualEncoder(config).eval()
    model.save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    opened, inputs = encoder_of(tmp_path)
    assert inputs.columns == ("tokens",) and inputs.length == 20 and not opened.training
    tokens = torch.randn(2, 64, 128)
    assert torch.equal(opened.get_image_features(tokens=tokens), model.get_image_features(tokens=tokens))
    assert torch.allclose(model.get_image_features(tokens=tokens.flip(1)), model.get_image_features(tokens=tokens), atol=1e-6)  # a mean


def test_a_corpus_of_a_seed_is_the_same_and_another_seeds_is_not() -> None:
    address = f"world:30?things=1-6&{NARROW}"
    noisy = Telling(numbers=0.5, noise={"swapped": 0.3})
    one, two, other = (corpus(address, noisy, references=2, seed=seed) for seed in (1, 1, 2))
    assert one.texts == two.texts != other.texts and [row.id for row in one.rows] == [row.id for row in other.rows]
    assert all(len(row.captions) == 2 and len(row.chosen) == 2 for row in one.rows)
    assert {label for labels in one.labels for label in labels} == {"clean", "swapped"}
    assert not any(label in str(row) for row in one.rows for label in ("swapped", "clean"))  # labels are truth, and in no record
    styles = corpus(address, (Telling(), Telling(style="dense")), references=2)
    assert all(row.captions[1].text.endswith(".") for row in styles.rows)
