"""Link the nodes of a graph of described regions: how several of a kind are arranged, and what relations hold among a node's things."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import atan2, pi

from diptych.arrays.trees import spanning_walk, ways
from diptych.data.graphs import Entity, Relation, SceneGraph
from diptych.data.nodes import RELATED, children, hung, is_root, nodes, said_of
from diptych.data.records import Caption, Record
from diptych.data.regions import Box, Region
from diptych.engine.context import Context
from diptych.language.parse import parse
from diptych.language.wordnet import same_thing
from diptych.models.abilities import Captioner, CaptionRequest, Described, Writer, WriteRequest, Written
from diptych.models.calls import ask, take
from diptych.write.weave import fit

Draft = tuple[Region, str, SceneGraph]  # the node above, the phrase that links, what is to be said
VERTICAL = ("above", "below")


@dataclass(frozen=True, slots=True)
class ComposeNodes:
    """For every phrase that led to several boxes one composition node, which tells how they lie to each other.

    The minimum spanning tree over the boxes' middles is walked from an outermost or the middle one, drawn by lot; each box is told from
    the one before it, in eight directions: left of, right of, `vertical`, or two of them. `vertical` are the words for up and down in the
    picture; looking down on a ground they are ("behind", "in front of").
    """

    writer: str
    vertical: tuple[str, str] = VERTICAL
    style: str = "fused"

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        return {f"write calls to {self.writer}": sum(len(some) > 1 for _, _, some in _groups(record)) or 1}

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        drafts = {record.id: list(self._drafts(record, context)) for record in records}
        return written(records, drafts, ("ComposeNodes", self.writer), ("composition", self.style), context)

    def _drafts(self, record: Record, context: Context) -> Iterator[Draft]:
        several = [group for group in _groups(record) if len(group[2]) > 1]
        for number, (parent, phrase, members) in enumerate(several):
            picture = context.picture(record.subject)
            middles = [(x * picture.width, y * picture.height) for x, y in map(_middle, members)]
            starts = ways(middles)
            start = starts[int(context.rng(record.id, number).integers(len(starts)))]
            relations = tuple(
                Relation(new, word, old)
                for old, new in spanning_walk(middles, start)
                for word in directions(middles[old], middles[new], self.vertical)
            )
            yield parent, phrase, SceneGraph(tuple(_entity(record, node) for node in members), relations)


def directions(here: tuple[float, float], there: tuple[float, float], vertical: tuple[str, str] = VERTICAL) -> tuple[str, ...]:
    """How `there` lies to `here`, in eight directions of 45 degrees; x to the right, y downwards. Nothing where they coincide."""
    across, down = there[0] - here[0], there[1] - here[1]
    if across == 0 == down:
        return ()
    eighth = round(atan2(down, across) / (pi / 4)) % 8
    sideways = "right of" if eighth in (7, 0, 1) else "left of" if eighth in (3, 4, 5) else ""
    upright = vertical[1] if eighth in (1, 2, 3) else vertical[0] if eighth in (5, 6, 7) else ""
    return tuple(word for word in (sideways, upright) if word)


@dataclass(frozen=True, slots=True)
class RelateNodes:
    """For every node with two things in it or more one relation node: of what the captioner says in the `spatial` style, the relations
    between those things.
    """

    captioner: str
    writer: str
    spatial: str = "spatial"
    style: str = "fused"

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        number = len(self._crowded(record)) or 1
        return {f"caption calls to {self.captioner}": number, f"write calls to {self.writer}": number}

    def _crowded(self, record: Record) -> list[Region]:
        return [node for node in nodes(record) if node.kind != "group" and len(_under(record, node)) > 1]

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        def requests(record: Record) -> list[CaptionRequest]:
            crowded = self._crowded(record)
            picture = context.picture(record.subject) if crowded else None
            return [
                CaptionRequest(picture, self.spatial, None if is_root(node) else node.box, record=record.id)
                for node in crowded
                if picture is not None
            ]

        answers = ask(records, requests, context.open(self.captioner, Captioner).caption, context)
        drafts: dict[str, list[Draft]] = {record.id: [] for record in records}

        def told(record: Record, given: tuple[Described, ...]) -> Record:
            for node, one in zip(self._crowded(record), given, strict=True):
                graph = among(parse(one.text), _under(record, node), record)
                if graph.relations:
                    drafts[record.id].append((node, RELATED, graph))
            return record

        records = take(records, answers, ("RelateNodes", self.captioner), told)
        return written(records, drafts, ("RelateNodes", self.writer), (RELATED, self.style), context)


def among(graph: SceneGraph, members: Sequence[Region], record: Record) -> SceneGraph:
    """The relations between single things that stand for nodes, each node at most once; entities name their regions."""
    stands: dict[int, str] = {}
    pairs = [(index, node) for index, e in enumerate(graph.entities) for node in members if same_thing(e.noun, node.label)]
    # sorting is stable: of those that fit alike, the first said takes the first found
    for index, node in sorted(pairs, key=lambda pair: -fit(graph.entities[pair[0]].values, _entity(record, pair[1]).values)):
        entity = graph.entities[index]
        if index not in stands and node.id not in stands.values() and entity.count == 1 and not entity.negated:
            stands[index] = node.id
    relations = [r for r in graph.relations if r.subject in stands and r.object in stands and r.subject != r.object]
    used = [i for i in stands if any(i in (r.subject, r.object) for r in relations)]
    place = {index: at for at, index in enumerate(sorted(used))}
    return SceneGraph(
        tuple(replace(graph.entities[i], region=stands[i], span=None) for i in place),
        tuple(replace(r, subject=place[r.subject], object=place[r.object], span=None) for r in relations),
    )


def written(
    records: list[Record], drafts: Mapping[str, Sequence[Draft]], blame: tuple[str, str], styles: tuple[str, str], context: Context
) -> list[Record]:
    """Each draft as a node of kind group with a caption of the first style, worded in the second; what it tells of hangs under it too.

    `blame` is the step and its writer.
    """
    writer = blame[1]

    def requests(record: Record) -> list[WriteRequest]:
        return [WriteRequest(graph, style=styles[1]) for _, _, graph in drafts[record.id]] if record.status.kind == "kept" else []

    answers = ask(records, requests, context.open(writer, Writer).write, context)

    def told(record: Record, given: tuple[Written, ...]) -> Record:
        for number, (one, (parent, phrase, graph)) in enumerate(zip(given, drafts[record.id], strict=False)):
            members = {e.region for e in graph.entities if e.region is not None}
            box = _around(region.box for region in record.regions if region.id in members)
            group = Region(f"{record.id}/{context.place}.g{number}", box, "group", phrase, by=writer, parents=((parent.id, phrase),))
            caption = Caption(f"{record.id}/{context.place}.{number}", one.text, writer, styles[0], region=group.id, graph=one.graph)
            record = hung(record.add(regions=[group], captions=[caption]), dict.fromkeys(members, ((group.id, phrase),)))
        return record

    return take(records, answers, blame, told)


def _groups(record: Record) -> Iterator[tuple[Region, str, list[Region]]]:
    """Nodes with the things under them, by phrase."""
    for parent in nodes(record):
        if parent.kind != "group":
            yield from ((parent, phrase, members) for phrase, members in children(record, parent.id).items())


def _under(record: Record, node: Region) -> list[Region]:
    found = (region for members in children(record, node.id).values() for region in members)
    return list({region.id: region for region in found}.values())


def _entity(record: Record, node: Region) -> Entity:
    """A node as a thing, with the attributes that its caption gives it."""
    graphs = (caption.graph or parse(caption.text) for caption in said_of(record, node.id))
    own = next((e for graph in graphs for e in graph.entities if same_thing(e.noun, node.label)), None)
    attributes = tuple(replace(a, span=None) for a in own.attributes) if own else ()
    return Entity(node.label, 1, attributes=attributes, region=node.id)


def _middle(region: Region) -> tuple[float, float]:
    box = region.box
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _around(boxes: Iterable[Box]) -> Box:
    left, top, right, bottom = zip(*((b.left, b.top, b.right, b.bottom) for b in boxes), strict=True)
    return Box(min(left), min(top), max(right), max(bottom))
