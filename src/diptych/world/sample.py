"""Draws scenes: the count first, then the things, then their places. A scene hangs on (seed, index) alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from diptych.data.draws import digest, generator, uniform
from diptych.data.errors import InputError
from diptych.world.arrange import Plan, arrange, sheet
from diptych.world.catalogue import (
    BY_GROUND,
    BY_LIGHT,
    BY_NOUN,
    CATEGORIES,
    COLOURS,
    GROUNDS,
    LIGHTS,
    MATERIALS,
    NUMBER,
    PATTERNS,
    PLAIN_COLOURS,
    SIZES,
    WORDS,
)  # fmt: skip
from diptych.world.geometry import BALLR, A, C, Floats, Ints, X, Z, templates, view
from diptych.world.scenes import Camera, Scene, Thing

Pair = tuple[str, str]
Count = tuple[str, int]
_RESTARTS = 60  # placements; sizes shrink on the way


@dataclass(frozen=True, slots=True)
class Options:
    """What scenes may hold. The defaults draw from everything by daylight on all grounds; narrower options make held-out axes."""

    least: int = 1
    most: int = 9
    nouns: tuple[str, ...] = tuple(c.noun for c in CATEGORIES)
    colours: tuple[str, ...] = tuple(COLOURS)
    sizes: tuple[str, ...] = tuple(SIZES)
    materials: tuple[str, ...] = MATERIALS
    words: tuple[str, ...] = WORDS
    never: frozenset[Pair] = frozenset()  # (noun, colour) pairs that no scene holds
    only: frozenset[Pair] = frozenset()  # every scene holds at least one of these pairs
    never_counts: frozenset[Count] = frozenset()  # (noun, n): no scene holds exactly n of it
    only_counts: frozenset[Count] = frozenset()  # with copies: (noun, n) of every scene is one of these
    copies: tuple[int, int] | None = None  # so many things of one noun and look, each of its own size, instead of least to most things
    others: tuple[int, int] = (0, 2)  # with copies: so many other things, each of a noun of its own
    tail: float = 0.0  # the k-th noun is k ** -tail times as common
    alike: float = 0.4  # chance that a thing repeats an earlier one's category
    stacked: float = 0.4  # chance that a thing stands on a table or cube where it can
    written: float = 0.8  # chance that a thing which can bear words does
    yaws: tuple[float, float] = (-180.0, 180.0)
    elevations: tuple[float, float] = (36.0, 44.0)
    suns: tuple[float, float] = (105.0, 160.0)
    grounds: tuple[str, ...] = tuple(g.name for g in GROUNDS)
    lights: tuple[str, ...] = (LIGHTS[0].name,)

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most <= 9:
            raise InputError(f"a scene holds 1 to 9 things with least <= most, got least={self.least}, most={self.most}")
        if self.copies is not None:
            self._check_copies(self.copies)
        known: dict[str, tuple[str, ...]] = {
            "nouns": tuple(BY_NOUN), "colours": tuple(COLOURS), "sizes": tuple(SIZES), "materials": MATERIALS, "words": WORDS,
            "grounds": tuple(BY_GROUND), "lights": tuple(BY_LIGHT),
        }  # fmt: skip
        for name, values in known.items():
            chosen = getattr(self, name)
            if (not chosen and name != "words") or not set(chosen) <= set(values):
                raise InputError(f"{name} must be some of {', '.join(values)}, got {chosen}")

    def _check_copies(self, copies: tuple[int, int]) -> None:
        if not (1 <= copies[0] <= copies[1] and 0 <= self.others[0] <= self.others[1] and copies[1] + self.others[1] <= 9):
            raise InputError(f"copies and others must be LEAST-MOST of together at most 9, got copies={copies}, others={self.others}")
        if len(self.nouns) <= self.others[1]:
            raise InputError(f"{self.others[1]} others need as many nouns besides the copies', got {len(self.nouns)} in all: name more")


def held_out_pairs(share: float, seed: int, options: Options = Options()) -> frozenset[Pair]:
    """A share of all (noun, colour) pairs for `never` in training and `only` in testing; no noun loses more than a fair part."""
    found: set[Pair] = set()
    for noun in options.nouns:
        ranked = sorted(options.colours, key=lambda colour: uniform(seed, "held out", noun, colour))
        whole, rest = divmod(share * len(ranked), 1.0)
        found.update((noun, colour) for colour in ranked[: int(whole) + (uniform(seed, "held out", noun) < rest)])
    return frozenset(found)


def held_out_counts(share: float, seed: int, options: Options) -> frozenset[Count]:
    """A share of all (noun, number) for `never_counts` in training and `only_counts` in testing; numbers are those of `copies`."""
    if options.copies is None:
        raise InputError("held-out counts are of scenes with copies: give copies")
    numbers = range(options.copies[0], options.copies[1] + 1)
    found: set[Count] = set()
    for noun in options.nouns:
        ranked = sorted(numbers, key=lambda number: uniform(seed, "held out", noun, number))
        whole, rest = divmod(share * len(ranked), 1.0)
        found.update((noun, number) for number in ranked[: int(whole) + (uniform(seed, "held out count", noun) < rest)])
    return frozenset(found)


def scene_at(options: Options, seed: int, index: int) -> Scene:
    """Scene number `index`, the same whoever asks and in whatever order; InputError where the options leave no arrangement."""
    rng = generator(seed, "scene", index)
    n = int(rng.integers(options.least, options.most + 1))  # drawn in every case, so that the camera's draws stay where they are
    camera = Camera(yaw=_round(rng.uniform(*options.yaws)), elevation=_round(rng.uniform(*options.elevations)))
    scene = Scene((), camera, str(rng.choice(options.grounds)), str(rng.choice(options.lights)), _round(rng.uniform(*options.suns)))
    things = _copies(options, rng) if options.copies else _contents(options, n, rng)
    n = len(things)
    for attempt in range(_RESTARTS):
        if attempt in (20, 40):
            things = tuple(smaller(replace(thing, on=None), options) for thing in things)
        found = placed(things, camera, int.from_bytes(digest(seed, "places", index, attempt)[:8], "little"))
        if found is not None:
            return replace(scene, things=found)
    raise InputError(f"no room for {n} things in scene {index} of seed {seed}: allow fewer things, smaller sizes or a steeper camera")


def _round(value: float) -> float:
    # what is written down is what is drawn
    return round(float(value), 4)


def _contents(options: Options, n: int, rng: np.random.Generator) -> tuple[Thing, ...]:
    for _ in range(400):
        things: list[Thing] = []
        for _ in range(n):
            things.append(thing_of(options, things, rng))
        if options.only:
            noun, colour = sorted(options.only)[int(rng.integers(len(options.only)))]
            things[int(rng.integers(n))] = dressed(options, noun, colour, rng)
        counts = Counter(thing.noun for thing in things)
        if not any((noun, count) in options.never_counts for noun, count in counts.items()):
            return _stacked(options, things, rng)
    raise InputError(f"never_counts={sorted(options.never_counts)} leaves no scene of {n} things: leave some counts in")


def _copies(options: Options, rng: np.random.Generator) -> tuple[Thing, ...]:
    noun, number = _counted(options, rng)
    colours = [colour for colour in options.colours if (noun, colour) not in options.never]
    if not colours:
        raise InputError(f"never=... leaves no colour for {noun!r}: take the noun out or leave it a colour")
    first = dressed(options, noun, colours[int(rng.integers(len(colours)))], rng)
    # sizes of their own, so that the area covered does not tell the number
    sizes = rng.integers(len(options.sizes), size=number).tolist()
    things = [replace(first, words="", size=options.sizes[size]) for size in sizes]
    rest = [other for other in options.nouns if other != noun]
    several = int(rng.integers(options.others[0], options.others[1] + 1))
    for other in rng.choice(rest, several, replace=False).tolist() if several else ():
        free = [colour for colour in options.colours if (other, colour) not in options.never] or list(options.colours)
        things.append(dressed(options, other, free[int(rng.integers(len(free)))], rng))
    return tuple(things[i] for i in rng.permutation(len(things)).tolist())


def _counted(options: Options, rng: np.random.Generator) -> Count:
    """The noun that comes several times, and how often: numbers are as common as each other, so that none is the likelier guess."""
    assert options.copies is not None
    if options.only_counts:
        return sorted(options.only_counts)[int(rng.integers(len(options.only_counts)))]
    number = int(rng.integers(options.copies[0], options.copies[1] + 1))
    free = [noun for noun in options.nouns if (noun, number) not in options.never_counts]
    if not free:
        raise InputError(f"never_counts={sorted(options.never_counts)} leaves no noun to have {number} of: leave some counts in")
    return free[_weighted(options, free, rng)], number


def _weighted(options: Options, nouns: Sequence[str], rng: np.random.Generator) -> int:
    """The place of a noun drawn by how common it is."""
    rank = {noun: place for place, noun in enumerate(options.nouns, 1)}
    weights = np.array([BY_NOUN[noun].common * rank[noun] ** -options.tail for noun in nouns])
    return int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), "right"))


def thing_of(options: Options, before: list[Thing], rng: np.random.Generator) -> Thing:
    """One more thing of the prior, which often repeats what was drawn before."""
    if before and rng.random() < options.alike:
        model = before[int(rng.integers(len(before)))]
        if rng.random() < 0.5:
            return model
        noun = model.noun
    else:
        noun = options.nouns[_weighted(options, options.nouns, rng)]
    colours = [colour for colour in options.colours if (noun, colour) not in options.never]
    if not colours:
        raise InputError(f"never=... leaves no colour for {noun!r}: take the noun out or leave it a colour")
    return dressed(options, noun, colours[int(rng.integers(len(colours)))], rng)


def dressed(options: Options, noun: str, colour: str, rng: np.random.Generator) -> Thing:
    """A thing whose size, material and words are of the prior."""
    words = ""
    if BY_NOUN[noun].words and options.words and rng.random() < options.written:
        words = options.words[int(rng.integers(len(options.words)))]
    plain = colour in PLAIN_COLOURS or bool(words)
    materials = [m for m in options.materials if not (plain and m in PATTERNS)] or ["matte"]
    size = options.sizes[int(rng.integers(len(options.sizes)))]
    if words and size == "small" and "large" in options.sizes:
        size = "large"  # small letters cannot be read
    return Thing(noun, colour, size, materials[int(rng.integers(len(materials)))], words)


def _stacked(options: Options, things: list[Thing], rng: np.random.Generator) -> tuple[Thing, ...]:
    # things that can are put on tables and cubes, made small for it; a support comes before what it bears
    foot, borne, on = templates().foot, Counter[int](), dict[int, int]()
    for i in rng.permutation(len(things)).tolist():
        thing = replace(things[i], size="small") if "small" in options.sizes and not things[i].words else things[i]
        if i in borne or BY_NOUN[thing.noun].holds or rng.random() >= options.stacked:
            continue
        bases = [j for j, base in enumerate(things) if j not in on and bears(base, thing, borne[j], foot)]
        if bases:
            on[i] = bases[int(rng.integers(len(bases)))]
            borne[on[i]] += 1
            things[i] = thing
    order = sorted(range(len(things)), key=lambda i: (max(i, on.get(i, i)), i in on))
    place = {i: k for k, i in enumerate(order)}
    return tuple(replace(things[i], on=place[on[i]]) if i in on else things[i] for i in order)


def bears(base: Thing, thing: Thing, borne: int, foot: Floats) -> bool:
    """Whether a thing can stand on a base that bears `borne` already."""
    if not BY_NOUN[base.noun].holds:
        return False
    room = foot[NUMBER[base.noun]] * SIZES[base.size]
    return borne < (2 if base.noun == "table" else 1) and bool((foot[NUMBER[thing.noun]].max() * SIZES[thing.size] <= 0.95 * room).all())


def smaller(thing: Thing, options: Options) -> Thing:
    """The thing one size smaller, if there is one."""
    order = [size for size in SIZES if size in options.sizes]
    return replace(thing, size=order[max(0, order.index(thing.size) - 1)])


def unplaced(things: tuple[Thing, ...]) -> tuple[Floats, Ints]:
    """The rows of the things' solids, scaled but still at the origin, and where each thing's rows begin."""
    shapes = templates()
    spans = [(shapes.first[NUMBER[t.noun]], shapes.first[NUMBER[t.noun] + 1]) for t in things]
    rows = np.concatenate([shapes.rows_RW[a:b] for a, b in spans])
    first = np.concatenate([[0], np.cumsum([b - a for a, b in spans])])
    return rows, first


def placed(things: tuple[Thing, ...], camera: Camera, seed: int) -> tuple[Thing, ...] | None:
    """The things where they stand, supports before what they bear; None where this seed finds no room."""
    shapes = templates()
    rows, first = unplaced(things)
    scales = np.array([SIZES[t.size] for t in things])
    each = np.repeat(scales, np.diff(first))[:, None]
    rows[:, A : C + 1] *= each
    rows[:, X : Z + 1] *= each
    rows[:, BALLR] *= each[:, 0]
    kinds = [NUMBER[t.noun] for t in things]
    foot = np.column_stack([shapes.foot[kinds], shapes.height[kinds]]) * scales[:, None]
    turns = np.radians([BY_NOUN[t.noun].turns for t in things])
    on = np.array([-1 if t.on is None else t.on for t in things])
    spots = np.zeros_like(rows), np.zeros((len(things), 4))
    plan, eye = Plan(rows, first, foot, turns, on), (view(camera), np.array(camera.target))
    if not arrange(plan, sheet(len(things)), eye, np.array([seed], dtype=np.uint64), spots):
        return None
    return tuple(
        replace(t, x=_round(x), y=_round(y), z=_round(z), yaw=_round(np.degrees(yaw)))
        for t, (x, y, z, yaw) in zip(things, spots[1], strict=True)
    )
