"""Which parameters a stage trains, and which of them at what rate and with what decay."""

import re
from typing import Any

from torch import nn

from diptych.data.errors import InputError
from diptych.train.plan import Stage

_PLACES = re.compile(r"(^|[._])(places?|positions?|position_embeddings?|pos_emb(ed)?|class_embedding)([._]|$)")


def trainable(stage: Stage, model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """The parameters that a stage trains, by name; InputError if there are none."""
    prefixes = stage.trainable if stage.lora is None else stage.lora.whole
    chosen = [
        (name, one) for name, one in model.named_parameters() if name.startswith(tuple(prefixes)) or (stage.lora and ".lora_" in name)
    ]
    if not chosen:
        known = sorted({name.split(".")[0] for name, _ in model.named_parameters()})
        raise InputError(
            f"stage {stage.name!r} trains nothing: no parameter begins with {', '.join(map(repr, prefixes))}; those of the model begin"
            f" with {', '.join(known)}"
        )
    return chosen


def decays(name: str, parameter: nn.Parameter) -> bool:
    """Whether weight decay is for this parameter: not for gains, biases and scales (less than two axes) nor for embeddings of place."""
    return parameter.ndim > 1 and not _PLACES.search(name)


def groups(stage: Stage, chosen: list[tuple[str, nn.Parameter]]) -> list[dict[str, Any]]:
    """Groups for the optimiser, one for each (share of the rate, decay or none), with the names beside the parameters."""
    found: dict[tuple[float, float], dict[str, Any]] = {}
    for name, one in chosen:
        fitting = max((prefix for prefix in stage.lr_of if name.startswith(prefix)), key=len, default=None)
        share = 1.0 if fitting is None else stage.lr_of[fitting]
        decay = stage.weight_decay if decays(name, one) else 0.0
        group = found.setdefault((share, decay), {"params": [], "names": [], "share": share, "weight_decay": decay})
        group["params"].append(one)
        group["names"].append(name)
    return list(found.values())
