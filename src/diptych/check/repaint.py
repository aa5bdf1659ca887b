"""Compare a picture with paintings of its captions: what differs is what the caption got wrong or left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO

from diptych.data.limits import at_least
from diptych.data.pictures import Picture
from diptych.data.records import Answer, Caption, Made, Question, Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.language.hints import ASKED
from diptych.models.abilities import Comparer, CompareRequest, Differences, Painted, Painter, PaintRequest
from diptych.models.calls import ask, take

AT_ONCE = 64  # records whose paintings are held in memory


@dataclass(frozen=True, slots=True)
class CompareWithPaintings:
    """Paints each caption several times and has each painting compared with the picture.

    A painter fills what is unsaid with guesses, and where it guesses right it hides what was left out: hence several paintings. A question
    about the caption keeps all differences told, the painting's number as `draw`; the caption's score `score` is 1 / (1 + differences a
    painting). With `keep` the paintings stay with the run.
    """

    painter: str
    comparer: str
    of: str = "chosen"
    paintings: int = 3
    size: int = 512  # pixels of each side
    score: str = "alike"
    keep: bool = False

    def __post_init__(self) -> None:
        at_least("paintings", self.paintings, 1)
        at_least("size", self.size, 1)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        number = self.paintings * max(1, len(captions_of(record, self.of)))
        return {f"paint calls to {self.painter}": number, f"compare calls to {self.comparer}": number}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        parts = (records[start : start + AT_ONCE] for start in range(0, len(records), AT_ONCE))
        return [record for part in parts for record in self._some(part, context)]

    def _some(self, records: list[Record], context: Context) -> list[Record]:
        painted: dict[str, tuple[Painted, ...]] = {}

        def seen(record: Record, given: tuple[Painted, ...]) -> Record:
            painted[record.id] = given
            return record

        answers = ask(records, self._to_paint, context.open(self.painter, Painter).paint, context)
        records = take(records, answers, ("CompareWithPaintings", self.painter), seen)

        def to_compare(record: Record) -> list[CompareRequest]:
            if record.id not in painted:
                return []
            picture = context.picture(record.subject)
            return [CompareRequest(picture, one.picture, record=record.id) for one in painted[record.id]]

        told = ask(records, to_compare, context.open(self.comparer, Comparer).compare, context)

        def compared(record: Record, given: tuple[Differences, ...]) -> Record:
            return self._compared(record, painted[record.id], given, context) if record.id in painted else record

        return take(records, told, ("CompareWithPaintings", self.comparer), compared)

    def _to_paint(self, record: Record) -> list[PaintRequest]:
        return [
            PaintRequest(caption.text, self.size, draw, record.id)
            for caption in captions_of(record, self.of)
            for draw in range(self.paintings)
        ]

    def _compared(self, record: Record, painted: tuple[Painted, ...], given: tuple[Differences, ...], context: Context) -> Record:
        scores: dict[str, float] = {}
        questions: list[Question] = []
        made: list[Made] = []
        for number, caption in enumerate(captions_of(record, self.of)):
            place = slice(number * self.paintings, (number + 1) * self.paintings)
            answers = tuple(Answer(hint, self.comparer, draw) for draw, one in enumerate(given[place]) for hint in one.hints)
            id = f"{record.id}/{context.place}.{number}"
            questions.append(Question(id, ASKED, caption.id, answers))
            scores[caption.id] = 1 / (1 + len(answers) / self.paintings)
            if self.keep:
                made += [self._kept(one.picture, f"{id}.{draw}", caption, context) for draw, one in enumerate(painted[place])]
        captions = tuple(replace(c, scores={**c.scores, self.score: scores[c.id]}) if c.id in scores else c for c in record.captions)
        return replace(record, captions=captions).add(questions=questions, made=made)

    def _kept(self, picture: Picture, name: str, caption: Caption, context: Context) -> Made:
        file = BytesIO()
        picture.pil().save(file, "PNG")
        return Made(context.keep_picture(file.getvalue(), name), self.painter, caption.id)
