"""Captions from lists of words by a frozen language model: several orders of the words, of which the encoder keeps the best caption."""

# R prompts, T tokens of one, D width of the common space

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from diptych.data.draws import generator
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_causal import CausalScorer
from diptych.models.decoding_scorers import ModelScorer, Scorer
from diptych.models.language_model import LanguageModel
from diptych.train.vectors import vectors_of

_ROWS = 512


class Prompted:
    """A scorer that has read a prompt (R, T) first, its beginning word included."""

    def __init__(self, scorer: Scorer, prompt_RT: Tensor):
        self.scorer, self.prompt_RT = scorer, prompt_RT

    def start(self) -> Tensor:
        """Logits (R, V) of the first word after the prompt."""
        for ids_R in self.prompt_RT.T[:-1]:
            self.scorer.next(ids_R)
        return self.scorer.next(self.prompt_RT[:, -1])

    def next(self, ids_R: Tensor) -> Tensor:
        """Logits (R, V) of the word after these."""
        return self.scorer.next(ids_R)

    def reorder(self, places_R: Tensor) -> None:
        """Puts the rows in another order."""
        self.scorer.reorder(places_R)


def orders(words: Sequence[str], number: int, *, key: str, seed: int = 0) -> list[tuple[str, ...]]:
    """So many orders of the words: as they are, then at random, by the key."""
    drawn = [generator(seed, "order", key, one).permutation(len(words)) for one in range(1, number)]
    return [tuple(words), *(tuple(words[int(place)] for place in order) for order in drawn)][:number]


def continued(language: Any, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str], settings: Settings | None = None) -> list[str]:
    """What the language model says after each prompt."""
    ended = tokenizer.eos_token_id
    ids = [[id for id in tokenizer(prompt)["input_ids"] if id != ended] for prompt in prompts]
    used = replace(settings or Settings(), end=ended)
    said = [""] * len(prompts)
    # prompts of one length together, so that none needs padding
    for length in dict.fromkeys(map(len, ids)):
        places = [place for place, one in enumerate(ids) if len(one) == length]
        for start in range(0, len(places), _ROWS):
            part = places[start : start + _ROWS]
            prompt_RT = torch.tensor([ids[place] for place in part], device=language.device)
            scorer = _scorer(language, prompt_RT)
            for place, one in zip(part, decode(scorer, used, tokenizer=tokenizer), strict=True):
                said[place] = one.text
    return said


def _scorer(language: Any, prompt_RT: Tensor) -> Scorer:
    if isinstance(language, LanguageModel):
        return Prompted(ModelScorer(language, len(prompt_RT)), prompt_RT)
    return CausalScorer(language, prompt_RT)


def best(encoder: str, pictures_ND: NDArray[Any], said: Sequence[Sequence[str]]) -> list[str]:
    """Of each row's captions the one whose vector is nearest to its picture's; ties keep the earlier."""
    texts_RD = vectors_of(encoder, [text for of_row in said for text in of_row])
    found, start = [], 0
    for picture_D, of_row in zip(pictures_ND, said, strict=True):
        found.append(of_row[int(np.argmax(texts_RD[start : start + len(of_row)] @ picture_D))])
        start += len(of_row)
    return found
