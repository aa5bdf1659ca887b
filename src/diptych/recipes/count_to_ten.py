"""Fine-tune a dual encoder on captions that spell numbers, each set against itself with another number.

Paiss et al., 2023, arXiv:2302.12066. The paper's models: CLIP ViT-B/32, CLIP ViT-L/14 and BASIC-S, fine-tuned.
Same: from pre-trained weights; a small share of each batch are counting captions, balanced over the numbers; their loss is a softmax of
the caption against the caption with another number, beside the contrastive loss; tested by putting every number into the caption.
Different: what the paper's detector verifies is true by construction in the world. Equal texts of a batch are right for each other's
pictures, since a small world says the same of many scenes. The effect's batches are smaller, their share of counting rows larger.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from diptych.data.results import Effect
from diptych.lab.lab import Lab
from diptych.lab.nano import with_tokens
from diptych.lab.papers import Paper
from diptych.lab.protocols import category_scores, counting_scores, encoder_of, probe_scores, seen
from diptych.lab.worlds import Corpus, Telling, corpus, nouns_by_spread, plural
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.words import word_tokenizer
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive, SameText
from diptych.train.counting import NUMBERS, CountLoss, Swap, WithCounts
from diptych.train.data import Data, Inputs
from diptych.train.encoders import encoder_for, keep_processor
from diptych.train.loop import train as run
from diptych.train.plan import Stage

PAPER = Paper(
    "Teaching CLIP to Count to Ten",
    "Paiss, Roni and Ephrat, Ariel and Tov, Omer and Zada, Shiran and Mosseri, Inbar and Irani, Michal and Dekel, Tali",
    2023,
    "2302.12066",
)
NOUNS = nouns_by_spread()[:12]
COUNTS = range(2, 8)
SAID = NUMBERS[: len(COUNTS)]
SCENES = f"copies=2-7&others=0-2&nouns={len(NOUNS)}&colours=8&materials=matte&written=0&stacked=0&size=64"
ALWAYS = "counting captions, all numbered"
RATE = 5e-4
ALIKE = Contrastive(belongs=SameText())


def train(
    data: Data,
    *,
    out: Path,
    encoder: str,
    updates: int = 10_000,
    batch: int = 32_768,
    share: float = 1 / 32,
    weight: float = 1.0,
    lr: float = 5e-6,
    swapped: tuple[str, ...] = NUMBERS,
    seed: int = 0,
) -> Path:
    """Goes on from `encoder`'s weights; a `share` of each batch are captions with numbers; `weight` is of the count loss, 0 for none."""
    dual, data = encoder_for(encoder, data, seed)
    objective = CountLoss(ALIKE) if share and weight else ALIKE
    stage = Stage("count", objective, WithCounts(batch, share, Swap(swapped)), updates, lr=lr, weights={"count": weight})
    keep_processor(run((stage,), dual.model, data, Path(out), seed=seed), dual)
    return Path(out)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much one seed trains on and is tested on."""

    scenes: int = 4_000  # with three captions each
    held_out: int = 600
    before: int = 1_000  # updates
    updates: int = 600  # of each arm
    batch: int = 128


def effect(lab: Lab) -> Effect:
    """Right numbers with the count loss against the same counting captions without it, where one caption in ten says a number."""
    return lab.trained(
        one_seed,
        method="count loss",
        baseline="counting captions",
        metric="count_accuracy",
        guards={"category_accuracy": -0.05},
        lower=("count_deviation", "count_deviation_unseen"),
        sweep={"share of captions with a number": [(0.1, "count loss", "counting captions"), (1.0, "oracle", ALWAYS)]},
        notes={"oracle": "the method where every caption says its number", "chance": "an untrained encoder"},
        how="six numbers of 12 nouns put into each test caption; the arms of a seed go on from one pre-trained encoder",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """All arms from one pre-trained encoder, each for as many updates."""
    sizes = Sizes() if budget == "full" else Sizes(200, 60, 10, 5, 32)
    made = [
        corpus(f"world:{count}?{SCENES}&counts={side}&seed={start + seed}", Telling(numbers=numbers, most=2), references=3, seed=seed)
        for count, side, start, numbers in (
            (sizes.scenes, "seen", 1_000_000, 0.1),
            (sizes.scenes, "seen", 1_000_000, 1.0),
            (sizes.held_out, "seen", 2_000_000, 1.0),
            (sizes.held_out // 2, "unseen", 3_000_000, 1.0),
        )
    ]
    words = word_tokenizer([text for one in made[:2] for text in one.texts])
    rare, always, *tests = (with_tokens(Data(one.rows, one.pictures)).taking(Inputs(words, columns=("tokens",))) for one in made)
    with TemporaryDirectory(prefix="diptych-count-") as folder:
        start = _pretrained(rare, len(words), Path(folder), sizes, seed)
        common: dict[str, Any] = {"encoder": f"hf:{start}", "updates": sizes.updates, "batch": sizes.batch, "lr": RATE, "swapped": SAID}
        arms: dict[str, tuple[Data, dict[str, Any]]] = {
            "no counting captions": (rare, {"share": 0.0}),
            "counting captions": (rare, {"share": 1 / 8, "weight": 0.0}),
            "count loss": (rare, {"share": 1 / 8}),
            "wrong nouns for numbers": (rare, {"share": 1 / 8, "swapped": tuple(map(plural, NOUNS))}),
            ALWAYS: (always, {"share": 1 / 8, "weight": 0.0}),
            "oracle": (always, {"share": 1 / 8}),
        }
        found = {"pre-trained": _scores(start, made[2:], tests), "chance": _scores(Path(folder) / "untrained", made[2:], tests)}
        for name, (data, changed) in arms.items():
            out = train(data, out=Path(folder) / name, seed=seed, **(common | changed))
            found[name] = _scores(out, made[2:], tests)
    probed = probe_scores((rare.columns["tokens"], made[0]), (tests[0].columns["tokens"], made[2]))
    found["pre-trained"] |= {f"{name}_of_tower": value for name, value in probed.items()}
    return found


def _pretrained(data: Data, vocabulary: int, folder: Path, sizes: Sizes, seed: int) -> Path:
    torch.manual_seed(seed)
    model = DualEncoder(DualEncoderConfig(vocabulary=vocabulary, width=64, blocks=1, squeeze=64, pool="mean", reads_tokens=True))
    model.save_pretrained(folder / "untrained")
    data.inputs.tokenizer.save_pretrained(folder / "untrained")  # type: ignore[union-attr]
    stage = Stage("contrastive", ALIKE, Random(sizes.batch), sizes.before, lr=2e-3)
    return run((stage,), model, data, folder / "pre-trained", seed=seed)


def _scores(folder: Path, corpora: list[Corpus], tests: list[Data]) -> dict[str, float]:
    """Numbers of pairs of noun and number seen in training, of those held out (`_unseen`), and categories."""
    known, unseen = (seen(*encoder_of(folder), one, data.columns["tokens"]) for one, data in zip(corpora, tests, strict=True))
    return counting_scores(known, COUNTS) | counting_scores(unseen, COUNTS, suffix="_unseen") | category_scores(known, NOUNS)
