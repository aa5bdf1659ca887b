"""A chat model as writer of captions from scene graphs, held to the graph by the parser."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from diptych.data.graphs import SceneGraph, Statement
from diptych.language.edit import edit
from diptych.language.entail import Index
from diptych.language.fuse import prune, stated
from diptych.language.parse import parse
from diptych.language.realise import realise
from diptych.language.sentence import sentence
from diptych.language.trace import traced
from diptych.models.abilities import ChatModel, ChatRequest, Failed, WriteRequest, Written
from diptych.models.prompting import QUOTED, asked, listed, plain, quoted
from diptych.models.spending import spent_of

# style: the manner, and the most tokens of the caption
STYLES: dict[str, tuple[str, int]] = {
    "short": ("in one sentence", 128),
    "alt": ("in one short phrase, as alt text", 64),
    "fused": ("in a few fluent sentences", 256),
    "dense": ("in detail, in fluent sentences", 512),
    "spatial": ("in fluent sentences that tell where things are", 512),
}
RULE = "Leave no fact out and add none: no mood, no guess, no other thing. Reply with the caption alone."
ADDED, LOST = "written statements cut", "statements not written"


@dataclass(frozen=True, slots=True)
class ChatWriter:
    """A Writer. What its caption says beyond the graph is cut, and what it leaves out is counted; both after asking once more."""

    chat: ChatModel
    counted: Counter[str] = field(default_factory=Counter, compare=False)

    @property
    def revision(self) -> str:
        """The chat model's."""
        return str(getattr(self.chat, "revision", ""))

    @property
    def spent(self) -> Counter[str]:
        """What the chat model has spent, with the statements that were cut and left out, where it keeps count."""
        own = getattr(self.chat, "spent", None)
        return spent_of(self.chat) if isinstance(own, Counter) else self.counted

    def write(self, requests: list[WriteRequest]) -> list[Written | Failed]:
        """One caption each."""
        tasks = [_task(request) for request in requests]
        first = [one if isinstance(one, Failed) else _sent(one.prompt, one) for one in tasks]
        drafts = asked(self.chat, first, lambda number, text: _draft(tasks[number], text))
        wrong = [at for at, one in enumerate(drafts) if isinstance(one, Draft) and (one.added or one.lost)]
        again = [one if isinstance(one := drafts[at], Failed) else _sent(one.prompt, one.task) for at in wrong]
        better = asked(self.chat, again, lambda number, text: _draft(tasks[wrong[number]], text))
        for at, draft in zip(wrong, better, strict=True):
            drafts[at] = _best(drafts[at], draft)
        return [one if isinstance(one, Failed) else self._held(one) for one in drafts]

    def _held(self, draft: "Draft") -> Written | Failed:
        """The draft without what the graph does not state."""
        self.spent.update({name: len(faults) for name, faults in ((ADDED, draft.added), (LOST, draft.lost)) if faults})
        text, graph = draft.text, draft.graph
        if draft.added:
            says = prune(stated(graph), lambda statement: statement.key not in {one.key for one in draft.added})
            if not says.entities and not says.texts:
                return Failed(f"the caption says nothing of what it was given: {text[:80]!r}")
            text, graph = edit(text, graph, says)
            if _beyond(parse(text), draft.task.graph, hedged=True):
                # a text that no cut can mend: what it rightly says is written by rules
                return Written(*realise(prune(draft.task.graph, lambda statement: statement not in draft.lost)))
        return Written(text, traced(graph, draft.task.graph))


@dataclass(frozen=True, slots=True)
class Task:
    """What to say and how it is asked for."""

    graph: SceneGraph
    prompt: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A caption, what the parser reads in it, what of that is not in the graph, and what of the graph is not in it."""

    task: Task
    text: str
    graph: SceneGraph
    added: tuple[Statement, ...]
    lost: tuple[Statement, ...]

    @property
    def prompt(self) -> str:
        """What the chat model is told of its own draft."""
        lines = [self.task.prompt, f"You wrote: {quoted(self.text)}"]
        for statements, about in ((self.added, "It says this, which is not among the facts:"), (self.lost, "It leaves this out:")):
            if statements:
                lines.append(f"{about}\n{listed([sentence(one) for one in statements])}")
        return "\n".join([*lines, "Write it again, right."])


def prompt(facts: str, style: str, sources: Sequence[str] = (), base: str = "") -> str:
    """What the chat model is told: the facts in plain words, captions whose wording it may use, and one to change."""
    lines = [f"Write one caption of a picture {STYLES[style][0]}. It says these facts and nothing else: {quoted(facts)}"]
    if base:
        lines.append(f"Change this caption to say them, and nothing of it that need not change: {quoted(base)}")
    elif sources:
        lines.append(f"Take the wording of these captions where it fits, but no fact of theirs, for some are wrong:\n{listed(sources)}")
    return "\n".join([*lines, RULE])


def _task(request: WriteRequest) -> Task | Failed:
    if request.style not in STYLES:
        return Failed(f"a chat model writes in the styles {', '.join(STYLES)}, got {request.style!r}")
    graph = stated(request.graph)
    if not graph.entities and not graph.texts:
        return Failed("the graph is empty: there is nothing to write")
    if request.style == "short" and request.edit is None:
        graph = realise(graph, "short")[1]
    sources = [caption.text for caption in request.sources]
    told = prompt(realise(graph, "dense")[0], request.style, sources, request.edit.text if request.edit else "")
    return Task(graph, told, STYLES[request.style][1])


def _sent(told: str, task: Task) -> ChatRequest:
    return ChatRequest(told, system=QUOTED, tokens=task.tokens)


def _draft(task: Task | Failed, text: str) -> Draft | Failed:
    if isinstance(task, Failed):
        return task
    words = plain(text)
    if not words:
        return Failed("the caption is empty")
    graph = parse(words)
    return Draft(task, words, graph, _beyond(graph, task.graph, hedged=True), _beyond(task.graph, graph))


def _beyond(graph: SceneGraph, other: SceneGraph, *, hedged: bool = False) -> tuple[Statement, ...]:
    """What the graph states that the other does not bear out."""
    known = Index(other)
    return tuple(one for one in graph.statements(hedged=hedged) if known.holds(one) != "supported")


def _best(first: Draft | Failed, second: Draft | Failed) -> Draft | Failed:
    """The draft with fewer faults; the first where they are equal or the second failed."""
    if isinstance(second, Failed) or isinstance(first, Failed):
        return first
    return second if len(second.added) + len(second.lost) < len(first.added) + len(first.lost) else first
