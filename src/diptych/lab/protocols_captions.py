"""Captions of a trained captioner against what is true of a world's scenes, in plain numbers: all is read by the parser from the text."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from diptych.language.parse import parse
from diptych.measure.bags import random_bags
from diptych.measure.facts import FactCount, count_facts, measure_facts
from diptych.measure.intervals import f1
from diptych.measure.listener import near_bags, oracle_listener
from diptych.measure.repetition import repetition
from diptych.measure.text import words_of
from diptych.models.decoding import decode
from diptych.models.decoding_scorers import scorer_of
from diptych.models.decoding_settings import Settings
from diptych.models.folders import from_folder
from diptych.models.prefix_captioner import PrefixCaptioner
from diptych.train.batch import Batch
from diptych.train.data import Data
from diptych.train.rewards_encoders import encoded
from diptych.world.acceptance import grammatical
from diptych.world.truth import Truth

NEAR = (3, 5, 7)  # scenes in a bag of near ones, as TrueMatch has them
AMONG = 100
FACTS = ("fact_precision", "fact_recall", "fact_f1", "words_per_caption", "facts_per_caption")


def caption_scores(
    texts: Sequence[str],
    truths: Sequence[Truth],
    *,
    rare: Collection[str] = (),
    near: Sequence[int] = NEAR,
    among: int = AMONG,
    seed: int = 0,
) -> dict[str, float]:
    """Fact precision, recall and F1; `grammatical`, `repetition`; the oracle listener's `listener_near_3` .. and `listener_100`.

    The listener's bags are near scenes of these (`measure.near_bags`) and, for each caption, others drawn at random; sizes beyond the
    number of scenes are left out. With `rare` nouns `rare_f1` too. Whether the world's grammar could have said a caption is told by
    `world.acceptance`, in phrasings seen or held out.
    """
    said, counts = [parse(text) for text in texts], counts_of(texts, truths)
    found = {name: measure_facts(counts, name).value for name in FACTS} if counts else {}
    found |= {"grammatical": grammatical(texts), "repetition": repetition(list(texts), resamples=0).value}
    ids = [str(number) for number in range(len(texts))]
    graphs = dict(zip(ids, said, strict=True))
    true = {id: (truth.graph, truth.kinds) for id, truth in zip(ids, truths, strict=True)}
    for size in near:
        if size <= len(ids):
            bags = near_bags(true, size, seed=seed)
            found[f"listener_near_{size}"] = oracle_listener(graphs, true, bags, resamples=0)[0].value
    if among <= len(ids):
        bags = random_bags(ids, among, seed=seed)
        found[f"listener_{among}"] = oracle_listener(graphs, true, bags, queries="first", resamples=0)[0].value
    return found | ({"rare_f1": rare_f1(texts, truths, rare)} if rare else {})


def retrieval_score(texts: Sequence[str], data: Data, encoder: str, *, among: int = AMONG, seed: int = 0) -> float:
    """R@1: share of captions whose own picture has the highest cosine among so many, the others drawn at random, by a dual encoder's
    folder. Meant for another encoder than the one that was a reward.
    """  # fmt: skip
    rows = np.arange(len(texts))
    text_NKD, picture_ND = encoded(encoder, [[text] for text in texts], rows, data)
    cosine_NN = (text_NKD[:, 0] @ picture_ND.T).numpy(force=True)
    bags = random_bags([str(row) for row in rows], min(among, len(rows)), seed=seed)
    return float(np.mean([cosine_NN[int(bag[0]), [int(id) for id in bag]].argmax() == 0 for bag in bags]))


def rare_f1(texts: Sequence[str], truths: Sequence[Truth], rare: Collection[str]) -> float:
    """F1 of naming things of rare nouns, over pairs of a caption and a noun; nan where no scene has one."""
    sums = np.zeros(4)
    for text, truth in zip(texts, truths, strict=True):
        told = {entity.noun for entity in parse(text).entities if not entity.negated} & {*rare}
        there = {entity.noun for entity in truth.graph.entities} & {*rare}
        sums += (len(told & there), len(told), len(told & there), len(there))
    return float(f1(sums))


def rare_nouns(texts: Sequence[str], nouns: Sequence[str], share: float = 0.25) -> tuple[str, ...]:
    """The share of the nouns that captions name least, rarest first."""
    times = dict.fromkeys(nouns, 0)
    for text in texts:
        for noun in {entity.noun for entity in parse(text).entities} & times.keys():
            times[noun] += 1
    return tuple(sorted(times, key=lambda noun: (times[noun], noun))[: max(1, round(share * len(nouns)))])


@torch.inference_mode()
def written(
    model: Any, data: Data, settings: Settings | None = None, *, rows: Sequence[int] | None = None, size: int = 256,
    conditions: Mapping[str, float] | None = None,
) -> list[str]:  # fmt: skip
    """One caption a row by a captioner of ours, in the rows' order; `conditions` hold for all ("alignment": 7)."""
    model.eval()
    listed = range(len(data)) if rows is None else rows
    return [text for part in _parts(listed, size) for text in _written(model, data, settings, part, conditions or {})]


def _written(model: Any, data: Data, settings: Settings | None, rows: Sequence[int], conditions: Mapping[str, float]) -> list[str]:
    tensors = {name: one.to(model.device) for name, one in data.tensors(Batch(np.asarray(rows))).items()}
    values = {name: torch.full((len(rows),), value, device=model.device) for name, value in conditions.items()}
    scorer = scorer_of(model, tensors | values, len(rows))
    keys = [data.rows[row].id for row in rows]
    return [one.text for one in decode(scorer, settings, tokenizer=data.inputs.tokenizer, keys=keys)]


def _parts(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def captioner_scores(
    folder: Path | str, data: Data, truths: Sequence[Truth], *, settings: Settings | None = None, rare: Collection[str] = (), seed: int = 0
) -> dict[str, float]:  # fmt: skip
    """`caption_scores` of a trained captioner's folder over held-out scenes; `data` brings its tokenizer and its pictures or tokens."""
    model = from_folder(PrefixCaptioner, folder)
    return caption_scores(written(model, data, settings), truths, rare=rare, seed=seed)


def counts_of(texts: Sequence[str], truths: Sequence[Truth]) -> list[FactCount]:
    """Each caption's tallies, for intervals over scenes."""
    both = zip(texts, truths, strict=True)
    return [count_facts(parse(text), truth.graph, truth.kinds, len(words_of(text))) for text, truth in both]
