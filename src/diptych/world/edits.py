"""Scenes that differ from a scene by exactly one fact: a colour, a surface, a kind of thing, words, a number or a place."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from diptych.data.draws import Key, generator
from diptych.data.errors import InputError
from diptych.data.graphs import Entity, Relation, SceneGraph
from diptych.world.catalogue import BY_NOUN, CATEGORIES, COLOURS, MATERIALS, NUMBER, PATTERNS, PLAIN_COLOURS, SIZES, WORDS
from diptych.world.facts import truth_of
from diptych.world.geometry import templates
from diptych.world.scenes import Scene, Thing

MOST_EDITS = 9
_TRIES = 200
_STEP = 0.6  # units of about one medium object
Pair = frozenset[int]


def edits(scene: Scene, number: int, *, keys: tuple[Key, ...]) -> tuple[Scene, ...]:
    """So many different scenes, each of which differs from this one by one fact, and so from each other by one or two.

    More of them begin with the same. What differs is drawn by its sort first, so that places and numbers are as common as colours
    where the scene allows them. Raises InputError where it allows too few.
    """
    if not 0 <= number <= MOST_EDITS:
        raise InputError(f"a scene is edited 0 to {MOST_EDITS} times, got {number}")
    rng = generator("edits", *keys)
    truth = truth_of(scene).graph
    found: list[Scene] = []
    for _ in range(_TRIES):
        if len(found) == number:
            break
        edited = _SORTS[int(rng.integers(len(_SORTS)))](scene, rng)
        if edited is not None and edited not in found and difference(truth, truth_of(edited).graph):
            found.append(edited)
    if len(found) < number:
        raise InputError(f"a scene of {len(scene.things)} things has only {len(found)} edits of one fact in {_TRIES} tries, not {number}")
    return tuple(found)


def difference(one: SceneGraph, other: SceneGraph) -> str:
    """The kind of the one fact in which two truths differ: exists, attribute, text, count, relation; empty for none or more than one."""
    if len(one.entities) != len(other.entities):
        return "count" if one.texts == other.texts and _one_alike_fewer(one, other) else ""
    places = _places(one) != _places(other)
    changed = [(a, b) for a, b in zip(one.entities, other.entities, strict=True) if (a.noun, a.values) != (b.noun, b.values)]
    words = [(a, b) for a, b in zip(one.texts, other.texts, strict=False) if a != b]
    if len(one.texts) != len(other.texts) or places + len(changed) + len(words) != 1:
        return ""
    if places:
        return "relation" if len(_pairs_apart(one, other)) == 1 else ""
    return _entity_difference(*changed[0]) if changed else "text"


def _entity_difference(a: Entity, b: Entity) -> str:
    if a.noun != b.noun:
        return "exists" if a.values == b.values else ""
    apart = {*a.values} ^ {*b.values}
    # another value, or one that goes unsaid where it is the plain one
    return "attribute" if len(apart) <= 2 and abs(len(a.values) - len(b.values)) <= 1 and len({*a.values} - {*b.values}) <= 1 else ""


def _one_alike_fewer(one: SceneGraph, other: SceneGraph) -> bool:
    """Whether one side lacks one thing that looks like another that stays, and all else is as it was."""
    more, fewer = (one, other) if len(one.entities) > len(other.entities) else (other, one)
    looks = [(e.noun, e.values) for e in fewer.entities]
    for gone, entity in enumerate(more.entities):
        left = [(e.noun, e.values) for i, e in enumerate(more.entities) if i != gone]
        if left == looks and (entity.noun, entity.values) in looks:
            kept = {_moved(r, gone) for r in more.relations if gone not in (r.subject, r.object)}
            if kept == {(r.subject, r.predicate, r.object) for r in fewer.relations}:
                return True
    return False


def _moved(relation: Relation, gone: int) -> tuple[int, str, int]:
    return relation.subject - (relation.subject > gone), relation.predicate, relation.object - (relation.object > gone)


def _places(graph: SceneGraph) -> set[tuple[int, str, int]]:
    return {(r.subject, r.predicate, r.object) for r in graph.relations}


def _pairs_apart(one: SceneGraph, other: SceneGraph) -> set[Pair]:
    return {frozenset((subject, object)) for subject, _, object in _places(one) ^ _places(other)}


def _with(scene: Scene, index: int, thing: Thing) -> Scene:
    return replace(scene, things=(*scene.things[:index], thing, *scene.things[index + 1 :]))


def _any(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _recoloured(scene: Scene, rng: np.random.Generator) -> Scene | None:
    index = int(rng.integers(len(scene.things)))
    thing = scene.things[index]
    others = [c for c in COLOURS if c != thing.colour and not (c in PLAIN_COLOURS and thing.material in PATTERNS)]
    return _with(scene, index, replace(thing, colour=_any(others, rng)))


def _resurfaced(scene: Scene, rng: np.random.Generator) -> Scene | None:
    index = int(rng.integers(len(scene.things)))
    thing = scene.things[index]
    plain = thing.colour in PLAIN_COLOURS or bool(thing.words)
    others = [m for m in MATERIALS if m != thing.material and not (plain and m in PATTERNS)]
    return _with(scene, index, replace(thing, material=_any(others, rng)))


def _another(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Another thing of the family in the same place: it passes where its outline leaves all places as they were."""
    index = int(rng.integers(len(scene.things)))
    thing = scene.things[index]
    kin = [c.noun for c in CATEGORIES if c.family == BY_NOUN[thing.noun].family and c.noun != thing.noun and c.words >= bool(thing.words)]
    borne = any(other.on == index for other in scene.things)
    return None if borne or not kin else _with(scene, index, replace(thing, noun=_any(kin, rng)))


def _reworded(scene: Scene, rng: np.random.Generator) -> Scene | None:
    written = [i for i, thing in enumerate(scene.things) if thing.words]
    if not written:
        return None
    index = written[int(rng.integers(len(written)))]
    others = [word for word in WORDS if word != scene.things[index].words]
    return _with(scene, index, replace(scene.things[index], words=_any(others, rng)))


def _one_fewer(scene: Scene, rng: np.random.Generator) -> Scene | None:
    looks = [(t.noun, t.colour, t.size, t.material) for t in scene.things]
    borne = {t.on for t in scene.things}
    twins = [i for i, look in enumerate(looks) if looks.count(look) > 1 and i not in borne and not scene.things[i].words]
    if not twins:
        return None
    gone = twins[int(rng.integers(len(twins)))]
    left = tuple(t if t.on is None or t.on < gone else replace(t, on=t.on - 1) for i, t in enumerate(scene.things) if i != gone)
    return replace(scene, things=left)


def _exchanged(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Two things in each other's places."""
    borne = {t.on for t in scene.things}
    free = [i for i, t in enumerate(scene.things) if t.on is None and i not in borne]
    if len(free) < 2:
        return None
    i, j = (free[int(k)] for k in rng.choice(len(free), 2, replace=False))
    one, two = scene.things[i], scene.things[j]
    return _with(_with(scene, i, replace(one, x=two.x, y=two.y)), j, replace(two, x=one.x, y=one.y))


def _shifted(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """One thing a step aside, where it stands clear of the others: it passes where one pair alone is placed anew."""
    borne = {t.on for t in scene.things}
    free = [i for i, t in enumerate(scene.things) if t.on is None and i not in borne]
    if not free or len(scene.things) < 2:
        return None
    index = free[int(rng.integers(len(free)))]
    thing, (x, y) = scene.things[index], rng.normal(0.0, _STEP, 2).tolist()
    moved = replace(thing, x=round(thing.x + x, 4), y=round(thing.y + y, 4))
    clear = all(_gap(moved, other) > 0 for i, other in enumerate(scene.things) if i != index and other.on is None)
    return _with(scene, index, moved) if clear else None


def _gap(one: Thing, other: Thing) -> float:
    reach = sum(float(templates().foot[NUMBER[t.noun]].max()) * SIZES[t.size] for t in (one, other))
    return float(np.hypot(one.x - other.x, one.y - other.y)) - reach


_SORTS: tuple[Callable[[Scene, np.random.Generator], Scene | None], ...] = (
    _recoloured, _resurfaced, _another, _reworded, _one_fewer, _exchanged, _shifted, _shifted,
)  # fmt: skip
