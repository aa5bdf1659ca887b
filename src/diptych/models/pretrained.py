"""Dual encoders for training, by address: from scratch by name, or from a folder or repository in the Hugging Face format."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import (
    AutoTokenizer,
    CLIPConfig,
    CLIPModel,
    PretrainedConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipModel,
)
from transformers.utils import cached_file

from diptych.data.errors import AddressError
from diptych.models.addresses import Address, parse_address
from diptych.models.bag_encoder import BagEncoder
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.folders import without_bars
from diptych.models.hf_hub import NOT_HERE, hub_remedy, refuse_unreachable
from diptych.models.words import word_tokenizer

Three = tuple[float, float, float]
HALF: Three = (0.5, 0.5, 0.5)
CLIP_MEAN: Three = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD: Three = (0.26862954, 0.26130258, 0.27577711)
SCRATCH = ("dual", "clip", "siglip")
KINDS: dict[str, Any] = {"clip": CLIPModel, "siglip": SiglipModel, "diptych_dual_encoder": DualEncoder, "diptych_bag_encoder": BagEncoder}
OURS = (DualEncoder, BagEncoder)
_LENGTH = 64
_SPREAD = 0.05  # of first weights: from transformers' .02 the loss stayed high for 250 updates at a rate of 2e-3 (2.5 for .44)
_SMALL = {"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 3, "num_attention_heads": 4}


@dataclass(frozen=True, slots=True)
class Dual:
    """A dual encoder with its tokenizer and what it takes: pixels of `size`, scaled to (x - mean) / std, or a tower's tokens."""

    model: Any
    tokenizer: PreTrainedTokenizerBase
    length: int
    size: int
    mean: Three = HALF
    std: Three = HALF
    reads_tokens: bool = False


def dual_of(address: str, texts: Iterable[str] = (), *, tokens: bool = False, words: PreTrainedTokenizerBase | None = None) -> Dual:
    """The encoder behind an address, ready to be trained further or from scratch; AddressError says what may be named.

    `nano:dual` (ours; with `tokens` it reads those of the shipped tower), `nano:clip`, `nano:siglip` (small ones of transformers) start
    from scratch with a tokenizer of the words of `texts`, or with `words`. `hf:ORG/NAME[@revision]` or `hf:./PATH` goes on from weights
    (safetensors, no remote code), and with `?scratch=1` takes the architecture and tokenizer alone.
    """
    parsed = parse_address(address)
    if parsed.scheme == "nano" and parsed.name in SCRATCH and not parsed.options:
        return _scratch(parsed.name, word_tokenizer(texts) if words is None else words, tokens)
    if parsed.scheme == "hf" and set(parsed.options) <= {"scratch"}:
        return _opened(parsed)
    known = ", ".join(f"nano:{name}" for name in SCRATCH)
    raise AddressError(
        f"{address!r} is no encoder to train: name one of {known}, hf:ORG/NAME or hf:./PATH, the last two also with ?scratch=1"
    )


def _scratch(name: str, words: PreTrainedTokenizerBase, tokens: bool) -> Dual:
    if name == "dual":
        config = DualEncoderConfig(vocabulary=len(words), length=_LENGTH, reads_tokens=tokens, initializer_range=_SPREAD)
        model = DualEncoder(config)
        return Dual(model, words, _LENGTH, 64, reads_tokens=tokens)
    words = words if words.eos_token_id == len(words) - 1 else ending_last(words)
    last = len(words) - 1
    special = {"vocab_size": len(words), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": last, "max_position_embeddings": _LENGTH}
    seen = _SMALL | {"image_size": 64, "patch_size": 8}
    if name == "clip":
        config = CLIPConfig(text_config=_SMALL | special, vision_config=seen, projection_dim=128)
        return Dual(CLIPModel(config), words, _LENGTH, 64, CLIP_MEAN, CLIP_STD)
    return Dual(SiglipModel(SiglipConfig(text_config=_SMALL | special, vision_config=seen)), words, _LENGTH, 64)


def ending_last(words: PreTrainedTokenizerBase) -> PreTrainedTokenizerFast:
    """The same words with <eos> at the last number: CLIP in transformers takes the number 2 for a sign of old checkpoints."""
    told = json.loads(words.backend_tokenizer.to_str())
    before, last = words.eos_token_id, len(words) - 1
    other = words.convert_ids_to_tokens(last)
    told["model"]["vocab"] |= {words.eos_token: last, other: before}
    for added in told["added_tokens"]:
        added["id"] = {words.eos_token: last, other: before}.get(added["content"], added["id"])
    told["added_tokens"].sort(key=lambda added: added["id"])
    told["post_processor"]["special_tokens"][words.eos_token]["ids"] = [last]
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(told)), pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", unk_token="<unk>",
        mask_token="<mask>", clean_up_tokenization_spaces=False,
    )  # fmt: skip


def _opened(address: Address) -> Dual:
    name, _, revision = address.name.partition("@")
    place = {"revision": revision} if revision else {}
    said = f"hf:{address.name}"
    if name.startswith((".", "/", "~")):
        name = str(Path(name).expanduser())
        if not Path(name, "config.json").is_file():
            raise AddressError(f"{said} is no folder of a model: it has no config.json")
    else:
        refuse_unreachable(said, name, revision or None)
    try:
        with without_bars():
            told = PretrainedConfig.get_config_dict(name, **place)[0].get("model_type", "unknown")
            if told not in KINDS:
                raise AddressError(f"{said} is of type {told}, which is no dual encoder: it must be one of {', '.join(KINDS)}")
            kind = KINDS[told]
            scratch = address.options.get("scratch", "0") not in ("0", "")
            config = kind.config_class.from_pretrained(name, **place)
            model = kind(config) if scratch else kind.from_pretrained(name, use_safetensors=True, **place)
            words = PreTrainedTokenizerFast if kind in OURS else AutoTokenizer
            tokenizer = words.from_pretrained(name, trust_remote_code=False, **place)
            seen = _processor(name, place)
    except AddressError:
        raise
    except (OSError, ValueError) as error:
        why = str(error).strip().splitlines()[0].rstrip(".")
        if "couldn't connect" in why:
            raise AddressError(f"{said} does not open ({NOT_HERE}): {hub_remedy(name)}") from error
        raise AddressError(f"{said} does not open ({why}): check its name, or name a folder of this machine as hf:./PATH") from error
    # SigLIP's tokenizer leaves the mask out, which training wants
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return _dual(model, tokenizer, seen)


def _dual(model: Any, tokenizer: PreTrainedTokenizerBase, seen: dict[str, Any]) -> Dual:
    config = model.config
    if isinstance(model, OURS):
        reads = getattr(config, "reads_tokens", False)
        return Dual(model, tokenizer, config.length, config.tower.get("size", 64), reads_tokens=reads)
    usual = (CLIP_MEAN, CLIP_STD) if config.model_type == "clip" else (HALF, HALF)
    mean, std = (tuple(seen.get(key, given)) for key, given in zip(("image_mean", "image_std"), usual, strict=True))
    return Dual(model, tokenizer, config.text_config.max_position_embeddings, config.vision_config.image_size, mean, std)


def _processor(name: str, place: dict[str, str]) -> dict[str, Any]:
    """What preprocessor_config.json says, or processor_config.json, which transformers 5 writes in its stead."""
    for file in ("preprocessor_config.json", "processor_config.json"):
        if found := cached_file(name, file, _raise_exceptions_for_missing_entries=False, **place):
            told = json.loads(Path(found).read_text("utf-8"))
            return dict(told.get("image_processor", told))
    return {}


def processor(dual: Dual) -> dict[str, Any]:
    """What preprocessor_config.json of a trained folder says, so that plain transformers scales pictures as training did."""
    return {
        "image_processor_type": "SiglipImageProcessor",
        "do_resize": True,
        "size": {"height": dual.size, "width": dual.size},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(dual.mean),
        "image_std": list(dual.std),
    }
