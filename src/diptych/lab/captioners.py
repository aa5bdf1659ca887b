"""What effects of captioners share: scenes as data on the shipped tower's tokens, and an untrained captioner that all arms start from."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from diptych.lab.nano import with_tokens
from diptych.lab.worlds import Corpus, corpus
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.words import word_tokenizer
from diptych.train.data import Data, Inputs
from diptych.world.asked import nouns_by_spread
from diptych.world.corpus import Telling

SCENES = "size=64&things=1-4&sizes=medium&materials=matte&written=0&stacked=0"
LENGTH = 40  # as many words as `Settings` decodes at most


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Scenes with their captions, and the same as data for a captioner; truths are the corpus's."""

    corpus: Corpus
    data: Data

    @property
    def references(self) -> dict[str, tuple[str, ...]]:
        """All captions of each row, by its number."""
        return {str(row): self.data.texts(row) for row in range(len(self.data))}


def told(
    scenes: int, telling: Telling, *, world: int, options: str, references: int = 1, seed: int = 0,
    words: PreTrainedTokenizerBase | None = None,
) -> Told:  # fmt: skip
    """So many scenes of a small world, captioned; the tokenizer is learnt from the captions where none is given.

    Pictures hang on `world`, captions on `seed` too. `options` are the rest of its address ("nouns=12&colours=8").
    """
    made = corpus(f"world:{scenes}?{SCENES}&{options}&seed={world}", telling, references=references, seed=seed)
    tokenizer = word_tokenizer(made.texts) if words is None else words
    found = with_tokens(Data(made.rows, made.pictures)).taking(Inputs(tokenizer, LENGTH, columns=("tokens",)))
    return Told(made, found.having(tokens=np.asarray(found.columns["tokens"])))  # in memory: rows are read in random order


def joined(first: Data, second: Data) -> Data:
    """The rows of both with their tokens, in memory."""
    tokens = np.concatenate([one.columns["tokens"] for one in (first, second)])
    return replace(first, rows=[*first.rows, *second.rows], columns={"tokens": tokens})


def nouns(count: int) -> tuple[str, ...]:
    """Those of a world with so many (`nouns=COUNT`)."""
    return nouns_by_spread()[:count]


def untrained(out: Path, data: Data, *, seed: int, **config: Any) -> str:
    """The folder of a small captioner of this data's words with weights drawn by the seed."""
    torch.manual_seed(seed)
    shape: dict[str, Any] = {"width": 96, "initializer_range": 0.06, "length": LENGTH + 2}
    tokenizer = data.inputs.tokenizer
    assert tokenizer is not None
    PrefixCaptioner(PrefixCaptionerConfig(vocabulary=len(tokenizer), **(shape | config))).save_pretrained(out)
    tokenizer.save_pretrained(out)
    return str(out)
