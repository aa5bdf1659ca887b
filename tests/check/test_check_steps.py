from dataclasses import replace

import pytest

from diptych.check.agree import CheckByAgreement, Consensus
from diptych.check.answer import CheckByAnswers, heard
from diptych.check.detect import CheckByDetector, outcome
from diptych.check.lift import lifts, weights
from diptych.check.match import Match
from diptych.check.questions import question
from diptych.check.read import CheckByOcr
from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph, Statement
from diptych.data.verdicts import settled
from diptych.language.entail import Index
from doubles import Scripted, context, dogs, proposed, record


def answers(row):
    return {(v.caption, v.number): v.answer for v in row.verdicts}


def test_detector_supports_what_it_finds_and_contradicts_what_it_does_not() -> None:
    seer = Scripted(boxes={"dog": [0.9, 0.8], "brown dog": [0.9, 0.8], "couch": [0.2]})
    (row,) = CheckByDetector("double:seer")([record(proposed("c", dogs()))], context(seer=seer))
    by_number = answers(row)
    # statements: 0 exists dog, 1 dog brown, 2 count 2, 3 exists couch, 4 dog on couch
    assert by_number == {("c", 0): "supported", ("c", 2): "supported", ("c", 3): "contradicted"}
    assert [(region.label, region.attributes) for region in row.regions] == [("dog", ())] * 2 + [("dog", ("brown",))] * 2
    assert all(v.region in {r.id for r in row.regions} for v in row.verdicts if v.answer == "supported")
    assert next(v for v in row.verdicts if v.number == 3).said == "0 found"


def test_what_the_detector_has_no_class_for_stays_unknown() -> None:
    seer = Scripted(boxes={"dog": [0.9]}, unjudged=("couch", "brown dog"))
    (row,) = CheckByDetector("double:seer")([record(proposed("c", dogs()))], context(seer=seer))
    assert answers(row) == {("c", 0): "supported", ("c", 2): "unknown", ("c", 3): "unknown"}


@pytest.mark.parametrize(
    ("value", "boxes", "expected"),
    [("2", 2, "supported"), ("2", 3, "contradicted"), ("2", 1, "unknown"), ("2", 0, "contradicted"), ("2+", 5, "supported"),
     ("2+", 1, "unknown")],
)  # fmt: skip
def test_numbers_by_boxes(value: str, boxes: int, expected: str) -> None:
    assert outcome(Statement(0, "count", "dog", value), boxes) == expected


def test_negated_existence_by_boxes() -> None:
    assert outcome(Statement(0, "exists", "dog", negated=True), 0) == "supported"
    assert outcome(Statement(0, "exists", "dog", negated=True), 1) == "contradicted"


def test_no_red_dog_is_not_no_dog() -> None:
    graph = SceneGraph((Entity("dog", 0, attributes=(Attribute("red"),), negated=True),))
    seer = Scripted(boxes={"dog": [0.9]})
    (row,) = CheckByDetector("double:seer")([record(proposed("c", graph))], context(seer=seer))
    assert seer.asked[0].phrases == ("red dog",)
    assert answers(row) == {("c", 0): "supported"}
    truth = Index(one("dog", "brown"))
    assert [truth.holds(s) for s in graph.statements()] == ["supported", "supported"]
    assert truth.holds(SceneGraph((Entity("dog", 0, negated=True),)).statements()[0]) == "contradicted"


def test_equal_statements_are_asked_once_and_each_place_gets_the_verdict() -> None:
    seer = Scripted(boxes={"dog": [0.9, 0.8], "couch": [0.7]})
    (row,) = CheckByDetector("double:seer")([record(proposed("a", dogs()), proposed("b", dogs()))], context(seer=seer))
    assert len(seer.asked) == 1
    assert seer.asked[0].phrases == ("dog", "brown dog", "couch")
    assert {v.caption for v in row.verdicts} == {"a", "b"}


def test_a_verifier_may_not_check_its_own_family() -> None:
    own = proposed("c", dogs(), by="double:seer-large")
    seer = Scripted()
    with pytest.raises(InputError, match="own family"):
        CheckByDetector("double:seer")([record(own)], context(seer=seer))
    assert not seer.asked
    (row,) = CheckByDetector("double:seer", self_check=True)([record(own)], context(seer=Scripted()))
    assert row.verdicts and all(v.self_check for v in row.verdicts)


def test_a_failed_answer_fails_its_own_row_only() -> None:
    seer = Scripted(fails={"bad"}, boxes={"dog": [0.9, 0.9], "couch": [0.9]})
    rows = [record(proposed("a", dogs()), id="good"), record(proposed("b", dogs()), id="bad")]
    good, bad = CheckByDetector("double:seer")(rows, context(seer=seer))
    assert good.status.kind == "kept" and good.verdicts
    assert bad.status.kind == "failed" and "scripted failure" in bad.status.why


def test_answers_in_words() -> None:
    assert heard("Yes, there is.") == "supported"
    assert heard("no") == "contradicted"
    assert heard("no", negated=True) == "supported"
    assert heard("maybe") == "unknown"
    assert heard("") == "unknown"
    assert heard("notable") == "unknown"


def test_answerer_checks_attributes_and_relations() -> None:
    row = record(proposed("c", dogs()))
    asked = [question(s) for s in dogs().statements() if s.kind in ("attribute", "relation")]
    assert len(set(asked)) == 2
    (checked,) = CheckByAnswers("double:oracle")([row], context(oracle=Scripted(answers={asked[0]: "yes"})))
    assert answers(checked) == {("c", 1): "supported", ("c", 4): "contradicted"}


def test_an_expert_is_asked_whether_the_denied_thing_is_there() -> None:
    graph = SceneGraph((Entity("dog", 0, attributes=(Attribute("red"),), negated=True),))
    for said, expected in (("no", "supported"), ("yes", "contradicted")):
        oracle = Scripted(answers={"Is there a red dog in the image?": said})
        (row,) = CheckByAnswers("double:oracle", kinds=("attribute",))([record(proposed("c", graph))], context(oracle=oracle))
        assert [v.answer for v in row.verdicts] == [expected]
        assert not oracle.asked[0].statement.negated  # an expert that reads the statement answers the same question


def test_questions_read_as_english() -> None:
    on = Statement(0, "relation", "dog", "sleep on", "couch", ("brown",))
    assert question(Statement(0, "exists", "elephant")) == "Is there an elephant in the image?"
    assert question(Statement(0, "attribute", "dog", "brown")) == "Is there a brown dog in the image?"
    assert question(Statement(0, "count", "dog", "2")) == "Are there two dogs in the image?"
    assert question(Statement(0, "count", "dog", "2+")) == "Are there at least two dogs in the image?"
    assert question(on) == "Is there a brown dog sleeping on a couch in the image?"
    assert question(Statement(0, "text", "sign", "STOP")) == 'Do the words "STOP" appear in the image?'


def test_ocr_supports_words_it_reads_and_leaves_others_unknown() -> None:
    graph = SceneGraph((Entity("sign", 1),), (), (Quote("Stop", 0), Quote("Go", 0)))
    (row,) = CheckByOcr("double:reader")([record(proposed("c", graph))], context(reader=Scripted(words=["STOP"])))
    assert answers(row) == {("c", 1): "supported", ("c", 2): "unknown"}


def test_match_scores_each_caption() -> None:
    row = record(proposed("a", None, text="one"), proposed("b", None, text="two"))
    (scored,) = Match("double:judge")([row], context(judge=Scripted(scores={"one": 0.2, "two": 0.7})))
    assert [c.scores["match"] for c in scored.captions] == [0.2, 0.7]


def one(noun: str, *values: str) -> SceneGraph:
    return SceneGraph((Entity(noun, 1, attributes=tuple(Attribute(v) for v in values)),))


def test_agreement_counts_families_not_captions() -> None:
    a1, a2 = proposed("1", one("dog"), "x:a-one"), proposed("2", one("dog"), "x:a-two")
    b = proposed("3", one("cat"), "x:b")
    (row,) = CheckByAgreement()([record(a1, a2, b)], context())
    assert set(answers(row).values()) == {"unknown"}  # one family says dog, another says cat: nobody has a second voice
    (row,) = CheckByAgreement()([record(a1, b, proposed("4", one("dog"), "x:c"))], context())
    assert answers(row) == {("1", 0): "supported", ("4", 0): "supported", ("3", 0): "unknown"}


def test_agreement_weighs_voices() -> None:
    captions = (proposed("1", one("dog"), "x:a"), proposed("2", one("dog"), "x:b"))
    (row,) = CheckByAgreement(weights=(("x:b", 0.0),))([record(*captions)], context())
    assert set(answers(row).values()) == {"unknown"}


def test_consensus_prefers_the_caption_most_like_the_others() -> None:
    captions = (proposed("1", one("dog", "brown"), "x:a"), proposed("2", one("dog", "brown"), "x:b"), proposed("3", one("cat"), "x:c"))
    (row,) = Consensus()([record(*captions)], context())
    scores = {c.id: c.scores["match"] for c in row.captions}
    assert scores == {"1": 0.5, "2": 0.5, "3": 0.0}


def test_lift_exposes_a_blind_family() -> None:
    nouns = ["dog", "boat", "piano", "cake", "kite", "horse"]
    rows = [
        record(proposed("1", one(n), "x:a"), proposed("2", one(n), "x:b"), proposed("3", one("person"), "x:blind"), id=n) for n in nouns
    ]
    found = lifts(rows, "proposed")
    assert found["x:a"] > 0.3 and found["x:b"] > 0.3
    assert abs(found["x:blind"]) < 0.05
    assert dict(weights(found)) == {"x:a": 1.0, "x:b": 1.0, "x:blind": 0.0}


def test_settled_is_a_vote_of_families() -> None:
    row = record(proposed("c", dogs()))
    two = CheckByDetector("double:seer")([row], context(seer=Scripted(boxes={"dog": [0.9, 0.9]})))[0]
    three = CheckByAnswers("double:oracle", kinds=("exists",))([two], context(oracle=Scripted()))[0]
    assert settled(two)["c", 0] == "supported"
    assert settled(three)["c", 0] == "unknown"  # one for, one against
    assert settled(three)["c", 3] == "contradicted"
    again = three.add(verdicts=[replace(v, by="double:oracle-large") for v in three.verdicts if v.by == "double:oracle"])
    assert settled(again) == settled(three)  # a second model of the family has no second vote


def test_relations_ask_about_the_entity_that_is_meant() -> None:
    graph = SceneGraph(
        (Entity("ball", 1, attributes=(Attribute("red"),)), Entity("ball", 1, attributes=(Attribute("blue"),))),
        (Relation(0, "left of", 1),),
    )
    statement = graph.statements()[-1]
    assert question(statement) == "Is there a red ball left of a blue ball in the image?"
