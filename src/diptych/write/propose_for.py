"""Ask a captioner for captions that help to answer the record's questions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from diptych.data.limits import at_least
from diptych.data.records import Caption, Question, Record
from diptych.data.selection import questions_of
from diptych.engine.context import Context
from diptych.measure.answerability_readers import known_answer
from diptych.models.abilities import Captioner, CaptionRequest, Described
from diptych.models.calls import ask, calls_to, take


@dataclass(frozen=True, slots=True)
class ProposeFor:
    """`draws` captions for each of the record's own questions; the question is asked of each, with no answer yet (Hu et al., 2022,
    arXiv:2211.09699).

    With `told` the captioner is shown the most frequent answer that the record has to the question, as "QUESTION ANSWER" among the texts;
    without `guided` it does not know the question, which gives as many captions that would have been written anyway. A record without
    questions is dropped.
    """

    captioner: str
    style: str = "short"
    draws: int = 10
    temperature: float = 1.0
    guided: bool = True
    told: bool = False
    words: int = 0

    def __post_init__(self) -> None:
        at_least("draws", self.draws, 1)
        at_least("temperature", self.temperature, 0)
        at_least("words", self.words, 0)

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("caption", self.captioner, times=self.draws * max(1, len(questions_of(record))))

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[CaptionRequest]:
            picture = context.picture(record.subject)
            return [
                CaptionRequest(picture, self.style, question=question.text if self.guided else "", texts=self._texts(question),
                               words=self.words, draw=number * self.draws + draw, temperature=self.temperature, record=record.id)
                for number, question in enumerate(questions_of(record))
                for draw in range(self.draws)
            ]  # fmt: skip

        answers = ask(records, requests, context.open(self.captioner, Captioner).caption, context)
        return take(records, answers, ("ProposeFor", self.captioner), lambda record, given: self._told(record, given, context.place))

    def _texts(self, question: Question) -> tuple[str, ...]:
        # of answers as frequent as one another the first
        known = [answer.text for answer in question.answers if known_answer(answer.text)]
        best = Counter(known).most_common(1) if self.guided and self.told else []
        return tuple(f"{question.text} {answer}" for answer, _ in best)

    def _told(self, record: Record, given: tuple[Described, ...], place: str) -> Record:
        if not given:
            return record.drop("ProposeFor", "the record has no question")
        texts = iter(given)
        captions, asked = [], []
        for number, question in enumerate(questions_of(record)):
            for draw in range(self.draws):
                caption = Caption(f"{record.id}/{place}.{number}.{draw}", next(texts).text, self.captioner, self.style)
                captions.append(caption)
                asked.append(Question(f"{caption.id}.q", question.text, caption.id))
        return record.add(captions=captions, questions=asked)
