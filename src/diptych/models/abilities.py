"""What a model can do: small protocols, requests in and answers out. One failed request never spoils its neighbours."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from diptych.data.graphs import SceneGraph, Statement
from diptych.data.pictures import Picture
from diptych.data.records import Caption
from diptych.data.regions import Box, Mask


@dataclass(frozen=True, slots=True)
class Failed:
    """Why one request has no answer, and whether asking again may help."""

    error: str
    retry: bool = False


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """Describe the picture, or the box in it.

    `question`: the caption should help to answer it. `texts`: what is said of the picture elsewhere, such as the paragraph that mentions
    a figure. `examples`: captions of other pictures whose manner to follow. `hints`: what an earlier caption got wrong or left out.
    A captioner that cannot heed one of these fails the request.
    """

    picture: Picture
    style: str = "short"
    region: Box | None = None
    question: str = ""
    texts: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    words: int = 0  # at most, 0 for as many as it takes
    draw: int = 0
    temperature: float = 0.0
    record: str = ""  # id, for experts that read annotations


@dataclass(frozen=True, slots=True)
class Described:
    """A caption's text."""

    text: str


class Captioner(Protocol):
    """Pictures or regions to text."""

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]: ...


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """How well does the text fit the picture?"""

    picture: Picture
    text: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """Higher fits better; the scale is the model's own."""

    score: float


class Matcher(Protocol):
    """Picture and text to a score."""

    def match(self, requests: list[MatchRequest]) -> list[Matched | Failed]: ...


@dataclass(frozen=True, slots=True)
class DetectRequest:
    """Find these phrases, or with none whatever there is; boxes under the threshold are left out."""

    picture: Picture
    phrases: tuple[str, ...] = ()
    threshold: float = 0.0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """One box. `attributes` come from detectors with an attribute head."""

    phrase: str
    box: Box
    score: float
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Detections:
    """All boxes found, best first. `unjudged` are phrases that a detector of few classes has no word for: no box says nothing of them."""

    found: tuple[Detection, ...]
    unjudged: tuple[str, ...] = ()


class Detector(Protocol):
    """Picture and phrases to boxes."""

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]: ...


@dataclass(frozen=True, slots=True)
class SegmentRequest:
    """One mask for each box."""

    picture: Picture
    boxes: tuple[Box, ...]
    record: str = ""


@dataclass(frozen=True, slots=True)
class Segments:
    """Masks in the order of the boxes asked for."""

    masks: tuple[Mask, ...]


class Segmenter(Protocol):
    """Boxes to masks."""

    def segment(self, requests: list[SegmentRequest]) -> list[Segments | Failed]: ...


@dataclass(frozen=True, slots=True)
class DepthRequest:
    """How far is every pixel?"""

    picture: Picture
    record: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    """float32 of height x width, 0 nearest and 1 farthest within this picture."""

    map: NDArray[np.float32]


class DepthEstimator(Protocol):
    """Picture to relative depth."""

    def depth(self, requests: list[DepthRequest]) -> list[Depth | Failed]: ...


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question about the picture. `statement` is what it asks about, for experts that need no language."""

    picture: Picture
    question: str
    statement: Statement | None = None
    draw: int = 0
    temperature: float = 0.0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer in words, with a confidence from 0 to 1 where there is one."""

    text: str
    score: float | None = None


class Answerer(Protocol):
    """Picture and question to an answer."""

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]: ...


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Which words are written in the picture?"""

    picture: Picture
    record: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One run of words, where it stands, and a confidence from 0 to 1."""

    words: str
    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Words:
    """All words found, in reading order."""

    found: tuple[Word, ...]


class Ocr(Protocol):
    """Picture to the words in it."""

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]: ...


@dataclass(frozen=True, slots=True)
class EntailRequest:
    """Does the premise say that the hypothesis holds?"""

    premise: str
    hypothesis: str


@dataclass(frozen=True, slots=True)
class Entailed:
    """The label and its probability."""

    label: Literal["entailed", "contradicted", "neutral"]
    score: float


class Entailer(Protocol):
    """Text and text to entailment."""

    def entail(self, requests: list[EntailRequest]) -> list[Entailed | Failed]: ...


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Put the graph into words.

    `sources` are the captions it was made from. With `edit` the writer keeps that caption's wording, cuts what `graph` no longer
    states and adds what it states beyond it; without, it writes afresh.
    """

    graph: SceneGraph
    sources: tuple[Caption, ...] = ()
    edit: Caption | None = None
    style: str = "fused"


@dataclass(frozen=True, slots=True)
class Written:
    """The text and what it says, spans pointing into the text."""

    text: str
    graph: SceneGraph


class Writer(Protocol):
    """Scene graph to fluent text: no statement lost, none added."""

    def write(self, requests: list[WriteRequest]) -> list[Written | Failed]: ...


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """A picture or a text, one of them, as a vector."""

    picture: Picture | None = None
    text: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Embedded:
    """float32 of the model's width, not normalised. Pictures and texts of one model share a space."""

    vector: NDArray[np.float32]


class Embedder(Protocol):
    """Pictures and texts to vectors of one space."""

    def embed(self, requests: list[EmbedRequest]) -> list[Embedded | Failed]: ...


@dataclass(frozen=True, slots=True)
class PaintRequest:
    """Draw what the text says; another draw is another picture."""

    text: str
    size: int = 224  # pixels of each side
    draw: int = 0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Painted:
    """The picture, with a key of its own."""

    picture: Picture


class Painter(Protocol):
    """Text to picture."""

    def paint(self, requests: list[PaintRequest]) -> list[Painted | Failed]: ...


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A prompt with the pictures it speaks of. Captions and other texts from outside stand in it as quoted data.

    With `schema`, a JSON schema as text, the reply is JSON that the schema allows.
    """

    prompt: str
    pictures: tuple[Picture, ...] = ()
    system: str = ""
    schema: str = ""
    tokens: int = 512  # of the reply, at most
    draw: int = 0
    temperature: float = 0.0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Replied:
    """The model's words."""

    text: str


class ChatModel(Protocol):
    """Prompt to reply."""

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]: ...


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """How good is each of these captions of the picture? `texts` is what is said of the picture elsewhere."""

    picture: Picture
    captions: tuple[str, ...]
    texts: tuple[str, ...] = ()
    draw: int = 0
    temperature: float = 0.0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One score for each caption in order, from 1 (worst) to 6."""

    scores: tuple[float, ...]


class Judge(Protocol):
    """Picture and captions to scores."""

    def judge(self, requests: list[JudgeRequest]) -> list[Judged | Failed]: ...


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What is in the picture that `other`, painted from a caption of it, shows differently or not at all?"""

    picture: Picture
    other: Picture
    draw: int = 0
    temperature: float = 0.0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """Sentences of what the first picture shows, most striking first; none where the two agree."""

    hints: tuple[str, ...]


class Comparer(Protocol):
    """Two pictures to their differences in words."""

    def compare(self, requests: list[CompareRequest]) -> list[Differences | Failed]: ...
