"""Limited-memory BFGS for smooth convex functions, deterministic to the last bit on one thread. Liu and Nocedal, 1989."""

from collections import deque
from collections.abc import Callable

import numpy as np

from diptych.measure.intervals import Array

Objective = Callable[[Array], tuple[float, Array]]  # parameters -> value, gradient
_MEMORY, _ARMIJO, _HALVINGS = 10, 1e-4, 30


def minimise(objective: Objective, start_P: Array, *, most: int = 500, tolerance: float = 1e-5) -> tuple[Array, float, int]:
    """The minimum, its value and the iterations it took; ends when the gradient's largest entry is below `tolerance`.

    Steps are halved until the value falls enough (Armijo); pairs without positive curvature are not remembered.
    """
    at = np.array(start_P, float)
    value, slope = objective(at)
    pairs: deque[tuple[Array, Array]] = deque(maxlen=_MEMORY)
    for iteration in range(most):
        if np.abs(slope).max(initial=0.0) < tolerance:
            return at, value, iteration
        way = -_inverse(slope, pairs)
        fall = float(way @ slope)
        size = 1.0 if pairs else min(1.0, 1.0 / float(np.abs(slope).sum()))
        for _ in range(_HALVINGS):
            new = at + size * way
            new_value, new_slope = objective(new)
            if new_value <= value + _ARMIJO * size * fall:
                break
            size /= 2
        else:
            return at, value, iteration  # no step makes it smaller: as good as the numbers allow
        if float((new - at) @ (new_slope - slope)) > 1e-10:
            pairs.append((new - at, new_slope - slope))
        at, value, slope = new, new_value, new_slope
    return at, value, most


def _inverse(slope: Array, pairs: "deque[tuple[Array, Array]]") -> Array:
    """The inverse Hessian's estimate times the gradient, by the two-loop recursion."""
    found, shares = slope.copy(), []
    for step, change in reversed(pairs):
        share = float(step @ found) / float(step @ change)
        shares.append(share)
        found -= share * change
    if pairs:
        step, change = pairs[-1]
        found *= float(step @ change) / float(change @ change)
    for (step, change), share in zip(pairs, reversed(shares), strict=True):
        found += step * (share - float(change @ found) / float(step @ change))
    return found
