"""CHAIR: objects that captions mention and the image does not have (Rohrbach et al., 2018, arXiv:1809.02156)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure.intervals import RESAMPLES, ratio
from diptych.measure.mentions import ListedWords, Mentions, WordNetNouns, classes_named
from diptych.measure.scores import Scored, scored
from diptych.measure.truths import by_id, names_of, one_text

_SHOWN = 3
Said = str | list[str] | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chair:
    """One image's count: its captions, those that name an object the image lacks, mentions of objects, and the wrong ones in order."""

    captions: int
    wrong_captions: int
    mentions: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """Wrong mentions over mentions in this image; 0 where nothing is mentioned, as in the released code."""
        return len(self.wrong) / self.mentions if self.mentions else 0.0


def chair(
    captions: Mapping[str, Said], objects: Mapping[str, Collection[str]], mentions: Mentions | None = None, *, seed: int = 0
) -> tuple[Result, Result]:
    """CHAIR_i (wrong mentions over mentions) and CHAIR_s (captions with a wrong mention over captions), lower is better.

    `objects` are the classes in each image: for the published protocol the annotated ones and those that the human captions mention
    (`with_captions`). Their names are read as the captions' words are (`classes_named`); a name of no class is counted in `how`.
    Every mention counts, repeated ones too. Images are resampled with all their captions.
    Raises InputError for a caption whose image has no entry in `objects`, and where no name in `objects` is a class.
    """
    refuse_strange_names(objects, mentions)
    of_mentions, of_captions = chair_scores(captions, objects, mentions, seed=seed)
    return of_mentions.result, of_captions.result


def chair_scores(
    captions: Mapping[str, Said], objects: Mapping[str, Collection[str]], mentions: Mentions | None = None, *, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, Scored]:  # fmt: skip
    """The same two with each image's values: `chair_i` is nan for an image that mentions nothing, and is summed over images."""
    reader = mentions or WordNetNouns()
    rows = chair_by_image(captions, objects, reader)
    made = []
    how = "; ".join((reader.how, *strange_names(objects, reader)))
    if rows and not any(row.mentions for row in rows.values()):
        how += "; no caption mentions any class"
    of_mentions = [(len(row.wrong), row.mentions) for row in rows.values()]
    of_captions = [(row.wrong_captions, row.captions) for row in rows.values()]
    known = classes_there(objects, reader)
    why = {id: {"wrong": row.wrong, "objects": sorted(known[id])} for id, row in rows.items()}
    for name, pairs in (("chair_i", of_mentions), ("chair_s", of_captions)):
        table = np.array(pairs, float).reshape(-1, 2)
        made.append(scored(name, list(rows), ratio(table), table, better="lower", how=how, seed=seed, resamples=resamples, why=why))
    return made[0], made[1]


def chair_by_image(
    captions: Mapping[str, Said], objects: Mapping[str, Collection[str]], mentions: Mentions | None = None
) -> dict[str, Chair]:
    """Counts for each image, in the captions' order; InputError for an image without an entry in `objects` and for what is no text."""
    reader = mentions or WordNetNouns()
    counts: dict[str, Chair] = {}
    known = classes_there(objects, reader)
    for id, said in by_id(captions, "captions").items():
        if id not in known:
            raise InputError(f"no objects are given for image {id!r}: give an empty set if it has none")
        there = known[id]
        found = [reader(text) for text in _listed(said, id)]
        wrong = [[name for name in names if name not in there] for names in found]
        counts[id] = Chair(len(found), sum(map(bool, wrong)), sum(map(len, found)), tuple(name for names in wrong for name in names))
    return counts


def classes_there(objects: Mapping[str, Collection[str]], reader: Mentions) -> dict[str, frozenset[str]]:
    """The classes that each image's names stand for."""
    listed = names_of(objects, "objects")
    read = {name: classes_named(name, reader) for names in listed.values() for name in names}
    return {id: frozenset().union(*(read[name] for name in names)) for id, names in listed.items()}


def strange_names(objects: Mapping[str, Collection[str]], reader: Mentions) -> list[str]:
    """What `how` says of names that are no class: how many of the different ones, and the first three; nothing where there are none."""
    names = _different(objects)
    strange = [name for name in names if not classes_named(name, reader)]
    if not strange:
        return []
    shown = ", ".join(map(repr, strange[:_SHOWN])) + (", ..." if len(strange) > _SHOWN else "")
    are = "is no class" if len(strange) == 1 else "are no class"
    return [f"{len(strange)} of {len(names)} object name{'s' * (len(names) > 1)} {are}: {shown}"]


def _different(objects: Mapping[str, Collection[str]]) -> list[str]:
    """The different names, image by image; within one sorted, since a set has no order that lasts."""
    return list(dict.fromkeys(name for listed in names_of(objects, "objects").values() for name in sorted(listed)))


def refuse_strange_names(objects: Mapping[str, Collection[str]], mentions: Mentions | None = None) -> None:
    """InputError where the objects of a whole set have names and none of them is a class: every mention would be wrong."""
    reader = mentions or WordNetNouns()
    names = _different(objects)
    strange = strange_names(objects, reader)
    if not strange or any(classes_named(name, reader) for name in names):
        return
    known = list(reader.names) if isinstance(reader, ListedWords) else list(reader.classes) if isinstance(reader, WordNetNouns) else []
    near = next(filter(None, (get_close_matches(name.lower(), known, 1) for name in names[:_SHOWN])), [])
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"{strange[0]}{hint} ({reader.how}): name objects by classes or words for them, such as {', '.join(known[:3])}")


def with_captions(
    objects: Mapping[str, Collection[str]], human: Mapping[str, Said], mentions: Mentions | None = None
) -> dict[str, frozenset[str]]:
    """Each image's objects together with those its human captions mention; images without human captions keep theirs.

    Ids become texts, so that 7 and "7" are one image. Raises InputError for what is no list of names and for what is no text.
    """
    reader, said = mentions or WordNetNouns(), by_id(human, "human captions")
    known = names_of(objects, "objects")
    return {id: frozenset(there).union(*(reader(text) for text in _listed(said.get(id, ()), id))) for id, there in known.items()}


def _listed(said: Said, id: str) -> list[str]:
    texts = list(said) if isinstance(said, list | tuple) else [said]
    for text in texts:
        one_text(text, id)
    return texts
