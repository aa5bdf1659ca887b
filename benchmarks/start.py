"""How long `diptych --help`, `list` and `show` take, medians of ten fresh processes (the promise is 0.3 s).

python benchmarks/start.py
"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

COMMAND = Path(sys.executable).parent / "diptych"


def main() -> None:
    """Prints one line a command."""
    for words in (["--help"], ["list"], ["show", "visual_fact_checker"], ["parse", "a dog"]):
        seconds = [timed(words) for _ in range(10)]
        print(f"diptych {' '.join(words)}: median {median(seconds):.3f} s, {min(seconds):.3f} to {max(seconds):.3f}")


def timed(words: list[str]) -> float:
    """Wall seconds of one process."""
    started = perf_counter()
    subprocess.run([COMMAND, *words], check=True, capture_output=True)
    return perf_counter() - started


if __name__ == "__main__":
    main()
