"""Learn to caption from texts alone: write a text from its own vector under noise, then from vectors of pictures (CLOSE).

Gu, Clark and Kembhavi, 2022, arXiv:2211.09778. The paper's models: CLIP ViT-L/14, frozen; T5-base, trained, behind four linear prefixes.
Same: unit vectors, adapter, noise, unit length again; no noise at test; shift of means, covariance noise, a linear map and a fixed
random shift as adapters, fitted to a few pairs; the vector of the same caption, or of another of the row's.
Different: noise is named by the cosine that it leaves, which carries over to other widths (w = .12 at 768 dimensions is .29); any
causal language model writes; the linear map is ridge regression in closed form.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from diptych.data.errors import InputError
from diptych.data.results import Effect
from diptych.lab.bridged import bridged_start, gap_table, gapped_encoder
from diptych.lab.captioners import told
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.protocols_captions import caption_scores
from diptych.lab.worlds import Telling
from diptych.models.folders import folder_at
from diptych.train.bridged import BridgedVectors, Writing, written
from diptych.train.bridges import Bridge, CovarianceNoise, MeanShift, Noise, RandomShift
from diptych.train.bridges_maps import LinearMap
from diptych.train.bridges_saved import save_bridges
from diptych.train.captioners_bridged import bridged_for
from diptych.train.data import Data
from diptych.train.loop import train as run
from diptych.train.plan import Stage
from diptych.train.vectors import captions_of, pictures_of

PAPER = Paper(
    "I Can't Believe There's No Images! Learning Visual Tasks Using only Language Supervision",
    "Gu, Sophia and Clark, Christopher and Kembhavi, Aniruddha",
    2022,
    "2211.09778",
)
Adapter = Literal["none", "shift", "covariance", "linear", "random_shift"]
COSINES = (0.9, 0.8, 0.6, 0.4)


def train(
    data: Data,
    *,
    out: Path,
    encoder: str,
    language: str,
    cosine: float = 0.29,
    adapter: Adapter = "none",
    pairs: int = 1000,
    source: Literal["same", "other", "picture"] = "same",
    updates: int = 35_000,
    batch: int = 128,
    lr: float = 3e-4,
    seed: int = 0,
) -> Path:
    """`encoder` is a dual encoder, `language` the language model or captioner of vectors that it starts from: folders, as hf:./PATH.

    `cosine` is what the noise leaves (1 for none); adapters but none look at the pictures of the first `pairs` rows. `source` is the
    caption's own vector, that of another caption of the row, or, for the upper bound, the picture's.
    """
    known = data.having(vectors=pictures_of(encoder, data) if source == "picture" else captions_of(encoder, data))
    bridges: tuple[Bridge, ...] = (Noise(cosine, seed),)
    if adapter != "none":
        heard_ND = known.columns["vectors"][:pairs].reshape(min(pairs, len(data)), -1, known.columns["vectors"].shape[-1])[:, 0]
        bridges = (adapter_of(adapter, seed).fit(heard_ND, pictures_of(encoder, data, pairs)), *bridges)
    model, asked = bridged_for(language, known, seed)
    model.config.encoder = str(folder_at(encoder).resolve())
    batches = BridgedVectors(batch, "vectors", bridges, "other" if source == "other" else "same")
    stage = Stage("close", Writing(), batches, updates, lr=lr, schedule="linear")
    run((stage,), model, asked, Path(out), seed=seed)
    save_bridges(bridges, Path(out))
    return Path(out)


def adapter_of(name: Adapter, seed: int = 0) -> Bridge:
    """The adapter of a name, not fitted yet."""
    known: dict[str, Bridge] = {
        "shift": MeanShift(), "covariance": CovarianceNoise(seed), "linear": LinearMap("ridge"), "random_shift": RandomShift(seed)
    }  # fmt: skip
    if name not in known:
        raise InputError(f"adapter must be none, {', '.join(known)}, got {name!r}")
    return known[name]


def noised(cosine: float) -> str:
    """The arm's name."""
    return f"noise {cosine:g}".replace("0.", ".")


def effect(lab: Lab) -> Effect:
    """Fact F1 of captions of pictures, learnt from texts under noise against learnt without it, behind an encoder with a modality gap.

    The noise leaves the cosine that the encoder's pairs have, about .8: `gap`, `cosine_paired` and the rest stand beside every arm.
    """
    return lab.trained(
        one_seed,
        method="noise .8",
        baseline="no noise",
        metric="fact_f1",
        guards={"fact_precision": -0.02, "grammatical": -0.05},
        sweep={"cosine that noise leaves": [(c, noised(c), "no noise") for c in COSINES]},
        lower=("gap", "repetition"),
        how="400 held-out scenes of 1 to 4 things; vectors of a dual encoder of temperature .01; oracle: the same captioner trained on "
        "vectors of pictures; chance: captions of other scenes",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """One encoder and one starting captioner; arms differ in what moves the texts' vectors."""
    scenes, tests, updates = (6_000, 400, 300) if budget == "full" else (300, 100, 60)
    taught = told(scenes, Telling(), world=10_000 + seed, options="nouns=10&colours=8", seed=seed)
    words = taught.data.inputs.tokenizer
    test = told(tests, Telling(), world=1_000 + seed, options="nouns=10&colours=8", seed=seed, words=words)
    arms: dict[str, dict[str, Any]] = {
        "no noise": {},
        **{noised(c): {"cosine": c} for c in COSINES},
        "shift": {"adapter": "shift"},
        "shift, noise .8": {"adapter": "shift", "cosine": 0.8},
        "covariance noise": {"adapter": "covariance"},
        "linear map, noise .8": {"adapter": "linear", "cosine": 0.8},
        "random shift, noise .8": {"adapter": "random_shift", "cosine": 0.8},
        "oracle": {"source": "picture"},
    }
    if budget != "full":
        arms = {name: arms[name] for name in ("no noise", *map(noised, COSINES), "oracle")}
    with TemporaryDirectory(prefix="diptych-close-") as folder:
        encoder = str(gapped_encoder(taught.data, Path(folder) / "encoder", updates=2 * updates, seed=seed))
        start = str(bridged_start(taught.data, Path(folder) / "start", source=128, seed=seed))
        seen_ND, heard_ND = pictures_of(encoder, test.data), captions_of(encoder, test.data)[:, 0]
        table = gap_table(seen_ND, heard_ND)
        said = {}
        for number, (name, changed) in enumerate(arms.items()):
            options: dict[str, Any] = {"cosine": 1.0, "updates": updates, "batch": 64, "lr": 2e-3, "seed": seed, **changed}
            out = train(taught.data, out=Path(folder) / str(number), encoder=encoder, language=start, **options)
            said[name] = written(out, seen_ND)
    said["chance"] = list(np.roll(test.corpus.texts, 1))
    return {name: caption_scores(texts, test.corpus.truths) | table for name, texts in said.items()}
