"""Matchers and embedders of transformers: our path against the plain call, one by one and in batches."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_hf_2 as tiny
import tiny_texts
import torch
from PIL import Image as Pillow
from transformers import AutoImageProcessor, AutoModel, AutoProcessor, BlipForImageTextRetrieval

from diptych.data.errors import AddressError, PictureError
from diptych.data.pictures import Picture
from diptych.lab.opening import without_source
from diptych.models import trained_encoder
from diptych.models.abilities import Answerer, Embedded, Embedder, EmbedRequest, Entailer, Failed, Matched, Matcher, MatchRequest
from diptych.models.pretrained import dual_of
from diptych.models.trained_sight import shown
from diptych.train.encoders import keep_processor

OPEN = without_source()
EMBEDDERS = (*tiny.MATCHERS, *tiny.TOWERS, *tiny_texts.SENTENCES)
SIZES = ((40, 30), (30, 40), (33, 33), (3, 3), (90, 20))
TEXTS = ("a red ball", "a man in a hat plays the guitar on the street", "yes", "two blue cones")


def picture(n: int) -> Picture:
    width, height = SIZES[n]
    pixels = np.random.default_rng(n).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(f"picture {n}", width, height, lambda: Pillow.fromarray(pixels))


def broken() -> Picture:
    def fails() -> Pillow.Image:
        raise PictureError("cut short")

    return Picture("broken", 8, 8, fails)


PAIRS = [(n, text) for n in range(len(SIZES)) for text in TEXTS]


def plain_cosines(folder: Path, kind: str) -> list[float]:
    """One pair at a time, as the model's page of transformers shows."""
    model, processor = AutoModel.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
    found = []
    for n, text in PAIRS:
        filled = {"siglip": 16, "siglip2": 64, "siglip2_squares": 64}.get(kind)
        how = {"padding": "max_length", "max_length": filled} if filled else {}
        said = processor(text=[text], return_tensors="pt", truncation=True, **how)
        if filled:
            said = {"input_ids": said["input_ids"]}
        with torch.no_grad():
            out = model(**said, **processor(images=[picture(n).pil()], return_tensors="pt", input_data_format="channels_last"))
        found.append(float(torch.nn.functional.cosine_similarity(out.image_embeds, out.text_embeds)))
    return found


def plain_blip(folder: Path) -> list[float]:
    model, processor = BlipForImageTextRetrieval.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
    found = []
    for n, text in PAIRS:
        with torch.no_grad():
            out = model(**processor(images=[picture(n).pil()], text=[text], return_tensors="pt", input_data_format="channels_last"))
        found.append(float(out.itm_score.softmax(-1)[0, 1]))
    return found


@pytest.mark.parametrize("make", tiny.MATCHERS, ids=lambda make: make.__name__)
def test_scores_are_those_of_the_plain_call_alone_and_in_company(make: tiny.Builder, checkpoint: Any) -> None:
    folder = checkpoint(make)
    asked = [MatchRequest(picture(n), text) for n, text in PAIRS]
    matcher, single = OPEN(f"hf:{folder}?batch=4", Matcher), OPEN(f"hf:{folder}?batch=1", Matcher)
    scores = [one.score for one in matcher.match(asked)]
    wanted = plain_blip(folder) if make is tiny.blip_itm else plain_cosines(folder, make.__name__)
    assert scores == pytest.approx(wanted, abs=1e-5)
    assert scores == pytest.approx([one.score for one in single.match(asked)], abs=1e-5)
    assert scores == pytest.approx([matcher.match([one])[0].score for one in asked], abs=1e-5)
    assert len({round(score, 4) for score in scores}) > len(PAIRS) / 2, "scores differ, or nothing was compared"


def test_siglips_own_tokenizer_reads_as_the_plain_call(tmp_path: Path) -> None:
    if find_spec("sentencepiece") is None:
        pytest.skip("sentencepiece not installed")
    folder = tiny.siglip_pieces(tmp_path)
    assert type(AutoProcessor.from_pretrained(folder).tokenizer).__name__ == "SiglipTokenizer"
    scores = [one.score for one in OPEN(f"hf:{folder}?batch=4", Matcher).match([MatchRequest(picture(n), text) for n, text in PAIRS])]
    assert scores == pytest.approx(plain_cosines(folder, "siglip"), abs=1e-5) and len(set(scores)) > len(PAIRS) / 2


@pytest.mark.parametrize("make", [tiny.siglip2, tiny.siglip2_squares], ids=lambda make: make.__name__)
def test_siglip_2_reads_small_letters_as_it_was_trained(make: tiny.Builder, checkpoint: Any) -> None:
    capital, small, other = OPEN(f"hf:{checkpoint(make)}", Embedder).embed(
        [EmbedRequest(text=text) for text in ("A cAB", "a cab", "a cac")]
    )
    assert np.array_equal(capital.vector, small.vector) and not np.allclose(small.vector, other.vector, atol=1e-3)


def test_what_a_model_lacks_is_told_with_its_remedy(tmp_path: Path, monkeypatch: Any) -> None:
    def lacks(*_: Any, **__: Any) -> None:
        raise ImportError("SiglipTokenizer requires the SentencePiece library")

    monkeypatch.setattr("diptych.models.hf_loading.assembled", lacks)
    with pytest.raises(AddressError, match=r"requires the SentencePiece library\): pip install 'diptych\[models\]' brings"):
        OPEN(f"hf:{tiny.siglip(tmp_path)}", Matcher)


@pytest.mark.parametrize("make", tiny.MATCHERS, ids=lambda make: make.__name__)
def test_a_broken_picture_fails_its_own_pairs_alone(make: tiny.Builder, checkpoint: Any) -> None:
    matcher = OPEN(f"hf:{checkpoint(make)}", Matcher)
    whole = [MatchRequest(picture(0), text) for text in TEXTS]
    found = matcher.match([whole[0], MatchRequest(broken(), "yes"), *whole[1:]])
    assert found[1] == Failed("cut short") and all(isinstance(one, Matched) for one in (found[0], *found[2:]))
    assert [one.score for one in (found[0], *found[2:])] == pytest.approx([one.score for one in matcher.match(whole)], abs=1e-5)
    assert matcher.match([]) == []


@pytest.mark.parametrize("make", EMBEDDERS, ids=lambda make: make.__name__)
def test_vectors_do_not_depend_on_company_and_a_missing_side_fails(make: tiny.Builder, checkpoint: Any) -> None:
    embedder = OPEN(f"hf:{checkpoint(make)}?batch=4", Embedder)
    shown = [EmbedRequest(picture(n)) for n in range(len(SIZES))]
    said = [EmbedRequest(text=text) for text in TEXTS]
    mixed = [one for pair in zip(shown, said, strict=False) for one in pair] + shown[len(said) :]
    found = embedder.embed(mixed)
    alone = [embedder.embed([one])[0] for one in mixed]
    sides = {True: make in (*tiny.MATCHERS, *tiny.TOWERS), False: make not in tiny.TOWERS}
    for request, one, other in zip(mixed, found, alone, strict=True):
        if not sides[request.picture is not None]:
            assert isinstance(one, Failed) and "alone: name a model that" in one.error
            continue
        assert isinstance(one, Embedded) and one.vector.dtype == np.float32 and one.vector.ndim == 1
        assert np.allclose(one.vector, other.vector, atol=1e-5)
    widths = {one.vector.shape for one in found if isinstance(one, Embedded)}
    assert len(widths) == 1 and embedder.embed([]) == []


def test_cosines_of_vectors_are_the_matchers_scores(checkpoint: Any) -> None:
    address = f"hf:{checkpoint(tiny.clip)}"
    shown, said = OPEN(address, Embedder).embed([EmbedRequest(picture(0)), EmbedRequest(text=TEXTS[0])])
    cosine = shown.vector @ said.vector / np.linalg.norm(shown.vector) / np.linalg.norm(said.vector)
    assert OPEN(address, Matcher).match([MatchRequest(picture(0), TEXTS[0])])[0].score == pytest.approx(float(cosine), abs=1e-5)


def test_the_towers_of_blip_are_those_of_its_plain_cosines(checkpoint: Any) -> None:
    folder = checkpoint(tiny.blip_itm)
    model, processor = BlipForImageTextRetrieval.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
    with torch.no_grad():
        made = processor(images=[picture(1).pil()], text=[TEXTS[1]], return_tensors="pt")
        wanted = float(model(**made, use_itm_head=False).itm_score)
    shown, said = OPEN(f"hf:{folder}", Embedder).embed([EmbedRequest(picture(1)), EmbedRequest(text=TEXTS[1])])
    cosine = shown.vector @ said.vector / np.linalg.norm(shown.vector) / np.linalg.norm(said.vector)
    assert float(cosine) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("make", tiny.TOWERS, ids=lambda make: make.__name__)
def test_a_tower_of_pictures_gives_what_stands_first(make: tiny.Builder, checkpoint: Any) -> None:
    folder = checkpoint(make)
    model, processor = AutoModel.from_pretrained(folder).eval(), AutoImageProcessor.from_pretrained(folder)
    with torch.no_grad():
        wanted = model(**processor(images=[picture(0).pil()], return_tensors="pt")).last_hidden_state[0, 0]
    assert np.allclose(OPEN(f"hf:{folder}", Embedder).embed([EmbedRequest(picture(0))])[0].vector, wanted, atol=1e-5)


def test_a_text_beyond_the_models_room_is_cut_as_transformers_cuts_it(checkpoint: Any) -> None:
    folder = checkpoint(tiny.clip)
    model, processor = AutoModel.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
    long = "a red ball " * 20
    with torch.no_grad():
        made = processor(text=[long], return_tensors="pt", truncation=True)
        assert made["input_ids"].shape[1] == 24
        wanted = model.get_text_features(**made).pooler_output[0]
    assert np.allclose(OPEN(f"hf:{folder}", Embedder).embed([EmbedRequest(text=long)])[0].vector, wanted, atol=1e-5)


@pytest.mark.parametrize("make", [one for one in EMBEDDERS if one not in tiny.TOWERS], ids=lambda make: make.__name__)
def test_no_text_is_too_long_to_be_read_in_part(make: tiny.Builder, checkpoint: Any) -> None:
    long = " ".join(TEXTS * 40)
    embedder = OPEN(f"hf:{checkpoint(make)}", Embedder)
    whole, cut, empty = embedder.embed([EmbedRequest(text=long), EmbedRequest(text=long[:-200]), EmbedRequest(text="")])
    assert np.allclose(whole.vector, cut.vector, atol=1e-5) and np.isfinite(empty.vector).all()


def test_what_follows_a_control_word_in_a_text_is_read(checkpoint: Any) -> None:
    """CLIP's vector of a text is that of its first end: a caption cannot set it."""
    said = [EmbedRequest(text=f"a <|endoftext|> {word}") for word in ("x", "y")]
    one, other = OPEN(f"hf:{checkpoint(tiny.clip)}", Embedder).embed(said)
    assert not np.allclose(one.vector, other.vector, atol=1e-3)


def test_each_picture_is_prepared_once_for_all_its_texts(checkpoint: Any) -> None:
    for make in (tiny.clip, tiny.blip_itm):
        opened: list[int] = []

        def counted(n: int, opened: list[int] = opened) -> Picture:
            return Picture(f"counted {n}", 40, 30, lambda: (opened.append(n), picture(n).pil())[1])

        OPEN(f"hf:{checkpoint(make)}?batch=2", Matcher).match([MatchRequest(counted(n), text) for text in TEXTS for n in (0, 1)])
        assert sorted(opened) == [0, 1]


@pytest.mark.parametrize(
    ("make", "ability", "said"),
    [
        (tiny_texts.bert, Matcher, "is of type bert, which is no Matcher here: name one of clip"),
        (tiny.dinov2, Matcher, "is of type dinov2, which is no Matcher here"),
        (tiny.blip_vqa, Matcher, "or a BlipForImageTextRetrieval"),
        (tiny.blip_vqa, Embedder, "is a blip without projections"),
        (tiny.vilt, Embedder, "is of type vilt, which gives no vectors here"),
        (tiny.swin, Embedder, r"is of type swin, .* a tower of pictures \(vit, "),
    ],
)
def test_what_cannot_score_is_told(make: tiny.Builder, ability: type, said: str, checkpoint: Any) -> None:
    with pytest.raises(AddressError, match=said):
        OPEN(f"hf:{checkpoint(make)}", ability)


def test_scores_are_reckoned_in_single_precision_unless_the_address_says_otherwise(checkpoint: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("diptych.models.hf_places._dtype", lambda said, asked, device: getattr(torch, asked or "bfloat16"))  # as on a GPU
    for make, ability in (
        (tiny.clip, Embedder),
        (tiny.blip_itm, Matcher),
        (tiny_texts.bert_nli, Entailer),
        (tiny.vilt, Answerer),
        (tiny.blip_vqa, Answerer),
    ):
        address = f"hf:{checkpoint(make)}"
        assert OPEN(address, ability).place.dtype == torch.float32
        assert OPEN(f"{address}?dtype=bfloat16", ability).place.dtype == torch.bfloat16
    half, whole = (
        OPEN(f"hf:{checkpoint(tiny.clip)}{asked}", Matcher).match([MatchRequest(picture(0), "yes")])[0].score
        for asked in ("?dtype=bfloat16", "")
    )
    assert half == pytest.approx(whole, abs=0.02) and half != whole


@pytest.mark.parametrize("make", [tiny.clip, tiny.siglip], ids=lambda make: make.__name__)
def test_a_training_goes_on_from_the_pixels_of_the_folder(make: tiny.Builder, checkpoint: Any) -> None:
    """As `save_pretrained` of a processor tells them today, in processor_config.json."""
    folder = make(checkpoint(make).parent / f"{make.__name__}-other")
    told = json.loads((folder / "processor_config.json").read_text())
    told["image_processor"] |= {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}
    (folder / "processor_config.json").write_text(json.dumps(told))
    dual = dual_of(f"hf:{folder}")
    assert (tuple(dual.mean), tuple(dual.std), dual.size) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), 32)
    pixels = AutoProcessor.from_pretrained(folder)(images=[picture(2).pil()], return_tensors="pt")["pixel_values"][0]
    assert torch.allclose(shown([picture(2)], dual.size, dual.mean, dual.std)[0], pixels, atol=1e-6)


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_a_folder_trained_here_answers_as_plain_transformers_and_as_its_training_saw_it(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    dual = dual_of(f"nano:{name}", TEXTS)
    for part in (dual.model, dual.tokenizer):
        part.save_pretrained(tmp_path)
    keep_processor(tmp_path, dual)
    requests = [MatchRequest(picture(n), text) for n in range(3) for text in TEXTS]
    here = [one.score for one in OPEN(f"hf:{tmp_path}", Matcher).match(requests)]
    trained = [one.score for one in trained_encoder.opened(tmp_path, f"hf:{tmp_path}").match(requests)]
    assert here == pytest.approx(trained, abs=1e-5)
    model, processor = AutoModel.from_pretrained(tmp_path).eval(), AutoProcessor.from_pretrained(tmp_path)
    for request, score in zip(requests, here, strict=True):
        how = {"padding": "max_length", "max_length": 64} if name == "siglip" else {}
        said = processor(text=[request.text], return_tensors="pt", **how)["input_ids"]
        with torch.no_grad():
            out = model(input_ids=said, **processor(images=[request.picture.pil()], return_tensors="pt", input_data_format="channels_last"))
        assert score == pytest.approx(float(torch.nn.functional.cosine_similarity(out.image_embeds, out.text_embeds)), abs=1e-5)
