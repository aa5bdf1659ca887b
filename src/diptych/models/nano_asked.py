"""Answers in the order of the requests, where some of the pictures cannot be seen."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from diptych.data.pictures import Picture
from diptych.models.abilities import Failed
from diptych.models.nano_sight import BATCH, sight

R = TypeVar("R")
A = TypeVar("A")


@torch.inference_mode()
def seen(
    requests: Sequence[R], picture: Callable[[R], Picture], refuse: Callable[[R], Failed | None],
    answer: Callable[[list[R], Tensor], Sequence[A | Failed]],
) -> list[A | Failed]:  # fmt: skip
    """`answer` gets requests with the tokens (B, M, C) of their pictures, some at a time; those refused or unseen fail alone."""
    found: list[A | Failed | None] = [refuse(request) for request in requests]
    open_ = [n for n, refused in enumerate(found) if refused is None]
    tokens = sight().tokens([picture(requests[n]) for n in open_])
    good: list[tuple[int, Tensor]] = []
    for n, one in zip(open_, tokens, strict=True):
        if isinstance(one, Failed):
            found[n] = one
        else:
            good.append((n, one))
    for start in range(0, len(good), BATCH):
        part = good[start : start + BATCH]
        given = answer([requests[n] for n, _ in part], torch.stack([one for _, one in part]))
        for (n, _), one_answer in zip(part, given, strict=True):
            found[n] = one_answer
    return [one for one in found if one is not None]
