"""Give the things found the colour they have, where their detector tells none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.data.errors import PictureError
from diptych.data.limits import in_unit
from diptych.data.opening import crop
from diptych.data.pictures import Picture
from diptych.data.records import Record
from diptych.data.regions import Region
from diptych.engine.context import Context
from diptych.language.meaning import COLOURS
from diptych.models.abilities import Answered, Answerer, AskRequest
from diptych.models.calls import ask, calls_to, take

EXPECTED = 5  # regions of a record that has none yet


@dataclass(frozen=True, slots=True)
class NameColours:
    """Asks what colour each object region without one has, of its crop, and adds it to the region's attributes.

    Only an answer of one colour counts, given with at least `at_least` where it has a confidence (of `colours:` the share of pixels). A box
    that cannot be cut out has none.
    """

    answerer: str = "colours:"
    at_least: float = 0.5

    def __post_init__(self) -> None:
        in_unit("at_least", self.at_least)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("answer", self.answerer, times=len(_plain(record)) or EXPECTED)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        asked: dict[str, list[str]] = {}

        def requests(record: Record) -> list[AskRequest]:
            wanted = _plain(record)
            picture = context.picture(record.subject) if wanted else None
            crops = [(region, part) for region in wanted if picture and (part := _cut(picture, region)) is not None]
            asked[record.id] = [region.id for region, _ in crops]
            return [AskRequest(part, f"What color is the {region.label or 'object'}?", record=record.id) for region, part in crops]

        answers = ask(records, requests, context.open(self.answerer, Answerer).answer, context)

        def told(record: Record, given: tuple[Answered, ...]) -> Record:
            found = {id: self._colour(one) for id, one in zip(asked[record.id], given, strict=True)}
            return replace(record, regions=tuple(_with(region, found.get(region.id, "")) for region in record.regions))

        return take(records, answers, ("NameColours", self.answerer), told)

    def _colour(self, answer: Answered) -> str:
        words = [word for word in answer.text.lower().replace("grey", "gray").strip(" .").split() if word in COLOURS]
        sure = answer.score is None or answer.score >= self.at_least
        return words[0] if len(words) == 1 and sure else ""


def _plain(record: Record) -> list[Region]:
    return [region for region in record.regions if region.kind == "object" and not COLOURS.intersection(region.attributes)]


def _cut(picture: Picture, region: Region) -> Picture | None:
    try:
        return crop(picture, region.box)
    except PictureError:
        return None


def _with(region: Region, colour: str) -> Region:
    return replace(region, attributes=(*region.attributes, colour)) if colour else region
