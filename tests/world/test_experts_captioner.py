from collections import Counter

import numpy as np
import pytest
from experts_samples import hand_made, opened, picture, table, truth

from diptych.data.regions import Box
from diptych.models.abilities import Captioner, CaptionRequest, Failed
from diptych.models.addresses import parse_address
from diptych.world.catalogue import BY_NOUN, COLOURS
from diptych.world.experts import layout
from diptych.world.experts_captioner import content
from diptych.world.lookup import know
from diptych.world.rates import CaptionerRates, voice_of

SCENES = [know(truth(k, 6, alike=False)) for k in range(1200)]  # six things of six nouns each


def said(address="sim:captioner", style="short"):
    rates = CaptionerRates()
    voice = voice_of(parse_address(address), rates, 0)
    return [content(known, layout(voice, known), rates, style) for known in SCENES]


GRAPHS = said()


def named(known, graph):
    return [(e, next((t for t in known.things if t.noun == e.noun), None)) for e in graph.entities]


def test_recall_and_hallucination_of_nouns_are_those_of_the_table():
    """7,200 nouns: standard error .006."""
    pairs = [pair for known, graph in zip(SCENES, GRAPHS, strict=True) for pair in named(known, graph)]
    true = sum(thing is not None for _, thing in pairs)
    assert true / (6 * len(SCENES)) == pytest.approx(CaptionerRates().recall, abs=0.02)
    assert 1 - true / len(pairs) == pytest.approx(CaptionerRates().hallucination, abs=0.02)


def test_attributes_are_stated_and_mistaken_at_the_table_s_rates():
    stated, wrong, could = Counter(), Counter(), Counter()
    for known, graph in zip(SCENES, GRAPHS, strict=True):
        for entity, thing in named(known, graph):
            if thing is not None:
                could.update(thing.values.keys())
                for value in entity.values:
                    slot = "colour" if value in COLOURS else "size" if value in ("small", "large") else "material"
                    stated[slot] += 1
                    wrong[slot] += value != thing.values[slot]
    rates = CaptionerRates()
    for slot, recall in (("colour", rates.colour_recall), ("size", rates.size_recall), ("material", rates.material_recall)):
        assert stated[slot] / could[slot] == pytest.approx(recall, abs=0.04)
    assert wrong.total() / stated.total() == pytest.approx(rates.attribute_error, abs=0.02)


@pytest.mark.parametrize(("style", "rate"), [("short", CaptionerRates().relation_recall), ("spatial", CaptionerRates().spatial_recall)])
def test_relations_are_stated_and_turned_round_at_the_table_s_rates(style, rate):
    could = stated = wrong = 0
    for known, graph in zip(SCENES, said(style=style), strict=True):
        things = [thing for _, thing in named(known, graph)]
        there = {thing.index for thing in things if thing}
        # what shares a relation with something else that is named, and so can be placed
        could += sum(any(o in there for _, o in known.near.get(i, ())) for i in there)
        for relation in graph.relations:
            one, two = things[relation.subject], things[relation.object]
            if one and two:
                stated += 1
                wrong += (relation.predicate, two.index) not in known.near[one.index]
    assert wrong / stated == pytest.approx(CaptionerRates().relation_error, abs=0.035)
    # a pair placed once is not placed again, so a little less
    assert 0.75 * rate < stated / could <= rate + 0.03


def test_invented_nouns_mostly_share_a_family_with_the_picture():
    """One noun in many other families by chance would be rare; the table says .6."""
    kin = [
        BY_NOUN[entity.noun].family in {BY_NOUN[t.noun].family for t in known.things}
        for known, graph in zip(SCENES, GRAPHS, strict=True)
        for entity, thing in named(known, graph)
        if thing is None
    ]
    assert np.mean(kin) == pytest.approx(CaptionerRates().cooccurrence, abs=0.05)


@pytest.mark.parametrize(("other", "wanted"), [("family=b", 0.3), ("family=a&seed=2", 0.6)])
def test_captioners_name_and_invent_the_same_things_as_the_table_correlates_them(other, wanted):
    one, two = said("sim:captioner?family=a"), said(f"sim:captioner?{other}")
    hits = np.array(
        [[t.noun in {e.noun for e in g.entities} for k, g in zip(SCENES, graphs, strict=True) for t in k.things] for graphs in (one, two)]
    )
    assert np.corrcoef(hits)[0, 1] == pytest.approx(wanted, abs=0.04)
    invented = np.array(
        [
            [
                noun in {e.noun for e in g.entities}
                for k, g in zip(SCENES, graphs, strict=True)
                for noun in sorted(set(BY_NOUN) - {t.noun for t in k.things})
            ]
            for graphs in (one, two)
        ]
    )
    assert np.corrcoef(invented)[0, 1] == pytest.approx(wanted, abs=0.07)


def test_several_of_a_noun_are_counted_listed_or_left_uncounted_and_numbers_err_by_one():
    scenes = [know(truth(k)) for k in range(4000)]
    rates = CaptionerRates()
    voice = voice_of(parse_address("sim:captioner"), rates, 0)
    right = wrong = vague = 0
    for known in scenes:
        pairs = {group[0].noun: len(group) for group in known.groups if len(group) > 1}
        for entity in content(known, layout(voice, known), rates, "short").entities:
            if entity.noun in pairs and entity.count != 1:
                vague += entity.count is None
                right += entity.count == pairs[entity.noun]
                wrong += entity.count == pairs[entity.noun] + 1
    assert right + wrong > 150
    assert wrong / (right + wrong) == pytest.approx(rates.count_error, abs=0.07)
    assert vague / (right + wrong + vague) == pytest.approx(1 - rates.count_recall, abs=0.07)


def test_a_perfect_captioner_says_only_what_is_true_and_names_everything():
    perfect = CaptionerRates(recall=1, hallucination=0, attribute_error=0, count_error=0, relation_error=0)
    voice = voice_of(parse_address("sim:captioner"), perfect, 0)
    for k in range(200):
        known = know(truth(k))
        graph = content(known, layout(voice, known), perfect, "spatial")
        assert {e.noun for e in graph.entities} == {t.noun for t in known.things}
        assert set(known.index.check(graph)) == {"supported"}


def test_a_region_is_described_by_what_stands_in_it():
    truths = table(hand_made())
    request = CaptionRequest(picture("hand"), "region", Box(0.6, 0.5, 0.8, 0.8))
    address = "sim:captioner?hallucination=0&colour_recall=1&held_out=0"
    text = opened(address, truths, Captioner).caption([request])[0].text
    assert text in ("a green duck", "a photo of a green duck")
    whole = opened(address, truths, Captioner).caption([CaptionRequest(picture("hand"), "region")])[0].text
    assert "blue table" in whole


def test_an_empty_region_gets_a_description_all_the_same():
    answer = opened("sim:captioner", table(hand_made()), Captioner).caption(
        [CaptionRequest(picture("hand"), "region", Box(0.5, 0, 0.52, 0.02))]
    )[0]
    assert answer.text


def test_an_unknown_style_fails_with_the_known_ones():
    answer = opened("sim:captioner", table(hand_made()), Captioner).caption([CaptionRequest(picture("hand"), "ode")])[0]
    assert isinstance(answer, Failed)
    assert "alt, short, dense, spatial, region, not 'ode'" in answer.error


def test_phrasings_are_held_out_at_the_rate_asked_for():
    truths = table(*(truth(k) for k in range(100)))
    requests = [CaptionRequest(picture(key), "dense") for key in truths]
    seen, held = (opened(f"sim:captioner?held_out={share}", truths, Captioner).caption(requests) for share in (0, 1))
    starts = ("The picture shows", "There ", "In this photo")
    assert all(answer.text.startswith(starts) for answer in seen if answer.text != "a picture")
    assert not any(answer.text.startswith(starts) for answer in held)
