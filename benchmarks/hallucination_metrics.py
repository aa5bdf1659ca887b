"""Fact and hallucination metrics on real captions, next to what is known of them; docs/hallucination-metrics.md quotes the figures.

    python benchmarks/hallucination_metrics.py SHARED_DATA [--out results/hallucination_metrics.json]

SHARED_DATA holds `coco_fakecap`, `coco128`, `pope_captions`, `chair_synonyms` and `flickr8k_judgements`. Nothing is tuned on any of it.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from diptych.data.results import Result
from diptych.measure.amber import amber
from diptych.measure.capture import capture_both
from diptych.measure.chair import chair_scores, with_captions
from diptych.measure.cider import cider
from diptych.measure.dnli import dnli
from diptych.measure.humans import REMOVED, against_baseline, against_humans, scores_of
from diptych.measure.judges import GraphJudge
from diptych.measure.mentions import ListedWords, read_synonyms
from diptych.measure.openchair import openchair
from diptych.measure.pope import pope_of_captions, read_pope
from diptych.measure.ratings import read_ratings
from diptych.measure.scene_graph_score import scene_graph_f
from diptych.measure.scores import Scored
from diptych.measure.table import as_json, table

Captions = Mapping[str, str]
Known = Mapping[str, list[str] | tuple[str, ...]]
Table = dict[str, list[Result]]
SPICE = 0.1329  # of coco_fakecap, published with the captions
SEED = 0


def main() -> None:
    """Prints every table and stores the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    console = Console(width=200)
    stored: dict[str, Any] = {
        "command": f"python benchmarks/hallucination_metrics.py {given.data}",
        "published SPICE of coco_fakecap": SPICE,
    }
    made: tuple[tuple[str, Callable[[Path], Table]], ...] = (
        ("coco_fakecap, 1,000 photos", fakecap),
        ("48 photos, five large models with two instructions", large_models),
        ("15 photos with boxes, seven systems, two of them blind (contrastive, top_k)", boxed),
        ("agreement with people, Flickr8k", agreement),
    )
    for title, make in made:
        began = time.process_time()
        rows = make(given.data)
        console.print(table(rows, title=f"{title} ({time.process_time() - began:.0f} s of one core)"))
        stored[title] = {system: as_json(results) for system, results in rows.items()}
    stored["speed"] = speed(given.data)
    console.print(stored["speed"])
    if given.out:
        given.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def fakecap(data: Path) -> Table:
    """A captioner, the same captions on other photos, and one of the five people against the other four."""
    references, candidates = _fakecap(data)
    ids = list(references)
    shifted = dict(zip(ids, [candidates[id] for id in ids[1:] + ids[:1]], strict=True))
    person = {id: said[0] for id, said in references.items()}
    others = {id: said[1:] for id, said in references.items()}
    rows = {"captions": (candidates, references), "of another photo": (shifted, references), "a person": (person, others)}
    return {system: [one.result for one in _facts(*pair)] for system, pair in rows.items()}


def large_models(data: Path) -> Table:
    """CHAIR with what five people mention as truth (too strict), facts, OpenCHAIR against one person, POPE on 17 photos."""
    references, _ = _fakecap(data)
    listed = read_synonyms(data / "chair_synonyms/synonyms.txt")
    files = sorted((data / "pope_captions/caption_data").glob("*.json"))
    images = {row["question_id"]: row["image_id"] for row in _objects(files[0])}
    found: Table = {}
    for file in files:
        every = {str(images[row["question_id"]]): row["text"] for row in _objects(file)}
        captions = {id: text for id, text in every.items() if id in references}
        known = {id: references[id] for id in captions}
        made = [*_chair(captions, dict.fromkeys(captions, ()), known, listed), *_facts(captions, known)]
        made += openchair(captions, {id: said[0] for id, said in known.items()}, GraphJudge(), seed=SEED)
        found[file.stem.replace("Instruction", "").replace("_", " ")] = [one.result for one in made] + _pope(data, every)
    return found


def boxed(data: Path) -> Table:
    """CHAIR with boxes and people as truth, AMBER's scores with boxes alone."""
    photos = [p for p in json.loads((data / "coco128/joined.json").read_text("utf-8")) if "magic_result" in p["predictions"]]
    listed = read_synonyms(data / "chair_synonyms/synonyms.txt")
    boxes = {str(p["image_id"]): tuple({row[0] for row in p["boxes_class_cx_cy_w_h"]}) for p in photos}
    human = {str(p["image_id"]): p["references"] for p in photos}
    found: Table = {}
    for system in (name for name in photos[0]["predictions"] if all(name in p["predictions"] for p in photos)):
        captions = {str(p["image_id"]): p["predictions"][system] for p in photos}
        made = [*_chair(captions, boxes, human, listed), *amber(captions, boxes, seed=SEED)]
        found[system] = [one.result for one in made]
    return found


def agreement(data: Path) -> Table:
    """Kendall's tau-c as SPICE's paper takes it (published: SPICE .449), and differences over the same images."""
    ratings = read_ratings(data / "flickr8k_judgements")
    scores = {name: np.nan_to_num(v) for name, v in scores_of((scene_graph_f, capture_both, dnli, cider), ratings).items()}
    rows = against_humans(scores, ratings, by=("kendall_tau_c",), protocols=(REMOVED,), resamples=1000)
    pairs = (("scene_graph_f", "cider"), ("capture", "cider"), ("capture_repaired", "cider"), ("capture_repaired", "capture"))
    apart = []
    for name, baseline in pairs:
        pair = against_baseline(scores[name], scores[baseline], ratings, names=(name, baseline), resamples=1000)
        told = Result(f"{name} - {baseline}", pair.difference.value, pair.difference.low, pair.difference.high, pair.n, "higher", pair.how)
        apart.append(told)
    return {"tau-c": [*rows[REMOVED.name]["kendall_tau_c"], *apart]}


def speed(data: Path) -> dict[str, float]:
    """Seconds of one core for the 20,000 captions of large models (278 characters on average), parsing included where there is any."""
    files = sorted((data / "pope_captions/caption_data").glob("*.json"))
    captions = {f"{file.stem} {row['question_id']}": row["text"] for file in files for row in _objects(file)}
    objects = dict.fromkeys(captions, ("person", "dog"))
    listed = read_synonyms(data / "chair_synonyms/synonyms.txt")
    tasks: dict[str, Callable[[], object]] = {
        "CHAIR by list": lambda: chair_scores(captions, objects, listed, resamples=0),
        "AMBER, parsing included": lambda: amber(captions, objects, resamples=0),
        "OpenCHAIR, parsed before": lambda: openchair(captions, captions, GraphJudge(), resamples=0),
    }
    found = {"captions": float(len(captions))}
    for name, task in tasks.items():
        began = time.process_time()
        task()
        found[name] = round(time.process_time() - began, 2)
    return found


def _facts(captions: Captions, references: Known) -> list[Scored]:
    made = [*scene_graph_f(captions, references, seed=SEED), *capture_both(captions, references, seed=SEED)]
    return [*made, *dnli(captions, references, seed=SEED)]


def _chair(captions: Captions, boxes: Known, human: Known, listed: ListedWords) -> tuple[Scored, ...]:
    return chair_scores(captions, with_captions(boxes, human, listed), listed, seed=SEED)


def _pope(data: Path, captions: Captions) -> list[Result]:
    by_file = {f"COCO_val2014_{int(id):012d}.jpg": text for id, text in captions.items()}
    found = []
    for strategy in ("random", "popular", "adversarial"):
        questions = [q for q in read_pope(data / f"pope_captions/output/coco/coco_pope_{strategy}.json") if q.image in by_file]
        f1 = pope_of_captions(questions, by_file, seed=SEED)[3].result
        found.append(Result(f"pope_f1.{strategy}", f1.value, f1.low, f1.high, f1.n, f1.better, f1.how))
    return found


def _fakecap(data: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    references = json.loads((data / "coco_fakecap/examples/gts.json").read_text("utf-8"))
    said = json.loads((data / "coco_fakecap/examples/res.json").read_text("utf-8"))
    return references, {id: said[id][0] for id in references}


def _objects(file: Path) -> list[dict[str, Any]]:
    """JSON objects one after the other, on one line each or on several."""
    text, decoder, found, at = file.read_text("utf-8").strip(), json.JSONDecoder(), [], 0
    while at < len(text):
        row, at = decoder.raw_decode(text, at)
        found.append(row)
        while at < len(text) and text[at].isspace():
            at += 1
    return found


if __name__ == "__main__":
    main()
