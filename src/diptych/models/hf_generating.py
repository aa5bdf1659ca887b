"""Words from generative models of transformers: the likeliest, or each row's own draws, whatever the company in the batch."""

# R rows, T words so far, V words known

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

from diptych.data.errors import AddressError
from diptych.models.decoding_steps import Noise
from diptych.models.hf_json import Rule

# of a checkpoint's own settings those that greedy decoding keeps; how to sample and beams are ours to say
_KEPT = (
    "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id", "repetition_penalty",
    "no_repeat_ngram_size", "suppress_tokens", "begin_suppress_tokens", "bad_words_ids",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of one row: draws hang on `key` alone, temperature 0 takes the likeliest word; `rule` forbids words."""

    key: str = ""
    temperature: float = 0.0
    tokens: int = 128
    rule: Rule | None = None


def settle(model: Any) -> Any:
    """The model with greedy decoding as its own setting, and something to fill short rows up with."""
    before = model.generation_config
    kept = {name: value for name in _KEPT if (value := getattr(before, name, None)) is not None}
    ends = endings(kept.get("eos_token_id"))
    if kept.get("pad_token_id") is None and ends:
        kept["pad_token_id"] = min(ends)
    model.generation_config = GenerationConfig(**kept)
    return model


def endings(said: Any) -> frozenset[int]:
    """The words that end a text, of which a model may have several; AddressError for what are no words' numbers."""
    found = [] if said is None else list(said) if isinstance(said, (list, tuple, str)) else [said]
    if not all(type(one) is int for one in found):
        raise AddressError(
            f"a model's eos_token_id must be one or more whole numbers, got {said!r:.60}: correct its generation_config.json"
        )
    return frozenset(found)


@torch.inference_mode()
def generated(model: Any, inputs: Mapping[str, Any], asks: Sequence[Ask], ends: frozenset[int]) -> list[list[int]]:
    """The words of each row up to its end, one of `ends`, which is left out; at most `tokens` of each."""
    placed = {name: _placed(value, model) for name, value in inputs.items()}
    held = LogitsProcessorList([_Ruled(asks), _Drawn(asks)])
    full = StoppingCriteriaList([_Full(asks)])
    most = max(ask.tokens for ask in asks)
    made = model.generate(**placed, max_new_tokens=most, do_sample=False, num_beams=1, logits_processor=held, stopping_criteria=full)
    return [_cut(row[full[0].begin :].tolist(), ends, ask) for row, ask in zip(made, asks, strict=True)]


def _placed(value: Any, model: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.to(model.device, model.dtype if value.is_floating_point() else value.dtype)


def _cut(ids: list[int], ends: frozenset[int], ask: Ask) -> list[int]:
    end = next((place for place, word in enumerate(ids) if word in ends), len(ids))
    return ids[: min(end, ask.tokens)]


class _Ruled(LogitsProcessor):
    """Forbids what the rows' rules do not allow."""

    def __init__(self, asks: Sequence[Ask]):
        self.rules = [(row, ask.rule) for row, ask in enumerate(asks) if ask.rule is not None]
        self.begin = -1

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores (R, V), -inf where forbidden."""
        first, self.begin = self.begin < 0, input_ids.shape[1] if self.begin < 0 else self.begin
        for row, rule in self.rules:
            if not first:
                rule.take(int(input_ids[row, -1]))
            scores[row] = scores[row].masked_fill(~rule.allowed(scores.shape[1]).to(scores.device), float("-inf"))
        return scores


class _Drawn(LogitsProcessor):
    """Adds each warm row's own Gumbel noise, so that the maximum is a draw at its temperature."""

    def __init__(self, asks: Sequence[Ask]):
        self.rows = [row for row, ask in enumerate(asks) if ask.temperature > 0]
        self.temperatures = torch.tensor([asks[row].temperature for row in self.rows])[:, None]
        self.noise = Noise(0, [(asks[row].key, 0) for row in self.rows])

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores (R, V): log probabilities over the temperature plus noise."""
        if not self.rows:
            return scores
        log_RV = scores[self.rows].float().log_softmax(-1) / self.temperatures.to(scores.device)
        drawn = log_RV + self.noise.draw(range(len(self.rows)), scores.shape[1]).to(scores.device)
        scores = scores.float()
        scores[self.rows] = drawn
        return scores


class _Full(StoppingCriteria):
    """Ends each row at its own length; remembers where the texts begin."""

    def __init__(self, asks: Sequence[Ask]):
        self.most = torch.tensor([ask.tokens for ask in asks])
        self.begin = -1

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        """(R,): is the row full?"""
        # asked first after the first word
        self.begin = input_ids.shape[1] - 1 if self.begin < 0 else self.begin
        return self.most.to(input_ids.device) <= input_ids.shape[1] - self.begin
