"""Makes tests/measure/meteor_cases.json: hard cases of our own with the digits of METEOR 1.5, and where Java's power is not the nearest.

    python scripts/meteor_reference.py cases REFERENCE_PYTHON
    python scripts/meteor_reference.py powers REFERENCE_PYTHON
    python scripts/meteor_reference.py fuzz REFERENCE_PYTHON CAPTIONS [--pairs 5000] [--seed 0]

REFERENCE_PYTHON is the interpreter of an environment with pycocoevalcap 1.2; `java` must be on the PATH. "fuzz" compares diptych with
it on pairs made at random from a file of captions (one a line) and odd words, and prints those that differ.
"""

import argparse
import json
import random
import subprocess
import sys
from math import nextafter
from pathlib import Path
from typing import Any

from diptych.measure.meteor import meteor
from diptych.measure.meteor_score import BETA, GAMMA, nearest_power

CASES = Path(__file__).parents[1] / "tests" / "measure" / "meteor_cases.json"
WORKER = """
import json, sys
from pycocoevalcap.meteor.meteor import Meteor
known, said = json.load(sys.stdin)
meteor = Meteor()
meteor.lock.acquire()
counts = [[int(float(one)) for one in meteor._stat(said[id][0], known[id]).split()] for id in known]
meteor.lock.release()
print(json.dumps([*meteor.compute_score(known, said), counts]))
"""
POWERS = """
import json, sys
from pycocoevalcap.meteor.meteor import Meteor
meteor = Meteor()
rows = json.load(sys.stdin)
meteor.meteor_p.stdin.write(("EVAL" + "".join(" ||| " + " ".join(map(str, row)) for row in rows) + "\\n").encode())
meteor.meteor_p.stdin.flush()
print(json.dumps([float(meteor.meteor_p.stdout.readline()) for _ in rows]))
"""
OWN = [  # candidate, references
    ("a man riding a horse", ["a man rides a horse on the beach", "the person is on the horse"]),
    ("", ["a man"]), ("a", [""]), ("", [""]), ("the of", ["the of"]), ("a man", ["a man", "a man"]),
    ("the the the the the", ["the the the", "the cat the dog the"]),
    ("a dog and a dog and a cat and a cat", ["a cat and a dog and a cat and a dog", "dogs and cats"]),
    ("running runs ran", ["run running", "runs"]), ("the dogs are running", ["a hound runs", "hounds ran"]),
    ("the car stopped next to the house", ["the automobile stopped close to the home", "near the house a car halted"]),
    ("it's a well-known man 's t-shirt", ["the man's well known shirt", "its a known t shirt", "it 's his t - shirt"]),
    ("mr. smith visits the u.s. at 3 p.m.", ["Mr. Smith visits the US at 3 pm", "smith is in the u.s.a. at 3.00 p.m ."]),
    ("no. 5 costs 1,000.50 dollars, or $ 1,000", ["No. 5 costs 1000 dollars", "1,000 dollars for no . 5"]),
    ("a... b -- c --- d 'n' roll", ["a ... b - c d ' n ' roll", "rock 'n' roll"]),
    ("\u201cquoted\u201d \u2018single\u2019 caf\u00e9 \u2013 na\u00efve \u2014 \u00bd", ["\"quoted\" 'single' - naive 1/2", "caf\u00e9"]),
    ("\u4e2d\u6587 \u0416\u0443\u043a \U0001f600 \u00a3 5", ["\u4e2d \u6587 \u0436\u0443\u043a \U0001f600", "5 pounds"]),
    ("\u0130stanbul stra\u00dfe \u03a3\u03a3", ["istanbul strasse \u03c3\u03c2", "i\u0307stanbul"]),
    ("x" * 300, ["x" * 300 + " y", "x"]), ("! ? . , ; :", [". , ! ?", "; :"]),
    ("a group of people standing in front of a building", ["several people are standing outside", "a crowd in front of the house"]),
    ("in front of in front of next to next to", ["next to in front of next to in front of", "before beside"]),
    ("children kids kid child babies", ["kid child children baby kids", "the young"]),
    ("srl it k6 j1und", ["st. k6 it hound", "it srl dog", "srl k6 it hound"]),
    ("as as is us", ["a i u as", "is as"]), ("axes bases lying dying", ["ax axis base basis lie die", "axis"]),
]  # fmt: skip
ODD = [
    *("'s", "n't", "u.s.", "mr.", "1,000", "3.5", "a.m.", "t-shirt", "rock'n'roll", "'90s", "o'clock", "--", "...", "\u201chi\u201d"),
    *(
        "caf\u00e9",
        "\u2014",
        "\U0001f600",
        "running",
        "ran",
        "axes",
        "next to",
        "in front of",
        "as",
        "the the",
        "a a",
        "of",
        "kids",
        "hounds",
    ),
    *("No.", "St.", "x-ray-y", "5'", "$5", "%"),
]


def reference(python: str, worker: str, given: Any) -> Any:
    """What a program answers in the reference's environment."""
    done = subprocess.run([python, "-c", worker], input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def cases(python: str) -> None:
    """Writes the cases with their digits."""
    said = {str(n): [candidate] for n, (candidate, _) in enumerate(OWN)}
    known = {str(n): references for n, (_, references) in enumerate(OWN)}
    corpus, values, counts = reference(python, WORKER, [known, said])
    rows = [
        {"candidate": text, "references": references, "value": value, "counts": count}
        for (text, references), value, count in zip(OWN, values, counts, strict=True)
    ]
    head = {"tool": "pycocoevalcap 1.2, METEOR 1.5, OpenJDK 17", "made by": "scripts/meteor_reference.py cases", "corpus": corpus}
    lines = ",\n".join(json.dumps(row) for row in rows)
    CASES.write_text(f'{json.dumps(head)[:-1]}, "rows": [\n{lines}\n]}}\n', encoding="utf-8")


def powers(python: str, most: int = 600) -> None:
    """Prints the pairs (chunks, matched words of both sides) where the penalty is not made from the nearest number to the power."""
    pairs = [(chunks, both) for both in range(2, most + 1) for chunks in range(2, both // 2 + 1)]
    rows = [[b // 2, b - b // 2, 0, 0, b // 2, b - b // 2, *[0] * 14, c, b // 2, b - b // 2] for c, b in pairs]
    found = reference(python, POWERS, rows)
    print(f"beta {BETA}")
    for pair, value in zip(pairs, found, strict=True):
        nearest = nearest_power(pair[0] / (pair[1] / 2))
        if value != 1 - GAMMA * nearest:
            print(pair, "above" if value == 1 - GAMMA * nextafter(nearest, 2) else "below")


def mixed(rng: random.Random, captions: list[str]) -> str:
    """A caption, its words shuffled, cut or repeated, with words of another one and odd ones."""
    words = rng.choice(captions).split()
    for _ in range(rng.randint(0, 4)):
        place = rng.randrange(len(words) + 1)
        words[place : place + rng.randint(0, 2)] = rng.choice([rng.choice(ODD).split(), rng.choice(captions).split()[:3], words[:2]])
    if rng.random() < 0.2:
        rng.shuffle(words)
    return " ".join(words * rng.choice((1, 1, 1, 1, 2)))


def fuzz(python: str, path: str, pairs: int, seed: int) -> None:
    """Compares the two on random pairs."""
    rng = random.Random(seed)
    captions = [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    said, known = {}, {}
    for n in range(pairs):
        base = mixed(rng, captions)
        said[str(n)] = [base]
        near = [" ".join(word for word in base.split() if rng.random() < 0.7) or "a" for _ in range(2)]
        known[str(n)] = [*near, *(mixed(rng, captions) for _ in range(rng.randint(0, 3)))]
    corpus, values, _ = reference(python, WORKER, [known, said])
    ours = meteor({id: few[0] for id, few in said.items()}, known, tokenizer="none", resamples=0)
    different = [id for id, one, other in zip(said, values, ours.values_N.tolist(), strict=True) if one != other]
    print(f"{ours.name}: {pairs - len(different)} of {pairs} images equal, corpus {ours.value!r} {corpus!r} {ours.value == corpus}")
    for id in different[:10]:
        print(json.dumps([said[id], known[id], values[int(id)], ours.per_image[id]]))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cases", "powers", "fuzz"))
    parser.add_argument("python")
    parser.add_argument("captions", nargs="?")
    parser.add_argument("--pairs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.what == "fuzz":
        if not given.captions:
            sys.exit("fuzz needs a file of captions")
        fuzz(given.python, given.captions, given.pairs, given.seed)
    else:
        {"cases": cases, "powers": powers}[given.what](given.python)


if __name__ == "__main__":
    main()
