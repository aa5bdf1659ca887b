"""The truth of a world as a Parquet table beside a run: one row a picture, with the label of its alt-text's noise."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diptych.data.errors import SourceError
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.regions import Box, Mask, Region
from diptych.world.truth import Truth

NAME = "truth.parquet"
_ENTITY = {"noun": pa.string(), "attributes": pa.list_(pa.string()), "region": pa.string()}
_RELATION = {"subject": pa.int16(), "predicate": pa.string(), "object": pa.int16()}
_TEXT = {"words": pa.string(), "entity": pa.int16()}
_REGION = {
    "id": pa.string(), "kind": pa.string(), "label": pa.string(), "box": pa.list_(pa.float64()), "width": pa.int32(), "height": pa.int32(),
    "runs": pa.list_(pa.int32()), "depth": pa.float64(), "visible": pa.float64(), "parent": pa.string(), "link": pa.string(),
}  # fmt: skip
SCHEMA = pa.schema(
    {
        "key": pa.string(),
        "noise": pa.string(),
        "entities": pa.list_(pa.struct(_ENTITY)),
        "relations": pa.list_(pa.struct(_RELATION)),
        "texts": pa.list_(pa.struct(_TEXT)),
        "regions": pa.list_(pa.struct(_REGION)),
        "kinds": pa.map_(pa.string(), pa.string()),
    }
)


def write_truth(rows: Iterable[tuple[Truth, str]], folder: Path) -> Path:
    """Writes truths with their noise labels to `folder`/truth.parquet; SourceError where that cannot be written."""
    path = folder / NAME
    table = pa.Table.from_pylist([_row(truth, label) for truth, label in rows], schema=SCHEMA)
    try:
        pq.write_table(table, path)
    except OSError as error:
        raise SourceError(f"{path} cannot be written ({error.strerror or error}): name a folder with room that you may write to") from error
    return path


def read_truth(path: Path) -> Mapping[str, tuple[Truth, str]]:
    """Truth and noise label by picture key; SourceError where the file is missing or no truth table."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceError(f"{path} is no truth table ({error}): run on a world: source to have one written") from error
    if not table.schema.equals(SCHEMA):
        raise SourceError(f"{path} has other columns than a truth table: run on a world: source to have one written")
    return {row["key"]: (_truth(row), row["noise"]) for row in table.to_pylist()}


def _row(truth: Truth, label: str) -> dict[str, Any]:
    return {
        "key": truth.key,
        "noise": label,
        "entities": [{"noun": e.noun, "attributes": list(e.values), "region": e.region} for e in truth.graph.entities],
        "relations": [{"subject": r.subject, "predicate": r.predicate, "object": r.object} for r in truth.graph.relations],
        "texts": [{"words": q.words, "entity": q.entity} for q in truth.graph.texts],
        "regions": [_region_row(region) for region in truth.regions],
        "kinds": list(truth.kinds.items()),
    }


def _region_row(region: Region) -> dict[str, Any]:
    box, mask = region.box, region.shape if isinstance(region.shape, Mask) else None
    parent, link = region.parents[0] if region.parents else (None, None)
    return {
        "id": region.id, "kind": region.kind, "label": region.label, "box": [box.left, box.top, box.right, box.bottom],
        "width": mask and mask.width, "height": mask and mask.height, "runs": mask and list(mask.runs),
        "depth": region.depth, "visible": region.score, "parent": parent, "link": link,
    }  # fmt: skip


def _truth(row: Mapping[str, Any]) -> Truth:
    entities = (Entity(e["noun"], 1, attributes=tuple(map(Attribute, e["attributes"])), region=e["region"]) for e in row["entities"])
    relations = (Relation(r["subject"], r["predicate"], r["object"]) for r in row["relations"])
    quotes = (Quote(q["words"], q["entity"]) for q in row["texts"])
    graph = SceneGraph(tuple(entities), tuple(relations), tuple(quotes))
    return Truth(row["key"], graph, tuple(map(_region, row["regions"])), dict(row["kinds"]))


def _region(row: Mapping[str, Any]) -> Region:
    box = Box(*row["box"])
    shape = box if row["runs"] is None else Mask(row["width"], row["height"], tuple(row["runs"]), box)
    parents = () if row["parent"] is None else ((row["parent"], row["link"]),)
    return Region(row["id"], shape, row["kind"], row["label"], depth=row["depth"], score=row["visible"], parents=parents)
