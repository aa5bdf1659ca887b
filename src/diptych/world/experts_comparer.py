"""`sim:comparer`: says in words what a picture shows that a painting of it shows otherwise or not at all, with misses and false alarms."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from diptych.data.draws import digest
from diptych.data.graphs import Statement
from diptych.language.facts import Fact, Facts
from diptych.language.sentence import sentence
from diptych.models.abilities import CompareRequest, Differences, Failed
from diptych.world.catalogue import BY_NOUN, CATEGORIES, COLOURS, WORDS
from diptych.world.experts import DIRECTIONS, TURNED, mistaken, pick
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, SLOT_OF, Known, Lookup
from diptych.world.rates import ComparerRates

MOST = 5  # differences told of one painting
_ORDER = ("exists", "count", "attribute", "text", "relation")  # what strikes first


@dataclass(frozen=True, slots=True)
class SimulatedComparer:
    """Two pictures to sentences about the first."""

    lookup: Lookup
    rates: ComparerRates
    voice: Voice
    facts: dict[str, Facts] = field(default_factory=dict, compare=False, repr=False)

    def compare(self, requests: list[CompareRequest]) -> list[Differences | Failed]:
        """Up to `MOST` differences for each request: things first, the largest before all."""
        return [self._one(request) for request in requests]

    def _one(self, request: CompareRequest) -> Differences | Failed:
        known, other = self.lookup.find(request.picture), self.lookup.find(request.other)
        if known is None or other is None:
            return ABSENT
        painting = int.from_bytes(digest("painting", other.key, request.draw)[:6], "little")
        if self.voice.alone(1, known.key, "guesses", painting)[0] < self.rates.guessing:
            return Differences(self._guesses(known, painting))
        found = sorted(self._seen(known, other, painting), key=lambda one: (_ORDER.index(one[0].kind), -one[1]))
        return Differences(tuple(dict.fromkeys(sentence(statement) for statement, _ in found))[:MOST])

    def _guesses(self, known: Known, painting: int) -> tuple[str, ...]:
        draws = self.voice.alone(2 * MOST, known.key, "guessed", painting)
        nouns, colours = [c.noun for c in CATEGORIES], tuple(COLOURS)
        made = (Statement(0, "attribute", pick(nouns, u), pick(colours, v)) for u, v in zip(draws[:MOST], draws[MOST:], strict=True))
        return tuple(dict.fromkeys(map(sentence, made)))

    def _seen(self, known: Known, other: Known, painting: int) -> Iterator[tuple[Statement, float]]:
        """What it tells of, with the area concerned."""
        facts = self._facts(known)
        shown = facts.covered(other.graph)
        for place, fact in enumerate(facts.list):
            noticed, wrong, which = self.voice.draws(3, known.key, f"differs {fact}", painting)
            area = max((known.things[i].box.area for i in fact.entities), default=0.0)
            if place in shown:
                if noticed < self.rates.false_alarm:
                    yield _wrongly(known, fact, which), area
            elif noticed >= self._missed(fact):
                yield _wrongly(known, fact, which) if wrong < self.rates.misread else _rightly(known, fact), area
        for noun, things in {group[0].noun: group for group in other.groups}.items():
            unseen = self.voice.draws(1, known.key, f"not there {noun}", painting)[0] < self.rates.missed
            if not known.index.matching(noun) and not unseen:
                yield Statement(0, "exists", noun, negated=True), things[0].box.area

    def _missed(self, fact: Fact) -> float:
        kinds = {"count": self.rates.count_missed, "relation": self.rates.relation_missed, "text": self.rates.text_missed}
        return kinds.get(fact.kind, self.rates.missed)

    def _facts(self, known: Known) -> Facts:
        if known.key not in self.facts:
            if len(self.facts) > 4096:
                self.facts.clear()
            self.facts[known.key] = Facts(known.index)
        return self.facts[known.key]


def _rightly(known: Known, fact: Fact) -> Statement:
    """The fact as a statement; a thing that is missing is told with its colour."""
    subject = known.things[fact.entities[0]] if fact.entities else None
    noun = subject.noun if subject else ""
    if fact.kind == "exists":
        assert subject is not None
        colour = subject.values.get("colour", "") if len(fact.entities) == 1 else ""
        return Statement(0, "exists", noun, subject_is=(colour,) if colour else ())
    return _stated(known, fact, noun, fact.value)


def _stated(known: Known, fact: Fact, noun: str, value: str) -> Statement:
    other = known.things[fact.entities[-1]].noun if fact.kind == "relation" else ""
    return Statement(0, fact.kind, noun, value, other)


def _wrongly(known: Known, fact: Fact, u: float) -> Statement:
    """Another thing of the family or none at all, another value, one more or fewer, the place turned round, other words."""
    subject = known.things[fact.entities[0]] if fact.entities else None
    noun = subject.noun if subject else ""
    if fact.kind == "exists":
        like = [c.noun for c in CATEGORIES if noun in BY_NOUN and c.family == BY_NOUN[noun].family and not known.index.matching(c.noun)]
        return Statement(0, "exists", pick(like, 2 * u % 1)) if like and u < 0.5 else Statement(0, "exists", noun, negated=True)
    value = fact.value
    if fact.kind == "attribute" and subject is not None and value in SLOT_OF:
        value = mistaken(known, subject, SLOT_OF[value], u)
    elif fact.kind == "count":
        value = str(int(value) + (1 if u < 0.5 or value == "2" else -1))
    elif fact.kind == "relation":
        value = TURNED.get(value) or pick(DIRECTIONS, u)
    elif fact.kind == "text":
        value = pick([word for word in WORDS if word != value], u)
    return _stated(known, fact, noun, value)
