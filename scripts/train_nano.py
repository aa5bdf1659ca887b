"""Trains the nano models that diptych ships, from nothing, and prints their scores on held-out scenes.

    PYTHONPATH=src python scripts/train_nano.py --device cuda --minutes 2 --out nano          # all
    PYTHONPATH=src python scripts/train_nano.py --only region --scenes 3000 --minutes 2       # a small one on a CPU

The region model comes first; the heads (matcher, captioner-a, captioner-b, answerer) learn from the tokens of its tower, held still.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from diptych.lab.nano_examples import Examples, examples
from diptych.lab.nano_fit import Feed, Spent, fit
from diptych.lab.nano_head_scores import answers, facts, retrieval, written
from diptych.lab.nano_heads import LENGTH, Heads, captioning, captions, heads, matching, tokenizer_of
from diptych.lab.nano_matching import WithFalse
from diptych.lab.nano_relations import relation_columns
from diptych.lab.nano_scores import detection, line
from diptych.lab.nano_texts import STYLES
from diptych.models.answerer_head import RelationConfig, RelationModel
from diptych.models.nano_answerer import NanoAnswerer
from diptych.models.nano_weights import WEIGHTS
from diptych.models.pixels import unit
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.region_model import RegionConfig, RegionModel
from diptych.models.set_captioner import SetCaptioner, SetCaptionerConfig, told
from diptych.models.things_encoder import ThingsEncoder, ThingsEncoderConfig
from diptych.train.answering import Relating
from diptych.train.batches import Random
from diptych.train.captioning import Captioning
from diptych.train.plan import Stage
from diptych.train.regions import DenseRegions
from diptych.train.sets import Sets
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
HEADS = ("matcher", "captioner-a", "captioner-b", "answerer")
FACT_SCENES = 400


def main() -> None:
    """All that was asked for."""
    given = arguments()
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    disable_progress_bar()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only in ("", "region"):
        region(given)
    if given.only != "region":
        train_heads(given, HEADS if given.only in ("", "heads") else (given.only,))


def arguments() -> argparse.Namespace:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", choices=("", "region", "heads", *HEADS), help="one model instead of all")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--minutes", type=float, default=2.0, help="of training, for each model")
    parser.add_argument("--updates", type=int, default=1_000_000, help="at most so many for each model")
    parser.add_argument("--scenes", type=int, default=100_000, help="to train on")
    parser.add_argument("--held", type=int, default=2000, help="scenes of each held-out set")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that render")
    parser.add_argument(
        "--region", type=Path, default=None, help="the region model that heads stand on (default: that of --out, else shipped)"
    )
    parser.add_argument("--out", type=Path, default=Path("nano"))
    return parser.parse_args()


def rendered(given: argparse.Namespace, first: int, *, texts: bool = False) -> tuple[Examples, dict[str, Examples]]:
    """Scenes to train on, of the seeds `first` and the next, and the held-out sets."""
    begun = time.monotonic()
    own = given.scenes * 3 // 4
    addresses = [one.format(own=own, other=given.scenes - own, a=first, b=first + 1) for one in TRAINED]
    made = examples(addresses, given.workers, texts=texts)
    held = {name: examples([one.format(n=given.held)], given.workers, texts=texts) for name, one in HELD.items()}
    print(f"rendered {len(made)} + {sum(map(len, held.values()))} scenes in {time.monotonic() - begun:.0f} s", flush=True)
    return made, held


def region(given: argparse.Namespace) -> None:
    """Tower and detector."""
    made, held = rendered(given, 1001)
    torch.manual_seed(0)
    model = RegionModel(RegionConfig(tower=TOWER, vocabulary=WORDS, kinds=[c.kind for c in CATEGORIES])).to(given.device)
    columns = {"pixels": torch.from_numpy(made.pixels), "boxes": torch.from_numpy(made.boxes), "labels": torch.from_numpy(made.labels)}
    columns = {name: column.to(given.device) for name, column in columns.items()}
    some = {name: Examples(one.pixels[:500], one.boxes[:500], one.labels[:500]) for name, one in held.items()}

    def told() -> None:
        print("\n".join(line(f"  {name}", detection(model, one)) for name, one in some.items()), flush=True)

    stage = Stage("region", DenseRegions(), Random(given.batch), given.updates, given.lr, weights={"box": 0.5})
    spent = fit(stage, model, Feed(columns, given.batch, _with_pixels, given.minutes, told=told))
    save(model, given, "region", spent, {name: detection(model, one) for name, one in held.items()})


def _with_pixels(own: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {**own, "pixel_values": unit(own["pixels"])}


def train_heads(given: argparse.Namespace, names: tuple[str, ...]) -> None:
    """The heads on the frozen tower, one after another."""
    beside = given.out / "region"
    model = RegionModel.from_pretrained(given.region or (beside if beside.is_dir() else WEIGHTS / "region"))
    model = model.float().eval().to(given.device)
    made, held = rendered(given, 1011, texts=True)
    if "answerer" in names:
        answerer(given, model, held)
    if names != ("answerer",):
        words = tokenizer_of(made.told[:4000])
        words.save_pretrained(given.out / "words")
        of, kept = heads(made, model, words), {name: heads(one, model, words) for name, one in held.items()}
        if "captioner-b" in names:
            teller(given, of, made, kept)
        for name in names:
            if name in ("matcher", "captioner-a"):
                train_head(given, name, of, kept, words)


def answerer(given: argparse.Namespace, seen: RegionModel, held: dict[str, Examples]) -> None:
    """The relation head, from truth alone; scored as the whole answerer."""
    torch.manual_seed(4)
    columns = relation_columns(f"world:{min(given.scenes, 6000)}?pairs=seen&seed=1011&size=64")
    model = RelationModel(RelationConfig()).to(given.device)
    feed = Feed({name: column.to(given.device) for name, column in columns.items()}, 96)
    spent = fit(Stage("answerer", Relating(), Random(96), min(given.updates, 900), 3e-3), model, feed)
    whole = NanoAnswerer(seen.cpu(), model.cpu())
    save(model, given, "answerer", spent, {kind: answers(whole, one) for kind, one in held.items()})
    seen.to(given.device)


def train_head(given: argparse.Namespace, name: str, of: Heads, held: dict[str, Heads], words: PreTrainedTokenizerBase) -> None:
    """One head: its model, its objective and its batches; scored at every quarter and at the end."""
    torch.manual_seed(HEADS.index(name) + 1)
    head = made(name, of, words)
    head.model.to(given.device)
    kind = next(iter(held))

    def told() -> None:
        print(line(f"  {kind}", head.scored(head.model, held[kind], HELD[kind].format(n=given.held))), flush=True)

    stage = Stage(name, head.objective, Random(given.batch), given.updates, given.lr)
    feed = Feed({"rows": head.rows.to(given.device)}, given.batch, head.prepare, given.minutes, head.lengths, told)
    spent = fit(stage, head.model, feed)
    save(
        head.model, given, name, spent, {kind: head.scored(head.model, one, HELD[kind].format(n=given.held)) for kind, one in held.items()}
    )


@dataclass(frozen=True)
class Head:
    """What it takes to train one head: rows with the lengths of their texts, and what is made of a batch of them."""

    model: Any
    objective: Any
    prepare: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]
    rows: torch.Tensor
    lengths: torch.Tensor
    scored: Callable[[Any, Heads, str], dict[str, float]]


def made(name: str, of: Heads, words: PreTrainedTokenizerBase) -> Head:
    """A head that has learnt nothing yet. The captioners share no scene."""
    if name == "matcher":
        matcher = ThingsEncoder(ThingsEncoderConfig(length=LENGTH, channels=of.things.shape[-1], initializer_range=0.06))
        return Head(matcher, WithFalse(), matching(of), *captions(of, STYLES), lambda model, kept, _: retrieval(model, kept))
    shared = {"vocabulary": len(words), "length": LENGTH, "initializer_range": 0.04}
    attentive = PrefixCaptioner(PrefixCaptionerConfig(blocks=2, conditions={"style": len(SAID)}, **shared))
    rows = captions(of, TAUGHT, slice(len(of.true) // 2))
    return Head(attentive, Captioning(), captioning(of), *rows, partial(said_right, words=words))


def teller(given: argparse.Namespace, of: Heads, made: Examples, held: dict[str, Heads]) -> None:
    """The captioner that tells of a set, on the scenes that the other one does not see."""
    torch.manual_seed(3)
    model = SetCaptioner(SetCaptionerConfig(vocabulary=WORDS)).to(given.device)
    half = len(made) // 2
    columns = {"tokens": of.tokens[half:], "boxes": torch.from_numpy(made.boxes[half:]), "labels": torch.from_numpy(made.labels[half:])}
    columns = {name: column.to(given.device) for name, column in columns.items()}
    stage = Stage("captioner-b", Sets(), Random(128), min(given.updates, 500), 1e-2, weight_decay=0.01)
    spent = fit(stage, model, Feed(columns, 128, lambda own: {**own, "tokens": own["tokens"].float()}))
    scores = {}
    with torch.inference_mode():
        for kind, one in held.items():
            seen = model.seen(one.tokens[:FACT_SCENES].float())
            world = world_source(HELD[kind].format(n=given.held))
            scores[kind] = facts([told(things, "short") for things in seen], [world.truth(n) for n in range(len(seen))])
    save(model, given, "captioner-b", spent, scores)


def said_right(model: Any, held: Heads, address: str, *, words: PreTrainedTokenizerBase) -> dict[str, float]:
    """Facts of short captions, the style that pipelines ask for."""
    world = world_source(address)
    count = min(FACT_SCENES, len(held.tokens))
    return facts(written(model, held, words, 0, count), [world.truth(n) for n in range(count)])


def keep(model: Any, folder: Path) -> None:
    """A copy in half precision."""
    whole = model.state_dict()
    model.save_pretrained(folder, state_dict={name: one.half() for name, one in whole.items()})


def save(model: Any, given: argparse.Namespace, name: str, spent: Spent, scores: dict[str, dict[str, float]]) -> None:
    """Half precision in one folder, and what was measured beside it."""
    print("\n".join(line(f"{name}, {kind}", one) for kind, one in scores.items()), flush=True)
    keep(model, given.out / name)
    told = {"parameters": sum(p.numel() for p in model.parameters()), "updates": spent.updates, "seconds": round(spent.seconds, 1),
            "scenes": given.scenes, "batch": given.batch, "lr": given.lr, "scores": scores,
            "device": torch.cuda.get_device_name() if given.device == "cuda" else "cpu"}  # fmt: skip
    (given.out / f"{name}.json").write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
