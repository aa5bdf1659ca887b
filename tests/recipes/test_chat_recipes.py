"""mlbcap and promptcap on chat models alone, in their roles: the pipelines ask for abilities, whatever stands behind an address."""

import json
from dataclasses import dataclass, field, replace

from diptych.data.records import Question, Record, Text
from diptych.data.schema import to_batch
from diptych.engine.context import Context
from diptych.models.abilities import Replied
from diptych.models.chat_as import chat_as
from diptych.models.rules import Rules
from diptych.recipes import mlbcap, promptcap
from doubles import picture, proposed, record


@dataclass
class Talker:
    """A chat model that replies to each role's prompt; it sees a blue mug and no castle."""

    asked: list = field(default_factory=list)

    def chat(self, requests):
        self.asked += requests
        return [Replied(self.reply(request)) for request in requests]

    def reply(self, request):
        if request.schema:
            return json.dumps(
                {"scores": [6 if n == 0 else 2 for n in range(json.loads(request.schema)["properties"]["scores"]["minItems"])]}
            )
        if "from the caption alone" in request.prompt:
            return "blue" if "blue mug" in request.prompt else "unknown"
        if "Look at the picture" in request.prompt:
            if "Answer yes or no" in request.prompt:
                return "no" if "castle" in request.prompt or "red" in request.prompt else "yes"
            return "Blue." if "mug" in request.prompt else "unknown"
        return "A blue mug on a table." if "this question" in request.prompt else "A red mug and a castle."


def through(pipeline, *rows: Record) -> tuple[list[Record], dict[str, Talker]]:
    talkers: dict[str, Talker] = {}

    def opener(address, ability):
        return Rules() if address == "rules:" else chat_as(talkers.setdefault(address, Talker()), ability)

    records, context = list(rows), Context(opener, picture)
    for place, part in enumerate(pipeline):
        step = part.look([to_batch(records)]) if hasattr(part, "look") else part
        kept = [one for one in records if one.status.kind == "kept"]
        done = {one.id: one for one in step(kept, context.at(str(place)))}
        records = [done.get(one.id, one) for one in records]
    return records, talkers


def test_mlbcap_on_chat_models() -> None:
    sources = [proposed("s", None, by="source", text=text) for text in ("our mug", "their mug")]
    rows = [
        replace(record(one, id=id), texts=(Text("paragraph", "The mug of Figure 1.", "source"),))
        for id, one in zip("ab", sources, strict=True)
    ]
    pipeline = mlbcap.pipeline(
        captioners=("x:one", "x:two"), critic="x:critic", answerer="x:seer", writer="rules:", draws=2, temperature=0.7
    )  # fmt: skip
    done, talkers = through(pipeline, *rows)
    assert [row.status.kind for row in done] == ["kept", "kept"]
    assert all("blue mug" in row.standing()[0].text and "castle" not in row.standing()[0].text for row in done)
    assert done[0].captions[0].scores == {"quality": 6.0} and done[0].captions[1].scores["judged"] == 6.0
    captioned = talkers["x:one"].asked[0]
    assert '"The mug of Figure 1."' in captioned.prompt and captioned.pictures
    assert [(one.draw, one.temperature) for one in talkers["x:two"].asked] == [(0, 0.7), (1, 0.7)] * 2
    # a good source caption is an example to the others
    assert '"our mug"' not in captioned.prompt and '"their mug"' in captioned.prompt
    first, second = (one.prompt for one in talkers["x:critic"].asked[:2])
    assert '"our mug"' in first and '"their mug"' in second


def test_promptcap_on_chat_models() -> None:
    asked = [replace(record(id=id), questions=(Question(f"{id}/q0", text, id),))
             for id, text in (("a", "What colour is the mug?"), ("b", "What colour is the castle?"))]  # fmt: skip
    pipeline = promptcap.pipeline(captioner="x:teller", answerer="x:seer", reader="x:reader", draws=2)
    (told, dropped), talkers = through(pipeline, *asked)
    assert told.standing()[0].text == "A blue mug on a table." and told.standing()[0].scores["answer_hard"] == 1.0
    # no answer to hold captions against: the picture does not tell
    assert (dropped.status.step, dropped.questions[0].answers[0].text) == ("BestFor", "unknown")
    assert not any(request.pictures for request in talkers["x:reader"].asked) and len(talkers["x:reader"].asked) == 4
    assert '"What colour is the mug?"' in talkers["x:teller"].asked[0].prompt


def test_promptcap_asks_questions_of_every_picture() -> None:
    pipeline = promptcap.pipeline(captioner="x:teller", answerer="x:seer", reader="rules:", questions=("What colour is the mug?",), draws=1)
    (done,), _ = through(pipeline, record())
    assert done.questions[0].answers[0].text == "Blue." and done.standing()[0].text == "A blue mug on a table."


def test_both_take_what_a_file_says_of_the_pictures(tmp_path) -> None:
    beside, asked = tmp_path / "beside.json", tmp_path / "asked.json"
    beside.write_text('{"r": {"mention": ["See the mug."]}}', encoding="utf-8")
    asked.write_text('{"r": [{"question": "What colour is the mug?", "answers": ["blue", "navy"]}]}', encoding="utf-8")
    _, talkers = through(mlbcap.pipeline(captioners=("x:one",), critic="x:critic", writer="rules:", beside=str(beside)), record())
    assert '"See the mug."' in talkers["x:one"].asked[0].prompt and '"See the mug."' in talkers["x:critic"].asked[0].prompt
    (done,), talkers = through(promptcap.pipeline(captioner="x:teller", reader="rules:", asked=str(asked), draws=1), record())
    assert set(talkers) == {"x:teller"} and done.standing()[0].scores["answer_hard"] == 1.0
