"""F1 of the parser on 100 annotated captions, with 95 % intervals over captions.

python benchmarks/parse_quality.py [--part second] [--errors]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "language"))

from annotated import KINDS, SAME, Row, annotations, f1, matched, said, tally, text_of

from diptych.language.parse import parse
from diptych.measure.intervals import bootstrap, ratio

ANNOTATORS = {"first": ("annotator_a", "annotator_b"), "second": ("annotator_c", "annotator_d")}


def main() -> None:
    """Prints a table for short, long and all captions, against what is agreed and against each annotator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=ANNOTATORS, default="second", help="first is development data, second is blind")
    parser.add_argument("--errors", action="store_true", help="list what was missed and added in the first part")
    given = parser.parse_args()
    if given.errors:
        return errors()
    parsed = [said(parse(text_of(row))) for row in annotations(given.part)]
    for name in ("agreed", *ANNOTATORS[given.part]):
        rows = annotations(given.part, name)
        for label, keep in (("short", slice(0, 70)), ("long", slice(70, 100)), ("all", slice(0, 100))):
            cells = [scored(kind, parsed[keep], rows[keep]) for kind in KINDS]
            print(f"{name:12s} {label:6s} " + "  ".join(cells))
    one, other = (annotations(given.part, name) for name in ANNOTATORS[given.part])
    both = [f1([tally(b, a, kind) for a, b in zip(one, other, strict=True)])[2] for kind in KINDS]
    print("one annotator against the other: " + "  ".join(f"{kind} {score:.3f}" for kind, score in zip(KINDS, both, strict=True)))
    return None


def scored(kind: str, parsed: list[Row], rows: list[Row]) -> str:
    """F1 with its interval, precision and recall."""
    counts = [tally(found, wanted, kind) for found, wanted in zip(parsed, rows, strict=True)]
    precision, recall, score = f1(counts)
    spread = bootstrap([(2 * hits, found + wanted) for hits, found, wanted in counts], ratio, name=kind)
    return f"{kind} {score:.3f} [{spread.low:.2f}, {spread.high:.2f}] (P {precision:.2f} R {recall:.2f})"


def errors() -> None:
    """What was missed and added, of the development data only."""
    for row in annotations("first"):
        found = said(parse(text_of(row)))
        print(f"\n{text_of(row)}")
        for kind in KINDS[:3]:
            _, over = matched(found[kind], row[kind], SAME[kind])
            _, missed = matched(row[kind], found[kind], SAME[kind])
            print(f"  {kind}: missed {missed}, added {over}")


if __name__ == "__main__":
    main()
