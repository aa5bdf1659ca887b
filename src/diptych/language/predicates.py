"""Predicates that say the same, the reverse, less, or the opposite of one another."""

from dataclasses import dataclass
from functools import lru_cache

# wording -> canonical wording, same direction
SYNONYMS = {
    "beside": "next to",
    "by": "next to",
    "alongside": "next to",
    "adjacent to": "next to",
    "at the side of": "next to",
    "close to": "near",
    "nearby": "near",
    "around": "near",
    "on top of": "on",
    "upon": "on",
    "atop": "on",
    "onto": "on",
    "under": "below",
    "underneath": "below",
    "beneath": "below",
    "over": "above",
    "inside": "in",
    "inside of": "in",
    "within": "in",
    "into": "in",
    "to the left of": "left of",
    "on the left of": "left of",
    "at the left of": "left of",
    "on the left side of": "left of",
    "to the right of": "right of",
    "on the right of": "right of",
    "at the right of": "right of",
    "on the right side of": "right of",
    "to the front of": "in front of",
    "ahead of": "in front of",
    "in back of": "behind",
    "at the back of": "behind",
    "have": "with",
    "has": "with",
    "facing": "face",
    "across from": "opposite",
    "carry": "hold",
    "contain": "hold",
    "made of": "of",
    "made from": "of",
}
# one direction of each pair is canonical; the key is the other with its ends exchanged
CONVERSES = {"right of": "left of", "below": "above", "behind": "in front of"}
SYMMETRIC = frozenset({"next to", "near", "opposite", "touch"})
# a before b rules out b before a
ONE_WAY = frozenset({"left of", "above", "in front of", "on", "in"})
WEAKER = {"next to": ("near",), "wear": ("with",), "hold": ("with",), "on": (), "in": ()}
CONTACT = frozenset({"on", "next to", "near", "in"})
POSTURES = frozenset(
    ("stand", "sit", "lie", "rest", "be", "place", "position", "locate", "situate", "set", "lay", "perch", "park", "put", "find")
)  # fmt: skip
_OTHERS = frozenset(
    ("at", "along", "across", "against", "through", "between", "among", "with", "for", "of", "to", "from", "down", "up", "off", "out",
     "toward", "towards", "past", "like", "amid", "via", "during", "without", "outside", "outside of", "far from", "away from", "up to",
     "out of", "on the side of", "in the middle of", "in the center of", "in the corner of", "at the bottom of", "at the top of",
     "at the end of", "at the base of", "on the back of", "on the front of", "on the edge of", "on the other side of",
     "on both sides of", "shaped like")
)  # fmt: skip
_VERBS = {"have", "has", "hold", "carry", "contain", "face", "facing", "touch"}
PREPOSITIONS = frozenset({*SYNONYMS, *SYNONYMS.values(), *CONVERSES, *CONVERSES.values(), *SYMMETRIC, *ONE_WAY} - _VERBS) | _OTHERS


@dataclass(frozen=True, slots=True)
class Sense:
    """A canonical predicate; `flip` exchanges its ends, `symmetric` holds both ways round."""

    name: str
    flip: bool = False
    symmetric: bool = False


@lru_cache(65536)
def sense(predicate: str) -> Sense:
    """The canonical form of a predicate; one that has none is its own."""
    name = SYNONYMS.get(predicate, predicate)
    if name in CONVERSES:
        return Sense(CONVERSES[name], flip=True)
    if name in SYMMETRIC:
        return Sense(name, symmetric=True)
    verb, preposition = split(name)
    if verb and preposition:  # the verb's subject stays the subject: "stand right of" has no converse
        return Sense(f"{verb} {SYNONYMS.get(preposition, preposition)}")
    return Sense(name)


@lru_cache(65536)
def split(predicate: str) -> tuple[str, str]:
    """Verb and preposition: ("sleep", "on"), ("ride", ""), ("", "left of")."""
    if predicate in PREPOSITIONS:
        return "", predicate
    verb, _, rest = predicate.partition(" ")
    return verb, rest if rest in PREPOSITIONS else ""


@lru_cache(65536)
def implied(predicate: str) -> tuple[Sense, ...]:
    """What else holds where this predicate does, itself first: "sleep on" makes "on" true, "next to" makes "near" true."""
    found = [sense(predicate)]
    verb, preposition = split(SYNONYMS.get(predicate, predicate))
    if verb and preposition:
        found.append(sense(preposition))
    found.extend(sense(weaker) for known in tuple(found) for weaker in WEAKER.get(known.name, ()))
    return tuple(dict.fromkeys(found))


@lru_cache(65536)
def bare(predicate: str) -> Sense | None:
    """What is left when a posture that tells little is put aside: "stand next to" -> next to; None for other predicates."""
    verb, preposition = split(predicate)
    return sense(preposition) if verb in POSTURES and preposition else None


def equivalent(one: str, other: str) -> Sense | None:
    """How `other` says what `one` says: its sense relative to `one` (`flip`: with the ends exchanged), None if it does not."""
    a, b = sense(one), sense(other)
    if a.name != b.name:
        return None
    return Sense(a.name, a.flip != b.flip, a.symmetric)


def opposed(one: str, other: str) -> bool:
    """Whether the two cannot hold of the same ordered pair: "left of" and "right of"."""
    a, b = implied(one)[-1], implied(other)[-1]
    return a.name == b.name and a.name in ONE_WAY and a.flip != b.flip
