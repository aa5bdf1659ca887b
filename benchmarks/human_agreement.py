"""Agreement of caption metrics with people on Flickr8k's expert judgements, and the match of content words that was chosen on half of it.

    python benchmarks/human_agreement.py SHARED_DATA [--meteor-data DIR] [--out results/human_agreement.json]

SHARED_DATA holds `flickr8k_judgements`. Half of the images (drawn by the hash of their names) are for development: what is in
`lexical_match` and its three numbers were chosen there. The other half is what is reported. docs/agreement.md tells the story.
"""

import argparse
import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from diptych.data.draws import uniform
from diptych.data.results import Result
from diptych.measure.agreement import kendall_tau_c
from diptych.measure.bleu import bleu
from diptych.measure.cider import cider
from diptych.measure.humans import REMOVED, against_baseline, against_humans, rows_of, scores_of
from diptych.measure.intervals import Paired
from diptych.measure.lexical_match import CHOSEN, Ingredients, WordFrequencies, lexical_match, word_frequencies
from diptych.measure.meteor import meteor
from diptych.measure.ratings import Ratings, read_ratings
from diptych.measure.rouge import rouge_l
from diptych.measure.scene_graph_score import scene_graph_f
from diptych.measure.table import as_json, table

Scores = Mapping[str, NDArray[np.float64]]
SPICE = 0.449  # Anderson et al., 2016, table 2: Kendall tau-c on these ratings, equal candidates removed
STEPS = {
    "the same content words": Ingredients("words", 0.0, 1.0, False),
    "rare words weigh more": Ingredients("words", 0.0, 1.0),
    "people and animals weigh twice": Ingredients("words", 0.0),
    "stems": Ingredients("stems", 0.0),
    "long common beginnings": Ingredients("beginnings", 0.0),
    "WordNet kin (lexical_match)": CHOSEN,
}
WITHOUT = {
    "without rarity": Ingredients(rare=False),
    "without beings": Ingredients(beings=1.0),
    "without common beginnings": Ingredients("stems"),
    "without WordNet kin": Ingredients(kin=0.0),
}
GRID = tuple(Ingredients(*row) for row in product(("stems", "beginnings"), (0.0, 0.2, 0.3, 0.4, 0.6), (1.0, 1.5, 2.0, 3.0)))
BASELINES = ("cider", "meteor", "scene_graph_f")
SPLITS = 20


def main() -> None:
    """Prints every table and stores the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--meteor-data", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    ratings = read_ratings(given.data / "flickr8k_judgements")
    start = perf_counter()
    scores = scores_of(
        (bleu, rouge_l, cider, lambda c, r, **k: meteor(c, r, data=given.meteor_data, **k), scene_graph_f, lexical_match), ratings
    )
    stored: dict[str, Any] = {
        "command": f"python benchmarks/human_agreement.py {given.data}",
        "pairs": len(ratings.candidates),
        "agreement": tables(scores, ratings),
        "judges": judges(ratings),
        "aim": halves(scores, ratings),
        "ingredients": ingredients(ratings),
        "checks": checks(ratings),
        "splits": splits(ratings),
    }
    stored["seconds"] = round(perf_counter() - start, 1)
    if given.out:
        given.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def tables(scores: Scores, ratings: Ratings) -> dict[str, Any]:
    """Both published protocols, and that of mean ratings."""
    found = against_humans(scores, ratings)
    for protocol, columns in found.items():
        Console(width=140).print(table(columns, title=protocol))
    return {protocol: {by: as_json(results) for by, results in columns.items()} for protocol, columns in found.items()}


def judges(ratings: Ratings) -> dict[str, float]:
    """tau-c of each judge with the mean of the others, and of the mean of all with the single ratings: what a metric can hope for."""
    given = ratings.of(~ratings.copied).ratings_NJ
    count = given.shape[1]
    found = {f"judge {j + 1} with the others": kendall_tau_c(np.delete(given, j, axis=1).mean(axis=1), given[:, j]) for j in range(count)}
    found["mean with the single ratings"] = kendall_tau_c(np.repeat(given.mean(axis=1), count), given.ravel())
    print("  " + "; ".join(f"{name} {value:.3f}" for name, value in found.items()))
    return found


def developed(ratings: Ratings) -> NDArray[np.bool_]:
    """The half of the images that the metric was chosen on."""
    return np.array([uniform("half", image) < 0.5 for image in ratings.images])


def halves(scores: Scores, ratings: Ratings) -> dict[str, Any]:
    """The second protocol on the half that was developed on, on the half that was not, and on all."""
    half = developed(ratings)
    found, columns, differences = {}, {}, {}
    for name, keep in (("reported half", ~half), ("development half", half), ("all images", np.ones(len(half), bool))):
        part, held = ratings.of(keep), {metric: values[keep] for metric, values in scores.items()}
        results = against_humans(held, part, by=("kendall_tau_c",), protocols=(REMOVED,))[REMOVED.name]["kendall_tau_c"]
        apart = [against_baseline(held["lexical_match"], held[b], part, names=("lexical_match", b)) for b in BASELINES]
        columns[name] = results
        found[name] = {"kendall_tau_c": as_json(results), "differences": [as_dict(pair) for pair in apart]}
        differences[name] = [Result(p.difference.baseline, p.difference.value, p.difference.low, p.difference.high, p.n) for p in apart]
    screen = Console(width=140)
    screen.print(table(columns, title=f"kendall_tau_c, {REMOVED.name}"))
    screen.print(table(differences, title="lexical_match minus each, images drawn for both at once"))
    print(f"  SPICE as published, all images: {SPICE}")
    return found


def ingredients(ratings: Ratings) -> dict[str, Any]:
    """What each adds, one after the other, and what is lost without it."""
    part, half = ratings.of(~developed(ratings)), ratings.of(developed(ratings))
    found = {}
    for name, made in (STEPS | WITHOUT).items():
        result, seen = (taken(ratings, made, rows) for rows in (part, half))
        print(f"  {name:34s} reported half {result.value:.3f} [{result.low:.3f}, {result.high:.3f}]   development half {seen.value:.3f}")
        found[name] = {"reported half": as_json((result,)), "development half": as_json((seen,))}
    return found


def taken(ratings: Ratings, made: Ingredients, part: Ratings, frequencies: WordFrequencies | None = None) -> Result:
    """tau-c over a part of the ratings, words counted over all images as in the tables."""
    texts, known = dict(enumerate(part.candidates)), dict(enumerate(part.references))
    frequencies = frequencies or word_frequencies(ratings.references)
    values = lexical_match(texts, known, frequencies=frequencies, ingredients=made, resamples=0).values_N
    return against_humans({"lexical_match": values}, part, by=("kendall_tau_c",), protocols=(REMOVED,))[REMOVED.name]["kendall_tau_c"][0]


def checks(ratings: Ratings) -> dict[str, Any]:
    """On the reported half: words counted elsewhere, and only candidates that were written for images of this half."""
    half = developed(ratings)
    elsewhere = word_frequencies(ratings.of(half).references)
    author = {text: image for image, texts in zip(ratings.images, ratings.references, strict=True) for text in texts}
    own = np.array([uniform("half", author.get(text, text)) >= 0.5 for text in ratings.candidates])
    found = {
        "words counted over the development half": taken(ratings, CHOSEN, ratings.of(~half), elsewhere),
        "words counted over the development half, candidates of this half": taken(ratings, CHOSEN, ratings.of(~half & own), elsewhere),
    }
    for name, result in found.items():
        print(f"  {name}: {result.value:.3f} [{result.low:.3f}, {result.high:.3f}], {result.n} ratings")
    return {name: as_json((result,)) for name, result in found.items()}


def splits(ratings: Ratings) -> dict[str, Any]:
    """The three numbers chosen anew from a grid on half of the images and measured on the other half, split after split."""
    frequencies = word_frequencies(ratings.references)
    texts, known = dict(enumerate(ratings.candidates)), dict(enumerate(ratings.references))
    scores = {made: lexical_match(texts, known, frequencies=frequencies, ingredients=made, resamples=0).values_N for made in GRID}
    scores_cider = cider(texts, known, resamples=0).values_N
    held, gains, picked = [], [], []
    for number in range(SPLITS):
        half = np.array([uniform("split", number, image) < 0.5 for image in ratings.images])
        best = max(GRID, key=lambda made, half=half: tau_c(scores[made], ratings, half))
        held.append(tau_c(scores[best], ratings, ~half))
        gains.append(held[-1] - tau_c(scores_cider, ratings, ~half))
        picked.append(f"{best.forms}, kin {best.kin}, beings {best.beings}")
    print(
        f"  chosen on half, measured on the other, {SPLITS} splits: tau-c {np.mean(held):.3f} ({min(held):.3f} to {max(held):.3f}), ",
        end="",
    )
    print(f"over CIDEr {np.mean(gains):+.3f} ({min(gains):+.3f} to {max(gains):+.3f})")
    return {"held_out_tau_c": held, "over_cider": gains, "chosen": picked}


def tau_c(values: NDArray[np.float64], ratings: Ratings, keep: NDArray[np.bool_]) -> float:
    """Of a part of the images."""
    return kendall_tau_c(*rows_of(values[keep], ratings.of(keep), REMOVED)[:2])


def told(pair: Paired) -> str:
    """A difference with its interval."""
    return f"{pair.difference.value:+.3f} [{pair.difference.low:+.3f}, {pair.difference.high:+.3f}], won {pair.won:.3f}"


def as_dict(pair: Paired) -> dict[str, Any]:
    """For JSON."""
    of = pair.difference
    return {
        "method": of.method,
        "baseline": of.baseline,
        "value": of.value,
        "low": of.low,
        "high": of.high,
        "won": pair.won,
        "how": pair.how,
    }


if __name__ == "__main__":
    main()
