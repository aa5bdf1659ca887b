"""What a model of transformers can do, told from its config.json alone: nothing of torch is imported, nothing is opened."""

from collections.abc import Mapping
from typing import Any

from diptych.models.abilities import (
    Answerer,
    Captioner,
    ChatModel,
    Comparer,
    DepthEstimator,
    Detector,
    Embedder,
    Entailer,
    Judge,
    Matcher,
    Painter,
    Segmenter,
    Writer,
)
from diptych.models.trained import TYPES

Abilities = tuple[type, ...]
# by the `model_type` of config.json: the module whose `made(place, config)` gives a detector of phrases, or a segmenter
PHRASES: Mapping[str, str] = {
    "owlvit": "hf_owl",
    "owlv2": "hf_owl",
    "grounding-dino": "hf_grounding",
    "mm-grounding-dino": "hf_grounding",
}
MASKS: Mapping[str, str] = {
    "sam": "hf_sam",
    "mask2former": "hf_instances",
    "maskformer": "hf_instances",
    "oneformer": "hf_instances",
}
# two towers into one space, each of them asked by `get_image_features` and `get_text_features`
DUALS = ("clip", "siglip", "siglip2", "metaclip_2", "chinese_clip", "altclip", "align")
# see pictures alone, and have a vector of the whole picture at the first place; others (swin, siglip's own tower) have a corner there
TOWERS = ("vit", "deit", "vit_msn", "beit", "data2vec-vision", "dinov2", "dinov2_with_registers", "dinov3_vit")
NEARNESS = ("dpt", "depth_anything")  # tell how near a pixel is, unless they were trained on metres
METRES = ("glpn",)

READS: Abilities = (ChatModel, Writer, Entailer)
SEES: Abilities = (Captioner, Answerer, ChatModel, Judge, Comparer, Writer, Entailer)
_BOTH: Abilities = (Embedder, Matcher)
_CAPTIONS: Abilities = (Captioner,)
_KINDS: Mapping[str, Abilities] = {
    **{kind: able for kind, (able, _) in TYPES.items()},
    **dict.fromkeys(PHRASES, (Detector,)),
    **dict.fromkeys(MASKS, (Segmenter,)),
    **dict.fromkeys((*NEARNESS, *METRES), (DepthEstimator,)),
    **dict.fromkeys(DUALS, _BOTH),
    **dict.fromkeys(TOWERS, (Embedder,)),
    **dict.fromkeys(("blip-2", "git", "paligemma", "vision-encoder-decoder", "florence2"), _CAPTIONS),
}
# by how the class that was saved ends, where the type alone does not say
_CLASSES: Mapping[str, Abilities] = {
    "BlipForImageTextRetrieval": _BOTH,
    "BlipForConditionalGeneration": _CAPTIONS,
    "ViltForQuestionAnswering": (Answerer,),
    "BlipForQuestionAnswering": (Answerer,),
    "ForObjectDetection": (Detector,),
    "ForSequenceClassification": (Entailer,),
    "ForCausalLM": READS,
    "LMHeadModel": READS,
    "Model": (Embedder,),
}
ABLE: Abilities = tuple(dict.fromkeys((*SEES, *_BOTH, Detector, Segmenter, DepthEstimator, Painter)))  # whatever hf: can be asked for


def abilities_of(config: Mapping[str, Any]) -> Abilities:
    """What a model with this config.json is asked for; empty for one that has no place here."""
    kind, classes = str(config.get("model_type")), [str(one) for one in config.get("architectures") or ()]
    if kind in _KINDS:
        return _KINDS[kind]
    for ending, able in _CLASSES.items():
        if any(name.endswith(ending) for name in classes):
            return () if able == (Embedder,) and {"patch_size", "vision_config"} & set(config) else able
    if "vision_config" in config and any(name.endswith("ForConditionalGeneration") for name in classes):
        return SEES
    return ()
