"""Word by word: the likeliest, or the maximum of log probability and the row's own noise."""

# R rows still being written, V words known

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from diptych.data.draws import Key, generator
from diptych.models.decoding_scorers import Scorer
from diptych.models.decoding_settings import Settings

LEAVE = 0.75  # rows are taken out once so few of them are still being written: to take out each at once costs more copies than it saves


@dataclass(slots=True)
class Found:
    """A text as it grows."""

    ids: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    ended: bool = False
    score: float = 0.0


class Noise:
    """Standard Gumbel noise of each row, from its own generator: it hangs on (seed, record id, draw) and the word's place alone."""

    def __init__(self, seed: int, keys: Sequence[tuple[Key, int]]):
        self.generators = [generator("words", seed, *key) for key in keys]

    def draw(self, rows: Sequence[int], words: int) -> Tensor:
        """(R, V) for these rows; a row must be asked for every place in turn."""
        drawn = np.stack([self.generators[row].random(words, np.float32) for row in rows])
        return -torch.log(-torch.log(torch.from_numpy(drawn).clamp_(1e-12, 1 - 1e-7)))


def likeliest(scorer: Scorer, ways: Settings) -> list[list[Found]]:
    """One text a row."""
    return [[found] for found in _written(scorer, scorer.start(), ways, lambda log_RV, rows: log_RV.argmax(-1))]


def sampled(scorer: Scorer, ways: Settings, noise: Noise) -> list[list[Found]]:
    """`draws` texts a row."""
    logits_RV = scorer.start()
    if ways.draws > 1:
        places = torch.arange(len(logits_RV), device=logits_RV.device).repeat_interleave(ways.draws)
        scorer.reorder(places)
        logits_RV = logits_RV[places]

    def pick(log_RV: Tensor, rows: Sequence[int]) -> Tensor:
        return (nucleus(log_RV / ways.temperature, ways.nucleus) + noise.draw(rows, log_RV.shape[1]).to(log_RV.device)).argmax(-1)

    found = _written(scorer, logits_RV, ways, pick)
    return [found[row : row + ways.draws] for row in range(0, len(found), ways.draws)]


def nucleus(logits_RV: Tensor, share: float) -> Tensor:
    """Logits of the fewest words that together hold at least `share` of the probability; the others' are -inf."""
    if share >= 1:
        return logits_RV
    order_RV = logits_RV.argsort(stable=True, dim=-1, descending=True)
    sorted_RV = logits_RV.gather(-1, order_RV).softmax(-1)
    # a word stays while those before it hold less than the share
    out_RV = sorted_RV.cumsum(-1) - sorted_RV >= share
    return logits_RV.masked_fill(torch.zeros_like(out_RV).scatter(-1, order_RV, out_RV), float("-inf"))


def _written(scorer: Scorer, logits_RV: Tensor, ways: Settings, pick: Callable[[Tensor, Sequence[int]], Tensor]) -> list[Found]:
    found = [Found() for _ in range(len(logits_RV))]
    rows = list(range(len(found)))
    for place in range(ways.most):
        log_RV = logits_RV.float().log_softmax(-1)
        picked_R = pick(log_RV, rows)
        gained = log_RV.gather(-1, picked_R[:, None])[:, 0].tolist()
        for row, word, gain in zip(rows, picked_R.tolist(), gained, strict=True):
            _grow(found[row], word, gain, ways.end)
        open_ = [n for n, row in enumerate(rows) if not found[row].ended]
        if not open_ or place + 1 == ways.most:
            break
        if len(open_) <= LEAVE * len(rows):
            kept = torch.tensor(open_, device=picked_R.device)
            scorer.reorder(kept)
            rows, picked_R = [rows[n] for n in open_], picked_R[kept]
        logits_RV = scorer.next(picked_R)
    return found


def _grow(found: Found, word: int, gain: float, end: int) -> None:
    if found.ended:
        return
    found.log_probability += gain
    found.score = found.log_probability
    found.ended = word == end
    if not found.ended:
        found.ids.append(word)
