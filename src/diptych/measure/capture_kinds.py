"""What CAPTURE compares: the visible things of a caption, their attributes and relations; credit by kind; cosines of phrases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diptych.data.graphs import SceneGraph
from diptych.language.wordnet import is_physical
from diptych.measure.asking import ask_all
from diptych.measure.embeddings import Vector, cosine, unit
from diptych.models.abilities import Embedder, EmbedRequest, Failed


@dataclass(frozen=True, slots=True)
class Credit:
    """One kind of one candidate and reference: how many each side has, and what of it is credited."""

    candidate: int
    reference: int
    precise: float  # of the candidate's, matched ones and soft credit
    recalled: float  # of the reference's

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where one side alone has any, nan where neither has."""
        if not self.candidate or not self.reference:
            return 0.0 if self.candidate or self.reference else float("nan")
        precision, recall = self.precise / self.candidate, self.recalled / self.reference
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


Credits = tuple[Credit, Credit, Credit]  # objects, attributes, relations


def visible(graph: SceneGraph) -> SceneGraph:
    """The graph without what is denied or hedged, without nouns that name nothing physical, and without what hangs on them."""
    kept = [i for i, e in enumerate(graph.entities) if not e.negated and not e.hedged and is_physical(e.noun)]
    place = {index: at for at, index in enumerate(kept)}
    relations = tuple(
        replace(r, subject=place[r.subject], object=place[r.object]) for r in graph.relations if r.subject in place and r.object in place
    )
    return SceneGraph(tuple(graph.entities[i] for i in kept), relations)


class Cosines:
    """Unit vectors of phrases, each embedded once; a phrase whose embedding failed has the cosine 0 with all, and is counted."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.failed = 0
        self._vectors: dict[str, Vector | None] = {}

    def learn(self, phrases: Iterable[str]) -> None:
        """Embeds the phrases that are new; RunError for an embedder that leaves requests out."""
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in self._vectors]
        for phrase, answer in zip(new, ask_all(self.embedder.embed, [EmbedRequest(text=phrase) for phrase in new]), strict=True):
            self._vectors[phrase] = vector = None if isinstance(answer, Failed) else unit(answer.vector)
            self.failed += vector is None

    def table(self, ours: Sequence[str], theirs: Sequence[str]) -> NDArray[np.float64]:
        """Cosines, one row for each of ours; InputError for vectors of two widths."""
        found = np.zeros((len(ours), len(theirs)))
        for i, a in enumerate(map(self._vectors.__getitem__, ours)):
            for j, b in enumerate(map(self._vectors.__getitem__, theirs)):
                if a is not None and b is not None:
                    found[i, j] = cosine(a, b)
        return found
