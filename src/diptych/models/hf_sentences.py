"""Sentence encoders of transformers: tokens' vectors pooled to one, as the files that sentence-transformers writes say, else their mean."""

# B texts, T tokens, D width

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import gelu, linear, normalize
from transformers import AutoModel, AutoTokenizer
from transformers.utils import cached_file

from diptych.data.errors import AddressError
from diptych.models.hf_loading import Place, model_of, processor_of
from diptych.models.hf_pooling import KEYS, POOLS
from diptych.models.hf_sight import moved
from diptych.models.hf_words import as_text, read_as, room_of

_MOST = 1 << 20  # bytes of a JSON file
Then = Callable[[Tensor], Tensor]
_BENDS: Mapping[str, Then] = {"Identity": lambda x: x, "Tanh": torch.tanh, "ReLU": torch.relu, "GELU": gelu, "Sigmoid": torch.sigmoid}


def sentences(place: Place, config: Any) -> Callable[[Sequence[str]], Tensor]:
    """Texts to (B, D). AddressError for a part of a sentence-transformers folder that is not known here."""
    pools, thens = _parts(place)
    told = _table(place, "sentence_bert_config.json")
    lower, before = bool(told.get("do_lower_case")), _prompt(place)
    model, tokenizer = model_of(place, AutoModel, may_lack=("pooler",)), as_text(processor_of(place, AutoTokenizer))
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    room = room_of(tokenizer, config)
    if isinstance(most := told.get("max_seq_length"), int) and most > 0:
        room = min(room, most)

    def reads(texts: Sequence[str]) -> Tensor:
        asked = [before + (text.lower() if lower else text) for text in texts]
        made = read_as(tokenizer(asked, return_tensors="pt", padding=True, truncation=True, max_length=room), place)
        tokens_BTD, mask_BT = model(**made).last_hidden_state, made["attention_mask"]
        found = torch.cat([POOLS[name](tokens_BTD, mask_BT) for name in pools], dim=-1)
        for then in thens:
            found = then(found)
        return found

    return _tried(place, reads)


def _tried(place: Place, reads: Callable[[Sequence[str]], Tensor]) -> Callable[[Sequence[str]], Tensor]:
    """What reads, if it can: parts that do not fit each other are told before a run begins."""
    try:
        with torch.inference_mode():
            reads(["a"])
    except (RuntimeError, TypeError, AttributeError, ValueError, IndexError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise AddressError(f"{place.said} gives no vectors of sentences ({why}): name a sentence encoder") from error
    return reads


def _parts(place: Place) -> tuple[Sequence[str], list[Then]]:
    """The names of the poolings, and what comes after them, by modules.json where there is one."""
    modules = _json(place, "modules.json")
    if modules is None:
        return _pooling(place, "1_Pooling"), []
    if not isinstance(modules, list) or not all(isinstance(one, dict) and {"type", "path"} <= set(one) for one in modules):
        raise AddressError(f"{place.said}: its modules.json is no list of modules with type and path")
    pools: Sequence[str] = ("mean",)
    thens: list[Then] = []
    for module in modules:
        kind, path = str(module["type"]).rpartition(".")[2], str(module["path"])
        if kind == "Pooling":
            pools = _pooling(place, path)
        elif kind == "Dense":
            thens.append(_dense(place, path))
        elif kind == "Normalize":
            thens.append(lambda found: normalize(found, dim=-1))
        elif kind != "Transformer" or path not in ("", "."):
            raise AddressError(
                f"{place.said} has a part {kind} at {path!r}: known are Transformer at the top, Pooling, Dense and Normalize"
            )
    return pools, thens


def _pooling(place: Place, path: str) -> Sequence[str]:
    told = _table(place, f"{path}/config.json")
    if not told:
        return ("mean",)
    said = told.get("pooling_mode", [])
    asked = set(map(str, said if isinstance(said, list) else [said]))
    asked |= {KEYS.get(key, key) for key, value in told.items() if key.startswith("pooling_mode_") and value}
    if not asked or asked - set(POOLS):
        raise AddressError(f"{place.said} pools by {', '.join(sorted(asked)) or 'nothing'}: known are {', '.join(POOLS)}")
    return [name for name in POOLS if name in asked]


def _dense(place: Place, path: str) -> Then:
    told, weights = _table(place, f"{path}/config.json"), _file(place, f"{path}/model.safetensors")
    kind = str(told.get("activation_function", "Tanh")).rpartition(".")[2]
    if weights is None or kind not in _BENDS:
        lacks = "no model.safetensors" if weights is None else f"an unknown activation {kind}"
        raise AddressError(f"{place.said} has a dense part {path} with {lacks}: save it as safetensors, with one of {', '.join(_BENDS)}")
    try:
        held = {name: moved(value, place) for name, value in load_file(weights).items()}
    except SafetensorError as error:
        raise AddressError(f"{place.said}: its {path}/model.safetensors does not open ({error}): save it again") from error
    if "linear.weight" not in held:
        raise AddressError(f"{place.said} has a dense part {path} without linear.weight: save it as sentence-transformers does")
    return lambda found: _BENDS[kind](linear(found, held["linear.weight"], held.get("linear.bias")))


def _prompt(place: Place) -> str:
    """What stands before each text by default."""
    told = _table(place, "config_sentence_transformers.json")
    prompts = told.get("prompts")
    return str(prompts.get(str(told.get("default_prompt_name")), "")) if isinstance(prompts, dict) else ""


def _table(place: Place, name: str) -> dict[str, Any]:
    found = _json(place, name)
    if found is not None and not isinstance(found, dict):
        raise AddressError(f"{place.said}: its {name} is no table of names and values")
    return found or {}


def _json(place: Place, name: str) -> Any:
    found = _file(place, name)
    if found is None:
        return None
    if (size := found.stat().st_size) > _MOST:
        raise AddressError(f"{place.said}: its {name} has {size} bytes, more than {_MOST}: that is no such file")
    try:
        return json.loads(found.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AddressError(f"{place.said}: its {name} is no JSON ({error})") from error


def _file(place: Place, name: str) -> Path | None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise AddressError(f"{place.said} names a file outside of itself: {name!r}")
    found = cached_file(
        place.name,
        name,
        revision=place.revision,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    return None if found is None else Path(found)
