"""A SPICE-like F-score over objects, attributes and relations, with binding kept.

After Anderson et al., 2016, arXiv:1607.08822, equations 2 to 5. Same: tuples of the candidate against the tuples of all references
united, words of one meaning made one, numbers counted as attributes, F of each image, the corpus' value their mean.
Different: our parser and our extract of WordNet; a word also matches a near hypernym and predicates match by meaning; things are first
matched one to one with each reference as a whole, and an attribute or relation counts only on what was matched, so that "a small brown
dog and a big black dog" does not bear out "a small black dog"; what is denied or hedged is no tuple.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from diptych.data.graphs import SceneGraph, Statement
from diptych.language.compare import GraphMatch, match_graphs
from diptych.language.parse import parse
from diptych.language.sentence import in_short
from diptych.measure.inputs import Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES, f1, ratio
from diptych.measure.references import alike
from diptych.measure.scores import Scored, scored
from diptych.measure.truths import not_english

_KINDS = ("exists", "attribute", "count", "relation")
_HOW = "diptych's parser and WordNet extract, tuples bound to their entity, references united"


@dataclass(frozen=True, slots=True)
class TupleCount:
    """One image: tuples of the candidate that a reference bears out, all of the candidate's, and the same of the references' united.

    In short, what no reference bears out, and what of theirs is missed.
    """

    right: int
    stated: int
    covered: int
    wanted: int
    wrong: tuple[str, ...] = field(default=(), compare=False)
    missed: tuple[str, ...] = field(default=(), compare=False)


def scene_graph_f(
    candidates: Candidates, references: References, *, summed: bool = False, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, Scored, Scored]:
    """`scene_graph_precision`, `scene_graph_recall` and `scene_graph_f`, from 0 to 1.

    Each is the mean of the images' values, as SPICE has it; with `summed` tuples are summed over images before dividing. A candidate
    that states nothing has no precision, recall 0 and F 0; references that state nothing leave the image undefined, and counted.
    """
    rows = aligned(candidates, references)
    found = zip(rows.candidates, rows.references, strict=True)
    counts = [tuple_counts(parse(said), [parse(text) for text in known]) for said, known in found]
    silent = sum(not c.stated for c in counts)
    told = f"; {silent} of {len(counts)} candidates state nothing" if silent else ""
    told += not_english(text for said, known in zip(rows.candidates, rows.references, strict=True) for text in (said, *known))
    columns = np.array([(c.right, c.stated, c.covered, c.wanted) for c in counts], float).reshape(-1, 4)
    why = {id: {"not borne out": c.wrong, "missed": c.missed} for id, c in zip(rows.ids, counts, strict=True)}
    made = []
    for name, part, statistic in (("precision", columns[:, :2], ratio), ("recall", columns[:, 2:], ratio), ("f", columns, f1)):
        how = f"{_HOW}; {'tuples summed over images' if summed else 'mean over images'}{told}"
        made.append(
            scored(f"scene_graph_{name}", rows.ids, statistic(part), part if summed else None, statistic if summed else ratio, how=how,
                   seed=seed, resamples=resamples, why=why)
        )  # fmt: skip
    return made[0], made[1], made[2]


def tuple_counts(candidate: SceneGraph, references: Sequence[SceneGraph]) -> TupleCount:
    """The tuples of one image: equal ones count once, and count as borne out when any of the things that they are said of is."""
    matches = [match_graphs(candidate, reference) for reference in references]
    borne = set().union(*(_parts(match, 0) for match in matches)) if matches else set()
    own = _tuples(candidate)
    theirs = [_tuples(reference) for reference in references]
    said = [_part(s) in borne for s in own]
    found = [_part(s) in parts for listed, parts in zip(theirs, (_parts(match, 1) for match in matches), strict=True) for s in listed]
    united = [s for listed in theirs for s in listed]
    right = {places[0]: any(said[place] for place in places) for places in alike(own)}
    covered = {places[0]: any(found[place] for place in places) for places in alike(united)}
    wrong, missed = (_left(*side) for side in ((own, right), (united, covered)))
    return TupleCount(sum(right.values()), len(right), sum(covered.values()), len(covered), wrong, missed)


def _left(statements: Sequence[Statement], marked: Mapping[int, bool]) -> tuple[str, ...]:
    return tuple(in_short(statements[place]) for place, yes in marked.items() if not yes)


Part = tuple[str, int, int]  # kind; the entity, or the relation's place; the attribute's place


def _tuples(graph: SceneGraph) -> list[Statement]:
    return [s for s in graph.statements() if s.kind in _KINDS and not s.negated]


def _part(statement: Statement) -> Part:
    if statement.kind == "relation":
        return "relation", statement.part, 0
    return statement.kind, statement.entity, statement.part if statement.kind == "attribute" else 0


def _parts(match: GraphMatch, side: int) -> set[Part]:
    """What is matched on the candidate's side (0) or the reference's (1)."""
    found: set[Part] = {("exists", pair[side], 0) for pair in match.entities}
    found.update(("attribute", *pair[side]) for pair in match.attributes)
    found.update(("count", pair[side], 0) for pair in match.counts)
    found.update(("relation", pair[side], 0) for pair in match.relations)
    return found
