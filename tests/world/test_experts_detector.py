import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.models.abilities import Detector, DetectRequest
from diptych.world.catalogue import BY_NOUN
from diptych.world.experts_detector import taken_apart
from diptych.world.lookup import know, overlap
from diptych.world.rates import DetectorRates

TRUTHS = table(*(truth(k, 6, alike=False) for k in range(400)))
RATES = DetectorRates()


def found(phrases, address="sim:detector", truths=TRUTHS, threshold=0.0):
    """Answers for each truth; `phrases` gives a truth's phrases."""
    requests = [DetectRequest(picture(key), tuple(phrases(one)), threshold) for key, one in truths.items()]
    return [answer.found for answer in opened(address, truths, Detector).detect(requests)]


def nouns(one):
    return [entity.noun for entity in one.graph.entities]


def absent(one):
    return sorted(set(BY_NOUN) - set(nouns(one)))


def test_present_things_are_found_at_the_table_s_recall():
    """2,400 things, all clear: standard error .006."""
    boxes = found(nouns)
    assert sum(map(len, boxes)) / 2400 == pytest.approx(RATES.recall, abs=0.02)
    for (key, one), seen in zip(TRUTHS.items(), boxes, strict=True):
        where = {region.label: region.box for region in one.regions}
        assert all(overlap(box.box, where[box.phrase]) > 0.7 for box in seen), key


def test_absent_phrases_fire_at_the_table_s_rate_also_those_of_no_known_noun():
    for phrases in (absent, lambda one: ["zebra", "piano", "old bus", "bicycle"]):
        asked = sum(len(phrases(one)) for one in TRUTHS.values())
        assert sum(map(len, found(phrases))) / asked == pytest.approx(RATES.false_positive, abs=0.02)


def test_small_things_are_missed_more():
    small = know(hand_made()).things[3]
    assert not small.clear
    truths = table(*(type(one)(f"hand{k}", one.graph, one.regions, one.kinds) for k in range(1500) for one in [hand_made()]))
    boxes = found(lambda one: ["duck"], truths=truths)
    hits = np.array([[any(box.box.left < 0.85 for box in seen), any(box.box.left > 0.85 for box in seen)] for seen in boxes])
    assert hits.mean(axis=0) == pytest.approx([RATES.recall, RATES.recall * RATES.small], abs=0.03)


def test_an_attribute_in_the_phrase_counts_unless_the_detector_is_blind_to_it():
    def coloured(colour):
        return lambda one: [f"{colour(e)} {e.noun}" for e in one.graph.entities]

    right = sum(map(len, found(coloured(lambda e: e.values[0])))) / 2400
    wrong = sum(map(len, found(coloured(lambda e: "red" if e.values[0] != "red" else "blue")))) / 2400
    blind, confused = RATES.attribute_blind, RATES.attribute_confusion
    assert right == pytest.approx(RATES.recall * (blind + (1 - blind) * (1 - confused)), abs=0.03)
    assert RATES.recall * blind < wrong + 0.03 < RATES.recall * (blind + (1 - blind) * confused) + 0.05


def test_higher_thresholds_lose_right_boxes_and_lose_false_ones_faster():
    right = [sum(map(len, found(nouns, threshold=t))) for t in (0.0, 0.35, 0.6)]
    false = [sum(map(len, found(absent, threshold=t))) for t in (0.0, 0.35, 0.6)]
    assert right[0] > right[1] > right[2] > 0
    assert false[1] / false[0] < 0.6
    assert right[1] / right[0] > 0.9


def test_without_phrases_it_lists_what_it_sees_with_attributes_and_invents_some():
    seen = found(lambda one: ())
    true = false = right = stated = could = 0
    for one, boxes in zip(TRUTHS.values(), seen, strict=True):
        values = {e.noun: e.values for e in one.graph.entities}
        for box in boxes:
            if box.phrase in values:
                true += 1
                could += len(values[box.phrase])
                stated += len(box.attributes)
                right += sum(value in values[box.phrase] for value in box.attributes)
            else:
                false += 1
    assert true / 2400 == pytest.approx(RATES.recall, abs=0.02)
    assert false / 2400 == pytest.approx(RATES.false_positive, abs=0.02)
    assert stated / could == pytest.approx(RATES.attribute_recall, abs=0.03)
    assert right / stated == pytest.approx(1 - RATES.attribute_confusion, abs=0.02)


def test_boxes_come_best_first_and_one_phrase_asked_twice_is_answered_once():
    truths = table(hand_made())
    seen = found(lambda one: ("duck", "mug", "duck"), "sim:detector?recall=1&small=1", truths)[0]
    assert [box.score for box in seen] == sorted((box.score for box in seen), reverse=True)
    assert sorted(box.phrase for box in seen) == ["duck", "duck", "mug"]


def test_a_coarser_noun_finds_its_kinds():
    seen = found(lambda one: ("cup", "bird"), "sim:detector?recall=1&small=1", table(hand_made()))[0]
    assert sorted(box.phrase for box in seen) == ["bird", "bird", "cup"]


@pytest.mark.parametrize(
    ("phrase", "noun", "values"),
    [
        ("a red ball", "ball", ("red",)),
        ("Two Mugs", "mug", ()),
        ("cacti", "cactus", ()),
        ("old grey zebra", "zebra", ("old", "grey")),
        ("", "", ()),
    ],
)
def test_phrases_are_taken_apart(phrase, noun, values):
    assert taken_apart(phrase) == (noun, values)


def test_a_phrase_is_answered_alike_alone_and_among_others():
    phrases = ("mug", "red ball", "zebra", "car", "bird")
    together = found(lambda one: phrases)
    alone = [found(lambda one, phrase=phrase: (phrase,)) for phrase in phrases]
    for number, seen in enumerate(together):
        assert set(seen) == {box for one in alone for box in one[number]}
