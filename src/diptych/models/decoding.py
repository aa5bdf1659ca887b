"""Decoding: from a scorer to texts, by the likeliest word, by beams, or by draws."""

from collections.abc import Callable, Sequence

import torch
from transformers import PreTrainedTokenizerBase

from diptych.data.draws import Key
from diptych.data.errors import InputError
from diptych.models.decoding_beam import beams
from diptych.models.decoding_scorers import Scorer
from diptych.models.decoding_settings import Decoded, Settings
from diptych.models.decoding_steps import Found, Noise, likeliest, sampled

__all__ = ("Decoded", "Settings", "decode", "decode_many", "reranked")


def decode(
    scorer: Scorer, settings: Settings | None = None, *, tokenizer: PreTrainedTokenizerBase | None = None, keys: Sequence[Key] | None = None
) -> list[Decoded]:  # fmt: skip
    """One text for each row: the best. `keys` are the rows' ids, on which draws hang; without a tokenizer texts are empty."""
    return [found[0] for found in decode_many(scorer, settings, tokenizer=tokenizer, keys=keys)]


@torch.inference_mode()
def decode_many(
    scorer: Scorer, settings: Settings | None = None, *, tokenizer: PreTrainedTokenizerBase | None = None, keys: Sequence[Key] | None = None
) -> list[list[Decoded]]:  # fmt: skip
    """`settings.draws` texts for each row: draws in their order, or beams, best first.

    Raises InputError for sampling without keys.
    """
    used = settings or Settings()
    if used.method == "beam":
        found = beams(scorer, used)
    elif used.method == "sample":
        if keys is None:
            raise InputError("sampling needs keys, one for each row such as its record's id: draws hang on them and not on the batch")
        found = sampled(scorer, used, Noise(used.seed, [(key, draw) for key in keys for draw in range(used.draws)]))
    else:
        found = likeliest(scorer, used)
    return [[_read(one, tokenizer) for one in of_row] for of_row in found]


def reranked(found: Sequence[Sequence[Decoded]], score: Callable[[int, Decoded], float]) -> list[Decoded]:
    """Of each row's texts the one with the highest `score(row, text)`; ties keep the earlier."""
    return [max(texts, key=lambda one, row=row: score(row, one)) for row, texts in enumerate(found)]  # type: ignore[misc]


def _read(found: Found, tokenizer: PreTrainedTokenizerBase | None) -> Decoded:
    text = "" if tokenizer is None else tokenizer.decode(found.ids, skip_special_tokens=True)
    return Decoded(tuple(found.ids), text, found.log_probability, found.score, found.ended)
