"""OpenCHAIR: mentions of concrete things, of any kind, that an image made from a known caption does not show.

Ben-Kish et al., 2024, arXiv:2312.03631. Same: every mention is judged yes, no or unsure by what judges the generating caption;
OCH = no / (yes + no) over all mentions; words for the picture itself are ignored. Different: a concrete noun is one that WordNet knows
under physical entity (one of its first four senses), where the published rule is a rating above 4.5 in Brysbaert's norms; nouns of
several words stay whole; a thing that is denied or hedged is no mention, and one spoken of again ("the dog") is the same; unsure answers
are left out, as published, but their rate is reported; captions and truths meet by id and not by row; where no mention is judged yes or
no the value is nan, and nothing crashes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from diptych.data.errors import RunError
from diptych.language.wordnet import is_noun, is_physical
from diptych.measure.intervals import RESAMPLES, ratio
from diptych.measure.judges import Answer, Judge, Mention
from diptych.measure.mentions import stated_nouns
from diptych.measure.scores import Scored, scored
from diptych.measure.truths import not_english, one_text, with_truth

IGNORED = frozenset(
    ("photo", "picture", "image", "painting", "photograph", "snapshot", "drawing", "illustration", "view", "scene", "background",
     "foreground", "close-up", "closeup", "shot", "selfie", "art", "artwork", "portrait", "sketch", "rendering", "black and white photo")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Openly:
    """One image: its mentions in order and what the judge said of each."""

    mentions: tuple[str, ...]
    answers: tuple[Answer, ...]


def openchair(
    captions: Mapping[str, str], truths: Mapping[str, str], judge: Judge, *, ignored: frozenset[str] = IGNORED, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, Scored]:  # fmt: skip
    """`openchair` (no over yes and no, lower is better) and `openchair_unsure` (mentions without yes or no over all), summed over images.

    `truths` are the captions that the images were made from. Raises InputError for ids that differ and for anything but mappings by id.
    """
    found = openchair_by_image(captions, truths, judge, ignored=ignored)
    rows = [row.answers for row in found.values()]
    wrong = [(row.count("no"), row.count("yes") + row.count("no")) for row in rows]
    undecided = [(row.count("unsure") + row.count("failed"), len(row)) for row in rows]
    failed = sum(row.count("failed") for row in rows)
    how = f"concrete nouns by WordNet, every mention, judged by {judge.how}; sums over images"
    how += not_english(captions.values())
    how += f"; {failed} mentions got no answer, taken as unsure" if failed else ""
    made = []
    for name, pairs in (("openchair", wrong), ("openchair_unsure", undecided)):
        table = np.array(pairs, float).reshape(-1, 2)
        made.append(scored(name, list(found), ratio(table), table, better="lower", how=how, seed=seed, resamples=resamples))
    return made[0], made[1]


def openchair_by_image(
    captions: Mapping[str, str], truths: Mapping[str, str], judge: Judge, *, ignored: frozenset[str] = IGNORED
) -> dict[str, Openly]:
    """Mentions and answers of each image; equal questions are asked once."""
    rows = [(id, concrete_nouns(text, ignored), truth) for id, text, truth in with_truth(captions, truths, "truths")]
    for id, _, truth in rows:
        one_text(truth, id, "truth")
    asked = list(dict.fromkeys(Mention(noun, truth) for _, nouns, truth in rows for noun in nouns))
    answers = _answers(asked, judge)
    return {id: Openly(nouns, tuple(answers[Mention(noun, truth)] for noun in nouns)) for id, nouns, truth in rows}


def concrete_nouns(text: str, ignored: frozenset[str] = IGNORED) -> tuple[str, ...]:
    """The things that a caption says are there and that WordNet knows as physical, in order, once for each mention."""
    return tuple(noun for noun in stated_nouns(text) if noun not in ignored and is_concrete(noun))


def is_concrete(noun: str) -> bool:
    """Whether WordNet knows the noun, or a compound's last word, as a physical thing; an unknown word is not concrete."""
    return is_physical(noun) and (is_noun(noun) or is_noun(noun.rpartition(" ")[2]))


def _answers(asked: Sequence[Mention], judge: Judge) -> dict[Mention, Answer]:
    given = judge(asked) if asked else []
    if len(given) != len(asked):
        raise RunError(f"a judge gave {len(given)} answers to {len(asked)} mentions: it must answer each, correct it")
    known: tuple[Answer, ...] = get_args(Answer)
    return {mention: answer if answer in known else "failed" for mention, answer in zip(asked, given, strict=True)}
