"""visual_fact_checker and rank_and_fuse on real photos and real machine captions: agreement verifies, rules write.

    python benchmarks/real_captions.py SHARED_DATA [--out results/real_captions.json]

SHARED_DATA holds `coco128/joined.json`, `pope_captions` and `coco_fakecap` (see docs/real-captions.md). No step reads the human captions or
the boxes that score the results.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from diptych.check.lift import LiftConsensus
from diptych.check.split import Split
from diptych.curate.select import Best
from diptych.data.results import Result
from diptych.engine import Pipeline, read_run, run
from diptych.lab.opening import opened
from diptych.measure.chair import chair, with_captions
from diptych.measure.facts import FactCount, compare_facts
from diptych.measure.references import measure_references, reference_facts
from diptych.measure.table import as_json
from diptych.recipes import rank_and_fuse, visual_fact_checker
from diptych.write.propose import Propose

SEVEN = ("magic_result", "mscoco_in_domain_clipretrieval", "zerocap_result", "contrastive_result", "top_k_result_run_1",
         "show_edit_tell_xe_caps", "show_edit_tell_rl_caps")  # fmt: skip
BLIND = ("contrastive_result", "top_k_result_run_1")
CONSENSUS = "consensus caption"


@dataclass(frozen=True)
class Trial:
    """Captions by system and photo, and what scores them."""

    name: str
    systems: Mapping[str, Mapping[str, str]]
    families: Mapping[str, str]  # of systems that are siblings
    human: Mapping[str, Sequence[str]]
    boxes: Mapping[str, frozenset[str]]  # annotated classes by photo, where there are boxes
    photos: Mapping[str, Path]
    agreement: float


def main() -> None:
    """Prints a table for each trial and stores all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    stored: dict[str, Any] = {"command": f"python benchmarks/real_captions.py {given.data}"}
    for trial in (*coco_trials(given.data), pope_trial(given.data)):
        stored[trial.name] = tried(trial)
    if given.out:
        given.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def tried(trial: Trial) -> dict[str, Any]:
    """Every system alone, the consensus caption and both recipes, scored."""
    with TemporaryDirectory() as folder:
        captioners = addresses(trial, Path(folder))
        texts = {name: dict(captions) for name, captions in trial.systems.items()}
        for name, pipeline in pipelines(captioners, trial.agreement).items():
            texts[name] = captioned(trial, pipeline, Path(folder))
    scores = {name: scored(trial, captions) for name, captions in texts.items()}
    counts = {name: counted(trial, captions) for name, captions in texts.items()}
    print(f"\n{trial.name}: {len(trial.human)} photos, {len(trial.systems)} systems")
    for name, results in scores.items():
        print(
            f"  {name:32s} " + "  ".join(f"{r.name.removeprefix('reference_')} {r.value:.3f} [{r.low:.3f}, {r.high:.3f}]" for r in results)
        )
    return {
        "photos": len(trial.human),
        "scores": {name: as_json(results) for name, results in scores.items()},
        "against the consensus caption": {name: apart(counts[name], counts[CONSENSUS]) for name in counts if name != CONSENSUS},
        "captions": {name: texts[name] for name in list(texts)[len(trial.systems) :]},
    }


def pipelines(captioners: tuple[str, ...], agreement: float) -> dict[str, Pipeline]:
    """The consensus caption, which needs no writer, and the two recipes."""
    return {
        CONSENSUS: (Propose(captioners), Split("proposed"), LiftConsensus(), Best(1)),
        "visual_fact_checker": visual_fact_checker.pipeline(captioners=captioners, writer="rules:", agreement=agreement),
        "rank_and_fuse": rank_and_fuse.pipeline(captioners=captioners, matcher="rules:agreement", writer="rules:"),
    }


def addresses(trial: Trial, folder: Path) -> tuple[str, ...]:
    """Each system's captions as a file that stands in for it, and the rows that are to be captioned."""
    found = []
    for name, captions in trial.systems.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"id": id, "caption": text}) + "\n" for id, text in captions.items()), encoding="utf-8")
        found.append(f"file:{path}?family={trial.families.get(name, name)}")
    rows = [
        {"id": id, "image": str(trial.photos[id])} if id in trial.photos else {"id": id, "caption": next(iter(trial.systems.values()))[id]}
        for id in trial.human
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tuple(found)


def captioned(trial: Trial, pipeline: Pipeline, folder: Path) -> dict[str, str]:
    """The caption that stands for each photo; empty where a step dropped the row."""
    have = opened(str(folder / "rows.jsonl"))
    out = folder / str(abs(hash(pipeline)))
    summary = run(pipeline, have.source, out, opener=have.opener, pictures=have.pictures, progress=False)
    assert not summary.rows()["failed"], summary.total.failed
    rows = read_run(out)
    return {row.id: " ".join(c.text for c in row.standing()) if row.status.kind == "kept" else "" for row in rows}


def counted(trial: Trial, captions: Mapping[str, str]) -> list[FactCount]:
    """One tally a photo, statements made by at least two people as facts."""
    return [reference_facts(captions[id], human, at_least=2) for id, human in trial.human.items()]


def scored(trial: Trial, captions: Mapping[str, str]) -> list[Result]:
    """Facts against the human captions, and hallucinated classes against boxes and human captions."""
    facts = measure_references(counted(trial, captions), at_least=2)
    objects = with_captions({id: trial.boxes.get(id, frozenset()) for id in trial.human}, trial.human)
    return [*facts, *chair({id: captions[id] for id in trial.human}, objects)]


def apart(method: list[FactCount], baseline: list[FactCount]) -> dict[str, float]:
    """Fact F1 over the same photos, paired."""
    found = compare_facts(method, baseline, "fact_f1")
    return {"fact_f1": found.difference.value, "low": found.difference.low, "high": found.difference.high, "won": found.won}


def coco_trials(data: Path) -> list[Trial]:
    """(a) seven systems, two of them blind; (b) the five that saw the picture. Siblings are one voice."""
    rows = json.loads((data / "coco128" / "joined.json").read_text(encoding="utf-8"))
    rows = [row for row in rows if row.get("references") and all(name in (row.get("predictions") or {}) for name in SEVEN)]
    human = {str(row["image_id"]): row["references"] for row in rows}
    boxes = {str(row["image_id"]): frozenset(box[0] for box in row["boxes_class_cx_cy_w_h"]) for row in rows}
    photos = {str(row["image_id"]): data / "coco128" / row["file"] for row in rows}

    def trial(name: str, keep: Callable[[str], bool]) -> Trial:
        systems = {s: {str(row["image_id"]): row["predictions"][s] for row in rows} for s in SEVEN if keep(s)}
        siblings = {s: "show_edit_tell" for s in SEVEN if s.startswith("show_edit_tell")}
        return Trial(name, systems, siblings, human, boxes, photos, 2)

    return [trial("a: seven systems, two blind", lambda s: True), trial("b: five that saw the picture", lambda s: s not in BLIND)]


def pope_trial(data: Path) -> Trial:
    """(c) ten systems' captions, text only: five models with two prompts each, a model one voice."""
    human = json.loads((data / "coco_fakecap" / "examples" / "gts.json").read_text(encoding="utf-8"))
    human = {str(id): [text if isinstance(text, str) else text["caption"] for text in texts] for id, texts in human.items()}
    systems: dict[str, dict[str, str]] = {}
    files = sorted((data / "pope_captions" / "caption_data").glob("*.json"))
    first = [row["image_id"] for row in objects(files[0])]
    for path in files:
        rows = objects(path)
        systems[path.stem] = {str(row.get("image_id", first[n])): row["text"] for n, row in enumerate(rows)}
    shared = [id for id in map(str, first) if id in human]
    chosen = {name: {id: captions[id] for id in shared} for name, captions in systems.items()}
    families = {name: name.partition("_")[2] for name in chosen}
    return Trial("c: ten systems, text only", chosen, families, {id: human[id] for id in shared}, {}, {}, 3)


def objects(path: Path) -> list[dict[str, Any]]:
    """All objects of a file, one a line or pretty-printed one after another."""
    text, decoder, found = path.read_text(encoding="utf-8"), json.JSONDecoder(), []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


if __name__ == "__main__":
    main()
