import pytest
from experts_samples import entity, hand_made, truth

from diptych.data.draws import generator
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.language.entail import holds
from diptych.language.parse import parse
from diptych.models.addresses import parse_address
from diptych.world.experts import layout
from diptych.world.experts_captioner import content
from diptych.world.grammar import STYLES, article, join, plural, say
from diptych.world.lookup import know
from diptych.world.phrasing import HELD_OUT, SEEN, SETS
from diptych.world.rates import CaptionerRates, voice_of

BALL, CUBE, CONES = entity("ball", "shiny", "red", "small"), entity("cube", "blue"), Entity("cone", 3)
SCENE = SceneGraph((BALL, CUBE, CONES), (Relation(0, "left of", 1),))


def graphs(count):
    """What simulated captioners say: everything from bare nouns to numbers, lists, relations and words."""
    voice, rates = voice_of(parse_address("sim:captioner"), CaptionerRates(recall=0.7, text_recall=0.7), 3), CaptionerRates(recall=0.7)
    for number in range(count):
        known = know(truth(number))
        yield content(known, layout(voice, known), rates, "short")


def draws(*keys):
    return generator("words", *keys).random(30).tolist()


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("short", "a small shiny red ball, a blue cube and three cones. The ball is left of the cube"),
        ("spatial", "A small shiny red ball is left of a blue cube. There are also three cones."),
        ("dense", "The picture shows a small shiny red ball, a blue cube and three cones. The ball is left of the cube."),
    ],
)
def test_first_wordings(style, text):
    # .9 leaves attributes in place, 0 picks the first wording
    told = say(SCENE, style, (0.9, 0.9, 0.0) if style == "dense" else ())
    assert say(SCENE, style, [0.0] * 9).text == text if style != "dense" else "red ball" in told.text
    assert len(told.graph.statements()) == len(SCENE.statements())


def test_an_attribute_may_get_a_sentence_of_its_own():
    assert say(SceneGraph((CUBE,)), "dense", [0.0] * 9).text == "The picture shows a cube. The cube is blue."


def test_the_graph_comes_back_in_order_of_mention():
    told = say(SceneGraph((BALL, CUBE, CONES), (Relation(1, "behind", 2), Relation(0, "left of", 1))), "spatial", [0.0] * 9).graph
    assert [e.noun for e in told.entities] == ["cube", "cone", "ball"]
    assert told.relations == (Relation(0, "behind", 1), Relation(2, "left of", 0))


def test_a_pair_alone_is_told_in_one_phrase():
    assert (
        say(SceneGraph((BALL, CUBE), (Relation(0, "left of", 1),)), "short", [0.0] * 9).text == "a small shiny red ball left of a blue cube"
    )


def test_things_of_one_noun_are_told_apart_by_colour():
    both = SceneGraph((entity("ball", "small", "red"), entity("ball", "small", "blue"), entity("cube")), (Relation(1, "behind", 2),))
    assert say(both, "dense", [0.9, 0.0, 0.0]).text.endswith("The blue ball is behind the cube.")


def test_words_are_quoted_on_what_bears_them():
    told = say(SceneGraph((entity("sign", "green"),), (), (Quote("STOP", 0),)), "short", [0.0] * 9)
    assert told.text == 'a green sign that says "STOP"'


def test_numbers_and_bare_plurals():
    some = SceneGraph((Entity("snowman", 12), Entity("bench", at_least=2, attributes=(Attribute("red"),))))
    assert say(some, "short", [0.0] * 9).text == "12 snowmen and several red benches"
    assert plural("bird") == "birds"


def test_small_words():
    assert [article(word) for word in ("orange cube", "hourglass", "house", "umbrella")] == [
        "an orange cube",
        "an hourglass",
        "a house",
        "an umbrella",
    ]
    assert [join(list("abc")), join(["a", "b"]), join(["a"])] == ["a, b and c", "a and b", "a"]


@pytest.mark.parametrize("phrasings", SETS)
@pytest.mark.parametrize("style", STYLES)
def test_no_statement_is_lost_and_none_added(style, phrasings):
    for number, graph in enumerate(graphs(200)):
        told = say(graph, style, draws(style, number), phrasings)
        assert sorted(s.key for s in told.graph.statements()) == sorted(s.key for s in graph.statements())
        for one in graph.entities:
            assert (one.noun if one.count == 1 else plural(one.noun)) in told.text
        assert all(f'"{quote.words}"' in told.text for quote in graph.texts)


def test_wordings_depend_on_the_draws_and_every_one_is_used():
    texts = {say(SCENE, "dense", draws(number), "held_out").text for number in range(200)}
    assert len(texts) > 100
    starts = {template.split("{")[0].strip() for template in HELD_OUT.shows} - {""}
    assert all(any(text.startswith(start) for text in texts) for start in starts)


def test_held_out_templates_are_not_among_the_seen():
    for name in ("short", "shows", "also", "related", "said", "region", "written", "read", "several"):
        assert not set(getattr(SEEN, name)) & set(getattr(HELD_OUT, name))


def agreement(style, phrasings, count=300):
    """Shares of the statements behind texts that the parse holds, and of the parse's statements that the graph holds."""
    stated = kept = parsed = right = 0
    for number, graph in enumerate(graphs(count)):
        told = say(graph, style, draws(style, number), phrasings)
        back = parse(told.text)
        ours, theirs = told.graph.statements(), back.statements()
        stated, parsed = stated + len(ours), parsed + len(theirs)
        kept += sum(holds(s, back, closed=True) == "supported" for s in ours)
        right += sum(holds(s, told.graph, closed=True) == "supported" for s in theirs)
    return kept / stated, right / parsed


@pytest.mark.parametrize("style", STYLES)
def test_seen_phrasings_parse_back_to_their_graph(style):
    kept, right = agreement(style, "seen", 100)
    assert kept > 0.95
    assert right > 0.95


@pytest.mark.parametrize("style", STYLES)
def test_held_out_phrasings_mostly_parse_back(style):
    kept, right = agreement(style, "held_out", 100)
    assert kept > 0.85
    assert right > 0.75


def test_the_whole_truth_can_be_told():
    told = say(hand_made().graph, "dense", [0.9, 0.9, 0.9])
    assert told.text.count("ducks") == 0
    assert "small shiny red mug" in told.text


@pytest.mark.parametrize("style", STYLES)
def test_where_there_is_nothing_to_say_the_text_states_nothing(style):
    assert parse(say(SceneGraph(), style, ()).text).statements() == ()


def test_verbs_agree_with_what_they_belong_to():
    several, one = SceneGraph((Entity("duck", 2), BALL)), SceneGraph((BALL, Entity("duck", 2)))
    assert say(several, "short", [0.8]).text == "there are two ducks and a small shiny red ball"
    assert say(one, "short", [0.8]).text == "there is a small shiny red ball and two ducks"
    rest = say(
        SceneGraph((BALL, CUBE, Entity("duck", 1), Entity("mug", 1)), (Relation(0, "behind", 1),)), "spatial", [0.99] * 9, "held_out"
    )
    assert rest.text.endswith("A duck and a mug are part of the picture too.")
