"""When an effect counts as shown, and between what ends it lies."""

from collections.abc import Mapping
from math import isnan

from diptych.data.results import Difference

Guard = Mapping[str, float | bool]
ORACLE, CHANCE = "oracle", "chance"
ENDS: Mapping[str, str] = {ORACLE: "never errs", CHANCE: "guesses"}  # of experts: `how` begins with it


def guard(found: Difference, least: float) -> Guard:
    """Whether a metric fell by no more than it may."""
    return {"least": least, "difference": found.value, "low": found.low, "high": found.high, "held": found.low >= least}


def verdict(found: Difference, way: str, guards: Mapping[str, Guard]) -> tuple[bool, str]:
    """Shown when the interval excludes zero in the promised direction and no guard is broken; and the reason in words."""
    low, high = (-found.high, -found.low) if way == "lower" else (found.low, found.high)
    reasons = [f"the guard on {name} is broken" for name, guard in guards.items() if not guard["held"]]
    if isnan(low) or isnan(high):
        reasons.insert(0, "there is no interval: one of the two states nothing, or there are too few rows or seeds")
    elif high < 0:
        reasons.insert(0, "the difference goes against the paper")
    elif low <= 0:
        reasons.insert(0, "the interval includes zero")
    if reasons:
        return False, "; ".join(reasons)
    return True, "the interval excludes zero in the paper's direction and every guard holds"
