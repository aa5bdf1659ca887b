"""Compiles METEOR's data files into the arrays of `meteor_tables`: once for each version of the data, in about ten seconds."""

import gzip
import zipfile
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Numbers = defaultdict[bytes, int]
Ints = NDArray[np.int32]
_BLOCK = 1 << 22  # bytes of text at a time
_PHRASES = 200_000  # phrases at a time


def build(archive: Path, paraphrases: Path) -> dict[str, NDArray[np.generic]]:
    """All arrays, from the archive (WordNet's tables, function words, abbreviations) and the paraphrases (threes of lines)."""
    phrases, sources, targets = _pairs(paraphrases)
    words: Numbers = defaultdict(count().__next__)
    ids, offsets = _spelt_out(phrases, words)
    with zipfile.ZipFile(archive) as jar:
        sets, forms = _wordnet(jar, words)
        lists = {
            "function": _listed(_lines(jar, "function/english.words")),
            "prefixes": _prefixes(_lines(jar, "nonbreaking/english.prefixes")),
        }
    children, last, node_P = _tree(ids, offsets, len(words))
    near_at, near = _grouped(node_P[sources], node_P[targets], len(last))
    text, spelt, slots = _hashed(list(words))
    return {
        "text": text, "spelt": spelt, "slots": slots, "children": children, "last": last, "near_at": near_at, "near": near,
        "sets_at": sets[0], "sets": sets[1], "forms_at": forms[0], "forms": forms[1], **lists,
    }  # fmt: skip


def _pairs(path: Path) -> tuple[Numbers, Ints, Ints]:
    """Phrases by their number, and the two sides of each pair, in the file's order."""
    phrases: Numbers = defaultdict(count().__next__)
    sources, targets = array("i"), array("i")
    for lines in _triples(path):
        sources.extend(map(phrases.__getitem__, lines[1::3]))
        targets.extend(map(phrases.__getitem__, lines[2::3]))
    return phrases, np.frombuffer(sources, np.int32), np.frombuffer(targets, np.int32)


def _triples(path: Path) -> Iterator[list[bytes]]:
    """Lines some at a time, by whole threes."""
    left = b""
    with gzip.open(path, "rb") as file:
        while block := file.read(_BLOCK):
            lines = (left + block).split(b"\n")
            whole = (len(lines) - 1) // 3 * 3
            yield lines[:whole]
            left = b"\n".join(lines[whole:])
    if left.count(b"\n") >= 2:
        yield left.split(b"\n")[:3]


def _spelt_out(phrases: Iterable[bytes], words: Numbers) -> tuple[Ints, NDArray[np.int64]]:
    """Phrases as numbers of words; new words are added to `words`."""
    listed = list(phrases)
    ids = array("i")
    for at in range(0, len(listed), _PHRASES):
        ids.extend(map(words.__getitem__, b" ".join(listed[at : at + _PHRASES]).split(b" ")))
    lengths = np.fromiter((phrase.count(b" ") + 1 for phrase in listed), np.int64, len(listed))
    return np.frombuffer(ids, np.int32), np.concatenate(([0], np.cumsum(lengths)))


def _tree(ids: Ints, offsets: NDArray[np.int64], words: int) -> tuple[Ints, Ints, Ints]:
    """First child of each node, last word of each node, and the node of each phrase.

    Nodes of one word are the words; the others stand by length, then parent, then word, so that siblings are neighbours.
    """
    lengths = np.diff(offsets)
    node_P = ids[offsets[:-1]].astype(np.int64)
    parents, lasts, known = [np.full(words, -1, np.int64)], [np.arange(words)], words
    for place in range(1, int(lengths.max(initial=1))):
        longer = np.flatnonzero(lengths > place)
        keys, node = np.unique((node_P[longer] << 32) | ids[offsets[longer] + place], return_inverse=True)
        node_P[longer] = node + known
        parents.append(keys >> 32)
        lasts.append(keys & 0xFFFFFFFF)
        known += len(keys)
    children = np.searchsorted(np.concatenate(parents)[words:], np.arange(known + 1)) + words
    return children.astype(np.int32), np.concatenate(lasts).astype(np.int32), node_P.astype(np.int32)


def _grouped(keys: Ints, values: Ints, size: int) -> tuple[Ints, Ints]:
    """Values by key, in their order: where each key's begin, and all of them."""
    at = np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=size))))
    return at.astype(np.int32), values[np.argsort(keys, kind="stable")]


def _wordnet(jar: zipfile.ZipFile, words: Numbers) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Synonym sets of each single word, and base forms of each irregular one."""
    synsets = _lines(jar, "synonym/english.synsets")
    sets = [(words[word], int(one)) for word, few in _couples(synsets) if b"_" not in word for one in few.split()]
    exceptions = _lines(jar, "synonym/english.exceptions")
    forms = [(words[form], words[base]) for base, few in _couples(exceptions) for form in few.split()]
    return _table(sets, len(words)), _table(forms, len(words))


def _couples(lines: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(lines[0::2], lines[1::2], strict=False)


def _table(pairs: list[tuple[int, int]], size: int) -> tuple[Ints, Ints]:
    both = np.array(pairs, np.int32).reshape(-1, 2)
    return _grouped(both[:, 0], both[:, 1], size)


def _hashed(words: list[bytes]) -> tuple[NDArray[np.uint8], Ints, Ints]:
    """All words one after the other, where each begins, and an open-addressed table of their numbers by checksum."""
    spelt = np.concatenate(([0], np.cumsum(np.fromiter(map(len, words), np.int64, len(words))))).astype(np.int32)
    mask = (1 << (2 * len(words)).bit_length()) - 1
    slots = [-1] * (mask + 1)
    for number, word in enumerate(words):
        slot = crc32(word) & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = number
    return np.frombuffer(b"".join(words), np.uint8), spelt, np.array(slots, np.int32)


def _lines(jar: zipfile.ZipFile, name: str) -> list[bytes]:
    return jar.read(name).replace(b"\r", b"").split(b"\n")


def _listed(lines: Iterable[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"\n".join(lines).strip(), np.uint8)


def _prefixes(lines: Iterable[bytes]) -> NDArray[np.uint8]:
    """Lines of an abbreviation and 1 for those that keep their dot before numbers only."""
    parts = [line.split() for line in lines if line.strip() and not line.startswith(b"#")]
    return _listed(b"%s %d" % (few[0], len(few) > 1) for few in parts)
