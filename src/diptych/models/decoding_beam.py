"""Beam search: the likeliest texts that were found, ranked by log probability over a power of their length.

The rules are those of `generate` in transformers with `early_stopping=False`, so that its texts and scores come out: twice as many
candidates as beams; of the best half those that end are kept; a picture is done once its best open beam, ranked at the present length,
falls short of the worst text kept.
"""

# B pictures, K beams, J candidates, R = B * K rows, T words so far, V words known

from dataclasses import dataclass

import torch
from torch import Tensor

from diptych.models.decoding_scorers import Scorer
from diptych.models.decoding_settings import Settings
from diptych.models.decoding_steps import Found

NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best continuations of each picture: their scores, the beams they continue and the word they add, each (B, J)."""

    scores: Tensor
    beams: Tensor
    words: Tensor


def beams(scorer: Scorer, ways: Settings) -> list[list[Found]]:
    """`draws` texts a row, best first; fewer where constraints leave fewer."""
    log_BKV = _log(scorer.start())[:, None]
    pictures = list(range(len(log_BKV)))
    score_BK = log_BKV.new_zeros(len(pictures), 1)
    ids_BKT = torch.empty(len(pictures), 1, 0, dtype=torch.long, device=log_BKV.device)
    kept: list[list[Found]] = [[] for _ in pictures]
    for length in range(1, ways.most + 1):
        best = _best(score_BK, log_BKV, 2 * ways.beams)
        over = (best.words == ways.end) | (length == ways.most)
        for row, picture in enumerate(pictures):
            kept[picture] = _kept(kept[picture] + _over(best, over, row, ids_BKT, ways), ways.beams)
        chosen = _chosen(best, over, ways.beams)
        leads = chosen.scores[:, 0].tolist()
        open_ = [row for row, picture in enumerate(pictures) if _is_open(kept[picture], leads[row] / length**ways.penalty, ways.beams)]
        if not open_:
            break
        rows_R = (torch.arange(len(pictures), device=log_BKV.device)[:, None] * score_BK.shape[1] + chosen.beams)[open_].flatten()
        words_BK = chosen.words[open_]
        ids_BKT = torch.cat([ids_BKT.flatten(0, 1)[rows_R].view(*words_BK.shape, -1), words_BK[..., None]], 2)
        score_BK, pictures = chosen.scores[open_], [pictures[row] for row in open_]
        scorer.reorder(rows_R)
        log_BKV = _log(scorer.next(words_BK.flatten())).view(*words_BK.shape, -1)
    return [texts[: ways.draws] for texts in kept]


def _log(logits_RV: Tensor) -> Tensor:
    # a beam that constraints leave no word is not a number: it never comes back
    log_RV = logits_RV.float().log_softmax(-1)
    return torch.where(log_RV.isnan(), NEVER, log_RV)


def _best(score_BK: Tensor, log_BKV: Tensor, most: int) -> Candidates:
    total = (score_BK[..., None] + log_BKV).flatten(1)
    scores, places = total.topk(min(most, total.shape[1]))
    return Candidates(scores, places // log_BKV.shape[2], places % log_BKV.shape[2])


def _chosen(best: Candidates, over_BJ: Tensor, beams: int) -> Candidates:
    """The best `beams` candidates that go on; where there are fewer, others that can never win fill up."""
    scores = best.scores.masked_fill(over_BJ, NEVER)
    if scores.shape[1] < beams:
        short = beams - scores.shape[1]
        scores = torch.nn.functional.pad(scores, (0, short), value=NEVER)
        best = Candidates(scores, *(torch.nn.functional.pad(one, (0, short)) for one in (best.beams, best.words)))
    scores, places = scores.topk(beams)
    return Candidates(scores, best.beams.gather(1, places), best.words.gather(1, places))


def _over(best: Candidates, over_BJ: Tensor, row: int, ids_BKT: Tensor, ways: Settings) -> list[Found]:
    """The texts of one picture that are over and stand among its best candidates."""
    found = []
    for place in over_BJ[row, : ways.beams].nonzero()[:, 0].tolist():
        score, word = best.scores[row, place].item(), int(best.words[row, place])
        if score > NEVER:
            ids, ended = ids_BKT[row, best.beams[row, place]].tolist(), word == ways.end
            length = len(ids) + 1
            found.append(Found(ids if ended else [*ids, word], score, ended, score / length**ways.penalty))
    return found


def _kept(found: list[Found], most: int) -> list[Found]:
    return sorted(found, key=lambda one: -one.score)[:most]


def _is_open(kept: list[Found], lead: float, beams: int) -> bool:
    return lead > NEVER and (len(kept) < beams or lead > kept[-1].score)
