"""What a dataset has of a scene besides its caption: a paragraph that mentions it, and questions. Their answers are truth, in no record."""

from dataclasses import replace

from diptych.data.draws import Key
from diptych.world.captions import describe
from diptych.world.catalogue import CATEGORIES
from diptych.world.experts import pick
from diptych.world.latents import stream
from diptych.world.lookup import PLAIN, know
from diptych.world.questions import Quiz, questions
from diptych.world.truth import Truth

STRAY = 0.5  # of the share told of the picture, as much is told of another one
UNSEEN = 0.25  # of the questions ask for the colour of what is not in the picture
ASKED = ("count", "colour", "material", "relation")  # kinds whose answer a caption can state; "there is none" it seldom does
MOST_QUESTIONS = len(ASKED)


def paragraph(truth: Truth, share: float, *, keys: tuple[Key, ...], other: Truth) -> str:
    """Sentences that name this share of the picture's nouns, all true, and others about another scene that do not say so."""
    about = describe(truth, "dense", keys=("paragraph", *keys), share=share)
    stray = describe(other, "dense", keys=("stray", *keys), share=share * STRAY)
    return " ".join(said.text.rstrip(".") + "." for said in (about, stray) if said.graph.entities)


def quizzes(truth: Truth, number: int, *, keys: tuple[Key, ...]) -> tuple[Quiz, ...]:
    """Up to so many questions about one fact each, of different kinds; one that the picture does not answer has the answer ""."""
    listed = [quiz for quiz in questions(truth, keys=("told", *keys)) if quiz.kind in ASKED and quiz.answer != PLAIN["material"]]
    draws = stream(2 * MOST_QUESTIONS, "quiz", truth.key, *keys).tolist()
    ordered = sorted(listed, key=lambda quiz: draws[ASKED.index(quiz.kind)])[:number]
    return tuple(_unseen(truth, quiz, keys) if u < UNSEEN else quiz for quiz, u in zip(ordered, draws[MOST_QUESTIONS:], strict=False))


def _unseen(truth: Truth, quiz: Quiz, keys: tuple[Key, ...]) -> Quiz:
    known = know(truth)
    absent = [CATEGORIES[number].noun for number in (*known.kin, *known.others)]
    noun = pick(absent, float(stream(1, "unseen", truth.key, quiz.kind, *keys)[0]))
    return replace(quiz, kind="unseen", text=f"What colour is the {noun}?", answer="", statement=None)
