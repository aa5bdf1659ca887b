"""Phrases in the words of the region model: which of its words they amount to, and how well the things found fit them."""

# K things, P phrases, W words

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from diptych.language.meaning import same_value
from diptych.language.wordnet import same_thing, singular
from diptych.models.region_boxes import Floats, Found
from diptych.models.region_model import RegionModel

Bag = tuple[int, ...]
_ARTICLES = frozenset(["a", "an", "the", "some", "several", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])


def bag(model: RegionModel, phrase: str) -> Bag:
    """The numbers of the model's words that a phrase amounts to, its noun the last; () where a word is none of the world's."""
    config = model.config
    return bag_of(phrase, tuple(config.words), frozenset(config.vocabulary["noun"]), frozenset(config.kinds))


@lru_cache(1 << 14)
def bag_of(phrase: str, words: tuple[str, ...], nouns: frozenset[str], kinds: frozenset[str]) -> Bag:
    """The same for a list of words, some of them nouns and some kinds of nouns."""
    said = [word for word in phrase.lower().replace("-", " ").split() if word not in _ARTICLES]
    if not said:
        return ()
    numbers = {word: number for number, word in enumerate(words)}
    rest = {word: number for word, number in numbers.items() if word not in nouns | kinds}
    noun = singular(said[-1])
    named = numbers[noun] if noun in nouns | kinds else _only(numbers[other] for other in nouns if same_thing(noun, other))
    values = [rest.get(value, _only(number for other, number in rest.items() if same_value(value, other))) for value in said[:-1]]
    return () if min((named, *values)) < 0 else (*values, named)


def _only(found: Iterable[int]) -> int:
    # "furniture" is near several nouns and stands for none
    numbers = tuple(found)
    return numbers[0] if len(numbers) == 1 else -1


def fits(model: RegionModel, found: Found, bags: Sequence[Bag]) -> Floats:
    """(K, P): the chance from 0 to 1 that each phrase is true of each thing, its words taken for independent.

    The model's own scores of phrases (`RegionModel.fit`) rank things well but were taught with as many that fit as do not, so that they
    are no chances.
    """
    chances_KW = np.concatenate([found.values, found.values @ kinds_of(model)], 1)
    each = [chances_KW[:, list(one)].prod(1) for one in bags]
    return np.stack(each, 1) if each else np.zeros((len(chances_KW), 0), np.float32)


def kinds_of(model: RegionModel) -> Floats:
    """(L, kinds): which labels are nouns of which kind."""
    names = sorted({kind for kind in model.config.kinds if kind})
    made = np.zeros((len(model.config.words) - len(names), len(names)), np.float32)
    for number, kind in enumerate(model.config.kinds):
        if kind:
            made[number, names.index(kind)] = 1
    return made
