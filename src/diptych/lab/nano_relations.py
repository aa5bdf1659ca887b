"""Things and their relations as truth has them, for the answerer's relation head. No picture is rendered."""

# n scenes, K things at most, F numbers of each, R relations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.lab.nano_examples import MOST, things_of
from diptych.models.answerer_head import PREDICATES
from diptych.world.catalogue import CATEGORIES, COLOURS, MATERIALS, SIZES
from diptych.world.source import world_source

LABELS = (len(CATEGORIES), len(COLOURS), len(SIZES), len(MATERIALS))


def relation_columns(address: str) -> dict[str, NDArray[Any]]:
    """`things` float32 (n, K, F) in the manner of `region_boxes.table`, `real` (n, K), `holds` (n, K, K, R)."""
    world = world_source(address)
    things = np.zeros((len(world), MOST, 5 + sum(LABELS)), np.float32)
    real, holds = np.zeros((len(world), MOST), bool), np.zeros((len(world), MOST, MOST, len(PREDICATES)), bool)
    for n in range(len(world)):
        truth = world.truth(n)
        boxes, labels = things_of(truth)
        real[n] = labels[:, 0] >= 0
        things[n] = told(boxes, labels)
        for relation in truth.graph.relations:
            if relation.predicate in PREDICATES:
                holds[n, relation.subject, relation.object, PREDICATES.index(relation.predicate)] = True
    return {"things": things, "real": real, "holds": holds}


def told(boxes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(K, F): score 1, middle and sides, and certainty of every label."""
    ones = [np.eye(count, dtype=np.float32)[np.maximum(labels[:, slot], 0)] for slot, count in enumerate(LABELS)]
    sides = boxes[:, 2:] - boxes[:, :2]
    made: np.ndarray = np.concatenate([np.ones((len(boxes), 1), np.float32), boxes[:, :2] + sides / 2, sides, *ones], 1)
    return made * (labels[:, :1] >= 0)
