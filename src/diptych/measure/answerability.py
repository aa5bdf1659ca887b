"""Questions answered from the caption alone: what a reader that never saw the picture can tell.

PromptCap's filter (Hu et al., 2022, arXiv:2211.09699) and the measure of CyclePrompt (Diesendruck et al., 2024, arXiv:2402.08756). A
long caption answers more: compare at equal budgets of words. A reader guesses some answers without any caption: the blind baseline
says how many, and the gain is what the caption adds.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diptych.data.errors import InputError
from diptych.data.graphs import Statement
from diptych.language.numbers import exact
from diptych.measure.asking import joined, said_failed
from diptych.measure.inputs import Candidates, by_id, same_ids
from diptych.measure.intervals import RESAMPLES
from diptych.measure.rows import one_text, scored_rows
from diptych.measure.scores import Scored
from diptych.measure.text import WORD
from diptych.models.abilities import Failed

BEST, MATCH, ANNOTATORS = 3, 0.3, 10  # best answers that the soft score averages; a match's worth among the ten answers of VQA
ANSWERABLE = 0.5  # hard score from which a question counts as answered: two of ten people
_PIECE = re.compile(r"[^\W_]+")
_SKIPPED = frozenset(("a", "an", "the"))


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question about one image with its gold answers, ten in VQA, one in the world; `statement` is what a yes/no question asks about."""

    text: str
    answers: tuple[str, ...]
    statement: Statement | None = None


Reading = tuple[str, GoldQuestion]  # the caption, all that the reader knows of the picture, and the question
Reader = Callable[[Sequence[Reading]], Sequence[str | Failed]]  # "" where the caption does not tell
Questions = Mapping[str, Sequence[GoldQuestion]] | Sequence[Sequence[GoldQuestion]]


def answerability(
    candidates: Candidates, questions: Questions, *, reader: Reader, budgets: Sequence[int] = (), blind: bool = True, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`answer_soft`, `answer_hard` and `answerable` (share of questions with a hard score of at least .5), over all questions.

    For each of `budgets` the same of the captions' first words, named `answer_soft_first_20_words`; with `blind` also of no caption,
    `answer_soft_blind`, and `answer_gain`, hard score minus blind hard score question by question. An answer that failed is left out
    and counted. A row is an image; images are resampled with all their questions. One without questions has no value.
    Raises InputError for ids of one side alone, a question without answers, and a budget under 1.
    """
    texts, asked = _lined(candidates, questions)
    if any(budget < 1 for budget in budgets):
        raise InputError(f"a budget must be 1 word or more, got {list(budgets)}")
    arms = {"": texts} | {f"_first_{n}_words": {id: first_words(text, n) for id, text in texts.items()} for n in budgets}
    if blind:
        arms["_blind"] = dict.fromkeys(texts, "")
    given = _answers(arms, asked, reader)
    made: list[Scored] = []
    hard: dict[str, list[list[float]]] = {}
    for arm in arms:
        answers = [[given[arm, id, place] for place in range(len(asked[id]))] for id in texts]
        soft, hard[arm] = (_scores(answers, asked, score) for score in (soft_score, hard_score))
        found = {"answer_soft": soft, "answer_hard": hard[arm], "answerable": [[_reached(one) for one in row] for row in hard[arm]]}
        how = joined("answered from the caption alone", _said(answers))
        made += [
            scored_rows(f"{name}{arm}", tuple(texts), table, of="questions", how=how, seed=seed, resamples=resamples)
            for name, table in found.items()
        ]
    if blind:
        gain = [[one - none for one, none in zip(*rows, strict=True)] for rows in zip(hard[""], hard["_blind"], strict=True)]
        how = "hard score with the caption minus without"
        made.append(scored_rows("answer_gain", tuple(texts), gain, of="questions", how=how, seed=seed, resamples=resamples))
    return tuple(made)


def soft_score(answer: str, answers: Sequence[str]) -> float:
    """min(1, mean of the 3 best of 1 - CER), CER being edits of characters over the gold answer's, and 1 - CER not below 0.

    Of fewer than three gold answers all are averaged. Case, marks and articles do not count; number words are digits.
    """
    said = plain(answer)
    likeness = sorted((max(0.0, 1 - edits(said, gold) / max(len(gold), 1)) if said else 0.0 for gold in map(plain, answers)), reverse=True)
    return min(1.0, float(np.mean(likeness[:BEST])))


def hard_score(answer: str, answers: Sequence[str]) -> float:
    """min(1, .3 matches) among ten gold answers; with fewer, each stands for as many as make ten."""
    said = plain(answer)
    matches = sum(said == gold for gold in map(plain, answers)) if said else 0
    return min(1.0, MATCH * matches * ANNOTATORS / len(answers))


def plain(answer: str) -> str:
    """An answer without case, marks and articles, its number words as digits."""
    words = [word for word in _PIECE.findall(unicodedata.normalize("NFKC", answer).casefold()) if word not in _SKIPPED]
    return " ".join(word if (number := exact(word)) is None else str(number) for word in words)


def edits(one: str, other: str) -> int:
    """The least number of characters to insert, delete or replace (Levenshtein, 1966)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, wanted in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]


def first_words(text: str, words: int) -> str:
    """The text up to the end of so many of its words."""
    ends = [match.end() for match in WORD.finditer(text)]
    return text if len(ends) <= words else text[: ends[words - 1]]


def _lined(candidates: Candidates, questions: Questions) -> tuple[dict[str, str], dict[str, tuple[GoldQuestion, ...]]]:
    texts = one_text(candidates)
    asked = {id: tuple(listed) for id, listed in by_id(questions, "questions").items()}
    same_ids(texts, asked, "captions have no questions", "questions have no caption")
    for id, listed in asked.items():
        if loose := [question.text for question in listed if isinstance(question.answers, str)]:
            raise InputError(f"the gold answers to {loose[0]!r} of {id!r} must be a list of texts, got one text: put it in a list")
        if lacking := [question.text for question in listed if not any(map(plain, question.answers))]:
            raise InputError(f"the question {lacking[0]!r} of {id!r} has no gold answer: give it one or leave it out")
    return texts, {id: asked[id] for id in texts}


def _answers(
    arms: Mapping[str, Mapping[str, str]], asked: Mapping[str, Sequence[GoldQuestion]], reader: Reader
) -> dict[tuple[str, str, int], str | Failed]:  # fmt: skip
    """Each different pair of caption and question read once."""
    wanted = {(arm, id, place): (texts[id], one) for arm, texts in arms.items() for id in texts for place, one in enumerate(asked[id])}
    different = list(dict.fromkeys(wanted.values()))
    answers = reader(different) if different else []
    if len(answers) != len(different):
        raise InputError(f"the reader gave {len(answers)} answers to {len(different)} questions: it must answer or fail each")
    known = dict(zip(different, answers, strict=True))
    return {key: known[reading] for key, reading in wanted.items()}


def _scores(
    answers: Sequence[Sequence[str | Failed]], asked: Mapping[str, Sequence[GoldQuestion]], score: Callable[[str, Sequence[str]], float]
) -> list[list[float]]:  # fmt: skip
    return [
        [float("nan") if isinstance(answer, Failed) else score(answer, one.answers) for answer, one in zip(row, listed, strict=True)]
        for row, listed in zip(answers, asked.values(), strict=True)
    ]


def _reached(hard: float) -> float:
    return hard if np.isnan(hard) else float(hard >= ANSWERABLE)


def _said(answers: Sequence[Sequence[str | Failed]]) -> str:
    every = [answer for row in answers for answer in row]
    silent = sum(not isinstance(answer, Failed) and not plain(answer) for answer in every)
    errors = [answer.error for answer in every if isinstance(answer, Failed)]
    return joined(said_failed("answers", errors, len(every)), f"{silent} of {len(every)} questions not answered, score 0" if silent else "")
