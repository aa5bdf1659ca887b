"""Learn pictures and texts in one space from captions that nobody cleaned: many noisy pairs instead of few clean ones.

Jia et al., 2021, arXiv:2102.05918. The paper's models: EfficientNet-L2 and BERT-Large, from scratch; smaller ones in its ablations.
Same: symmetric softmax over the batch with labels smoothed by 0.1, learnt temperature from 1, linear decay after warm-up; the noise is
left in, and the paper's small-scale reading is that it overtakes clean captions at about four times as many.
Different: AdamW for LAMB. In the effect the scale starts at 1/0.07, the tower is frozen and its 64 tokens are read; the noise is made: a
caption is another scene's, or one noun's word stands for another's always; equal texts are right for each other's pictures. Labels are
not smoothed there: in development that cost the clean arm more than half of what it reaches and left the noisy one as it was. Clean
captions were met by 3 to 5 times as many of which .3 are wrong, and by 9 to 11 times as many of which .6 are.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.data.results import Effect
from diptych.lab.lab import Lab
from diptych.lab.nano import with_tokens
from diptych.lab.noises import NOUNS, WORLD, noisy
from diptych.lab.papers import Paper
from diptych.lab.protocols import category_scores, encoder_of, retrieval_scores, seen
from diptych.lab.starting import fresh_encoder
from diptych.lab.worlds import Corpus, corpus
from diptych.models.dual_encoder import DualEncoder
from diptych.models.words import word_tokenizer
from diptych.train.alignment import of_rows
from diptych.train.batches import Random
from diptych.train.contrastive import COLLISIONS, Contrastive, Pairs, SameText
from diptych.train.contrastive_softmax import Softmax
from diptych.train.data import Data, Inputs
from diptych.train.encoders import encoder_for, keep_processor
from diptych.train.loop import train as run
from diptych.train.plan import Stage

PAPER = Paper(
    "Scaling Up Visual and Vision-Language Representation Learning With Noisy Text Supervision",
    "Jia, Chao and Yang, Yinfei and Xia, Ye and Chen, Yi-Ting and Parekh, Zarana and Pham, Hieu and Le, Quoc V. and Sung, Yunhsuan and "
    "Li, Zhen and Duerig, Tom",
    2021,
    "2102.05918",
)
METRIC = "t2i_recall_1_normalised"
TIMES = {0.3: (2, 4, 8), 0.6: (4, 8, 16)}  # of each share of wrong captions
MOST = 16
NOISY = f"0.6 wrong, {MOST} times"


def train(
    data: Data, *, out: Path, model: str, smoothing: float = 0.1, scale: float = 1.0, equal_texts: bool = False, batch: int = 16_384,
    updates: int = 1_200_000, lr: float = 1e-3, weight_decay: float = 1e-5, seed: int = 0,
) -> Path:  # fmt: skip
    """`smoothing` of labels; cosines are multiplied by a learnt number that starts at `scale`.

    `equal_texts` of a batch are right for each other's pictures. The log tells `collisions`: the share of texts that another equals.
    """
    if not (scale > 0 and 0 <= smoothing < 1):
        raise InputError(f"scale must be above 0 and smoothing in [0, 1), got scale={scale} and smoothing={smoothing}")
    dual, data = encoder_for(model, data, seed)
    dual.model.logit_scale.data.fill_(math.log(scale))
    objective = Contrastive(Softmax(smoothing), SameText() if equal_texts else Pairs(), tells=(COLLISIONS,))
    stage = Stage(
        "align", objective, Random(batch), updates, lr=lr, weight_decay=weight_decay, schedule="linear", weights={COLLISIONS: 0.0},
        warmup=min(0.1, 10_000 / max(1, updates)),
    )  # fmt: skip
    folder = run((stage,), dual.model, data, Path(out), seed=seed)
    keep_processor(folder, dual)
    return folder


def effect(lab: Lab) -> Effect:
    """Captions of which .6 are another scene's, sixteen times as many, against clean ones: retrieval on clean scenes, updates alike."""
    swept = {f"times as many, {p} wrong": [(r, f"{p} wrong, {r} times", "clean") for r in times] for p, times in TIMES.items()}
    return lab.trained(
        one_seed,
        method=NOISY,
        baseline="clean",
        metric=METRIC,
        sweep={**swept, "labels smoothed by": [(0.0, NOISY, "clean"), (0.1, f"{NOISY}, smoothed", "clean, smoothed")]},
        notes={
            "oracle": "clean, sixteen times as many",
            "chance": "an untrained encoder",
            "one wrong word each, 8 times": ".6 of captions say for every noun the wrong word of its own; colours and numbers stay right",
        },
        how="200 clean scenes; R@1 of texts to pictures over what one reaches who reads perfectly and knows that captions name all; "
        "`times_that_equal_clean` is where the line through the noisy arms meets the clean one, 32 if beyond the last",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """All arms from one fresh encoder, on nested parts of one pool of pictures, whose captions and noise hang on the seed."""
    few, tests, updates, batch = (200, 400, 450, 64) if budget == "full" else (40, 20, 6, 32)
    pool, test = f"world:{few * MOST}?{WORLD}&seed={1_000_000 + seed}", corpus(f"world:{tests}?{WORLD}&seed={2_000_000 + seed}", seed=seed)
    told = noisy(pool, tuple(TIMES), seed=seed)
    words = word_tokenizer([text for one in (*told.values(), test) for text in one.texts])
    data = {name: with_tokens(Data(one.rows, one.pictures)).taking(Inputs(words, columns=("tokens",))) for name, one in told.items()}
    order = generator("align", seed).permutation(few * MOST)
    asked = with_tokens(Data(test.rows, test.pictures)).columns["tokens"]
    arms: dict[str, tuple[str, int, float]] = {"clean": ("clean", 1, 0.0), "clean, smoothed": ("clean", 1, 0.1)}
    arms |= {f"{p} wrong, {r} times": (f"{p} wrong", r, 0.0) for p, several in TIMES.items() for r in several}
    arms |= {f"{NOISY}, smoothed": ("0.6 wrong", MOST, 0.1), "one wrong word each, 8 times": ("systematic", 8, 0.0)}
    arms["oracle"] = ("clean", MOST, 0.0)
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="diptych-align-") as folder:
        start = fresh_encoder(words, Path(folder) / "start", seed=seed)
        ways: dict[str, Any] = {"scale": 1 / 0.07, "equal_texts": True, "batch": batch, "updates": updates, "lr": 2e-3}
        for name, (kind, times, smoothing) in arms.items():
            rows = of_rows(data[kind], np.sort(order[: few * times]))
            out = train(rows, out=Path(folder) / name, model=f"hf:{start}", smoothing=smoothing, seed=seed, **ways)
            found[name] = _scores(*encoder_of(out), test, asked)
        found["chance"] = _scores(*encoder_of(start), test, asked)
    for p, several in TIMES.items():
        known = [found[f"{p} wrong, {r} times"][METRIC] for r in several]
        found[f"{p} wrong, {several[-1]} times"]["times_that_equal_clean"] = equal_at(several, known, found["clean"][METRIC])
    return found


def equal_at(times: Sequence[int], values: Sequence[float], clean: float) -> float:
    """The multiple at which the noisy values reach the clean one, on a line through two neighbours over its logarithm.

    The first if they start there, 32 if they do not reach it.
    """
    if values[0] >= clean:
        return float(times[0])
    for (few, below), (many, above) in pairwise(zip(times, values, strict=True)):
        if above >= clean:
            return float(few * (many / few) ** ((clean - below) / (above - below)))
    return float(2 * MOST)


def _scores(model: DualEncoder, inputs: Inputs, test: Corpus, tokens_NMC: Any) -> dict[str, float]:
    one = seen(model, inputs, test, tokens_NMC)
    found = retrieval_scores(one, ks=(1,), complete=True)
    return {name: found[name] for name in (METRIC, "i2t_recall_1_normalised")} | category_scores(one, NOUNS)
