"""What a step uses and does not own: models, randomness, pictures, a ledger of calls."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from diptych.data.draws import generator
from diptych.data.errors import RunError
from diptych.data.pictures import Picture
from diptych.data.records import Image

Ability = TypeVar("Ability")
Opener = Callable[[str, type], Any]  # (address, ability) -> a thing with that ability


@dataclass(frozen=True, slots=True)
class Context:
    """`opener` and `pictures` know every scheme of the run; models are opened once and kept in `opened`."""

    opener: Opener
    pictures: Callable[[Image], Picture]
    seed: int = 0
    place: str = "0"  # of the step in the pipeline: "2", or "2.0.1" inside a repeat (part, step, round)
    opened: dict[tuple[str, type], Any] = field(default_factory=dict)
    ledger: Counter[str] = field(default_factory=Counter)  # "detector calls", "tokens", ...
    keep: Callable[[bytes, str], Image] | None = None  # where the run keeps pictures; None outside a run

    def open(self, address: str, ability: type[Ability]) -> Ability:
        """The model behind an address, loaded once per process."""
        known = (address, ability)
        if known not in self.opened:
            self.opened[known] = self.opener(address, ability)
        return self.opened[known]  # type: ignore[no-any-return]

    def rng(self, record_id: str, draw: int = 0) -> np.random.Generator:
        """Random numbers for one record at this place: the same whatever the batch, the workers or the kills."""
        return generator(self.seed, record_id, self.place, draw)

    def picture(self, image: Image) -> Picture:
        """The picture behind a reference; PictureError if it cannot be had."""
        return self.pictures(image)

    def keep_picture(self, data: bytes, name: str) -> Image:
        """Keeps the file of a picture that a step made (PNG, say) with the run; the reference for `Made` or a new record."""
        if self.keep is None:
            raise RunError(f"{name} cannot be kept: pictures are kept only within a run; give the context a `keep`")
        return self.keep(data, name)

    def at(self, place: str) -> "Context":
        """The same context for a step at another place."""
        return replace(self, place=place)
