"""How long commands take to start, medians of ten fresh processes: help, list and show within 0.3 s, ten captions measured within 1 s.

python benchmarks/start.py
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

COMMAND = Path(sys.executable).parent / "diptych"


def main() -> None:
    """Prints one line a command."""
    with TemporaryDirectory() as folder:
        ten = ["--candidates", str(Path(folder) / "ten.json"), "--references", str(Path(folder) / "refs.json"), "--json"]
        write(Path(folder))
        light = (["--help"], ["list"], ["show", "visual_fact_checker"], ["parse", "a dog"], ["measure"])
        taken = [["measure", names, *ten] for names in ("bleu,rouge_l,cider", "meteor", "facts,scene_graph")]
        for words in (*light, *taken):
            seconds = [timed(words) for _ in range(10)]
            shown = " ".join(words).replace(f"{folder}/", "")
            print(f"diptych {shown}: median {median(seconds):.3f} s, {min(seconds):.3f} to {max(seconds):.3f}")


def write(folder: Path) -> None:
    """Ten captions with five references each."""
    said = {str(n): f"a brown dog number {n} runs over the wet grass" for n in range(10)}
    known = {id: [text, "the dog runs", f"a dog on grass {id}", "one animal outside", "a puppy is running"] for id, text in said.items()}
    (folder / "ten.json").write_text(json.dumps(said), encoding="utf-8")
    (folder / "refs.json").write_text(json.dumps(known), encoding="utf-8")


def timed(words: list[str]) -> float:
    """Wall seconds of one process."""
    started = perf_counter()
    subprocess.run([COMMAND, *words], check=True, capture_output=True)
    return perf_counter() - started


if __name__ == "__main__":
    main()
