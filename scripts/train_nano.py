"""Trains the nano models that diptych ships, from nothing, and prints their scores on held-out scenes.

PYTHONPATH=src python scripts/train_nano.py --device cuda --minutes 2 --out nano          # all
PYTHONPATH=src python scripts/train_nano.py --only region --scenes 3000 --minutes 2       # a small one on a CPU
"""

import argparse
import json
import os
import time
from pathlib import Path

import torch
from transformers.utils.logging import disable_progress_bar

from diptych.lab.nano_examples import Examples, examples
from diptych.lab.nano_fit import Feed, Spent, fit
from diptych.lab.nano_scores import detection, line, unit
from diptych.models.region_model import RegionConfig, RegionModel
from diptych.train.batches import Random
from diptych.train.plan import Stage
from diptych.train.regions import DenseRegions
from diptych.world.catalogue import CATEGORIES, COLOURS, MATERIALS, SIZES

TOWER = {"size": 64, "channels": (32, 64, 128), "blocks": (1, 2, 4)}
# pictures come in any size; three in four are rendered at the model's own, the others made smaller as `nano:` does
TRAINED = ("world:{own}?pairs=seen&seed=1001&size=64", "world:{other}?pairs=seen&seed=1002&size=224")
HELD = {"held-out scenes": "world:{n}?pairs=seen&seed=1003&size=64", "unseen pairs": "world:{n}?pairs=unseen&seed=1004&size=64",
        "held-out at 224 px": "world:{n}?pairs=seen&seed=1005&size=224"}  # fmt: skip


def main() -> None:
    """All that was asked for."""
    given = arguments()
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    disable_progress_bar()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only in ("", "region"):
        region(given)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", choices=("", "region"), help="one model instead of all")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--minutes", type=float, default=2.0, help="of training, for each model")
    parser.add_argument("--updates", type=int, default=1_000_000, help="at most so many for each model")
    parser.add_argument("--scenes", type=int, default=100_000, help="to train on")
    parser.add_argument("--held", type=int, default=2000, help="scenes of each held-out set")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that render")
    parser.add_argument("--out", type=Path, default=Path("nano"))
    return parser.parse_args()


def rendered(given: argparse.Namespace) -> tuple[Examples, dict[str, Examples]]:
    begun = time.monotonic()
    own = given.scenes * 3 // 4
    made = examples([one.format(own=own, other=given.scenes - own) for one in TRAINED], given.workers)
    held = {name: examples([one.format(n=given.held)], given.workers) for name, one in HELD.items()}
    print(f"rendered {len(made)} + {sum(map(len, held.values()))} scenes in {time.monotonic() - begun:.0f} s", flush=True)
    return made, held


def region(given: argparse.Namespace) -> None:
    made, held = rendered(given)
    torch.manual_seed(0)
    words = {"noun": [c.noun for c in CATEGORIES], "colour": list(COLOURS), "size": list(SIZES), "material": list(MATERIALS)}
    model = RegionModel(RegionConfig(tower=TOWER, vocabulary=words, kinds=[c.kind for c in CATEGORIES])).to(given.device)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, of the tower {sum(p.numel() for p in model.tower.parameters())}")
    columns = {"pixels": torch.from_numpy(made.pixels), "boxes": torch.from_numpy(made.boxes), "labels": torch.from_numpy(made.labels)}
    columns = {name: column.to(given.device) for name, column in columns.items()}
    stage = Stage("region", DenseRegions(), Random(given.batch), given.updates, given.lr, weights={"box": 0.5})
    some = {name: Examples(one.pixels[:500], one.boxes[:500], one.labels[:500]) for name, one in held.items()}

    def told() -> None:
        print("\n".join(line(f"  {name}", detection(model, one)) for name, one in some.items()), flush=True)

    prepare = lambda own: {**own, "pixel_values": unit(own["pixels"])}  # noqa: E731
    spent = fit(stage, model, Feed(columns, given.batch, prepare, given.minutes, told))
    scores = {name: detection(model, one) for name, one in held.items()}
    print("\n".join(line(name, one) for name, one in scores.items()), flush=True)
    save(model, given, "region", spent, scores)


def save(model: torch.nn.Module, given: argparse.Namespace, name: str, spent: Spent, scores: dict[str, dict[str, float]]) -> None:
    """Half precision in one folder, and what was measured beside it."""
    folder = given.out / name
    model.half().save_pretrained(folder)  # type: ignore[operator]
    told = {"updates": spent.updates, "seconds": round(spent.seconds, 1), "scenes": given.scenes, "batch": given.batch, "lr": given.lr,
            "device": torch.cuda.get_device_name() if given.device == "cuda" else "cpu", "scores": scores}  # fmt: skip
    (given.out / f"{name}.json").write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
