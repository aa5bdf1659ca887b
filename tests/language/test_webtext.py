import pytest

from diptych.language.parse import parse
from diptych.language.webtext import blanked


@pytest.mark.parametrize(
    "text",
    ["IMG_1339.jpg", "DSC01234 copy", "SKU 1641, in stock, 20% off", "Photo: J. Okafor, 18 September 2011", "click to enlarge",
     "Maria Lopez on March 3, 2012", "home decor ideas for your living room", "stock photo", "© Anna Keller"],
)  # fmt: skip
def test_alt_texts_that_show_nothing(text):
    assert parse(text).entities == ()


@pytest.mark.parametrize(
    ("text", "noun"), [("rocket 5131 - best price online", "rocket"), ("a dog in May 2012", "dog"), ("Photo by Li Wei of a cat", "cat")]
)
def test_what_stands_beside_is_read(text, noun):
    assert [entity.noun for entity in parse(text).entities] == [noun]


def test_offsets_stay():
    text = "cat.jpg: a cat"
    assert blanked(text) == "       : a cat"
    (cat,) = parse(text).entities
    assert text[slice(*cat.span)] == "cat"


def test_captions_without_such_passages_are_left_alone():
    text = "a man may buy 3 oranges by the road"
    assert blanked(text) == text
