"""Encoders against the truth of a world's scenes, in plain numbers: retrieval with its ceiling, categories, counting, pairs, gap, probes.

Shapes: N scenes, M texts, D width, F features.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.draws import generator
from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.lab.matches import true_of
from diptych.lab.worlds import Corpus
from diptych.measure.counting import Counted, counting_of
from diptych.measure.held_out import candidates_right, held_out_of
from diptych.measure.knn import knn_of
from diptych.measure.linear_probe import linear_probe_of
from diptych.measure.modality_gap import modality_gap_of
from diptych.measure.retrieval import retrieval_of
from diptych.measure.retrieval_ceiling import ceiling_of, normalised, retrieval_true_of
from diptych.measure.zero_shot import zero_shot_of
from diptych.models.pretrained import dual_of
from diptych.train.data import PIXELS, Data, Inputs
from diptych.train.vectors import Floats, picture_table, text_table
from diptych.world.catalogue import COLOURS
from diptych.world.grammar import article, plural
from diptych.world.truth import Truth

PROMPTS = ("{}", "a photo of {}", "a picture of {}", "there is {}")
PLURAL_PROMPTS = ("{}", "a photo of {}", "a picture of {}", "there are {}")
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Seen:
    """A model's view of a corpus: vectors of its pictures at length 1, and of any texts."""

    model: Any
    inputs: Inputs
    corpus: Corpus
    image_ND: Floats

    def texts(self, said: Sequence[str]) -> Floats:
        """(M, D), at length 1."""
        return text_table(self.model, self.inputs, said)

    def prompts(self, said: Sequence[str]) -> Floats:
        """(len(said), D), each the mean of its prompts' vectors at length 1 (`{}` is what is said)."""
        several = {text: PLURAL_PROMPTS if text.split()[0] in WORDS[2:] else PROMPTS for text in said}
        each = self.texts([prompt.format(text) for text in said for prompt in several[text]]).reshape(len(said), len(PROMPTS), -1)
        mean = each.mean(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    @cached_property
    def counts(self) -> list[Counter[str]]:
        """How many of each noun every scene shows."""
        return [Counter(entity.noun for entity in truth.graph.entities) for truth in self.corpus.truths]


def encoder_of(folder: Path) -> tuple[Any, Inputs]:
    """A trained dual encoder from its folder, ours, CLIP's or SigLIP's, for evaluation, and how it takes its inputs."""
    dual = dual_of(f"hf:{Path(folder).resolve()}")
    column = "tokens" if dual.reads_tokens else PIXELS
    return dual.model.eval(), Inputs(dual.tokenizer, dual.length, dual.size, dual.mean, dual.std, (column,))


def seen(model: Any, inputs: Inputs, corpus: Corpus, tokens_NMC: NDArray[Any] | None = None) -> Seen:
    """The corpus through a model; `tokens_NMC` are the cached tokens of its frozen tower, where it reads those."""
    data = Data(corpus.rows, corpus.pictures, inputs, {} if tokens_NMC is None else {"tokens": tokens_NMC})
    return Seen(model.eval(), inputs, corpus, picture_table(model, data))


def retrieval_scores(one: Seen, *, ks: Sequence[int] = (1, 5), complete: bool = False) -> dict[str, float]:
    """Recall at k both ways: as found, with every true text right (`_true`), the ceiling (`_ceiling`), and over it (`_normalised`).

    `complete` says that captions name all that is there, as those of `Telling()` do. A model learns so from its captions, and beats the
    ceiling of a reader for whom "a red ball" is as true of a scene with more in it.
    """
    sets = {row.id: tuple(told.text for told in each) for row, each in zip(one.corpus.rows, one.corpus.told, strict=True)}
    true = true_of([told.graph for each in one.corpus.told for told in each], one.corpus.truths, complete=complete)
    vectors = one.image_ND, one.texts([text for texts in sets.values() for text in texts])
    wanted = [f"{way}_recall_{k}" for way in ("i2t", "t2i") for k in ks]
    plain, tops, right = (
        {found.name: found for found in made}
        for made in (
            retrieval_of(vectors, sets, ks=ks, shared="own", resamples=0),
            ceiling_of(true, sets, ks=ks, resamples=0),
            retrieval_true_of(vectors, true, sets, ks=ks, resamples=0),
        )
    )
    scores: dict[str, float] = {}
    for name in wanted:
        scores |= {name: plain[name].value, f"{name}_true": right[name].value, f"{name}_ceiling": tops[name].value}
        scores[f"{name}_normalised"] = normalised(plain[name], tops[name]).value
    return scores


def category_scores(one: Seen, nouns: Sequence[str]) -> dict[str, float]:
    """Zero-shot categories with prompt ensembles: any noun that the scene shows is right, and the commonest one alone (`_most`)."""
    prompts = {noun: one.texts([p.format(said) for p in PROMPTS for said in (article(noun),)]) for noun in nouns}
    prompts = {
        noun: np.concatenate((vectors, one.texts([p.format(plural(noun)) for p in PLURAL_PROMPTS]))) for noun, vectors in prompts.items()
    }
    any_of = zero_shot_of(one.image_ND, prompts, [set(count) & set(nouns) for count in one.counts], ks=(1,))
    most = zero_shot_of(one.image_ND, prompts, [count.most_common(1)[0][0] for count in one.counts], ks=(1,))
    return {
        "category_accuracy": any_of[0].value,
        "category_mean_class": any_of[1].value,
        "category_accuracy_most": most[0].value,
    }


def counted(one: Seen, numbers: Sequence[int]) -> Counted:
    """Each scene against "N red balls" of what it has most of, with every number put in (card 48's protocol).

    Scenes that show another number of it are left out.
    """
    rows, what, true = [], [], []
    for row, (count, truth) in enumerate(zip(one.counts, one.corpus.truths, strict=True)):
        noun, number = count.most_common(1)[0]
        if number in numbers:
            rows.append(row)
            true.append(number)
            what.append(" ".join((*_shared_colour(truth, noun), plural(noun))))
    if not rows:
        raise InputError(f"no scene shows any of the numbers {list(numbers)} of a thing: use a world with copies=LEAST-MOST")
    text_KD = one.prompts([f"{WORDS[number]} {said}" for said in dict.fromkeys(what) for number in numbers])
    place = {said: n for n, said in enumerate(dict.fromkeys(what))}
    table = text_KD.reshape(len(place), len(numbers), -1)[[place[said] for said in what]]
    scores = np.einsum("nd,nkd->nk", one.image_ND[rows], table)
    return counting_of(scores, numbers, true, ids=[one.corpus.rows[row].id for row in rows])


def counting_scores(one: Seen, numbers: Sequence[int], *, suffix: str = "") -> dict[str, float]:
    """`count_accuracy`, `count_deviation`, and `count_recall_N` of each number, nan where no scene shows it; `suffix` is put behind."""
    found = counted(one, numbers)
    recalls = {f"count_recall_{number}": float("nan") for number in numbers}
    scores = recalls | {scored.name: scored.value for scored in found.scored}
    return {f"{name}{suffix}": value for name, value in scores.items()}


def pair_scores(one: Seen, unseen: Iterable[tuple[str, str]], colours: Sequence[str]) -> dict[str, float]:
    """Which colour a thing has: "a red ball" against the other colours, for pairs held out of training and for others.

    One question for each scene and noun of it; every colour that a thing of the noun has is right.
    """
    held = set(unseen)
    asked = [(row, noun) for row, count in enumerate(one.counts) for noun in sorted(count)]
    right, new = [], []
    for row, noun in asked:
        there = {v for e in one.corpus.truths[row].graph.entities if e.noun == noun for v in e.values if v in colours}
        right.append([colour in there for colour in colours])
        new.append(any((noun, colour) in held for colour in there))
    nouns = sorted({noun for _, noun in asked})
    table = one.prompts([article(f"{colour} {noun}") for noun in nouns for colour in colours]).reshape(len(nouns), len(colours), -1)
    scores = np.einsum("nd,nkd->nk", one.image_ND[[row for row, _ in asked]], table[[nouns.index(noun) for _, noun in asked]])
    known = np.array(right).any(axis=1)
    found = held_out_of(candidates_right(scores[known], np.array(right)[known]), np.array(new)[known], name="pair")
    return {scored.name: scored.value for scored in found}


def gap_scores(one: Seen) -> dict[str, float]:
    """The modality gap between pictures and their first captions."""
    found: tuple[Result, ...] = modality_gap_of(one.image_ND, one.texts([each[0].text for each in one.corpus.told]), resamples=0)
    return {result.name: result.value for result in found}


def probe_scores(
    learn: tuple[NDArray[Any], Corpus], test: tuple[NDArray[Any], Corpus], *, width: int = 16, penalty: float = 3e-3
) -> dict[str, float]:
    """What a linear reader finds in a tower's tokens (N, M, C) or vectors (N, D): the number of what a scene has most of, and what it is.

    `count_probe`, `category_probe` by linear probe and `category_knn` by neighbours, of tokens' means, which tell numbers; and with
    tokens `count_probe_by_place`, `category_probe_by_place`, after a fixed random projection of each token to `width`, side by side.
    """
    most = [[Counter(e.noun for e in truth.graph.entities).most_common(1)[0] for truth in corpus.truths] for _, corpus in (learn, test)]
    kept = [row for row, (_, number) in enumerate(most[1]) if number in {n for _, n in most[0]}]
    most[1] = [most[1][row] for row in kept]
    found: dict[str, float] = {}
    for name, view in (("", _pooled), ("_by_place", partial(_by_place, width=width))):
        if name and learn[0].ndim == 2:
            break
        tables = view(learn[0]), view(test[0])[kept]
        for part, what in ((1, "count"), (0, "category")):
            sides = [(table, [pair[part] for pair in each]) for table, each in zip(tables, most, strict=True)]
            found[f"{what}_probe{name}"] = linear_probe_of(*sides, penalty=penalty if not name else 10 * penalty)[0].value
        if not name:
            found["category_knn"] = knn_of(*sides, k=min(20, len(most[0])))[0].value
    return found


def _pooled(features: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(features if features.ndim == 2 else features.mean(axis=1, dtype=np.float32), np.float32)


def _by_place(tokens_NMC: NDArray[Any], width: int) -> NDArray[np.float32]:
    way = generator("probe", width).normal(size=(tokens_NMC.shape[-1], width)) / np.sqrt(tokens_NMC.shape[-1])
    parts = np.array_split(tokens_NMC, max(1, len(tokens_NMC) // 512))
    return np.concatenate([(np.asarray(part, np.float32) @ way.astype(np.float32)).reshape(len(part), -1) for part in parts])


def _shared_colour(truth: Truth, noun: str) -> tuple[str, ...]:
    """The colour of a noun's things, where they have it in common."""
    values = [set(entity.values) for entity in truth.graph.entities if entity.noun == noun]
    from_all = set.intersection(*values)
    return tuple(value for value in COLOURS if value in from_all)


def restricted(corpus: Corpus, rows: Sequence[int]) -> Corpus:
    """Some rows of a corpus."""
    return replace(corpus, rows=tuple(corpus.rows[row] for row in rows), told=tuple(corpus.told[row] for row in rows))
