"""DNLI: which statements of a caption its references entail or contradict, and which of the references' it entails.

After KnowAda, Yanuka et al., 2024, arXiv:2411.09018. Same: both texts are split into statements, each is labelled entailed,
contradicted or neutral, and precisions divide by the candidate's statements. Different: statements come from our parser and not from a
language model; recall is the share of the *references'* statements that the candidate entails, while the published one divides the
candidate's entailed statements by the number of the references' and exceeds 1 when a caption repeats itself
(`dnli_recall_published` shows it); what no reference mentions is neutral, where the published prompt calls it contradicted
(`new="contradicted"`); a statement that could not be judged is counted and left out, where the released code stores -1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from diptych.data.errors import InputError
from diptych.data.graphs import SceneGraph, Statement
from diptych.language.entail import Index
from diptych.language.parse import parse
from diptych.language.sentence import in_short, sentence
from diptych.measure.asking import ask_all
from diptych.measure.inputs import Aligned, Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES, ratio
from diptych.measure.references import different
from diptych.measure.scores import Scored, Why, scored
from diptych.measure.truths import not_english
from diptych.models.abilities import Entailed, Entailer, EntailRequest, Failed

Label = Literal["entailed", "contradicted", "neutral", "failed"]
_LABELS: Mapping[str, Label] = {"supported": "entailed", "contradicted": "contradicted", "unknown": "neutral"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One image: labels of the candidate's different statements, of all that it makes, and of the references' different ones.

    `unanswered` counts answers that failed, also where another reference's answer gave the label all the same.
    """

    candidate: tuple[Label, ...]
    repeated: tuple[Label, ...]
    references: tuple[Label, ...]
    unanswered: int = 0
    why: Why = field(default_factory=dict, compare=False)


def dnli(
    candidates: Candidates, references: References, *, entailer: Entailer | None = None,
    new: Literal["neutral", "contradicted"] = "neutral", seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, Scored, Scored, Scored]:  # fmt: skip
    """`dnli_descriptiveness_precision`, `dnli_descriptiveness_recall`, `dnli_contradiction_precision` and `dnli_recall_published`.

    Statements are summed over images before dividing. An entailer reads each statement as a sentence against each reference; without
    one, scene graphs are compared by rules. One reference that entails a statement outweighs others that contradict it.
    Raises InputError for an unknown `new`, RunError for an entailer that leaves requests out.
    """
    if new not in ("neutral", "contradicted"):
        raise InputError(f"new must be neutral or contradicted (what a statement is that no reference mentions), got {new!r}")
    rows = aligned(candidates, references)
    judged = dnli_labels(rows, entailer)
    if new == "contradicted":
        judged = [replace(row, candidate=_called(row.candidate, new), repeated=_called(row.repeated, new)) for row in judged]
    how = _how(judged, entailer, new)
    how += not_english(text for said, known in zip(rows.candidates, rows.references, strict=True) for text in (said, *known))
    columns = {
        "descriptiveness_precision": [_share(row.candidate, "entailed") for row in judged],
        "descriptiveness_recall": [_share(row.references, "entailed") for row in judged],
        "contradiction_precision": [_share(row.candidate, "contradicted") for row in judged],
        "recall_published": [_published(row) for row in judged],
    }
    why = {id: row.why for id, row in zip(rows.ids, judged, strict=True)}
    made = []
    for name, pairs in columns.items():
        table = np.array(pairs, float).reshape(-1, 2)
        better: Literal["higher", "lower"] = "lower" if name == "contradiction_precision" else "higher"
        made.append(scored(f"dnli_{name}", rows.ids, ratio(table), table, better=better, how=how, seed=seed, resamples=resamples, why=why))
    return made[0], made[1], made[2], made[3]


def dnli_labels(rows: Aligned, entailer: Entailer | None = None) -> list[Judged]:
    """Labels of each image's statements, by rules on scene graphs or by an entailer."""
    texts = [(said, *known) for said, known in zip(rows.candidates, rows.references, strict=True)]
    if entailer is None:
        return [_by_graphs([parse(text) for text in row]) for row in texts]
    return _by_sentences(texts, entailer)


def _by_graphs(graphs: Sequence[SceneGraph]) -> Judged:
    indices = [Index(graph) for graph in graphs]

    def label(statement: Statement, premises: Sequence[Index]) -> Label:
        return _joined([_LABELS[premise.holds(statement, closed=False)] for premise in premises])

    own = graphs[0].statements()
    labels = {s.key: label(s, indices[1:]) for s in own}
    theirs = different([s for graph in graphs[1:] for s in graph.statements()])
    missed = [label(s, indices[:1]) for s in theirs]
    return Judged(
        tuple(labels[s.key] for s in different(own)), tuple(labels[s.key] for s in own), tuple(missed),
        why=_why({s: labels[s.key] for s in different(own)}, dict(zip(theirs, missed, strict=True))),
    )  # fmt: skip


def _why(own: Mapping[Statement, Label], theirs: Mapping[Statement, Label]) -> Why:
    """In short, statements that references contradict, that none mentions, and those of theirs that are missed."""
    return {
        "contradicted": tuple(in_short(s) for s, label in own.items() if label == "contradicted"),
        "not mentioned": tuple(in_short(s) for s, label in own.items() if label == "neutral"),
        "missed": tuple(in_short(s) for s, label in theirs.items() if label in ("contradicted", "neutral")),
    }


def _by_sentences(texts: Sequence[tuple[str, ...]], entailer: Entailer) -> list[Judged]:
    """All images' questions together, equal ones once."""
    graphs = [[parse(text) for text in row] for row in texts]
    own = [row[0].statements() for row in graphs]
    theirs = [different([s for graph in row[1:] for s in graph.statements()]) for row in graphs]
    asked: dict[EntailRequest, Label] = {}
    for row, mine, others in zip(texts, own, theirs, strict=True):
        asked |= {EntailRequest(premise, sentence(s)): "failed" for s in mine for premise in row[1:]}
        asked |= {EntailRequest(row[0], sentence(s)): "failed" for s in others}
    asked = {request: _label(answer) for request, answer in zip(asked, ask_all(entailer.entail, list(asked)), strict=True)}

    def label(statement: Statement, premises: Sequence[str]) -> Label:
        told = sentence(statement)
        return _joined([asked[EntailRequest(premise, told)] for premise in premises])

    def unanswered(statements: Sequence[Statement], premises: Sequence[str]) -> int:
        return sum(label(s, (premise,)) == "failed" for s in statements for premise in premises)

    return [
        Judged(
            tuple(label(s, row[1:]) for s in different(mine)),
            tuple(label(s, row[1:]) for s in mine),
            tuple(label(s, row[:1]) for s in others),
            unanswered(different(mine), row[1:]) + unanswered(others, row[:1]),
            _why({s: label(s, row[1:]) for s in different(mine)}, {s: label(s, row[:1]) for s in others}),
        )
        for row, mine, others in zip(texts, own, theirs, strict=True)
    ]


def _label(answer: Entailed | Failed) -> Label:
    if isinstance(answer, Failed) or answer.label not in _LABELS.values():
        return "failed"
    return answer.label


def _joined(labels: Sequence[Label]) -> Label:
    """Over references: entailed by any, else contradicted by any, else neutral to any, else not judged."""
    order: tuple[Label, ...] = ("entailed", "contradicted", "neutral")
    return next((label for label in order if label in labels), "failed")


def _called(labels: Sequence[Label], new: Label) -> tuple[Label, ...]:
    return tuple(new if label == "neutral" else label for label in labels)


def _share(labels: Sequence[Label], wanted: Label) -> tuple[int, int]:
    return labels.count(wanted), len(labels) - labels.count("failed")


def _published(row: Judged) -> tuple[int, int]:
    """Nothing over nothing where no statement of the candidate could be judged: that is no recall of 0."""
    unknown = bool(row.repeated) and set(row.repeated) == {"failed"}
    return (0, 0) if unknown else (row.repeated.count("entailed"), len(row.references))


def _how(judged: Sequence[Judged], entailer: Entailer | None, new: str) -> str:
    by = "rules on scene graphs" if entailer is None else type(entailer).__name__
    failed = sum(row.candidate.count("failed") + row.references.count("failed") for row in judged)
    asked = sum(len(row.candidate) + len(row.references) for row in judged)
    left = f"; {failed} of {asked} statements not judged, left out" if failed else ""
    lost = sum(row.unanswered for row in judged)
    left += f"; {lost} answers failed" if lost else ""
    return f"statements by diptych's parser, judged by {by}, unmentioned is {new}; sums over images{left}"
