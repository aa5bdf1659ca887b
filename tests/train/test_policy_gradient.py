"""Policy gradient: hand-worked terms, the analytic gradient of a table, a bandit that must be learnt, PPO's ratio, rollouts by keys."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from tests.train.captioner_parts import Table, data_of
from torch import nn

from diptych.data.draws import generator
from diptych.data.errors import PictureError
from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.train.baselines import Running
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.policy_gradient import (
    UNWEIGHTED,
    PolicyGradient,
    divergences,
    log_probabilities,
    over_words,
    policy_terms,
    sampled_logits,
)
from diptych.train.rewards import CiderD, Sum, Weighted
from diptych.train.rollouts import Rollouts


def test_the_clipped_ratio_by_hand() -> None:
    # ratios 1.5, .5 and 1.1 against a clip of .2, for a good caption and a bad one
    new = torch.tensor([[1.5, 0.5, 1.1]] * 2).log()
    found = policy_terms(new, torch.zeros(2, 3), torch.tensor([2.0, -1.0]), 0.2)
    assert found[0].tolist() == pytest.approx([-2.4, -1.0, -2.2])  # held down where the ratio is high, left where it is low
    assert found[1].tolist() == pytest.approx([1.5, 0.8, 1.1])


def test_without_clip_it_is_the_likelihood_times_the_advantage() -> None:
    new = torch.tensor([[-1.0, -2.0]])
    assert policy_terms(new, new, torch.tensor([3.0])).tolist() == [[3.0, 6.0]]


def test_the_divergence_by_hand() -> None:
    own, other = torch.tensor([[[0.5, 0.5], [0.9, 0.1]]]).log(), torch.tensor([[[0.25, 0.75], [0.9, 0.1]]]).log()
    assert divergences(own, other)[0].tolist() == pytest.approx([0.5 * math.log(2) + 0.5 * math.log(0.5 / 0.75), 0.0])


def test_lengths_by_hand() -> None:
    values, mask = torch.tensor([[1.0, 2.0, 3.0], [4.0, 9.0, 9.0]]), torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    assert over_words(values, mask, "caption") == pytest.approx((2 + 4) / 2)
    assert over_words(values, mask, "none") == pytest.approx((6 + 4) / 2)
    total, count = over_words(values, mask, "batch")
    assert (total, count) == (10.0, 4.0)


def sampled(ids: list[list[list[int]]], advantage: list[list[float]]) -> dict[str, torch.Tensor]:
    """Rollouts by hand; word 0 pads."""
    longest = max(len(one) for row in ids for one in row)
    padded = torch.tensor([[one + [0] * (longest - len(one)) for one in row] for row in ids])
    return {
        "rows": torch.arange(len(ids)), "sampled_ids": padded, "sampled_mask": (padded > 0).float(),
        "advantage": torch.tensor(advantage), "reward": torch.tensor(advantage),
    }  # fmt: skip


@pytest.mark.parametrize("length", ["caption", "batch", "none"])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_the_gradient_of_a_table_is_reinforce_by_hand(length: str, temperature: float) -> None:
    start = torch.randn(6, 6, generator=torch.Generator().manual_seed(1))
    model = Table(6, start)
    tensors = sampled([[[3, 4, 2], [5, 2]], [[4, 2], [3, 3, 2]]], [[1.0, -0.5], [0.3, 0.0]])
    found = PolicyGradient(length=length, temperature=temperature)(model, tensors, 0)["policy"]
    (found[0] / found[1] if isinstance(found, tuple) else found).backward()
    # d/dlogits of -A log p = A (p - onehot) / temperature, word by word
    expected, probability = np.zeros((6, 6)), torch.softmax(start / temperature, -1).numpy()
    words = {"caption": lambda n: 4 * n, "batch": lambda n: 10, "none": lambda n: 4}[length]
    for caption, advantage in (((3, 4, 2), 1.0), ((5, 2), -0.5), ((4, 2), 0.3), ((3, 3, 2), 0.0)):
        for before, word in zip((1, *caption), caption, strict=False):
            expected[before] += advantage * (probability[before] - np.eye(6)[word]) / temperature / words(len(caption))
    np.testing.assert_allclose(model.logits.grad.numpy(), expected, atol=1e-6)


def test_expected_reinforce_gradient_is_that_of_the_expected_reward() -> None:
    # one word, all outcomes weighed by their probability: the gradient of sum p r, whatever the baseline
    logits, reward = torch.tensor([0.2, -0.4, 1.0], requires_grad=True), torch.tensor([1.0, 0.0, 3.0])
    (logits.softmax(-1) * reward).sum().backward()
    exact = logits.grad.clone()
    for base in (0.0, 1.7):
        logits.grad = None
        new = log_probabilities(logits.expand(3, 1, 3), torch.arange(3)[:, None])
        (logits.detach().softmax(-1) * policy_terms(new, new.detach(), reward - base)[:, 0]).sum().backward()
        torch.testing.assert_close(-logits.grad, exact)


def test_ppo_begins_as_reinforce() -> None:
    tensors = sampled([[[3, 4, 2], [5, 2]]], [[1.0, -2.0]])
    grads = []
    for clip in (None, 0.2):
        model = Table(6, torch.randn(6, 6, generator=torch.Generator().manual_seed(2)))
        PolicyGradient(clip=clip)(model, tensors, 0)["policy"].backward()
        grads.append(model.logits.grad)
    torch.testing.assert_close(*grads)


def test_ppo_stops_beyond_the_clip() -> None:
    tensors = sampled([[[3, 2]]], [[1.0]])
    tensors["old"] = torch.full((1, 1, 2), -5.0)  # both words are far likelier by now
    model = Table(6)
    terms = PolicyGradient(clip=0.2)(model, tensors, 0)
    terms["policy"].backward()
    assert model.logits.grad.abs().sum() == 0 and terms["ratio_clipped"] == 1


@pytest.mark.parametrize("baseline", ["greedy", "running", "group", "none"])
@pytest.mark.parametrize("updates", [1, 3])
def test_a_two_armed_bandit_is_learnt(baseline: str, updates: int) -> None:
    data = data_of([("left",), ("right",)])
    left, right = (data.inputs.tokenizer.convert_tokens_to_ids(word) for word in ("left", "right"))
    start = torch.full((7, 7), -20.0)
    start[1, [left, right]] = torch.tensor([0.5, -0.5])  # the worse arm is the likelier one
    start[[left, right], 2] = 20.0
    model = Table(7, start)

    def reward(captions: list[list[str]], rows: np.ndarray, data: object) -> np.ndarray:
        return np.array([[0.2 + 0.6 * (text == "right") for text in said] for said in captions])

    maker = Rollouts(reward, Random(2), draws=16, baseline=baseline, updates=updates, most=4)
    objective, optimiser = PolicyGradient(clip=0.2 if updates > 1 else None), torch.optim.Adam(model.parameters(), 0.05)
    done = 0
    for episode in range(60):
        for batch in maker(model, data, generator(0, episode), episode):
            optimiser.zero_grad()
            objective(model, data.tensors(batch), done)["policy"].backward()
            optimiser.step()
            done += 1
    assert model.logits[1].softmax(-1)[right] > 0.9


def tiny(**changed: object) -> PrefixCaptioner:
    torch.manual_seed(0)
    config = {"vocabulary": 24, "width": 16, "blocks": 1, "heads": 2, "length": 16, "places": 4, "channels": 8, **changed}
    return PrefixCaptioner(PrefixCaptionerConfig(**config))


def test_captions_of_one_picture_share_its_memory() -> None:
    model, data = tiny(conditions={"level": 3}), data_of()
    tensors = data.tensors(Batch(np.array([0, 2]), {}, {"level": np.array([2, -1])}))
    ids = torch.randint(3, 24, (6, 5), generator=torch.Generator().manual_seed(0))
    together = sampled_logits(model, tensors, ids)
    begun = torch.cat([torch.ones(6, 1, dtype=torch.long), ids[:, :-1]], 1)
    for row in range(6):
        one = {name: value[row // 3 : row // 3 + 1] for name, value in tensors.items()}
        alone = model(begun[row : row + 1], memory=one["tokens"], prefixes=model.prefixes(one, 1))
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=1e-5)


def length_of(captions: list[list[str]], rows: np.ndarray, data: object) -> np.ndarray:
    return np.array([[float(len(text)) for text in said] for said in captions])


def test_rollouts_hang_on_the_record_and_the_seed_alone() -> None:
    model, data = tiny(), data_of()
    maker = Rollouts(length_of, Random(2), draws=3, baseline="group", most=6)
    first, again = ([*maker(model, data, generator(5), 0)] for _ in range(2))
    assert len(first) == 2
    for one, other in zip(first, again, strict=True):
        for name in one.arrays:
            np.testing.assert_array_equal(one.arrays[name], other.arrays[name])
    both, alone = (maker.drawn(model, data, Batch(np.array(rows)), 9, Running()).arrays for rows in ([1, 4], [4]))
    length = min(both["sampled_ids"].shape[2], alone["sampled_ids"].shape[2])
    np.testing.assert_array_equal(both["sampled_ids"][1, :, :length], alone["sampled_ids"][0, :, :length])


def test_conditions_go_with_the_picture_that_stands_in_for_one_that_cannot_be_opened() -> None:
    def pictures(image: Image) -> Picture:
        if image.member == "1":
            raise PictureError("torn")
        return Picture(image.member, 64, 64, lambda: Pillow.new("RGB", (64, 64), (20 * int(image.member), 0, 0)))

    model, data = tiny(conditions={"level": 3}, tower={"channels": (8, 8, 8)}, places=64), data_of()
    shown = replace(data, pictures=pictures, inputs=replace(data.inputs, columns=("pixel_values",)))
    batch = Batch(np.array([0, 1, 2]), {}, {"level": np.array([0, 1, 2])})
    found = Rollouts(length_of, Random(3), draws=2, most=4).drawn(model, shown, batch, 1, Running())
    assert found.rows.tolist() == [0, 2, 2] and found.arrays["level"].tolist() == [0, 2, 2]


def test_what_is_kept_for_later_updates_is_what_the_model_thought() -> None:
    model, data = tiny(), data_of()
    maker = Rollouts(length_of, Random(2), draws=2, updates=3, most=6, temperature=0.7)
    batches = [*maker(model, data, generator(1), 0)]
    assert [batches.count(one) for one in batches] == [3] * 6 and all(one.local for one in batches)
    tensors = data.tensors(batches[0])
    terms = PolicyGradient(clip=0.1, temperature=0.7)(model, tensors, 0)
    assert terms["ratio_clipped"] == 0 and terms["policy"].item() == pytest.approx(-tensors["advantage"].mean().item(), abs=1e-5)


def test_the_state_of_the_model_is_left_alone_and_equal_rewards_teach_nothing() -> None:
    model, data = tiny(), data_of()
    model.train()
    maker = Rollouts(
        lambda captions, rows, data: np.ones((len(rows), 4)), Random(2), draws=4, baseline="running", normalise="batch", most=5
    )
    batch = next(iter(maker(model, data, generator(1), 0)))
    terms = PolicyGradient()(model, data.tensors(batch), 0)
    assert model.training and terms["zero_advantage"] == 1 and terms["reward"] == 1
    terms["policy"].backward()
    assert all(one.grad is None or not one.grad.any() for one in model.parameters())


def test_the_reference_stays_and_draws_the_policy_back(tmp_path) -> None:
    model, data = tiny(), data_of()
    model.save_pretrained(tmp_path)
    maker = Rollouts(length_of, Random(2), draws=2, baseline="group", most=6)
    tensors = data.tensors(next(iter(maker(model, data, generator(1), 0))))
    objective = PolicyGradient(reference=str(tmp_path))
    assert objective(model, tensors, 0)["kl"].item() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        nn.init.normal_(model.decoder.head.bias, 0, 1)
    before = objective(model, tensors, 0)["kl"]
    before.backward()
    with torch.no_grad():
        for one in model.parameters():
            if one.grad is not None:
                one.sub_(0.1 * one.grad)
    assert 0 < objective(model, tensors, 0)["kl"].item() < before.item()


def test_a_term_of_all_words_tells_its_count() -> None:
    tensors = sampled([[[3, 4, 2], [5, 2]]], [[1.0, -2.0]])
    objective = PolicyGradient(length="batch")
    assert objective.counts(tensors)["policy"] == objective(Table(6), tensors, 0)["policy"][1] == 5


def balls(captions: list[list[str]], rows: np.ndarray, data: object) -> np.ndarray:
    return np.array([[float("ball" in text.split()) for text in said] for said in captions])


def test_the_loop_trains_a_captioner_by_reward_twice_the_same(tmp_path: Path) -> None:
    data, begun = data_of(), []
    for number in range(2):
        model = tiny()
        reward = Sum((Weighted("balls", 1.0, balls), Weighted("cider", 0.1, CiderD())))
        maker = Rollouts(reward, Random(5), 4, updates=2, rollouts=3, most=6)
        stage = Stage("reward", PolicyGradient(0.2, length="batch"), maker, 40, lr=2e-2, weights=UNWEIGHTED, warmup=0.0)
        folder = train((stage,), model, data, tmp_path / str(number), seed=3)
        begun.append(PrefixCaptioner.from_pretrained(folder).state_dict())
        lines = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
        assert {"policy", "zero_advantage", "reward", "reward.balls", "reward.cider", "ratio_clipped"} == set(lines[-1]["terms"])
    assert all(torch.equal(one, begun[1][name]) for name, one in begun[0].items())
    found = Rollouts(balls, Random(5), 8, "none", most=6).drawn(model, data, Batch(np.arange(5)), 1, Running())
    assert found.arrays["reward"].mean() > 0.8
