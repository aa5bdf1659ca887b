"""Sentence encoders of transformers: pooled as their folders say, by hand and one text at a time."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_texts
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModel,
    AutoTokenizer,
)

from diptych.data.errors import AddressError
from diptych.lab.opening import without_source
from diptych.models.abilities import (
    Embedded,
    Embedder,
    EmbedRequest,
)

OPEN = without_source()
TEXTS = ("a red ball", "a man in a hat plays the guitar on the street", "yes")


def tokens(folder: Path, text: str, most: int = 64) -> np.ndarray:
    """(T, D) of one text, read alone."""
    model, words = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        return model(**words(text, return_tensors="pt", truncation=True, max_length=most)).last_hidden_state[0].numpy()


def vectors(folder: Path) -> list[np.ndarray]:
    return [one.vector for one in OPEN(f"hf:{folder}?batch=3", Embedder).embed([EmbedRequest(text=text) for text in TEXTS])]


def test_without_files_of_their_own_sentences_are_the_mean_of_their_tokens(checkpoint: Any) -> None:
    folder = checkpoint(tiny_texts.bert)
    for text, vector in zip(TEXTS, vectors(folder), strict=True):
        assert np.allclose(vector, tokens(folder, text).mean(0), atol=1e-5)


def test_a_decoders_last_token_stands_for_the_text(checkpoint: Any) -> None:
    folder = checkpoint(tiny_texts.last_token)
    for text, vector in zip(TEXTS, vectors(folder), strict=True):
        assert np.allclose(vector, tokens(folder, text)[-1], atol=1e-5)


POOLED = {
    "pooling_mode_cls_token": lambda t: t[0],
    "pooling_mode_max_tokens": lambda t: t.max(0),
    "pooling_mode_mean_sqrt_len_tokens": lambda t: t.sum(0) / len(t) ** 0.5,
    "pooling_mode_weightedmean_tokens": lambda t: sum((n + 1) * row for n, row in enumerate(t)) / sum(range(1, len(t) + 1)),
    "pooling_mode_lasttoken": lambda t: t[-1],
}


@pytest.mark.parametrize("pooling", POOLED)
def test_sentences_are_pooled_as_their_folder_says(pooling: str, tmp_path: Path) -> None:
    """Cut at eight tokens, pooled, through the dense part and its bend, of length one: by hand, one text at a time."""
    folder = tiny_texts.sentence_bert(tmp_path, pooling)
    dense = {name: value.numpy() for name, value in load_file(folder / "2_Dense/model.safetensors").items()}
    for text, vector in zip(TEXTS, vectors(folder), strict=True):
        bent = np.tanh(dense["linear.weight"] @ POOLED[pooling](tokens(folder, text, 8)) + dense["linear.bias"])
        assert np.allclose(vector, bent / np.linalg.norm(bent), atol=1e-5)


def changed(folder: Path, name: str, told: Any) -> Path:
    (folder / name).write_text(told if isinstance(told, str) else json.dumps(told))
    return folder


def test_several_poolings_stand_side_by_side_and_a_prompt_before(tmp_path: Path) -> None:
    folder = tiny_texts.bert(tmp_path)
    (folder / "1_Pooling").mkdir()
    changed(folder, "1_Pooling/config.json", {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True})
    changed(folder, "config_sentence_transformers.json", {"prompts": {"query": "is there "}, "default_prompt_name": "query"})
    read = tokens(folder, "is there a red ball")
    assert np.allclose(vectors(folder)[0], np.concatenate([read[0], read.mean(0)]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "told", "said"),
    [
        ("1_Pooling/config.json", {"pooling_mode_attention": True}, "pools by pooling_mode_attention: known are cls, max, mean"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": False}, "pools by nothing"),
        ("modules.json", "[", "its modules.json is no JSON"),
        ("modules.json", [{"type": "a.Transformer", "path": ""}, {"type": "x.Router", "path": ""}], "has a part Router"),
        ("modules.json", [{"type": "a.Pooling", "path": "../other"}], "names a file outside of itself"),
        ("modules.json", [{"type": "a.Dense", "path": "1_Pooling"}], "has a dense part 1_Pooling with no model.safetensors"),
        ("modules.json", {"type": "a.Pooling"}, "its modules.json is no list of modules"),
        ("modules.json", [{"path": ""}], "its modules.json is no list of modules"),
        ("1_Pooling/config.json", [], "its 1_Pooling/config.json is no table"),
    ],
)
def test_a_folder_that_says_something_unknown_is_refused(name: str, told: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(AddressError, match=said):
        OPEN(f"hf:{changed(tiny_texts.sentence_bert(tmp_path), name, told)}", Embedder)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.sampled_from(["mean", "", "a.Pooling", "a.Normalize", "1_Pooling", "/etc", "..", "a.Dense"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "path", "pooling_mode", "pooling_mode_cls_token", "prompts", "default_prompt_name", "max_seq_length"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    name=st.sampled_from(["modules.json", "1_Pooling/config.json", "config_sentence_transformers.json", "sentence_bert_config.json"]),
    told=JSON,
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_files_say_they_are_read_or_refused(name: str, told: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tiny_texts.sentence_bert(tmp_path_factory.mktemp("any"))
    try:
        found = OPEN(f"hf:{changed(folder, name, told)}", Embedder).embed([EmbedRequest(text="a red ball")])
    except AddressError as error:
        assert str(folder) in str(error)
    else:
        assert isinstance(found[0], Embedded) and np.isfinite(found[0].vector).all()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "2_Dense/model.safetensors").write_bytes(b"no weights"), "its 2_Dense/model.safetensors does not open"),
        (
            lambda folder: save_file({"linear.weight": torch.zeros(8, 5)}, folder / "2_Dense/model.safetensors"),
            "gives no vectors of sentences",
        ),
        (lambda folder: save_file({"weight": torch.zeros(8, 32)}, folder / "2_Dense/model.safetensors"), "without linear.weight"),
        (lambda folder: changed(folder, "modules.json", " " * (1 << 20) + "[]"), "its modules.json has 1048578 bytes, more than 1048576"),
    ],
)
def test_parts_that_are_broken_or_do_not_fit_are_told_when_opened(spoil: Any, said: str, tmp_path: Path) -> None:
    folder = tiny_texts.sentence_bert(tmp_path)
    spoil(folder)
    with pytest.raises(AddressError, match=said):
        OPEN(f"hf:{folder}", Embedder)
