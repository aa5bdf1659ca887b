"""The protocol on captions that are true, of another scene, or silent; and on a captioner's folder."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from diptych.lab.protocols_captions import caption_scores, captioner_scores, counts_of, rare_f1, rare_nouns, retrieval_score, written
from diptych.lab.worlds import Telling, corpus
from diptych.models.decoding_settings import Settings
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.words import word_tokenizer
from diptych.train.data import Data, Inputs

SCENES = corpus("world:60?nouns=8&colours=5&things=1-3&seed=3&size=64", Telling(), seed=1)
TEXTS = [told[0].text for told in SCENES.told]


def test_true_captions_other_scenes_captions_and_silence() -> None:
    true = caption_scores(TEXTS, SCENES.truths, among=40)
    assert true["fact_precision"] == true["grammatical"] == 1 and true["listener_40"] > 0.75
    assert {"listener_near_3", "listener_near_5", "listener_near_7", "repetition", "fact_recall", "fact_f1"} < set(true)
    other = caption_scores([*TEXTS[1:], TEXTS[0]], SCENES.truths, among=40)
    assert other["fact_precision"] < 0.7 and other["listener_40"] < 0.1 and other["grammatical"] == 1
    silent = caption_scores([""] * 60, SCENES.truths, among=40)
    assert silent["listener_40"] == pytest.approx(1 / 40) and silent["listener_near_5"] == pytest.approx(1 / 5)
    assert silent["fact_recall"] == 0 and math.isnan(silent["fact_precision"]) and silent["grammatical"] == 0
    assert "listener_100" not in caption_scores(TEXTS, SCENES.truths)


def test_rare_nouns_by_hand() -> None:
    assert rare_nouns(["a ball", "a ball and a cube", "two balls"], ("ball", "cube", "mug", "pine"), 0.5) == ("mug", "pine")
    nouns = [{entity.noun for entity in truth.graph.entities} for truth in SCENES.truths[:3]]
    rare = sorted(nouns[0] | nouns[1] | nouns[2])
    said = [f"a {rare[0]}"] * 3
    right, there = sum(rare[0] in one for one in nouns), sum(len(one) for one in nouns)
    assert rare_f1(said, SCENES.truths[:3], rare) == pytest.approx(2 * right / (3 + there))


def test_a_folder_is_captioned_alike_in_any_batch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = word_tokenizer(TEXTS)
    tokens = np.random.default_rng(0).normal(size=(60, 64, 8)).astype(np.float32)
    data = Data(SCENES.rows, SCENES.pictures, Inputs(tokenizer, 24, columns=("tokens",)), {"tokens": tokens})
    config = {"vocabulary": len(tokenizer), "width": 16, "blocks": 1, "heads": 2, "length": 24, "places": 64, "channels": 8}
    model = PrefixCaptioner(PrefixCaptionerConfig(conditions={"alignment": 3}, **config))
    with torch.no_grad():
        for one in model.parameters():
            one.add_(0.3 * torch.randn_like(one))  # as if trained: at first a condition changes next to nothing
    settings = Settings("sample", 8, seed=4)
    texts = written(model, data, settings, conditions={"alignment": 2})
    assert texts[10:20] == written(model, data, settings, rows=range(10, 20), size=3, conditions={"alignment": 2})
    assert texts != written(model, data, settings, conditions={"alignment": 0})
    model.save_pretrained(tmp_path / "captioner")
    scores = captioner_scores(tmp_path / "captioner", data, SCENES.truths, settings=settings)
    assert scores == pytest.approx(caption_scores(written(model, data, settings), SCENES.truths), nan_ok=True)
    assert len(counts_of(texts, SCENES.truths)) == 60
    encoder = DualEncoder(DualEncoderConfig(tower={"channels": (8, 8, 8)}, vocabulary=len(tokenizer), width=8, blocks=1, reads_tokens=True))
    encoder.save_pretrained(tmp_path / "encoder")
    tokenizer.save_pretrained(tmp_path / "encoder")
    assert 0 <= retrieval_score(TEXTS, data, str(tmp_path / "encoder"), among=10) <= 1
