"""Roles that reply in JSON on a tiny chat model of random weights: held to the schema word by word, every reply can be read."""

from typing import Any

import pytest
import tiny_hf

from diptych.models import abilities as able
from diptych.models.addresses import open_model
from diptych.models.hf import open_hf

SEEN = [tiny_hf.picture(number) for number in range(4)]
ROLES = [
    (able.Judge, "judge", [able.JudgeRequest(one, tuple("abc"[: 1 + n % 3])) for n, one in enumerate(SEEN)]),
    (able.Entailer, "entail", [able.EntailRequest(f"{n} dogs sleep", f"{n} animals rest") for n in range(4)]),
    (able.Comparer, "compare", [able.CompareRequest(one, SEEN[n - 1]) for n, one in enumerate(SEEN)]),
]


@pytest.mark.parametrize(("ability", "method", "requests"), ROLES, ids=[method for _, method, _ in ROLES])
def test_replies_by_schema_can_be_read_whatever_the_batch(ability: type, method: str, requests: list[Any], checkpoint: Any) -> None:
    folder = checkpoint(tiny_hf.llava)
    four, single = (getattr(open_model(f"hf:{folder}?batch={batch}", ability, {"hf": open_hf}), method)(requests) for batch in (4, 1))
    assert four == single
    kinds = {able.Judge: able.Judged, able.Entailer: able.Entailed, able.Comparer: able.Differences}
    for one in four:
        # a sentence may run on until its words are used up; numbers and labels cannot
        assert isinstance(one, kinds[ability]) or (ability is able.Comparer and "not whole" in one.error)
    if ability is able.Judge:
        assert [len(one.scores) for one in four] == [1, 2, 3, 1]
