"""What a simulated captioner makes of texts and examples that it is shown with the picture, and of a limit of words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from diptych.data.graphs import SceneGraph, Statement
from diptych.language.fuse import fuse, prune
from diptych.language.parse import parse
from diptych.measure.text import words_of
from diptych.models.abilities import CaptionRequest
from diptych.world.grammar import Said
from diptych.world.latents import Voice
from diptych.world.lookup import Known
from diptych.world.rates import CaptionerRates


@dataclass(frozen=True, slots=True)
class Told:
    """What a request says beside the picture: a question, an answer shown with it, texts, and at most how many words (0 for any)."""

    question: str = ""
    answer: str = ""
    texts: tuple[str, ...] = ()
    limit: int = 0


def told_by(request: CaptionRequest) -> Told | None:
    """What the request says beside the picture, or None. Of examples the length is followed, where no number of words is asked for."""
    limit = request.words
    if request.examples and not limit:
        limit = round(sum(len(words_of(text)) for text in request.examples) / len(request.examples))
    if not (request.question or request.texts or limit):
        return None
    answers = [text for text in request.texts if request.question and text.startswith(request.question)]
    answer = answers[0][len(request.question) :].strip() if answers else ""
    return Told(request.question, answer, tuple(text for text in request.texts if text not in answers), limit)


def with_texts(graph: SceneGraph, texts: Sequence[str], known: Known, rates: CaptionerRates, voice: Voice, *, draw: int) -> SceneGraph:
    """What the captioner saw, and what it takes from the texts; where the two exclude each other, what it saw."""
    if not texts:
        return graph

    def taken(statement: Statement) -> bool:
        true = known.index.holds(statement, closed=True) == "supported"
        u = voice.draws(1, known.key, "\x1e".join(("told", *statement.key)), draw)[0]
        return u < rates.taking * (1.0 if true else rates.credulity)

    return fuse([("seen", "seen", graph), ("told", "told", prune(parse(" ".join(texts)), taken))], "conflict_drop")


def in_front(first: SceneGraph, graph: SceneGraph) -> SceneGraph:
    """One graph, things and relations of `first` before the others; of a noun that it names, nothing of the other graph stays."""
    named = {entity.noun for entity in first.entities}
    rest = without(graph, {place for place, entity in enumerate(graph.entities) if entity.noun in named})
    start = len(first.entities)
    return SceneGraph(
        (*first.entities, *rest.entities),
        (*first.relations, *(replace(r, subject=r.subject + start, object=r.object + start) for r in rest.relations)),
        (*first.texts, *(q if q.entity is None else replace(q, entity=q.entity + start) for q in rest.texts)),
    )


def within(graph: SceneGraph, first: SceneGraph, limit: int, worded: Callable[[SceneGraph], Said]) -> Said:
    """The graph in words, at most `limit` of them where leaving out what is not in `first` does it; 0 for no limit."""
    said = worded(graph)
    while limit and len(words_of(said.text)) > limit:
        less = shorter(graph, first)
        if less is None:
            break
        graph, said = less, worded(less)
    return said


def shorter(graph: SceneGraph, first: SceneGraph) -> SceneGraph | None:
    """The graph without its last relation, or else its last thing; None where nothing is left but `first`, or one thing."""
    if len(graph.relations) > len(first.relations):
        return replace(graph, relations=graph.relations[:-1])
    if len(graph.entities) > max(1, len(first.entities)):
        return without(graph, {len(graph.entities) - 1})
    return None


def without(graph: SceneGraph, places: set[int]) -> SceneGraph:
    """The graph without the things at these places and all that belongs to them."""
    new = {old: place for place, old in enumerate(old for old in range(len(graph.entities)) if old not in places)}
    return SceneGraph(
        tuple(graph.entities[old] for old in new),
        tuple(replace(r, subject=new[r.subject], object=new[r.object]) for r in graph.relations if r.subject in new and r.object in new),
        tuple(q if q.entity is None else replace(q, entity=new[q.entity]) for q in graph.texts if q.entity is None or q.entity in new),
    )
