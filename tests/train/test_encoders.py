"""Encoders by address: from scratch, from a folder, trained further, and opened by plain transformers afterwards."""

import json

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from transformers import AutoTokenizer, CLIPModel, SiglipModel

from diptych.data.errors import AddressError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.models.dual import picture_vectors, text_vectors
from diptych.models.dual_encoder import DualEncoder
from diptych.models.pretrained import dual_of
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive
from diptych.train.contrastive_sigmoid import Sigmoid
from diptych.train.data import Data, tokens
from diptych.train.encoders import encoder_for, keep_processor
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.settings import Settings

TEXTS = ("a red ball", "a blue cube on a table", "two green cones", "a dog")


def picture(image: Image) -> Picture:
    shade = Pillow.new("RGB", (40, 30), (int(image.member) * 60, 80, 120))
    return Picture(image.member, 40, 30, lambda: shade)


def data() -> Data:
    rows = []
    for number, text in enumerate(TEXTS):
        caption = Caption(f"r{number}/source", text)
        rows.append(Record(f"r{number}", Image("x", str(number)), captions=(caption,), chosen=(caption.id,)))
    return Data(rows, picture)


@pytest.mark.parametrize("name", ["dual", "clip", "siglip"])
def test_a_text_s_vector_does_not_hang_on_its_neighbours(name):
    torch.manual_seed(0)
    dual, taken = encoder_for(f"nano:{name}", data())
    dual.model.eval()
    with torch.no_grad():
        alone = text_vectors(dual.model, *tokens(TEXTS[:1], taken.inputs))
        among = text_vectors(dual.model, *tokens(TEXTS, taken.inputs))
        assert torch.allclose(alone[0], among[0], atol=1e-5)
        assert (among[1:] - among[0]).norm(dim=1).min() > 1e-3
        assert picture_vectors(dual.model, taken.tensors(Batch(np.arange(4)))).shape[0] == 4


@pytest.mark.parametrize(("name", "kind"), [("clip", CLIPModel), ("siglip", SiglipModel), ("dual", DualEncoder)])
def test_a_trained_folder_opens_everywhere(name, kind, tmp_path):
    dual, taken = encoder_for(f"nano:{name}", data())
    rule = Contrastive(Sigmoid()) if name == "siglip" else Contrastive()
    stage = Stage("contrast", rule, Random(4), 2, lr=1e-3)
    out = train((stage,), dual.model, taken, tmp_path / "out", settings=Settings(workers=0, progress=False))
    keep_processor(out, dual)
    theirs = kind.from_pretrained(out).eval()
    again = dual_of(f"hf:{out}")
    ids = AutoTokenizer.from_pretrained(out)(list(TEXTS), padding=True, return_tensors="pt")
    with torch.no_grad():
        given = taken.tensors(Batch(np.arange(4)))
        assert torch.equal(picture_vectors(theirs, given), picture_vectors(dual.model, given))
        mine = text_vectors(dual.model, ids["input_ids"], ids["attention_mask"])
        assert torch.equal(text_vectors(again.model.eval(), ids["input_ids"], ids["attention_mask"]), mine)
    assert (again.size, again.mean, again.std, again.length) == (dual.size, dual.mean, dual.std, dual.length)
    if name != "dual":
        assert json.loads((out / "preprocessor_config.json").read_text())["size"] == {"height": 64, "width": 64}
    afresh = dual_of(f"hf:{out}?scratch=1").model
    assert not torch.equal(picture_vectors(afresh.eval(), given), picture_vectors(theirs, given))


def test_clip_takes_the_vector_at_the_end_of_the_text():
    dual, taken = encoder_for("nano:clip", data())
    ids, mask = tokens(TEXTS, taken.inputs)
    ends = (ids == dual.tokenizer.eos_token_id).int()
    assert ends.sum(1).tolist() == [1] * 4 and dual.tokenizer.eos_token_id == len(dual.tokenizer) - 1
    assert (ends.argmax(1) == mask.sum(1) - 1).all()
    assert dual.tokenizer.decode(ids[1], skip_special_tokens=True) == TEXTS[1]


def test_our_encoder_reads_tokens_where_the_data_have_them():
    held = data().having(tokens=np.zeros((4, 64, 128), np.float16))
    dual, taken = encoder_for("nano:dual", held.taking(type(held.inputs)(columns=("tokens", "label"))))
    assert dual.reads_tokens and taken.inputs.columns == ("tokens", "label")
    assert dual.model.head[1].weight.std().item() == pytest.approx(0.05, rel=0.02), "weights as small as transformers' learn late"


@pytest.mark.parametrize(
    ("address", "said"),
    [("nano:matcher", "nano:dual"), ("file:x.json", "no encoder"), ("hf:./nowhere", "no config.json"), ("nano:dual?width=3", "no encoder")],
)
def test_what_is_no_encoder_is_refused(address, said):
    with pytest.raises(AddressError, match=said):
        dual_of(address)


def test_another_architecture_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(AddressError, match=rf"^hf:{tmp_path} is of type bert"):
        dual_of(f"hf:{tmp_path}")
