import json
from pathlib import Path

import pytest

from diptych.language.parse import parse
from diptych.language.sentence import sentence

SHARED = Path(__file__).parents[2] / "../shared/data"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("two brown dogs", ["There is a dog.", "There is a brown dog.", "There are two brown dogs."]),
        ("dogs in a park", ["There is a dog.", "There are dogs.", "There is a park.", "A dog is in a park."]),
        ("no dogs on a couch", ["There is no dog.", "There is a couch."]),
        ("a man wearing jeans", ["There is a man.", "There are jeans.", "A man wears jeans."]),
        ('a sign that says "STOP"', ["There is a sign.", 'The words "STOP" are written on a sign.']),
        ("a sleeping cat and a black cat", ["There is a cat.", "There is a sleeping cat.", "There is a cat.", "There is a black cat."]),
        (
            "a small brown dog and a black dog",
            ["There is a dog.", "There is a small brown dog.", "There is a small brown dog.", "There is a dog.", "There is a black dog."],
        ),
    ],
)
def test_statements_in_words(text, sentences):
    assert [sentence(s) for s in parse(text).statements()] == sentences


def test_the_parser_reads_the_statement_again():
    if not SHARED.exists():
        pytest.skip("shared data absent")
    references = json.loads((SHARED / "coco_fakecap/examples/gts.json").read_text("utf-8"))
    statements = [s for said in list(references.values())[:100] for text in said for s in parse(text).statements()]
    back = sum(any(s.key == again.key for again in parse(sentence(s)).statements()) for s in statements)
    assert back / len(statements) > 0.95
