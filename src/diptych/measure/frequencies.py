"""Document frequencies for CIDEr-D: in how many images' references each n-gram is; made, saved as plain arrays, loaded.

Shapes: G n-grams of 1 to 4 words, each its first words (a place among the n-grams, -1 for none) and its last word; V words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError, SourceError
from diptych.measure.inputs import References
from diptych.measure.ngrams import Corpus, Tokenizer, prepare

Ints = NDArray[np.int32]
_ARRAYS = {"parents_G": np.int32, "lasts_G": np.int32, "counts_G": np.int32}
_BYTES = 4_000_000_000  # unpacked
# what numpy and zipfile raise for files that are none, cut short, changed or made to do harm
_BROKEN = (OSError, ValueError, KeyError, EOFError, TypeError, ArithmeticError, MemoryError, RuntimeError, BadZipFile, ZlibError)


@dataclass(frozen=True)
class Frequencies:
    """In how many of `images` images an n-gram is said by at least one reference. Parents stand before their children.

    Load once for many calls: the first look-up sorts the table, later ones cost what their own captions do.
    """

    images: int
    words: tuple[str, ...]
    parents_G: Ints
    lasts_G: Ints
    counts_G: Ints
    source: str = ""
    tokens: str = ""  # how they were made, as a corpus tells it

    def __len__(self) -> int:
        return len(self.counts_G)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each n-gram as one number, ascending, and the place it stands at."""
        keys = (self.parents_G.astype(np.int64) + 1) * max(1, len(self.words)) + self.lasts_G
        order = np.argsort(keys)
        return keys[order], order

    def of(self, corpus: Corpus) -> Ints:
        """The frequency of each of the corpus's n-grams; 0 for those unknown here. InputError for other tokens than were counted."""
        if self.tokens != corpus.tokens:
            raise InputError(
                f"document frequencies were counted over {self.tokens!r}, the captions are {corpus.tokens!r}: use one tokenizer for both"
            )
        bags = corpus.bags
        keys, order = self._sorted
        word_V = np.array([self._places.get(word, -1) for word in corpus.vocabulary] or [-1], np.int64)
        width = max(1, len(self.words))
        found = np.full(len(bags.parents_G) + 1, -1, np.int64)  # the last place is that of no parent, -1
        for at in _by_length(bags.parents_G):
            parents, lasts = found[bags.parents_G[at]], word_V[bags.lasts_G[at]]
            known = (lasts >= 0) & ((parents >= 0) | (bags.parents_G[at] < 0))
            wanted = (parents + 1) * width + lasts
            spot = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
            if len(keys):
                found[at] = np.where(known & (keys[spot] == wanted), order[spot], -1)
        counts: Ints = np.zeros(len(bags.parents_G), np.int32)
        listed = np.flatnonzero(found[:-1] >= 0)
        counts[listed] = self.counts_G[found[listed]]
        return counts

    def count(self, ngram: str) -> int:
        """The frequency of one n-gram, its words parted by spaces."""
        at = -1
        for word in ngram.split():
            nodes = np.flatnonzero((self.parents_G == at) & (self.lasts_G == self._places.get(word, -2)))
            if not len(nodes):
                return 0
            at = int(nodes[0])
        return int(self.counts_G[at]) if at >= 0 else 0

    def save(self, path: str | PathLike[str]) -> None:
        """Writes an .npz file of plain arrays, without pickle."""
        words, source, tokens = (np.frombuffer(text.encode(), np.uint8) for text in ("\n".join(self.words), self.source, self.tokens))
        parents, lasts, counts = self.parents_G, self.lasts_G, self.counts_G
        with Path(path).open("wb") as file:
            np.savez_compressed(
                file, images=np.array(self.images), words=words, source=source, tokens=tokens,
                parents_G=parents, lasts_G=lasts, counts_G=counts,
            )  # fmt: skip

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Frequencies":
        """Reads what `save` wrote; SourceError for one that is missing, broken, too large or holds objects (never unpickled)."""
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if (size := sum(member.file_size for member in stored.zip.infolist())) > _BYTES:
                    raise ValueError(f"{size:,} bytes unpacked, at most {_BYTES:,}")
                arrays = {name: stored[name].astype(kind) for name, kind in _ARRAYS.items()}
                text = {name: stored[name].tobytes().decode() for name in ("words", "source", "tokens")}
                images = int(stored["images"])
        except _BROKEN as error:
            raise SourceError(
                f"{path} holds no document frequencies ({_why(error)}): make them with --save-frequencies FILE or"
                " document_frequencies(...).save"
            ) from error
        words = tuple(text["words"].split("\n")) if text["words"] else ()
        read = cls(images, words, source=text["source"], tokens=text["tokens"], **arrays)
        _check(read, str(path))
        return read


def document_frequencies(references: References, *, tokenizer: Tokenizer = "ptb", source: str = "") -> Frequencies:
    """Document frequencies over images' references; `source` says which, and is told by what is scored with them.

    Raises InputError as `prepare` does, and for no image.
    """
    empty: Mapping[str, str] | Sequence[str] = dict.fromkeys(references, "") if isinstance(references, Mapping) else [""] * len(references)
    return frequencies_of(prepare(empty, references, tokenizer=tokenizer), source=source)


def frequencies_of(corpus: Corpus, *, source: str = "") -> Frequencies:
    """Those of a prepared corpus's references."""
    if not len(corpus):
        raise InputError("document frequencies need the references of at least one image, got none")
    bags = corpus.bags
    kept = np.flatnonzero(bags.frequency_G > 0)
    place = np.full(len(bags.frequency_G) + 1, -1, np.int32)
    place[kept] = np.arange(len(kept))
    said = np.unique(bags.lasts_G[kept])
    word_V = np.zeros(len(corpus.vocabulary) + 1, np.int32)
    word_V[said] = np.arange(len(said))
    words = tuple(corpus.vocabulary[number] for number in said.tolist())
    parents, lasts = place[bags.parents_G[kept]], word_V[bags.lasts_G[kept]]
    return Frequencies(len(corpus), words, parents, lasts, bags.frequency_G[kept], source, corpus.tokens)


def _by_length(parents_G: Ints) -> list[NDArray[np.int64]]:
    """Places of n-grams of one word, of two, and so on."""
    depth = np.zeros(len(parents_G) + 1, np.int8)
    at = np.flatnonzero(parents_G < 0)
    rows: list[NDArray[np.int64]] = []
    while len(at):
        rows.append(at)
        depth[at] = len(rows)
        at = np.flatnonzero((parents_G >= 0) & (depth[parents_G] == len(rows)) & (depth[:-1] == 0))
    return rows


def _why(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, KeyError):
        return "an array is missing"
    return "it is no .npz file" if "pickle" in str(error) or isinstance(error, EOFError) else str(error)


def _check(read: Frequencies, path: str) -> None:
    """Arrays of one length, places within bounds."""
    parents, lasts, counts = read.parents_G, read.lasts_G, read.counts_G
    fit = parents.ndim == lasts.ndim == counts.ndim == 1 and len(parents) == len(lasts) == len(counts)
    if fit and len(read):
        earlier = (parents >= -1) & (parents < np.arange(len(parents)))
        listed = (lasts >= 0) & (lasts < len(read.words))
        fit = bool((earlier & listed & (counts >= 1) & (counts <= read.images)).all())
    if not fit or read.images < 1:
        raise SourceError(f"{path} holds document frequencies that contradict themselves: make them anew")
