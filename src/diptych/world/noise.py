"""Alt-texts as the web has them: one or two facts, of eight labelled types. The label goes to the truth table only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from diptych.data.draws import Key
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.world.catalogue import CATEGORIES, COLOURS
from diptych.world.experts import DIRECTIONS, TURNED, mistaken, pick
from diptych.world.grammar import say
from diptych.world.latents import stream
from diptych.world.lookup import Known, Thing, know
from diptych.world.phrasing import PhrasingSet
from diptych.world.truth import Truth

# label -> share of the rows on its side
GOOD = {"exact-short": 0.6, "underspecified": 0.4}
HARMFUL = {
    "wrong-attribute": 0.20,
    "wrong-count": 0.15,
    "wrong-relation": 0.15,
    "swapped": 0.20,
    "metadata": 0.20,
    "duplicate": 0.10,
}
LABELS = (*GOOD, *HARMFUL)
_NAMES = ("Maria Lopez", "J. Okafor", "Anna Keller", "Tom Reed", "Li Wei", "P. Novak")
_MONTHS = ("January", "March", "May", "July", "September", "November")
_METADATA = (
    "IMG_{n}.jpg",
    "DSC0{n} copy",
    "Photo: {name}, {day} {month} {year}",
    "{name} on {month} {day}, {year}",
    "{n} - buy now, free shipping",
    "SKU {n}, in stock, 20% off",
    "{noun} {n} - best price online",
    "{noun}, {year}, by {name}",
)
_BOILERPLATE = (
    "click to enlarge",
    "stock photo",
    "product image",
    "home decor ideas for your living room",
    "the best gift for kids",
    "image may contain several objects",
)


@dataclass(frozen=True, slots=True)
class Alt:
    """An alt-text, the type of its noise, and what it says of the picture's things (nothing for names, dates and boilerplate)."""

    text: str
    label: str
    graph: SceneGraph


def alt_text(truth: Truth, *, noise: float, keys: tuple[Key, ...], other: Callable[[], Truth] | None = None) -> tuple[str, str]:
    """An alt-text and its label; `noise` is the share of rows with a harmful one, `other` gives the scene that a swapped text is of."""
    made = alt(truth, noise=noise, keys=keys, other=other)
    return made.text, made.label


def alt(
    truth: Truth, *, noise: float, keys: tuple[Key, ...], other: Callable[[], Truth] | None = None, phrasings: PhrasingSet = "seen"
) -> Alt:
    """The same with the graph behind the text."""
    draws = stream(24, "alt", truth.key, *keys).tolist()
    label = _label(draws[0], noise)
    known = know(truth)
    if label in ("metadata", "duplicate") or not known.things:
        return Alt(_useless(known, label, draws[1:]), label, SceneGraph())
    if label == "swapped":
        graph = _brief(know(other()), draws) if other else _elsewhere(draws)
    else:
        made = _MAKERS[label](known, draws)
        # one thing alone has no relations
        label, graph = (label, made) if made else ("wrong-attribute", _wrong_attribute(known, draws))
    told = say(graph, "alt", draws[12:], phrasings)
    return Alt(told.text, label, told.graph)


def _label(u: float, noise: float) -> str:
    table, rest = (HARMFUL, u / noise) if u < noise else (GOOD, (u - noise) / (1 - noise))
    for label, share in table.items():
        rest -= share
        if rest < 0:
            return label
    return next(reversed(table))


def _picked(known: Known, draws: Sequence[float]) -> list[Thing]:
    """One or two things of different nouns, the larger ones likelier."""
    first = int(draws[1] ** 2 * len(known.groups))
    chosen = [known.groups[first][0]]
    rest = [group for number, group in enumerate(known.groups) if number != first]
    if rest and draws[2] < 0.5:
        chosen.append(rest[int(draws[3] ** 2 * len(rest))][0])
    return chosen


def _entity(thing: Thing) -> Entity:
    colour = thing.values.get("colour")
    return Entity(thing.noun, 1, attributes=(Attribute(colour),) if colour else ())


def _brief(known: Known, draws: Sequence[float]) -> SceneGraph:
    things = _picked(known, draws) if known.things else []
    entities = [_entity(thing) for thing in things]
    # the second thing often comes without its colour
    return SceneGraph(tuple(replace(e, attributes=()) if n and draws[4] < 0.5 else e for n, e in enumerate(entities)))


def _underspecified(known: Known, draws: Sequence[float]) -> SceneGraph:
    return SceneGraph(tuple(Entity(known.kinds.get(t.noun) or t.noun, 1) for t in _picked(known, draws)))


def _wrong_attribute(known: Known, draws: Sequence[float]) -> SceneGraph:
    things = _picked(known, draws)
    # a colour that another thing of the noun has would be no error
    alike = {t.values.get("colour") for t in known.things if t.noun == things[0].noun}
    wrong = mistaken(known, things[0], "colour", draws[5])
    if wrong in alike:
        wrong = pick([c for c in COLOURS if c not in alike] or [wrong], draws[6])
    return SceneGraph((Entity(things[0].noun, 1, attributes=(Attribute(wrong),)), *map(_entity, things[1:])))


def _wrong_count(known: Known, draws: Sequence[float]) -> SceneGraph:
    thing = _picked(known, draws)[0]
    there = sum(t.noun == thing.noun for t in known.things)
    numbers = [n for n in range(2, there + 3) if n != there]
    return SceneGraph((Entity(thing.noun, numbers[int(draws[5] * len(numbers))]),))


def _wrong_relation(known: Known, draws: Sequence[float]) -> SceneGraph | None:
    pairs = [(i, o) for i, rows in known.near.items() for _, o in rows[:1] if known.things[i].noun != known.things[o].noun]
    if not pairs:
        return None
    one, two = pairs[int(draws[5] * len(pairs))]
    noun, other = known.things[one].noun, known.things[two].noun
    turned = TURNED.get(pick([p for p, o in known.near[one] if o == two], draws[6]))
    order = dict.fromkeys([turned or DIRECTIONS[0], *DIRECTIONS])
    # of things of one noun, no pair may bear it out
    things = known.things
    held = {p for i, rows in known.near.items() for p, o in rows if things[i].noun == noun and things[o].noun == other}
    false = [p for p in order if p not in held]
    return SceneGraph((Entity(noun, 1), Entity(other, 1)), (Relation(0, false[0], 1),)) if false else None


def _elsewhere(draws: Sequence[float]) -> SceneGraph:
    """What the text of some other scene would say."""
    nouns = [category.noun for category in CATEGORIES]
    first = Entity(pick(nouns, draws[5]), 1, attributes=(Attribute(pick(tuple(COLOURS), draws[6])),))
    return SceneGraph((first, Entity(pick(nouns, draws[7]), 1)) if draws[8] < 0.5 else (first,))


def _useless(known: Known, label: str, draws: Sequence[float]) -> str:
    if label != "metadata":
        return pick(_BOILERPLATE, draws[0])
    return pick(_METADATA, draws[0]).format(
        n=1000 + int(draws[1] * 9000),
        name=pick(_NAMES, draws[2]),
        day=1 + int(draws[3] * 28),
        month=pick(_MONTHS, draws[4]),
        year=2004 + int(draws[5] * 20),
        noun=known.groups[0][0].noun if known.groups else "photo",
    )


_MAKERS: dict[str, Callable[[Known, Sequence[float]], SceneGraph | None]] = {
    "exact-short": _brief,
    "underspecified": _underspecified,
    "wrong-attribute": _wrong_attribute,
    "wrong-count": _wrong_count,
    "wrong-relation": _wrong_relation,
}
