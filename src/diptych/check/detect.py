"""Check what captions say exists, and how many, with an open-vocabulary detector."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych.check.statements import Key, Said, alike, own_captions, refuse_own, verdicts_for
from diptych.data.graphs import Kind, Statement
from diptych.data.limits import in_unit
from diptych.data.records import Answered, Record, Verdict
from diptych.data.regions import Region
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.models.abilities import Detections, Detector, DetectRequest
from diptych.models.calls import ask, calls_to, take

UNJUDGED: Answered = "unknown"


@dataclass(frozen=True, slots=True)
class CheckByDetector:
    """Present, absent or counted (Ge et al., 2024, arXiv:2404.19752, section 3): boxes scoring at least `threshold` are evidence.

    An exists statement is supported by one box and contradicted by none. A number is supported by exactly as many boxes; it is
    contradicted by more boxes than it says or by none, and unknown with fewer, since detectors miss things more often than they
    see them twice. What the detector has no class for is unknown.
    """

    detector: str
    of: str = "proposed"
    threshold: float = 0.35
    kinds: tuple[Kind, ...] = ("exists", "count")
    self_check: bool = False

    def __post_init__(self) -> None:
        in_unit("threshold", self.threshold)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("detect", self.detector)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        asked: dict[str, dict[Key, list[Said]]] = {}

        def requests(record: Record) -> list[DetectRequest]:
            captions = captions_of(record, self.of)
            refuse_own(record, captions, self.detector, self.self_check)
            asked[record.id] = found = alike(captions, self.kinds)
            phrases = tuple(dict.fromkeys(phrase(said[0][1]) for said in found.values()))
            if not phrases:
                return []
            return [DetectRequest(context.picture(record.subject), phrases, self.threshold, record.id)]

        answers = ask(records, requests, context.open(self.detector, Detector).detect, context)

        def judged(record: Record, given: tuple[Detections, ...]) -> Record:
            return self._judged(record, asked[record.id], given[0] if given else Detections(()), context.place)

        return take(records, answers, ("CheckByDetector", self.detector), judged)

    def _judged(self, record: Record, found: Mapping[Key, list[Said]], seen: Detections, place: str) -> Record:
        own = own_captions(captions_of(record, self.of), self.detector)
        asked = {phrase(said[0][1]): said[0][1] for said in found.values()}
        regions: dict[str, list[Region]] = {}
        for number, one in enumerate(seen.found):
            if one.score >= self.threshold and one.phrase in asked:
                meant = asked[one.phrase]
                attributes = tuple(dict.fromkeys((*meant.subject_is, *one.attributes)))
                region = Region(f"{record.id}/{place}.r{number}", one.box, "object", meant.subject, attributes, score=one.score,
                                by=self.detector)  # fmt: skip
                regions.setdefault(one.phrase, []).append(region)
        verdicts: list[Verdict] = []
        for said in found.values():
            statement = said[0][1]
            boxes = regions.get(phrase(statement), [])
            best = max(boxes, key=lambda region: region.score or 0.0, default=None)
            judged = boxes or phrase(statement) not in seen.unjudged
            answer, words = (outcome(statement, len(boxes)), f"{len(boxes)} found") if judged else (UNJUDGED, "no such class")
            verdict = Verdict("", 0, answer, self.detector, best.id if best else None, words, best.score if best else None)
            verdicts.extend(verdicts_for(said, verdict, own))
        return record.add(regions=[region for group in regions.values() for region in group], verdicts=verdicts)


def phrase(statement: Statement) -> str:
    """What to ask a detector for."""
    return " ".join((*statement.subject_is, statement.subject))


def outcome(statement: Statement, boxes: int) -> Answered:
    """What so many boxes say of an exists or count statement."""
    if statement.negated:
        return "contradicted" if boxes else "supported"
    if not boxes:
        return "contradicted"
    if statement.kind == "exists":
        return "supported"
    wanted = int(statement.value.removesuffix("+"))
    if boxes == wanted or (boxes > wanted and statement.value.endswith("+")):
        return "supported"
    return "contradicted" if boxes > wanted else "unknown"
