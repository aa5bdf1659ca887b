"""A simulated captioner that misreads a relation it is asked about states one that does not hold."""

from collections import Counter
from dataclasses import replace

import pytest

from diptych.lab.opening import opened
from diptych.models.addresses import parse_address
from diptych.world.experts_captioner_asked import answering
from diptych.world.lookup import know
from diptych.world.questions import questions
from diptych.world.rates import CaptionerRates, voice_of


@pytest.mark.parametrize(("error", "holds"), [(0.0, {("yes", "supported")}), (1.0, {("yes", "contradicted"), ("no", "contradicted")})])
def test_relations_asked_about_are_read_and_misread(error: float, holds: set[tuple[str, str]]) -> None:
    have = opened("world:60?questions=1&seed=3", 3)
    rates = replace(CaptionerRates(), relation_error=error, attending=1.0)
    voice = voice_of(parse_address("sim:captioner?family=c0"), rates, 3)
    found: Counter[tuple[str, str]] = Counter()
    for row in have.source:
        known = know(have.truths[row.subject.key])
        for quiz in questions(have.truths[row.subject.key], keys=("x",), each=3):
            if quiz.kind == "relation" and (told := answering(known, quiz.text, "", rates, voice, draw=0)).relations:
                said = next(one for one in told.statements() if one.kind == "relation")
                found[quiz.answer, known.index.holds(said, closed=True)] += 1
    assert {pair for pair in found if pair[0] == "yes"} == {pair for pair in holds if pair[0] == "yes"}
    assert sum(found.values()) > 40
    if error:
        assert set(found) == holds
