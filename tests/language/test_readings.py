"""Constructions of real captions, one example of each; none is taken from the annotated ones."""

import pytest

from diptych.language.parse import parse, to_json


def told(text):
    graph = parse(text)
    things = [" ".join((*e.values, e.noun)) for e in graph.entities if not e.negated]
    nouns = [e.noun for e in graph.entities]
    return things, [f"{nouns[r.subject]} {r.predicate} {nouns[r.object]}" for r in graph.relations]


@pytest.mark.parametrize(
    ("text", "things", "relations"),
    [
        ("A porcelain vase on a desk.", "porcelain vase; desk", "vase on desk"),
        ("A busy harbor scene", "busy harbor", ""),
        ("A tray with a burger and chips on a counter", "tray; burger; chip; counter", "tray with burger; tray with chip; tray on counter"),
        ("A plate of food with beans", "plate; food; bean", "plate of food; food with bean"),
        ("Cups on plates, including a mug", "cup; plate; mug", "cup on plate; plate include mug"),
        ("A photo of a lamp in a black and white picture.", "lamp", ""),
        ("A girl smiles at the camera.", "smile girl", ""),
        ("A boy playing a video game in the rain", "boy; video game; rain", "boy play video game; boy play in rain"),
        ("A pile of oranges next to a knife", "orange; knife", "orange next to knife"),
        ("A boy and a girl are standing next to each other.", "boy; girl", "boy stand next to girl; girl stand next to boy"),
        ("A nurse is near a bed, and the doctor is to her right.", "nurse; bed; doctor", "nurse near bed; doctor right of nurse"),
        ("A bedroom with a desk. There is a lamp in the room.", "bedroom; desk; lamp", "bedroom with desk; lamp in bedroom"),
        ("A kitchen with a modern design.", "modern kitchen", ""),
        ("A child flies a kite in the sky.", "child; kite; sky", "child fly kite; kite in sky"),
        ("A clock hangs on the wall above a shelf.", "clock; wall; shelf", "clock hang on wall; clock above shelf"),
        ("A framed photo on the wall.", "framed photo; wall", "photo on wall"),
        ("A sitting cat and a sleeping dog", "sit cat; sleep dog", ""),
        ("A toilet with a towel above it", "toilet; towel", "toilet with towel; towel above toilet"),
        ("A dog is drinking water.", "dog; water", "dog drink water"),
    ],
)
def test_constructions(text, things, relations):
    assert told(text) == (things.split("; "), relations.split("; ") if relations else [])


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("A large black boat and a gray boat. The gray boat is on a lake.", ["large black boat", "gray boat", "lake"]),
        ("A red cup is near a box. The blue cup is on a shelf.", ["red cup", "box", "blue cup", "shelf"]),
        ("Two robots: a black robot and a cyan robot. A cone is to the right of the black robot.", None),
    ],
)
def test_things_of_two_colours_are_two(text, things):
    found = told(text)[0]
    assert things is None or found == things
    assert all(len({"red", "blue", "black", "gray", "cyan"} & set(thing.split())) < 2 for thing in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a truck that says "LIVE", a cyan table', [("LIVE", "truck")]),
        ('a plane with the text "GO" on it and a ring', [("GO", "plane")]),
        ('a mug that reads "TEA" and a cone', [("TEA", "mug")]),
        ('The text "SALE" is written in the picture.', [("SALE", "")]),
        ('The word "EXIT" is written on a door.', [("EXIT", "door")]),
    ],
)
def test_words_in_pictures(text, words):
    graph = parse(text)
    assert [(q.words, "" if q.entity is None else graph.entities[q.entity].noun) for q in graph.texts] == words
    assert graph.relations == ()
    assert to_json(text, graph)["texts"] == [said for said, _ in words]


@pytest.mark.parametrize(
    ("text", "count"),
    [("three skis", 3), ("the broccoli", None), ("a leather shoes", 1), ("a couple magnets", 2), ("a pair of scissors", 1)],
)
def test_counts(text, count):
    (thing,) = parse(text).entities
    assert thing.count == count
