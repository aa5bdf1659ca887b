"""Make the word table in src/diptych/language/data from lemminflect's inflection table and WordNet's sense counts.

    pip install lemminflect; apt-get install wordnet-base; python scripts/build_lexicon.py

lemminflect (MIT, Brad Jascob) carries inflections of the NIH SPECIALIST lexicon; its licence is copied beside the data. WordNet 3.0's
tag counts say how often a word is used as noun, verb, adjective, adverb. File format: docs/parsing.md.
"""

import argparse
import gzip
import math
import re
from collections import defaultdict
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

LETTERS = {"noun": "n", "propn": "", "verb": "v", "aux": "", "adj": "a", "adv": "r"}
WORDNET = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
FORMS = {"noun": ("S",), "verb": ("D", "N", "G", "Z"), "adj": ("C", "T")}
WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*")


def counts(source: Path) -> dict[tuple[str, str], int]:
    """(word, letter) -> how often WordNet's tagged texts use it so."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for line in (source / "cntlist.rev").read_text().splitlines():
        key, _, count = line.split()
        word, _, rest = key.partition("%")
        found[word, WORDNET[rest[0]]] += int(count)
    return found


def known(source: Path) -> dict[str, str]:
    """Every single word of WordNet -> its letters."""
    found: dict[str, str] = defaultdict(str)
    for name, letter in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
        for line in (source / f"index.{name}").read_text().splitlines():
            word = line.split(" ")[0]
            if not line.startswith("  ") and WORD.fullmatch(word) and len(word) > 2:
                found[word] += letter
    return found


def regular(lemma: str, form: str) -> set[str]:
    """What the rules of diptych.language.lexicon undo."""
    ends = {"S": ("s", "es"), "Z": ("s", "es"), "D": ("ed", "d"), "N": ("ed", "d"), "G": ("ing",), "C": ("er", "r"), "T": ("est", "st")}[
        form
    ]
    stems = {lemma}
    if lemma.endswith("y"):
        stems.add(lemma[:-1] + "i")
    if lemma.endswith("e"):
        stems.add(lemma[:-1])
    if form in "DNGCT":
        stems.add(lemma + lemma[-1])
    return {stem + end for stem in stems for end in ends}


def main() -> None:
    """Read both sources, write the table and the licence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "src/diptych/language/data")
    args = parser.parse_args()
    spec = find_spec("lemminflect")
    assert spec is not None and spec.origin is not None, "pip install lemminflect"
    table = gzip.decompress((Path(spec.origin).parent / "resources/infl_lu.csv.gz").read_bytes()).decode()
    letters: dict[str, set[str]] = defaultdict(set)
    irregular: dict[str, set[str]] = defaultdict(set)
    wordnet = known(args.wordnet)
    for line in table.splitlines():
        lemma, kind, *forms = line.split(",")
        if not WORD.fullmatch(lemma) or not LETTERS.get(kind):
            continue
        if "-" in lemma and lemma not in wordnet:
            continue
        letters[lemma].add(LETTERS[kind])
        for form, spelt in zip(FORMS.get(kind, ()), forms, strict=False):
            for word in filter(None, spelt.split("/")):
                if WORD.fullmatch(word) and (word != lemma or kind == "verb") and word not in regular(lemma, form):
                    irregular[word].add(f"{form}:{lemma}")
            if kind == "verb" and form == "N" and not spelt:
                for word in filter(None, forms[0].split("/")):  # an empty participle is the past form
                    if WORD.fullmatch(word) and word not in regular(lemma, "D"):
                        irregular[word].add(f"N:{lemma}")
    for word, codes in wordnet.items():
        letters[word] |= set(codes)
    used = counts(args.wordnet)
    rows = []
    for word in sorted(letters):
        code = "".join(f"{letter}{min(9, round(math.log2(1 + used.get((word, letter), 0))))}" for letter in sorted(letters[word]))
        rows.append(f"{word} {code.replace('0', '')}")
    odd = [f"{word} {' '.join(sorted(forms))}" for word, forms in sorted(irregular.items())]
    path = args.out / "lexicon.txt.gz"
    path.write_bytes(gzip.compress("\n".join([*rows, "", *odd, ""]).encode(), 9, mtime=0))
    print(path, path.stat().st_size, len(rows), len(odd))
    licence = next(f for f in distribution("lemminflect").files or () if "LICENSE" in f.name)
    (args.out / "LEXICON_LICENSE.txt").write_text(Path(str(licence.locate())).read_text())


if __name__ == "__main__":
    main()
