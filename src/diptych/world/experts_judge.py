"""`sim:judge`: whole scores from 1 to 6 for captions, by what it believes of them and how much they tell of what it sees."""

from dataclasses import dataclass

from diptych.data.graphs import Statement
from diptych.language.facts import Fact, Facts
from diptych.language.index import Index
from diptych.models.abilities import Failed, Judged, JudgeRequest
from diptych.world.experts import EXISTS, layout
from diptych.world.experts_answerer import latent
from diptych.world.experts_matcher import read_text
from diptych.world.latents import Voice
from diptych.world.lookup import ABSENT, SLOT_OF, Known, Lookup
from diptych.world.rates import JudgeRates

LONG = 12  # statements of a text that is all the longer for it
STEPS = 5  # from the worst score, 1, to the best


@dataclass(frozen=True, slots=True)
class SimulatedJudge:
    """A judge of captions. It overlooks what experts of its own family overlook, and believes more of what they get wrong."""

    lookup: Lookup
    rates: JudgeRates
    voice: Voice

    def judge(self, requests: list[JudgeRequest]) -> list[Judged | Failed]:
        """A score for each caption of each request; the others of its request change none."""
        return [self._one(request) for request in requests]

    def _one(self, request: JudgeRequest) -> Judged | Failed:
        known = self.lookup.find(request.picture)
        if known is None:
            return ABSENT
        told = Index(read_text(" ".join(request.texts))[0]) if request.texts else None
        look = _Look(self.rates, self.voice, known, Facts(known.index), told, request.draw)
        seen = look.seen()
        return Judged(tuple(look.score(text, seen) for text in request.captions))


@dataclass(frozen=True, slots=True)
class _Look:
    rates: JudgeRates
    voice: Voice
    known: Known
    facts: Facts
    told: Index | None  # what the texts beside the picture say
    draw: int

    def score(self, text: str, seen: set[int]) -> float:
        guesses, guess, noise = self.voice.alone(3, self.known.key, f"judge {text}", self.draw)
        if guesses < self.rates.guessing:
            return float(1 + round(STEPS * guess))
        graph, statements = read_text(text)
        precision = sum(map(self.believes, statements)) / len(statements) if statements else 0.0
        recall = len(self.facts.covered(graph) & seen) / len(seen) / max(self.rates.enough, 1e-9) if seen else 1.0
        quality = harmonic(precision, min(1.0, recall)) + self.rates.verbosity * min(1.0, len(statements) / LONG)
        return float(1 + round(STEPS * min(1.0, max(0.0, quality + self.rates.noise * (2 * noise - 1)))))

    def believes(self, statement: Statement) -> bool:
        key = self.known.key
        trusting = self.voice.alone(1, key, "\x1e".join(("trust", *statement.key)), self.draw)[0] < self.rates.trust
        # it asks the texts instead of the picture
        if trusting and self.told is not None and self.told.holds(statement, closed=False) == "supported":
            return True
        true = self.known.index.holds(statement, closed=True) == "supported"
        chance = (self.rates.accuracy if true else 1 - self.rates.accuracy) + self.rates.leniency
        return latent(self.voice, self.known, statement, true, draw=self.draw) < min(1.0, chance)

    def seen(self) -> set[int]:
        """Places of the facts that it sees."""
        draws = layout(self.voice, self.known, self.draw)
        first = {group[0].noun: group[0] for group in self.known.groups}

        def sees(fact: Fact) -> bool:
            thing = self.known.things[fact.entities[0]] if fact.entities else None
            if thing is not None and draws.thing(first[thing.noun], EXISTS) >= self.rates.sight:
                return False
            if thing is not None and fact.kind == "attribute" and fact.value in SLOT_OF:
                return draws.stated(thing, SLOT_OF[fact.value]) < self.rates.sight
            key = f"sees {fact.kind} {fact.value} {fact.entities}"
            return fact.kind == "exists" or self.voice.draws(1, self.known.key, key, self.draw)[0] < self.rates.sight

        return {place for place, fact in enumerate(self.facts.list) if sees(fact)}


def harmonic(one: float, other: float) -> float:
    """The harmonic mean, 0 where both are."""
    return 2 * one * other / (one + other) if one + other else 0.0
