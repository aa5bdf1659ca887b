"""The openers of a run: they know every scheme, those of the world included."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PIL import Image as Pillow

from diptych.data.errors import AddressError, PictureError
from diptych.data.graphs import SceneGraph
from diptych.data.opening import open_picture
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.data.sources import Source, open_source
from diptych.engine.context import Opener
from diptych.models.addresses import Address, Scheme, known_address, open_model
from diptych.models.colours import open_colours
from diptych.models.faces import open_faces
from diptych.models.files import open_file
from diptych.models.hf import open_hf
from diptych.models.nano_scheme import open_nano
from diptych.models.openai import open_openai
from diptych.models.openai_address import hosted_of
from diptych.models.rapidocr import open_rapidocr
from diptych.models.rules import open_rules
from diptych.models.tesseract import open_tesseract
from diptych.world.schemes import schemes as simulated
from diptych.world.source import World, WorldTruths, world_picture, world_source
from diptych.world.truth import Truths

WORLD = "world"
# whatever the pictures
_ANYWHERE: Mapping[str, Scheme] = {
    "rules": open_rules,
    "file": open_file,
    "hf": open_hf,
    "openai": open_openai,
    "tesseract": open_tesseract,
    "rapidocr": open_rapidocr,
    "colours": open_colours,
    "faces": open_faces,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A source with what its pipeline needs.

    `truths` and `behind`, the statements that a source caption was made from, are for the lab alone, and None where nothing is known.
    """

    source: Source
    opener: Opener
    pictures: Callable[[Image], Picture]
    truths: Truths | None = None
    behind: Callable[[Record], SceneGraph] | None = None
    schemes: Mapping[str, Scheme] = field(default_factory=dict)

    def refuse_unknown(self, models: Iterable[str]) -> None:
        """AddressError for the first address that no scheme knows, or that a hosted model may not have: better said now than when the step
        that names it comes, and before a key that stands in it by mistake is written anywhere.
        """
        for address in models:
            known = known_address(address, self.schemes)
            if known.scheme == "openai":
                hosted_of(known)


def opened(address: str, seed: int = 0) -> Opened:
    """The source behind an address and the openers of its run; simulated experts answer only for a `world:` source."""
    source = open_source(address, schemes={WORLD: world_source})
    known: dict[str, Scheme] = {**_ANYWHERE, "nano": open_nano}
    if not isinstance(source, World):
        known |= {"sim": _no_truth, "nano": partial(_rendered_only, source)}
        return Opened(source, partial(_open, known), pictures, schemes=known)
    truths = WorldTruths(address)
    known |= simulated(truths, seed)
    return Opened(source, partial(_open, known), pictures, truths, partial(_behind, source), known)


def without_source() -> Opener:
    """The opener of models where captions come from files alone: no simulated expert answers."""
    return partial(_open, {**_ANYWHERE, "sim": _no_truth, "nano": partial(_rendered_only, ())})


def _behind(world: World, record: Record) -> SceneGraph:
    return world.alt(int(record.subject.member)).graph


def pictures(image: Image) -> Picture:
    """The picture behind a reference of any kind. A record without one has an empty picture, which fails when its pixels are asked for."""
    if not image.path:
        return Picture("", 0, 0, _no_picture)
    return open_picture(image, schemes={WORLD: world_picture})


def _no_picture() -> Pillow.Image:
    raise PictureError("the record has no picture: only experts that read annotations or texts can answer for it")


def _open(schemes: Mapping[str, Scheme], address: str, ability: type) -> Any:
    return open_model(address, ability, schemes)


def _rendered_only(source: Iterable[Record], address: Address, ability: type) -> Any:
    # a run on a world, read again, still shows the world's pictures
    first = next(iter(source), None)
    if first is not None and first.subject.path.startswith(f"{WORLD}:"):
        return open_nano(address, ability)
    raise AddressError(
        f"nano:{address.name} knows only the world: on real data name a real {ability.__name__} (diptych models {ability.__name__.lower()} "
        "lists some), or use a world: source"
    )


def _no_truth(address: Address, ability: type) -> Any:
    raise AddressError(
        f"sim:{address.name} knows only the world: on real data name a real {ability.__name__}, such as file:PATH, or use a world: source"
    )
