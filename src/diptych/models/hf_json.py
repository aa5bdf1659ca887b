"""JSON that a schema allows, word by word: llguidance says which words of a tokenizer may follow."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diptych.data.errors import AddressError, InputError

_SPACES: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


@dataclass(slots=True, eq=False)
class Rule:
    """One reply under way: which words (of V) may follow what was said."""

    matcher: Any
    ends: frozenset[int]

    def take(self, word: int) -> None:
        """The word that was said. What follows the end, filling up a batch, counts for nothing."""
        if not self.matcher.is_stopped():
            self.matcher.consume_token(word)

    def allowed(self, words: int) -> Tensor:
        """(V,) of bool; once the reply is whole, its end alone."""
        if self.matcher.is_stopped():
            return torch.isin(torch.arange(words), torch.tensor(sorted(self.ends)))
        bits = np.frombuffer(self.matcher.compute_bitmask(), np.uint8)
        known = np.unpackbits(bits, bitorder="little")[:words]
        return torch.from_numpy(np.pad(known, (0, words - len(known))).astype(bool))


@dataclass(slots=True, eq=False)
class Schemas:
    """Rules for the replies of one model. To read its tokenizer takes a moment, and is done once, for the first schema."""

    tokenizer: Any
    words: int  # that the model scores
    ends: frozenset[int]
    read: Any = None

    def rule(self, schema: str) -> Rule:
        """The rule of a JSON schema as text; InputError for one that is not understood, AddressError without llguidance."""
        try:
            from llguidance import LLMatcher  # noqa: PLC0415
            from llguidance.hf import from_tokenizer  # noqa: PLC0415
        except ImportError as error:
            raise AddressError("replies by a JSON schema need llguidance, which is not installed: pip install 'diptych[models]'") from error
        if self.read is None:
            self.read = from_tokenizer(self.tokenizer, n_vocab=max(self.words, len(self.tokenizer)), eos_token=sorted(self.ends))
        try:
            matcher = LLMatcher(self.read, LLMatcher.grammar_from_json_schema(schema, overrides=_SPACES))
        except ValueError as error:
            raise InputError(f"the schema {schema[:100]} is not understood ({error}): correct it") from error
        if matcher.is_error():
            raise InputError(f"the schema {schema[:100]} is not understood ({matcher.get_error()}): correct it")
        return Rule(matcher, self.ends)


def is_json(text: str) -> bool:
    """Is it whole?"""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
