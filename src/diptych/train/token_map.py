"""Vectors of pictures to tokens of a language model: what is paired to fit a linear map, and which tokens a vector is near.

Paischer et al., 2023, arXiv:2307.05591: either each picture with every word of its captions, or each word's text vector with its own
embedding, which needs no pair at all.
"""

# N rows, D width of the vectors, C words kept, W width of the language model's embeddings, P pairs, K words of a picture

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from diptych.data.errors import InputError
from diptych.models.language_model import LanguageModel
from diptych.train.bridges import Array
from diptych.train.bridges_maps import LinearMap, moments
from diptych.train.data import Data

# what says nothing of a picture, in English
_STOP = """a an the this that these those it its they them and or but of in on at to with by from for as is are was were be being been has
have had there here no not photo picture image showing shows show some several many s"""
STOP = frozenset(_STOP.split())
PROMPTS = ("{}", "a photo of {}", "a picture of {}", "there is {}")


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The tokens of a language model that are words and not stop words: their ids, how they read, their embeddings (C, W)."""

    ids: tuple[int, ...]
    texts: tuple[str, ...]
    table_CW: NDArray[np.float32]

    def numbers(self, texts: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[int]:
        """The places among these words of all that stand in the texts, each once, in their order."""
        place = {id: number for number, id in enumerate(self.ids)}
        found = [place[id] for text in texts for id in tokenizer(text)["input_ids"] if id in place]
        return list(dict.fromkeys(found))


def words_of(language: Any, tokenizer: PreTrainedTokenizerBase, stop: frozenset[str] = STOP) -> Words:
    """Each word once: of tokens that read alike but for case and space, the first stands."""
    table = (language.decoder.words if isinstance(language, LanguageModel) else language.get_input_embeddings()).weight
    table = table.detach().float().cpu().numpy()
    special, known = set(tokenizer.all_special_ids), dict[str, int]()
    for id in range(min(len(table), len(tokenizer))):
        text = tokenizer.decode([id]).strip().lower()
        if id not in special and text.isalpha() and text not in stop:
            known.setdefault(text, id)
    if not known:
        raise InputError("the language model has no token that is a word: name one with its own tokenizer")
    return Words(tuple(known.values()), tuple(known), table[list(known.values())])


def external(pictures_ND: NDArray[Any], data: Data, words: Words, tokenizer: PreTrainedTokenizerBase) -> tuple[NDArray[Any], NDArray[Any]]:
    """(P, D) and (P, W): each picture with the embedding of every word that its captions say; as many first rows as there are pictures."""
    said = [words.numbers(data.texts(row), tokenizer) for row in range(len(pictures_ND))]
    rows = np.repeat(np.arange(len(said)), [len(numbers) for numbers in said])
    return pictures_ND[rows], words.table_CW[[number for numbers in said for number in numbers]]


def seeing(known: LinearMap, pictures_ND: NDArray[Any]) -> LinearMap:
    """A map fitted to vectors of texts, for pictures: standardised by their own mean and deviation, which takes the gap away."""
    return replace(known, source_2D=moments(np.asarray(pictures_ND, np.float64)))


def ranked(known: LinearMap, vectors_ND: NDArray[Any], words: Words) -> NDArray[np.int64]:
    """(N, C): places of all words, the nearest first by cosine in the standardised space of embeddings."""
    cosines_NC: Array = known.cosines(vectors_ND, words.table_CW)
    return np.argsort(-cosines_NC, axis=1, kind="stable").astype(np.int64)
