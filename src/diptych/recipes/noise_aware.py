"""Tell a captioner how well each caption fits its picture while it learns, and ask for one that fits well.

Kang et al., 2023, arXiv:2212.13563. The paper's models: CLIP ViT-L/14 fine-tuned as encoder, a 6-block decoder with cross-attention;
CLIP ViT-L/14 scores the pairs.
Same: cosines in 8 buckets of one width; the bucket's learnt vector stands before the words; at inference a bucket is fixed, found on
validation data; batch, updates and rate.
Different: one rate for all of the captioner; several encoders may score, each the pairs that it did not learn from; quantile buckets
are offered too, since the highest bucket of one width holds few captions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import torch

from diptych.data.results import Effect
from diptych.lab.captioners import Told, nouns, told, untrained
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.protocols_captions import caption_scores, rare_nouns, written
from diptych.lab.worlds import Telling
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.folders import from_folder
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.train.alignment import bringing, cosines, of_rows
from diptych.train.batches import Random
from diptych.train.captioners import captioner_for
from diptych.train.captioning import Captioning
from diptych.train.conditions import equal_width, quantiles
from diptych.train.contrastive import Contrastive, SameText
from diptych.train.data import Data
from diptych.train.loop import train as run
from diptych.train.plan import Stage

PAPER = Paper(
    "Noise-aware Learning from Web-crawled Image-Text Data for Image Captioning",
    "Kang, Wooyoung and Mun, Jonghwan and Lee, Sungjun and Roh, Byungseok",
    2023,
    "2212.13563",
)
ALIGNMENT = "alignment"
LEVELS = 8
SHARES = (0.6, 0.3)
NOUNS = 12
TAIL = f"nouns={NOUNS}&colours=8&tail=1"
TRUE = Telling(most=3, numbers=1.0)
WEB = replace(TRUE, noise={"partial": 0.15, "swapped": 0.55}, nouns=nouns(NOUNS))
BUCKETS = {"width": equal_width, "quantile": quantiles}


def train(
    data: Data,
    *,
    out: Path,
    captioner: str,
    encoders: tuple[str, ...],
    levels: int = 8,
    buckets: Literal["width", "quantile"] = "width",
    updates: int = 13_960,
    batch: int = 2_048,
    lr: float = 1e-4,
    seed: int = 0,
) -> Path:
    """`captioner` is where it starts (`train.captioners`); row r is scored by encoder r modulo their number.

    When it writes, ask for a level as the condition "alignment".
    """
    fit = cosines(encoders, data)
    known = bringing(data, **{ALIGNMENT: BUCKETS[buckets](fit, levels)(fit)})
    model, known = captioner_for(captioner, known, seed, conditions={ALIGNMENT: levels})
    stage = Stage("noise-aware", Captioning(seed=seed), Random(batch), updates, lr=lr, warmup=0.1)
    return run((stage,), model, known, Path(out), seed=seed)


def effect(lab: Lab) -> Effect:
    """Statements that are true when a well-fitting caption is asked for, against learning from all captions alike."""
    return lab.trained(
        one_seed,
        method="noise-aware",
        baseline="vanilla",
        metric="fact_precision",
        guards={"rare_f1": -0.02, "fact_f1": -0.02},
        lower=("repetition",),
        sweep={
            "level asked for": [(z, f"level {z}", "vanilla") for z in range(LEVELS)],
            "against a filter that keeps the share": [(share, "noise-aware", f"filter {share}") for share in SHARES],
        },
        how="of the captions 30 % true, 15 % with a fact or two wrong, 55 % of another scene; nouns with a long tail; the level asked for "
        "is the best of other scenes by fact F1; oracle: all captions true; chance: captions of other scenes",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """All arms from one untrained captioner, each for as many updates; the encoder that scores learnt elsewhere, as the paper's did."""
    scenes, tests, updates = (3_600, 400, 500) if budget == "full" else (300, 60, 10)
    web = told(scenes, WEB, world=0, options=TAIL, seed=seed)
    words = web.data.inputs.tokenizer
    clean = told(scenes, TRUE, world=0, options=TAIL, seed=seed, words=words)
    elsewhere = told(2 * scenes // 3, TRUE, world=500, options=TAIL, seed=seed, words=words)
    test, tuning = (told(tests, TRUE, world=1_000 * n + seed, options=TAIL, seed=seed, words=words) for n in (1, 2))
    rare = rare_nouns(clean.corpus.texts, nouns(NOUNS))
    with TemporaryDirectory(prefix="diptych-noise-") as folder:
        ways: dict[str, Any] = {"updates": updates, "batch": 64, "lr": 3e-3, "seed": seed}
        start = untrained(Path(folder) / "start", web.data, seed=seed)
        encoders = (_encoder(elsewhere.data, Path(folder) / "encoder", updates, seed),)
        fit = cosines(encoders, web.data)
        best = np.argsort(-fit, kind="stable")
        taught = {f"filter {share}": of_rows(web.data, np.sort(best[: round(share * scenes)])) for share in SHARES}
        taught |= {"vanilla": web.data, "oracle": clean.data, "reweight": bringing(web.data, fit=fit.clip(0))}
        said = {name: _said(_plain(data, Path(folder) / name, start, **ways), (test, tuning)) for name, data in taught.items()}
        aware = train(web.data, out=Path(folder) / "aware", captioner=start, encoders=encoders, levels=LEVELS, **ways)
        said |= {f"level {z}": _said(aware, (test, tuning), {ALIGNMENT: z}) for z in range(LEVELS)}
    said["noise-aware"] = said[_chosen(said, [f"level {z}" for z in range(LEVELS)], tuning)]
    said["chance"] = ([*said["vanilla"][0][1:], said["vanilla"][0][0]], [])
    return {name: caption_scores(texts, test.corpus.truths, rare=rare, seed=seed) for name, (texts, _) in said.items()}


def _plain(data: Data, out: Path, captioner: str, *, updates: int, batch: int, lr: float, seed: int) -> Path:
    """Captioning alone, of the weight that the data brings."""
    weights = "fit" if "fit" in data.columns else ""
    stage = Stage("captioning", Captioning(weights=weights, seed=seed), Random(batch), updates, lr=lr, warmup=0.1)
    return run((stage,), *captioner_for(captioner, data, seed), out, seed=seed)


def _encoder(data: Data, out: Path, updates: int, seed: int) -> str:
    torch.manual_seed(seed)
    model = DualEncoder(DualEncoderConfig(vocabulary=len(data.inputs.tokenizer or ()), width=96, blocks=1, reads_tokens=True))
    stage = Stage("contrastive", Contrastive(belongs=SameText()), Random(64), updates, lr=2e-3)
    return str(run((stage,), model, data, out, seed=seed))


def _said(folder: Path, on: tuple[Told, ...], conditions: Mapping[str, float] | None = None) -> tuple[list[str], ...]:
    model = from_folder(PrefixCaptioner, folder)
    return tuple(written(model, one.data, conditions=conditions) for one in on)


def _chosen(said: Mapping[str, tuple[list[str], ...]], names: Sequence[str], tuning: Told) -> str:
    return max(names, key=lambda name: caption_scores(said[name][1], tuning.corpus.truths)["fact_f1"])
