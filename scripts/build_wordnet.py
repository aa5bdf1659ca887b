"""Make the compact WordNet extracts in src/diptych/language/data from Debian's wordnet-base.

    apt-get install wordnet-base && python scripts/build_wordnet.py

WordNet 3.0, Princeton University, under its own licence, which is copied beside the data. Nouns: every synset of a physical thing
(descendants of physical_entity that are not processes, and groups and phenomena as such), without taxonomic and proper names, with its
hypernyms. Adjectives: synsets of at least two words. File format: docs/parsing.md.
"""

import argparse
import gzip
import re
from pathlib import Path

LEXNAMES = {3: "t", 5: "a", 6: "f", 8: "b", 13: "e", 14: "g", 15: "l", 17: "o", 18: "p", 19: "h", 20: "v", 27: "s"}
ROOT, PROCESS = "00001930", "00029677"
WORD = re.compile(r"[a-z][a-z'. -]*")
SENSES = 6


def synsets(path: Path):
    """(id, lexicographer file, words, [(pointer, target id)]) of one data file."""
    for line in path.read_text().splitlines():
        if line.startswith("  "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = [fields[4 + 2 * i].replace("_", " ") for i in range(count)]
        start = 4 + 2 * count
        pointers = [tuple(fields[start + 1 + 4 * i : start + 3 + 4 * i]) for i in range(int(fields[start]))]
        yield fields[0], int(fields[1]), words, pointers


def senses(path: Path):
    """word -> its synset ids, commonest first."""
    table = {}
    for line in path.read_text().splitlines():
        if not line.startswith("  "):
            fields = line.split()
            table[fields[0].replace("_", " ")] = fields[-int(fields[2]) :]
    return table


def physical(key, rows) -> bool:
    """Whether a synset descends from physical_entity otherwise than through process."""
    return key == ROOT or (key != PROCESS and any(physical(parent, rows) for parent in rows[key][2]))


def nouns(source: Path):
    """Synset lines, and nouns without a physical sense."""
    rows = {key: (lexname, words, [t for p, t in pointers if p == "@"]) for key, lexname, words, pointers in synsets(source / "data.noun")}
    order = senses(source / "index.noun")

    kept, cased = {}, set()
    for key, (lexname, words, parents) in rows.items():
        cased |= {
            word.lower() for word in words if word != word.lower() and lexname in (5, 6, 20)
        }  # "Frisbee", "Antilope" are no abstract nouns
        if lexname not in LEXNAMES or not (physical(key, rows) or lexname in (14, 19)):
            continue
        ranked = []
        for word in words:
            if WORD.fullmatch(word) and word in order:
                rank = order[word].index(key)
                if rank < SENSES:
                    ranked.append(f"{word}:{rank}" if rank else word)
        kept[key] = (LEXNAMES[lexname], ranked, parents)
    # synsets without words stay only while something below them needs the path
    needed = {key for key, row in kept.items() if row[1]}
    frontier = set(needed)
    while frontier:
        frontier = {p for key in frontier for p in kept[key][2] if p in kept} - needed
        needed |= frontier
    keys = sorted(needed)
    number = {key: i for i, key in enumerate(keys)}
    lines, used = [], set()
    for key in keys:
        letter, ranked, parents = kept[key]
        used |= {w.split(":")[0] for w in ranked}
        up = ",".join(str(number[p]) for p in parents if p in number)
        lines.append(f"{letter}|{up}|{'|'.join(ranked)}")
    used |= cased
    abstract = sorted(w for w in order if w not in used and re.fullmatch(r"[a-z]{2,}", w))
    return lines, abstract


def irregulars(source: Path):
    """Lines "plural singular" of WordNet's exceptions."""
    rows = (line.split()[:2] for line in (source / "noun.exc").read_text().splitlines())
    return [
        f"{plural} {single}" for plural, single in rows if plural != single and (plural + single).isalpha() and (plural + single).islower()
    ]


def adjectives(source: Path):
    """Lines of "word:rank" that share a synset."""
    order = senses(source / "index.adj")
    lines = []
    for key, _, marked, _ in synsets(source / "data.adj"):
        words = [re.sub(r"\(.*\)", "", w) for w in marked]
        ranked = [f"{w}:{order[w].index(key)}" for w in words if WORD.fullmatch(w) and w in order and order[w].index(key) < 3]
        if len(ranked) > 1:
            lines.append("|".join(ranked))
    return sorted(lines)


def write(path: Path, text: str) -> None:
    """Gzip without a time stamp, so that equal data are equal files."""
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(path, path.stat().st_size)


def main() -> None:
    """Read WordNet, write the two extracts and the licence."""
    root = Path(__file__).parents[1]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--out", type=Path, default=root / "src/diptych/language/data")
    args = parser.parse_args()
    lines, abstract = nouns(args.source)
    write(args.out / "wordnet_nouns.txt.gz", "\n".join([*lines, "", *irregulars(args.source), "", *abstract, ""]))
    write(args.out / "wordnet_adjectives.txt.gz", "\n".join([*adjectives(args.source), ""]))
    licence = [
        re.sub(r"^ +[0-9]+ ?", "", line).rstrip() for line in (args.source / "data.noun").read_text().splitlines() if line.startswith("  ")
    ]
    (args.out / "WORDNET_LICENSE.txt").write_text("\n".join(licence) + "\n")


if __name__ == "__main__":
    main()
