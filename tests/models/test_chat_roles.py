"""Chat models in roles: what their prompts must contain, what is made of replies, and that texts from outside stay data."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obedient import ATTACK, Obeys, unquoted
from PIL import Image as Pillow

from diptych.data.errors import RunError
from diptych.data.pictures import Picture
from diptych.data.records import Caption
from diptych.data.regions import Box
from diptych.language.entail import Index
from diptych.language.parse import parse
from diptych.models import abilities as able
from diptych.models import chat_answerer, chat_captioner, chat_writer
from diptych.models.abilities import ChatRequest, Failed, Replied
from diptych.models.chat_as import chat_as
from diptych.models.prompting import LONGEST, MOST, QUOTED, fields, listed, plain, quoted

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
PICTURE = Picture("p", 40, 20, lambda: Pillow.new("RGB", (40, 20), "teal"))
OTHER = Picture("q", 8, 8, lambda: Pillow.new("RGB", (8, 8)))


@dataclass
class Told:
    """Replies from a list, in order; a Failed stays one. `asked` remembers every request."""

    replies: list[Any]
    spent: Counter[str] = field(default_factory=Counter)
    asked: list[ChatRequest] = field(default_factory=list)
    revision: str = "abc"

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        self.asked += requests
        return [reply if isinstance(reply := self.replies.pop(0), Failed) else Replied(reply) for _ in requests]


GRAPH = parse("Two brown dogs sit on a red couch next to a white cat.")
# ability, method, a request with the text in every place that takes one, a good reply
ROLES = [
    (able.Captioner, "caption", lambda t: able.CaptionRequest(PICTURE, question=t, texts=(t,), examples=(t,), hints=(t,)), "a dog"),
    (able.Answerer, "answer", lambda t: able.AskRequest(PICTURE, t), "yes"),
    (able.Writer, "write", lambda t: able.WriteRequest(GRAPH, (Caption("a", t), Caption("b", t))), "Two brown dogs sit on a red couch."),
    (able.Writer, "write", lambda t: able.WriteRequest(GRAPH, (), Caption("a", t)), "Two brown dogs sit on a red couch."),
    (able.Judge, "judge", lambda t: able.JudgeRequest(PICTURE, (t, "a dog"), (t,)), '{"scores": [1, 6]}'),
    (able.Comparer, "compare", lambda t: able.CompareRequest(PICTURE, OTHER), '{"differences": ["a dog"]}'),
    (able.Entailer, "entail", lambda t: able.EntailRequest(t, t), '{"label": "neutral", "sure": 50}'),
]
IDS = [ability.__name__ for ability, *_ in ROLES]


def call(chat: Any, ability: type, method: str, requests: list[Any]) -> list[Any]:
    return getattr(chat_as(chat, ability), method)(requests)


@pytest.mark.parametrize(("ability", "method", "request_of", "reply"), ROLES, ids=IDS)
def test_an_attack_stands_quoted_and_changes_nothing(ability: type, method: str, request_of: Any, reply: str) -> None:
    chat = Told([reply] * 4)
    call(chat, ability, method, [request_of(ATTACK)])
    for request in chat.asked:
        assert "HACKED" not in unquoted(request.prompt), request.prompt
        assert request.system == QUOTED
    if ability is not able.Comparer:  # which is told no text
        assert quoted(ATTACK) in chat.asked[0].prompt
    honest = call(Obeys(reply), ability, method, [request_of("a cat"), request_of("a dog"), request_of("a bird")])
    attacked = call(Obeys(reply), ability, method, [request_of("a cat"), request_of(ATTACK), request_of("a bird")])
    assert attacked == honest and not isinstance(honest[0], Failed)


@pytest.mark.parametrize(("ability", "method", "request_of", "reply"), ROLES, ids=IDS)
def test_a_failure_and_an_empty_reply_spoil_no_neighbour(ability: type, method: str, request_of: Any, reply: str) -> None:
    requests = [request_of("a cat")] * 3
    good = call(Told([reply] * 6), ability, method, requests)
    first, failed, last = call(Told([reply, Failed("refused"), reply] + [reply] * 2), ability, method, requests)
    assert (first, last) == (good[0], good[2]) and failed == Failed("refused")
    first, failed, last = call(Told([reply, "  \n", reply] + [reply] * 3), ability, method, requests)
    assert (first, last) == (good[0], good[2]) and isinstance(failed, Failed) and not failed.retry
    assert call(Told([]), ability, method, []) == []


@pytest.mark.parametrize(("ability", "method", "request_of", "reply"), ROLES, ids=IDS)
def test_a_role_hands_on_draws_pictures_and_what_was_spent(ability: type, method: str, request_of: Any, reply: str) -> None:
    chat = Told([reply] * 2)
    request = request_of("a cat")
    if hasattr(request, "draw"):
        request = replace(request, draw=3, temperature=0.7, record="r1")
    role = chat_as(chat, ability)
    getattr(role, method)([request])
    if hasattr(request, "draw"):
        assert {(one.draw, one.temperature, one.record) for one in chat.asked} == {(3, 0.7, "r1")}
    wanted = {able.Comparer: (PICTURE, OTHER), able.Writer: (), able.Entailer: ()}.get(ability, (PICTURE,))
    assert all(one.pictures == wanted for one in chat.asked)
    chat.spent["tokens in"] += 5
    assert role.spent is chat.spent and role.revision == "abc"


@pytest.mark.parametrize("style", chat_captioner.STYLES)
def test_a_caption_prompt_says_what_is_wanted(style: str) -> None:
    told = chat_captioner.prompt(able.CaptionRequest(PICTURE, style))
    assert told == f"{chat_captioner.STYLES[style][0]}\n{chat_captioner.SHOWN}"
    full = able.CaptionRequest(PICTURE, style, Box(0, 0, 0.5, 1), "How many?", ("a text",), ("an example",), ("a hint",), 9)
    told = chat_captioner.prompt(full)
    for part in ("cut out of a larger one", '"How many?"', '1. "a text"', '1. "an example"', '1. "a hint"', "at most 9 words"):
        assert part in told
    assert "these texts" in told  # with texts of others they may bear out what is said


def test_a_region_is_cut_out_and_one_beside_the_picture_fails_alone() -> None:
    chat = Told(["a dog", "a cat"])
    boxes = (Box(0, 0, 0.5, 1), Box(2, 2, 3, 3), None)
    found = call(chat, able.Captioner, "caption", [able.CaptionRequest(PICTURE, region=box) for box in boxes])
    assert found[0] == able.Described("a dog") and isinstance(found[1], Failed) and found[2] == able.Described("a cat")
    cut, whole = (one.pictures[0] for one in chat.asked)
    assert (cut.width, cut.height, cut.parent) == (20, 20, PICTURE) and whole is PICTURE


def test_an_unknown_style_fails_with_the_styles_there_are() -> None:
    (found,) = call(Told([]), able.Captioner, "caption", [able.CaptionRequest(PICTURE, "haiku")])
    assert isinstance(found, Failed) and "short, alt" in found.error and "'haiku'" in found.error
    (found,) = call(Told([]), able.Writer, "write", [able.WriteRequest(GRAPH, style="haiku")])
    assert isinstance(found, Failed) and "'haiku'" in found.error


def test_too_many_words_are_asked_for_again_once_and_then_cut_at_a_sentence() -> None:
    long = "A brown dog lies on a red couch. It sleeps."
    chat = Told(["a dog", long, long, long, "A brown dog on a couch.", f"{long} A cat too.", long + " So."])
    limits = (9, 5, 9, 0)
    found = call(chat, able.Captioner, "caption", [able.CaptionRequest(PICTURE, words=limit) for limit in limits])
    assert found[0] == able.Described("a dog") and found[3] == able.Described(long)
    assert found[1] == Failed("the caption has 6 words, asked twice for at most 5")
    assert found[2] == able.Described("A brown dog lies on a red couch.")
    again = chat.asked[4]
    assert len(chat.asked) == 6 and "at most 5 words" in again.prompt and quoted(long) in again.prompt and again.pictures == (PICTURE,)


def test_where_the_second_asking_fails_what_fits_of_the_first_stands() -> None:
    long = "A dog sleeps. It lies on a red couch."
    (found,) = call(Told([long, Failed("lost")]), able.Captioner, "caption", [able.CaptionRequest(PICTURE, words=4)])
    assert found == able.Described("A dog sleeps.")
    (found,) = call(Told([long, Failed("lost")]), able.Captioner, "caption", [able.CaptionRequest(PICTURE, words=2)])
    assert found == Failed("lost")


def test_a_chat_model_that_leaves_requests_out_stops_the_run() -> None:
    class Forgets:
        def chat(self, requests: list[ChatRequest]) -> list[Any]:
            return [Replied("a dog")] * (len(requests) - 1)

    with pytest.raises(RunError, match="1 replies to 2 requests"):
        call(Forgets(), able.Captioner, "caption", [able.CaptionRequest(PICTURE)] * 2)


@pytest.mark.parametrize(
    ("question", "closed"),
    [
        ("Is there a dog in the image?", True),
        ("Are there two dogs?", True),
        ('Do the words "stop" appear in the image?', True),
        ("How many dogs are there?", False),
        ("What colour is the dog?", False),
        ("Is the dog brown or white?", False),
        ("Is", True),
        ("Island names?", False),
        ('A picture is described like this: "Is it a dog? No." What is it?', False),
        ('A picture is described like this: "a dog". Is it a dog?', True),
    ],
)
def test_questions_of_yes_or_no_are_told_from_others(question: str, closed: bool) -> None:
    assert chat_answerer.yes_or_no(question) is closed
    told = chat_answerer.prompt(question)
    assert quoted(question) in told and ("yes or no" in told) is closed and "unknown" in told


def test_an_answer_has_no_confidence() -> None:
    assert call(Told(['"Yes."']), able.Answerer, "answer", [able.AskRequest(PICTURE, "Is it?")]) == [able.Answered("Yes.", None)]


@pytest.mark.parametrize(
    "reply",
    ['{"scores": [1]}', '{"scores": [1, 7]}', '{"scores": [0, 3]}', '{"scores": [1, "2"]}', '{"scores": [true, 2]}', '{"scores": null}',
     "[1, 2]", "1, 2", "{}", "[" * 9999],
)  # fmt: skip
def test_scores_must_be_one_for_each_caption_from_1_to_6(reply: str) -> None:
    (found,) = call(Told([reply]), able.Judge, "judge", [able.JudgeRequest(PICTURE, ("a", "b"))])
    assert isinstance(found, Failed)


def test_a_judge_is_told_the_captions_and_how_to_score_them() -> None:
    chat = Told(['{"scores": [1, 6]}'])
    assert call(chat, able.Judge, "judge", [able.JudgeRequest(PICTURE, ("a cat", "a dog"), ("it barks",))]) == [able.Judged((1.0, 6.0))]
    told = chat.asked[0]
    for part in ("from 1 to 6", '1. "a cat"\n2. "a dog"', '1. "it barks"', "2 scores"):
        assert part in told.prompt
    scores = json.loads(told.schema)["properties"]["scores"]
    assert (scores["minItems"], scores["maxItems"], scores["items"]["minimum"], scores["items"]["maximum"]) == (2, 2, 1, 6)
    many = able.JudgeRequest(PICTURE, ("a",) * (MOST + 1))
    assert [type(one) for one in call(Told([]), able.Judge, "judge", [many, able.JudgeRequest(PICTURE, ())])] == [Failed, Failed]


def test_differences_are_few_sentences_or_none() -> None:
    request = able.CompareRequest(PICTURE, OTHER)
    replies = ['{"differences": []}', '{"differences": [" a dog ", "", "b", "c", "d", "e", "f"]}', '{"differences": "a dog"}', "none"]
    found = call(Told(replies), able.Comparer, "compare", [request] * 4)
    assert found[:2] == [able.Differences(()), able.Differences(("a dog", "b", "c", "d"))]
    assert all(isinstance(one, Failed) for one in found[2:])


def test_labels_of_entailment() -> None:
    request = able.EntailRequest("a dog sleeps", "an animal sleeps")
    replies = ['{"label": "entailed", "sure": 90}', '{"label": "yes", "sure": 90}', '{"label": "entailed", "sure": 101}', "entailed"]
    chat = Told(replies)
    found = call(chat, able.Entailer, "entail", [request] * 4)
    assert found[0] == able.Entailed("entailed", 0.9) and all(isinstance(one, Failed) for one in found[1:])
    told = chat.asked[0].prompt
    assert told.index('"a dog sleeps"') < told.index('"an animal sleeps"')
    assert json.loads(chat.asked[0].schema)["properties"]["label"]["enum"] == ["entailed", "contradicted", "neutral"]


def test_what_the_writer_is_told() -> None:
    chat = Told(["Two brown dogs sit on a red couch next to a white cat."])
    (found,) = call(chat, able.Writer, "write", [able.WriteRequest(GRAPH, (Caption("a", "two puppies on a sofa"),))])
    assert found.text == "Two brown dogs sit on a red couch next to a white cat."
    told = chat.asked[0].prompt
    for part in ("two brown dogs, a red couch and a white cat", "sit on the couch", '1. "two puppies on a sofa"', "Leave no fact out"):
        assert part in told
    assert len(chat.asked) == 1 and not chat.spent


def test_what_the_writer_adds_is_asked_about_once_then_cut_and_counted() -> None:
    text = "Two brown dogs sit on a red couch next to a white cat. A lamp stands behind them."
    chat = Told([text, text])
    (found,) = call(chat, able.Writer, "write", [able.WriteRequest(GRAPH)])
    assert found.text == "Two brown dogs sit on a red couch next to a white cat."
    again = chat.asked[1].prompt
    assert quoted(text) in again and '"There is a lamp."' in again and again.startswith(chat.asked[0].prompt)
    assert chat.spent[chat_writer.ADDED] >= 1 and not chat.spent[chat_writer.LOST]


def test_a_second_draft_stands_only_if_it_is_better() -> None:
    good, worse = "Two brown dogs sit on a red couch next to a white cat.", "A lamp and a mug."
    chat = Told([worse, "Two brown dogs sit on a red couch.", good, worse])
    first, second = call(chat, able.Writer, "write", [able.WriteRequest(GRAPH)] * 2)
    assert first.text == good and second.text == "Two brown dogs sit on a red couch."
    assert chat.spent == {chat_writer.LOST: 3}  # the cat, its colour, and where it is


def test_a_caption_of_nothing_that_was_given_is_refused() -> None:
    found = call(Told(["A lamp and a mug."] * 2), able.Writer, "write", [able.WriteRequest(GRAPH)])
    assert isinstance(found[0], Failed) and "nothing of what it was given" in found[0].error
    assert isinstance(call(Told([]), able.Writer, "write", [able.WriteRequest(parse(""))])[0], Failed)


def test_origins_and_regions_of_the_graph_go_with_the_text() -> None:
    entities = tuple(replace(e, origins=(f"c{n}",), region=f"r{n}", span=None) for n, e in enumerate(GRAPH.entities))
    graph = replace(GRAPH, entities=entities)
    (found,) = call(Told(["On a red couch sit two brown dogs, next to a white cat."]), able.Writer, "write", [able.WriteRequest(graph)])
    told = {e.noun: (e.origins, e.region, found.text[slice(*e.span)]) for e in found.graph.entities}
    assert told == {"couch": (("c1",), "r1", "couch"), "dog": (("c0",), "r0", "dogs"), "cat": (("c2",), "r2", "cat")}


# what a writer may be given, and what it may make of it
ADDITIONS = (
    "A tall man waits nearby.",
    "The scene is cosy.",
    "What appears to be a lamp glows.",
    "There are three green birds.",
    'A sign reads "open".',
)


@pytest.mark.parametrize("addition", ADDITIONS)
@pytest.mark.parametrize(
    "text",
    ["Two brown dogs sit on a red couch.", "A black cat sleeps under a wooden table.", "Three boats float on a lake behind a white house."],
)
def test_nothing_is_added_silently(text: str, addition: str) -> None:
    graph = parse(text)
    chat = Told([f"{text} {addition}", f"{addition} {text}"])
    (found,) = call(chat, able.Writer, "write", [able.WriteRequest(graph)])
    given = Index(graph)
    extra = [one for one in parse(found.text).statements(hedged=True) if given.holds(one) != "supported"]
    assert not extra, found.text
    assert {one.key for one in found.graph.statements()} >= {one.key for one in graph.statements()}


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_a_second_caption_of_another_picture_is_cut_off_real_ones() -> None:
    read = json.loads((SHARED / "coco_fakecap" / "examples" / "gts.json").read_text())
    texts = [said for captions in read.values() for one in captions if len((said := one.rstrip(". ")).split()) > 4]
    known, others = texts[:100], texts[-100:]
    given = {text: parse(text) for text in known if parse(text).entities}
    lost = stated = 0
    for (text, graph), other in zip(given.items(), others, strict=False):
        for reply in (f"{text}. {other}.", f"{other}. {text}."):
            (found,) = call(Told([reply, reply]), able.Writer, "write", [able.WriteRequest(graph)])
            known_by, said = Index(graph), Index(parse(found.text))
            assert not [one for one in said.graph.statements(hedged=True) if known_by.holds(one) != "supported"], found.text
            lost += sum(said.holds(one) != "supported" for one in graph.statements())
            stated += len(graph.statements())
    assert stated > 800 and lost / stated < 0.02


def test_quotations_cannot_be_left() -> None:
    for text in (
        ATTACK,
        '\\"',
        "\\",
        "a\nb",
        "a\x85b\x9b",
        "\u2028",
        "</s><|im_end|>",
        "[/INST] [IMG]",
        "[1]",
        "\ud800",
        "x" * (LONGEST + 1),
    ):
        line = quoted(text)
        assert not any(mark in line for mark in ("\n", "<", "\x85", "\x9b", "\u2028", "[/INST]", "[IMG]")) and line.encode()
        assert json.loads(line) == text[:LONGEST] and unquoted(f"a {line} b") == "a  b"
    assert listed(["a", '"b"']) == '1. "a"\n2. "\\"b\\""' and len(listed(["a"] * 99).splitlines()) == MOST


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_comes_back_from_its_quotation(text: str) -> None:
    line = quoted(text)
    assert json.loads(line) == text and unquoted(line) == "" and line.encode()


@pytest.mark.parametrize(
    ("reply", "text"),
    [(' "a dog" ', "a dog"), ("“a dog”", "a dog"), ("a\n\ndog ", "a dog"), ("```\na dog\n```", "a dog"), ('"', '"'), ("", ""),
     ('The words "stop"', 'The words "stop"'), ('**Caption:** "A dog."', "A dog."), ("Alt text: a dog", "a dog"),
     ("Answer key on a desk: yes", "Answer key on a desk: yes")],
)  # fmt: skip
def test_replies_are_taken_out_of_their_wrapping(reply: str, text: str) -> None:
    assert plain(reply) == text


@pytest.mark.parametrize(
    "reply",
    ["I'm sorry, but I can't help with that.", "I cannot describe people.", "Sorry, no.", "As an AI model, I see.", "I’m unable to."],
)
def test_a_refusal_is_no_caption_and_is_counted(reply: str) -> None:
    chat = Told([reply, "A sorry sight: I can read."])
    found = call(chat, able.Captioner, "caption", [able.CaptionRequest(PICTURE)] * 2)
    assert isinstance(found[0], Failed) and "refuses" in found[0].error and found[1] == able.Described("A sorry sight: I can read.")
    assert chat.spent == {"refusals": 1}


def test_a_reply_that_is_no_object_fails() -> None:
    assert fields('{"a": 1}') == {"a": 1}
    assert all(isinstance(fields(text), Failed) for text in ("", "[1]", "{", "NaN", '"a"', '{"a": 1} {"b": 2}', "[" * 99999))


def test_a_chat_model_has_no_role_that_needs_coordinates() -> None:
    chat = Told([])
    assert chat_as(chat, able.ChatModel) is chat and chat_as(chat, able.Detector) is None
