"""The comparer tells what a painting shows otherwise, with misses and false alarms at the table's rates."""

from dataclasses import replace

import numpy as np
import pytest
from experts_samples import entity, hand_made, opened, picture, table, truth

from diptych.data.graphs import SceneGraph
from diptych.language.index import Index
from diptych.language.parse import parse
from diptych.models.abilities import Comparer, CompareRequest, Differences, Failed
from diptych.world.experts_comparer import MOST
from diptych.world.rates import ComparerRates
from diptych.world.truth import Truth

PERFECT = "sim:comparer?missed=0&count_missed=0&relation_missed=0&text_missed=0&misread=0&false_alarm=0"
HAND = hand_made()


def painting(key: str, keep: tuple[int, ...], *more) -> Truth:
    """Some of the hand-made scene's things, in their order, without relations, and others."""
    entities = tuple(HAND.graph.entities[i] for i in keep)
    regions = tuple(HAND.regions[i] for i in keep)
    extra = tuple(entity(noun, *values, region=f"x{n}") for n, (noun, *values) in enumerate(more))
    found = tuple(replace(HAND.regions[0], id=e.region, label=e.noun) for e in extra)
    return Truth(key, SceneGraph((*entities, *extra)), (*regions, *found), HAND.kinds)


def told(other: Truth, address: str = PERFECT, draw: int = 0) -> tuple[str, ...]:
    comparer = opened(address, table(HAND, other), Comparer)
    (answer,) = comparer.compare([CompareRequest(picture("hand"), picture(other.key), draw)])
    assert isinstance(answer, Differences)
    return answer.hints


def test_what_is_missing_is_told_with_its_colour_and_what_is_not_in_the_picture_is_denied():
    """Things by the area concerned: the mug's and the car's boxes are the same."""
    hints = told(painting("p", (1, 2, 3), ("car", "red")))
    assert hints[:2] == ("There is a red mug.", "There is no car.")
    assert {*hints[2:]} == {"There is a small mug.", "There is a shiny mug.", 'The words "OPEN" are written on a table.'}


def test_the_same_scene_differs_in_nothing():
    assert told(replace(HAND, key="twin")) == ()


def test_numbers_attributes_and_places_are_told():
    one_duck = told(painting("p", (0, 1, 2)))
    assert "There are two ducks." in one_duck and "There is a striped duck." in one_duck
    assert "A mug is on a table." in told(painting("q", (0, 1, 2, 3)), PERFECT)


def test_at_most_so_many_are_told_and_things_come_first():
    hints = told(painting("p", (), ("car", "red"), ("boat", "blue")))
    assert len(hints) == MOST and all(parse(hint).relations == () for hint in hints)


SCENES = [truth(k, 6, alike=False) for k in range(400)]


def without_first(one: Truth, number: int) -> Truth:
    kept = one.graph.entities[1:]
    return Truth(f"painting{number}", SceneGraph(kept), one.regions, one.kinds)


@pytest.mark.parametrize("address", ["sim:comparer", "sim:comparer?missed=.6&misread=0"])
def test_a_missing_thing_goes_unnoticed_at_the_table_s_rate(address):
    """400 scenes: standard error .025."""
    paintings = [without_first(one, n) for n, one in enumerate(SCENES)]
    comparer = opened(address, table(*SCENES, *paintings), Comparer)
    answers = comparer.compare([CompareRequest(picture(s.key), picture(p.key)) for s, p in zip(SCENES, paintings, strict=True)])
    named = [any(s.graph.entities[0].noun in h and " no " not in h for h in a.hints) for s, a in zip(SCENES, answers, strict=True)]
    rates = ComparerRates() if address == "sim:comparer" else ComparerRates(missed=0.6, misread=0.0)
    # what it tells of the missing thing's colour, size and surface names it too, where its being missing went unnoticed
    unseen = [not any(h.startswith(("There is a", "There is no")) and s.graph.entities[0].noun in h for h in a.hints)
              for s, a in zip(SCENES, answers, strict=True)]  # fmt: skip
    assert np.mean(unseen) <= rates.missed + 0.03 and np.mean(named) > 1 - rates.missed - 0.05


def test_hints_are_wrong_about_as_often_as_told_wrongly():
    """With false alarms alone, every hint on the very same scene is false."""
    twins = [replace(one, key=f"twin{n}") for n, one in enumerate(SCENES)]
    comparer = opened("sim:comparer?false_alarm=.2", table(*SCENES, *twins), Comparer)
    answers = comparer.compare([CompareRequest(picture(s.key), picture(t.key)) for s, t in zip(SCENES, twins, strict=True)])
    checked = [Index(s.graph, s.kinds).check(parse(h)) for s, a in zip(SCENES, answers, strict=True) for h in a.hints]
    assert len(checked) > 400 and np.mean(["contradicted" in one for one in checked]) > 0.97


def test_one_that_guesses_does_not_look():
    comparer = opened("sim:comparer?guessing=1", table(*SCENES[:40]), Comparer)
    answers = comparer.compare([CompareRequest(picture(s.key), picture(s.key)) for s in SCENES[:40]])
    checked = [Index(s.graph, s.kinds).check(parse(h))[0] for s, a in zip(SCENES, answers, strict=False) for h in a.hints]
    assert len(checked) > 150 and np.mean([one == "supported" for one in checked]) < 0.35


def test_another_painting_is_looked_at_anew_and_company_changes_nothing():
    paintings = [without_first(SCENES[0], 0), replace(without_first(SCENES[0], 0), key="again")]
    comparer = opened("sim:comparer", table(*SCENES[:9], *paintings), Comparer)
    requests = [CompareRequest(picture(s.key), picture(p.key), draw) for s in SCENES[:9] for p in paintings for draw in (0, 1)]
    whole = comparer.compare(requests)
    assert comparer.compare(requests[::-1])[::-1] == whole == [comparer.compare([one])[0] for one in requests]
    assert len({answer.hints for answer in whole[:4]}) > 1
    stranger = comparer.compare([CompareRequest(picture("nowhere"), picture("again")), CompareRequest(picture("key0"), picture("gone"))])
    assert all(isinstance(one, Failed) for one in stranger)
