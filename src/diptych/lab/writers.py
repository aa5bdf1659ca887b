"""Simulated captioners of graded quality as systems that metrics are to rank."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from diptych.data.draws import generator
from diptych.data.graphs import SceneGraph
from diptych.data.records import Record
from diptych.engine.context import Context
from diptych.lab.cases import EVERYTHING, PROMPT, REFERENCE, Case, Cases, Material, case, context_of, true_caption
from diptych.lab.opening import opened
from diptych.measure.classes import COCO, class_of
from diptych.models.abilities import Captioner
from diptych.world.corrupt import absent, invented
from diptych.world.experts_captioner import SimulatedCaptioner
from diptych.world.grammar import say
from diptych.world.latents import stream
from diptych.world.truth import Truth

LEAST = 8  # scenes or bags
_DETAILS = ("colour_recall", "size_recall", "material_recall", "relation_recall")
_STYLE = "dense"
_SLOTS = 3  # things that may be put into a caption, of each sort


@dataclass(frozen=True, slots=True)
class Writer:
    """A captioner by its rates. `listed` and `unlisted` are chances, for each of three more things, that one is put in that is not in the
    picture and is of COCO's classes, or is of none. `repeats`: it says everything twice.
    """

    name: str
    recall: float
    hallucination: float = 0.0
    listed: float = 0.0
    unlisted: float = 0.0
    detail: float | None = None  # chance that a colour, size, surface or place is told; the table's where None
    repeats: bool = False

    @property
    def address(self) -> str:
        """Every writer is a family of its own."""
        told = {} if self.detail is None else dict.fromkeys(_DETAILS, self.detail)
        rates = {"recall": self.recall, "hallucination": self.hallucination, **told}
        return f"sim:captioner?family={self.name}&" + "&".join(f"{name}={value:g}" for name, value in rates.items())

    def write(self, row: Record, truth: Truth, context: Context) -> tuple[str, SceneGraph]:
        """A caption and what it states."""
        captioner = context.open(self.address, Captioner)
        assert isinstance(captioner, SimulatedCaptioner)
        known = captioner.lookup.find(context.picture(row.subject))
        assert known is not None
        said = captioner.said(known, _STYLE)
        graph = self._with_inventions(said.graph, truth, generator(context.seed, "writer", self.name, row.id))
        if graph is not said.graph:
            said = say(graph, _STYLE, stream(25, context.seed, "writer", self.name, row.id).tolist())
        return (f"{said.text.rstrip('.')}. {said.text}" if self.repeats else said.text), said.graph

    def _with_inventions(self, graph: SceneGraph, truth: Truth, rng: np.random.Generator) -> SceneGraph:
        nouns = [noun for noun in absent(truth) if noun not in {e.noun for e in graph.entities}]
        for chance, of_coco in ((self.listed, True), (self.unlisted, False)):
            number = int((rng.random(_SLOTS) < chance).sum())
            few = list(invented(graph, [n for n in nouns if bool(class_of(n, COCO)) == of_coco], rng)) if number else []
            graph = few[number - 1] if number and len(few) >= number else graph
        return graph


def graded(number: int, seed: int = 0, **ranges: tuple[float, float]) -> tuple[Writer, ...]:
    """Writers spread evenly over each range, in an order of its own for each, so that no two rates go together."""
    found = [Writer(f"writer{n:02d}", 0.5) for n in range(number)]
    for name, (low, high) in ranges.items():
        order = generator("graded", seed, name, number).permutation(number)
        found = [replace(w, **{name: round(low + (high - low) * int(order[n]) / max(1, number - 1), 4)}) for n, w in enumerate(found)]  # type: ignore[arg-type]
    return tuple(found)


def repeating(writers: Sequence[Writer], every: int) -> tuple[Writer, ...]:
    """The same, each of so many saying everything twice."""
    return tuple(replace(writer, repeats=n % every == 0) for n, writer in enumerate(writers))


def written(
    writers: Sequence[Writer], share: float = 0.25, *, references: int = 3, named: float = 0.85, prompted: float = 0.7, bags: int = 1,
    things: str = "3-8",
) -> Material:  # fmt: skip
    """Every writer's caption of each of so many scenes a row; with `bags`, of every scene of so many bags of edits.

    Annotators' captions: `references`, each of which names a share of the nouns; what a painter was told to paint, which names fewer,
    and everything that is there.
    """

    def made(seed: int, rows: int) -> Cases:
        have = opened(f"world:{max(LEAST, round(rows * share))}?seed={seed}&things={things}" + (f"&bags={bags}" if bags > 1 else ""), seed)
        assert have.truths is not None
        context = context_of(have, seed)
        listed: list[Case] = []
        for row in have.source:
            truth = have.truths[row.subject.key]
            others = [true_caption(row, truth, REFERENCE, seed, number=number, share=named) for number in range(references)]
            others += [true_caption(row, truth, PROMPT, seed, share=prompted), true_caption(row, truth, EVERYTHING, seed)]
            for writer in writers:
                text, graph = writer.write(row, truth, context)
                listed.append(case(row, text, graph, truth, others, name=writer.name, system=writer.name))
        return Cases(seed, tuple(listed), context, have.truths)

    return made
