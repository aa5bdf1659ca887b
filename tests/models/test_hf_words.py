"""Answerers, entailers and sentence encoders of transformers: our path against the plain call, one by one and in batches."""

from pathlib import Path
from typing import Any

import pytest
import tiny_hf_2 as tiny
import tiny_texts
import torch
from test_hf_scores import broken, picture
from transformers import (
    AutoModelForSequenceClassification,
    AutoProcessor,
    AutoTokenizer,
    BlipForQuestionAnswering,
    ViltForQuestionAnswering,
)

from diptych.data.errors import AddressError
from diptych.lab.opening import without_source
from diptych.models import hf_answerers
from diptych.models.abilities import (
    Answered,
    Answerer,
    AskRequest,
    Entailed,
    Entailer,
    EntailRequest,
    Failed,
)

OPEN = without_source()
WORDS = 6  # of an answer: random weights know no end
QUESTIONS = ("is there a dog", "what colour is the ball", "how many cones are there on a wooden table")
PAIRS = (
    ("a dog sleeps", "an animal rests"),
    ("a dog sleeps", "the picture shows no animal"),
    ("a man in a hat plays the guitar on the street", "yes"),
    ("no", "two blue cones"),
    ("a red ball and two blue cones on a wooden table", "a red ball"),
)
ASKED = [AskRequest(picture(n), question) for n in range(5) for question in QUESTIONS]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hf_answerers, "WORDS", WORDS)


def plain_answers(folder: Path, make: tiny.Builder) -> list[tuple[str, float]]:
    """One question at a time, as the models' pages of transformers show; of BLIP the odds of all words from one more reading."""
    kind: Any = ViltForQuestionAnswering if make is tiny.vilt else BlipForQuestionAnswering
    model, processor = kind.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
    found = []
    for one in ASKED:
        made = processor(images=[one.picture.pil()], text=[one.question], return_tensors="pt", input_data_format="channels_last")
        with torch.no_grad():
            if make is tiny.vilt:
                odds = model(**made).logits.sigmoid()[0]
                found.append((model.config.id2label[int(odds.argmax())], float(odds.max())))
                continue
            ids = model.generate(**made, max_new_tokens=WORDS)
            said = processor.decode(ids[0], skip_special_tokens=True).strip()
            found.append((said, plain_odds(model, made, ids)))
    return found


def plain_odds(model: Any, made: Any, ids: torch.Tensor) -> float:
    seen = model.vision_model(pixel_values=made["pixel_values"]).last_hidden_state
    asked = model.text_encoder(input_ids=made["input_ids"], attention_mask=made["attention_mask"], encoder_hidden_states=seen)
    logits = model.text_decoder(input_ids=ids[:, :-1], encoder_hidden_states=asked.last_hidden_state).logits[0]
    return float(logits.log_softmax(-1).gather(-1, ids[0, 1:, None]).sum().exp())


@pytest.mark.parametrize("make", tiny.ANSWERERS, ids=lambda make: make.__name__)
def test_answers_are_those_of_the_plain_call_alone_and_in_company(make: tiny.Builder, checkpoint: Any) -> None:
    folder = checkpoint(make)
    four, single = OPEN(f"hf:{folder}?batch=4", Answerer), OPEN(f"hf:{folder}?batch=1", Answerer)
    told = four.answer(ASKED)
    wanted = plain_answers(folder, make)
    assert [one.text for one in told] == [text for text, _ in wanted]
    assert [one.score for one in told] == pytest.approx([odds for _, odds in wanted], abs=1e-5)
    for other in (single.answer(ASKED), [four.answer([one])[0] for one in ASKED]):
        assert [one.text for one in other] == [one.text for one in told]
        assert [one.score for one in other] == pytest.approx([one.score for one in told], abs=1e-5)
    assert len({one.text for one in told}) > 1, "answers differ, or nothing was compared"


@pytest.mark.parametrize("make", tiny.ANSWERERS, ids=lambda make: make.__name__)
def test_draws_hang_on_the_question_and_its_draw_alone(make: tiny.Builder, checkpoint: Any) -> None:
    model = OPEN(f"hf:{checkpoint(make)}?batch=4", Answerer)
    asked = [AskRequest(picture(n), QUESTIONS[0], draw=draw, temperature=3.0) for n in (0, 1) for draw in range(6)]
    cold = AskRequest(picture(0), QUESTIONS[0])
    before = torch.random.get_rng_state()
    told = model.answer([*asked, cold])
    assert torch.equal(before, torch.random.get_rng_state()), "nobody else's draws change"
    assert [one.text for one in told] == [model.answer([one])[0].text for one in [*asked, cold]]
    assert told[-1].text == model.answer([cold])[0].text, "a draw beside it leaves the likeliest answer as it is"
    assert len({one.text for one in told[:6]}) > 1, "draws of one question differ"


@pytest.mark.parametrize("make", tiny.ANSWERERS, ids=lambda make: make.__name__)
def test_a_question_too_long_and_a_broken_picture_fail_alone(make: tiny.Builder, checkpoint: Any) -> None:
    model = OPEN(f"hf:{checkpoint(make)}", Answerer)
    long = AskRequest(picture(0), "is there a dog " * 50)
    told = model.answer([ASKED[0], long, AskRequest(broken(), QUESTIONS[0]), ASKED[1]])
    room = 40 if make is tiny.vilt else 160
    assert isinstance(told[1], Failed) and f"the question is one of 202 tokens, and this model reads {room}" in told[1].error
    assert told[2] == Failed("cut short")
    assert isinstance(told[0], Answered) and isinstance(told[3], Answered)


def plain_labels(folder: Path) -> list[tuple[str, float]]:
    model, words = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    found = []
    for premise, hypothesis in PAIRS:
        with torch.no_grad():
            odds = model(**words(premise, hypothesis, return_tensors="pt")).logits.softmax(-1)[0]
        found.append((model.config.id2label[int(odds.argmax())].lower(), float(odds.max())))
    return found


@pytest.mark.parametrize("make", tiny_texts.ENTAILERS, ids=lambda make: make.__name__)
def test_labels_are_those_of_the_plain_call_alone_and_in_company(make: tiny.Builder, checkpoint: Any) -> None:
    folder = checkpoint(make)
    asked = [EntailRequest(*pair) for pair in PAIRS]
    four, single = OPEN(f"hf:{folder}?batch=4", Entailer), OPEN(f"hf:{folder}?batch=1", Entailer)
    told, wanted = four.entail(asked), plain_labels(folder)
    names = {"entailment": "entailed", "contradiction": "contradicted", "neutral": "neutral"}
    assert [one.label for one in told] == [names[label] for label, _ in wanted]
    for other in (told, single.entail(asked), [four.entail([one])[0] for one in asked]):
        assert [one.label for one in other] == [one.label for one in told]
        assert [one.score for one in other] == pytest.approx([odds for _, odds in wanted], abs=1e-5)
    assert len({one.score for one in told}) == len(PAIRS)
    assert four.entail([]) == []


@pytest.mark.parametrize("make", tiny_texts.ENTAILERS, ids=lambda make: make.__name__)
def test_control_words_in_a_text_end_nothing_and_spoil_no_neighbour(make: tiny.Builder, checkpoint: Any) -> None:
    model = OPEN(f"hf:{checkpoint(make)}", Entailer)
    sign, end = model.tokenizer.sep_token, model.tokenizer.sep_token_id
    sly, plain = EntailRequest(f"a dog {sign} sleeps", "an animal rests"), EntailRequest(*PAIRS[0])
    told = model.entail([plain, sly])
    assert isinstance(told[1], Entailed) and told[0].score == pytest.approx(model.entail([plain])[0].score, abs=1e-5)
    ends = [model.tokenizer(one.premise, one.hypothesis)["input_ids"].count(end) for one in (plain, sly)]
    # the pieces of this one's own vocabulary hold the sign
    assert ends[0] == ends[1] > 0 or make is tiny_texts.deberta_nli


def test_labels_go_by_their_names_and_not_by_their_place(tmp_path: Path) -> None:
    """The same weights under three orders of names: the same output means what its folder calls it."""
    asked = [EntailRequest(*pair) for pair in PAIRS]
    orders = {
        "a": ("entailment", "neutral", "contradiction"),
        "b": ("CONTRADICTION", "NEUTRAL", "ENTAILMENT"),
        "c": ("entailment", "not_entailment"),
    }
    told = {
        name: [one.label for one in OPEN(f"hf:{tiny_texts.bert_nli(tmp_path / name, labels)}", Entailer).entail(asked)]
        for name, labels in orders.items()
    }
    turned = {"entailed": "contradicted", "contradicted": "entailed", "neutral": "neutral"}
    assert told["b"] == [turned[label] for label in told["a"]] and len(set(told["a"])) > 1
    assert set(told["c"]) <= {"entailed", "neutral"}


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("negative", "neutral", "positive"), ("entailment", "entailed")])
def test_labels_of_something_else_are_refused(labels: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(AddressError, match=f"has the labels {', '.join(labels)}, which are not those of entailment"):
        OPEN(f"hf:{tiny_texts.bert_nli(tmp_path, labels)}", Entailer)


@pytest.mark.parametrize(("make", "room"), [(tiny_texts.bert_nli, 64), (tiny_texts.roberta_nli, 128)])
def test_a_pair_too_long_fails_alone(make: tiny.Builder, room: int, checkpoint: Any) -> None:
    model = OPEN(f"hf:{checkpoint(make)}", Entailer)
    long = EntailRequest("a dog sleeps " * 60, "an animal rests")
    told = model.entail([EntailRequest(*PAIRS[0]), long, EntailRequest(*PAIRS[1])])
    assert isinstance(told[1], Failed) and f"and this model reads {room}" in told[1].error
    assert isinstance(told[0], Entailed) and isinstance(told[2], Entailed)
