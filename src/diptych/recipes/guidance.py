"""Guide a captioner away from what it would say of any picture, towards what tells this one apart.

Kornblith et al., 2023, arXiv:2307.16686. The paper's models: CoCa-Base fine-tuned on COCO, another on web data alone; PaLM as prior.
Same: one captioner learns with and without its picture, which is hidden for half of the captions; greedy words by log p(y) + gamma (log
p(y|x) - log p(y)); guidance by a language model, alpha log q(y) + beta (log p(y|x) - log p(y)).
Different: the null picture is learnt; words under `plausible` of the likeliest one's probability are out; the language model is a small
one trained on clean captions, not a large one prompted with some. Updates, batch and rate are ours: our card does not know the paper's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diptych.data.results import Effect
from diptych.lab.captioners import Told, told, untrained
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.protocols_captions import caption_scores
from diptych.lab.worlds import Telling
from diptych.measure.cider import cider
from diptych.models.decoding import decode
from diptych.models.decoding_guidance import Guided, Prior
from diptych.models.decoding_scorers import PICTURE, Scorer, scorer_of
from diptych.models.folders import from_folder
from diptych.models.language_model import LanguageModel, LanguageModelConfig
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.captioners import captioner_for
from diptych.train.captioning import Captioning
from diptych.train.data import Data
from diptych.train.loop import train as run
from diptych.train.plan import Stage

PAPER = Paper(
    "Guiding Image Captioning Models Toward More Specific Captions",
    "Kornblith, Simon and Li, Lala and Wang, Zirui and Nguyen, Thao",
    2023,
    "2307.16686",
)
GAMMAS = (1.5, 2, 3, 5)
BETAS = (1, 1.5, 2)
FEW = "nouns=3&colours=10"  # a word is generic if it is true of most pictures, specific if of few
GENERIC = Telling(most=2, colour=0.3, numbers=0.3)
FULL = Telling()


def train(
    data: Data, *, out: Path, captioner: str, hidden: float = 0.5, updates: int = 20_000, batch: int = 128, lr: float = 1e-5, seed: int = 0
) -> Path:  # fmt: skip
    """`captioner` is where it starts (`train.captioners`); `hidden` is the share of captions for which it does not see the picture."""
    stage = Stage("guidance", Captioning(drop={PICTURE: hidden}, seed=seed), Random(batch), updates, lr=lr)
    return run((stage,), *captioner_for(captioner, data, seed), Path(out), seed=seed)


def guided(model: Any, tensors: Mapping[str, Tensor], rows: int, *, gamma: float = 2.0, plausible: float = 0.1) -> Scorer:
    """What `models.decoding.decode` takes: the captioner on a batch under guidance; gamma 1 is the captioner itself."""
    given = scorer_of(model, tensors, rows)
    return given if gamma == 1 else Guided(given, scorer_of(model, tensors, rows, without=(PICTURE,)), gamma, plausible)


def led(
    model: Any, language: Any, tensors: Mapping[str, Tensor], rows: int, *, alpha: float = 1.0, beta: float = 1.0, plausible: float = 0.1
) -> Scorer:  # fmt: skip
    """Guidance by a language model."""
    free = scorer_of(model, tensors, rows, without=(PICTURE,))
    return Prior(scorer_of(language, {}, rows), scorer_of(model, tensors, rows), free, alpha, beta, plausible)


def effect(lab: Lab) -> Effect:
    """Scenes that a listener finds among 100 from captions guided with gamma 2, against gamma 1, where captions are generic."""
    return lab.trained(
        one_seed,
        method="gamma 2",
        baseline="gamma 1",
        metric="listener_100",
        guards={"grammatical": -0.05, "fact_precision": -0.05},
        lower=("repetition",),
        sweep={
            "gamma": [(gamma, f"gamma {gamma:g}", "gamma 1") for gamma in GAMMAS],
            "gamma without the plausibility mask": [(gamma, f"gamma {gamma:g}, no mask", "gamma 1") for gamma in GAMMAS],
            "beta of guidance by a language model": [(beta, f"language model, beta {beta:g}", "gamma 1") for beta in BETAS],
        },
        how="captions name at most two nouns, colours and numbers in a share of .3; greedy; words under a tenth of the likeliest one's "
        "probability are out; oracle: captions that tell all colours and numbers; chance: captions of other scenes",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """One captioner and one language model; the arms differ in how words are chosen."""
    scenes, tests, updates = (3_600, 400, 1_200) if budget == "full" else (300, 100, 100)
    taught = told(scenes, GENERIC, world=10_000 + seed, options=FEW, seed=seed)
    words = taught.data.inputs.tokenizer
    clean = told(scenes, FULL, world=10_000 + seed, options=FEW, seed=seed, words=words)
    test = told(tests, GENERIC, world=1_000 + seed, options=FEW, references=5, seed=seed, words=words)
    full = told(tests, FULL, world=1_000 + seed, options=FEW, seed=seed, words=words)
    with TemporaryDirectory(prefix="diptych-guidance-") as folder:
        start = untrained(Path(folder) / "start", taught.data, seed=seed)
        out = train(taught.data, out=Path(folder) / "out", captioner=start, updates=updates, batch=64, lr=3e-3, seed=seed)
        model = from_folder(PrefixCaptioner, out).eval()
        language = _language(clean, Path(folder) / "language", updates // 2, seed)
    tensors = test.data.tensors(Batch(np.arange(tests)))
    scorers = {f"gamma {gamma:g}": guided(model, tensors, tests, gamma=gamma) for gamma in (1, *GAMMAS)}
    scorers |= {f"gamma {gamma:g}, no mask": guided(model, tensors, tests, gamma=gamma, plausible=0.0) for gamma in GAMMAS}
    scorers |= {f"language model, beta {beta:g}": led(model, language, tensors, tests, beta=beta) for beta in BETAS}
    said = {name: [one.text for one in decode(scorer, tokenizer=words)] for name, scorer in scorers.items()}
    said |= {"oracle": full.corpus.texts, "chance": [*said["gamma 1"][1:], said["gamma 1"][0]]}
    return {name: _scores(texts, test) for name, texts in said.items()}


def _language(of: Told, out: Path, updates: int, seed: int) -> LanguageModel:
    """A language model of these captions."""
    torch.manual_seed(seed)
    model = LanguageModel(LanguageModelConfig(vocabulary=len(of.data.inputs.tokenizer or ()), width=96, initializer_range=0.06))
    texts = of.data.taking(replace(of.data.inputs, columns=()))
    run((Stage("language", Captioning(), Random(64), updates, lr=3e-3),), model, texts, out, seed=seed)
    model.eval()
    return model


def _scores(texts: Sequence[str], test: Told) -> dict[str, float]:
    likeness = cider({str(row): text for row, text in enumerate(texts)}, test.references, resamples=0).value
    return caption_scores(texts, test.corpus.truths) | {"cider": likeness}
