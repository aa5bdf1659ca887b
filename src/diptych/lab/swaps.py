"""True sentences of two things, and the same words of the wrong ones: which a small encoder takes that learnt from given captions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.records import Record
from diptych.engine.context import Context
from diptych.engine.reading import read_run
from diptych.engine.run import run
from diptych.engine.steps import Pipeline, Step
from diptych.lab.also import neighbours
from diptych.lab.nano import with_tokens
from diptych.lab.opening import Opened, opened, pictures
from diptych.lab.protocols import encoder_of, retrieval_scores, seen
from diptych.lab.worlds import Corpus
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive, SameText
from diptych.train.data import Data
from diptych.train.encoders import encoder_for
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.world.corrupt import colour_of, coloured
from diptych.world.experts import DIRECTIONS, TURNED
from diptych.world.grammar import say
from diptych.world.latents import stream
from diptych.world.lookup import Known, know

Pair = tuple[SceneGraph, SceneGraph]  # the true sentence and the false one
KINDS = ("relation", "attribute")


def turned(known: Known) -> Iterator[Pair]:
    """A direction between neighbours, and its opposite."""
    for one, other in _told_apart(known):
        both = (_thing(known, one), _thing(known, other))
        holds = [p for p, o in known.near.get(one, ()) if o == other and p in DIRECTIONS]
        yield from ((SceneGraph(both, (Relation(0, p, 1),)), SceneGraph(both, (Relation(0, TURNED[p], 1),))) for p in holds)


def exchanged(known: Known) -> Iterator[Pair]:
    """Neighbours of different noun and colour, and the same two with each other's colours, which nothing in the picture bears out."""
    looks = {(thing.noun, thing.values.get("colour", "")) for thing in known.things}
    for one, other in _told_apart(known):
        a, b = _thing(known, one), _thing(known, other)
        c, d = coloured(a, colour_of(b)), coloured(b, colour_of(a))
        if a.noun != b.noun and not {(c.noun, colour_of(c)), (d.noun, colour_of(d))} & looks:
            yield SceneGraph((a, b)), SceneGraph((c, d))


def _told_apart(known: Known) -> list[tuple[int, int]]:
    """Neighbours that differ in looks from each other and from all else."""
    looks = [(thing.noun, thing.values.get("colour", "")) for thing in known.things]
    pairs = sorted((min(pair), max(pair)) for pair in neighbours(known))
    return [pair for pair in pairs if all(looks[i][1] and looks.count(looks[i]) == 1 for i in pair)]


def _thing(known: Known, index: int) -> Entity:
    thing = known.things[index]
    return Entity(thing.noun, 1, attributes=(Attribute(thing.values["colour"]),))


@dataclass(frozen=True, slots=True)
class Captioned:
    """A world's rows after a pipeline, with what it takes to run one more step on them."""

    rows: tuple[Record, ...]
    have: Opened
    seed: int

    def after(self, step: Step) -> list[Record]:
        """The rows once this step has run too."""
        return step(list(self.rows), Context(self.have.opener, self.have.pictures, self.seed, "99"))


def captioned(pipeline: Pipeline, address: str, seed: int) -> Captioned:
    """Runs the pipeline over the world of an address, in a folder that is thrown away; InputError where a row fails."""
    have = opened(address, seed)
    with TemporaryDirectory(prefix="diptych-lab-") as folder:
        out = Path(folder) / "run"
        summary = run(pipeline, have.source, out, opener=have.opener, pictures=have.pictures, seed=seed, progress=False)
        if failed := summary.rows()["failed"]:
            raise InputError(f"{failed} rows of {address} failed: run the pipeline by itself to see why")
        return Captioned(tuple(read_run(out)), have, seed)


@dataclass(frozen=True, slots=True)
class Learning:
    """A start for all, and how long each learns."""

    start: Path
    tokens: Data  # the tokenizer, and the pictures' tokens by row
    updates: int
    batch: int

    def learnt(self, rows: Sequence[Record], out: Path, seed: int) -> Path:
        """The encoder after as many updates on these rows, those without captions left out; each time one caption of a row by lot."""
        told = [place for place, row in enumerate(rows) if row.status.kind == "kept" and row.chosen]
        made = Data([rows[place] for place in told], pictures, self.tokens.inputs).having(tokens=self.tokens.columns["tokens"][told])
        dual, data = encoder_for(f"hf:{self.start}", made, seed)
        stage = Stage("pairs", Contrastive(belongs=SameText()), Random(self.batch), self.updates, lr=2e-3, weight_decay=0.05)
        return train((stage,), dual.model, data, out, seed=seed)


def swap_scores(folder: Path, corpus: Corpus) -> dict[str, float]:
    """`relation_swaps`, `attribute_swaps`, `swaps`: the share of true sentences that are nearer to the picture than the false one, by kind
    and their mean; and recall at 1 of the corpus's captions, both ways.
    """
    tokens = with_tokens(Data(corpus.rows, corpus.pictures)).columns["tokens"]
    one = seen(*encoder_of(folder), corpus, tokens)
    found: dict[str, float] = {}
    for kind, make in zip(KINDS, (turned, exchanged), strict=True):
        pairs = [(row, pair) for row, truth in enumerate(corpus.truths) for pair in make(know(truth))]
        texts = [say(graph, "short", stream(9, "swap", row, kind).tolist()).text for row, pair in pairs for graph in pair]
        vectors = one.texts(texts).reshape(len(pairs), 2, -1)
        scores = np.einsum("nd,nkd->nk", one.image_ND[[row for row, _ in pairs]], vectors)
        found[f"{kind}_swaps"] = float(np.mean((scores[:, 0] > scores[:, 1]) + 0.5 * (scores[:, 0] == scores[:, 1])))
    recalls = retrieval_scores(one, ks=(1,))
    return (
        {"swaps": float(np.mean([found[f"{kind}_swaps"] for kind in KINDS]))}
        | found
        | {f"{way}_recall_1": recalls[f"{way}_recall_1"] for way in ("i2t", "t2i")}
    )
