"""What the answerer learns: which relations hold between the things of a picture."""

# B pictures, K things, F numbers of each, R relations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


@dataclass(frozen=True, slots=True)
class Relating:
    """Columns `things` (B, K, F), `real` (B, K) and `holds` (B, K, K, R): whether relation r holds of the ordered pair (i, j).

    Boxes are moved a little, since those that are found lie never quite where the true ones do.
    """

    moved: float = 0.006  # standard deviation, as a share of the picture

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        """Cross-entropy over all pairs of two real things."""
        things_BKF, real_BK = tensors["things"].clone(), tensors["real"].bool()
        things_BKF[..., 1:5] += self.moved * torch.randn(things_BKF[..., 1:5].shape, device=things_BKF.device)
        count = things_BKF.shape[1]
        pairs_BKK = real_BK[:, :, None] & real_BK[:, None] & ~torch.eye(count, dtype=torch.bool, device=real_BK.device)
        batch_P, one_P, other_P = torch.nonzero(pairs_BKK, as_tuple=True)
        logits_PR = model(things_BKF[batch_P, one_P], things_BKF[batch_P, other_P])
        holds_PR = tensors["holds"][batch_P, one_P, other_P].float()
        total = binary_cross_entropy_with_logits(logits_PR, holds_PR, reduction="sum")
        return {"relation": total / max(1, holds_PR.numel())}  # a batch without pairs teaches nothing
