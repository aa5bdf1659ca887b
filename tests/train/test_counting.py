import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from diptych.data.errors import InputError
from diptych.data.records import Caption, Image, Record
from diptych.train.counting import NUMBERS, CountLoss, Swap, WithCounts
from diptych.train.data import Data
from diptych.train.plan import Counting


def row(id: str, *texts: str) -> Record:
    captions = tuple(Caption(f"{id}/{n}", text) for n, text in enumerate(texts))
    return Record(id, Image(f"{id}.png"), captions, chosen=tuple(caption.id for caption in captions))


def data() -> Data:
    said = [("some balls",) for _ in range(20)]
    said += [("two balls", "balls") for _ in range(6)] + [("there are Three mugs",), ("three cones and two cubes",)]
    return Data([row(f"r{n}", *texts) for n, texts in enumerate(said)], lambda image: None)  # type: ignore[arg-type, return-value]


def test_the_first_number_is_swapped_for_any_other() -> None:
    swap = Swap(("two", "three", "four"))
    assert swap("Three red balls and two cubes", 0.0) == "two red balls and two cubes"
    assert swap("three red balls", 0.99) == "four red balls"
    assert swap("someone with tennis balls", 0.5) == "someone with tennis balls"  # "one" and "ten" inside words are no numbers
    assert {Swap()("two balls", draw).split()[0] for draw in np.linspace(0, 0.999, 100)} == set(NUMBERS) - {"two"}
    with pytest.raises(InputError, match="at least two"):
        Swap(("two", "two"))


def test_each_batch_has_its_share_of_counting_rows_balanced_over_numbers() -> None:
    made = list(WithCounts(8, 0.5, Swap(("two", "three")))(None, data(), np.random.default_rng(0), 0))
    assert made
    for batch in made:
        counting = batch.arrays["counting"]
        assert counting.sum() == 4 and len(batch) == 8 and len({*batch.rows.tolist()} - {0}) >= 6
        texts, swapped = np.array(batch.texts["text"]), np.array(batch.texts["swapped"])
        numbers = [Swap().found(text) for text in texts[counting]]
        assert sorted(numbers) == ["three", "three", "two", "two"]  # although "two" has three times as many rows
        assert (texts == swapped).tolist() == (~counting).tolist()
        assert not {*batch.rows[counting].tolist()} & {*batch.rows[~counting].tolist()}


def test_batches_hang_on_the_key_alone_and_need_no_number_where_none_is_asked_for() -> None:
    one, two = (list(WithCounts(8, 0.25)(None, data(), np.random.default_rng(3), 0)) for _ in range(2))
    assert all((a.rows == b.rows).all() and a.texts == b.texts for a, b in zip(one, two, strict=True))
    plain = Data(data().rows[:20], data().pictures)
    assert len(list(WithCounts(8, 0.0)(None, plain, np.random.default_rng(0), 0))) == 2
    with pytest.raises(InputError, match="no caption spells a number"):
        next(WithCounts(8, 0.25)(None, plain, np.random.default_rng(0), 0))


class Two(nn.Module):
    """Pictures are their tokens, texts a table's rows by their first id; scale 2."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(2.0)))
        self.config = SimpleNamespace(model_type="")

    def get_image_features(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens

    def get_text_features(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.table[input_ids[:, 0]]


@dataclass(frozen=True)
class Nothing:
    def __call__(self, model: Any, tensors: Any, update: int) -> dict[str, torch.Tensor]:
        return {"other": model.table.sum() * 0}


def tensors(counting: list[bool]) -> dict[str, torch.Tensor]:
    ids, swapped = torch.tensor([[0], [2], [1]]), torch.tensor([[1], [2], [0]])
    mask = torch.ones(3, 1, dtype=torch.int64)
    return {
        "tokens": torch.tensor([[3.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), "counting": torch.tensor(counting),
        "text_ids": ids, "text_mask": mask, "swapped_ids": swapped, "swapped_mask": mask,
    }  # fmt: skip


def test_the_count_loss_by_hand() -> None:
    total, number = CountLoss(Nothing())(Two(), tensors([True, False, True]), 0)["count"]
    # row 0: cosines 1 and 0; row 2: 0 and 1; scale 2
    assert (
        float(total.detach()) == pytest.approx(-math.log(math.e**2 / (math.e**2 + 1)) - math.log(1 / (1 + math.e**2)), abs=1e-6)
        and float(number) == 2
    )
    model = Two()
    CountLoss(Nothing())(model, tensors([True, False, False]), 0)["count"][0].backward()
    assert model.table.grad is not None and model.table.grad[2].abs().sum() == 0  # what does not count has no gradient


def test_a_batch_without_counting_rows_has_a_loss_of_nothing() -> None:
    model = Two()
    terms = CountLoss(Nothing())(model, tensors([False] * 3), 0)
    assert float(terms["count"][0].detach()) == 0 and terms["count"][1] == 0 and "other" in terms
    terms["count"][0].backward()
    assert float(model.logit_scale.grad) == 0


def test_the_count_of_counting_rows_is_known_before_so_that_batches_can_be_accumulated() -> None:
    asked = tensors([True, False, True])
    objective = CountLoss(CountLoss(Nothing()))
    assert isinstance(objective, Counting)
    known, (_, number) = objective.counts(asked), objective(Two(), asked, 0)["count"]
    assert known == {"count": 2} and float(number) == 2
