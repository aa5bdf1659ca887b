"""Captions parsed a second on one core, nothing cached but words.

    python benchmarks/parse_speed.py [--captions N]

Real COCO captions when ../shared/data is there, else generated ones of the same length. Prints import time, time to the first parse
(which loads the word tables), and captions a second of the second and third pass over the set.
"""

import argparse
import json
import time
from pathlib import Path

SHARED = Path(__file__).parents[1] / "../shared/data/coco_fakecap/examples/gts.json"


def generated(count: int) -> list[str]:
    nouns = [
        "dog",
        "cat",
        "man",
        "woman",
        "bench",
        "horse",
        "table",
        "bowl",
        "pizza",
        "train",
        "umbrella",
        "couch",
        "kite",
        "truck",
        "zebra",
        "child",
    ]
    colours = ["red", "blue", "brown", "black", "white", "green"]
    verbs = ["sitting on", "standing next to", "walking past", "looking at", "holding", "riding"]
    found = []
    for i in range(count):
        one, two, three = nouns[i % 16], nouns[(i // 3 + 5) % 16], nouns[(i // 7 + 11) % 16]
        found.append(f"a {colours[i % 6]} {one} {verbs[i % 6]} a {two} in front of a {colours[i // 5 % 6]} {three}")
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--captions", type=int, default=5000)
    count = arguments.parse_args().captions
    start = time.perf_counter()
    from diptych.language.parse import parse  # noqa: PLC0415 - timed

    imported = time.perf_counter()
    parse("a dog on a mat")
    first = time.perf_counter()
    if SHARED.exists():
        captions = [caption for group in json.loads(SHARED.read_text()).values() for caption in group][:count]
        source = "COCO captions"
    else:
        captions, source = generated(count), "generated captions"
    print(f"import {imported - start:.3f} s, first parse {first - imported:.3f} s")
    for number in range(3):
        start = time.process_time()
        for caption in captions:
            parse.__wrapped__(caption)
        seconds = time.process_time() - start
        words = sum(len(caption.split()) for caption in captions) / len(captions)
        print(f"pass {number + 1}: {len(captions) / seconds:,.0f} {source}/s ({words:.1f} words each)")


if __name__ == "__main__":
    main()
