"""Check statements by asking a visual question answerer about each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from diptych.check.questions import question
from diptych.check.statements import Key, Said, alike, own_captions, refuse_own, verdicts_for
from diptych.data.graphs import Kind
from diptych.data.records import Answered, Record, Verdict
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.models import abilities
from diptych.models.abilities import Answerer, AskRequest
from diptych.models.calls import ask, calls_to, take

EXPECTED = 6  # statements to ask about in a record whose captions are not there yet: two short captions of three each


@dataclass(frozen=True, slots=True)
class CheckByAnswers:
    """A yes supports, a no contradicts, anything else leaves the statement unknown."""

    answerer: str
    of: str = "proposed"
    kinds: tuple[Kind, ...] = ("attribute", "relation")
    self_check: bool = False

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return calls_to("answer", self.answerer, times=len(alike(captions_of(record, self.of), self.kinds)) or EXPECTED)

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        asked: dict[str, dict[Key, list[Said]]] = {}

        def requests(record: Record) -> list[AskRequest]:
            captions = captions_of(record, self.of)
            refuse_own(record, captions, self.answerer, self.self_check)
            asked[record.id] = found = alike(captions, self.kinds)
            if not found:
                return []
            picture = context.picture(record.subject)
            # the question asks after the thing itself; `heard` turns the answer round where the statement denies it
            meant = [replace(said[0][1], negated=False) for said in found.values()]
            return [AskRequest(picture, question(statement), statement, record=record.id) for statement in meant]

        answers = ask(records, requests, context.open(self.answerer, Answerer).answer, context)
        return take(
            records, answers, ("CheckByAnswers", self.answerer), lambda record, given: self._judged(record, asked[record.id], given)
        )

    def _judged(self, record: Record, found: dict[Key, list[Said]], given: tuple[abilities.Answered, ...]) -> Record:
        own = own_captions(captions_of(record, self.of), self.answerer)
        verdicts: list[Verdict] = []
        for said, answer in zip(found.values(), given, strict=True):
            verdict = Verdict("", 0, heard(answer.text, said[0][1].negated), self.answerer, said=answer.text, score=answer.score)
            verdicts.extend(verdicts_for(said, verdict, own))
        return record.add(verdicts=verdicts)


def heard(text: str, negated: bool = False) -> Answered:
    """What a yes/no answer in free words amounts to; `negated` turns it round."""
    first = text.strip().lower().split(maxsplit=1)[:1]
    word = first[0].strip(".,!;:\"'") if first else ""
    if word not in ("yes", "no"):
        return "unknown"
    return "supported" if (word == "yes") != negated else "contradicted"
