"""Answers in the order of the requests, where some of the pictures cannot be seen."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from diptych.models.abilities import Failed
from diptych.models.nano_sight import BATCH

R = TypeVar("R")
A = TypeVar("A")
T = TypeVar("T")


@torch.inference_mode()
def answered(
    requests: Sequence[R], sights: Sequence[T | Failed], answer: Callable[[list[R], list[T]], Sequence[A | Failed]]
) -> list[A | Failed]:  # fmt: skip
    """`answer` gets requests with what was seen of their pictures, some at a time; those that failed already fail alone."""
    found: dict[int, A | Failed] = {n: one for n, one in enumerate(sights) if isinstance(one, Failed)}
    good = [(n, one) for n, one in enumerate(sights) if not isinstance(one, Failed)]
    for start in range(0, len(good), BATCH):
        part = good[start : start + BATCH]
        given = answer([requests[n] for n, _ in part], [one for _, one in part])
        found.update(zip((n for n, _ in part), given, strict=True))
    return [found[n] for n in range(len(requests))]
