"""The parser on annotated captions. What it reaches, with intervals: benchmarks/parse_quality.py; here it must not fall back."""

import pytest
from annotated import SHARED, annotations, f1, said, tally, text_of

from diptych.language.parse import parse

REACHED = {
    ("first", "objects"): 0.96, ("first", "attributes"): 0.89, ("first", "relations"): 0.89,
    ("second", "objects"): 0.95, ("second", "attributes"): 0.80, ("second", "relations"): 0.74,
}  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
@pytest.mark.parametrize(("part", "kind"), REACHED)
def test_parser_keeps_what_it_reached(part: str, kind: str) -> None:
    rows = annotations(part)
    *_, score = f1([tally(said(parse(text_of(row))), row, kind) for row in rows])
    assert score >= REACHED[part, kind]


def test_the_scorer_by_hand() -> None:
    wanted = {
        "objects": ["dog", "couch", "dog"],
        "attributes": [["dog", "brown"]],
        "relations": [["dog", "sleep on", "couch"]],
        "optional": {"objects": ["cushion"]},
    }
    found = {"objects": ["dog", "sofa", "cushion", "cat"], "attributes": [["couch", "brown"]], "relations": [["dog", "on", "sofa"]]}
    assert tally(found, wanted, "objects") == (2, 3, 3)  # the second dog is missed, the cushion is spared, the cat is wrong
    assert tally(found, wanted, "attributes") == (0, 1, 1)  # brown is said of the wrong thing
    assert tally(found, wanted, "relations") == (1, 1, 1)
    assert f1([(2, 3, 3), (0, 1, 1)]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("part", ["first", "second"])
def test_annotations_name_only_their_own_objects(part: str) -> None:
    rows = annotations(part)
    assert len(rows) == 100
    for row in rows:
        optional = row.get("optional", {})
        known = {*row["objects"], *optional.get("objects", ())}
        for thing, _ in row["attributes"]:
            assert thing in known
        for subject, _, other in row["relations"]:
            assert subject in known and other in known
