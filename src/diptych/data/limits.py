"""What the numbers of a step may be, refused where the step is made and not in the middle of a run."""

from collections.abc import Sized

from diptych.data.errors import InputError


def in_unit(name: str, value: float) -> None:
    """InputError unless the value lies from 0 to 1."""
    if not 0 <= value <= 1:
        raise InputError(f"{name} must lie in [0, 1], got {value}")


def at_least(name: str, value: float, least: float) -> None:
    """InputError if the value is less, or no number."""
    if not value >= least:
        raise InputError(f"{name} must be {least} or more, got {value}")


def some(name: str, values: Sized) -> None:
    """InputError if nothing is named."""
    if not len(values):
        raise InputError(f"{name} must name at least one, got none")
