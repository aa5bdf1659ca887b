"""POPE: yes/no questions on objects that are and are not in an image, and the score of the answers.

Li et al., 2023, arXiv:2305.10355. Same: as many questions with the answer yes as no; negatives drawn at random, the most frequent objects
of the data set ("popular"), or those that most often stand beside the image's objects ("adversarial"); accuracy, precision, recall and F1
of yes, and the share of yes. Different: draws hang on the seed and the image's id alone; an image with fewer objects than half its
questions gets fewer; an answer that is neither yes nor no is wrong, and counted (the released code takes it as yes).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.measure.inputs import same_ids
from diptych.measure.intervals import RESAMPLES, Array, f1, ratio
from diptych.measure.mentions import ListedWords, Mentions, WordNetNouns
from diptych.measure.pope_questions import PopeQuestion, pope_questions, read_pope
from diptych.measure.scores import Scored, scored
from diptych.measure.truths import by_id, one_text

__all__ = ["PopeQuestion", "pope", "pope_of_captions", "pope_questions", "read_answer", "read_pope"]
Rule = Literal["first word", "released"]
RULES: tuple[Rule, ...] = ("first word", "released")
_WORD = re.compile(r"[^\W\d_]+")


def pope(
    questions: Sequence[PopeQuestion], answers: Mapping[str, str], *, rule: Rule = "first word", seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, Scored, Scored, Scored, Scored]:
    """`pope_accuracy`, `pope_precision`, `pope_recall`, `pope_f1` and `pope_yes`, from answers by question id.

    Summed over questions; images are resampled with all their questions. By the rule "first word" an answer whose first word is
    neither yes nor no is wrong and no yes; by "released" it is no if "no" or "not" stands in its first sentence, and yes otherwise.
    Raises InputError for question ids that come twice, lack an answer or have no question, and for an answer that is no text.
    """
    if rule not in RULES:
        raise InputError(f"rule must be one of {', '.join(RULES)}, got {rule!r}")
    asked = {question.id: question for question in questions}
    if len(asked) != len(questions):
        raise InputError(f"{len(questions) - len(asked)} questions have an id that another has: give each its own")
    given = by_id(answers, "answers")
    same_ids(asked, given, "questions have no answer", "answers have no question")
    for id, text in given.items():
        one_text(text, id, "answer")
    said = {id: read_answer(text, rule) for id, text in given.items()}
    unread = sum(not answer for answer in said.values())
    how = f"answers by the rule {rule!r}; sums over questions, images resampled"
    return _scores(
        list(asked.values()), said, how + (f"; {unread} answers neither yes nor no, taken as wrong" if unread else ""), seed, resamples
    )


def pope_of_captions(
    questions: Sequence[PopeQuestion], captions: Mapping[str, str], mentions: Mentions | None = None, *, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, Scored, Scored, Scored, Scored]:  # fmt: skip
    """The same of captions by image: yes where the caption mentions the object asked for, no where it does not.

    Without `mentions` nouns are joined to the objects asked for by WordNet. Raises InputError for an image asked about without a caption.
    """
    reader = mentions or WordNetNouns(tuple(sorted({q.object for q in questions})), "objects asked for by WordNet over parsed nouns")
    texts = by_id(captions, "captions")
    found: dict[str, frozenset[str]] = {}
    for image in dict.fromkeys(q.image for q in questions):
        if image not in texts:
            raise InputError(f"image {image!r} is asked about and has no caption: leave its questions out")
        one_text(texts[image], image)
        found[image] = frozenset(reader(texts[image]))
    said: dict[str, str] = {q.id: "yes" if q.object in found[q.image] else "no" for q in questions}
    if len(said) != len(questions):
        raise InputError(f"{len(questions) - len(said)} questions have an id that another has: give each its own")
    how = f"yes where the caption mentions the object ({reader.how}); sums over questions, images resampled"
    if outside := sum(q.object not in _classes(reader, q.object) for q in questions):
        how += f"; {outside} questions about objects that the rule never finds, answered no"
    return _scores(questions, said, how, seed, resamples)


def _classes(reader: Mentions, asked: str) -> Collection[str]:
    """What the rule can find; of a rule of the caller's own nothing is known."""
    if isinstance(reader, ListedWords):
        return reader.names.values()
    return reader.classes if isinstance(reader, WordNetNouns) else (asked,)


def read_answer(text: str, rule: Rule = "first word") -> str:
    """ "yes", "no", or "" for an answer that is neither."""
    if rule == "released":
        words = text.split(".", 1)[0].replace(",", "").split(" ")
        return "no" if any(word in words for word in ("No", "no", "not")) else "yes"
    word = _WORD.search(text)
    first = word.group().lower() if word else ""
    return first if first in ("yes", "no") else ""


def _scores(
    questions: Sequence[PopeQuestion], said: Mapping[str, str], how: str, seed: int, resamples: int
) -> tuple[Scored, Scored, Scored, Scored, Scored]:
    rows: dict[str, list[PopeQuestion]] = {}
    for question in questions:
        rows.setdefault(question.image, []).append(question)
    counts = np.array([_counts(row, said) for row in rows.values()], float).reshape(-1, 5)
    right, hits, yes, there, asked = (counts[:, k] for k in range(5))
    parts: tuple[tuple[str, tuple[NDArray[np.float64], ...], Callable[[Array], Array]], ...] = (
        ("accuracy", (right, asked), ratio),
        ("precision", (hits, yes), ratio),
        ("recall", (hits, there), ratio),
        ("f1", (hits, yes, hits, there), f1),
        ("yes", (yes, asked), ratio),
    )
    made = []
    for name, columns, statistic in parts:
        table = np.stack(columns, axis=1)
        better: Literal["higher", "none"] = "none" if name == "yes" else "higher"
        made.append(
            scored(f"pope_{name}", list(rows), statistic(table), table, statistic, better=better, how=how, seed=seed, resamples=resamples)
        )
    return made[0], made[1], made[2], made[3], made[4]


def _counts(questions: Sequence[PopeQuestion], said: Mapping[str, str]) -> tuple[int, int, int, int, int]:
    """Right answers, right yes, all yes, objects that are there, questions."""
    marks = [(said[q.id], q.label) for q in questions]
    right = sum(answer == label for answer, label in marks)
    hits = sum(answer == label == "yes" for answer, label in marks)
    return right, hits, sum(answer == "yes" for answer, _ in marks), sum(label == "yes" for _, label in marks), len(marks)
