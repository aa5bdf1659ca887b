"""Asks the reference tokeniser (Java, through an installed pycocoevalcap) what it makes of strings; nothing of it is read or copied.

    python scripts/ptb_reference.py cases      writes tests/language/ptb_cases.jsonl, the tokens our tests compare with
    python scripts/ptb_reference.py classes    writes scripts/ptb_classes.txt, which characters it treats alike
    python scripts/ptb_reference.py digests DATA   writes tests/language/ptb_digests.json: hashes of its tokens for files of captions
    PYTHONPATH=src python scripts/ptb_reference.py compare FILE...    counts captions whose tokens differ (every text in a .json, or lines)
    PYTHONPATH=src python scripts/ptb_reference.py random FILE         the same for 200,000 odd captions of three kinds

Run with a Python that has pycocoevalcap, and `java` on the PATH.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from hashlib import blake2b
from pathlib import Path

from ptb_cases import composed, documents, mutated, strings

HERE = Path(__file__).parent
JAR = "stanford-corenlp-3.4.1.jar"
BREAKS = {0xA, 0xB, 0xC, 0xD, 0x2028, 0x2029}
CONTEXTS = [
    *("a @ b", "a@b", "@", "1@2", "$ @5", "A@", "@a", "a @@ b", "5@", "x@.", "'@", "#a@b", "x@b c", "a-@b", "a.@.", "http://www.a@b.com/"),
    *("<a@>", "y@a.com", "aaa@com", "²@", "₂@", "„@", "is@s y", "d@ab", "p.@The x", "@²x"),
]
# which sign stands for a family in ptb_rules.py, and one member of it
FAMILIES = {
    "\x01": 1,
    "é": 0xE9,
    "\u0301": 0x301,
    "٠": 0x660,
    "§": 0xA7,
    "–": 0x2013,
    "€": 0x80,
    "‘": 0x91,
    "’": 0x92,
    "“": 0x93,
    "”": 0x94,
}
FAMILIES |= {"‐": 0x2010, "٫": 0x66B, "²": 0xB3, "⁻": 0x207B, "₂": 0x2080, "„": 0x201A, "…": 0x2026, "\u2003": 0x2003}


def wrapper(captions: list[str]) -> list[str]:
    """What pycocoevalcap's PTBTokenizer gives for captions in this order."""
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer  # noqa: PLC0415 -- absent from our own environment

    return [tokens[0] for tokens in PTBTokenizer().tokenize({n: [{"caption": c}] for n, c in enumerate(captions)}).values()]


def raw(lines: list[str]) -> list[str]:
    """The Java program's own lines, capitals kept."""
    import pycocoevalcap.tokenizer  # noqa: PLC0415

    folder = Path(next(iter(pycocoevalcap.tokenizer.__path__)))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write("\n".join(lines))
        file.flush()
        command = ["java", "-cp", str(folder / JAR), "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", file.name]
        shown = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, env=os.environ | {"LC_ALL": "C.UTF-8"}
        )
    return shown.stdout.decode().split("\n")[: len(lines)]


def classes() -> str:
    """Where a run of code points of one family starts, and the sign of the family, both in hexadecimal."""
    points = [c for c in range(0x10000) if c not in BREAKS and not 0xD800 <= c < 0xE000]
    behaviour: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(points), 10000):
        part = points[start : start + 10000]
        got = raw([context.replace("@", chr(c)) for c in part for context in CONTEXTS])
        for n, c in enumerate(part):
            behaviour[c] = tuple(line.replace(chr(c), "@") for line in got[n * len(CONTEXTS) : (n + 1) * len(CONTEXTS)])
    members = defaultdict(list)
    for c in points:
        members[behaviour[c]].append(c)
    sign = {c: name for name, one in FAMILIES.items() for c in members[behaviour[one]]}
    sign |= {0x85: "…", 0xA0: "\xa0"} | dict.fromkeys(BREAKS - {0xD}, "\n") | dict.fromkeys(range(0xD800, 0xE000), "\x01")
    signs = [sign.get(c, chr(c)) if c >= 0x80 or sign.get(c) in ("\x01", "\n") else chr(c) for c in range(0x10000)]
    starts = [c for c in range(0x10000) if c == 0 or signs[c] != signs[c - 1]]
    return "".join(f"{c:x} {ord(signs[c]):x}\n" for c in starts)


def texts(value: object) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return texts([*value.values()])
    return [text for part in value for text in texts(part)] if isinstance(value, list) else [value] if isinstance(value, str) else []


def read(path: Path) -> list[str]:
    """A file's captions."""
    written = path.read_text(encoding="utf-8")
    try:
        return texts(json.loads(written))
    except json.JSONDecodeError:  # lines, or several values
        return written.split("\n")


def compare(name: str, captions: list[str]) -> None:
    """Prints how many captions get the reference's tokens, and the first that don't."""
    from diptych.language.ptb_lines import lines  # noqa: PLC0415 -- the other commands need no diptych

    rows = [*zip(captions, wrapper(captions), lines(captions, each=False), lines(captions, each=True), strict=True)]
    wrong = [row for row in rows if row[1] != row[2]]
    print(f"{name}: {len(rows) - len(wrong)} of {len(rows)} equal; by mode each {sum(row[1] == row[3] for row in rows)}")
    for caption, reference, ours, _ in wrong[:20]:
        print(f"  {caption!r}\n    reference {reference!r}\n    ours      {ours!r}")


def compare_random(captions: list[str], number: int = 200_000, seed: int = 100) -> None:
    """Compares odd captions: fragments put together, the given captions changed at random, strings of signs."""
    compare("fragments", composed(number, seed))
    compare("changed", mutated(captions, number, seed))
    compare("strings", strings(number, seed))


def digest(tokens: list[str]) -> str:
    """A hash of captions' tokens."""
    return blake2b("\n".join(tokens).encode(), digest_size=16).hexdigest()


def write_digests(data: Path) -> None:
    """Writes a hash of the reference's tokens for every file of captions under the folder."""
    names = ("coco_fakecap/**/*.json", "flickr8k_judgements/*.json", "sugar_crepe/*.json", "countbench/*.json", "pope_captions/c*/I*.json")
    files = [path for name in names for path in sorted(data.glob(name)) if "scores" not in path.name]
    found = {}
    for path in files:
        found[path.relative_to(data).as_posix()] = digest(wrapper(read(path)))
    (HERE.parent / "tests" / "language" / "ptb_digests.json").write_text(json.dumps(found, indent=1) + "\n", encoding="ascii")


def main(what: str, paths: list[str]) -> None:
    """Writes one of the two files, or compares."""
    if what == "classes":
        (HERE / "ptb_classes.txt").write_text(classes(), encoding="ascii")
    elif what == "compare":
        for path in paths:
            compare(path, read(Path(path)))
    elif what == "digests":
        write_digests(Path(paths[0]))
    elif what == "random":
        compare_random(read(Path(paths[0])))
    else:
        write_cases()


def write_cases() -> None:
    """Writes what the reference makes of the hard captions."""
    lines = [
        json.dumps({"document": number, "caption": caption, "tokens": tokens})
        for number, captions in enumerate(documents())
        for caption, tokens in zip(captions, wrapper(captions), strict=True)
    ]
    (HERE.parent / "tests" / "language" / "ptb_cases.jsonl").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
