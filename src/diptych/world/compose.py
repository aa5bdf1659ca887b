"""A scene composed from what a text states; what it leaves open is drawn from the prior."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from diptych.data.graphs import Entity, Relation, SceneGraph
from diptych.language.predicates import sense
from diptych.world.catalogue import BY_GROUND, BY_NOUN, CATEGORIES, COLOURS, LIGHTS, MATERIALS, SIZES
from diptych.world.geometry import templates, view
from diptych.world.relations import CLEAR, SLANT
from diptych.world.sample import Options, bears, dressed, placed, smaller, thing_of
from diptych.world.scenes import Camera, Scene, Thing

MOST = 9  # things in a scene
ARRANGEMENTS = 12  # tried at most; the one that bears out the most places stands: one place alone then fails in 1 of 25
_PRIOR = Options()
_RESTARTS = 40
_NEAR = 1.6  # between middles, in units of about one medium object


@dataclass(frozen=True, slots=True)
class Wish:
    """Things to draw and who belongs to what entity; `places` are relations between entities that are to hold, where they can."""

    things: tuple[Thing, ...]
    owners: tuple[int, ...]  # entity of each thing, -1 for what nobody asked for
    places: tuple[Relation, ...] = ()


def nouns_for(noun: str) -> tuple[str, ...]:
    """Categories that the noun may name: itself, or all of a kind."""
    return (noun,) if noun in BY_NOUN else tuple(c.noun for c in CATEGORIES if noun in (c.kind, c.family))


def wish(graph: SceneGraph, rng: np.random.Generator, additions: bool = False) -> Wish:
    """Everything that the graph states and the world can show, up to nine things; unstated values and numbers are of the prior."""
    words = {quote.entity: quote.words for quote in graph.texts}
    things: list[Thing] = []
    owners: list[int] = []
    for number, entity in enumerate(graph.entities):
        nouns = nouns_for(entity.noun)
        if not nouns or entity.negated or entity.hedged:
            continue
        noun = nouns[int(rng.integers(len(nouns)))]
        for _ in range(_many(entity, rng)):
            if len(things) < MOST:
                things.append(_as_stated(noun, entity, words.get(number, ""), rng))
                owners.append(number)
    if additions or not things:
        for _ in range(max(1 - len(things), int(rng.integers(1, MOST + 1)) - len(things))):
            things.append(thing_of(_PRIOR, things, rng))
            owners.append(-1)
    return Wish(tuple(things), tuple(owners), graph.relations)


def compose(wanted: Wish, rng: np.random.Generator) -> Scene:
    """A scene of the things, arranged so that most of the places hold."""
    camera = Camera(yaw=round(float(rng.uniform(-180, 180)), 4), elevation=round(float(rng.uniform(36, 44)), 4))
    scene = Scene((), camera, str(rng.choice(list(BY_GROUND))), LIGHTS[0].name, round(float(rng.uniform(105, 160)), 4))
    things, owners = _stacked(wanted)
    best: tuple[int, tuple[Thing, ...]] | None = None
    tried = 0
    for attempt in range(_RESTARTS):
        if attempt in (12, 24):
            things = tuple(smaller(replace(thing, on=None), _PRIOR) for thing in things)
        found = placed(things, camera, int(rng.integers(1 << 62)))
        if found is None:
            continue
        held = _held(found, owners, wanted.places, camera)
        best = max(best, (held, found), key=lambda one: one[0]) if best else (held, found)
        tried += 1
        if tried == ARRANGEMENTS or held == len(wanted.places):
            break
    # a crowd that finds no room loses its last things
    return replace(scene, things=best[1]) if best else compose(Wish(wanted.things[:-1], wanted.owners[:-1], wanted.places), rng)


def _many(entity: Entity, rng: np.random.Generator) -> int:
    if entity.count is not None or entity.at_least is None:
        return max(1, entity.count or 1)
    return entity.at_least + int(rng.integers(0, 2))  # "some" of the prior are two or three


def _as_stated(noun: str, entity: Entity, words: str, rng: np.random.Generator) -> Thing:
    stated = [_known(value) for value in entity.values]
    colour = next((v for v in stated if v in COLOURS), None) or list(COLOURS)[int(rng.integers(len(COLOURS)))]
    thing = dressed(_PRIOR, noun, colour, rng)
    material = next((v for v in stated if v in MATERIALS), thing.material)
    size = next((v for v in stated if v in SIZES), thing.size)
    return replace(thing, material=material, size=size, words=words if words and BY_NOUN[noun].words else thing.words)


def _known(value: str) -> str:
    return {"little": "small", "tiny": "small", "big": "large", "huge": "large", "checked": "checkered"}.get(value, value)


def _stacked(wanted: Wish) -> tuple[tuple[Thing, ...], tuple[int, ...]]:
    """The things with their supports, a support before what it bears."""
    on: dict[int, int] = {}
    borne = Counter[int]()
    things = list(wanted.things)
    for place in wanted.places:
        meant = sense(place.predicate)
        if meant.name in ("on", "above"):
            ends = (place.object, place.subject) if meant.flip else (place.subject, place.object)
            _stand(things, wanted.owners, ends, on, borne)
    order = sorted(range(len(things)), key=lambda i: (max(i, on.get(i, i)), i in on))
    where = {i: k for k, i in enumerate(order)}
    ordered = tuple(replace(things[i], on=where[on[i]]) if i in on else things[i] for i in order)
    return ordered, tuple(wanted.owners[i] for i in order)


def _stand(things: list[Thing], owners: Sequence[int], ends: tuple[int, int], on: dict[int, int], borne: Counter[int]) -> None:
    foot = templates().foot
    for i in (i for i, owner in enumerate(owners) if owner == ends[0] and i not in on and i not in borne):
        for base in (j for j, owner in enumerate(owners) if owner == ends[1] and j not in on):
            small = replace(things[i], size="small")
            if bears(things[base], small, borne[base], foot):
                things[i], on[i] = small, base
                borne[base] += 1
                break


def _held(things: Sequence[Thing], owners: Sequence[int], places: Sequence[Relation], camera: Camera) -> int:
    sight = view(camera)
    right = sight[3:5]
    spots = [(t.x * right[0] + t.y * right[1], -t.x * right[1] + t.y * right[0]) for t in things]
    members: Mapping[int, list[int]] = {o: [i for i, owner in enumerate(owners) if owner == o] for o in set(owners)}
    pairs = [(p, [(i, j) for i in members.get(p.subject, []) for j in members.get(p.object, []) if i != j]) for p in places]
    return sum(any(_holds(p.predicate, things, spots, i, j) for i, j in ends) for p, ends in pairs)


def _holds(predicate: str, things: Sequence[Thing], spots: Sequence[tuple[float, float]], i: int, j: int) -> bool:
    meant = sense(predicate)
    if meant.flip:
        i, j = j, i
    across, away = spots[j][0] - spots[i][0], spots[j][1] - spots[i][1]
    if meant.name in ("left of", "in front of"):
        along, aside = (across, away) if meant.name == "left of" else (away, across)
        return along > CLEAR and along > SLANT * abs(aside)
    if meant.name in ("on", "above"):
        return things[i].on == j
    return meant.symmetric and (across * across + away * away) ** 0.5 < _NEAR
