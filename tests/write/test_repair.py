"""Putting right what the checks contradict."""

from dataclasses import replace

from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.records import Verdict
from diptych.language.parse import parse
from diptych.write.repair import Repair, contradicted, open_questions, repaired
from doubles import Scripted, context, proposed, record

TEXT = "two red balls on a wooden table and a castle"


def checked(*wrong: int, text: str = TEXT):
    """A record whose chosen caption has these statements contradicted: 0 ball, 1 red, 2 two, 3 table, 4 wooden, 5 castle, 6 and 7 on."""
    caption = proposed("c", parse(text), text=text)
    verdicts = tuple(Verdict("c", number, "contradicted" if number in wrong else "supported", "x:y") for number in range(8))
    return replace(record(caption), verdicts=verdicts)


def test_the_statements_of_the_text_are_those_that_the_tests_number():
    said = [(s.number, s.kind, s.subject, s.value) for s in parse(TEXT).statements()]
    assert said == [(0, "exists", "ball", ""), (1, "attribute", "ball", "red"), (2, "count", "ball", "2"), (3, "exists", "table", ""),
                    (4, "attribute", "table", "wooden"), (5, "exists", "castle", ""), (6, "relation", "ball", "on"),
                    (7, "relation", "ball", "on")]  # fmt: skip


def test_a_wrong_colour_and_number_are_asked_for_and_put_right():
    seer = Scripted(answers={"What colour is the ball?": "Blue.", "How many red balls are there in the image?": "three"})
    (done,) = Repair("rules:", "double:seer")([checked(1, 2)], context(seer=seer))
    assert [request.question for request in seer.asked] == list(seer.answers)
    text = done.standing()[0].text
    assert "three blue balls" in text and "wooden table" in text and "castle" in text and "red" not in text
    assert done.standing()[0].parents == ("c",) and done.standing()[0].by == "rules:"


def test_what_is_not_there_and_what_is_no_colour_or_number_is_cut_without_asking():
    seer = Scripted()
    (done,) = Repair("rules:", "double:seer")([checked(4, 5)], context(seer=seer))
    assert not seer.asked and done.standing()[0].text == "two red balls on a table"
    # a colour of what is not there is not asked for
    assert open_questions(checked(0, 1, 2)) == []


def test_an_answer_that_puts_nothing_right_leaves_the_statement_out():
    for answer in ("red", "no idea", ""):
        seer = Scripted(answers={"What colour is the ball?": answer})
        (done,) = Repair("rules:", "double:seer")([checked(1)], context(seer=seer))
        assert "red" not in done.standing()[0].text and "ball" in done.standing()[0].text
    graph = parse("three balls")
    (wrong,) = (s for s in graph.statements() if s.kind == "count")
    for answer, count in (("3", 1), ("zero", 1), ("five", 5), ("1", 1)):
        assert repaired(graph, (wrong,), {wrong: answer}).entities[0].count == count


def test_of_several_things_of_a_noun_the_question_says_which_and_the_right_one_changes():
    text = "a small red ball and a large green ball"
    row = checked(1, text=text)
    statements = parse(text).statements()
    number = next(s.number for s in statements if s.value == "green")
    row = checked(number, text=text)
    seer = Scripted(answers={"What colour is the large ball?": "blue"})
    (done,) = Repair("rules:", "double:seer")([row], context(seer=seer))
    graph = done.standing()[0].graph
    assert {frozenset(e.values) for e in graph.entities} == {frozenset({"small", "red"}), frozenset({"large", "blue"})}


def test_relations_and_quotes_that_are_contradicted_go_and_indices_stay_right():
    graph = SceneGraph((Entity("cup", 1), Entity("dog", 1), Entity("box", 1, attributes=(Attribute("red"),))),
                       (Relation(0, "on", 2), Relation(1, "left of", 2)))  # fmt: skip
    wrong = tuple(s for s in graph.statements() if s.value == "on" or (s.kind == "exists" and s.subject == "cup"))
    assert repaired(graph, wrong, {}) == SceneGraph(graph.entities[1:], (Relation(0, "left of", 1),))


def test_nothing_contradicted_leaves_the_caption_and_all_of_it_drops_the_record():
    kept, gone = checked(), replace(checked(0, 3, 5), id="gone")
    assert contradicted(kept) == ()
    same, dropped = Repair("rules:", "double:seer")([kept, gone], context(seer=Scripted()))
    assert same == kept
    assert dropped.status.why == "nothing left to say"


def test_an_answerer_that_fails_fails_its_row_alone():
    bad = replace(checked(1), id="bad")
    good, failed = Repair("rules:", "double:seer")([checked(5), bad], context(seer=Scripted(fails={"bad"})))
    assert good.standing()[0].style == "fused" and (failed.status.kind, failed.chosen) == ("failed", ("c",))
