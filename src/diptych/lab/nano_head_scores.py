"""Scores of the heads on held-out scenes, against truth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import normalize

from diptych.lab.nano_examples import Examples
from diptych.lab.nano_heads import Heads
from diptych.lab.nano_scores import found
from diptych.lab.nano_texts import STYLES
from diptych.lab.protocols_captions import counts_of
from diptych.measure.facts import measure_facts
from diptych.models.decoding import Settings, decode
from diptych.models.decoding_scorers import scorer_of
from diptych.models.nano_answerer import NanoAnswerer
from diptych.models.words import tidied
from diptych.world.truth import Truth

AMONG = 100
FACTS = ("fact_precision", "fact_recall", "facts_per_caption")


@torch.inference_mode()
def retrieval(model: Any, held: Heads) -> dict[str, float]:
    """R@1 of the picture by its caption among 100, by style; `own` is how often the true caption beats the false one of its picture."""
    pictures = normalize(torch.cat([model.get_image_features(tokens=part) for part in torch.split(held.things, 512)]).float(), dim=-1)

    def vectors(ids: torch.Tensor) -> torch.Tensor:
        return normalize(torch.cat([model.get_text_features(part.long(), part != 0) for part in torch.split(ids, 512)]).float(), dim=-1)

    scores, texts = {}, {}
    for number, style in enumerate(STYLES):
        texts[style] = vectors(held.true[:, number])
        right = []
        for start in range(0, len(pictures) - AMONG + 1, AMONG):
            own = slice(start, start + AMONG)
            right.append((texts[style][own] @ pictures[own].T).argmax(-1) == torch.arange(AMONG, device=pictures.device))
        scores[f"R@1 {style}"] = float(torch.cat(right).float().mean()) if right else float("nan")
    scores["R@1"] = float(np.mean([scores[f"R@1 {style}"] for style in STYLES]))
    real = held.false[:, 0, 2] != 0
    true = (pictures * texts["short"]).sum(-1)
    scores["own"] = float((true > (pictures * vectors(held.false[:, 0])).sum(-1))[real].float().mean())
    return scores


@torch.inference_mode()
def written(model: Any, held: Heads, tokenizer: Any, style: int, count: int) -> list[str]:
    """One caption by the likeliest words for each of the first scenes."""
    said: list[str] = []
    for start in range(0, count, 250):
        tokens = held.tokens[start : min(start + 250, count)].float()
        styles = torch.full((len(tokens),), style, device=tokens.device)
        scorer = scorer_of(model, {"tokens": tokens, "style": styles}, len(tokens))
        said += [tidied(one.text) for one in decode(scorer, Settings(most=model.config.length - 1), tokenizer=tokenizer)]
    return said


def facts(texts: Sequence[str], truths: Sequence[Truth]) -> dict[str, float]:
    """Fact precision and recall of captions, read by the parser, against truth."""
    counts = counts_of(texts, truths)
    return {name: measure_facts(counts, name).value for name in FACTS}


@torch.inference_mode()
def answers(answerer: NanoAnswerer, held: Examples, count: int = 500) -> dict[str, float]:
    """Share of right answers to the questions about the first scenes: of all, and by kind of question."""
    right: dict[str, list[bool]] = {}
    for one, told in zip(found(answerer.model, held.pixels[:count]), held.told, strict=False):
        for asked in told.asked:
            right.setdefault(asked.kind, []).append(answerer.about(asked.text, one).text == asked.answer)
    every = [ok for kind in right.values() for ok in kind]
    return {"all": float(np.mean(every))} | {kind: float(np.mean(right[kind])) for kind in sorted(right)}
