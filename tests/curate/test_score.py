"""Captions scored by a metric, and what the scores are good for."""

import pytest

from diptych.curate.score import ScoreBy
from diptych.curate.select import Best, Keep
from diptych.data.errors import InputError, PictureError
from diptych.data.records import Caption, Image, Record
from diptych.data.regions import Box, Region
from diptych.engine.context import Context
from diptych.measure import document_frequencies, rouge_l
from doubles import context, picture

HUMAN = ("two brown dogs lie on a couch", "dogs on a sofa")
MODEL = ("a brown dog on a couch", "a cat", "")


def row(id: str = "r", human: tuple[str, ...] = HUMAN) -> Record:
    own = [Caption(f"{id}/m{n}", text, "file:x") for n, text in enumerate(MODEL)]
    known = [Caption(f"{id}/h{n}", text, "human:a") for n, text in enumerate(human)]
    box = Region("b", Box(0, 0, 1, 1), "object", "dog")
    return Record(id, Image(f"{id}.png"), (*own, *known), (box,), chosen=(own[0].id,))


def scores(record: Record, name: str) -> dict[str, float]:
    return {c.id: c.scores[name] for c in record.captions if name in c.scores}


def test_each_caption_gets_its_own_value() -> None:
    (done,) = ScoreBy("rouge_l", references="human")([row()], context())
    wanted = rouge_l(list(MODEL), [HUMAN] * 3, resamples=0).values_N.tolist()
    assert scores(done, "rouge_l") == {f"r/m{n}": value for n, value in enumerate(wanted)}
    (best,) = Best(1, by="rouge_l")([done], context())
    assert best.chosen == ("r/m0",)


def test_no_caption_is_its_own_reference_and_none_has_no_score() -> None:
    alone, pair = row("a", human=HUMAN[:1]), row("b", human=(HUMAN[0], HUMAN[0]))
    done = ScoreBy("rouge_l", of="human", references="human", score="agreed")([alone, pair], context())
    assert scores(done[0], "agreed") == {} and done[0] is alone
    assert scores(done[1], "agreed") == {"b/h0": pytest.approx(1.0), "b/h1": pytest.approx(1.0)}
    assert Keep("agreed", 0.5, of="human")(done, context())[0].status.why == "no score agreed"


def test_undefined_values_are_no_scores() -> None:
    (done,) = ScoreBy("chair_i")([row()], context())
    assert scores(done, "chair_i") == {"r/m0": 0.5, "r/m1": 1.0}  # the empty caption mentions nothing; there are a dog and no couch


def test_saved_frequencies(tmp_path) -> None:
    with pytest.raises(InputError, match="hangs on the whole set"):
        ScoreBy("cider")
    document_frequencies([list(HUMAN), ["a cat on a mat"], ["a man"]]).save(tmp_path / "df.npz")
    step = ScoreBy("cider_d", references="human", settings=(("frequencies", str(tmp_path / "df.npz")),))
    (done,) = step([row()], context())
    assert scores(done, "cider_d")["r/m0"] > scores(done, "cider_d")["r/m1"]


def test_a_picture_that_cannot_be_opened_fails_its_record() -> None:
    def pictures(image: Image):
        if image.path == "bad.png":
            raise PictureError("bad.png is broken")
        return picture(image)

    class Fits:
        def match(self, requests):
            from diptych.models.abilities import Matched  # noqa: PLC0415

            return [Matched(0.3) for _ in requests]

    place = Context(lambda address, ability: Fits(), pictures, place="1")
    done = ScoreBy("clipscore", settings=(("matcher", "double:fits"),))([row("good"), row("bad")], place)
    assert [one.status.kind for one in done] == ["kept", "failed"] and "bad.png is broken" in done[1].status.why
    assert scores(done[0], "clipscore")["good/m0"] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("word_recall", "held against phrases"),
        ("bleu", "name one of them"),
        ("nonsense", "there is no metric"),
        ("cider_d", "takes frequencies"),
    ],
)
def test_what_cannot_be_a_step_is_refused_when_it_is_made(metric: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ScoreBy(metric)
