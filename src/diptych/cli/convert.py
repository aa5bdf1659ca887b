"""`diptych convert`."""

import sys
from collections import Counter
from collections.abc import Sequence

from diptych.cli import usage
from diptych.data.convert import WRITERS
from diptych.data.convert import convert as written
from diptych.lab.opening import opened


def convert(arguments: Sequence[str]) -> int:
    """One dataset format to another; every row is written or accounted for."""
    parser = usage.parser("diptych convert", convert.__doc__)
    parser.add_argument("source", help="a folder, table, tars, COCO JSON, Hugging Face dataset, run folder, or world:N?noise=.4&seed=0")
    endings = "a path whose ending says the format (.jsonl, .csv, .parquet, .tar, .json, a folder with /)"
    parser.add_argument("dest", help=f"{endings}, or FORMAT:PATH with one of {', '.join(sorted(WRITERS))}")
    parser.add_argument("--captions", default="all", metavar="WHICH", help="all, chosen, alt, proposed, human or style:NAME (default all)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    have = opened(given.source)
    done = written(have.source, given.dest, captions=given.captions, pictures=have.pictures)
    if given.json:
        print(usage.in_json({"path": done.path, "format": done.kind, "written": done.written, "skipped": done.skipped}))
        return 0
    print(usage.visible(f"{done.written} rows written to {done.path} ({done.kind}), {len(done.skipped)} not"))
    for line in usage.few([(number, reason) for reason, number in Counter(reason for _, reason in done.skipped).most_common()]):
        print(f"  {line}", file=sys.stderr)
    return 0
