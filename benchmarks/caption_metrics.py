"""BLEU, ROUGE-L, CIDEr and METEOR side by side with pycocoevalcap and aac-metrics: seconds a stage, memory, equal outputs.

    python benchmarks/caption_metrics.py --peers REF/bin/python,AAC/bin/python [--candidates F --references F] [--sizes 5000,25000]

Each tool runs in a process and an environment of its own, one after the other, `--runs` times; medians are shown. Images are drawn
with replacement from the captions pointed to (`{id: text or texts}`, COCO rows, or one caption a line with several `--references`), else
generated; `--splice` joins the first half of each caption to the second half of another, so that hardly two are equal.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

WORKER = Path(__file__).with_name("caption_metrics_worker.py")
STAGES = ("tokenise", "n-gram ids", "bleu", "rouge_l", "cider")
NOUNS = "man woman dog cat child boat train bicycle table kitchen street horse plate pizza bus umbrella surfer field beach tower".split()  # noqa: SIM905
PEER = {"pycocoevalcap": "pycocoevalcap", "aac_metrics": "aac-metrics"}
Pool = list[tuple[str, list[str]]]


def generated(rng: random.Random, size: int = 2000) -> Pool:
    """Captions of five patterns over Zipf-like words."""
    rare = [f"{a}{b}" for a in ("red", "blue", "old", "wet", "tall", "dark", "pale", "soft") for b in ("", "dish", "ly", "est")]

    def phrase() -> str:
        return f"{rng.choice(('a', 'the', 'two', 'some'))} {rng.choice(rare)} {NOUNS[int(len(NOUNS) * rng.random() ** 2)]}"

    def caption() -> str:
        verb = rng.choice(("sits near", "stands on", "runs past", "is next to", "looks at", "holds"))
        return f"{phrase()} {verb} {phrase()}{rng.choice(('', ' in ' + phrase(), ' with ' + phrase()))}.".capitalize()

    return [(caption(), [caption() for _ in range(5)]) for _ in range(size)]


def listed(path: Path) -> dict[str, list[str]]:
    """Captions by image of a JSON file, or by line."""
    if path.suffix != ".json":
        return {str(n): [line] for n, line in enumerate(path.read_text(encoding="utf-8").splitlines())}
    read = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(read, dict) and "annotations" not in read:
        return {str(id): [few] if isinstance(few, str) else list(few) for id, few in read.items()}
    found: dict[str, list[str]] = {}
    for row in read["annotations"] if isinstance(read, dict) else read:
        found.setdefault(str(row["image_id"]), []).append(row["caption"])
    return found


def pointed_to(candidates: Path, references: Sequence[Path]) -> Pool:
    said, known = listed(candidates), [listed(path) for path in references]
    return [(said[id][0], [text for side in known for text in side[id]]) for id in said if all(id in side for side in known)]


def resampled(pool: Pool, size: int, rng: random.Random, *, splice: bool) -> dict[str, Any]:
    """So many images with one candidate and five references each."""

    def changed(text: str) -> str:
        if not splice:
            return text
        words, other = text.split(), rng.choice(rng.choice(pool)[1]).split()
        return " ".join(words[: len(words) // 2] + other[len(other) // 2 :])

    drawn = [rng.choice(pool) for _ in range(size)]
    return {
        "candidates": {str(n): changed(text) for n, (text, _) in enumerate(drawn)},
        "references": {str(n): [changed(texts[k % len(texts)]) for k in range(5)] for n, (_, texts) in enumerate(drawn)},
    }


def tool_of(python: str) -> str:
    """Which peer an environment has."""
    code = f"from importlib.util import find_spec; print([n for n in {list(PEER)} if find_spec(n)][0])"
    return PEER[subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()]


def folder_of(python: str) -> Path:
    """Where pycocoevalcap is: it carries METEOR's tables."""
    code = "import pycocoevalcap; print(pycocoevalcap.__path__[0])"
    return Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())


def run(python: str, tool: str, data: Path, options: Sequence[str]) -> dict[str, Any] | None:
    out = data.with_suffix(".out")
    done = subprocess.run([python, str(WORKER), tool, str(data), str(out), *options], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{tool} {' '.join(options)} failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def measured(tools: dict[str, str], data: Path, runs: int, options: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """Runs of each tool, in turns, so that a busy spell of the machine falls on all of them."""
    found: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool, python in tools.items():
            if one := run(python, tool, data, options.get(tool, [])):
                found[tool].append(one)
    return {tool: rows for tool, rows in found.items() if rows}


def shown(found: dict[str, list[dict[str, Any]]], stages: Sequence[str], size: int) -> None:
    """The table of medians, the ratios, and the largest difference of any score."""
    ours = found["diptych"][0]["scores"]
    rows = {
        tool: {s: median(r["seconds"].get(s, 0.0) for r in runs) for s in (*stages, "load", "intervals")} for tool, runs in found.items()
    }
    total = {tool: sum(row[s] for s in stages) for tool, row in rows.items()}
    print(f"\n{size:,} candidates, five references each; median of {len(found['diptych'])} runs, seconds")
    print(f"{'':14}" + "".join(f"{tool + ' ' + runs[0]['version']:>22}" for tool, runs in found.items()))
    for stage in (*stages, "load", "intervals"):
        if any(row[stage] for row in rows.values()):
            print(f"{stage:14}" + "".join(f"{row[stage]:22.3f}" for row in rows.values()))
    print(f"{'sum of stages':14}" + "".join(f"{value:22.3f}" for value in total.values()))
    print(f"{'times diptych':14}" + "".join(f"{value / total['diptych']:22.1f}" for value in total.values()))
    whole = {tool: total[tool] + rows[tool]["load"] for tool in total}
    print(f"{'load included':14}" + "".join(f"{value / whole['diptych']:22.1f}" for value in whole.values()))
    print(f"{'memory, MB':14}" + "".join(f"{median(r['memory'] for r in runs):22.0f}" for runs in found.values()))
    print(f"{'children, MB':14}" + "".join(f"{median(r['java'] for r in runs):22.0f}" for runs in found.values()))
    apart = {
        tool: max((differ(ours[name], score) for name, score in runs[0]["scores"].items() if name in ours), default=float("nan"))
        for tool, runs in found.items()
    }
    print(f"{'differs by':14}" + "".join(f"{value:22.3g}" for value in apart.values()) + "   largest of any image and of the whole")


def differ(ours: tuple[float, list[float]], theirs: tuple[float, list[float]]) -> float:
    return max(abs(a - b) for a, b in zip([ours[0], *ours[1]], [theirs[0], *theirs[1]], strict=True))


def ten_captions(pool: Pool, folder: Path, runs: int) -> None:
    """The whole command, start-up and intervals included."""
    names = [str(folder / name) for name in ("ten-candidates.json", "ten-references.json")]
    data = resampled(pool, 10, random.Random(0), splice=False)
    for name, key in zip(names, ("candidates", "references"), strict=True):
        Path(name).write_text(json.dumps(data[key]), encoding="utf-8")
    command = shutil.which("diptych", path=str(Path(sys.executable).parent)) or "diptych"
    taken = []
    for _ in range(max(5, runs)):
        start = perf_counter()
        asked = [command, "measure", "bleu_4,rouge_l,cider", "--candidates", names[0], "--references", names[1]]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"diptych measure failed: {done.stderr.strip()}", file=sys.stderr)
            return
        taken.append(perf_counter() - start)
    print(f"\ndiptych measure bleu_4,rouge_l,cider on ten captions: {median(taken):.2f} s (median of {len(taken)})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="", help="Python of each peer's environment, with commas")
    parser.add_argument("--candidates", type=Path)
    parser.add_argument("--references", type=Path, action="append", default=[])
    parser.add_argument("--sizes", default="5000,25000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--splice", action="store_true")
    parser.add_argument("--no-meteor", action="store_true")
    given = parser.parse_args()
    peers = {tool_of(python): python for python in given.peers.split(",") if python}
    tools = {"diptych": sys.executable} | dict(sorted(peers.items(), reverse=True))  # aac-metrics last: it takes the other's tokens
    pool = pointed_to(given.candidates, given.references) if given.candidates else generated(random.Random(0))
    theirs = folder_of(tools["pycocoevalcap"]) if "pycocoevalcap" in tools else None
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "captions.json")
        for size in map(int, given.sizes.split(",")):
            data.write_text(json.dumps(resampled(pool, size, random.Random(size), splice=given.splice)), encoding="utf-8")
            shown(measured(tools, data, given.runs, {}), STAGES, size)
            if not given.no_meteor:
                with_meteor = {tool: python for tool, python in tools.items() if tool != "aac-metrics"}
                found = measured(
                    with_meteor, data, given.runs, {tool: ["--meteor", *map(str, filter(None, [theirs]))] for tool in with_meteor}
                )
                if "diptych" in found:
                    shown(found, ("meteor",), size)
        ten_captions(pool, Path(folder), given.runs)


if __name__ == "__main__":
    main()
