"""BLEU, ROUGE-L and CIDEr written from their papers, one n-gram at a time, to hold the fast ones to."""

import math
from collections import Counter
from functools import lru_cache
from statistics import fmean

Texts = dict[str, str]
Known = dict[str, list[str]]


def grams(text: str, n: int) -> Counter[tuple[str, ...]]:
    words = text.split()
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def bleu(candidates: Texts, references: Known, order: int) -> float:
    """Papineni et al., 2002: modified precisions of the whole corpus, geometric mean, brevity penalty with the closest length."""
    logs, said, closest = 0.0, 0, 0
    for n in range(1, order + 1):
        right = total = 0
        for id, text in candidates.items():
            own = grams(text, n)
            most: Counter[tuple[str, ...]] = Counter()
            for reference in references[id]:
                most |= grams(reference, n)
            right += (own & most).total()
            total += own.total()
        if right == 0:
            return 0.0
        logs += math.log(right / total)
    for id, text in candidates.items():
        said += (length := len(text.split()))
        closest += min((len(r.split()) for r in references[id]), key=lambda other: (abs(other - length), other))
    return math.exp(logs / order) * math.exp(min(0.0, 1 - closest / said))


def rouge_l(candidate: str, references: list[str], beta: float = 1.2) -> float:
    """Lin, 2004, equations 2 to 4, with the best precision and the best recall over references."""
    said = candidate.split(" ")

    def common(reference: list[str]) -> int:
        @lru_cache(None)
        def upto(i: int, j: int) -> int:
            if i == 0 or j == 0:
                return 0
            return upto(i - 1, j - 1) + 1 if said[i - 1] == reference[j - 1] else max(upto(i - 1, j), upto(i, j - 1))

        return upto(len(said), len(reference))

    split = [text.split(" ") for text in references]
    precision = max(common(words) / len(said) for words in split)
    recall = max(common(words) / len(words) for words in split)
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision) if precision and recall else 0.0


def cider(candidates: Texts, references: Known, *, clipped: bool) -> dict[str, float]:
    """Vedantam et al., 2015: equations 1 to 3, or, clipped, CIDEr-D with its factor of 10 and the length in bigrams."""
    images = len(references)
    frequency = Counter(g for texts in references.values() for g in {g for t in texts for n in range(1, 5) for g in grams(t, n)})

    def vector(text: str, n: int) -> dict[tuple[str, ...], float]:
        return {g: count * math.log(images / max(1, frequency[g])) for g, count in grams(text, n).items()}

    def norm(weights: dict[tuple[str, ...], float]) -> float:
        return math.sqrt(sum(w * w for w in weights.values()))

    def alike(one: str, other: str, n: int) -> float:
        a, b = vector(one, n), vector(other, n)
        if not norm(a) or not norm(b):
            return 0.0
        dot = sum((min(w, b.get(g, 0.0)) if clipped else w) * b.get(g, 0.0) for g, w in a.items()) / norm(a) / norm(b)
        apart = max(0, len(one.split()) - 1) - max(0, len(other.split()) - 1)
        return 10 * dot * math.exp(-(apart**2) / (2 * 6.0**2)) if clipped else dot

    return {id: fmean(fmean(alike(text, r, n) for r in references[id]) for n in range(1, 5)) for id, text in candidates.items()}
