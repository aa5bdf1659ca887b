from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from diptych.data.errors import InputError
from diptych.data.records import Caption, Image, Record
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_scorers import scorer_of
from diptych.models.language_model import LanguageModel, LanguageModelConfig
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.words import word_tokenizer
from diptych.train.batches import Random
from diptych.train.captioning import Captioning, word_losses
from diptych.train.conditions import Buckets, dropped, equal_width, hidden, lengths, nulled, quantiles
from diptych.train.data import Data, Inputs
from diptych.train.loop import train
from diptych.train.plan import Stage


def test_buckets_by_hand() -> None:
    assert equal_width([0.0, 1.0, 0.1], 4).edges == pytest.approx((0.25, 0.5, 0.75))
    assert equal_width([0.0, 1.0, 0.1], 4)([-3, 0.2, 0.25, 0.99, 7, np.nan]).tolist() == [0, 0, 1, 3, 3, -1]
    assert quantiles([1, 2, 3, 100], 2)([1, 2, 3, 100]).tolist() == [0, 0, 1, 1]
    assert lengths(6, 2)([0, 1, 2, 3, 5, 6, 40]).tolist() == [0, 0, 1, 1, 2, 3, 3]
    assert len(lengths(6, 2)) == 4
    with pytest.raises(InputError, match="edges must not fall"):
        Buckets((2.0, 1.0))
    with pytest.raises(InputError, match="at least one value"):
        quantiles([np.nan], 3)


def test_quantiles_fill_buckets_alike_and_widths_do_not() -> None:
    values = np.random.default_rng(0).normal(size=8000)
    counts = np.bincount(quantiles(values, 8)(values), minlength=8)
    assert counts.tolist() == [1000] * 8
    assert np.bincount(equal_width(values, 8)(values), minlength=8)[-1] < 100


def test_each_word_is_scored_given_those_before_it() -> None:
    logits = torch.tensor([[[0.0, 1.0, 2.0], [0.0, 0.0, 0.0]]])
    ids = torch.tensor([[2, 0]])
    first = -2 + np.log(1 + np.e + np.e**2)
    assert word_losses(logits, ids)[0].tolist() == pytest.approx([first, np.log(3)], abs=1e-6)
    # a share s of the target is spread over all words: (1 - s) loss + s mean of -log p
    spread = np.mean([first + 2 - k for k in range(3)])
    assert word_losses(logits, ids, 0.3)[0, 0].item() == pytest.approx(0.7 * first + 0.3 * spread, abs=1e-6)


class Echo:
    """A language model that gives the same logits whatever it is asked."""

    def __init__(self, logits: Tensor):
        self.logits = logits

    def __call__(self, ids: Tensor) -> Tensor:
        return self.logits[:, : ids.shape[1]]


def test_captions_weigh_by_their_words_and_their_weight() -> None:
    logits = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    tensors = {
        "rows": torch.arange(2),
        "text_ids": torch.tensor([[1, 3, 4, 2], [1, 4, 2, 0]]),
        "text_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]),
        "trust": torch.tensor([1.0, 0.25]),
    }
    log = logits.log_softmax(-1)
    long = -(log[0, 0, 3] + log[0, 1, 4] + log[0, 2, 2]).item()
    short = -(log[1, 0, 4] + log[1, 1, 2]).item()
    total, count = Captioning()(Echo(logits), tensors, 0)["caption"]
    assert (total.item(), count.item()) == pytest.approx((long + short, 5))
    weighted = Captioning(weights="trust")
    total, count = weighted(Echo(logits), tensors, 0)["caption"]
    assert (total.item(), count.item()) == pytest.approx((long + short / 4, 3.5))
    assert weighted.counts(tensors)["caption"].item() == 3.5


def small(**options: Any) -> PrefixCaptioner:
    torch.manual_seed(0)
    shape = {"vocabulary": 20, "width": 16, "blocks": 1, "heads": 2, "places": 3, "channels": 4, "length": 12, "conditions": {"level": 3}}
    return PrefixCaptioner(PrefixCaptionerConfig(**(shape | options)))


def test_what_is_hidden_hangs_on_update_and_row_alone() -> None:
    rows = torch.tensor([5, 9, 2, 7])
    some = dropped(rows, 0.5, (0, 3))
    assert some is not None
    again = dropped(rows[[2, 0]], 0.5, (0, 3))
    assert again is not None
    assert again.tolist() == some[[2, 0]].tolist()
    many = dropped(torch.arange(4000), 0.3, (1, 0))
    assert many is not None
    assert many.float().mean().item() == pytest.approx(0.3, abs=0.022)  # three standard errors
    assert dropped(rows, 0.0, (0, 0)) is None


def test_hidden_conditions_are_null() -> None:
    mask = torch.tensor([True, False])
    assert nulled(torch.tensor([2, 1]), mask).tolist() == [-1, 1]
    assert nulled(torch.tensor([[4, 5], [6, 7]]), mask).tolist() == [[0, 0], [6, 7]]
    assert nulled(torch.tensor([[0.1, 0.2], [0.3, 0.4]]), mask).isnan().tolist() == [[True, True], [False, False]]
    model, tensors = small(), {"rows": torch.arange(2), "tokens": torch.randn(2, 3, 4), "level": torch.tensor([0, 2])}
    given = hidden(model, tensors, {"level": 1.0, "picture": 1.0}, (0,))
    assert given["dropped"].tolist() == [True, True]
    assert torch.equal(given["prefixes"], model.prefixes({}, 2))
    assert set(hidden(model, tensors, {}, (0,))) == {"memory", "prefixes"}
    with pytest.raises(InputError, match=r"mood cannot be dropped.*picture, level"):
        hidden(model, tensors, {"mood": 0.5}, (0,))


NAMES = ("ball", "cube", "mug")


def data() -> Data:
    """Pictures of one thing, at one of three levels: at level 0 the caption is always another thing's."""
    rows, tokens, levels = [], [], []
    for n in range(96):
        thing, level = n % 3, (n // 3) % 2
        said = NAMES[thing if level else (thing + 1) % 3]
        caption = Caption(f"{n}/c", f"a {said}")
        rows.append(Record(f"r{n}", Image("none"), captions=(caption,), chosen=(caption.id,)))
        tokens.append(np.eye(3, 4, dtype=np.float32)[[thing] * 3])
        levels.append(level)
    inputs = Inputs(word_tokenizer([f"a {name}" for name in NAMES]), length=8, columns=("tokens", "level"))
    return Data(rows, lambda image: None, inputs, {"tokens": np.stack(tokens), "level": np.array(levels)})  # type: ignore[arg-type, return-value]


def test_a_trained_captioner_says_what_its_condition_asks_for(tmp_path: Path) -> None:
    stage = Stage("caption", Captioning(drop={"picture": 0.2, "level": 0.1}), Random(32), 120, lr=1e-2)
    folder = train((stage,), small(vocabulary=16), data(), tmp_path / "out")
    model = PrefixCaptioner.from_pretrained(folder).eval()
    seen = {"tokens": torch.from_numpy(data().columns["tokens"][:3])}
    for level, expected in ((1, NAMES), (0, (*NAMES[1:], NAMES[0]))):
        found = decode(scorer_of(model, seen | {"level": torch.full((3,), level)}, 3), Settings(most=8), tokenizer=data().inputs.tokenizer)
        assert [one.text for one in found] == [f"a {name}" for name in expected]


def test_a_language_model_learns_without_pictures(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = LanguageModel(LanguageModelConfig(vocabulary=16, width=16, blocks=1, heads=2, length=12))
    of_text = data().taking(Inputs(data().inputs.tokenizer, length=8, columns=()))
    folder = train((Stage("language", Captioning(), Random(32), 60, lr=1e-2),), model, of_text, tmp_path / "out")
    found = decode(scorer_of(LanguageModel.from_pretrained(folder).eval(), {}, 1), tokenizer=of_text.inputs.tokenizer)
    assert found[0].text in {f"a {name}" for name in NAMES}
    assert found[0].log_probability == pytest.approx(np.log(1 / 3), abs=0.25)
