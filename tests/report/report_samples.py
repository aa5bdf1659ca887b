"""Hand-made rows that look like a run: drawn pictures, captions by several writers, verdicts with boxes, a fused caption."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from diptych.data.draws import generator
from diptych.data.errors import PictureError
from diptych.data.graphs import Attribute, Entity, Relation, SceneGraph
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record, Verdict
from diptych.data.regions import Box, Region

COLOURS = {"red": "#d8433b", "blue": "#3c6fd1", "green": "#3d9a57", "yellow": "#e8c23a", "purple": "#8a56c2"}
NOUNS = ("cube", "ball", "cone", "mug", "ring")
DETECTOR, ANSWERER = "sim:detector?recall=.9&fp=.05", "sim:answerer?accuracy=.9"
CAPTIONERS = ("sim:captioner-a?recall=.6", "sim:captioner-b?recall=.5", "sim:captioner-c?recall=.7")


@dataclass(frozen=True)
class Thing:
    noun: str
    colour: str
    box: Box


@dataclass(frozen=True)
class Says:
    """What a caption claims: things, and whether the first stands left of the second."""

    things: tuple[tuple[str, str], ...]
    left: bool = False


def scene(seed: int) -> tuple[Thing, ...]:
    rng = generator("scene", seed)
    nouns = rng.permutation(NOUNS)[: 2 + seed % 3]
    return tuple(
        Thing(str(noun), str(rng.choice(list(COLOURS))), Box(x := 0.05 + 0.3 * n, y := float(rng.uniform(0.3, 0.55)), x + 0.24, y + 0.3))
        for n, noun in enumerate(nouns)
    )


def draw(things: tuple[Thing, ...], size: tuple[int, int] = (480, 360)) -> Pillow.Image:
    width, height = size
    shade = np.linspace(235, 190, height, dtype=np.uint8)
    picture = Pillow.fromarray(np.repeat(np.repeat(shade[:, None, None], width, 1), 3, 2))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, int(height * 0.72), width, height), fill="#b9a88f")
    for thing in things:
        box = (thing.box.left * width, thing.box.top * height, thing.box.right * width, thing.box.bottom * height)
        fill = COLOURS[thing.colour]
        if thing.noun == "cube":
            pen.rectangle(box, fill=fill)
        elif thing.noun == "cone":
            pen.polygon(((box[0] + box[2]) / 2, box[1], box[2], box[3], box[0], box[3]), fill=fill)
        elif thing.noun == "ring":
            pen.ellipse(box, outline=fill, width=18)
        else:
            pen.ellipse(box, fill=fill)
    return picture


def write(says: Says) -> tuple[str, SceneGraph]:
    """The text, and its graph with the spans that a parser would give."""
    words = [f"a {colour} {noun}" for colour, noun in says.things]
    text = " left of ".join(words[:2]) if says.left else " and ".join(words[:2])
    text = ", ".join((text, *words[2:]))
    entities, at = [], 0
    for colour, noun in says.things:
        found = re.compile(f"{colour} {noun}").search(text, at)
        assert found is not None
        middle = found.start() + len(colour)
        at = found.end()
        entities.append(Entity(noun, 1, None, (Attribute(colour, (found.start(), middle)),), span=(middle + 1, found.end())))
    start = text.find("left of")
    relations = (Relation(0, "left of", 1, (start, start + 7)),) if says.left else ()
    return text, SceneGraph(tuple(entities), relations)


def fuse(parts: list[Caption], keep: set[tuple[str, str]], left: bool) -> Caption:
    """One caption from what survived, each part knowing its sources."""
    text, graph = write(Says(tuple(sorted(keep)), left))
    entities = []
    for entity in graph.entities:
        tellers = tuple(c.id for c in parts if c.graph and entity.noun in {e.noun for e in c.graph.entities})
        of_colour = tuple(
            c.id for c in parts if c.graph and any(e.noun == entity.noun and e.values == entity.values for e in c.graph.entities)
        )
        entities.append(replace(entity, origins=tellers, attributes=(replace(entity.attributes[0], origins=of_colour),)))
    graph = replace(graph, entities=tuple(entities))
    return Caption(f"{parts[0].id}+", text, "rules:", "fused", parents=tuple(c.id for c in parts), graph=graph)


def judge(record: Record, things: tuple[Thing, ...]) -> Record:
    """Verdicts of a detector and an answerer that see the truth."""
    truth = {thing.noun: thing for thing in things}
    regions = [Region(f"{record.id}/r{n}", t.box, label=t.noun, score=0.9 - 0.1 * n, by=DETECTOR) for n, t in enumerate(things)]
    where = {region.label: region.id for region in regions}
    verdicts = []
    for caption in record.captions:
        for one in caption.graph.statements() if caption.graph and not caption.parents else ():
            found = truth.get(one.subject)
            if one.kind == "exists":
                answer = "supported" if found else "contradicted"
                score = 0.87 if found else None
                verdicts.append(
                    Verdict(caption.id, one.number, answer, DETECTOR, where.get(one.subject), f"{int(bool(found))} found", score)
                )
            elif one.kind == "attribute":
                yes = found is not None and found.colour == one.value
                answer = "supported" if yes else "contradicted" if found else "unknown"
                said = "yes" if yes else "no" if found else "cannot tell"
                verdicts.append(Verdict(caption.id, one.number, answer, ANSWERER, None, said, 0.8, caption.by == CAPTIONERS[2]))
    return record.add(regions=regions, verdicts=verdicts)


def row(seed: int) -> Record:
    things = scene(seed)
    rng = generator("row", seed)
    id = f"scene-{seed:04d}"
    captions = [Caption(f"{id}/source", f"IMG_{seed:04d} best price free shipping" if seed % 3 == 0 else write(_says(things, rng))[0])]
    for n, by in enumerate(CAPTIONERS):
        text, graph = write(_says(things, rng))
        captions.append(Caption(f"{id}/{n}", text, by, "short", graph=graph))
    record = judge(Record(id, Image(f"world:300?seed={seed}", str(seed), 480, 360, f"key{seed}"), tuple(captions)), things)
    if seed % 13 == 5:
        return replace(record, captions=captions[:1], regions=(), verdicts=()).fail("Propose", "truncated picture: 3012 of 4096 bytes", "…")
    keep = {(t.colour, t.noun) for t in things}
    record = record.add(captions=[fuse(captions[1:], keep, left=False)]).choose(f"{id}/0+")
    return record.drop("Keep", "fact score 0.31 below 0.5") if seed % 7 == 3 else record


def _says(things: tuple[Thing, ...], rng: np.random.Generator) -> Says:
    said = [(str(rng.choice(list(COLOURS))) if rng.random() < 0.3 else t.colour, t.noun) for t in things if rng.random() < 0.8]
    if rng.random() < 0.3:
        said.append((str(rng.choice(list(COLOURS))), next(n for n in NOUNS if n not in {t.noun for t in things})))
    said = said or [(things[0].colour, things[0].noun)]
    return Says(tuple(said), len(said) > 1 and rng.random() < 0.5)


def rows(n: int) -> Iterator[Record]:
    return (row(seed) for seed in range(n))


def pictures(image: Image) -> Picture:
    seed = int(image.member)
    if seed % 13 == 5:
        raise PictureError(f"{image.path} is truncated: 3012 of 4096 bytes; fetch it again")
    return Picture(image.key, 480, 360, lambda: draw(scene(seed)))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    reader = _Words()
    reader.feed(page)
    reader.close()
    return "".join(reader.found)
