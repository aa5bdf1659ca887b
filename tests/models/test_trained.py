"""Folders that a training saved answer as experts: the same numbers as the model asked directly, and plain errors."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from diptych.data.errors import AddressError, PictureError
from diptych.data.pictures import Picture
from diptych.data.verdicts import family
from diptych.lab.opening import without_source
from diptych.models.abilities import Captioner, CaptionRequest, Described, Embedded, Embedder, EmbedRequest, Failed, Matcher, MatchRequest
from diptych.models.bridged_captioner import BridgedCaptioner, BridgedCaptionerConfig
from diptych.models.dual import picture_vectors, text_vectors
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.pretrained import dual_of
from diptych.models.words import tidied, word_tokenizer
from diptych.train.bridged import written
from diptych.train.encoders import keep_processor

TEXTS = ("a red ball", "two blue cones and a mug", "a mug")
OPEN = without_source()


def saved(name: str, out: Path) -> Path:
    torch.manual_seed(0)
    dual = dual_of(f"nano:{name}", TEXTS)
    dual.model.save_pretrained(out)
    dual.tokenizer.save_pretrained(out)
    keep_processor(out, dual)
    return out


def coloured(name: str, size: int = 64) -> Picture:
    return Picture(name, size, size, lambda: Pillow.new("RGB", (size, size), name))


def broken() -> Picture:
    def fails() -> Pillow.Image:
        raise PictureError("cut short")

    return Picture("broken", 8, 8, fails)


@pytest.mark.parametrize("name", ["dual", "clip", "siglip"])
def test_a_trained_encoder_answers_with_its_own_vectors(name: str, tmp_path: Path) -> None:
    address = f"hf:{saved(name, tmp_path)}"
    dual = dual_of(address)
    embedder, matcher = OPEN(address, Embedder), OPEN(address, Matcher)
    pixels = torch.from_numpy(np.array(coloured("red").pil())).permute(2, 0, 1)[None].float() / 255
    mean, std = (torch.tensor(three).view(1, 3, 1, 1) for three in (dual.mean, dual.std))
    with torch.no_grad():
        picture = picture_vectors(dual.model.eval(), {"pixel_values": (pixels - mean) / std})[0]
        made = dual.tokenizer([TEXTS[0]], return_tensors="pt")
        text = text_vectors(dual.model, made["input_ids"], made["attention_mask"])[0]
    wanted = float(torch.nn.functional.cosine_similarity(picture, text, dim=0))
    found = embedder.embed([EmbedRequest(text=TEXTS[0]), EmbedRequest(picture=coloured("red"))])
    assert np.allclose(found[0].vector, text, atol=1e-4) and np.allclose(found[1].vector, picture, atol=1e-4)
    # neither neighbours nor a longer text in the batch change a score
    several = [MatchRequest(coloured(colour), said) for colour in ("red", "blue") for said in TEXTS]
    scores = [one.score for one in matcher.match(several)]
    assert scores[0] == pytest.approx(wanted, abs=1e-4)
    assert scores == pytest.approx([matcher.match([one])[0].score for one in several], abs=1e-4)


def test_a_broken_picture_fails_alone(tmp_path: Path) -> None:
    matcher = OPEN(f"hf:{saved('dual', tmp_path)}", Matcher)
    found = matcher.match([MatchRequest(broken(), "a mug"), MatchRequest(coloured("red"), "a mug")])
    assert found[0] == Failed("cut short") and not isinstance(found[1], Failed)
    assert matcher.match([]) == []


def test_a_trained_captioner_answers(tmp_path: Path) -> None:
    words = word_tokenizer(TEXTS)
    torch.manual_seed(0)
    model = PrefixCaptioner(PrefixCaptionerConfig(tower={}, vocabulary=len(words), width=32, heads=2, blocks=1, length=8))
    model.save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    captioner = OPEN(f"hf:{tmp_path}", Captioner)
    asked = [CaptionRequest(coloured(colour), draw=draw, temperature=1.0) for colour in ("red", "blue") for draw in (0, 1)]
    told = captioner.caption(asked)
    assert told == [captioner.caption([one])[0] for one in asked]  # draws hang on picture and number, not on the batch
    assert isinstance(captioner.caption([CaptionRequest(broken())])[0], Failed)
    assert all(len(one.text.split()) <= 7 for one in told if not isinstance(one, Failed))


def test_a_captioner_writes_under_the_conditions_of_its_address(tmp_path: Path) -> None:
    words = word_tokenizer(TEXTS)
    torch.manual_seed(0)
    small = {"vocabulary": len(words), "width": 32, "heads": 2, "blocks": 1, "length": 8, "initializer_range": 0.3}
    model = PrefixCaptioner(PrefixCaptionerConfig(tower={}, conditions={"alignment": 8}, **small))
    model.save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    asked = [CaptionRequest(coloured("red"))]
    said = [OPEN(f"hf:{tmp_path}{level}", Captioner).caption(asked)[0] for level in ("", *(f"?alignment={n}" for n in range(8)))]
    assert len(set(said)) > 1, "levels differ"
    for option in ("alignment=8", "alignment=-1", "style=1"):
        with pytest.raises(AddressError, match=f"takes no option {option}: it takes family, alignment from 0 to 7"):
            OPEN(f"hf:{tmp_path}?{option}", Captioner)


def test_a_captioner_of_vectors_sees_through_its_encoder(tmp_path: Path) -> None:
    encoder, out, words = saved("dual", tmp_path / "encoder"), tmp_path / "out", word_tokenizer(TEXTS)
    torch.manual_seed(0)
    language = {"vocabulary": len(words), "width": 32, "heads": 2, "blocks": 1}
    model = BridgedCaptioner(BridgedCaptionerConfig(128, language=language, encoder=str(encoder), initializer_range=0.3))
    model.save_pretrained(out)
    words.save_pretrained(out)
    pictures = [coloured(colour) for colour in ("red", "blue", "green")]
    seen = OPEN(f"hf:{encoder}", Embedder).embed([EmbedRequest(picture) for picture in pictures])
    vectors = np.stack([one.vector / np.linalg.norm(one.vector) for one in seen if isinstance(one, Embedded)])
    expected = [tidied(text) for text in written(out, vectors)]
    told = OPEN(f"hf:{out}", Captioner).caption([CaptionRequest(picture) for picture in pictures])
    assert [one.text for one in told if isinstance(one, Described)] == expected and len(set(expected)) > 1
    encoder.rename(tmp_path / "elsewhere")
    with pytest.raises(AddressError, match=r"which is not in .*: name its folder, .*\?encoder=PATH"):
        OPEN(f"hf:{out}", Captioner)
    assert OPEN(f"hf:{out}?encoder={tmp_path}/elsewhere", Captioner).caption([CaptionRequest(pictures[0])]) == told[:1]
    with pytest.raises(AddressError, match="takes no option 'level': it takes family and encoder"):
        OPEN(f"hf:{out}?level=1", Captioner)


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    folder = saved("dual", tmp_path / "out")
    (tmp_path / "bare").mkdir()
    for address, ability, said in (
        (f"hf:{folder}", Captioner, "is no Captioner: a diptych_dual_encoder serves as Embedder and Matcher"),
        (f"hf:{tmp_path}/none", Matcher, "there is no folder"),
        (f"hf:{folder.parent / 'bare'}", Matcher, "it has no config.json"),
        ("hf:org/name", Matcher, "HF_HUB_OFFLINE is set: fetch it first"),
        (f"hf:{folder}?size=3", Matcher, "takes no option 'size'"),
    ):
        with pytest.raises(AddressError, match=said):
            OPEN(address, ability)
    with pytest.raises(AddressError, match=f"holds several models: name one of hf:{tmp_path}/out"):
        OPEN(f"hf:{tmp_path}", Matcher)
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "train.jsonl").write_text("")
    with pytest.raises(AddressError, match="not finished: run its `diptych train` command again"):
        OPEN(f"hf:{tmp_path}/alone", Matcher)
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(AddressError, match="is of type bert"):
        OPEN(f"hf:{folder}", Matcher)
    (folder / "config.json").write_text("[]")
    with pytest.raises(AddressError, match="says no model_type"):
        OPEN(f"hf:{folder}", Matcher)


def test_a_folder_named_without_its_dot_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved("dual", tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AddressError, match=r"for the folder out write hf:\./out"):
        OPEN("hf:out", Matcher)


def test_nano_captioners_are_two_families() -> None:
    assert family("nano:captioner-a") != family("nano:captioner-b")
    assert family("hf:ORG/blip-large") == family("hf:ORG/blip-base")


def test_a_captioner_without_its_words_is_told_of_once(tmp_path: Path) -> None:
    PrefixCaptioner(PrefixCaptionerConfig(vocabulary=9, width=8, heads=2, places=0)).save_pretrained(tmp_path)
    with pytest.raises(AddressError, match="does not open") as told:
        OPEN(f"hf:{tmp_path}", Captioner)
    assert str(told.value).count("does not open") == 1
