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
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from diptych.lab.nano_examples import Examples, examples
from diptych.lab.nano_fit import Feed, Spent, fit
from diptych.lab.nano_head_scores import answers, facts, retrieval, written
from diptych.lab.nano_heads import ASKING, GIVEN, LENGTH, Heads, answering, captioning, heads, matching, tokenizer_of
from diptych.lab.nano_matching import WithFalse
from diptych.lab.nano_scores import detection, line, unit
from diptych.models.answerer_head import AnswererConfig, AnswererModel
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.nano_weights import WEIGHTS
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.recurrent_captioner import RecurrentCaptioner, RecurrentCaptionerConfig
from diptych.models.region_model import RegionConfig, RegionModel
from diptych.train.answering import Answering
from diptych.train.batches import Random
from diptych.train.captioning import Captioning
from diptych.train.plan import Stage
from diptych.train.regions import DenseRegions
from diptych.world.catalogue import CATEGORIES, COLOURS, MATERIALS, SIZES
from diptych.world.source import world_source

TOWER = {"size": 64, "channels": (32, 64, 128), "blocks": (1, 2, 4)}
# pictures come in any size; three in four are rendered at the model's own, the others made smaller as `nano:` does
TRAINED = ("world:{own}?pairs=seen&seed={a}&size=64", "world:{other}?pairs=seen&seed={b}&size=224")
HELD = {"held-out scenes": "world:{n}?pairs=seen&seed=1003&size=64", "unseen pairs": "world:{n}?pairs=unseen&seed=1004&size=64",
        "held-out at 224 px": "world:{n}?pairs=seen&seed=1005&size=224"}  # fmt: skip
SAID_STYLES = 4  # of the captioners: short, dense, spatial, alt
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
    words = {"noun": [c.noun for c in CATEGORIES], "colour": list(COLOURS), "size": list(SIZES), "material": list(MATERIALS)}
    model = RegionModel(RegionConfig(tower=TOWER, vocabulary=words, kinds=[c.kind for c in CATEGORIES])).to(given.device)
    columns = {"pixels": torch.from_numpy(made.pixels), "boxes": torch.from_numpy(made.boxes), "labels": torch.from_numpy(made.labels)}
    columns = {name: column.to(given.device) for name, column in columns.items()}
    some = {name: Examples(one.pixels[:500], one.boxes[:500], one.labels[:500]) for name, one in held.items()}

    def told() -> None:
        print("\n".join(line(f"  {name}", detection(model, one)) for name, one in some.items()), flush=True)

    stage = Stage("region", DenseRegions(), Random(given.batch), given.updates, given.lr, weights={"box": 0.5})
    spent = fit(stage, model, Feed(columns, given.batch, _with_pixels, given.minutes, told))
    save(model, given, "region", spent, {name: detection(model, one) for name, one in held.items()})


def _with_pixels(own: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {**own, "pixel_values": unit(own["pixels"])}


def train_heads(given: argparse.Namespace, names: tuple[str, ...]) -> None:
    """The heads on the frozen tower, one after another."""
    beside = given.out / "region"
    model = RegionModel.from_pretrained(given.region or (beside if beside.is_dir() else WEIGHTS / "region"))
    tower = model.float().eval().tower.to(given.device)
    made, held = rendered(given, 1011, texts=True)
    begun = time.monotonic()
    words = tokenizer_of(made.told[:4000])
    words.save_pretrained(given.out / "words")
    of = heads(made, tower, words)
    kept = {name: heads(one, tower, words) for name, one in held.items()}
    print(f"{len(words)} words, {len(of.asked)} questions, ready in {time.monotonic() - begun:.0f} s", flush=True)
    for name in names:
        train_head(given, name, of, kept, words)


def train_head(given: argparse.Namespace, name: str, of: Heads, held: dict[str, Heads], words: PreTrainedTokenizerBase) -> None:
    """One head: its model, its objective and its batches; scored at every quarter and at the end."""
    torch.manual_seed(HEADS.index(name) + 1)
    shared = {"vocabulary": len(words), "initializer_range": 0.04}
    scenes = torch.arange(len(of.tokens), device=of.tokens.device)
    first, second = scenes[: len(scenes) // 2], scenes[len(scenes) // 2 :]  # the captioners share no scene
    tell = partial(said_right, words=words)
    made: dict[str, Callable[[], tuple[Any, Any, Any, torch.Tensor, Callable[..., dict[str, float]]]]] = {
        "matcher": lambda: (
            DualEncoder(DualEncoderConfig(reads_tokens=True, tower=TOWER, length=LENGTH, squeeze=24, scale=20.0, **shared)),
            WithFalse(), matching(of), scenes, lambda model, kept, _: retrieval(model, kept),
        ),
        "captioner-a": lambda: (
            PrefixCaptioner(PrefixCaptionerConfig(blocks=3, length=LENGTH, conditions={"style": SAID_STYLES}, **shared)),
            Captioning(), captioning(of, SAID_STYLES), first, tell,
        ),
        "captioner-b": lambda: (
            RecurrentCaptioner(RecurrentCaptionerConfig(length=LENGTH, styles=SAID_STYLES, **shared)),
            Captioning(), captioning(of, SAID_STYLES), second, tell,
        ),
        "answerer": lambda: (
            AnswererModel(AnswererConfig(answers=GIVEN, length=ASKING, **shared)), Answering(), answering(of),
            torch.arange(len(of.asked), device=of.tokens.device), lambda model, kept, _: answers(model, kept),
        ),
    }  # fmt: skip
    model, objective, prepare, rows, scored = made[name]()
    model.to(given.device)
    quarters: list[dict[str, float]] = []

    def told() -> None:
        first = next(iter(held))
        quarters.append(scored(model, held[first], HELD[first].format(n=given.held)))
        print(line(f"  {first}", quarters[-1]), flush=True)
        if name.startswith("captioner"):
            keep(model, given.out / f"{name}-{len(quarters)}")

    stage = Stage(name, objective, Random(given.batch), given.updates, given.lr / 2)
    spent = fit(stage, model, Feed({"rows": rows}, given.batch, prepare, given.minutes, told))
    save(model, given, name, spent, {kind: scored(model, one, HELD[kind].format(n=given.held)) for kind, one in held.items()})


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
