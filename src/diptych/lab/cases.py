"""Texts whose truth is known: what metrics are tried on. A recipe sees their records; only the lab and tests see the truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from diptych.data.graphs import SceneGraph
from diptych.data.records import Caption, Record
from diptych.data.regions import Region
from diptych.engine.context import Context
from diptych.lab.opening import Opened, opened
from diptych.measure.classes import COCO, class_of
from diptych.measure.facts import FactCount, count_facts
from diptych.measure.text import words_of
from diptych.world.captions import describe
from diptych.world.corrupt import STEPS, ladder
from diptych.world.truth import Truth, Truths

REFERENCE, PROMPT, EVERYTHING = "reference", "prompt", "everything"  # styles of the other captions of a case's record
HUMAN = "human:world"


@dataclass(frozen=True, slots=True)
class Case:
    """One text about one picture. `unit` is what is resampled as one (a scene, a bag); `system` is who wrote, or what was done to it.

    The record's chosen caption is the text; captions of other styles are what the picture's annotators say.
    """

    record: Record
    unit: str
    system: str
    graph: SceneGraph  # behind the text
    truth: FactCount


@dataclass(frozen=True, slots=True)
class Cases:
    """One seed's texts, with what opens their pictures and models."""

    seed: int
    listed: tuple[Case, ...]
    context: Context
    truths: Truths

    def of(self, system: str) -> list[Case]:
        """One system's."""
        return [case for case in self.listed if case.system == system]

    @property
    def systems(self) -> tuple[str, ...]:
        """All systems, in order."""
        return tuple(dict.fromkeys(case.system for case in self.listed))


Material = Callable[[int, int], Cases]  # (seed, rows of the lab) -> cases


def corrupted(share: float = 0.25, references: int = 3, steps: int = STEPS, things: str = "3-8") -> Material:
    """Of so many scenes a row: a true caption, the same reordered and reworded, and made worse by degrees (`world.corrupt.ladder`).

    Each with true captions by other hands as references; a system is what was done to the caption.
    """

    def made(seed: int, rows: int) -> Cases:
        have = opened(f"world:{max(4, round(rows * share))}?seed={seed}&things={things}", seed)
        assert have.truths is not None
        listed: list[Case] = []
        for row in have.source:
            truth = have.truths[row.subject.key]
            others = tuple(true_caption(row, truth, REFERENCE, seed, number=number) for number in range(references))
            for rung in ladder(truth, keys=(seed,), steps=steps):
                listed.append(case(row, rung.text, rung.graph, truth, others, name=f"{rung.kind}-{rung.steps}", system=rung.kind))
        return Cases(seed, tuple(listed), context_of(have, seed), have.truths)

    return made


def case(row: Record, text: str, graph: SceneGraph, truth: Truth, others: Sequence[Caption], *, name: str, system: str) -> Case:
    """A text about a row's picture, with the annotators' captions and their boxes around things of the classes of COCO."""
    id = f"{row.id}/{name}"
    said = Caption(id, text, by=f"sim:{system}", style="candidate")
    record = Record(id, row.subject, (said, *others), regions=tuple(boxes(truth)), chosen=(id,), labels={**row.labels, "image": row.id})
    return Case(record, row.labels.get("bag", row.id), system, graph, count_facts(graph, truth.graph, truth.kinds, len(words_of(text))))


def boxes(truth: Truth) -> Iterator[Region]:
    """What annotators of COCO would box."""
    for region in truth.regions:
        if region.kind == "object" and class_of(region.label, COCO):
            yield Region(region.id, region.shape, "object", region.label, by=HUMAN)


def true_caption(row: Record, truth: Truth, style: str, seed: int, *, number: int = 0, share: float = 1.0) -> Caption:
    """A dense true caption by another hand; it names a share of the nouns."""
    text = describe(truth, "dense", keys=(style, seed, number), share=share).text
    return Caption(f"{row.id}/{style}{number}", text, by=HUMAN, style=style)


def context_of(have: Opened, seed: int) -> Context:
    """What a metric opens pictures and models with."""
    return Context(have.opener, have.pictures, seed)
