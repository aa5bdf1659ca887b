import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.language.wordnet import hypernyms, is_animate, is_physical, same_property, same_thing, singular, synonyms

SAME = """mug cup|hat cap|ocean sea|kitten cat|sofa couch|tv television|dog animal|dog puppy|man person|woman person|car vehicle
|bench seat|bicycle bike|airplane plane|apple fruit|boat ship|lady woman|chair seat|street road|purse handbag|sparrow bird|oak tree
|taxi car|cab car|cow animal
|cake food|carrot vegetable|bus vehicle|oak tree|fish food|girl person|zebra animal|surfer person|rug carpet|pizza food"""
APART = """man woman|boy girl|zebra horse|car truck|dog cat|fork spoon|table chair|cat car|bat cat|plate cup|apple orange|man dog|knife fork
|umbrella hat|tree flower|sky cloud|tree grass|shirt pants|horse cow|bus train|bowl cup|sheep goat|elephant giraffe|cake pie|door window
|man boy|bottle glass|table thing|broccoli carrot|kite bird|red bored
|cat man|cat person|cat woman|man bull|chair person|bowl park|toothbrush hair|carriage car|monitor person|rock person|sheet snowboard
|wave hair|tower boat|computer person|bird woman|tree coffee|plant cheese|arm ball"""


def _pairs(text):
    return [tuple(pair.split()) for pair in text.replace("\n", "").split("|")]


@pytest.mark.parametrize(("a", "b"), _pairs(SAME))
def test_names_for_one_thing_match(a, b):
    assert same_thing(a, b)
    assert same_thing(b, a)


@pytest.mark.parametrize(("a", "b"), _pairs(APART))
def test_siblings_and_substrings_do_not_match(a, b):
    assert not same_thing(a, b)
    assert not same_thing(b, a)


def test_a_compound_is_one_of_its_heads():
    assert same_thing("tennis player", "player")
    assert not same_thing("tennis player", "baseball player")
    assert not same_thing("hot dog", "dog")


@pytest.mark.parametrize(
    ("plural", "single"),
    [("dogs", "dog"), ("knives", "knife"), ("people", "person"), ("glasses", "glass"), ("buses", "bus"), ("benches", "bench"),
     ("boxes", "box"), ("skis", "ski"), ("scissors", "scissors"), ("sheep", "sheep"), ("tomatoes", "tomato"), ("grass", "grass"),
     ("teddy bears", "teddy bear"), ("smartphones", "smartphone"), ("leaves", "leaf"), ("bus", "bus"), ("frisbees", "frisbee"),
     ("wine glasses", "wine glass"), ("mice", "mouse"), ("hot dogs", "hot dog")],
)  # fmt: skip
def test_plurals(plural, single):
    assert singular(plural) == single
    assert singular(single) == single or single == "glass"


def test_physical_and_animate():
    def which(holds, text):
        return " ".join(word for word in text.split() if holds(word))

    things = "dog tv microwave sky shadow beach grass frisbee smartphone woman crowd snow bathroom mouse wall"
    assert which(is_physical, things) == things
    assert which(is_physical, "day time way variety conversation night idea happiness") == ""
    beings = "dog woman player elephant boy bird crowd"
    assert which(is_animate, beings) == beings
    assert which(is_animate, "table car sky umbrella snow shirt") == ""


def test_synonyms_and_hypernyms_leave_the_word_out():
    assert "sofa" in synonyms("couch")
    assert "couch" not in synonyms("couch")
    assert "canine" in hypernyms("dog")
    assert hypernyms("qwertyuiop") == frozenset()


@pytest.mark.parametrize("pair", ["gray grey", "big large", "little small", "wooden wood", "tiny small", "colorful multicolored"])
def test_same_property(pair):
    assert same_property(*pair.split())


@pytest.mark.parametrize(
    "pair", ["big small", "red bored", "open closed", "black white", "young old", "left right", "red green", "wet dry"]
)
def test_other_properties(pair):
    assert not same_property(*pair.split())


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_are_compared_both_ways_alike(a, b):
    assert same_thing(a, b) == same_thing(b, a)
    assert isinstance(singular(a), str)
    assert (singular(a) == "") == (a == "")
