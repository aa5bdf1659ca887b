"""What is true of a scene from a camera, without rendering it: a coarse pass of rays finds what is seen, where and how far."""

from dataclasses import replace

import numpy as np

from diptych.arrays.masks import encode
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.regions import Box, Region
from diptych.world.catalogue import BY_NOUN, NUMBER, SIZES
from diptych.world.geometry import Floats, templates, view
from diptych.world.ground import SKY_DEPTH
from diptych.world.letters import word_ratios
from diptych.world.relations import relations
from diptych.world.render import Rendered, rows_of
from diptych.world.scenes import Camera, Scene, Thing, key_of
from diptych.world.survey import ALONE, DEPTH, NEAREST, SEEN, SEEN_BOX, WORDS_ALONE, WORDS_BOX, WORDS_SEEN, survey
from diptych.world.truth import Truth

GRID = 96  # rays a side
LEAST = 12 * (GRID / 64) ** 2  # fewer rays and the thing cannot be told, so truth leaves it out
READABLE = 0.9  # share of the words that must be seen
LETTERS_TALL = 5  # rays
KINDS = {category.noun: category.kind for category in BY_NOUN.values() if category.kind}


def truth_of(scene: Scene, camera: Camera | None = None) -> Truth:
    """Entities in the order of the scene's things, those left out that are hidden or out of frame; region ids are `t` + that order.

    Attributes are the colour, the size unless medium, the material unless matte. A region's depth runs from 0 for the nearest to 1
    for the farthest point of the picture along the line of sight.
    """
    eye = camera or scene.camera
    rows, first = rows_of(scene)
    sight = view(eye)
    stats, _ = survey(rows, first, word_ratios(), sight, GRID)
    seen = [i for i in range(len(scene.things)) if stats[i, SEEN] >= LEAST]
    regions = _regions(scene, stats, sight, seen)
    entities = tuple(_entity(scene.things[i], f"t{i}") for i in seen)
    place = {i: k for k, i in enumerate(seen)}
    quotes = tuple(Quote(r.label, place[int(r.parents[0][0][1:])]) for r in regions if r.kind == "text")
    return Truth(key_of(scene, eye), SceneGraph(entities, _relations(scene, stats, sight, seen), quotes), regions, KINDS)


def masked(truth: Truth, rendered: Rendered) -> Truth:
    """The same truth with the masks of a rendered picture; things of which it shows no pixel keep their box."""
    regions = []
    for region in truth.regions:
        pixels = rendered.instances == (int(region.id[1:]) + 1 if region.kind == "object" else 0)
        regions.append(replace(region, shape=encode(pixels)) if region.kind == "object" and pixels.any() else region)
    return replace(truth, regions=tuple(regions))


def _entity(thing: Thing, region: str) -> Entity:
    values = [thing.colour]
    if thing.size != "medium":
        values.insert(0, thing.size)
    if thing.material != "matte":
        values.append(thing.material)
    return Entity(thing.noun, 1, attributes=tuple(Attribute(value) for value in values), region=region)


def depth_range(sight: Floats, nearest: float) -> tuple[float, float]:
    """Least and greatest depth of a picture whose nearest thing is at `nearest`: the ground at its lower and upper edge, or the sky."""
    edges = [sight[11] + side * sight[12] * sight[8] for side in (-1, 1)]
    low, high = (min(SKY_DEPTH, -sight[2] / edge) if edge < -1e-9 else SKY_DEPTH for edge in edges)
    return min(low, nearest), high


def _regions(scene: Scene, stats: Floats, sight: Floats, seen: list[int]) -> tuple[Region, ...]:
    low, high = depth_range(sight, min((stats[i, NEAREST] for i in seen), default=SKY_DEPTH))
    found: list[Region] = []
    for i in seen:
        s, thing = stats[i].tolist(), scene.things[i]
        depth = min(1.0, max(0.0, float((s[DEPTH] / s[SEEN] - low) / (high - low))))
        found.append(Region(f"t{i}", _box(s, SEEN_BOX), "object", thing.noun, depth=depth, score=s[SEEN] / s[ALONE]))
        if thing.words and _readable(s):
            share = s[WORDS_SEEN] / s[WORDS_ALONE]
            found.append(Region(f"t{i}w", _box(s, WORDS_BOX), "text", thing.words, depth=depth, score=share, parents=((f"t{i}", "on"),)))
    return tuple(found)


def _readable(stats: list[float]) -> bool:
    left, top, right, bottom = stats[WORDS_BOX : WORDS_BOX + 4]
    whole = left > 0 and top > 0 and right < GRID and bottom < GRID
    return whole and bottom - top >= LETTERS_TALL and stats[WORDS_SEEN] >= READABLE * stats[WORDS_ALONE]


def _box(stats: list[float], at: int) -> Box:
    left, top, right, bottom = (value / GRID for value in stats[at : at + 4])
    return Box(left, top, right, bottom)


def _relations(scene: Scene, stats: Floats, sight: Floats, seen: list[int]) -> tuple[Relation, ...]:
    things = [scene.things[i] for i in seen]
    place = {i: k for k, i in enumerate(seen)}
    right = sight[3:5]
    ground = np.array([(t.x, t.y) for t in things]).reshape(-1, 2) @ np.array([right, (-right[1], right[0])]).T
    foot = templates().foot[[NUMBER[t.noun] for t in things]].mean(axis=1) * [SIZES[t.size] for t in things]
    return relations(ground, foot, stats[seen, SEEN_BOX : SEEN_BOX + 4] / GRID, [None if t.on is None else place.get(t.on) for t in things])
