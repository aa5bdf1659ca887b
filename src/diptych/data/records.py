"""The record: one image (or other subject) and all that was said, found and decided about it. Steps append; nothing is overwritten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from diptych.data.graphs import SceneGraph
from diptych.data.regions import Region

Answered = Literal["supported", "contradicted", "unknown"]


@dataclass(frozen=True, slots=True)
class Image:
    """A reference to a picture, never its bytes.

    `path` is a file, an http(s) URL or a scheme's address (`world:300?seed=0`); `member` names the file inside a tar, `COLUMN:ROW` in a
    Parquet file, or the index within the address. `key` is the sha256 of the picture's bytes (of its scene, if it is rendered);
    it and the size in pixels are empty until the picture has been opened.
    """

    path: str
    member: str = ""
    width: int = 0
    height: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """One text about the record or one of its regions. `by` is a model address, `source` or `human:NAME`."""

    id: str
    text: str
    by: str = "source"
    style: str = "alt"  # alt | short | dense | spatial | region | fused | ...
    language: str = "en"
    region: str | None = None
    parents: tuple[str, ...] = ()
    graph: SceneGraph | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an expert says of one statement: (caption id, statement number), with its evidence."""

    caption: str
    number: int
    answer: Answered
    by: str
    region: str | None = None
    said: str = ""  # the expert's words: "two", "yes", "3 of 5 captions"
    score: float | None = None
    self_check: bool = False  # the verifier's family also wrote the caption


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question; two draws of one question are two answers."""

    text: str
    by: str
    draw: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the record; `about` is the id of a caption or region, `turn` is (dialogue, number)."""

    id: str
    text: str
    about: str = ""
    answers: tuple[Answer, ...] = ()
    turn: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Words that are no caption: a mention, a paragraph, text read in the image, a hint, a dialogue's history."""

    kind: Literal["mention", "paragraph", "ocr", "hint", "history"]
    words: str
    by: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that a step made from the record, with its painter and the caption it was made from."""

    image: Image
    by: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Kept until a step drops the record with a reason or fails on it with an error."""

    kind: Literal["kept", "dropped", "failed"] = "kept"
    step: str = ""
    why: str = ""
    trace: str = ""  # traceback of a failed row


KEPT = Status()


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `chosen` are the ids of the captions that stand for it; at first the source's."""

    id: str
    subject: Image
    captions: tuple[Caption, ...] = ()
    regions: tuple[Region, ...] = ()
    questions: tuple[Question, ...] = ()
    texts: tuple[Text, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    made: tuple[Made, ...] = ()
    status: Status = KEPT
    meta: Mapping[str, str] = field(default_factory=dict)

    def caption(self, id: str) -> Caption:
        """The caption with this id; KeyError if there is none."""
        for caption in self.captions:
            if caption.id == id:
                return caption
        raise KeyError(id)

    def standing(self) -> tuple[Caption, ...]:
        """The chosen captions, in the order chosen."""
        return tuple(self.caption(id) for id in self.chosen)

    def add(
        self,
        *,
        captions: Iterable[Caption] = (),
        regions: Iterable[Region] = (),
        questions: Iterable[Question] = (),
        texts: Iterable[Text] = (),
        verdicts: Iterable[Verdict] = (),
        scores: Mapping[str, float] | None = None,
        labels: Mapping[str, str] | None = None,
        made: Iterable[Made] = (),
    ) -> "Record":
        """A record with more in it."""
        return replace(
            self,
            captions=(*self.captions, *captions),
            regions=(*self.regions, *regions),
            questions=(*self.questions, *questions),
            texts=(*self.texts, *texts),
            verdicts=(*self.verdicts, *verdicts),
            scores={**self.scores, **(scores or {})},
            labels={**self.labels, **(labels or {})},
            made=(*self.made, *made),
        )

    def choose(self, *ids: str) -> "Record":
        """A record for which these captions stand."""
        return replace(self, chosen=ids)

    def drop(self, step: str, why: str) -> "Record":
        """A record that later steps pass over; its row stays, with the reason."""
        return replace(self, status=Status("dropped", step, why))

    def fail(self, step: str, why: str, trace: str = "") -> "Record":
        """A record on which a step failed; its row stays, with the error."""
        return replace(self, status=Status("failed", step, why, trace))
