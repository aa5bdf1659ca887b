"""AMBER's generative scores over your own lists: what a caption names rightly, wrongly, misses, and imagines as people do.

Wang et al., 2023, arXiv:2311.07397, section on generative metrics. For one caption: R the objects that it names, of the vocabulary; A the
image's objects; H the objects that people would imagine there (hallucination targets), those in A apart.
CHAIR = 1 - |R and A| / |R|. Cover = |R and A| / |A|. Hal = 1 if CHAIR is not 0. Cog = |R and H| / |R|. Each is the mean over captions.
Different: the vocabulary is that of your lists (all objects, targets and words associated with them); nouns come from our parser and
meet an object's name by WordNet, where the released code compares word vectors; R holds different nouns, not repeats; a caption that
names nothing has no CHAIR and no Cog (left out, and counted), Cover 0 and Hal 0.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from diptych.language.wordnet import is_noun, same_thing, singular
from diptych.measure.inputs import same_ids
from diptych.measure.intervals import RESAMPLES
from diptych.measure.mentions import stated_nouns
from diptych.measure.scores import Scored, scored
from diptych.measure.truths import names_of, not_english, with_truth

_SHOWN = 3
_NONE: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True)
class AmberCount:
    """One caption: the different nouns of the vocabulary that it names, which of them name a true object and which a target, the objects
    that it covers, and how many there are."""

    named: tuple[str, ...]
    right: tuple[str, ...]
    imagined: tuple[str, ...]
    covered: tuple[str, ...]
    objects: int


def amber(
    captions: Mapping[str, str], objects: Mapping[str, Collection[str]], *, targets: Mapping[str, Collection[str]] | None = None,
    associations: Mapping[str, Collection[str]] = _NONE, seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """`amber_chair`, `amber_cover`, `amber_hal`, and with `targets` `amber_cog`; all but cover are better lower.

    `associations` lists for an object other words that name it ("sea": water, wave). Raises InputError for ids that differ.
    """
    counts = amber_by_image(captions, objects, targets=targets, associations=associations)
    rows = list(counts.values())
    nan = float("nan")
    wrong = [len(row.named) - len(row.right) for row in rows]
    parts: list[tuple[str, Literal["higher", "lower"], list[float]]] = [
        ("chair", "lower", [n / len(row.named) if row.named else nan for n, row in zip(wrong, rows, strict=True)]),
        ("cover", "higher", [len(row.covered) / row.objects if row.objects else nan for row in rows]),
        ("hal", "lower", [float(n > 0) for n in wrong]),
    ]
    if targets is not None:
        parts.append(("cog", "lower", [len(row.imagined) / len(row.named) if row.named else nan for row in rows]))
    how = "nouns by diptych's parser and WordNet, your own lists; mean over captions" + not_english(captions.values())
    names = {name for listed in _plain(objects, "objects").values() for name in listed}
    if strange := sorted(name for name in names if not _is_word(name)):
        shown = ", ".join(map(repr, strange[:_SHOWN])) + (", ..." if len(strange) > _SHOWN else "")
        how += f"; {len(strange)} of {len(names)} object name{'s' * (len(names) > 1)} in no dictionary: {shown}"
    return tuple(
        scored(f"amber_{name}", list(counts), np.array(values, float), better=better, how=how, seed=seed, resamples=resamples)
        for name, better, values in parts
    )


def amber_by_image(
    captions: Mapping[str, str], objects: Mapping[str, Collection[str]], *, targets: Mapping[str, Collection[str]] | None = None,
    associations: Mapping[str, Collection[str]] = _NONE,
) -> dict[str, AmberCount]:  # fmt: skip
    """Counts of each caption, in order."""
    rows = with_truth(captions, _plain(objects, "objects"), "objects")
    imagined = _plain(targets, "targets") if targets is not None else dict.fromkeys((row[0] for row in rows), ())
    same_ids({id: None for id, _, _ in rows}, imagined, "captions have no targets", "targets have no caption")
    names = {name for there in (*(row[2] for row in rows), *imagined.values()) for name in there}
    others = {_singular(name): listed for name, listed in _plain(associations, "associations").items()}
    spelt: dict[str, list[str]] = {}  # a plural that the parser keeps ("swimming trunks") names its object too
    for listed in (*names_of(objects, "objects").values(), *names_of(targets or {}, "targets").values()):
        for name in listed:
            spelt.setdefault(_singular(name), []).append(_lower(name))
    words = {name: tuple(dict.fromkeys((name, *spelt[name], *others.get(name, ())))) for name in sorted(names)}
    vocabulary = sorted({word for listed in words.values() for word in listed})

    @lru_cache(None)
    def known(noun: str) -> bool:
        return any(same_thing(noun, word) for word in vocabulary)

    def naming(noun: str, names: Iterable[str]) -> list[str]:
        return [name for name in names if any(same_thing(noun, word) for word in words[name])]

    counts: dict[str, AmberCount] = {}
    for id, text, there in rows:
        named = [noun for noun in dict.fromkeys(stated_nouns(text)) if known(noun)]
        true = {noun: naming(noun, there) for noun in named}
        covered = dict.fromkeys(name for names in true.values() for name in names)
        right = [noun for noun in named if true[noun]]
        thought = [noun for noun in named if not true[noun] and naming(noun, imagined[id])]
        counts[id] = AmberCount(tuple(named), tuple(right), tuple(thought), tuple(covered), len(there))
    return counts


def _plain(given: Mapping[str, Collection[str]], what: str) -> dict[str, tuple[str, ...]]:
    """Lists of names as the parser gives a caption's nouns, in small letters and singular; each once."""
    return {id: tuple(dict.fromkeys(map(_singular, names))) for id, names in names_of(given, what).items()}


def _singular(name: str) -> str:
    return singular(_lower(name))


def _lower(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())


def _is_word(name: str) -> bool:
    last = name.rpartition(" ")[2]
    return is_noun(name) or is_noun(last)
