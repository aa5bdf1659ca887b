"""Contrastive losses: against a slow reference written from the papers, block by block as in one piece, in two processes as in one."""

# N pictures, M texts, D width

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from diptych.data.errors import InputError
from diptych.train import tiled
from diptych.train.contrastive import Contrastive, Matrix, Pairs, SameLabel, SameText, Teacher
from diptych.train.contrastive_hinge import Hinge
from diptych.train.contrastive_sigmoid import Sigmoid
from diptych.train.contrastive_softmax import Softmax
from diptych.train.targets import given, labelled, paired, soft, text_keys
from diptych.train.tiled import over_pairs

RULES = {
    "softmax": Softmax(),
    "smoothed": Softmax(smoothing=0.1),
    "pictures": Softmax(way="pictures"),
    "texts": Softmax(way="texts"),
    "sigmoid": Sigmoid(),
    "weighed sigmoid": Sigmoid(positive=0.5, negative=0.125, unknown=0.2),
    "hinge": Hinge(),
    "hardest": Hinge(hardest=1),
    "three hardest": Hinge(hardest=3),
}
TARGETS = ("paired", "labelled", "given", "soft")


def vectors(count: int, width: int = 16, seed: int = 0) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    shared = torch.randn(count, width, generator=draw)
    return tuple(F.normalize(shared + torch.randn(count, width, generator=draw), dim=-1) for _ in range(2))  # type: ignore[return-value]


def target_of(name: str, count: int):
    draw = torch.Generator().manual_seed(1)
    labels = torch.randint(count // 3, (count,), generator=draw)
    if name == "labelled":
        return labelled(labels, labels), (labels[:, None] == labels).double()
    if name == "given":
        matrix = (torch.rand(count, count, generator=draw) < 0.1).float()
        matrix[0] = 0  # a picture to which nothing belongs
        matrix[torch.rand(count, count, generator=draw) < 0.1] = -1
        return given(matrix), matrix.double()
    if name == "soft":
        teacher = torch.randn(count, 4, generator=draw)
        return soft(teacher, teacher, 0.5), torch.softmax(teacher.double() @ teacher.double().T / 0.5, 1)
    return paired(count), torch.eye(count, dtype=torch.float64)


def reference(rule, affinity_NM: Tensor, member_NM: Tensor) -> Tensor:
    """The losses as the papers write them."""
    if isinstance(rule, Hinge):
        return hinge(rule, affinity_NM)
    if isinstance(rule, Sigmoid):
        member = member_NM.clamp(min=0)
        weight = torch.where(member_NM < 0, rule.unknown, rule.negative + (rule.positive - rule.negative) * member)
        cross = -member * F.logsigmoid(affinity_NM) - (1 - member) * F.logsigmoid(-affinity_NM)
        return (weight * cross).sum() / len(affinity_NM)
    pictures, texts = one_way(rule, affinity_NM, member_NM), one_way(rule, affinity_NM.T, member_NM.T)
    return {"both": (pictures + texts) / 2, "pictures": pictures, "texts": texts}[rule.way]


def one_way(rule: Softmax, affinity_NM: Tensor, member_NM: Tensor) -> Tensor:
    total, rows = affinity_NM.new_zeros(()), 0
    for affinity_M, member_M in zip(affinity_NM, member_NM, strict=True):
        known = member_M >= 0
        if member_M[known].sum() > 0:
            target = member_M[known] / member_M[known].sum()
            target = (1 - rule.smoothing) * target + rule.smoothing / len(member_M)
            total, rows = total - (target * F.log_softmax(affinity_M[known], 0)).sum(), rows + 1
    return total / rows


def hinge(rule: Hinge, affinity_NN: Tensor) -> Tensor:
    total, count = affinity_NN.new_zeros(()), len(affinity_NN)
    kept = rule.hardest or count - 1
    for way in (affinity_NN, affinity_NN.T):
        for i in range(count):
            others = torch.stack([(rule.margin - way[i, i] + way[i, j]).clamp(min=0) for j in range(count) if j != i])
            total = total + others.topk(kept).values.sum()
    return total / (count * kept)


# a hinge has a diagonal; smoothing over what nobody knows is refused
CASES = [
    (name, kind)
    for name, rule in RULES.items()
    for kind in TARGETS
    if (kind == "paired" or not isinstance(rule, Hinge)) and (name, kind) != ("smoothed", "given")
]


@pytest.mark.parametrize("kept", [0, 11, 1000])
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_value_and_gradient_are_the_papers(name, kind, kept, monkeypatch):
    rule = RULES[name]
    count = 23
    target, member = target_of(kind, count)
    monkeypatch.setattr(tiled, "CPU_TILE", 5 * count)  # blocks of five rows, the last of three
    monkeypatch.setattr(tiled, "CPU_KEPT", kept * count)
    hinged = isinstance(rule, Hinge)
    given_ = [*vectors(count), torch.tensor(1.0 if hinged else 9.0), torch.tensor(0.0 if hinged else -1.5)]
    ours = [one.clone().requires_grad_() for one in given_]
    value = over_pairs(ours[0], ours[1], rule, target, scale=ours[2], bias=ours[3])
    value.backward()
    theirs = [one.double().requires_grad_() for one in given_]
    expected = reference(rule, theirs[2] * theirs[0] @ theirs[1].T + theirs[3], member)
    expected.backward()
    assert value.item() == pytest.approx(expected.item(), rel=1e-6)
    for mine, right in zip(ours, theirs, strict=True):
        assert torch.allclose(mine.grad.double(), right.grad, rtol=1e-6, atol=1e-6 * max(0.1, float(right.grad.norm())))


def test_gradient_in_float32_is_within_a_millionth_of_float64():
    count = 1024
    image, text = vectors(count, 64)
    ours = [one.clone().requires_grad_() for one in (image, text)]
    over_pairs(*ours, Softmax(), paired(count), scale=torch.tensor(1 / 0.07)).backward()
    theirs = [one.double().requires_grad_() for one in (image, text)]
    affinity = theirs[0] @ theirs[1].T / 0.07
    target = torch.arange(count)
    ((F.cross_entropy(affinity, target) + F.cross_entropy(affinity.T, target)) / 2).backward()
    for mine, right in zip(ours, theirs, strict=True):
        assert float((mine.grad.double() - right.grad).norm() / right.grad.norm()) < 1e-6


@pytest.mark.parametrize("far", [False, True])
def test_columns_far_below_all_rows_are_not_lost(far, monkeypatch):
    """A text whose affinities lie 150 below every row's own underflows in the rows' chances: the sums are made again with care."""
    monkeypatch.setattr(tiled, "CPU_TILE", 8)
    monkeypatch.setattr(tiled, "CPU_KEPT", 8)
    image, text = torch.eye(4), torch.eye(4).clone()
    if far:
        text[3] = torch.tensor([-0.8, -0.3, -0.3, -0.4])
    ours = [one.clone().requires_grad_() for one in (image, text)]
    value = over_pairs(*ours, Softmax(), paired(4), scale=torch.tensor(100.0))
    value.backward()
    theirs = [one.double().requires_grad_() for one in (image, text)]
    expected = reference(Softmax(), 100 * theirs[0] @ theirs[1].T, torch.eye(4).double())
    expected.backward()
    assert value.item() == pytest.approx(expected.item(), rel=1e-6, abs=1e-12)
    for mine, right in zip(ours, theirs, strict=True):
        assert torch.allclose(mine.grad.double(), right.grad, rtol=1e-5, atol=1e-9)


def test_two_pairs_by_hand():
    image, text = torch.eye(2), torch.eye(2)
    value = over_pairs(image, text, Softmax(), paired(2), scale=torch.tensor(math.log(3.0)))
    assert value.item() == pytest.approx(-math.log(3 / 4))
    assert over_pairs(image, text, Sigmoid(), paired(2), scale=torch.tensor(0.0)).item() == pytest.approx(2 * math.log(2))
    # own 1, other 0: within the margin of 1.5 by half, both ways
    assert over_pairs(image, text, Hinge(margin=1.5), paired(2), scale=torch.tensor(1.0)).item() == pytest.approx(1.0)


def test_bfloat16_is_summed_in_float32():
    count = 256
    image, text = (one.bfloat16() for one in vectors(count, 64))
    ours = [one.clone().requires_grad_() for one in (image, text)]
    value = over_pairs(*ours, Softmax(), paired(count), scale=torch.tensor(20.0))
    value.backward()
    theirs = [one.double().requires_grad_() for one in (image, text)]
    expected = reference(Softmax(), 20 * theirs[0] @ theirs[1].T, torch.eye(count).double())
    expected.backward()
    assert value.dtype == torch.float32 and ours[0].grad.dtype == torch.bfloat16
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    assert float((ours[0].grad.double() - theirs[0].grad).norm() / theirs[0].grad.norm()) < 1e-2


def test_memory_does_not_hold_the_matrix(monkeypatch):
    monkeypatch.setattr(tiled, "CPU_TILE", 1 << 14)
    made = []
    whole = tiled.product
    monkeypatch.setattr(tiled, "product", lambda a, b: made.append(len(a) * b.shape[1]) or whole(a, b))
    image, text = (one.requires_grad_() for one in vectors(1024))
    over_pairs(image, text, Softmax(), paired(1024), scale=torch.tensor(10.0)).backward()
    assert max(made) <= 1 << 14


def test_labels_are_not_smoothed_over_pairs_that_nobody_knows():
    image, text = vectors(6)
    known = torch.eye(6)
    over_pairs(image, text, Softmax(smoothing=0.1), given(known), scale=torch.tensor(9.0))
    known[0, 5] = -1
    with pytest.raises(InputError, match=r"smoothing must be 0 .*, got 0.1"):
        over_pairs(image, text, Softmax(smoothing=0.1), given(known), scale=torch.tensor(9.0))


def test_a_hinge_needs_pairs():
    with pytest.raises(InputError, match="one text for each picture"):
        over_pairs(*vectors(4), Hinge(), labelled(torch.zeros(4), torch.zeros(4)), scale=torch.tensor(1.0))


def test_equal_texts_have_equal_keys_whatever_the_padding():
    ids = torch.tensor([[1, 7, 9, 2, 0, 0], [1, 7, 9, 2, 5, 5], [1, 9, 7, 2, 0, 0], [1, 7, 9, 9, 2, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0]])
    keys = text_keys(ids, mask).tolist()
    assert keys[0] == keys[1] and len(set(keys)) == 3
    assert text_keys(ids[:1, :4], mask[:1, :4]).tolist() == keys[:1]


class Towers(torch.nn.Module):
    """Vectors by table: pictures by row, texts by their second token."""

    def __init__(self, scale: float = 10.0):
        super().__init__()
        draw = torch.Generator().manual_seed(3)
        self.pictures = torch.nn.Parameter(torch.randn(40, 8, generator=draw))
        self.texts = torch.nn.Parameter(torch.randn(40, 8, generator=draw))
        self.logit_scale = torch.nn.Parameter(torch.tensor(math.log(scale)))

    def get_image_features(self, pixel_values: Tensor) -> Tensor:
        return self.pictures[pixel_values]

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.texts[input_ids[:, 1]]


def batch_of(rows: Tensor) -> dict[str, Tensor]:
    said = {"text": rows % 7, "text1": rows % 11 + 8}
    found = {"rows": rows, "pixel_values": rows, "label": rows % 5, "teacher": torch.stack((rows.float().sin(), rows.float().cos()), 1)}
    for name, second in said.items():
        found[f"{name}_ids"] = torch.stack((torch.ones_like(second), second), 1)
        found[f"{name}_mask"] = torch.ones_like(found[f"{name}_ids"])
    return found


OBJECTIVES = {
    "pairs": Contrastive(),
    "same text": Contrastive(Softmax(smoothing=0.1), SameText()),
    "same label": Contrastive(Softmax(), SameLabel()),
    "matrix": Contrastive(Softmax(), Matrix()),
    "teacher": Contrastive(Softmax(), Teacher("teacher", "teacher", 0.5)),
    "several": Contrastive(Softmax(), Pairs(), ("text", "text1")),
    "joint": Contrastive(Softmax(), Pairs(), ("text", "text1"), joint=True),
    "sigmoid": Contrastive(Sigmoid(), SameText()),
    "hinge": Contrastive(Hinge()),
    "hardest": Contrastive(Hinge(hardest=2)),
}


def whole_batch() -> dict[str, Tensor]:
    rows = torch.arange(12)
    found = batch_of(rows)
    return found | {"belongs": ((rows[:, None] * 5 + rows) % 4 == 0).float() - (rows[:, None] == 3) * (rows == 5).float()}


def run(objective: Contrastive, tensors: dict[str, Tensor]) -> tuple[float, list[Tensor]]:
    model = Towers()
    loss = objective(model, tensors, 0)["contrastive"]
    loss.backward()
    return loss.item(), [one.grad if one.grad is not None else torch.zeros_like(one) for one in model.parameters()]


def one_of_two(rank: int, store: str) -> None:
    torch.set_num_threads(1)
    alone = {name: run(objective, whole_batch()) for name, objective in OBJECTIVES.items()}
    torch.distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    tensors = {name: one[rank::2] for name, one in whole_batch().items()}
    for name, objective in OBJECTIVES.items():
        value, gradients = run(objective, tensors)
        assert value == pytest.approx(alone[name][0], rel=1e-5), name
        for mine, right in zip(gradients, alone[name][1], strict=True):
            torch.distributed.all_reduce(mine)  # as DistributedDataParallel does
            assert torch.allclose(mine / 2, right, rtol=1e-4, atol=1e-6), name
    torch.distributed.destroy_process_group()


def test_two_processes_are_as_one(tmp_path: Path):
    torch.multiprocessing.spawn(one_of_two, (str(tmp_path / "store"),), nprocs=2)


def test_multi_positive_is_the_mean_over_own_texts():
    value, _ = run(OBJECTIVES["joint"], whole_batch())
    model, tensors = Towers(), whole_batch()
    image = F.normalize(model.pictures[:12], dim=-1)
    text = F.normalize(torch.cat((model.texts[tensors["text_ids"][:, 1]], model.texts[tensors["text1_ids"][:, 1]])), dim=-1)
    member = torch.eye(12).repeat(1, 2).double()
    assert value == pytest.approx(reference(Softmax(), (10 * image @ text.T).double(), member).item(), rel=1e-5)


def test_the_scale_is_held_and_can_come_back():
    model = Towers(scale=500.0)
    Contrastive()(model, batch_of(torch.arange(12)), 0)["contrastive"].backward()
    assert model.logit_scale.exp().item() == pytest.approx(100, rel=1e-5) and abs(model.logit_scale.grad.item()) > 0


def test_a_matrix_must_have_a_column_for_each_text():
    with pytest.raises(InputError, match="a column for each text"):
        Contrastive(Softmax(), Matrix("belongs"))(Towers(), whole_batch() | {"belongs": torch.zeros(12, 3)}, 0)


def test_objectives_are_values():
    assert replace(Contrastive(), most=50.0) == Contrastive(most=50.0) and hash(Contrastive()) == hash(Contrastive())
