"""Which spatial relations hold, from where the viewer stands. Unclear pairs get none: a caption may leave a relation out, not guess it."""

from collections.abc import Sequence

import numpy as np

from diptych.data.graphs import Relation
from diptych.world.geometry import Floats

LATERAL, DEPTH, STACKED, NEAR = ("left of", "right of"), ("in front of", "behind"), ("on", "above", "below"), ("next to",)
PREDICATES: tuple[str, ...] = (*LATERAL, *DEPTH, *NEAR, *STACKED)
CONVERSE = {
    "left of": "right of", "right of": "left of", "in front of": "behind", "behind": "in front of",
    "next to": "next to", "above": "below", "below": "above",
}  # fmt: skip
SLANT = 0.6  # a direction must be at least this share of the other one
CLEAR = 0.35  # of a unit: less is level with
_NEAR = 0.5  # gap as a share of the pair's mean width


def relations(ground_N2: Floats, foot_N: Floats, boxes_N4: Floats, on: Sequence[int | None]) -> tuple[Relation, ...]:
    """All relations that hold, subject by subject.

    `ground_N2` are places to the viewer's right and away from the viewer, `foot_N` mean half widths, `boxes_N4` what is seen of each
    thing (left, top, right, bottom in fractions), `on` the index of the support.
    """
    n = len(foot_N)
    right, away = ground_N2[None, :, 0] - ground_N2[:, None, 0], ground_N2[None, :, 1] - ground_N2[:, None, 1]
    middle = (boxes_N4[:, 0] + boxes_N4[:, 2]) / 2
    # centres outside one another's span, or one cannot be said to be beside the other
    beside = (middle[:, None] < boxes_N4[None, :, 0]) & (middle[None, :] > boxes_N4[:, None, 2])
    gap = np.hypot(right, away) - foot_N[:, None] - foot_N[None, :]
    level = [i if base is None else base for i, base in enumerate(on)]
    stacked = np.equal.outer(level, level) & ~np.eye(n, dtype=bool)
    raised = np.array([base is not None for base in on], dtype=bool)
    left = beside & (right > CLEAR) & (right > SLANT * np.abs(away)) & ~(stacked & (raised[:, None] != raised[None, :]))
    front = (away > np.maximum(CLEAR, 0.5 * (foot_N[:, None] + foot_N[None, :]))) & (away > SLANT * np.abs(right))
    front &= ~(stacked & (raised[:, None] != raised[None, :]))
    near = (gap < _NEAR * (foot_N[:, None] + foot_N[None, :])) & (raised[:, None] == raised[None, :]) & ~np.eye(n, dtype=bool)
    near &= ~raised[:, None] | stacked  # two things on two tables are not next to each other
    found: list[Relation] = []
    for table, predicate in ((left, "left of"), (left.T, "right of"), (front, "in front of"), (front.T, "behind"), (near, "next to")):
        found += [Relation(i, predicate, j) for i, j in zip(*(axis.tolist() for axis in np.nonzero(table)), strict=True)]
    for i, base in enumerate(on):
        if base is not None:
            found += [Relation(i, "on", base), Relation(i, "above", base), Relation(base, "below", i)]
    order = {predicate: k for k, predicate in enumerate(PREDICATES)}
    return tuple(sorted(found, key=lambda r: (r.subject, r.object, order[r.predicate])))
