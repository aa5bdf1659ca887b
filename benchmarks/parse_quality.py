"""F1 of the parser on 100 annotated captions that its author has not seen, with 95 % intervals over captions.

python benchmarks/parse_quality.py [--errors]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "language"))

from annotated import KINDS, SAME, annotations, f1, matched, said, tally, text_of

from diptych.language.parse import parse
from diptych.measure.intervals import bootstrap, ratio


def main() -> None:
    """Prints a table for short, long and all captions, against the agreed annotation and against each annotator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list what was missed and added (not for the parser's author)")
    given = parser.parse_args()
    parsed = [said(parse(text_of(row))) for row in annotations("agreed")]
    for name in ("agreed", "annotator_a", "annotator_b"):
        rows = annotations(name)
        for label, keep in (("short", slice(0, 70)), ("long", slice(70, 100)), ("all", slice(0, 100))):
            cells = []
            for kind in KINDS:
                counts = [tally(found, wanted, kind) for found, wanted in zip(parsed[keep], rows[keep], strict=True)]
                precision, recall, score = f1(counts)
                spread = bootstrap([(2 * hits, found + wanted) for hits, found, wanted in counts], ratio, name=kind)
                cells.append(f"{kind} {score:.3f} [{spread.low:.2f}, {spread.high:.2f}] (P {precision:.2f} R {recall:.2f})")
            print(f"{name:12s} {label:6s} " + "  ".join(cells))
    both = [
        f1([tally(b, a, kind) for a, b in zip(annotations("annotator_a"), annotations("annotator_b"), strict=True)])[2] for kind in KINDS
    ]
    print("annotator B against A: " + "  ".join(f"{kind} {score:.3f}" for kind, score in zip(KINDS, both, strict=True)))
    if given.errors:
        for row, found in zip(annotations("agreed"), parsed, strict=True):
            print(f"\n{text_of(row)}")
            for kind in KINDS[:3]:
                _, over = matched(found[kind], row[kind], SAME[kind])
                _, missed = matched(row[kind], found[kind], SAME[kind])
                print(f"  {kind}: missed {missed}, added {over}")


if __name__ == "__main__":
    main()
