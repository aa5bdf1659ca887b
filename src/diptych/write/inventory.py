"""List what experts find in a picture without being asked for anything: objects with attributes, and words."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.records import Record, Text
from diptych.data.regions import Region
from diptych.engine.context import Context
from diptych.models.abilities import Detector, DetectRequest, Failed, Ocr, ReadRequest
from diptych.models.calls import ask


@dataclass(frozen=True, slots=True)
class ListObjects:
    """One region for each box that scores at least `threshold`, best first, at most `limit`."""

    detector: str
    threshold: float = 0.5
    limit: int = 10

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {"detect calls": 1}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[DetectRequest]:
            return [DetectRequest(context.picture(record.subject), (), self.threshold, record.id)]

        answers = ask(records, requests, context.open(self.detector, Detector).detect, context)
        done: list[Record] = []
        for record, given in zip(records, answers, strict=True):
            if isinstance(given, Failed):
                done.append(record.fail("ListObjects", f"{self.detector}: {given.error}"))
                continue
            seen = [one for one in given[0].found if one.score >= self.threshold]
            seen.sort(key=lambda one: -one.score)
            done.append(
                record.add(
                    regions=[
                        Region(f"{record.id}/{context.place}.r{number}", one.box, label=one.phrase, attributes=one.attributes,
                               score=one.score, by=self.detector)
                        for number, one in enumerate(seen[: self.limit])
                    ]
                )
            )  # fmt: skip
        return done


@dataclass(frozen=True, slots=True)
class ReadWords:
    """One text region, and one text of kind `ocr`, for each run of words read with at least `threshold`."""

    ocr: str
    threshold: float = 0.5

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {"read calls": 1}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[ReadRequest]:
            return [ReadRequest(context.picture(record.subject), record.id)]

        answers = ask(records, requests, context.open(self.ocr, Ocr).read, context)
        done: list[Record] = []
        for record, given in zip(records, answers, strict=True):
            if isinstance(given, Failed):
                done.append(record.fail("ReadWords", f"{self.ocr}: {given.error}"))
                continue
            regions = [
                Region(f"{record.id}/{context.place}.r{number}", word.box, "text", word.words, score=word.score, by=self.ocr)
                for number, word in enumerate(given[0].found)
                if word.score >= self.threshold
            ]
            texts = [Text("ocr", region.label, self.ocr, region.id) for region in regions]
            done.append(record.add(regions=regions, texts=texts))
        return done
