"""Check captions against each other: what several families say of one picture is more likely true than what one says alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.check.match import scored
from diptych.check.statements import alike, verdicts_for
from diptych.data.graphs import KINDS, Kind, Statement
from diptych.data.limits import at_least
from diptych.data.records import Answered, Caption, Record, Verdict
from diptych.data.selection import captions_of
from diptych.data.verdicts import family
from diptych.engine.context import Context
from diptych.language.compare import match_graphs
from diptych.language.entail import Index

BY = "rules:agreement"
Weights = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class CheckByAgreement:
    """A statement is supported by at least `at_least` voices, its writer's among them, that outweigh those against it.

    A family of models is one voice, weighing 1 or what `weights` says (see `Lift`). A statement is contradicted when the voices
    against it outweigh those for it, and unknown otherwise.
    """

    at_least: float = 2.0
    of: str = "proposed"
    kinds: tuple[Kind, ...] = KINDS
    weights: Weights = ()

    def __post_init__(self) -> None:
        at_least("at_least", self.at_least, 0)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [self._judged(record) for record in records]

    def _judged(self, record: Record) -> Record:
        captions = captions_of(record, self.of)
        voices = _voices(captions)
        weights = dict(self.weights)
        verdicts: list[Verdict] = []
        for said in alike(captions, self.kinds).values():
            spoke = {family(record.caption(caption).by) for caption, _ in said}
            pro, contra = 0.0, 0.0
            for voice, graphs in voices.items():
                answer = "supported" if voice in spoke else _voice(said[0][1], graphs)
                pro += weights.get(voice, 1.0) * (answer == "supported")
                contra += weights.get(voice, 1.0) * (answer == "contradicted")
            heard = f"{pro:g} voices for, {contra:g} against, of {len(voices)}"
            verdict = Verdict("", 0, self._answer(pro, contra), BY, said=heard, score=pro / max(1.0, float(len(voices))))
            verdicts.extend(verdicts_for(said, verdict))
        return record.add(verdicts=verdicts)

    def _answer(self, pro: float, contra: float) -> Answered:
        if contra > pro:
            return "contradicted"
        return "supported" if pro >= self.at_least and pro > contra else "unknown"


@dataclass(frozen=True, slots=True)
class Consensus:
    """Scores each caption by its mean agreement (F1 of matched entities, attributes and relations) with the other families'."""

    of: str = "proposed"
    score: str = "match"
    weights: Weights = ()

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        return [scored(record, self.score, consensus(captions_of(record, self.of), dict(self.weights))) for record in records]


def consensus(captions: tuple[Caption, ...], weights: Mapping[str, float]) -> dict[str, float]:
    """By caption id, the weighted mean over the other families of the best agreement with one of their captions; 0 when alone."""
    voices: dict[str, list[Caption]] = {}
    for caption in captions:
        if caption.graph is not None:
            voices.setdefault(family(caption.by), []).append(caption)
    scores: dict[str, float] = {}
    for own, mine in voices.items():
        others = {voice: weights.get(voice, 1.0) for voice in voices if voice != own}
        total = sum(others.values())
        for caption in mine:
            best = (weight * max(agreement(caption, c) for c in voices[voice]) for voice, weight in others.items())
            scores[caption.id] = weights.get(own, 1.0) * sum(best) / total if total else 0.0
    return scores


def agreement(one: Caption, other: Caption) -> float:
    """F1 of all matched parts of their graphs, 0 for a caption not yet split."""
    if one.graph is None or other.graph is None:
        return 0.0
    return match_graphs(one.graph, other.graph).total.f1


def _voices(captions: tuple[Caption, ...]) -> dict[str, list[Index]]:
    voices: dict[str, list[Index]] = {}
    for caption in captions:
        if caption.graph is not None:
            voices.setdefault(family(caption.by), []).append(Index(caption.graph))
    return voices


def _voice(statement: Statement, graphs: list[Index]) -> Answered:
    """What a family says: it supports if one of its captions does, else contradicts if one does."""
    answers = {graph.holds(statement, closed=False) for graph in graphs}
    if "supported" in answers:
        return "supported"
    return "contradicted" if "contradicted" in answers else "unknown"
