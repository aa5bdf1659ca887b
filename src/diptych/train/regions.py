"""Dense supervision of things on a grid. Targets are columns of the data: boxes and labels of up to K things a picture."""

# B pictures, K things at most, N cells, M cells taught, P phrases, W words

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, logsigmoid

from diptych.models.region_model import SLOTS, Regions, middles

COLUMNS = ("boxes", "labels")  # (n, K, 4) left, top, right, bottom in [0, 1]; (n, K, 4) numbers of noun, colour, size, material or -1
# slots that a phrase names; "kind" stands for the coarser noun
PATTERNS = (
    ("noun",), ("kind",), ("colour", "noun"), ("size", "noun"), ("material", "noun"), ("colour", "kind"), ("colour",),
    ("material", "colour", "noun"), ("size", "colour", "noun"), ("size", "material", "colour", "noun"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DenseRegions:
    """Penalty-reduced focal loss of centres, L1 and generalised IoU of boxes, cross-entropy of each slot, and of phrases against cells.

    Centres: Zhou et al., 2019, arXiv:1904.07850, equation 1, alpha 2 and beta 4. Boxes: Rezatofighi et al., 2019, arXiv:1902.09630.
    """

    spread: float = 0.7  # of a centre over the cells around it, in cells
    phrases: int = 96  # asked about in each update

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """Terms from `pixel_values` or `tokens` and the columns."""
        given = {"tokens": tensors["tokens"]} if "tokens" in tensors else {"pixel_values": tensors["pixel_values"]}
        found: Regions = model(**given)
        return self.terms(model, found, tensors, update)

    def terms(self, model: Any, found: Regions, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """The same for cells that were found already."""
        boxes_BK4, labels_BK4 = tensors["boxes"].float(), tensors["labels"].long()
        heat_BN, nearest_BN = heat(boxes_BK4, labels_BK4[..., 0] >= 0, model.grid, self.spread)
        batch_M, cell_M = torch.nonzero(heat_BN > 0.1, as_tuple=True)
        thing_M, weight_M = nearest_BN[batch_M, cell_M], heat_BN[batch_M, cell_M]
        labels_M4 = labels_BK4[batch_M, thing_M]
        box_M4 = boxes_BK4[batch_M, thing_M]
        terms = {"centre": focal(found.objectness, heat_BN)}
        terms["box"], terms["iou"] = box_terms(found.boxes[batch_M, cell_M], box_M4, weight_M, model.grid)
        for slot, name in enumerate(SLOTS):
            loss_M = cross_entropy(found.labels[name][batch_M, cell_M], labels_M4[:, slot], reduction="none")
            terms[name] = (loss_M * weight_M).sum() / weight_M.sum().clamp(min=1)
        middle_M = weight_M == 1
        terms["phrase"] = self.phrase_term(model, found.vectors[batch_M[middle_M], cell_M[middle_M]], labels_M4[middle_M], update)
        return terms

    def phrase_term(self, model: Any, vectors_ME: Tensor, labels_M4: Tensor, update: int) -> Tensor:
        """Phrases made of things in the batch, in turn by every pattern, against all things of the batch."""
        if not len(labels_M4):
            return vectors_ME.sum() * 0
        draws = torch.Generator().manual_seed(update)
        picked = labels_M4[torch.randint(len(labels_M4), (self.phrases,), generator=draws).to(labels_M4.device)]
        bags_PW, fits_PM = bags(model.config, picked, labels_M4)
        logits_PM = model.fit(vectors_ME, bags_PW).T
        loss_PM = binary_cross_entropy_with_logits(logits_PM, fits_PM, reduction="none")
        # as much for the few that fit as for the many that do not
        return (
            (loss_PM * fits_PM).sum() / fits_PM.sum().clamp(min=1) + (loss_PM * (1 - fits_PM)).sum() / (1 - fits_PM).sum().clamp(min=1)
        ) / 2


def heat(boxes_BK4: Tensor, real_BK: Tensor, grid: int, spread: float) -> tuple[Tensor, Tensor]:
    """(B, N): 1 in the cell that holds a thing's middle, less around it; and the index of the nearest thing."""
    middle_BK2 = (boxes_BK4[..., :2] + boxes_BK4[..., 2:]) / 2
    cell_BK2 = (middle_BK2 * grid).floor().clamp(0, grid - 1)
    own_N2 = (middles(grid, middle_BK2) * grid).floor()
    apart_BNK = (own_N2[None, :, None] - cell_BK2[:, None]).square().sum(-1).masked_fill(~real_BK[:, None], 1e4)
    # of two things in one cell the one whose middle is nearer to the cell's
    tie_BNK = (middles(grid, middle_BK2)[None, :, None] - middle_BK2[:, None]).square().sum(-1)
    nearest_BN = (apart_BNK + tie_BNK).argmin(-1)
    least_BN = apart_BNK.gather(-1, nearest_BN[..., None])[..., 0]
    return torch.exp(-least_BN / (2 * spread**2)), nearest_BN


def focal(logits_BN: Tensor, heat_BN: Tensor) -> Tensor:
    """For each thing. Cells near a middle are blamed less for firing."""
    middle_BN = heat_BN == 1
    chance_BN = logits_BN.sigmoid()
    right = (1 - chance_BN).square() * logsigmoid(logits_BN)
    wrong = (1 - heat_BN).pow(4) * chance_BN.square() * logsigmoid(-logits_BN)
    return -torch.where(middle_BN, right, wrong).sum() / middle_BN.sum().clamp(min=1)


def box_terms(found_M4: Tensor, true_M4: Tensor, weight_M: Tensor, grid: int) -> tuple[Tensor, Tensor]:
    """L1 of middles and logarithms of sides in cells, and 1 - generalised IoU, weighted means."""
    middle, sides = (true_M4[:, :2] + true_M4[:, 2:]) / 2, (true_M4[:, 2:] - true_M4[:, :2]).clamp(min=1e-3)
    apart = (found_M4[:, :2] - middle).abs() * grid + (found_M4[:, 2:].log() - sides.log()).abs()
    total = weight_M.sum().clamp(min=1)
    corners = torch.cat([found_M4[:, :2] - found_M4[:, 2:] / 2, found_M4[:, :2] + found_M4[:, 2:] / 2], -1)
    return (apart.sum(-1) * weight_M).sum() / total, ((1 - generalised_iou(corners, true_M4)) * weight_M).sum() / total


def generalised_iou(one_M4: Tensor, other_M4: Tensor) -> Tensor:
    """Of boxes (left, top, right, bottom), pair by pair."""
    area, other = ((box[:, 2:] - box[:, :2]).clamp(min=0).prod(-1) for box in (one_M4, other_M4))
    shared = (torch.minimum(one_M4[:, 2:], other_M4[:, 2:]) - torch.maximum(one_M4[:, :2], other_M4[:, :2])).clamp(min=0).prod(-1)
    around = (torch.maximum(one_M4[:, 2:], other_M4[:, 2:]) - torch.minimum(one_M4[:, :2], other_M4[:, :2])).prod(-1).clamp(min=1e-9)
    union = (area + other - shared).clamp(min=1e-9)
    return shared / union - (around - union) / around


def bags(config: Any, picked_P4: Tensor, labels_M4: Tensor) -> tuple[Tensor, Tensor]:
    """Bags of words (P, W) that name the picked things by the patterns in turn, and which of the things each fits (P, M), as floats."""
    sizes = [len(config.vocabulary[slot]) for slot in SLOTS]
    starts = [sum(sizes[:n]) for n in range(len(SLOTS))]
    names = sorted({kind for kind in config.kinds if kind})
    kinds = torch.tensor([names.index(kind) if kind else -1 for kind in config.kinds], device=picked_P4.device)
    bag_PW = torch.zeros(len(picked_P4), len(config.words), device=picked_P4.device)
    fits_PM = torch.ones(len(picked_P4), len(labels_M4), device=picked_P4.device, dtype=torch.bool)
    picked_kind, kind_M = kinds[picked_P4[:, 0]], kinds[labels_M4[:, 0]]
    for number, pattern in enumerate(PATTERNS):
        rows = torch.arange(len(picked_P4), device=picked_P4.device)[number :: len(PATTERNS)]
        for name in pattern:
            if name == "kind":
                # a thing of no kind is named by its noun
                kind = picked_kind[rows]
                bag_PW[rows, torch.where(kind >= 0, sum(sizes) + kind, picked_P4[rows, 0])] = 1
                fits_PM[rows] &= torch.where(kind[:, None] >= 0, kind[:, None] == kind_M, picked_P4[rows, :1] == labels_M4[:, 0])
            else:
                slot = SLOTS.index(name)
                bag_PW[rows, starts[slot] + picked_P4[rows, slot]] = 1
                fits_PM[rows] &= picked_P4[rows, slot, None] == labels_M4[:, slot]
    return bag_PW, fits_PM.float()
