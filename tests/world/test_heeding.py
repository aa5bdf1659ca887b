"""What hints make of a caption, on the hand-made scene: a small red shiny mug on a blue table, left of two green ducks, one striped."""

from dataclasses import replace

import numpy as np
import pytest
from experts_samples import entity, hand_made, opened, picture, table, truth

from diptych.data.graphs import Entity, Quote, Relation, SceneGraph
from diptych.models.abilities import Captioner, CaptionRequest
from diptych.world.heeding import heeding, heeding_of_one, pressed
from diptych.world.lookup import know
from diptych.world.rates import CaptionerRates

KNOWN = know(hand_made())
CAPTION = SceneGraph((entity("mug", "blue"), entity("car", "red"), Entity("duck", at_least=2)), (Relation(0, "left of", 1),))


def after(*hints: str, graph: SceneGraph = CAPTION, heeded: float = 1.0, believed: float = 0.0, u: float = 0.5) -> SceneGraph:
    return heeding(KNOWN, graph, hints, CaptionerRates(hint_heeded=heeded, hint_believed=believed), lambda fact: u)


def look(graph: SceneGraph) -> list[tuple]:
    return [(e.noun, *e.values) for e in graph.entities]


def test_what_is_missing_is_added_and_what_is_not_there_goes_with_what_hangs_on_it():
    graph = after("There is a blue table.", "There is no car.")
    assert look(graph) == [("mug", "blue"), ("duck",), ("table", "blue")] and graph.relations == ()


def test_a_value_takes_the_place_of_another_of_its_sort():
    assert look(after("There is a red mug."))[0] == ("mug", "red")
    assert look(after("There is a red mug.", "There is a small mug."))[0] == ("mug", "red", "small")


def test_of_several_only_what_all_have_is_said():
    assert look(after("There is a striped duck."))[2] == ("duck",)
    assert look(after("There is a green duck."))[2] == ("duck", "green")


def test_a_second_thing_of_a_noun_gets_its_own_place_while_there_is_room():
    one = SceneGraph((entity("duck", "green"),))
    assert look(after("There is a striped duck.", graph=one)) == [("duck", "green", "striped")]
    plain = SceneGraph((entity("duck", "shiny"),))
    assert look(after("There is a striped duck.", graph=plain)) == [("duck", "shiny"), ("duck", "striped")]


def test_numbers_places_and_words():
    graph = after("There are two ducks.", 'The words "OPEN" are written on a table.', "A mug is on a table.")
    assert graph.entities[2].count == 2
    assert graph.texts == (Quote("OPEN", 3),) and Relation(0, "on", 3) in graph.relations


@pytest.mark.parametrize(("believed", "kept"), [(0.0, True), (1.0, False)])
def test_a_false_hint_is_repeated_where_it_is_believed(believed, kept):
    assert (look(after("There is no duck.", believed=believed))[-1] == ("duck",)) == kept
    assert (("boat",) in look(after("There is a boat.", believed=believed))) != kept
    assert (look(after("There is a green mug.", believed=believed))[0] == ("mug", "green")) != kept


def test_what_is_not_heeded_changes_nothing_and_nonsense_neither():
    hints = ("There is a blue table.", "There is no car.", "There is a red mug.", "There are two ducks.", "A mug is on a table.")
    assert after(*hints, heeded=0.0) == CAPTION
    assert after("", "?!", "an idea of freedom", "the other one is nicer", "There is no zebra.", believed=1.0) == CAPTION


def test_a_caption_of_one_thing_heeds_what_concerns_it_alone():
    one = SceneGraph((entity("mug", "blue"),))
    heed = ("There is a red mug.", "There is a blue table.", "There are two ducks.")
    assert look(heeding_of_one(KNOWN, one, heed, CaptionerRates(hint_heeded=1.0), lambda fact: 0.5)) == [("mug", "red")]
    gone = heeding_of_one(KNOWN, one, ["There is no mug.", "There is a blue table."], CaptionerRates(hint_believed=1.0), lambda fact: 0.5)
    assert gone == one


def test_asked_for_more_detail_it_says_more_and_errs_more():
    rates = CaptionerRates()
    more = pressed(rates, ["Be more detailed."])
    assert more.recall == pytest.approx(0.45 + 0.3 * 0.55) and more.hallucination == pytest.approx(0.20)
    assert pressed(rates, ["There is a mug."]) == rates == pressed(rates, [])


SCENES = table(*(truth(k) for k in range(300)))


def test_the_captioner_heeds_true_hints_at_the_table_s_rate_and_keeps_the_rest_of_its_caption():
    """Things it left out, 300 scenes: standard error .025."""
    captioner = opened("sim:captioner", SCENES, Captioner)
    heeded = []
    for key, one in SCENES.items():
        known = know(one)
        before = captioner.said(known, "dense").graph
        missing = next((t.noun for t in known.things if t.noun not in {e.noun for e in before.entities}), None)
        if missing:
            graph = captioner.said(known, "dense", hints=(f"There is a {missing}.",)).graph
            heeded.append(missing in {e.noun for e in graph.entities})
            assert {e.noun for e in before.entities} <= {e.noun for e in graph.entities}, key
    assert np.mean(heeded) == pytest.approx(CaptionerRates().hint_heeded, abs=0.06)


def test_a_request_with_hints_is_answered_the_same_in_any_company():
    captioner = opened("sim:captioner", SCENES, Captioner)
    requests = [CaptionRequest(picture(key), "dense", hints=("There is a mug.", "Be more detailed.")) for key in list(SCENES)[:20]]
    whole = captioner.caption(requests)
    assert captioner.caption(requests[::-1])[::-1] == whole
    plain = captioner.caption([replace(one, hints=()) for one in requests])
    assert plain != whole
