"""Learn pictures and texts in one space by telling which text of the batch belongs to which picture.

Radford et al., 2021, arXiv:2103.00020. The paper's models: ResNet and ViT towers with a 12-layer text transformer, from scratch.
Same: symmetric softmax over the batch, learnt scale from 1/0.07 held at 100, decay on weights alone, warm-up and cosine; a class is the
mean of its prompts; set against predicting the caption's words as a bag or in order, on the same pictures with the same tower.
Different: no random crop. In the effect the tower is frozen and its 64 tokens are read; a tenth of all (noun, colour) pairs is held out;
equal texts of a batch are right for each other's pictures, since a small world says the same of many scenes.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import torch

from diptych.data.errors import InputError
from diptych.data.results import Effect
from diptych.lab.lab import Lab
from diptych.lab.nano import with_tokens
from diptych.lab.papers import Paper
from diptych.lab.picks import PAIRS, WORLD, Classes, Curve, Scores, by_captions, by_vectors, by_words, picked, shown
from diptych.lab.starting import fresh_encoder
from diptych.lab.worlds import Telling, corpus
from diptych.models.dual_encoder import DualEncoder
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.pretrained import dual_of
from diptych.models.words import word_tokenizer
from diptych.train.batches import Random
from diptych.train.contrastive import COLLISIONS, Contrastive, Pairs, SameText
from diptych.train.data import Data, Inputs
from diptych.train.encoders import encoder_for, keep_processor
from diptych.train.loop import train as run
from diptych.train.plan import Stage
from diptych.train.predicting import BagOfWords, WordByWord
from diptych.train.settings import Settings, using

PAPER = Paper(
    "Learning Transferable Visual Models From Natural Language Supervision",
    "Radford, Alec and Kim, Jong Wook and Hallacy, Chris and Ramesh, Aditya and Goh, Gabriel and Agarwal, Sandhini and Sastry, Girish and "
    "Askell, Amanda and Mishkin, Pamela and Clark, Jack and Krueger, Gretchen and Sutskever, Ilya",
    2021,
    "2103.00020",
)
Learns = Literal["pairs", "words", "captions"]
PROMPTS = ("{}", "a photo of {}", "a picture of {}", "there is {}")
SCORES: Mapping[Learns, Scores] = {"pairs": by_vectors, "words": by_words, "captions": by_captions}


def train(
    data: Data, *, out: Path, model: str, learns: Learns = "pairs", equal_texts: bool = False, batch: int = 32_768, epochs: int = 32,
    updates: int = 0, lr: float = 5e-4, weight_decay: float = 0.2, seed: int = 0,
) -> Path:  # fmt: skip
    """`learns` "words" or "captions" is what the paper compares with, from the same picture vector (of nano:dual; the latter writes the
    folders `encoder` and `captioner`).

    `equal_texts` of a batch are right for each other's pictures. So many `updates`, or where 0 so many `epochs`. The log tells
    `collisions`: the share of texts that another of the batch equals.
    """
    number = updates or max(1, epochs * (len(data) // batch))
    contrastive = Contrastive(belongs=SameText() if equal_texts else Pairs(), tells=(COLLISIONS,))
    objective: Any = {"pairs": contrastive, "words": BagOfWords(), "captions": WordByWord()}[learns]
    dual, data = encoder_for(model, data, seed)
    net = dual.model
    if learns != "pairs" and not isinstance(net, DualEncoder):
        raise InputError(
            f"words and captions are learnt from the pictures' vectors of nano:dual, got {model!r}: name nano:dual, or learn pairs"
        )
    if learns == "captions":
        torch.manual_seed(seed)
        sees = {"places": 1, "channels": net.config.dimension, "initializer_range": getattr(net.config, "initializer_range", 0.02)}
        net = torch.nn.ModuleDict(
            {"encoder": net, "captioner": PrefixCaptioner(PrefixCaptionerConfig(vocabulary=len(dual.tokenizer), **sees))}
        )
    stage = Stage(
        "clip", objective, Random(batch), number, lr=lr, weight_decay=weight_decay, weights={COLLISIONS: 0.0},
        warmup=min(0.1, 2_000 / number),
    )  # fmt: skip
    folder = run((stage,), net, data, Path(out), seed=seed)
    if learns == "pairs":
        keep_processor(folder, dual)
    return folder


def effect(lab: Lab) -> Effect:
    """Things whose noun and colour were never seen together, named after contrastive learning and after captioning."""
    return lab.trained(
        one_seed,
        method="pairs",
        baseline="captions",
        metric="held_out_accuracy",
        lower=("pictures_to_60",),
        notes={
            "pairs": "which caption is the picture's",
            "words": "its words, in no order",
            "captions": "its words, one after the other",
            "oracle": "contrastive, no pair held out and twice the updates",
            "chance": "an untrained encoder",
        },
        how=f"one thing of a held-out (noun, colour) pair among {len(PAIRS)} such names; the frozen tower's tokens; equal pictures seen",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """All arms on the captions of the same pictures; both encoders from one fresh checkpoint."""
    scenes, tests, updates, batch = (1_500, 200, 300, 64) if budget == "full" else (150, 20, 8, 32)
    telling = Telling(relations=0.5)
    seen, every = (
        corpus(f"world:{scenes}?things=1-2&{WORLD}{side}&seed={1_000_000 + seed}", telling, seed=seed) for side in ("&pairs=seen", "")
    )
    test = corpus(f"world:{tests}?things=1&{WORLD}&pairs=unseen&seed={2_000_000 + seed}", telling, seed=seed)
    words = word_tokenizer([*seen.texts, *every.texts, *(prompt.format(name) for name in PAIRS for prompt in PROMPTS)])
    learn, all_pairs, asked = (
        with_tokens(Data(one.rows, one.pictures)).taking(Inputs(words, columns=("tokens",))) for one in (seen, every, test)
    )
    arms: dict[str, tuple[Learns, Data, int]] = {
        "pairs": ("pairs", learn, 1), "words": ("words", learn, 1), "captions": ("captions", learn, 1), "oracle": ("pairs", all_pairs, 2),
    }  # fmt: skip
    right, classes = shown(test), Classes(PAIRS)
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="diptych-clip-") as folder:
        start = fresh_encoder(words, Path(folder) / "start", seed=seed)
        ways: dict[str, Any] = {"model": f"hf:{start}", "batch": batch, "seed": seed, "lr": 2e-3, "weight_decay": 0.05, "equal_texts": True}
        for name, (learns, data, times) in arms.items():
            curve = Curve(SCORES[learns], asked, classes, right, batch)
            with using(Settings(evaluate=curve, evaluate_every=max(1, updates // 10), progress=False)):
                out = train(data, out=Path(folder) / name, learns=learns, updates=times * updates, **ways)
            found[name] = {"held_out_accuracy": curve.points[-1][1], "pictures_to_60": curve.seen_for(0.6)}
            if learns == "pairs":
                found[name] |= _prompted(dual_of(f"hf:{out}").model, asked, right)
        fresh = by_vectors(dual_of(f"hf:{start}").model.eval(), asked, classes)
    return found | {"chance": {"held_out_accuracy": picked(fresh, right)}}


def _prompted(model: Any, asked: Data, right: list[int]) -> dict[str, float]:
    """Accuracy with bare names, with one prompt, and with the mean of several."""
    bare = Classes(tuple(name.partition(" ")[2] for name in PAIRS))
    ways = {"bare": bare, "prompt": Classes(PAIRS), "prompts": Classes(PAIRS, PROMPTS)}
    return {f"accuracy_{name}": picked(by_vectors(model.eval(), asked, classes), right) for name, classes in ways.items()}
