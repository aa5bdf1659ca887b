"""Functions that stand for a recipe's `one_seed` in worker processes."""

import os
import sys
import time
from pathlib import Path

Numbers = dict[str, dict[str, float]]


def steady(seed: int, budget: str) -> Numbers:
    """The method is 1, 2, 3, ... better than the baseline, which is the seed."""
    print("workers print nothing")
    more = {"full": 1.0, "small": 100.0}[budget]
    return {
        "plain": {"score": seed, "error": 0.5, "kept": 0.8},
        "better": {"score": 2 * seed + more, "error": 0.4, "kept": 0.79},
        "half": {"score": 1.5 * seed, "error": 0.5},
        "oracle": {"score": 50.0},
        "chance": {"score": 0.0},
    }


def threads(seed: int, budget: str) -> Numbers:
    """How many threads torch has, and where it ran."""
    import torch  # noqa: PLC0415

    one = {"score": float(torch.get_num_threads()), "process": float(os.getpid()), "blas": float(os.environ["OMP_NUM_THREADS"])}
    return {"plain": one, "better": one, "oracle": one, "chance": one}


def failing(seed: int, budget: str) -> Numbers:
    """The second seed fails."""
    if seed == 1:
        raise ValueError("no such word")
    return steady(seed, budget)


def dying(seed: int, budget: str) -> Numbers:
    """As when memory runs out."""
    os._exit(9)


def endless(seed: int, budget: str) -> Numbers:
    """Says that it has begun."""
    Path(os.environ["SEEDS_BEGUN"], str(seed)).write_text(str(os.getpid()))
    time.sleep(600)
    return steady(seed, budget)


def uneven(seed: int, budget: str) -> Numbers:
    """Another arm in another seed."""
    return steady(seed, budget) | ({"more": {"score": 0.0}} if seed else {})


if __name__ == "__main__":
    sys.exit("for workers alone")
