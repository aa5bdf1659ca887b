"""Batches that the current model makes: captions drawn for each picture, what they earned, and what was expected."""

# B pictures, K captions of each, T words with the ending one

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diptych.models.decoding import decode, decode_many
from diptych.models.decoding_scorers import scorer_of
from diptych.models.decoding_settings import EOS, Decoded, Settings
from diptych.train.baselines import Baseline, Normalise, Running, baseline, normalised
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.data import Data
from diptych.train.distributed import rank, ranks
from diptych.train.plan import BatchMaker
from diptych.train.policy_gradient import log_probabilities, sampled_logits
from diptych.train.rewards import Reward, Rewards, Sum


@dataclass(frozen=True, slots=True)
class Rollouts:
    """`draws` captions for each picture of the batches of `rows`, sampled at `temperature` from the words that hold `nucleus`.

    Every batch serves `updates` updates, the later ones with the log probabilities of when it was drawn (`old`: for PPO's ratio).
    An episode is at most `rollouts` batches: checkpoints wait for its end, and a "running" baseline begins anew with it, so that a
    resumed run equals an unbroken one. Each process draws for its own rows, and rewards that compare pictures see those alone.
    Batches of hard bags as `rows` make the pictures of a batch alike; their other arrays, such as conditions, are kept.
    """

    asks_model: ClassVar[bool] = True

    reward: Reward
    rows: BatchMaker = field(default_factory=lambda: Random(32))
    draws: int = 5
    baseline: Baseline = "greedy"
    normalise: Normalise = "none"
    updates: int = 1
    rollouts: int = 50
    most: int = 40
    temperature: float = 1.0
    nucleus: float = 1.0

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        past = Running()
        for number, batch in enumerate(self.rows(model, data, rng, episode)):
            if number == self.rollouts:
                return
            seed = int(rng.integers(2**62))
            own = self.drawn(model, data, batch.part(rank(), ranks()), seed, past)
            yield from [own] * self.updates

    def drawn(self, model: Any, data: Data, batch: Batch, seed: int, past: Running) -> Batch:
        """One batch of rollouts: ids, mask, advantage, rewards by part, and `old` where it serves several updates."""
        sample = Settings("sample", self.most, temperature=self.temperature, nucleus=self.nucleus, draws=self.draws, seed=seed)
        tensors = {name: one.to(model.device) for name, one in data.tensors(Batch(batch.rows, {}, batch.arrays)).items()}
        # other rows, with their arrays, where pictures could not be opened
        rows, arrays = tensors["rows"].numpy(force=True), {name: tensors[name].numpy(force=True) for name in batch.arrays}
        was = model.training
        model.eval()
        said = said_by(model, data, tensors, rows, sample)
        found, total = rewarded(self.reward, texts_of(said), rows, data)
        greedy = None
        if self.baseline == "greedy":
            likeliest = said_by(model, data, tensors, rows, Settings("greedy", self.most))
            greedy = rewarded(self.reward, texts_of(likeliest), rows, data)[1][:, 0]
        advantage = normalised(total - baseline(self.baseline, total, greedy, past), self.normalise)
        past.add(total)
        ids, mask = packed(said)
        found |= {"sampled_ids": ids, "sampled_mask": mask, "advantage": advantage.astype(np.float32)}
        if self.updates > 1:
            found["old"] = old_of(model, tensors, torch.from_numpy(ids).to(model.device), self.temperature)
        model.train(was)
        return Batch(rows, {}, {**arrays, **found}, local=True)


def said_by(model: Any, data: Data, tensors: Mapping[str, Tensor], rows: NDArray[np.int64], settings: Settings) -> list[list[Decoded]]:
    """Captions of each row under its conditions; draws hang on the row's id."""
    with torch.inference_mode():
        scorer = scorer_of(model, tensors, len(rows))
        if settings.method == "greedy":
            return [[one] for one in decode(scorer, settings, tokenizer=data.inputs.tokenizer)]
        return decode_many(scorer, settings, tokenizer=data.inputs.tokenizer, keys=[data.rows[row].id for row in rows])


def texts_of(said: Sequence[Sequence[Decoded]]) -> list[list[str]]:
    """The texts alone."""
    return [[one.text for one in row] for row in said]


def rewarded(
    reward: Reward, captions: list[list[str]], rows: NDArray[np.int64], data: Data
) -> tuple[dict[str, NDArray[Any]], Rewards]:  # fmt: skip
    """Arrays to be logged, "reward" and "reward.PART" of a sum, and the reward."""
    if not isinstance(reward, Sum):
        total = reward(captions, rows, data)
        return {"reward": total.astype(np.float32)}, total
    each = reward.each(captions, rows, data)
    total = reward.total(each)
    return {"reward": total.astype(np.float32)} | {f"reward.{name}": one.astype(np.float32) for name, one in each.items()}, total


def packed(said: Sequence[Sequence[Decoded]]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Ids (B, K, T) with the ending word where there is one, 0 beyond; mask (B, K, T)."""
    rows = [[(*one.ids, EOS) if one.ended else one.ids for one in row] for row in said]
    shape = len(rows), len(rows[0]), max(1, *(len(ids) for row in rows for ids in row))
    found, mask = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
    for place, row in enumerate(rows):
        for draw, ids in enumerate(row):
            found[place, draw, : len(ids)] = ids
            mask[place, draw, : len(ids)] = 1
    return found, mask


@torch.no_grad()
def old_of(model: Any, tensors: Mapping[str, Tensor], ids_BKT: Tensor, temperature: float) -> NDArray[np.float32]:
    """Log probabilities (B, K, T) of the words when they were drawn."""
    ids_RT = ids_BKT.flatten(0, 1)
    found: NDArray[np.float32] = (
        log_probabilities(sampled_logits(model, tensors, ids_RT), ids_RT, temperature).view(ids_BKT.shape).numpy(force=True)
    )
    return found
