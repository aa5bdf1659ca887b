"""Truths made by hand and by lot, without the renderer."""

import random

from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.pictures import Picture
from diptych.data.regions import Box, Region
from diptych.models.addresses import open_model
from diptych.world.catalogue import CATEGORIES, COLOURS, WORDS
from diptych.world.schemes import schemes
from diptych.world.truth import Truth

KINDS = {category.noun: category.kind for category in CATEGORIES if category.kind}


def entity(noun, *values, region=""):
    return Entity(noun, 1, attributes=tuple(Attribute(value) for value in values), region=region)


def hand_made() -> Truth:
    """A small red shiny mug on a blue table that says OPEN, left of two green ducks; the second is striped and far away."""
    things = (
        entity("mug", "red", "small", "shiny", region="t0"),
        entity("table", "blue", region="t1"),
        entity("duck", "green", region="t2"),
        entity("duck", "green", "striped", region="t3"),
    )
    boxes = (Box(0.2, 0.3, 0.35, 0.5), Box(0.1, 0.4, 0.5, 0.8), Box(0.6, 0.5, 0.8, 0.8), Box(0.9, 0.1, 0.95, 0.15))
    regions = tuple(
        Region(t.region, box, label=t.noun, depth=depth, score=1.0)
        for t, box, depth in zip(things, boxes, (0.2, 0.3, 0.1, 0.9), strict=True)
    )
    relations = (
        Relation(0, "on", 1),
        Relation(1, "below", 0),
        Relation(1, "left of", 2),
        Relation(2, "right of", 1),
        Relation(2, "in front of", 3),
    )
    return Truth("hand", SceneGraph(things, relations, (Quote("OPEN", 1),)), regions, KINDS)


def truth(number: int, things: int | None = None, *, alike: bool = True) -> Truth:
    """A truth by lot; relations follow from the boxes."""
    lot = random.Random(number)
    n = things or lot.randint(1, 9)
    nouns = lot.sample([category.noun for category in CATEGORIES], n)
    if alike and n > 2 and lot.random() < 0.5:
        nouns[1] = nouns[0]
    entities, regions, texts = [], [], []
    for index, noun in enumerate(nouns):
        values = [lot.choice(list(COLOURS)), lot.choice(["small", "large", "medium"]), lot.choice(["striped", "shiny", "matte"])]
        left, top, side = lot.uniform(0.0, 0.8), lot.uniform(0.0, 0.8), lot.uniform(0.1, 0.2)
        entities.append(entity(noun, *(v for v in values if v not in ("medium", "matte")), region=f"t{index}"))
        regions.append(Region(f"t{index}", Box(left, top, left + side, top + side), label=noun, depth=1 - top, score=1.0))
        if lot.random() < 0.3:
            texts.append(Quote(lot.choice(WORDS), index))
    relations = [Relation(i, p, j) for i in range(n) for j in range(n) if i != j for p in _between(regions[i].box, regions[j].box)]
    return Truth(f"key{number}", SceneGraph(tuple(entities), tuple(relations), tuple(texts)), tuple(regions), KINDS)


def _between(one: Box, other: Box) -> list[str]:
    found = []
    if one.right < other.left:
        found.append("left of")
    if one.left > other.right:
        found.append("right of")
    if one.top > other.top + 0.2:
        found.append("in front of")
    if one.top < other.top - 0.2:
        found.append("behind")
    return found


def table(*truths: Truth) -> dict[str, Truth]:
    return {one.key: one for one in truths}


def picture(key: str, **more) -> Picture:
    return Picture(key, 64, 64, lambda: None, **more)


def opened(address: str, truths: dict[str, Truth], ability: type, seed: int = 0):
    return open_model(address, ability, schemes(truths, seed))
