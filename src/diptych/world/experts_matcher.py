"""`sim:matcher`: how well a text fits a picture, judged as image-text models judge: fact F1 with noise, often blind to binding."""

from dataclasses import dataclass, field
from functools import lru_cache

from diptych.data.graphs import SceneGraph, Statement
from diptych.language.facts import Facts
from diptych.language.parse import parse
from diptych.models.abilities import Failed, Matched, MatchRequest
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, Known, Lookup
from diptych.world.rates import MatcherRates

KEPT = 1 << 17  # answers remembered


@dataclass(frozen=True, slots=True)
class SimulatedMatcher:
    """A scorer of texts against pictures."""

    lookup: Lookup
    rates: MatcherRates
    voice: Voice
    believed: dict[tuple[str, tuple[str, ...]], bool] = field(default_factory=dict, compare=False, repr=False)
    facts: dict[str, Facts] = field(default_factory=dict, compare=False, repr=False)

    def match(self, requests: list[MatchRequest]) -> list[Matched | Failed]:
        """A score from 0 to 1 for each request."""
        return [self._one(request) for request in requests]

    def _one(self, request: MatchRequest) -> Matched | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        noise, guessing, guess = self.voice.alone(3, known.key, f"match {request.text}")
        if guessing < self.rates.guessing:
            return Matched(guess)
        graph, statements = read_text(request.text)
        precision = self._precision(known, statements)
        facts = self._facts(known)
        recall = len(facts.covered(graph)) / len(facts.list) if facts.list else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        score = f1 + self.rates.generic / max(1, len(statements)) + self.rates.noise * (2 * noise - 1)
        return Matched(min(1.0, max(0.0, score)))

    def _precision(self, known: Known, statements: tuple[Statement, ...]) -> float:
        if not statements:
            return 0.0
        return sum(self._believes(known, statement) for statement in statements) / len(statements)

    def _believes(self, known: Known, statement: Statement) -> bool:
        # many texts about one picture say the same
        name = (known.key, statement.key)
        if name not in self.believed:
            if len(self.believed) > KEPT:
                self.believed.clear()
            key = "\x1e".join(statement.key)
            misjudged, blind = self.voice.draws(2, known.key, f"match {key}")
            true = known.index.holds(statement, closed=True) == "supported"
            if not true and blind < self.rates.binding_blind:
                true = _anywhere(known, statement)
            self.believed[name] = true != (misjudged < self.rates.misjudged)
        return self.believed[name]

    def _facts(self, known: Known) -> Facts:
        facts = self.facts.get(known.key)
        if facts is None or facts.index is not known.index:
            if len(self.facts) > KEPT:
                self.facts.clear()
            facts = self.facts[known.key] = Facts(known.index)
        return facts


@lru_cache(1 << 13)
def read_text(text: str) -> tuple[SceneGraph, tuple[Statement, ...]]:
    """What the parser reads from a text."""
    graph = parse(text)
    return graph, graph.statements()


def _anywhere(known: Known, statement: Statement) -> bool:
    """Whether the statement's words are all in the picture, whoever they belong to."""
    index = known.index
    if not index.matching(statement.subject):
        return False
    if statement.kind == "relation":
        return bool(index.matching(statement.object))
    return statement.kind == "attribute" and any(index.has(thing.index, statement.value) for thing in known.things)
