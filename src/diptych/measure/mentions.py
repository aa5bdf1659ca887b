"""Which of the 80 COCO classes a text mentions: by a synonym list in CHAIR's format, or by WordNet on the parsed nouns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from diptych.data.errors import SourceError
from diptych.language.parse import parse
from diptych.language.wordnet import singular
from diptych.measure.classes import COCO, DOUBLES, class_of

_WANTED = "write a line for each class, its name first, its other words after a comma and a blank each"
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LIST_BYTES = 1_000_000
_NAME_WORDS = 4
_ODD = 0.1  # of a list's words; more and the file is something else
_IN_NAMES = " -'./&()"


class Mentions(Protocol):
    """Reads the classes that a text mentions, in order, once for each mention; `how` says by what rule."""

    @property
    def how(self) -> str:
        """The rule and its settings."""

    def __call__(self, text: str) -> tuple[str, ...]:
        """Classes in order of mention."""


@dataclass(frozen=True, slots=True)
class ListedWords:
    """Every word or double word of the text that stands in the list, whatever its part of speech (an orange cat mentions an orange)."""

    names: Mapping[str, str] = field(repr=False)  # word, singular -> class
    how: str = "synonym list"

    def __call__(self, text: str) -> tuple[str, ...]:
        """Classes in order of mention."""
        words = _joined([singular(word) for word in _TOKEN.findall(text.lower())])
        if "toilet" in words:
            words = [word for word in words if word != "seat"]
        return tuple(self.names[word] for word in words if word in self.names)


def read_synonyms(path: str | Path) -> ListedWords:
    """A list in CHAIR's format: a line for each class, its name first, its other words after commas.

    Read as the released code reads it, so that figures agree: a word with a stray blank or a capital letter in the list never matches.
    Singulars are ours and not those of the library that code used. Raises SourceError for a file that is missing, too large, no text or no
    list: more than a tenth of its words are no names (over four words, or signs that names do not have).
    """
    file = Path(path)
    try:
        if file.stat().st_size > _LIST_BYTES:
            raise SourceError(f"{file} has over {_LIST_BYTES:,} bytes: a synonym list has one short line for each class")
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "it cannot be opened") if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SourceError(f"{str(file)!r} cannot be read as a synonym list ({why}): {_WANTED}") from error
    rows = [line.strip().split(", ") for line in lines if line.strip()]
    _refuse_other_files(file, rows)
    classes = f"{len(rows)} class{'es' * (len(rows) > 1)}"
    return ListedWords({word: row[0] for row in rows for word in row}, f"synonym list {file.name}, {classes}, every mention")


def _refuse_other_files(file: Path, rows: list[list[str]]) -> None:
    words = [word for row in rows for word in row]
    odd = [word for word in words if not _is_name(word)]
    if not words or len(odd) > _ODD * len(words):
        which = f"{len(odd)} of its {len(words)} words are no names, such as {odd[0]!r:.60}" if odd else "it is empty"
        raise SourceError(f"{file} is no synonym list ({which}): {_WANTED}")


def _is_name(word: str) -> bool:
    return len(word.split()) <= _NAME_WORDS and any(map(str.isalpha, word)) and all(sign.isalnum() or sign in _IN_NAMES for sign in word)


def classes_named(name: str, reader: Mentions) -> frozenset[str]:
    """The classes that an object's name stands for, as the reader reads a caption's words: in capitals, plural, or a synonym; none for
    a name of no class. Of a reader of the caller's own nothing is known, so that the name is taken as it stands."""
    plain = " ".join(name.lower().replace("_", " ").split())
    spelt = (name, plain, singular(plain))
    if isinstance(reader, ListedWords):
        known = next((reader.names[one] for one in spelt if one in reader.names), "")
        return frozenset((known,) if known else reader(plain))
    if isinstance(reader, WordNetNouns):
        return frozenset(filter(None, [next(filter(None, (class_of(one, reader.classes) for one in spelt)), "")]))
    return frozenset((name,))


def _joined(words: list[str]) -> list[str]:
    """Double words made one, from the left."""
    found: list[str] = []
    at = 0
    while at < len(words):
        double = DOUBLES.get(" ".join(words[at : at + 2])) if at + 1 < len(words) else None
        found.append(double or words[at])
        at += 2 if double else 1
    return found


@dataclass(frozen=True, slots=True)
class WordNetNouns:
    """The nouns that the parser finds, denied and hedged ones left out, joined to classes by WordNet; no list is needed."""

    classes: tuple[str, ...] = COCO
    how: str = "COCO classes by WordNet over parsed nouns, every mention"

    def __call__(self, text: str) -> tuple[str, ...]:
        """Classes in order of mention."""
        found = (class_of(noun, self.classes) for noun in stated_nouns(text))
        return tuple(name for name in found if name)


def stated_nouns(text: str) -> tuple[str, ...]:
    """The things that a text says are there, singular, in order of mention: denied and hedged ones left out."""
    return tuple(e.noun for e in parse(text).entities if not e.negated and not e.hedged)
