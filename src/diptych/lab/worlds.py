"""Training corpora with truth: the scenes of a `world:` address, captioned by a grammar with set habits and set noise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.lab.opening import pictures
from diptych.world.asked import nouns_by_spread
from diptych.world.catalogue import COLOURS
from diptych.world.corpus import Telling, Told, confusions, tell
from diptych.world.grammar import article, plural
from diptych.world.source import World, world_source
from diptych.world.truth import Truth

# a recipe imports nothing of the world itself
__all__ = ["COLOURS", "Corpus", "Telling", "Told", "article", "confusions", "corpus", "nouns_by_spread", "plural"]
PLAIN = Telling()


@dataclass(frozen=True)
class Corpus:
    """Rows with their captions, all of them chosen; truths, graphs and noise labels are the lab's alone and in the rows' order."""

    address: str
    rows: tuple[Record, ...]
    told: tuple[tuple[Told, ...], ...]  # of each row, in the order of its captions
    pictures: Callable[[Image], Picture] = pictures

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def truths(self) -> tuple[Truth, ...]:
        """What is true of each row's picture."""
        world = world_source(self.address)
        return tuple(world.truth(int(row.subject.member)) for row in self.rows)

    @property
    def texts(self) -> list[str]:
        """Every caption, row after row: what a tokenizer is learnt from."""
        return [told.text for each in self.told for told in each]

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """The kinds of noise of each row's captions."""
        return [tuple(told.label for told in each) for each in self.told]


def corpus(address: str, telling: Telling | tuple[Telling, ...] = PLAIN, *, references: int = 1, seed: int = 0) -> Corpus:
    """The rows of a `world:` address with so many captions each, told anew; several tellings take turns among a row's captions.

    Captions hang on (seed, row, number of the caption); pictures and truths on the address alone, so that its cached tokens serve
    every seed. A swapped caption is of another row.
    """
    world = world_source(address)
    ways = (telling,) if isinstance(telling, Telling) else telling
    if references < 1 or not ways:
        raise InputError(f"each row has at least one caption and a way to tell it, got references={references}")
    told = [
        tuple(_one(world, index, number, ways[number % len(ways)], seed) for number in range(references)) for index in range(world.count)
    ]
    rows = tuple(_captioned(world.record(index), each) for index, each in enumerate(told))
    return Corpus(address, rows, tuple(told))


def _one(world: World, index: int, number: int, telling: Telling, seed: int) -> Told:
    elsewhere = (index + 1 + index * 7919 % max(1, world.count - 1)) % world.count  # never the row itself
    return tell(world.truth(index), telling, keys=(seed, f"w{world.seed}-{index:06d}", number), other=lambda: world.truth(elsewhere))


def _captioned(record: Record, told: tuple[Told, ...]) -> Record:
    captions = tuple(Caption(f"{record.id}/told{number}", one.text, style="told") for number, one in enumerate(told))
    return replace(record, captions=captions, chosen=tuple(caption.id for caption in captions))
