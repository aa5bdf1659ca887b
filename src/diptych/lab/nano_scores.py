"""Scores of the nano models on held-out scenes, against truth."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from diptych.lab.nano_examples import Examples
from diptych.models.pixels import unit
from diptych.models.region_boxes import Found, overlaps, things
from diptych.models.region_model import SLOTS, RegionModel

OVERLAP = 0.5  # intersection over union that counts as found
THRESHOLD = 0.35


@torch.inference_mode()
def found(model: RegionModel, pixels: np.ndarray, batch: int = 256) -> Iterator[Found]:
    """What the model finds in each picture."""
    for start in range(0, len(pixels), batch):
        yield from things(model(unit(torch.from_numpy(pixels[start : start + batch]).to(model.device))))


def detection(model: RegionModel, held: Examples, threshold: float = THRESHOLD) -> dict[str, float]:
    """F1 of boxes by what must be right besides the place, and the share of right values among things that were found."""
    tallies = {name: [0, 0] for name in ("box", "noun", "noun+colour", "all")}
    right, seen, true = np.zeros(4), 0, 0
    for one, boxes, labels in zip(found(model, held.pixels), held.boxes, held.labels, strict=True):
        real = labels[:, 0] >= 0
        strong = one.scores >= threshold
        hits = pairs(one.boxes[strong], boxes[real], one.labels[strong], labels[real])
        true, seen = true + int(real.sum()), seen + int(strong.sum())
        for mine, theirs in hits:
            same = one.labels[strong][mine] == labels[real][theirs]
            right += same
            for name, ok in (("box", True), ("noun", same[0]), ("noun+colour", same[:2].all()), ("all", same.all())):
                tallies[name][0] += bool(ok)
    scores = {f"F1 {name}": 2 * hit / max(1, true + seen) for name, (hit, _) in tallies.items()}
    return scores | {f"{slot} right": float(right[n] / max(1, tallies["box"][0])) for n, slot in enumerate(SLOTS)}


def pairs(mine_K4: np.ndarray, theirs_J4: np.ndarray, labels_K4: np.ndarray, labels_J4: np.ndarray) -> list[tuple[int, int]]:
    """Found things with the true ones they stand for, best found first: enough overlap, the same noun before another's."""
    free = set(range(len(theirs_J4)))
    hits = []
    for k in range(len(mine_K4)):
        near: Sequence[float] = overlaps(mine_K4[k], theirs_J4).tolist() if len(theirs_J4) else []
        fits = [(labels_K4[k, 0] == labels_J4[j, 0], near[j], j) for j in free if near[j] >= OVERLAP]
        if fits:
            hits.append((k, max(fits)[2]))
            free.remove(hits[-1][1])
    return hits


def line(name: str, scores: dict[str, float], keys: Sequence[str] = ()) -> str:
    """One line for people."""
    return f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in scores.items() if not keys or key in keys)
