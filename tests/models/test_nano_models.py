"""The shipped nano models: their addresses, their errors, and answers that do not hang on their neighbours."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from diptych.data.errors import AddressError, PictureError
from diptych.data.pictures import Picture
from diptych.lab.opening import opened, without_source
from diptych.models import nano_scheme
from diptych.models.abilities import (
    Answered,
    Answerer,
    AskRequest,
    Captioner,
    CaptionRequest,
    Described,
    Detections,
    Detector,
    DetectRequest,
    Embedder,
    EmbedRequest,
    Failed,
    Matcher,
    MatchRequest,
)
from diptych.models.addresses import parse_address
from diptych.models.nano_phrases import bag_of
from diptych.models.nano_scheme import KNOWN, open_nano
from diptych.models.nano_weights import WEIGHTS, fingerprint, folder
from diptych.models.words import tidied

SOURCE = "world:6?size=96&seed=77"
MEGABYTE = 10**6


@lru_cache(1)
def world() -> Any:
    return opened(SOURCE)


@lru_cache(1)
def pictures() -> list[Picture]:
    return [world().pictures(record.subject) for record in world().source]


def broken() -> Picture:
    def load() -> Pillow.Image:
        raise PictureError("this file is no picture")

    return Picture("broken", 8, 8, load)


def values(answer: Any) -> list[float]:
    """All numbers of an answer."""
    if isinstance(answer, Detections):
        return [n for one in answer.found for n in (one.score, one.box.left, one.box.top, one.box.right, one.box.bottom)]
    return answer.vector.tolist() if hasattr(answer, "vector") else [answer.score] if hasattr(answer, "score") else []


def words(answer: Any) -> list[str]:
    """All words of an answer."""
    if isinstance(answer, Detections):
        return [word for one in answer.found for word in (one.phrase, *one.attributes)]
    return [answer.text] if hasattr(answer, "text") else []


def requests(name: str, picture: Picture, number: int) -> Any:
    """One request to each of the models."""
    return {
        "captioner-a": CaptionRequest(picture, ("short", "dense", "spatial", "alt")[number % 4]),
        "captioner-b": CaptionRequest(picture, "short", draw=number, temperature=0.7 * (number % 2)),
        "matcher": MatchRequest(picture, "a red ball" if number % 2 else "there is a large blue house and a cup on a table"),
        "embedder": EmbedRequest(picture) if number % 2 else EmbedRequest(None, "three cubes"),
        "detector": DetectRequest(picture, () if number % 2 else ("cube", "red vehicle", "dog")),
        "answerer": AskRequest(picture, ("How many cubes are there?", "Is the cube left of the house?")[number % 2]),
    }[name]


METHODS = {Captioner: "caption", Matcher: "match", Embedder: "embed", Detector: "detect", Answerer: "answer"}


@pytest.mark.parametrize("name", KNOWN)
def test_answers_do_not_hang_on_the_company_they_are_asked_in(name: str) -> None:
    ability = KNOWN[name][0]
    model = world().opener(f"nano:{name}", ability)
    ask = getattr(model, METHODS[ability])
    asked = [requests(name, picture, number) for number, picture in enumerate(pictures())]
    together, alone = ask(asked), [ask([one])[0] for one in asked]
    for one, other in zip(together, alone, strict=True):
        assert words(one) == words(other)
        assert values(one) == pytest.approx(values(other), abs=1e-4)


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "embedder"])
def test_a_picture_that_cannot_be_decoded_fails_alone(name: str) -> None:
    ability = KNOWN[name][0]
    ask = getattr(world().opener(f"nano:{name}", ability), METHODS[ability])
    found = ask([requests(name, pictures()[0], 0), requests(name, broken(), 0), requests(name, pictures()[1], 0)])
    assert [isinstance(one, Failed) for one in found] == [False, True, False]
    assert "this file is no picture" in found[1].error
    assert ask([]) == []


def test_draws_at_a_temperature_differ_and_come_again() -> None:
    model = world().opener("nano:captioner-a", Captioner)
    asked = [CaptionRequest(pictures()[0], draw=draw, temperature=1.5) for draw in range(6)]
    first = model.caption(asked)
    assert first == model.caption(asked)
    assert len({one.text for one in first}) > 1


def test_captioners_refuse_what_they_were_not_taught() -> None:
    model = world().opener("nano:captioner-a", Captioner)
    found = model.caption([CaptionRequest(pictures()[0], "haiku"), CaptionRequest(pictures()[0])])
    assert "haiku" in found[0].error
    assert isinstance(found[1], Described)
    asked = [{"question": "What?"}, {"texts": ("a",)}, {"examples": ("a",)}, {"hints": ("a",)}, {"words": 5}]
    for answer in model.caption([CaptionRequest(pictures()[0], **one) for one in asked]):  # type: ignore[arg-type]
        assert isinstance(answer, Failed) and "heed no question" in answer.error


def test_words_that_the_world_has_not_are_left_unjudged_and_unanswered() -> None:
    found = world().opener("nano:detector", Detector).detect([DetectRequest(pictures()[0], ("dog", "wooden cube", "cube"))])[0]
    assert found.unjudged == ("dog", "wooden cube")
    answer = world().opener("nano:answerer", Answerer).answer([AskRequest(pictures()[0], "Is there a dachshund in the image?")])[0]
    assert answer == Answered("unknown", 0.0)


def test_phrases_become_bags_of_known_words() -> None:
    known = (("ball", "mug", "red", "small", "checkered", "toy"), frozenset({"ball", "mug"}), frozenset({"toy", ""}))
    assert bag_of("a small red ball", *known) == (3, 2, 0)
    assert bag_of("three balls", *known) == (0,)
    assert bag_of("little mugs", *known) == (3, 1)
    assert bag_of("toys", *known) == (5,)
    assert bag_of("a wooden ball", *known) == ()
    assert bag_of("a dachshund", *known) == ()
    assert bag_of("", *known) == ()


def test_nano_knows_only_the_world(tmp_path: Path) -> None:
    Pillow.new("RGB", (8, 8)).save(tmp_path / "one.png")
    for opener in (opened(str(tmp_path)).opener, without_source()):
        with pytest.raises(AddressError, match=r"nano:matcher knows only the world: on real data name a real Matcher .* or use a world"):
            opener("nano:matcher", Matcher)


@pytest.mark.parametrize(
    ("address", "ability", "told"),
    [
        ("nano:poet", Captioner, "there is no nano:poet: it must be one of nano:captioner-a"),
        ("nano:matcher?size=3", Matcher, "takes no options"),
        ("nano:matcher", Captioner, "nano:matcher is no Captioner, it is a Matcher"),
    ],
)
def test_other_names_options_and_abilities_are_refused(address: str, ability: type, told: str) -> None:
    with pytest.raises(AddressError, match=told):
        open_nano(parse_address(address), ability)


def test_without_the_extra_the_error_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named 'torch', wanted by {name}", name="torch")

    monkeypatch.setattr(nano_scheme, "import_module", missing)
    with pytest.raises(AddressError, match=r"nano:matcher needs torch: install it with  pip install 'diptych\[models\]'"):
        open_nano(parse_address("nano:matcher"), Matcher)


def test_all_shipped_weights_are_safetensors_and_under_twelve_megabytes() -> None:
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 12 * MEGABYTE
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".md"}


def test_a_model_that_was_not_shipped_is_named() -> None:
    with pytest.raises(AddressError, match="'poet' is not in"):
        folder("poet")
    assert len(fingerprint("region")) == 16


def test_decoded_words_are_written_as_people_write_them() -> None:
    assert tidied('there is a sign that says " open " . the ball , a red one , is left of it .') == (
        'There is a sign that says "open". The ball, a red one, is left of it.'
    )
    assert tidied("a red ball and a mug") == "a red ball and a mug"
