"""POPE's questions: drawn from object lists, or read from published files (Li et al., 2023, arXiv:2305.10355)."""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

from diptych.data.draws import uniform
from diptych.data.errors import InputError, SourceError
from diptych.language.wording import noun_phrase
from diptych.measure.truths import names_of

Strategy = Literal["random", "popular", "adversarial"]
STRATEGIES: tuple[Strategy, ...] = ("random", "popular", "adversarial")
_ASKED = re.compile(r"is there (?:an? )?(.+?) in the image\?", re.IGNORECASE)
_WANTED = "give a JSON object a line with question_id, image, text and label"
_FILE_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class PopeQuestion:
    """One question on one image; `label` is the right answer."""

    id: str
    image: str
    object: str
    label: Literal["yes", "no"]
    text: str


def pope_questions(
    objects: Mapping[str, Collection[str]], *, strategy: Strategy = "random", per_image: int = 6, seed: int = 0
) -> list[PopeQuestion]:
    """For each image half as many of its objects, drawn at random, and as many of those that it lacks, yes and no in turn.

    Positives are the same in all three strategies. An image gets fewer questions where it has, or lacks, fewer objects than that: none
    at all without objects. Negatives come from all objects in `objects`. Draws hang on (seed, image id, object).
    Raises InputError for an unknown strategy or an odd or small `per_image`.
    """
    if strategy not in STRATEGIES:
        raise InputError(f"strategy must be one of {', '.join(STRATEGIES)}, got {strategy!r}")
    if per_image < 2 or per_image % 2:
        raise InputError(f"per_image must be even and at least 2 (half of the answers are yes), got {per_image}")
    listed = {id: sorted(found) for id, found in names_of(objects, "objects").items()}
    frequent = Counter(name for found in listed.values() for name in found)
    beside = _beside(listed.values()) if strategy == "adversarial" else {}
    questions: list[PopeQuestion] = []
    for image, there in listed.items():
        absent = [name for name in frequent if name not in there]
        drawn = {name: uniform("pope", seed, image, name) for name in frequent}
        worth: Mapping[str, int] = {}
        if strategy == "popular":
            worth = frequent
        elif strategy == "adversarial":
            worth = {name: sum(beside.get((name, other), 0) for other in there) for name in absent}
        yes = sorted(there, key=lambda name, drawn=drawn: drawn[name])  # type: ignore[misc]
        no = sorted(absent, key=lambda name, drawn=drawn, worth=worth: (-worth.get(name, 0), drawn[name]))  # type: ignore[misc]
        for one, other in zip(yes[: per_image // 2], no[: per_image // 2], strict=False):
            questions += [_question(len(questions) + 1, image, one, "yes"), _question(len(questions) + 2, image, other, "no")]
    return questions


def _beside(images: Collection[Sequence[str]]) -> Counter[tuple[str, str]]:
    """In how many images two objects stand together, both ways round."""
    found: Counter[tuple[str, str]] = Counter()
    for there in images:
        for one, other in combinations(there, 2):
            found[one, other] += 1
            found[other, one] += 1
    return found


def _question(number: int, image: str, name: str, label: Literal["yes", "no"]) -> PopeQuestion:
    return PopeQuestion(str(number), image, name, label, f"Is there {noun_phrase(name)} in the image?")


def read_pope(path: str | Path) -> list[PopeQuestion]:
    """A published question file: one JSON object a line with question_id, image, text and label.

    Raises SourceError for a file that is missing, too large or of another form.
    """
    file = Path(path)
    try:
        if file.stat().st_size > _FILE_BYTES:
            raise SourceError(f"{file} has over {_FILE_BYTES:,} bytes: a question file has one short line for each question")
        lines = file.read_text("utf-8").split("\n")  # a text may hold other signs that end lines
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "it cannot be opened") if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SourceError(f"{str(file)!r} cannot be read as POPE's questions ({why}): {_WANTED}") from error
    return [_read(line, f"{file}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _read(line: str, where: str) -> PopeQuestion:
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise SourceError(f"{where} is no question: {_WANTED}")
        if lacks := [key for key in ("question_id", "image", "text", "label") if key not in row]:
            raise SourceError(f"{where} is no question, it lacks {', '.join(lacks)}: {_WANTED}")
        id, image, text, label = (str(row[key]) for key in ("question_id", "image", "text", "label"))
    except SourceError:
        raise
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where} is no question but {line.strip()!r:.60}: {_WANTED}") from error
    asked = _ASKED.search(text)
    if asked is None or label not in ("yes", "no"):
        raise SourceError(f'{where} must ask "Is there a THING in the image?" with the label yes or no, got {text!r}, {label!r}')
    return PopeQuestion(id, image, asked.group(1), "yes" if label == "yes" else "no", text)
