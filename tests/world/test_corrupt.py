"""Captions made worse by degrees: harmless changes keep the truth, harmful ones lower it, and the text says what the graph does."""

import numpy as np
import pytest
from experts_samples import truth

from diptych.language.parse import parse
from diptych.measure.facts import count_facts
from diptych.world.corrupt import HARMFUL, HARMLESS, absent, drops, falsified, invented, ladder, reordered, swapped, turned

TRUTHS = [truth(k, 5) for k in range(25)]


def f1(graph, one):
    tally = count_facts(graph, one.graph, one.kinds).over()
    precision, recall = tally.true / max(1, tally.stated), tally.covered / tally.facts
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def test_harmless_changes_keep_the_truth_and_harmful_ones_lower_it():
    for one in TRUTHS:
        rungs = ladder(one, keys=(1,))
        intact = f1(rungs[0].graph, one)
        for rung in rungs:
            score = f1(rung.graph, one)
            assert score == pytest.approx(intact) if rung.kind in HARMLESS else score <= intact + 1e-9, rung
        assert {rung.kind for rung in rungs} <= {*HARMLESS, *HARMFUL} and len({(r.kind, r.steps) for r in rungs}) == len(rungs)


def test_each_step_goes_beyond_the_one_before():
    """By mean over scenes: a second false attribute may fall on a thing that is counted once."""
    for kind in HARMFUL:
        steps = {n: [f1(r.graph, one) for one in TRUTHS for r in ladder(one, keys=(1,)) if (r.kind, r.steps) == (kind, n)] for n in (1, 2)}
        assert len(steps[2]) > 4
        both = [[f1(r.graph, one) for r in ladder(one, keys=(1,)) if r.kind == kind][:2] for one in TRUTHS]
        pairs = np.array([pair for pair in both if len(pair) == 2])
        assert pairs[:, 1].mean() < pairs[:, 0].mean(), kind


def test_the_text_says_what_the_graph_states():
    told = [(rung, one) for one in TRUTHS for rung in ladder(one, keys=(2,)) if rung.kind != "paraphrase"]
    right = [f1(parse(rung.text), one) == pytest.approx(f1(rung.graph, one)) for rung, one in told]
    assert np.mean(right) > 0.97


def test_the_same_keys_give_the_same_captions():
    assert ladder(TRUTHS[0], keys=(1,)) == ladder(TRUTHS[0], keys=(1,)) != ladder(TRUTHS[0], keys=(2,))


def test_changes_do_what_they_say():
    graph, rng = TRUTHS[3].graph, np.random.default_rng(0)
    nouns = sorted(e.noun for e in graph.entities)
    assert [len(g.entities) for g in drops(graph, rng)] == [4, 3, 2, 1]
    assert sorted(e.noun for e in reordered(graph, rng).entities) == nouns
    assert sum(a != b for a, b in zip(next(falsified(graph, rng)).entities, graph.entities, strict=True)) == 1
    changed = next(swapped(graph, rng))
    assert sorted(v for e in changed.entities for v in e.values) == sorted(v for e in graph.entities for v in e.values)
    assert sum(a != b for a, b in zip(changed.entities, graph.entities, strict=True)) == 2
    assert sum(a != b for a, b in zip(next(turned(graph, rng)).relations, graph.relations, strict=True)) == 1
    more = list(invented(graph, absent(TRUTHS[3])[:2], rng))
    assert [len(g.entities) for g in more] == [6, 7] and more[-1].entities[-1].noun not in nouns
