"""`diptych parse`."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from diptych.cli import usage
from diptych.data.errors import InputError
from diptych.language.parse import parse as graph_of
from diptych.language.parse import parse_with, to_json


def parse(arguments: Sequence[str]) -> int:
    """Captions as scene graphs, one JSON object a line."""
    parser = usage.parser("diptych parse", "What captions say, as scene graphs: one JSON object a line.")
    parser.add_argument("text", nargs="?", help="a caption")
    parser.add_argument("--file", type=Path, help="a file with one caption a line, - for standard input")
    parser.add_argument("--tagger", metavar="spacy:MODEL", help="an installed spaCy model instead of the built-in tagger")
    parser.add_argument("--json", action="store_true", help="as it always does")
    given = parser.parse_args(arguments)
    if (given.text is None) == (given.file is None):
        raise InputError("parse takes either one TEXT or --file FILE")
    for line in (given.text,) if given.file is None else _lines(given.file):
        print(usage.in_json(to_json(line, parse_with(given.tagger, line) if given.tagger else graph_of(line))))
    return 0


def _lines(path: Path) -> Iterator[str]:
    if str(path) == "-":
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    if not path.exists() or path.is_dir():
        raise InputError(f"there is no file {str(path)!r}: give a text file with one caption a line")
    with path.open(encoding="utf-8", errors="replace") as lines:
        yield from (line.rstrip("\n") for line in lines)
