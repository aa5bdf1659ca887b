"""Questions about a picture with the answers that are true, for training and scoring; never in a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from diptych.data.draws import Key
from diptych.data.graphs import Statement
from diptych.world.catalogue import CATEGORIES
from diptych.world.experts import DIRECTIONS, TURNED, pick
from diptych.world.grammar import article, plural
from diptych.world.latents import stream
from diptych.world.lookup import PLAIN, Known, Thing, know
from diptych.world.phrasing import PhrasingSet
from diptych.world.truth import Truth

KINDS = ("exists", "count", "colour", "material", "relation")
_WORDINGS: dict[PhrasingSet, dict[str, tuple[str, ...]]] = {
    "seen": {
        "exists": ("Is there {a} in the picture?", "Is there {a} in the image?"),
        "count": ("How many {many} are there?", "How many {many} are there in the picture?"),
        "colour": ("What colour is the {n}?", "What color is the {n} in the picture?"),
        "material": ("What surface does the {n} have?", "What pattern does the {n} have?"),
        "relation": ("Is the {n} {p} the {o}?",),
    },
    "held_out": {
        "exists": ("Does the picture show {a}?", "Can you see {a} here?"),
        "count": ("What is the number of {many}?", "Count the {many}."),
        "colour": ("Which colour has the {n}?", "Name the colour of the {n}."),
        "material": ("How does the surface of the {n} look?", "Which finish has the {n}?"),
        "relation": ("Would you say that the {n} is {p} the {o}?", "Can the {n} be found {p} the {o}?"),
    },
}


@dataclass(frozen=True, slots=True)
class Quiz:
    """A question, its answer, and the statement that a yes/no question asks about."""

    kind: str
    text: str
    answer: str
    statement: Statement | None = None


def questions(truth: Truth, *, keys: tuple[Key, ...], each: int = 1, phrasings: PhrasingSet = "seen") -> tuple[Quiz, ...]:
    """Up to `each` questions of each kind; yes and no are equally likely answers where there is a choice."""
    known = know(truth)
    words = _WORDINGS[phrasings]
    found: list[Quiz] = []
    for kind, make in _MAKERS.items():
        seen: set[str] = set()
        for number in range(each):
            draws = stream(6, "question", truth.key, kind, number, *keys).tolist()
            quiz = make(known, draws, pick(words[kind], draws[5]))
            if quiz is not None and quiz.text not in seen:
                seen.add(quiz.text)
                found.append(quiz)
    return tuple(found)


def _exists(known: Known, draws: Sequence[float], wording: str) -> Quiz | None:
    yes = bool(known.groups) and draws[0] < 0.5
    if yes:
        noun = known.groups[int(draws[1] * len(known.groups))][0].noun
    else:
        # as often something that would fit the picture as something that would not
        absent = known.kin if known.kin and (draws[2] < 0.5 or not known.others) else known.others
        noun = CATEGORIES[absent[int(draws[1] * len(absent))]].noun
    return Quiz("exists", wording.format(a=article(noun)), "yes" if yes else "no", Statement(0, "exists", noun))


def _count(known: Known, draws: Sequence[float], wording: str) -> Quiz | None:
    if not known.groups:
        return None
    group = known.groups[int(draws[0] * len(known.groups))]
    return Quiz("count", wording.format(many=plural(group[0].noun)), str(len(group)))


def _colour(known: Known, draws: Sequence[float], wording: str) -> Quiz | None:
    thing = _single(known, draws[0], "colour")
    return Quiz("colour", wording.format(n=thing.noun), thing.values["colour"]) if thing else None


def _material(known: Known, draws: Sequence[float], wording: str) -> Quiz | None:
    # every other time one with a surface worth asking about
    patterned = _single(known, draws[0], "material") if draws[1] < 0.5 else None
    thing = patterned or _single(known, draws[0], "")
    return Quiz("material", wording.format(n=thing.noun), thing.values.get("material") or PLAIN["material"]) if thing else None


def _relation(known: Known, draws: Sequence[float], wording: str) -> Quiz | None:
    singles = {group[0].index for group in known.groups if len(group) == 1}
    pairs = [(i, p, o) for i, rows in known.near.items() for p, o in rows if i in singles and o in singles]
    if not pairs:
        return None
    one, predicate, two = pairs[int(draws[0] * len(pairs))]
    yes = draws[1] < 0.5
    if not yes:
        true = [p for p, o in known.near[one] if o == two]
        predicate = pick([p for p in dict.fromkeys(chain([TURNED.get(predicate, DIRECTIONS[0])], DIRECTIONS)) if p not in true], draws[2])
    noun, other = known.things[one].noun, known.things[two].noun
    statement = Statement(0, "relation", noun, predicate, other)
    return Quiz("relation", wording.format(n=noun, p=predicate, o=other), "yes" if yes else "no", statement)


def _single(known: Known, u: float, slot: str) -> Thing | None:
    """A thing that its noun alone tells from the others, with a value in the slot."""
    singles = [group[0] for group in known.groups if len(group) == 1 and (not slot or slot in group[0].values)]
    return singles[int(u * len(singles))] if singles else None


_MAKERS = {"exists": _exists, "count": _count, "colour": _colour, "material": _material, "relation": _relation}
