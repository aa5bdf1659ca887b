"""Dense supervision of things: hand-worked targets, slow references, and a model that learns."""

import math
from typing import Any

import pytest
import torch

from diptych.models.region_boxes import overlaps, singles, things
from diptych.models.region_model import SLOTS, RegionConfig, RegionModel, Regions, middles, placed
from diptych.train.regions import DenseRegions, bags, focal, generalised_iou, heat

WORDS = {"noun": ["ball", "cube", "mug"], "colour": ["red", "blue"], "size": ["small", "medium"], "material": ["matte", "shiny"]}
KINDS = ["toy", "", "cup"]


def tiny() -> RegionModel:
    torch.manual_seed(0)
    tower = {"size": 32, "channels": (8, 16), "blocks": (1, 1)}
    return RegionModel(RegionConfig(tower=tower, vocabulary=WORDS, kinds=KINDS, width=16, space=8))


def test_heat_is_one_in_the_cell_of_the_middle_and_falls_by_distance_in_cells() -> None:
    boxes = torch.tensor([[[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 0.0]]])  # middle at .25, .25: cell 1, 1 of 4 x 4
    found, nearest = heat(boxes, torch.tensor([[True, False]]), 4, 0.7)
    grid = found.view(4, 4)
    assert grid[1, 1] == 1
    assert grid[1, 2].item() == pytest.approx(math.exp(-1 / 0.98))
    assert grid[3, 0].item() == pytest.approx(math.exp(-5 / 0.98))
    assert nearest.eq(0).all()


def test_of_two_things_in_one_cell_the_one_nearer_to_its_middle_is_taught() -> None:
    boxes = torch.tensor([[[0.20, 0.20, 0.26, 0.26], [0.30, 0.30, 0.44, 0.44]]])  # middles .23 and .37, both in the cell of .375
    _, nearest = heat(boxes, torch.ones(1, 2, dtype=torch.bool), 2, 0.7)
    assert nearest[0, 0] == 0  # the cell's middle is .25


def test_focal_loss_is_that_of_the_paper() -> None:
    logits, target = torch.tensor([[0.3, -1.0, 2.0]]), torch.tensor([[1.0, 0.5, 0.0]])
    p = [1 / (1 + math.exp(-x)) for x in (0.3, -1.0, 2.0)]
    slow = -((1 - p[0]) ** 2 * math.log(p[0]) + 0.5**4 * p[1] ** 2 * math.log(1 - p[1]) + p[2] ** 2 * math.log(1 - p[2]))
    assert focal(logits, target).item() == pytest.approx(slow, rel=1e-5)


def test_generalised_iou_by_hand() -> None:
    one = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    other = torch.tensor([[1.0, 1.0, 3.0, 3.0], [2.0, 0.0, 3.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    # shared 1 of union 7, around 9; shared 0 of union 2, around 3; the same
    assert generalised_iou(one, other).tolist() == pytest.approx([1 / 7 - 2 / 9, 0 - 1 / 3, 1.0])


def test_boxes_are_offsets_and_logarithms_in_cells() -> None:
    raw = torch.zeros(1, 16, 4)
    raw[0, 5] = torch.tensor([0.5, -0.5, math.log(2.0), 0.0])
    found = placed(raw, 4)[0, 5]
    assert middles(4, raw)[5].tolist() == pytest.approx([0.375, 0.375])
    assert found.tolist() == pytest.approx([0.375 + 0.125, 0.375 - 0.125, 0.5, 0.25])


def test_phrases_name_things_by_every_pattern_and_fit_all_that_they_name() -> None:
    config = RegionConfig(vocabulary=WORDS, kinds=KINDS)
    assert config.words == ["ball", "cube", "mug", "red", "blue", "small", "medium", "matte", "shiny", "cup", "toy"]
    all_ = torch.tensor([[0, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 1]])
    bag, fits = bags(config, all_[[0, 0, 0, 1]], all_)  # patterns noun, kind, colour noun, size noun
    said = [{config.words[n] for n in row.nonzero().flatten()} for row in bag]
    assert said == [{"ball"}, {"toy"}, {"red", "ball"}, {"small", "ball"}]
    assert fits.tolist() == [[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 1, 0]]
    bag, fits = bags(config, all_[[2, 2]], all_)  # a cube has no kind and is named by its noun
    assert {config.words[n] for n in bag[1].nonzero().flatten()} == {"cube"}
    assert fits[1].tolist() == [0, 0, 1]


def test_of_two_boxes_on_one_thing_the_better_stays() -> None:
    boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.6], [0.0, 0.0, 0.4, 0.4]]).numpy()
    assert overlaps(boxes[0], boxes).tolist() == pytest.approx([1.0, 0.6, 0.16])
    assert singles(boxes, [0, 1, 2]) == [0, 2]
    assert singles(boxes, [2, 1, 0]) == [2, 1]


def test_things_come_best_first_with_their_likeliest_labels() -> None:
    cells = 4
    objectness = torch.full((1, cells), -9.0)
    objectness[0, 1], objectness[0, 2] = 1.0, 3.0
    boxes = torch.tensor([[[0.1, 0.1, 0.1, 0.1], [0.8, 0.2, 0.2, 0.2], [0.2, 0.8, 0.2, 0.2], [0.5, 0.5, 0.1, 0.1]]])
    labels = {slot: torch.zeros(1, cells, 2) for slot in SLOTS}
    labels["colour"][0, 2, 1] = 5.0
    (found,) = things(Regions(objectness, boxes, labels, torch.zeros(1, cells, 3)))
    assert found.scores.tolist() == pytest.approx([1 / (1 + math.exp(-3)), 1 / (1 + math.exp(-1))])
    assert found.labels[0].tolist() == [0, 1, 0, 0]
    assert found.boxes[0].tolist() == pytest.approx([0.1, 0.7, 0.3, 0.9])


def drawn(count: int) -> dict[str, torch.Tensor]:
    """One coloured square on black in each picture."""
    draws = torch.Generator().manual_seed(1)
    corner = torch.randint(0, 20, (count, 2), generator=draws)
    colour = torch.randint(0, 2, (count,), generator=draws)
    pixels = torch.full((count, 3, 32, 32), -1.0)
    for n in range(count):
        x, y = corner[n].tolist()
        pixels[n, 0 if colour[n] == 0 else 2, y : y + 10, x : x + 10] = 1.0
    boxes = torch.zeros(count, 2, 4)
    boxes[:, 0] = torch.cat([corner, corner + 10], -1) / 32
    labels = torch.full((count, 2, 4), -1)
    labels[:, 0] = 0
    labels[:, 0, 1] = colour
    return {"pixel_values": pixels, "boxes": boxes, "labels": labels}


def test_it_learns_where_squares_are_and_their_colours() -> None:
    model, batch, objective = tiny(), drawn(48), DenseRegions(phrases=10)
    optimiser = torch.optim.AdamW(model.parameters(), 5e-3)
    for update in range(60):
        terms = objective(model, batch, update)
        optimiser.zero_grad()
        torch.stack(list(terms.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    model.eval()
    with torch.inference_mode():
        found = things(model(batch["pixel_values"]), 0.3)
    right = 0
    for one, box, labels in zip(found, batch["boxes"], batch["labels"], strict=True):
        right += len(one.scores) > 0 and overlaps(box[0].numpy(), one.boxes)[0] > 0.5 and one.labels[0, 1] == labels[0, 1].item()
    assert right >= 40


def test_a_saved_model_opens_as_it_was(tmp_path: Any) -> None:
    model = tiny().eval()
    model.save_pretrained(tmp_path)
    again = RegionModel.from_pretrained(tmp_path).eval()
    pixels = drawn(2)["pixel_values"]
    with torch.inference_mode():
        assert torch.equal(model(pixels).boxes, again(pixels).boxes)
    assert again.config.words == model.config.words
    tokens = model.tower(pixels)
    assert torch.allclose(model(tokens=tokens).objectness, model(pixels).objectness)


def test_a_batch_without_things_is_no_trouble() -> None:
    model = tiny()
    empty = {"pixel_values": torch.zeros(2, 3, 32, 32), "boxes": torch.zeros(2, 2, 4), "labels": torch.full((2, 2, 4), -1)}
    terms = DenseRegions()(model, empty, 0)
    assert all(torch.isfinite(term) for term in terms.values())
