"""`clip` and `align` train on the world and on an image-caption folder; their effects' parts by hand."""

import json

import numpy as np
import pytest
from PIL import Image as Pillow
from torch.nn import ModuleDict
from transformers import CLIPModel

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.lab.opening import opened
from diptych.lab.picks import Classes, Curve, by_captions, by_vectors, by_words, picked
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.models.pretrained import dual_of
from diptych.recipes import align, clip
from diptych.train.data import Data, Inputs
from diptych.train.settings import Settings, using

QUIET = Settings(workers=0, progress=False, log_every=1)


def lines(out):
    return [json.loads(line) for line in (out / "train.jsonl").read_text().splitlines()]


def folder_of(tmp_path):
    """Six pictures of one colour with their captions beside them."""
    shown = tmp_path / "pictures"
    shown.mkdir()
    for number in range(6):
        Pillow.new("RGB", (20, 30), (40 * number, 90, 200)).save(shown / f"{number}.png")
        (shown / f"{number}.txt").write_text(f"a picture of shade {'abcdef'[number]}")
    return str(shown)


@pytest.mark.parametrize("source", ["world", "folder"])
def test_clip_trains_on_the_world_and_on_a_folder(source, tmp_path):
    found = opened("world:6?size=64&seed=3" if source == "world" else folder_of(tmp_path))
    data = Data(list(found.source), found.pictures)
    with using(QUIET):
        out = clip.train(data, out=tmp_path / "out", model="nano:clip", batch=4, updates=3)
    assert CLIPModel.from_pretrained(out).config.projection_dim == 128
    assert [set(line["terms"]) for line in lines(out)] == [{"contrastive", "collisions"}] * 3
    assert all(line["loss"] == line["terms"]["contrastive"] for line in lines(out))


def test_what_cannot_be_trained_is_refused_in_our_words(tmp_path):
    found = opened("world:6?size=64&seed=3")
    data = Data(list(found.source), found.pictures)
    for changed, told in (
        ({"scale": 0.0}, "scale must be above 0"),
        ({"smoothing": 1.0}, "smoothing in .0, 1."),
        ({"updates": 0}, "update"),
        ({"batch": 0}, "a batch holds at least one row, got 0"),
    ):
        with pytest.raises(InputError, match=told), using(QUIET):
            align.train(data, out=tmp_path / "out", model="nano:dual", **({"batch": 4, "updates": 1} | changed))


@pytest.mark.parametrize(("learns", "start"), [("words", "nano:clip"), ("captions", "nano:siglip")])
def test_words_and_captions_are_learnt_with_an_encoder_of_ours(learns, start, tmp_path):
    found = opened("world:6?size=64&seed=3")
    with pytest.raises(InputError, match="name nano:dual, or learn pairs"):
        clip.train(Data(list(found.source), found.pictures), out=tmp_path / "out", model=start, learns=learns, batch=4, updates=1)


def world_of_tokens() -> Data:
    """Eight rows of four colours, whose tokens say the colour."""
    rows, tokens = [], np.zeros((8, 64, 128), np.float16)
    for number in range(8):
        caption = Caption(f"r{number}/source", f"a {('red', 'blue', 'green', 'pink')[number % 4]} ball")
        rows.append(Record(f"r{number}", Image("x"), captions=(caption,), chosen=(caption.id,)))
        tokens[number, :, number % 4] = 4
    return Data(rows, lambda image: Picture("", 0, 0, None), Inputs(columns=("tokens",)), {"tokens": tokens})


@pytest.mark.parametrize(("learns", "scores"), [("pairs", by_vectors), ("words", by_words), ("captions", by_captions)])
def test_each_way_of_learning_picks_the_right_name(learns, scores, tmp_path):
    data = world_of_tokens()
    with using(QUIET):
        out = clip.train(data, out=tmp_path / "out", model="nano:dual", learns=learns, equal_texts=True, batch=8, updates=40, lr=3e-3)
    place = out / "encoder" if learns == "captions" else out
    dual = dual_of(f"hf:{place}")
    model, words = dual.model, dual.tokenizer
    if learns == "captions":
        model = ModuleDict({"encoder": model, "captioner": PrefixCaptioner.from_pretrained(out / "captioner")})
    classes = Classes(("a red ball", "a blue ball", "a green ball", "a pink ball"))
    taken = data.taking(Inputs(words, columns=("tokens",)))
    found = scores(model.eval(), taken, classes)
    assert found.shape == (8, 4) and picked(found, [0, 1, 2, 3] * 2) == 1


def test_align_learns_its_scale_from_where_it_is_told(tmp_path):
    with using(QUIET):
        out = align.train(world_of_tokens(), out=tmp_path / "out", model="nano:dual", batch=8, updates=1, lr=0.0)
    assert dual_of(f"hf:{out}").model.logit_scale.item() == 0
    with pytest.raises(InputError, match="16384 needs as many rows"), using(QUIET):
        align.train(world_of_tokens(), out=tmp_path / "other", model="nano:dual", updates=1)


def test_equal_at_by_hand():
    assert align.equal_at((2, 4, 8), [0.5, 0.6, 0.7], 0.5) == 2
    assert align.equal_at((1, 2, 4, 8), [0.1, 0.3, 0.5, 0.7], 0.4) == pytest.approx(2**1.5)
    assert align.equal_at((2, 4, 16), [0.1, 0.2, 0.3], 0.5) == 32


def test_pictures_seen_for_an_accuracy_by_hand():
    curve = Curve(by_vectors, world_of_tokens(), Classes(()), [], 10, points=[(100, 0.2), (400, 0.8)])
    assert curve.seen_for(0.5) == pytest.approx(200)
    assert curve.seen_for(0.9) == 400
    assert picked(np.array([[1.0, 1.0], [0.0, 2.0]]), [0, 1]) == 0.75
