"""Pictures, scenes and truths a second on one core: python benchmarks/render_speed.py (compiles first, about 10 s once)."""

import time
from collections.abc import Callable

from diptych.world.facts import truth_of
from diptych.world.render import render
from diptych.world.sample import Options, scene_at

SEED = 1


def rate(work: Callable[[int], object], n: int) -> float:
    """Calls a second of processor time; the best of three rounds, as other work on the machine only slows."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for index in range(n):
            work(index)
        best = min(best, time.process_time() - start)
    return n / best


def main() -> None:
    """Prints one line for each figure."""
    start = time.perf_counter()
    first = scene_at(Options(), SEED, 0)
    truth_of(first)
    render(first, size=16)
    print(f"compile or load from cache    {time.perf_counter() - start:8.2f} s")
    scenes = [scene_at(Options(), SEED, index) for index in range(200)]
    print(f"things in a scene, mean       {sum(len(s.things) for s in scenes) / len(scenes):8.2f}")
    print(f"scenes                        {rate(lambda i: scene_at(Options(), SEED, i), 200):8.0f} /s")
    print(f"truths                        {rate(lambda i: truth_of(scenes[i]), 200):8.0f} /s")
    for size, n in ((64, 200), (96, 100), (224, 40)):
        print(f"pictures of {size:3} px            {rate(lambda i, size=size: render(scenes[i], size=size), n):8.0f} /s")


if __name__ == "__main__":
    main()
