"""What is said and asked of a world's scenes to train the nano models: true captions, captions with errors, questions with answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from diptych.check.questions import question
from diptych.data.draws import Key, uniform
from diptych.data.graphs import SceneGraph
from diptych.language.realise import realise
from diptych.world.captions import TOLD, describe
from diptych.world.experts_captioner import SimulatedCaptioner
from diptych.world.grammar import Said
from diptych.world.latents import Voice
from diptych.world.lookup import Known, Lookup, know
from diptych.world.questions import questions
from diptych.world.rates import CaptionerRates
from diptych.world.truth import Truth

STYLES = ("short", "dense", "spatial", "alt", "fused")  # the last as `rules:` writes it
# words written on things cannot be read at 64 pixels: who is trained to say them learns to invent them
_TOLD: Mapping[str, CaptionerRates] = {style: replace(rates, text_recall=0.0) for style, rates in TOLD.items()}
_WRONG = {"hallucination": 0.2, "attribute_error": 0.3, "count_error": 0.4, "relation_error": 0.5, "recall": 0.7}
_CHECKED = ("exists", "attribute", "count", "relation")
_EACH = 8  # statements asked about in each scene
ANSWERS = ("no", "yes")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its true answer and its kind; `check` where a statement of a caption is asked about."""

    kind: str
    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class Told:
    """Of one scene: a true caption of each style of `STYLES`, captions that say something false, and questions."""

    true: tuple[str, ...]
    false: tuple[str, ...]
    asked: tuple[Asked, ...]


def told(truth: Truth, *, keys: tuple[Key, ...]) -> Told:
    """Everything about one scene; it hangs on the scene and the keys."""
    known = know(truth)
    true = tuple(caption(known, truth, style, keys) for style in STYLES)
    wrong = [with_errors(known, style, keys) for style in ("short", "dense", "spatial")]
    false = tuple(said.text for said in wrong if "contradicted" in known.index.check(said.graph))
    asked = (*_statements(known, [said.graph for said in wrong], keys), *_quiz(truth, keys))
    return Told(true, false, asked)


def caption(known: Known, truth: Truth, style: str, keys: tuple[Key, ...]) -> str:
    """A true caption."""
    if style == "fused":
        told_of = _said(known, "dense" if uniform("fused", known.key, *keys) < 0.5 else "short", _TOLD["dense"], keys).graph
        return realise(told_of, "fused")[0] if told_of.entities else "a picture"
    if style not in _TOLD:
        return describe(truth, style, keys=keys).text
    return _said(known, style, _TOLD[style], keys).text


def with_errors(known: Known, style: str, keys: tuple[Key, ...]) -> Said:
    """A caption of which some statements are false."""
    return _said(known, style, replace(_TOLD[style], **_WRONG), (*keys, "wrong"))


def _said(known: Known, style: str, rates: CaptionerRates, keys: tuple[Key, ...]) -> Said:
    voice = Voice(0, f"nano {keys}", "nano", 0.0, 0.0)
    return SimulatedCaptioner(Lookup({}), rates, voice).said(known, style)


def _statements(known: Known, graphs: list[SceneGraph], keys: tuple[Key, ...]) -> Iterator[Asked]:
    # as many true as false ones, where there are
    found: dict[bool, dict[str, Asked]] = {True: {}, False: {}}
    for graph in graphs:
        for statement in graph.statements():
            if statement.kind in _CHECKED and not statement.negated:
                holds = known.index.holds(statement) == "supported"
                text = question(statement)
                found[holds][text] = Asked(f"check {statement.kind}", text, ANSWERS[holds])
    for texts in found.values():
        ranked = sorted(texts, key=lambda text: uniform("ask", known.key, text, *keys))
        yield from (texts[text] for text in ranked[: _EACH // 2])


def _quiz(truth: Truth, keys: tuple[Key, ...]) -> Iterator[Asked]:
    return (Asked(quiz.kind, quiz.text, quiz.answer) for quiz in questions(truth, keys=keys, each=2))
