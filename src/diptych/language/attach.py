"""Which thing a participle or a preposition belongs to, by what kinds of thing are at hand."""

from dataclasses import dataclass, field

from diptych.data.graphs import Span
from diptych.language.lists import words
from diptych.language.scene import Scene
from diptych.language.wordnet import hypernyms, is_animate, kind

MOVING = frozenset(
    [
        "walk",
        "run",
        "drive",
        "travel",
        "pull",
        "fly",
        "move",
        "ride",
        "jump",
        "sail",
        "go",
        "come",
        "cross",
        "race",
        "swim",
        "roll",
        "roam",
        "wander",
        "speed",
        "turn",
        "pass",
        "land",
        "taxi",
        "float",
        "cruise",
        "arrive",
        "depart",
        "make",
        "head",
        "approach",
        "slide",
        "skate",
        "ski",
        "surf",
        "glide",
    ]
)
DIRECTED = frozenset(
    ["through", "into", "across", "down", "along", "toward", "over", "past", "off", "onto", "up", "from", "to", "around", "out", "of"]
)
VEHICLES = frozenset(["vehicle", "craft", "conveyance", "wheeled"])


@dataclass(slots=True)
class Verb:
    """A verb and what it has taken so far."""

    lemma: str
    subject: list[int]
    span: Span
    passive: bool
    objects: list[int] = field(default_factory=list)
    places: int = 0
    used: bool = False
    negated: bool = False


def instead_of_verb(lemma: str) -> bool:
    """ "The image shows", "is seen": the verb speaks of the picture."""
    return lemma in words("showing")


def _noun(scene: Scene, group: list[int]) -> str:
    return scene.things[group[-1]].noun if group and group[-1] >= 0 else ""


def _worn(scene: Scene, group: list[int]) -> bool:
    noun = _noun(scene, group)
    return noun in words("worn") or scene_head(noun) in words("worn") or kind(noun) == "b"


def scene_head(noun: str) -> str:
    """The last word of a compound."""
    return noun.rpartition(" ")[2]


def _mobile(noun: str) -> bool:
    return (
        is_animate(noun)
        or not hypernyms(noun, 5).isdisjoint(VEHICLES)
        or noun in ("train", "wave", "bus", "kite", "frisbee", "ball", "plane")
    )


def participle_subject(
    scene: Scene, lemma: str, transitive: bool, nouns: list[int], groups: list[list[int]], subject: list[int]
) -> list[int]:
    """Who does what an -ing form or participle after a noun phrase says: the nearest thing that can."""
    order = [group for group in reversed(groups) if group] or [nouns or subject]
    if lemma in MOVING and not transitive:
        able = [group for group in order if _mobile(_noun(scene, group))]
    elif lemma in words("posture") and not transitive:
        able = [group for group in order if not _worn(scene, group) and kind(_noun(scene, group)) not in ("l",)]
    elif lemma in words("state participles"):
        return nouns or order[0]
    else:
        able = [group for group in order if is_animate(_noun(scene, group))]
    return able[0] if able else nouns or order[0]


def preposition_subject(
    scene: Scene, predicate: str, group: list[int], verb: Verb | None, nouns: list[int], subject: list[int]
) -> tuple[list[int], Verb | None]:
    """What a prepositional phrase is said of, and the verb when it is said of what the verb's subject does."""
    target = _noun(scene, group)
    if verb is None:
        if nouns and nouns != subject and subject:
            if (_worn(scene, nouns) and predicate != "of") or (predicate in ("with",) and is_animate(target)):
                return subject, None
        return nouns or subject, None
    if not verb.used and not verb.objects:
        return verb.subject, verb
    last = _noun(scene, nouns)
    if verb.objects and not verb.places:
        if predicate == "with":
            return (verb.subject, verb) if verb.lemma in words("tool verbs") and not _holds(last) else (nouns, None)
        if verb.lemma in words("placing"):
            return (nouns, None) if kind(target) not in "lo" or verb.lemma == "have" else (verb.subject, verb)
        if scene_head(target) in words("holders") or predicate in ("of", "full of"):
            return nouns or verb.subject, None
        return verb.subject, verb
    if predicate == "with":
        if (
            (is_animate(target) or scene_head(target) in words("worn"))
            and verb.subject
            and is_animate(_noun(scene, verb.subject))
            and not is_animate(last)
        ):
            return verb.subject, None
        return nouns or verb.subject, None
    if predicate in DIRECTED:
        return verb.subject, verb
    if is_animate(target) and not is_animate(last):
        return verb.subject, None
    if _worn(scene, nouns):
        return verb.subject, None
    return nouns or verb.subject, None


def _holds(noun: str) -> bool:
    return kind(noun) == "e" or noun in words("holders")
