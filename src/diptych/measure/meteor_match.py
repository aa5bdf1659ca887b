"""METEOR's alignment of one caption with one reference, in plain Python: candidates of four matchers, then a beam search.

Denkowski and Lavie, 2011, section 2. What the paper leaves open is as the 1.5 program behaves: the order of candidates, the matches
that are settled before the search, totals that are cut to whole numbers, and to which path a distance is added.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diptych.measure.meteor_texts import Texts

BEAM = 40
EXACT, STEM, SYNONYM, PARAPHRASE = range(4)
STATISTICS = 23
"""Of a pair: words, then function words, of candidate and reference; for each matcher content words matched in candidate and
reference and function words matched in both; chunks; words matched in both."""
CHUNKS, MATCHED = 20, 21


class Match(NamedTuple):
    """Words of the reference and of the candidate that one matcher takes to say the same."""

    reference: int
    candidate: int
    reference_length: int
    candidate_length: int
    matcher: int

    @property
    def weight(self) -> int:
        """Words covered on both sides; half of each, cut to a whole number, unless exact."""
        if self.matcher == EXACT:
            return self.reference_length + self.candidate_length
        return self.reference_length // 2 + self.candidate_length // 2

    @property
    def taken(self) -> int:
        """The candidate's words covered, as bits."""
        return ((1 << self.candidate_length) - 1) << self.candidate


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption's words and the phrases in it: start, length, number."""

    words: list[int]
    phrases: list[tuple[int, int, int]]


class Plain:
    """Alignments over prepared texts."""

    def __init__(self, texts: Texts) -> None:
        """Keeps the texts' tables as lists."""
        self._texts = texts
        self._key: list[int] = texts.key_V.tolist()
        self._stem: list[int] = texts.stem_V.tolist()
        self._function: list[int] = texts.function_V.astype(int).tolist()

    def statistics(self) -> NDArray[np.int32]:
        """Counts of each reference with its image's candidate, in order, shape (pairs, STATISTICS)."""
        starts = self._texts.starts.tolist()
        rows: list[list[int]] = []
        for first, end in pairwise(starts):
            candidate = self._caption(first)
            rows.extend(self._counts(candidate, self._caption(row)) for row in range(first + 1, end))
        return np.array(rows, np.int32).reshape(-1, STATISTICS)

    def _caption(self, row: int) -> Caption:
        words, found = self._texts.words, self._texts.phrases
        part = slice(found.offsets[row], found.offsets[row + 1])
        phrases = zip(found.start_O[part].tolist(), found.length_O[part].tolist(), found.phrase_O[part].tolist(), strict=True)
        return Caption(words.ids_T[words.offsets[row] : words.offsets[row + 1]].tolist(), list(phrases))

    def _counts(self, candidate: Caption, reference: Caption) -> list[int]:
        matches, chunks = align(list(self._candidates(candidate, reference)), len(reference.words), len(candidate.words))
        said = [self._function[word] for word in candidate.words]
        known = [self._function[word] for word in reference.words]
        counts = [len(said), len(known), sum(said), sum(known), *[0] * 16, chunks, 0, 0]
        for match in matches:
            sides = ((said, match.candidate, match.candidate_length), (known, match.reference, match.reference_length))
            for side, (words, start, length) in enumerate(sides):
                function = sum(words[start : start + length])
                counts[4 + 4 * match.matcher + side] += length - function
                counts[6 + 4 * match.matcher + side] += function
                counts[MATCHED + side] += length
        return counts

    def _candidates(self, candidate: Caption, reference: Caption) -> Iterator[Match]:
        """What each matcher finds, matcher after matcher; captions that are the same word by word have exact matches alone."""
        said, known = candidate.words, reference.words
        here, there = [self._key[word] for word in said], [self._key[word] for word in known]
        pairs = [(j, i) for j in range(len(known)) for i in range(len(said))]
        yield from (Match(j, i, 1, 1, EXACT) for j, i in pairs if here[i] == there[j])
        if here == there:
            return
        different = [(j, i) for j, i in pairs if here[i] != there[j]]
        yield from (Match(j, i, 1, 1, STEM) for j, i in different if self._stem[said[i]] == self._stem[known[j]])
        near = {word: self._synonyms(word) for word in known}
        yield from (Match(j, i, 1, 1, SYNONYM) for j, i in different if said[i] in near[known[j]])
        for start, length, phrase in reference.phrases:
            for at, words in self._said_as(phrase, candidate):
                yield Match(start, at, length, words, PARAPHRASE)
        for start, length, phrase in candidate.phrases:
            for at, words in self._said_as(phrase, reference):
                yield Match(at, start, words, length, PARAPHRASE)

    def _synonyms(self, word: int) -> frozenset[int]:
        at = self._texts.synonyms_at
        return frozenset(self._texts.synonyms[at[word] : at[word + 1]].tolist())

    def _said_as(self, phrase: int, caption: Caption) -> Iterator[tuple[int, int]]:
        """Where paraphrases of a phrase stand in a caption: start and length."""
        at = self._texts.phrases.near_at
        for near in self._texts.phrases.near[at[phrase] : at[phrase + 1]].tolist():
            yield from ((start, length) for start, length, one in caption.phrases if one == near)


class _Path(NamedTuple):
    weight: int = 0
    chunks: int = 0
    distance: int = 0
    end: int = -1  # of the last match in the candidate; -1 after a reference word without one
    taken: int = 0  # words of the candidate, as bits
    next: int = 0  # first reference word not looked at
    matches: tuple[Match, ...] = ()

    @property
    def rank(self) -> tuple[int, int, int]:
        return -self.weight, self.chunks, self.distance

    def closed(self) -> "_Path":
        return self._replace(chunks=self.chunks + 1, end=-1) if self.end >= 0 else self

    def extended(self, match: Match) -> "_Path":
        return _Path(
            self.weight + match.weight, self.chunks + (self.end not in (-1, match.candidate)), self.distance,
            match.candidate + match.candidate_length, self.taken | match.taken, match.reference + match.reference_length,
            (*self.matches, match),
        )  # fmt: skip

    def further(self, match: Match) -> "_Path":
        return self._replace(distance=self.distance + abs(match.reference - match.candidate))


def align(candidates: Sequence[Match], known: int, said: int) -> tuple[tuple[Match, ...], int]:
    """The best path's matches and its chunks, for `known` reference words and `said` words of the candidate.

    Most words covered, then fewest chunks, then least distance; equal paths keep their order.
    """
    by_start: list[list[Match]] = [[] for _ in range(known)]
    for match in candidates:
        by_start[match.reference].append(match)
    settled = _settled(by_start, known, said)
    taken = 0
    for match in settled.values():
        taken |= match.taken
    paths = [_Path(taken=taken)]
    for place in range(known):
        found = [new for path in paths for new in _steps(path, place, by_start[place], settled.get(place))]
        paths = sorted(found, key=lambda path: path.rank)[:BEAM]
    best = min((path.closed() for path in paths), key=lambda path: path.rank)
    return best.matches, best.chunks


def _steps(path: _Path, place: int, matches: Sequence[Match], settled: Match | None) -> Iterator[_Path]:
    if path.next > place:
        yield path
    elif settled is not None:
        yield path.extended(settled).further(settled)
    else:
        for match in matches:
            if not path.taken & match.taken:
                yield path.extended(match)
                path = path.further(match)  # the distance falls on what follows, not on the path that has the match
        yield path.closed()


def _settled(by_start: Sequence[Sequence[Match]], known: int, said: int) -> dict[int, Match]:
    """Matches that are the only one at their start and for all their words."""
    covered_known, covered_said = [0] * known, [0] * said
    for match in (match for matches in by_start for match in matches):
        for place in range(match.reference, match.reference + match.reference_length):
            covered_known[place] += 1
        for place in range(match.candidate, match.candidate + match.candidate_length):
            covered_said[place] += 1
    return {
        place: matches[0]
        for place, matches in enumerate(by_start)
        if len(matches) == 1
        and set(covered_known[place : place + matches[0].reference_length]) == {1}
        and set(covered_said[matches[0].candidate : matches[0].candidate + matches[0].candidate_length]) == {1}
    }
