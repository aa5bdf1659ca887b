"""What a config.json tells of a model is what opening the model bears out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import tiny_hf
import tiny_hf_2
import tiny_hf_3
import tiny_texts
from safetensors.torch import load_file

from diptych.data.errors import AddressError
from diptych.models.abilities import (
    Answerer,
    Captioner,
    DepthEstimator,
    Detector,
    Embedder,
    Entailer,
    Matcher,
    Segmenter,
)
from diptych.models.addresses import Address, open_model
from diptych.models.hf import open_hf
from diptych.models.hf_kinds import READS, SEES, abilities_of
from diptych.models.hf_told import Told, told
from diptych.models.suggested import SUGGESTED

BOTH = (Embedder, Matcher)
TINY: list[tuple[Callable[[Path], Path], tuple[type, ...]]] = [
    (tiny_hf.llama, READS),
    (tiny_hf.gpt2, READS),
    (tiny_hf.llava, SEES),
    (tiny_hf.qwen2_5_vl, SEES),
    (tiny_hf.blip, (Captioner,)),
    (tiny_hf.git, (Captioner,)),
    (tiny_hf.vit_gpt2, (Captioner,)),
    (tiny_hf.florence2, (Captioner,)),
    (tiny_hf_2.clip, BOTH),
    (tiny_hf_2.siglip2, BOTH),
    (tiny_hf_2.blip_itm, BOTH),
    (tiny_hf_2.blip_vqa, (Answerer,)),
    (tiny_hf_2.vilt, (Answerer,)),
    (tiny_hf_2.dinov2, (Embedder,)),
    (tiny_hf_2.vit, (Embedder,)),
    (tiny_hf_2.swin, ()),
    (tiny_texts.bert, (Embedder,)),
    (tiny_texts.bert_nli, (Entailer,)),
    *((getattr(tiny_hf_3, name), (Detector,)) for name in ("owlv2", "grounding_dino", "rt_detr")),
    *((getattr(tiny_hf_3, name), (Segmenter,)) for name in ("sam", "mask2former", "oneformer")),
    *((getattr(tiny_hf_3, name), (DepthEstimator,)) for name in ("depth_anything", "glpn")),
]


@pytest.mark.parametrize(("builder", "able"), TINY, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_told_opens(builder: Callable[[Path], Path], able: tuple[type, ...], checkpoint: Any) -> None:
    folder = checkpoint(builder)
    assert abilities_of(json.loads((folder / "config.json").read_text())) == able
    for ability in able:
        assert open_model(f"hf:{folder}", ability, {"hf": open_hf}) is not None


@pytest.mark.parametrize("builder", [tiny_hf_3.owlv2, tiny_hf.llava, tiny_texts.bert_nli], ids=lambda value: value.__name__)
def test_parameters_are_counted_from_the_heads_of_files(builder: Callable[[Path], Path], checkpoint: Any) -> None:
    folder = checkpoint(builder)
    found = told(Address("hf", str(folder)))
    assert found is not None and found.folder == folder and found.dtypes[0] == "F32"
    named: dict[str, int] = {}
    for path in folder.glob("*.safetensors"):
        named |= {name: value.numel() for name, value in load_file(path).items()}
    assert found.parameters == sum(named.values()) > 1000
    assert found.disk == sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def test_a_licence_is_read_from_the_card(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "owlv2"}')
    card = tmp_path / "README.md"
    assert told(Address("hf", str(tmp_path))) == Told("owlv2", (Detector,), tmp_path)
    for written, read in (
        ("---\nlicense: apache-2.0\ntags: [x]\n---\n", "apache-2.0"),
        ('---\nlicense: "mit"\n---', "mit"),
        ("no front matter", ""),
        ("---\nlicense: \x1b[31mred\n---", ""),
    ):
        card.write_text(written)
        found = told(Address("hf", str(tmp_path)))
        assert found is not None and found.licence == read


@pytest.mark.parametrize("head", [b"", b"\x05", b"\xff" * 8, (9).to_bytes(8, "little") + b'{"a":[1]}', (2).to_bytes(8, "little") + b"[]"])
def test_weights_that_are_not_whole_are_said(head: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "owlv2"}')
    (tmp_path / "model.safetensors").write_bytes(head)
    with pytest.raises(AddressError, match="no whole safetensors file"):
        told(Address("hf", str(tmp_path)))


@pytest.mark.parametrize("config", ["", "[]", "{", '"x"', "[" * 100_000])
def test_a_broken_config_is_said(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(AddressError, match=r"config\.json cannot be read"):
        told(Address("hf", str(tmp_path)))


def test_what_the_hub_left_here_is_found(checkpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint(tiny_hf_3.owlv2)
    held: dict[tuple[str, str | None], Path] = {("some/owl", None): folder, ("some/owl", "v1"): folder}

    def cached(name: str, file: str, *, revision: str | None) -> str | None:
        path = held[name, revision] / file if (name, revision) in held else None
        return str(path) if path is not None and path.is_file() else None

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", cached)
    for name in ("some/owl", "some/owl@v1"):
        found = told(Address("hf", name))
        assert found is not None and (found.kind, found.abilities) == ("owlv2", (Detector,))
    assert told(Address("hf", "some/owl@v2")) is None and told(Address("hf", "other/owl")) is None


def test_suggested_models_are_of_kinds_that_open_here() -> None:
    """By their type alone: the weights of others cannot be had here."""
    saved = {"idefics3": ("Idefics3ForConditionalGeneration", {"vision_config": {}}), "qwen2": ("Qwen2ForCausalLM", {})}
    saved |= {"qwen2_5_vl": ("Qwen2_5_VLForConditionalGeneration", {"vision_config": {}}), "bert": ("BertModel", {})}
    saved |= {"blip": ("BlipForConditionalGeneration", {}), "deberta-v2": ("DebertaV2ForSequenceClassification", {})}
    saved |= {"rt_detr": ("RTDetrForObjectDetection", {})}
    for one in SUGGESTED:
        if one.kind:
            name, more = saved.get(one.kind, ("", {}))
            able = abilities_of({"model_type": one.kind, "architectures": [name], **more})
            assert set(one.abilities) <= set(able), one.address
