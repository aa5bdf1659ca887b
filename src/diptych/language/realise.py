"""A scene graph in words: grammatical, no statement lost, none added, every phrase traceable."""

from dataclasses import replace

from diptych.data.errors import InputError
from diptych.data.graphs import SceneGraph
from diptych.language.compose import Composer, spanned
from diptych.language.plan import clauses
from diptych.language.wording import noun_phrase, predicate_phrase

__all__ = ["STYLES", "noun_phrase", "predicate_phrase", "realise"]
STYLES = ("short", "fused", "dense", "spatial")


def realise(graph: SceneGraph, style: str = "fused") -> tuple[str, SceneGraph]:
    """The graph in words, and the graph with spans into them.

    fused: few sentences that join what goes together. dense: all things first, then a sentence for each relation. spatial: as dense,
    places before deeds and spelt out. short: one sentence; it says, and returns, only the first clause or the first few things.
    """
    if style not in STYLES:
        raise InputError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    if style == "short":
        graph = _salient(graph)
    composer = Composer(graph, range(len(graph.relations)), long=style == "spatial")
    everything = range(len(graph.entities))
    if style in ("dense", "spatial"):
        inner = {e for c in composer.pending if c.inside for e in c.objects}
        composer.things([i for i in everything if i not in inner])
        composer.relations(joined=False)
    else:
        composer.relations(joined=True)
    composer.things(everything)
    composer.relations(joined=False)
    composer.things(everything, even_inner=True)
    composer.relations(joined=False)
    told = {number for kind, number, _ in composer.marks if kind == "text"}
    composer.words([n for n in range(len(graph.texts)) if n not in told])
    composer.absences([i for i in everything if graph.entities[i].negated])
    return composer.text.rstrip(), spanned(graph, composer.marks)


def _salient(graph: SceneGraph) -> SceneGraph:
    """One sentence's worth: the first clause that is not a mere "of", else the first few things."""
    first = next((c for c in clauses(graph, range(len(graph.relations))) if not c.inside), None)
    sure = [i for i, e in enumerate(graph.entities) if not e.negated and not e.hedged]
    keep = {*first.subjects, *first.objects} if first else set(sure[:4])
    inner = [n for n, r in enumerate(graph.relations) if r.predicate == "of" and r.subject in keep]
    says = sorted({*(first.says if first else ()), *inner})
    keep.update(graph.relations[n].object for n in inner)
    place = {index: at for at, index in enumerate(sorted(keep))}
    return SceneGraph(
        tuple(graph.entities[i] for i in place),
        tuple(
            replace(graph.relations[n], subject=place[graph.relations[n].subject], object=place[graph.relations[n].object]) for n in says
        ),
        tuple(replace(q, entity=place[q.entity]) for q in graph.texts if q.entity is not None and q.entity in place),
    )
