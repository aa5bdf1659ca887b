"""Texts as models of transformers take them: how many tokens one reads, and batches of texts of about one length."""

# B texts, T tokens

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

from diptych.models.abilities import Failed
from diptych.models.hf_loading import Place, in_batches
from diptych.models.hf_sight import Inputs, moved

A = TypeVar("A")
# kinds whose places are numbered from behind the padding's number
_BEHIND = (
    "roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text", "roberta-prelayernorm",
    "altclip_text_model",
)  # fmt: skip
_NEVER = 1 << 20  # a tokenizer that knows no limit says a number beyond all reason


def room_of(tokenizer: Any, config: Any) -> int:
    """Tokens that tokenizer and model read of one text, those that begin and end it included."""
    places = getattr(config, "max_position_embeddings", None) or 0
    places = places if places > 0 else _NEVER
    if config.model_type in _BEHIND:
        places -= (config.pad_token_id or 0) + 1
    return int(min(tokenizer.model_max_length, places, _NEVER))


def as_text(made: Any) -> Any:
    """The tokenizer, or the processor with its own, which reads control words within a text ("[SEP]") as letters: they end nothing."""
    getattr(made, "tokenizer", made).split_special_tokens = True
    return made


def too_long(tokens: int, room: int, what: str) -> Failed | None:
    """Why a text is not asked about: one cut short would be another."""
    return Failed(f"{what} of {tokens} tokens, and this model reads {room}: shorten it") if tokens > room else None


def unreadable(*texts: str) -> Failed | None:
    """Why a text cannot be read: half a character, as JSON may hold, at which tokenizers give up the whole batch."""
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError as error:
        return Failed(f"the text has half a character at place {error.start}, which no model reads: correct the text")
    return None


@torch.inference_mode()
def by_length(texts: Sequence[Any], place: Place, length: Callable[[Any], int], call: Callable[[Sequence[Any]], Sequence[A]]) -> list[A]:
    """The answers of `call` in the order of the texts, asked shortest first: so little is read that only fills a batch."""
    order = sorted(range(len(texts)), key=lambda n: length(texts[n]))
    given = in_batches([texts[n] for n in order], place.batch, call)
    found = dict(zip(order, given, strict=True))
    return [found[n] for n in range(len(texts))]


def read_as(made: Any, place: Place, without: Sequence[str] = ()) -> Inputs:
    """What a tokenizer made, on the model's device; names in `without` are left out."""
    return {name: moved(value, place) for name, value in made.items() if name not in without}
