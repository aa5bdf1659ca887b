"""Map vectors of pictures linearly into a language model's word embeddings, in closed form; it writes from the nearest words (SITTA).

Paischer, Adler, Hofmarcher and Hochreiter, 2023, arXiv:2307.05591. The paper's models: CLIP RN50x64 and LLaMA-7B, both frozen.
Same: both spaces standardised; least squares without intercept, ridge, Procrustes and its robust form; pairs of a picture with every
word of its captions, or lexical matching of words with themselves; the 8 nearest words, in 40 orders, of which the caption nearest the
picture is kept.
Different: words are tokens that read as a word; the language model of the effect is a small one trained on lists of words.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diptych.data.results import Effect
from diptych.lab.bridged import gapped_encoder, listing_language
from diptych.lab.captioners import told
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.lab.protocols_captions import caption_scores
from diptych.lab.worlds import Telling
from diptych.measure.ranking import ndcg, recall_at
from diptych.models.decoding import Settings
from diptych.train.bridges_maps import LinearMap, Solver
from diptych.train.bridges_saved import load_bridges, save_bridges
from diptych.train.captioners_bridged import language_of
from diptych.train.data import Data
from diptych.train.listed import best, continued, orders
from diptych.train.saving import read_about, save
from diptych.train.token_map import PROMPTS, external, ranked, seeing, words_of
from diptych.train.vectors import pictures_of, vectors_of

PAPER = Paper(
    "SITTA: A Semantic Image-Text Alignment for Image Captioning",
    "Paischer, Fabian and Adler, Thomas and Hofmarcher, Markus and Hochreiter, Sepp",
    2023,
    "2307.05591",
)
PAIRS = (50, 200, 1000)
LISTED = "{} :"


def train(
    data: Data,
    *,
    out: Path,
    encoder: str,
    language: str,
    solver: Solver = "least_squares",
    alpha: float = 1.0,
    lexical: bool = False,
    pairs: int = 0,
    seed: int = 0,
) -> Path:
    """`encoder` and `language` are folders of a dual encoder and a causal language model, neither of which changes.

    The map is fitted to the pictures of the first `pairs` rows (0 is all) with the words of their captions; with `lexical`, to words
    alone, and pictures give only their mean and deviation. The folder holds the language model and, beside it, the map.
    """
    model, tokenizer = language_of(language)
    words, seen_ND = words_of(model, tokenizer), pictures_of(encoder, data, pairs or None)
    fresh, began = LinearMap(solver, alpha), perf_counter()
    if lexical:
        prompted = vectors_of(encoder, [prompt.format(word) for word in words.texts for prompt in PROMPTS])
        known = seeing(fresh.fit(prompted.reshape(len(words.texts), len(PROMPTS), -1).mean(1), words.table_CW), seen_ND)
    else:
        known = fresh.fit(*external(seen_ND, data, words, tokenizer))
    about = {"recipe": "sitta", "encoder": encoder, "rows": len(seen_ND), "seed": seed, "fitting": round(perf_counter() - began, 4)}
    save_bridges([known], Path(out))
    save(Path(out), model, data.taking(type(data.inputs)(tokenizer)), about)
    return Path(out)


def nearest(folder: Path, vectors_ND: NDArray[Any]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """(N, C): all words of the folder's language model, the nearest to each vector first; and how they read."""
    model, tokenizer = language_of(str(folder))
    words = words_of(model, tokenizer)
    (known,) = load_bridges(folder)
    assert isinstance(known, LinearMap)
    return ranked(known, vectors_ND, words), words.texts


def captions(
    folder: Path, pictures_ND: NDArray[Any], keys: list[str], *, encoder: str, keep: int = 8, number: int = 40,
    prompt: str = "{} A picture of", listed: list[list[str]] | None = None, most: int = 40,
) -> list[str]:  # fmt: skip
    """A caption for each picture's vector: of `number` orders of its `keep` nearest words (or of those `listed`) the best."""
    model, tokenizer = language_of(str(folder))
    if listed is None:
        places, texts = nearest(folder, pictures_ND)
        listed = [[texts[place] for place in row[:keep]] for row in places]
    asked = [orders(words, number, key=key) for words, key in zip(listed, keys, strict=True)]
    said = continued(model, tokenizer, [prompt.format(" ".join(words)) for of_row in asked for words in of_row], Settings(most=most))
    return best(encoder, pictures_ND, [said[start : start + number] for start in range(0, len(said), number)])


def effect(lab: Lab) -> Effect:
    """Share of a picture's words among the 8 nearest by least squares over all pairs, against Procrustes; and the captions of both."""
    return lab.trained(
        one_seed,
        method="least squares",
        baseline="procrustes",
        metric="recall_8",
        guards={"fact_f1": -0.02},
        sweep={"pictures fitted to": [(n, f"least squares, {n} pictures", f"procrustes, {n} pictures") for n in PAIRS]},
        lower=("seconds_to_fit", "repetition"),
        how="words of the captions of held-out pictures; captions from 8 words in 12 orders by a frozen language model, the nearest kept; "
        "oracle: the captions' own words; chance: least squares on pairs dealt out anew",
    )


def one_seed(seed: int, budget: str) -> dict[str, dict[str, float]]:
    """One encoder and one language model; arms differ in the solver, in how many pictures it is given, and in the orders tried."""
    scenes, tests, updates, number = (6_000, 200, 600, 12) if budget == "full" else (1_200, 60, 90, 3)
    taught = told(scenes, Telling(), world=10_000 + seed, options="nouns=10&colours=8", seed=seed)
    test = told(tests, Telling(), world=1_000 + seed, options="nouns=10&colours=8", seed=seed, words=taught.data.inputs.tokenizer)
    arms: dict[str, dict[str, Any]] = {
        "least squares": {}, "procrustes": {"solver": "procrustes"}, "robust procrustes": {"solver": "robust_procrustes"},
        "ridge": {"solver": "ridge"}, "lexical procrustes": {"solver": "procrustes", "lexical": True}, "chance": {},
    }  # fmt: skip
    arms |= {f"least squares, {n} pictures": {"pairs": n} for n in PAIRS}
    arms |= {f"procrustes, {n} pictures": {"pairs": n, "solver": "procrustes"} for n in PAIRS}
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="diptych-sitta-") as folder:
        encoder = str(gapped_encoder(taught.data, Path(folder) / "encoder", updates=updates, seed=seed))
        language = str(listing_language(taught.data, Path(folder) / "language", updates=updates, seed=seed))
        seen_ND, keys = pictures_of(encoder, test.data), [row.id for row in test.data.rows]
        model, tokenizer = language_of(language)
        words = words_of(model, tokenizer)
        right = [words.numbers(test.data.texts(row), tokenizer) for row in range(tests)]
        dealt = np.random.default_rng(seed).permutation(scenes)
        for name, options in arms.items():
            data = taught.data.having(tokens=taught.data.columns["tokens"][dealt]) if name == "chance" else taught.data
            out = train(data, out=Path(folder) / name, encoder=encoder, language=language, seed=seed, **options)
            places, _ = nearest(out, seen_ND)
            found[name] = {"recall_8": recall_at(places, right, resamples=0).value, "ndcg": ndcg(places, right, resamples=0).value}
            found[name] |= {"seconds_to_fit": float(read_about(out)["fitting"])}
            if "pictures" not in name:
                texts = captions(out, seen_ND, keys, encoder=encoder, number=number, prompt=LISTED)
                found[name] |= caption_scores(texts, test.corpus.truths)
        one = captions(Path(folder) / "least squares", seen_ND, keys, encoder=encoder, number=1, prompt=LISTED)
        found["least squares, one order"] = found["least squares"] | caption_scores(one, test.corpus.truths)
        own = [[words.texts[place] for place in row[:8]] for row in right]
        texts = captions(Path(folder) / "ridge", seen_ND, keys, encoder=encoder, number=number, prompt=LISTED, listed=own)
        found["oracle"] = {"recall_8": 1.0, "ndcg": 1.0} | caption_scores(texts, test.corpus.truths)
    return found
