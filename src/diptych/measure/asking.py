"""Requests put to an expert in batches, with every answer accounted for."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from diptych.data.errors import RunError
from diptych.models.abilities import Failed

R = TypeVar("R")
A = TypeVar("A")
BATCH = 256  # requests in one call, so that pictures of a large set are not all open at once


def ask_all(call: Callable[[list[R]], list[A | Failed]], requests: Sequence[R], batch: int = BATCH) -> list[A | Failed]:
    """One answer or Failed for each request, in order. RunError for an expert that leaves requests out."""
    found: list[A | Failed] = []
    for start in range(0, len(requests), batch):
        asked = list(requests[start : start + batch])
        answers = call(asked)
        if len(answers) != len(asked):
            raise RunError(
                f"an expert gave {len(answers)} answers to {len(asked)} requests: it must answer or fail each, correct the expert"
            )
        found.extend(answers)
    return found


def said_failed(what: str, errors: Sequence[str], total: int) -> str:
    """ "2 of 10 pictures failed (first: no such file)", or nothing where none did."""
    return f"{len(errors)} of {total} {what} failed (first: {errors[0]})" if errors else ""


def joined(*parts: str) -> str:
    """The parts of a metric's `how` that say something."""
    return "; ".join(part for part in parts if part)
