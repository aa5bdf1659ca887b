"""Policy gradient for captioners: raise the probability of sampled words by what their caption earned beyond the baseline.

REINFORCE (Williams, 1992) as self-critical training uses it (Rennie et al., 2017, arXiv:1612.00563), the clipped ratio of PPO (Schulman
et al., 2017, arXiv:1707.06347), and the divergence from a frozen reference.
"""

# B pictures, K captions of each, R = B * K rows, T words with the ending one, V words known

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor

from diptych.models.decoding_scorers import BOS
from diptych.models.folders import from_folder, stamp
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.train.plan import Count, Term

Lengths = Literal["caption", "batch", "none"]
UNWEIGHTED: Mapping[str, float] = {"reward": 0.0, "zero_advantage": 0.0, "ratio_clipped": 0.0}
"""Weights for a stage: what is logged and not learnt from, the parts of a reward ("reward.cosine") with it."""


def log_probabilities(logits_RTV: Tensor, ids_RT: Tensor, temperature: float = 1.0) -> Tensor:
    """(R, T) of each word among all; the policy is the tempered one, so that what is sampled is what is learnt."""
    return (logits_RTV.float() / temperature).log_softmax(-1).gather(-1, ids_RT[..., None])[..., 0]


def policy_terms(new_RT: Tensor, old_RT: Tensor, advantage_R: Tensor, clip: float | None = None) -> Tensor:
    """(R, T) losses: -A log p; with `clip` -min(r A, clamp(r, 1 - clip, 1 + clip) A), r = p / p_old of each word (PPO, eq. 7).

    Where p is p_old both have the gradient of -A log p.
    """
    advantage_R1 = advantage_R[:, None]
    if clip is None:
        return -advantage_R1 * new_RT
    ratio_RT = (new_RT - old_RT).exp()
    return -torch.minimum(ratio_RT * advantage_R1, ratio_RT.clamp(1 - clip, 1 + clip) * advantage_R1)


def divergences(logits_RTV: Tensor, reference_RTV: Tensor, temperature: float = 1.0) -> Tensor:
    """(R, T) of sum over words of p (log p - log p_reference): exact at each place, over the places that were sampled."""
    own_RTV = (logits_RTV.float() / temperature).log_softmax(-1)
    other_RTV = (reference_RTV.float() / temperature).log_softmax(-1)
    return (own_RTV.exp() * (own_RTV - other_RTV)).sum(-1)


def over_words(values_RT: Tensor, mask_RT: Tensor, length: Lengths = "caption") -> Term:
    """One term of all words: "caption" the mean over captions of the mean over their words, "batch" the mean over all words, "none"
    the mean over captions of the sum over their words (the likelihood's own gradient, in which long captions weigh more).
    """  # fmt: skip
    kept_RT = values_RT * mask_RT
    if length == "batch":
        return kept_RT.sum(), mask_RT.sum()
    sums_R = kept_RT.sum(1)
    return (sums_R / mask_RT.sum(1).clamp_min(1) if length == "caption" else sums_R).mean()


@dataclass(frozen=True, slots=True)
class PolicyGradient:
    """The terms "policy" and, with a `reference` (a captioner's folder, kept frozen), "kl"; weigh "kl" in the stage.

    It reads what `Rollouts` drew: `sampled_ids` and `sampled_mask` (B, K, T), `advantage` (B, K), `old` (B, K, T) where captions serve
    several updates. `length` is how words are averaged: the recipes differ, SCST with CLIP rewards takes "batch", discriminative
    fine-tuning "caption". Without normalisation captions collapse to short ones, since each word then adds to what a caption can lose.
    The mean "reward" and the share of captions with "zero_advantage" (1: nothing is learnt) are logged; see UNWEIGHTED.
    """

    clip: float | None = None
    temperature: float = 1.0
    length: Lengths = "caption"
    reference: str = ""

    def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Term]:
        ids_RT, mask_RT = tensors["sampled_ids"].flatten(0, 1), tensors["sampled_mask"].flatten(0, 1)
        advantage_R = tensors["advantage"].flatten()
        logits_RTV = sampled_logits(model, tensors, ids_RT)
        new_RT = log_probabilities(logits_RTV, ids_RT, self.temperature)
        old_RT = tensors["old"].flatten(0, 1) if "old" in tensors else new_RT.detach()
        found = {"policy": over_words(policy_terms(new_RT, old_RT, advantage_R, self.clip), mask_RT, self.length)}
        if self.reference:
            with torch.no_grad():
                reference_RTV = sampled_logits(opened(self.reference, logits_RTV.device), tensors, ids_RT)
            found["kl"] = over_words(divergences(logits_RTV, reference_RTV, self.temperature), mask_RT, self.length)
        if self.clip is not None:
            beyond_RT = ((new_RT.detach() - old_RT).exp() - 1).abs() > self.clip
            found["ratio_clipped"] = over_words(beyond_RT.float(), mask_RT)
        found["zero_advantage"] = (advantage_R.abs() < 1e-8).float().mean()
        return found | {name: value.float().mean() for name, value in tensors.items() if name.split(".")[0] == "reward"}

    def counts(self, tensors: Mapping[str, Tensor]) -> dict[str, Count]:
        """Words, of the terms that are pairs."""
        return {name: tensors["sampled_mask"].sum() for name in ("policy", "kl") if self.length == "batch"}


def sampled_logits(model: Any, tensors: Mapping[str, Tensor], ids_RT: Tensor) -> Tensor:
    """Logits (R, T, V) of each sampled word given those before it; K = R / B rows of one picture share its memory."""
    rows = len(tensors["rows"])
    draws = len(ids_RT) // rows
    begin_R1 = torch.full_like(ids_RT[:, :1], BOS)
    prefixes = model.prefixes(tensors, rows)
    prefix_RPW = None if prefixes is None else prefixes.repeat_interleave(draws, 0)
    return model(torch.cat([begin_R1, ids_RT[:, :-1]], 1), memory=model.tokens(tensors), prefixes=prefix_RPW)


def opened(folder: str, device: torch.device) -> PrefixCaptioner:
    """A frozen captioner, opened once in a process and again where its folder holds another by now."""
    return _opened(folder, stamp(folder), device)


@lru_cache(4)
def _opened(folder: str, written: int, device: torch.device) -> PrefixCaptioner:
    found: PrefixCaptioner = from_folder(PrefixCaptioner, folder).to(device).eval().requires_grad_(False)
    return found
