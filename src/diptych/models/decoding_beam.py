"""Beam search: the likeliest texts that were found, ranked by log probability over a power of their length.

The rules are those of `generate` in transformers with `early_stopping=False`, so that its texts and scores come out: twice as many
candidates as beams; of the best half those that end are kept; a picture is done once its best open beam, ranked at the present length,
falls short of the worst text kept.
"""

# B pictures, K beams, J candidates, R = B * K rows, T words so far, V words known

from dataclasses import dataclass, field

import torch
from torch import Tensor

from diptych.models.decoding_scorers import Scorer
from diptych.models.decoding_settings import Settings
from diptych.models.decoding_steps import LEAVE, Found

NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best continuations of each picture: their scores, the beams they continue and the word they add, each (B, J)."""

    scores: Tensor
    beams: Tensor
    words: Tensor


@dataclass(slots=True)
class Search:
    """A search under way: the pictures in it, their beams' scores (B, K) and words (B, K, T), and by picture the texts kept."""

    ways: Settings
    pictures: list[int]
    scores: Tensor
    ids: Tensor
    kept: list[list[Found]]
    done: set[int] = field(default_factory=set)

    def keep(self, best: Candidates, over_BJ: Tensor) -> None:
        """Enters the texts that are over and stand among their picture's best candidates."""
        over_BJ = over_BJ[:, : self.ways.beams] & (best.scores[:, : self.ways.beams] > NEVER)
        for row, place in over_BJ.nonzero().tolist():
            if (picture := self.pictures[row]) in self.done:
                continue
            score, word = best.scores[row, place].item(), int(best.words[row, place])
            ids, ended = self.ids[row, best.beams[row, place]].tolist(), word == self.ways.end
            length = len(ids) + 1
            found = Found(ids if ended else [*ids, word], score, ended, score / length**self.ways.penalty)
            # a stable sort: ties keep the earlier
            self.kept[picture] = sorted([*self.kept[picture], found], key=lambda one: -one.score)[: self.ways.beams]

    def close(self, chosen: Candidates) -> list[int]:
        """Marks pictures done whose open beams can win no more; the rows that go on, none when all are done."""
        length = self.ids.shape[2] + 1
        leads = chosen.scores.max(1).values / length**self.ways.penalty
        for picture, lead in zip(self.pictures, leads.tolist(), strict=True):
            kept = self.kept[picture]
            if lead == NEVER or (len(kept) == self.ways.beams and lead <= kept[-1].score):
                self.done.add(picture)
        rows = [row for row, picture in enumerate(self.pictures) if picture not in self.done]
        # to take out each at once would cost more copies than it saves
        return rows if len(rows) <= LEAVE * len(self.pictures) else list(range(len(self.pictures)))

    def move(self, chosen: Candidates, rows: list[int]) -> Tensor:
        """Goes on to the chosen beams of these rows; the places (R,) that the scorer's rows come from."""
        before = self.scores.shape[1]
        if before == self.ways.beams:
            chosen = _settled(chosen)
        from_BK = torch.arange(len(self.pictures), device=self.ids.device)[:, None] * before + chosen.beams
        from_R, words_BK = from_BK[rows].flatten(), chosen.words[rows]
        self.ids = torch.cat([self.ids.flatten(0, 1)[from_R].view(*words_BK.shape, -1), words_BK[..., None]], 2)
        self.scores, self.pictures = chosen.scores[rows], [self.pictures[row] for row in rows]
        return from_R


def beams(scorer: Scorer, ways: Settings) -> list[list[Found]]:
    """`draws` texts a row, best first; fewer where constraints leave fewer."""
    log_BKV = _log(scorer.start())[:, None]
    count, like = len(log_BKV), log_BKV.device
    ids_BKT = torch.empty(count, 1, 0, dtype=torch.long, device=like)
    search = Search(ways, list(range(count)), log_BKV.new_zeros(count, 1), ids_BKT, [[] for _ in range(count)])
    for length in range(1, ways.most + 1):
        best = _best(search.scores, log_BKV, 2 * ways.beams)
        over_BJ = (best.words == ways.end) | (length == ways.most)
        search.keep(best, over_BJ)
        chosen = _chosen(best, over_BJ, ways.beams)
        rows = search.close(chosen)
        if len(search.done) == count:
            break
        scorer.reorder(search.move(chosen, rows))
        log_BKV = _log(scorer.next(search.ids[:, :, -1].flatten())).view(*search.scores.shape, -1)
    return [texts[: ways.draws] for texts in search.kept]


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


def _settled(chosen: Candidates) -> Candidates:
    """The same beams in other slots: the first heir of a beam takes its place, so that a cache has little to move."""
    parent_BK = chosen.beams
    same_BKK = (parent_BK[:, :, None] == parent_BK[:, None, :]).tril(-1)
    heir_BK = ~same_BKK.any(2)
    taken_BK = torch.zeros_like(heir_BK).scatter(1, parent_BK, True)
    free_BK = taken_BK.long().argsort(stable=True, dim=1)
    rank_BK = ((~heir_BK).cumsum(1) - 1).clamp(min=0)
    slot_BK = torch.where(heir_BK, parent_BK, free_BK.gather(1, rank_BK))
    return Candidates(*(torch.empty_like(one).scatter_(1, slot_BK, one) for one in (chosen.scores, parent_BK, chosen.words)))
