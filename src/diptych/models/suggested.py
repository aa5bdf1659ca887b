"""Models of others that are sensible to begin with, by what they do and what they run on. Facts alone: which is best nobody measured here.

Numbers of parameters are those of the model cards, checked where transformers builds the architecture; licences are those of the model
cards, prices those of April 2026.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

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
from diptych.models.hf_kinds import SEES

Where = Literal["laptop", "one GPU", "hosted"]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A model by its address. `millions` of parameters, 0 where nobody says; `kind` as in config.json."""

    address: str
    abilities: tuple[type, ...]
    where: Where
    licence: str
    millions: float = 0
    kind: str = ""
    note: str = ""

    @property
    def gigabytes(self) -> float:
        """Of the weights alone, as they are opened: four bytes a number, two where what writes or paints runs on a GPU."""
        halved = self.where == "one GPU" and {Captioner, ChatModel, Painter} & set(self.abilities)
        return self.millions * (2 if halved else 4) / 1000

    @property
    def told(self) -> str:
        """One line: where it runs, how large it is, its licence, what else it needs."""
        size = f"{_count(self.millions)} parameters, {self.gigabytes:.2g} GB of weights" if self.millions else ""
        return "; ".join(filter(None, (self.where, size, self.licence, self.note)))


def _count(millions: float) -> str:
    return f"{millions / 1000:.1f} B" if millions >= 1000 else f"{millions:.0f} M"


SUGGESTED: tuple[Suggested, ...] = (
    Suggested("hf:HuggingFaceTB/SmolVLM-500M-Instruct", (Captioner, Answerer), "laptop", "Apache-2.0", 500, "idefics3"),
    Suggested("hf:Salesforce/blip-image-captioning-large", (Captioner,), "laptop", "BSD-3-Clause", 470, "blip", "takes no prompts"),
    Suggested("hf:microsoft/git-large-coco", (Captioner,), "laptop", "MIT", 394, "git", "takes no prompts"),
    Suggested(
        "hf:Qwen/Qwen2.5-VL-7B-Instruct", (Captioner, Answerer, ChatModel, Judge, Comparer), "one GPU", "Apache-2.0", 8292, "qwen2_5_vl"
    ),
    Suggested("hf:HuggingFaceTB/SmolVLM-Instruct", (Captioner, Answerer), "one GPU", "Apache-2.0", 2200, "idefics3", "a second family"),
    Suggested("hf:Qwen/Qwen2.5-1.5B-Instruct", (ChatModel, Writer), "laptop", "Apache-2.0", 1544, "qwen2"),
    Suggested("hf:Qwen/Qwen2.5-7B-Instruct", (ChatModel, Writer), "one GPU", "Apache-2.0", 7616, "qwen2"),
    Suggested("hf:google/siglip2-base-patch16-224", (Matcher, Embedder), "laptop", "Apache-2.0", 375, "siglip"),
    Suggested("hf:google/siglip2-so400m-patch16-512", (Matcher, Embedder), "one GPU", "Apache-2.0", 1137, "siglip"),
    Suggested("hf:sentence-transformers/all-MiniLM-L6-v2", (Embedder,), "laptop", "Apache-2.0", 22.7, "bert", "texts alone"),
    Suggested(
        "hf:google/owlv2-base-patch16-ensemble", (Detector,), "laptop", "Apache-2.0", 155, "owlv2",
        "any phrase; transformers keeps its boxes from a score of .1 on",
    ),
    Suggested(
        "hf:PekingU/rtdetr_r50vd_coco_o365", (Detector,), "laptop", "Apache-2.0", 43, "rt_detr", "80 classes; lists whatever there is, too"
    ),
    Suggested("hf:IDEA-Research/grounding-dino-base", (Detector,), "one GPU", "Apache-2.0", 232, "grounding-dino", "any phrase"),
    Suggested("hf:google/owlv2-large-patch14-ensemble", (Detector,), "one GPU", "Apache-2.0", 438, "owlv2", "any phrase"),
    Suggested("hf:facebook/sam-vit-base", (Segmenter,), "laptop", "Apache-2.0", 94, "sam"),
    Suggested("hf:facebook/sam-vit-huge", (Segmenter,), "one GPU", "Apache-2.0", 641, "sam"),
    Suggested("hf:depth-anything/Depth-Anything-V2-Small-hf", (DepthEstimator,), "laptop", "Apache-2.0", 24.8, "depth_anything"),
    Suggested("hf:depth-anything/Depth-Anything-V2-Large-hf", (DepthEstimator,), "one GPU", "CC-BY-NC-4.0", 335, "depth_anything"),
    Suggested("hf:cross-encoder/nli-deberta-v3-base", (Entailer,), "laptop", "Apache-2.0", 184, "deberta-v2"),
    Suggested(
        "hf:stable-diffusion-v1-5/stable-diffusion-v1-5", (Painter,), "one GPU", "CreativeML OpenRAIL-M", 1066,
        note="paints 512 x 512; needs the extra paint",
    ),
    Suggested(
        "hf:black-forest-labs/FLUX.1-schnell?steps=4&guidance=0", (Painter,), "one GPU", "Apache-2.0",
        note="12 B parameters and text encoders, about 33 GB in bfloat16; paints 1024 x 1024; needs the extra paint",
    ),
    Suggested(
        "openai:gpt-4.1-mini?in=.4&out=1.6", SEES, "hosted", "terms of OpenAI",
        note="US$ .40 in and 1.60 out per million tokens; needs the extra hosted and OPENAI_API_KEY",
    ),
    Suggested(
        "openai:Qwen/Qwen2.5-VL-7B-Instruct?base=http://127.0.0.1:8000/v1", SEES,
        "hosted", "Apache-2.0", note="a server of yours that speaks OpenAI's protocol (vLLM, SGLang); needs the extra hosted",
    ),
)  # fmt: skip


def suggested(ability: type | None = None) -> tuple[Suggested, ...]:
    """Those that have the ability, or all, in the order in which to try them."""
    return tuple(one for one in SUGGESTED if ability is None or ability in one.abilities)


def facts(address: str) -> Suggested | None:
    """What the list knows of a model, whatever its options and revision."""
    name = address.partition("?")[0].partition("@")[0]
    return next((one for one in SUGGESTED if one.address.partition("?")[0] == name), None)


def near(name: str) -> str:
    """The listed name of the hub that one without `hf:` may have been meant for, also where it leaves ORG/ out; else empty."""
    names = [one.address.partition("?")[0].removeprefix("hf:") for one in SUGGESTED if one.address.startswith("hf:")]
    known = {text.lower(): one for one in names for text in (one, one.rpartition("/")[2])}
    found = [known[text] for word in (name, name.rpartition("/")[2]) for text in get_close_matches(word.lower(), known, 1, 0.85)]
    return found[0] if found and name not in names else ""
