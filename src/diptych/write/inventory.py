"""List what experts find in a picture without being asked for anything: objects with attributes, and words."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.limits import at_least, in_unit
from diptych.data.records import Record, Text
from diptych.data.regions import Region
from diptych.engine.context import Context
from diptych.models.abilities import Detections, Detector, DetectRequest, Ocr, ReadRequest, Words
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class ListObjects:
    """One region for each box that scores at least `threshold`, best first, at most `limit`."""

    detector: str
    threshold: float = 0.5
    limit: int = 10

    def __post_init__(self) -> None:
        in_unit("threshold", self.threshold)
        at_least("limit", self.limit, 1)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("detect", self.detector)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[DetectRequest]:
            return [DetectRequest(context.picture(record.subject), (), self.threshold, record.id)]

        answers = ask(records, requests, context.open(self.detector, Detector).detect, context)

        def told(record: Record, given: tuple[Detections, ...]) -> Record:
            seen = sorted((one for one in given[0].found if one.score >= self.threshold), key=lambda one: -one.score)
            regions = [
                Region(f"{record.id}/{context.place}.r{number}", one.box, label=one.phrase, attributes=one.attributes, score=one.score,
                       by=self.detector)
                for number, one in enumerate(seen[: self.limit])
            ]  # fmt: skip
            return record.add(regions=regions)

        return take(records, answers, ("ListObjects", self.detector), told)


@dataclass(frozen=True, slots=True)
class ReadWords:
    """One text region, and one text of kind `ocr`, for each run of words read with at least `threshold`."""

    ocr: str
    threshold: float = 0.5

    def __post_init__(self) -> None:
        in_unit("threshold", self.threshold)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("read", self.ocr)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[ReadRequest]:
            return [ReadRequest(context.picture(record.subject), record.id)]

        answers = ask(records, requests, context.open(self.ocr, Ocr).read, context)

        def told(record: Record, given: tuple[Words, ...]) -> Record:
            regions = [
                Region(f"{record.id}/{context.place}.r{number}", word.box, "text", word.words, score=word.score, by=self.ocr)
                for number, word in enumerate(given[0].found)
                if word.score >= self.threshold
            ]
            return record.add(regions=regions, texts=[Text("ocr", region.label, self.ocr, region.id) for region in regions])

        return take(records, answers, ("ReadWords", self.ocr), told)
