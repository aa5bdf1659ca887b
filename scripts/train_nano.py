"""Trains the nano models that diptych ships, from nothing, and prints their scores on held-out scenes.

    PYTHONPATH=src python scripts/train_nano.py --out nano                                         # all, as the shipped ones were
    PYTHONPATH=src python scripts/train_nano.py --only region --scenes 3000 --updates 230 --batch 128   # a small one on a CPU

The region model comes first; the heads (matcher, captioner-a, captioner-b, answerer) learn from the tokens of its tower, held still.
Interrupted and started again with the same words, it goes on.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from diptych.lab.nano_batches import Captions, scenes
from diptych.lab.nano_examples import Examples, examples
from diptych.lab.nano_head_scores import answers, facts, retrieval, written
from diptych.lab.nano_heads import LENGTH, Heads, heads, tokenizer_of
from diptych.lab.nano_matching import WithFalse
from diptych.lab.nano_relations import relation_columns
from diptych.lab.nano_scores import detection, line
from diptych.lab.nano_texts import STYLES
from diptych.models.answerer_head import RelationConfig, RelationModel
from diptych.models.folders import from_folder
from diptych.models.nano_answerer import NanoAnswerer
from diptych.models.nano_weights import WEIGHTS
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.region_model import RegionConfig, RegionModel
from diptych.models.set_captioner import SetCaptioner, SetCaptionerConfig, told
from diptych.models.things_encoder import ThingsEncoder, ThingsEncoderConfig
from diptych.train.answering import Relating
from diptych.train.batches import Random
from diptych.train.captioning import Captioning
from diptych.train.data import PIXELS, Data
from diptych.train.loop import train
from diptych.train.modes import opened_up
from diptych.train.plan import BatchMaker, Objective, Stage
from diptych.train.regions import DenseRegions
from diptych.train.saving import read_about
from diptych.train.sets import Sets
from diptych.train.settings import Settings
from diptych.world.catalogue import CATEGORIES, COLOURS, MATERIALS, SIZES
from diptych.world.source import world_source

TOWER = {"size": 64, "channels": (32, 64, 128), "blocks": (1, 2, 4)}
# pictures come in any size; three in four are rendered at the model's own, the others made smaller as `nano:` does
TRAINED = ("world:{own}?pairs=seen&seed={a}&size=64", "world:{other}?pairs=seen&seed={b}&size=224")
HELD = {"held-out scenes": "world:{n}?pairs=seen&seed=1003&size=64", "unseen pairs": "world:{n}?pairs=unseen&seed=1004&size=64",
        "held-out at 224 px": "world:{n}?pairs=seen&seed=1005&size=224"}  # fmt: skip
WORDS = {"noun": [c.noun for c in CATEGORIES], "colour": list(COLOURS), "size": list(SIZES), "material": list(MATERIALS)}
SAID = STYLES[:4]  # by the captioners
TAUGHT = ("short", "short", "short", "dense", "spatial", "alt")  # the first is what pipelines ask for
# what the shipped weights were trained with (captioner-a in two runs): updates, rows of each, rate; and scenes
SHIPPED = {"region": (3622, 512, 2e-3), "matcher": (446, 192, 3e-3), "captioner-a": (1900, 48, 2e-3), "captioner-b": (500, 128, 1e-2),
           "answerer": (900, 96, 3e-3)}  # fmt: skip
SCENES = {"region": 60_000, "heads": 10_000}
HEADS = tuple(SHIPPED)[1:]
FACT_SCENES = 400
RELATED = 6000  # scenes that the answerer's relation head learns from at most
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")  # where the loop trains too

Scores = dict[str, float]


@dataclass(frozen=True, eq=False)
class Task:
    """What it takes to train one model, and how it is scored; `watched` says to score it at every quarter on the first held-out set."""

    model: Any
    objective: Objective
    batches: Callable[[int], BatchMaker]  # of so many rows
    data: Data
    scored: Callable[[Any, str], Scores]  # (model, held-out set)
    watched: bool = False
    stage: Mapping[str, Any] = field(default_factory=dict)


def main() -> None:
    """All that was asked for."""
    given = arguments()
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    disable_progress_bar()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only in ("", "region"):
        fit(given, "region", region(given))
    if given.only != "region":
        train_heads(given, HEADS if given.only in ("", "heads") else (given.only,))


def arguments() -> argparse.Namespace:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", choices=("", "region", "heads", *HEADS), help="one model instead of all")
    parser.add_argument("--updates", type=int, help="of each model (default: as shipped)")
    parser.add_argument("--batch", type=int, help="rows of an update (default: as shipped)")
    parser.add_argument("--lr", type=float, help="default: as shipped")
    parser.add_argument("--scenes", type=int, help="to train on (default: as shipped)")
    parser.add_argument("--held", type=int, default=2000, help="scenes of each held-out set")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that render")
    parser.add_argument(
        "--region", type=Path, default=None, help="the region model that heads stand on (default: that of --out, else shipped)"
    )
    parser.add_argument("--out", type=Path, default=Path("nano"))
    return parser.parse_args()


def fit(given: argparse.Namespace, name: str, task: Task) -> None:
    """Trains a model in OUT/training/NAME and keeps it in OUT/NAME in half precision; its scores are printed and lie in OUT/NAME.json."""
    shipped = SHIPPED[name]
    updates, batch, lr = given.updates or shipped[0], given.batch or shipped[1], given.lr or shipped[2]
    first = next(iter(HELD))

    def watch(model: Any, update: int) -> Scores:
        scores = task.scored(model, first)
        print(line(f"{name} {update}/{updates}, {first}", scores), flush=True)
        return scores

    watching = watch if task.watched else None
    settings = Settings(log_every=max(1, updates // 20), evaluate=watching, evaluate_every=-(-updates // 4), keep=True)
    stage = Stage(name, task.objective, task.batches(batch), updates, lr, **task.stage)
    folder = train((stage,), task.model, task.data, given.out / "training" / name, settings=settings)
    model = task.model.to(DEVICE)
    scores = {kind: task.scored(model, kind) for kind in HELD}
    print("\n".join(line(f"{name}, {kind}", one) for kind, one in scores.items()), flush=True)
    keep(model, given.out / name)
    about = {"parameters": sum(p.numel() for p in model.parameters()), "updates": updates, "seconds": read_about(folder)["seconds"],
             "scenes": len(task.data), "batch": batch, "lr": lr, "scores": scores,
             "device": torch.cuda.get_device_name() if DEVICE.type == "cuda" else "cpu"}  # fmt: skip
    (given.out / f"{name}.json").write_text(json.dumps(about, indent=1))


def keep(model: Any, folder: Path) -> None:
    """A copy in half precision."""
    whole = model.state_dict()
    model.save_pretrained(folder, state_dict={name: one.half() for name, one in whole.items()})
    opened_up(folder / "model.safetensors")


def rendered(given: argparse.Namespace, first: int, *, texts: bool = False) -> tuple[Examples, dict[str, Examples]]:
    """Scenes to train on, of the seeds `first` and the next, and the held-out sets."""
    begun = time.monotonic()
    count = given.scenes or SCENES["heads" if texts else "region"]
    own = count * 3 // 4
    addresses = [one.format(own=own, other=count - own, a=first, b=first + 1) for one in TRAINED]
    made = examples(addresses, given.workers, texts=texts)
    held = {name: examples([one.format(n=given.held)], given.workers, texts=texts) for name, one in HELD.items()}
    print(f"rendered {len(made)} + {sum(map(len, held.values()))} scenes in {time.monotonic() - begun:.0f} s", flush=True)
    return made, held


def region(given: argparse.Namespace) -> Task:
    """Tower and detector."""
    made, held = rendered(given, 1001)
    torch.manual_seed(0)
    model = RegionModel(RegionConfig(tower=TOWER, vocabulary=WORDS, kinds=[c.kind for c in CATEGORIES]))
    data = scenes(**{PIXELS: made.pixels, "boxes": made.boxes, "labels": made.labels})
    stage = {"weights": {"box": 0.5}}
    return Task(model, DenseRegions(), Random, data, lambda model, kind: detection(model, held[kind]), watched=True, stage=stage)


def train_heads(given: argparse.Namespace, names: tuple[str, ...]) -> None:
    """The heads on the frozen tower, one after another."""
    beside = given.out / "region"
    seen = from_folder(RegionModel, given.region or (beside if beside.is_dir() else WEIGHTS / "region")).float().eval().to(DEVICE)
    made, held = rendered(given, 1011, texts=True)
    if "answerer" in names:
        fit(given, "answerer", answerer(given, seen, held))
    if names == ("answerer",):
        return
    words = tokenizer_of(made.told[:4000])
    words.save_pretrained(given.out / "words")
    of, kept = heads(made, seen, words), {kind: heads(one, seen, words) for kind, one in held.items()}
    makers = {"matcher": partial(matcher, of, kept), "captioner-a": partial(captioner_a, given, of, kept, words),
              "captioner-b": partial(captioner_b, given, of, made, kept)}  # fmt: skip
    for name, maker in makers.items():
        if name in names:
            torch.manual_seed(HEADS.index(name) + 1)
            fit(given, name, maker())


def answerer(given: argparse.Namespace, seen: RegionModel, held: dict[str, Examples]) -> Task:
    """The relation head, from truth alone; scored as the whole answerer."""
    torch.manual_seed(4)
    data = scenes(**relation_columns(f"world:{min(given.scenes or RELATED, RELATED)}?pairs=seen&seed=1011&size=64"))

    def scored(model: Any, kind: str) -> Scores:
        scores = answers(NanoAnswerer(seen.cpu(), model.cpu()), held[kind])
        seen.to(DEVICE)
        return scores

    return Task(RelationModel(RelationConfig()), Relating(), Random, data, scored)


def matcher(of: Heads, held: dict[str, Heads]) -> Task:
    """Things found against captions, true and false ones."""
    model = ThingsEncoder(ThingsEncoderConfig(length=LENGTH, channels=of.things.shape[-1], initializer_range=0.06))
    data = scenes(tokens=array(of.things)).having(true=array(of.true), false=array(of.false))
    return Task(model, WithFalse(), partial(Captions, false=True), data, lambda model, kind: retrieval(model, held[kind]), watched=True)


def captioner_a(given: argparse.Namespace, of: Heads, held: dict[str, Heads], words: PreTrainedTokenizerBase) -> Task:
    """The captioner with a decoder, on the first half of the scenes: the two share none."""
    shared = {"vocabulary": len(words), "length": LENGTH, "initializer_range": 0.04}
    model = PrefixCaptioner(PrefixCaptionerConfig(blocks=2, conditions={"style": len(SAID)}, **shared))
    half = len(of.true) // 2
    data = scenes(tokens=array(of.tokens[:half])).having(true=array(of.true[:half]))

    def scored(model: Any, kind: str) -> Scores:
        # short captions, the style that pipelines ask for
        return right(written(model, held[kind], words, 0, min(FACT_SCENES, given.held)), kind, given)

    return Task(model, Captioning(), partial(Captions, styles=TAUGHT), data, scored, watched=True)


def captioner_b(given: argparse.Namespace, of: Heads, made: Examples, held: dict[str, Heads]) -> Task:
    """The captioner that tells of a set, on the other half."""
    half = len(made) // 2
    data = scenes(tokens=array(of.tokens[half:]), boxes=made.boxes[half:], labels=made.labels[half:])

    def scored(model: Any, kind: str) -> Scores:
        with torch.inference_mode():
            return right([told(things, "short") for things in model.seen(held[kind].tokens[:FACT_SCENES].float())], kind, given)

    return Task(SetCaptioner(SetCaptionerConfig(vocabulary=WORDS)), Sets(), Random, data, scored, stage={"weight_decay": 0.01})


def right(texts: list[str], kind: str, given: argparse.Namespace) -> Scores:
    """Facts of captions of the first scenes of a held-out set."""
    world = world_source(HELD[kind].format(n=given.held))
    return facts(texts, [world.truth(n) for n in range(len(texts))])


def array(tensor: Tensor) -> Any:
    """As a column."""
    return tensor.cpu().numpy()


if __name__ == "__main__":
    main()
