"""Pooling by hand."""

import pytest
import torch

from diptych.models.poolers import box_weights, pooled, text_weights, whole

TOKENS = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 4.0]]])  # a grid of two by two


def test_masks_and_the_whole():
    masks = torch.tensor([[[1.0, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]]])
    assert pooled(TOKENS, masks)[0].tolist() == [[1.5, 0], [0, 0], [0.75, 1.25]]
    assert whole(TOKENS)[0].tolist() == [0.75, 1.25]


@pytest.mark.parametrize(
    ("box", "weights"),
    [
        ((0, 0, 0.5, 0.5), [1, 0, 0, 0]),
        ((0, 0, 1, 1), [1, 1, 1, 1]),
        ((0.25, 0, 1, 0.5), [0.5, 1, 0, 0]),
        ((0.5, 0.25, 1, 1), [0, 0.5, 0, 1]),
    ],
)
def test_boxes_take_cells_by_their_share(box, weights):
    found = box_weights(torch.tensor([[box]], dtype=torch.float32), 2)
    assert found.shape == (1, 1, 4) and found[0, 0].tolist() == weights


def test_a_text_takes_the_tokens_that_it_speaks_of():
    text = torch.tensor([[[1.0, 0.0]]])
    found = text_weights(TOKENS, text)[0, 0]
    assert torch.allclose(found, torch.tensor([1 / 3, 0, 2 / 3, 0]))
    assert text_weights(TOKENS, text, least=0.6)[0, 0].tolist() == [0, 0, 1, 0]
