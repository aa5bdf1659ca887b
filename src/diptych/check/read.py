"""Check quoted words against what an OCR expert reads in the picture."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.check.statements import Key, Said, alike, own_captions, refuse_own, verdicts_for
from diptych.data.graphs import Kind
from diptych.data.limits import in_unit
from diptych.data.records import Record, Verdict
from diptych.data.regions import Region
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.models.abilities import Ocr, ReadRequest, Word, Words
from diptych.models.calls import ask, calls_to, take

TEXT: tuple[Kind, ...] = ("text",)


@dataclass(frozen=True, slots=True)
class CheckByOcr:
    """Quoted words are supported when they are read, letter case aside, and unknown when they are not: small print goes unread."""

    ocr: str
    of: str = "proposed"
    threshold: float = 0.5
    self_check: bool = False

    def __post_init__(self) -> None:
        in_unit("threshold", self.threshold)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("read", self.ocr)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        asked: dict[str, dict[Key, list[Said]]] = {}

        def requests(record: Record) -> list[ReadRequest]:
            captions = captions_of(record, self.of)
            refuse_own(record, captions, self.ocr, self.self_check)
            asked[record.id] = found = alike(captions, TEXT)
            return [ReadRequest(context.picture(record.subject), record.id)] if found else []

        answers = ask(records, requests, context.open(self.ocr, Ocr).read, context)

        def judged(record: Record, given: tuple[Words, ...]) -> Record:
            return self._judged(record, asked[record.id], given[0].found if given else (), context.place)

        return take(records, answers, ("CheckByOcr", self.ocr), judged)

    def _judged(self, record: Record, found: dict[Key, list[Said]], seen: tuple[Word, ...], place: str) -> Record:
        own = own_captions(captions_of(record, self.of), self.ocr)
        regions = [
            Region(f"{record.id}/{place}.r{number}", word.box, "text", word.words, score=word.score, by=self.ocr)
            for number, word in enumerate(seen)
            if word.score >= self.threshold
        ]
        verdicts: list[Verdict] = []
        for said in found.values():
            wanted = said[0][1].value.casefold()
            region = next((region for region in regions if wanted in region.label.casefold()), None)
            verdict = Verdict("", 0, "supported" if region else "unknown", self.ocr, region.id if region else None,
                              region.label if region else "not read", region.score if region else None)  # fmt: skip
            verdicts.extend(verdicts_for(said, verdict, own))
        return record.add(regions=regions, verdicts=verdicts)
