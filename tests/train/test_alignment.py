from pathlib import Path

import numpy as np
import pytest
import torch

from diptych.data.errors import InputError
from diptych.data.records import Caption, Image, Record
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.words import word_tokenizer
from diptych.train.alignment import bringing, cosines, of_rows
from diptych.train.data import Data, Inputs

TEXTS = ["a red ball", "two mugs", "a cube", "three red cubes", "a mug"]


def data(texts: list[str] = TEXTS) -> Data:
    rows = []
    for number, text in enumerate(texts):
        caption = Caption(f"{number}/c", text)
        rows.append(Record(f"r{number}", Image("none"), captions=(caption,), chosen=(caption.id,)))
    tokens = np.random.default_rng(0).normal(size=(len(texts), 64, 128)).astype(np.float32)
    inputs = Inputs(word_tokenizer(TEXTS), length=8, columns=("tokens",))
    return Data(rows, lambda image: None, inputs, {"tokens": tokens})  # type: ignore[arg-type, return-value]


def encoder(folder: Path, seed: int) -> str:
    torch.manual_seed(seed)
    DualEncoder(DualEncoderConfig(vocabulary=32, width=16, blocks=1, reads_tokens=True)).save_pretrained(folder)
    word_tokenizer(TEXTS).save_pretrained(folder)
    return str(folder)


def test_rows_are_scored_by_the_encoders_in_turn(tmp_path: Path) -> None:
    first, second = encoder(tmp_path / "a", 0), encoder(tmp_path / "b", 1)
    both = cosines((first, second), data(), batch=2)
    assert both[0::2] == pytest.approx(cosines((first,), data())[0::2], abs=1e-6)
    assert both[1::2] == pytest.approx(cosines((second,), data())[1::2], abs=1e-6)
    assert np.abs(cosines((first,), data()) - cosines((second,), data())).min() > 1e-4


def test_a_cosine_is_of_the_rows_own_picture_and_text(tmp_path: Path) -> None:
    folder = encoder(tmp_path / "a", 0)
    model = DualEncoder.from_pretrained(folder).eval()
    said = word_tokenizer(TEXTS)(TEXTS[3], return_tensors="pt")
    with torch.no_grad():
        text = model.get_text_features(said["input_ids"], said["attention_mask"])
        picture = model.get_image_features(tokens=torch.from_numpy(data().columns["tokens"][3:4]))
    assert cosines((folder,), data())[3] == pytest.approx(torch.cosine_similarity(text, picture).item(), abs=1e-5)


def test_some_rows_keep_their_columns() -> None:
    some = of_rows(data(), np.array([3, 1]))
    assert [row.id for row in some.rows] == ["r3", "r1"]
    assert np.array_equal(some.columns["tokens"], data().columns["tokens"][[3, 1]])
    brought = bringing(some, level=np.array([2, 0]))
    assert brought.inputs.columns == ("tokens", "level")
    assert bringing(brought, level=np.array([1, 1])).inputs.columns == ("tokens", "level")


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one dual encoder"):
        cosines((), data())
    two = data(["a cube"])
    more = Data([Record("r", Image("none"), captions=(Caption("1", "a"), Caption("2", "b")), chosen=("1", "2"))], two.pictures)
    with pytest.raises(InputError, match="'r' has 2 captions"):
        cosines((encoder(tmp_path / "a", 0),), more)
