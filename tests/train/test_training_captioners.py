from pathlib import Path

import numpy as np
import pytest
import torch

from diptych.data.errors import AddressError, InputError
from diptych.data.records import Caption, Image, Record
from diptych.models.words import word_tokenizer
from diptych.train.captioners import captioner_for
from diptych.train.data import PIXELS, Data, Inputs


def data(**inputs: object) -> Data:
    caption = Caption("c", "a red ball")
    rows = [Record("r", Image("none"), captions=(caption,), chosen=("c",))]
    return Data(rows, lambda image: None, Inputs(**inputs), {"tokens": np.zeros((1, 64, 128), np.float16)})  # type: ignore[arg-type, return-value]


def test_from_scratch_it_learns_the_captions_words_and_reads_what_the_data_asks_for() -> None:
    model, taken = captioner_for("nano:prefix", data())
    assert taken.inputs.columns == (PIXELS,)
    assert model.tower is not None
    assert {"red", "ball"} <= taken.inputs.tokenizer.get_vocab().keys()
    assert model.config.vocabulary == len(taken.inputs.tokenizer)
    model, taken = captioner_for("nano:prefix", data(columns=("tokens", "level")), conditions={"level": 3})
    assert model.tower is None
    assert taken.inputs.columns == ("tokens", "level")
    assert model.known == ("level",)


def test_a_folder_goes_on_with_its_own_words_and_new_conditions_drawn_from_the_seed(tmp_path: Path) -> None:
    model, taken = captioner_for("nano:prefix", data(columns=("tokens",)))
    model.save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"no tokenizer\.json"):
        captioner_for(str(tmp_path), data(columns=("tokens",)))
    taken.inputs.tokenizer.save_pretrained(tmp_path)
    own = data(columns=("tokens",), tokenizer=word_tokenizer(["other words"]))
    first, again, other = (captioner_for(f"hf:{tmp_path}", own, seed, conditions={"level": 3}) for seed in (1, 1, 2))
    assert first[1].inputs.tokenizer.get_vocab() == taken.inputs.tokenizer.get_vocab()
    assert torch.equal(first[0].decoder.head.weight, model.decoder.head.weight)
    levels = [one[0].buckets["level"].weight for one in (first, again, other)]
    assert torch.equal(levels[0], levels[1])
    assert not torch.equal(levels[0], levels[2])


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(AddressError, match=r"sim:captioner.*nano:prefix.*hf:\./PATH"):
        captioner_for("sim:captioner", data())
    model, taken = captioner_for("nano:prefix", data(columns=("tokens",)))
    model.save_pretrained(tmp_path)
    taken.inputs.tokenizer.save_pretrained(tmp_path)
    without = Data(data().rows, data().pictures)
    with pytest.raises(InputError, match="with_tokens"):
        captioner_for(str(tmp_path), without)
