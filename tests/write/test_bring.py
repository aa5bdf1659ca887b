"""Texts and questions from files beside the pictures."""

from dataclasses import replace
from pathlib import Path

import pytest

from diptych.data.errors import SourceError
from diptych.data.records import Answer, Image, Text
from diptych.write.bring import BringQuestions, BringTexts
from doubles import context, record

BESIDE = Path(__file__).parent / "beside"


def test_texts_and_questions_go_to_the_record_of_their_id() -> None:
    row, other = record(id="w4-000003"), record(id="w4-000004")
    told, same = BringTexts(str(BESIDE / "texts.json"))([row, other], context())
    assert told.texts == (
        Text("paragraph", "A red ball, as in Figure 1.", "source"),
        Text("paragraph", "It rolls.", "source"),
        Text("mention", "see Figure 1", "source"),
    )
    assert same == other
    asked, same = BringQuestions(str(BESIDE / "questions.jsonl"))([row, other], context())
    assert [(q.id, q.text, q.about) for q in asked.questions] == [
        ("w4-000003/1.q0", "What colour is the ball?", "w4-000003"),
        ("w4-000003/1.q1", "How many balls are there?", "w4-000003"),
    ]
    assert asked.questions[0].answers == (Answer("red", "source", 0), Answer("dark red", "source", 1)) and same == other


def test_a_picture_s_file_name_serves_as_id(tmp_path: Path) -> None:
    file = tmp_path / "texts.json"
    file.write_text('{"a.png": {"mention": ["first"]}, "b": {"mention": ["second"]}, "FILE:3": {"ocr": ["third"]}}', encoding="utf-8")
    rows = [record(id="x/a.png"), replace(record(id="FILE:9"), subject=Image("photos/b.jpg")), record(id="FILE:3"), record(id="c")]
    found = [[text.words for text in row.texts] for row in BringTexts(str(file))(rows, context())]
    assert found == [["first"], ["second"], ["third"], []]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": {"gossip": ["x"]}}', "the kind 'gossip': a kind is one of mention, paragraph"),
        ('{"a": ["x"]}', "lists of phrases by kind"),
        ("[]", "lists nothing"),
    ],
)
def test_other_files_are_refused(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / f"{len(text)}.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        BringTexts(str(file))([record()], context())
    with pytest.raises(SourceError, match="is no file"):
        BringQuestions(str(tmp_path / "nowhere.json"))([record()], context())
