"""What one training does: parts that sum to the batch, averages, groups, frozen weights, adapters, logs, stops and folders."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_training as our
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from diptych.data.draws import generator
from diptych.data.errors import InputError, RunError
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.checkpoint import NAME, read
from diptych.train.data import Data
from diptych.train.groups import groups, trainable
from diptych.train.logs import read_log
from diptych.train.loop import ending, train
from diptych.train.plan import Lora, Stage
from diptych.train.running import Run, Spent
from diptych.train.saving import read_about
from diptych.train.schedule import rate
from diptych.train.settings import Settings
from diptych.train.update import loss_of, pairs_of, parts_of

QUIET = Settings(progress=False, log_every=1)


def stage(**values: Any) -> Stage:
    return Stage(**{"name": "one", "objective": our.Copy(), "batches": Random(8), "updates": 6, **values})


def trained(out: Path, *stages: Stage, settings: Settings = QUIET, **values: Any) -> dict[str, Tensor]:
    """Weights after a training without dropout."""
    train(stages, our.small(0.0), our.data(), out, settings=settings, **values)
    return load_file(out / "model.safetensors")


def by_hand(one: Stage, updates: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The same training written out as plainly as can be: last weights, and averages if the stage has them."""
    model, data, episode = our.small(0.0), our.data(), 0
    batches: list[Batch] = []
    while len(batches) < updates:
        batches += one.batches(model, data, generator(0, one.name, episode), episode)
        episode += 1
    bare = [p for n, p in model.named_parameters() if p.ndim < 2 or n == "places"]
    full = [p for n, p in model.named_parameters() if p.ndim > 1 and n != "places"]
    adam = torch.optim.AdamW(
        [{"params": full}, {"params": bare, "weight_decay": 0.0}], lr=1, betas=one.betas, weight_decay=one.weight_decay
    )
    averages = {n: p.detach().clone() for n, p in model.named_parameters()}
    for update, batch in enumerate(batches[:updates]):
        terms = one.objective(model, data.tensors(batch), update)
        total, count = terms["places"]
        (one.weights.get("rows", 1) * terms["rows"] + one.weights.get("places", 1) * total / count).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), one.clip)
        for group in adam.param_groups:
            group["lr"] = one.lr * 0.5 * (1 + math.cos(math.pi * update / one.updates))
        adam.step()
        adam.zero_grad()
        kept = min(one.ema, (1 + update) / (10 + update))
        for n, p in model.named_parameters():
            averages[n] = kept * averages[n] + (1 - kept) * p.detach()
    return {n: p.detach() for n, p in model.named_parameters()}, averages


def close(found: Mapping[str, Tensor], expected: Mapping[str, Tensor], within: float = 1e-6) -> None:
    for name, weight in expected.items():
        assert found[name].numpy() == pytest.approx(weight.numpy(), abs=within), name


@pytest.mark.parametrize("accumulate", [1, 2, 3, 8])
def test_a_training_is_the_plain_loop_in_however_many_parts(accumulate: int, tmp_path: Path) -> None:
    one = stage(warmup=0.0, weights={"places": 0.5}, lr=1e-2, weight_decay=0.3, clip=0.5)
    close(trained(tmp_path / "out", replace(one, accumulate=accumulate)), by_hand(one, 6)[0], 3e-6)


def test_averages_take_the_weights_place_and_the_next_stage_begins_with_them(tmp_path: Path) -> None:
    one = stage(warmup=0.0, lr=1e-2, ema=0.4)
    last, averages = by_hand(one, 6)
    close(trained(tmp_path / "one", one), averages)
    assert (last["first.weight"] - averages["first.weight"]).abs().max() > 5e-4
    still = stage(name="two", updates=1, lr=0.0)
    close(trained(tmp_path / "two", one, still), averages)


def test_rates_by_hand() -> None:
    warm = stage(updates=12, warmup=0.25)
    assert [rate(warm, n) for n in range(3)] == pytest.approx([1 / 3, 2 / 3, 1])
    assert [rate(replace(warm, schedule="linear"), n) for n in (3, 6, 11)] == pytest.approx([1, 2 / 3, 1 / 9])
    assert rate(warm, 6) == pytest.approx((1 + math.cos(math.pi / 3)) / 2)
    assert rate(replace(warm, schedule="constant"), 11) == 1
    assert rate(stage(warmup=0.0), 0) == 1


class Named(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(3, 2)
        self.position_embedding = nn.Embedding(3, 2)
        self.logit_scale = nn.Parameter(torch.tensor(1.0))
        self.head = nn.Linear(2, 2)
        self.gain = nn.LayerNorm(2)


def test_groups_leave_gains_biases_scales_and_places_without_decay() -> None:
    one = stage(lr_of={"head": 0.1, "head.bias": 3.0}, weight_decay=0.2)
    found = {(g["share"], g["weight_decay"]): g["names"] for g in groups(one, trainable(one, Named()))}
    assert found == {
        (1.0, 0.2): ["words.weight"],
        (1.0, 0.0): ["logit_scale", "position_embedding.weight", "gain.weight", "gain.bias"],
        (0.1, 0.2): ["head.weight"],
        (3.0, 0.0): ["head.bias"],
    }


def test_what_is_frozen_stays_and_a_prefix_that_names_nothing_is_refused(tmp_path: Path) -> None:
    before = {name: one.detach().clone() for name, one in our.small(0.0).named_parameters()}
    after = trained(tmp_path / "out", stage(trainable=("last", "norm.bias")))
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"last.weight", "last.bias", "norm.bias"}
    with pytest.raises(InputError, match=r"trains nothing: no parameter begins with 'head'; .* first, last, norm, places"):
        trained(tmp_path / "none", stage(trainable=("head",)))


def test_frozen_modules_evaluate_and_flags_come_back(tmp_path: Path) -> None:
    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.frozen, self.free = our.Small(), our.Small()
            self.modes: set[tuple[bool, bool, bool]] = set()

        def forward(self, x: Tensor) -> Tensor:
            self.modes.add((self.frozen.training, self.frozen.drop.training, self.free.drop.training))
            return self.free(self.frozen(x))

    model = Watched()
    model.frozen.places.requires_grad_(False)
    train((stage(trainable=("free",)),), model, our.data(), tmp_path / "out", settings=QUIET)
    assert model.modes == {(False, False, True)}
    assert [name for name, one in model.named_parameters() if not one.requires_grad] == ["frozen.places"]
    assert not model.training


class OwnConfig(PretrainedConfig):
    model_type = "diptych_test_own"


class Own(PreTrainedModel):
    config_class = OwnConfig

    def __init__(self, config: OwnConfig):
        super().__init__(config)
        self.inner = our.Small(0.0)
        self.post_init()

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x)


def test_adapters_are_merged_so_that_the_folder_opens_as_ever(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Own(OwnConfig())
    before = {name: one.detach().clone() for name, one in model.named_parameters()}
    adapters = stage(lora=Lora(("last",), rank=2, whole=("inner.norm",)), lr=1e-1)
    train((adapters,), model, our.data(), tmp_path / "out", settings=QUIET)
    again = Own.from_pretrained(tmp_path / "out")
    after = dict(again.named_parameters())
    assert after.keys() == before.keys()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"inner.last.weight", "inner.norm.weight", "inner.norm.bias"}
    assert torch.linalg.matrix_rank((after["inner.last.weight"] - before["inner.last.weight"]).double(), tol=1e-5) == 2
    x = torch.from_numpy(our.data().columns["x"])
    assert torch.equal(again(x), model(x))
    with pytest.raises(InputError, match=r"no linear layer under '' ends with q_proj: there are inner.first, inner.last"):
        train((stage(lora=Lora(("q_proj",))),), Own(OwnConfig()), our.data(), tmp_path / "no", settings=QUIET)


def test_parts_of_a_model_dict_lie_in_folders_of_their_names(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Both:
        def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
            return {"apart": (model["student"](tensors["x"]) - model["teacher"](tensors["x"]).detach()).square().mean()}

    model = nn.ModuleDict({"student": Own(OwnConfig()), "teacher": our.Small(0.0)})
    train((stage(objective=Both(), trainable=("student",)),), model, our.data(), tmp_path / "out", settings=QUIET)
    assert torch.equal(Own.from_pretrained(tmp_path / "out" / "student").inner.first.weight, model["student"].inner.first.weight)
    assert load_file(tmp_path / "out" / "teacher" / "model.safetensors").keys() == our.Small().state_dict().keys()


def test_a_loss_that_is_no_number_stops_with_its_batch(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Breaks:
        def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
            term = model(tensors["x"]).mean()
            return {"good": term, "odd": term / 0 if update == 4 else term}

    with pytest.raises(RunError, match=r"odd is (-?inf|nan) at update 4 of stage 'one', whose batch lies in .*: lower lr \(0.001\)"):
        trained(tmp_path / "out", stage(objective=Breaks()), settings=replace(QUIET, save_every=0))
    tensors, state = read(tmp_path / "out" / "not-finite.safetensors")
    assert tensors["x"].shape == (8, our.LONG, our.WIDTH)
    assert (state["update"], state["stage"]) == (4, "one")
    assert read(tmp_path / "out" / NAME)[1]["at"] == 4  # the last good one
    assert not (tmp_path / "out" / "diptych.json").exists()


def test_what_is_logged_and_told(tmp_path: Path) -> None:
    seen = []

    def evaluate(model: Any, update: int) -> dict[str, float]:
        torch.rand(3)
        seen.append((model.training, torch.is_grad_enabled()))
        return {"at": update / 2}

    plain = trained(tmp_path / "plain", stage(weights={"places": 0.5}))
    told = trained(
        tmp_path / "told", stage(weights={"places": 0.5}), settings=replace(QUIET, log_every=4, evaluate=evaluate, evaluate_every=2)
    )
    close(told, plain, 0.0)
    lines = read_log(tmp_path / "told" / "train.jsonl")
    assert [(line["update"], line["evaluation"]) for line in lines if "evaluation" in line] == [(n, {"at": n / 2}) for n in (2, 4, 6)]
    assert seen == [(False, False)] * 3
    every = [line for line in read_log(tmp_path / "plain" / "train.jsonl") if "terms" in line]
    grouped = [line for line in lines if "terms" in line]
    assert [line["update"] for line in grouped] == [4, 6]
    assert grouped[0]["terms"]["rows"] == pytest.approx(np.mean([line["terms"]["rows"] for line in every[:4]]))
    assert grouped[0]["loss"] == pytest.approx(grouped[0]["terms"]["rows"] + 0.5 * grouped[0]["terms"]["places"])
    assert grouped[1]["rate"] == pytest.approx(1e-3 * rate(stage(), 5))
    about = read_about(tmp_path / "told")
    assert (about["samples"], about["seed"], about["data"]["rows"]) == (48, 0, our.ROWS)
    assert 0 <= about["waiting"] <= 1
    assert about["samples_per_second"] == pytest.approx(48 / about["seconds"], rel=0.1)
    assert "torch" in about["versions"]


def test_the_ending_tells_of_waiting_and_lost_pictures() -> None:
    run = Run((stage(),), None, our.data(), Path(), 0, QUIET, None, {}, None, spent=Spent(10.0, 2.5, 480, 3))  # type: ignore[arg-type]
    assert ending(run) == (
        "6 updates in 10 s, 48 rows/s, 25.0% of the time waiting for data (more workers, smaller pictures or a faster disk would help)"
        "; 3 pictures could not be opened and were replaced"
    )


def test_tensorboard_gets_the_same_numbers(tmp_path: Path) -> None:
    trained(tmp_path / "out", stage(), settings=replace(QUIET, tensorboard=True))
    found = EventAccumulator(str(tmp_path / "out" / "tensorboard")).Reload()
    expected = [line["terms"]["rows"] for line in read_log(tmp_path / "out" / "train.jsonl")]
    assert [event.value for event in found.Scalars("terms/rows")] == pytest.approx(expected)


def test_folders_that_hold_something_else_are_refused(tmp_path: Path) -> None:
    trained(tmp_path / "out", stage())
    with pytest.raises(RunError, match="already holds a trained model: name another folder, or delete it"):
        trained(tmp_path / "out", stage())
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="is a file"):
        trained(tmp_path / "file", stage())

    def stop(model: Any, update: int) -> dict[str, float]:
        raise KeyboardInterrupt

    often = replace(QUIET, save_every=0, evaluate=stop, evaluate_every=3)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "begun", stage(), settings=often)
    for name, values in {"seed": {"seed": 1}, "plan": {}}.items():
        other = stage(lr=0.5) if name == "plan" else stage()
        with pytest.raises(RunError, match=f"is of a training with another {name} .*: name another folder, delete it, or"):
            trained(tmp_path / "begun", other, **values)
    (tmp_path / "begun" / NAME).write_bytes(b"torn")
    with pytest.raises(RunError, match=r"is no checkpoint .*: delete it to train from the start"):
        trained(tmp_path / "begun", stage())


@dataclass(frozen=True)
class Fitted:
    """Batches of an object with an array longer than numpy prints."""

    array: np.ndarray

    def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
        return Random(8)(model, data, rng, episode)


def test_a_training_with_other_arrays_columns_or_frozen_weights_does_not_go_on(tmp_path: Path) -> None:
    def stop(model: Any, update: int) -> dict[str, float]:
        raise KeyboardInterrupt

    def begun(array: np.ndarray, data: Data, model: Any) -> None:
        one = stage(batches=Fitted(array), trainable=("last",))
        often = replace(QUIET, save_every=0, evaluate=stop, evaluate_every=3)
        with pytest.raises(KeyboardInterrupt):
            train((one,), model, data, tmp_path / "out", settings=often)

    many, known, frozen = np.zeros(5000), our.data(), our.small()
    begun(many, known, frozen)
    begun(many.copy(), our.data(), our.small())
    other = many.copy()
    other[2500] = 1e-9
    with pytest.raises(RunError, match="another plan"):
        begun(other, known, our.small())
    with pytest.raises(RunError, match="another data"):
        begun(many, known.having(x=known.columns["x"] + 1), our.small())
    with pytest.raises(RunError, match="another frozen"):
        begun(many, known, our.small(seed=1))


def test_a_training_that_has_ended_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    first = our.small(0.0)
    train((stage(),), first, our.data(), tmp_path / "out", settings=QUIET)
    written = (tmp_path / "out" / "model.safetensors").stat().st_mtime_ns
    again = our.small(0.0)
    assert train((stage(),), again, our.data(), tmp_path / "out", settings=QUIET, keep=True) == tmp_path / "out"
    assert (tmp_path / "out" / "model.safetensors").stat().st_mtime_ns == written
    close(again.state_dict(), first.state_dict(), 0.0)
    assert not again.training
    with pytest.raises(RunError, match="another plan"):
        train((stage(lr=0.5),), again, our.data(), tmp_path / "out", settings=QUIET, keep=True)
    with pytest.raises(RunError, match="already holds a trained model"):
        train((stage(),), again, our.data(), tmp_path / "out", settings=QUIET)


def test_a_kept_training_gives_its_weights_to_every_part_of_the_model(tmp_path: Path) -> None:
    def parts() -> nn.ModuleDict:
        torch.manual_seed(1)
        return nn.ModuleDict({"own": Own(OwnConfig()), "small": our.Small(0.0)})

    def objective(model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Tensor]:
        return {"apart": (model["own"](tensors["x"]) - model["small"](tensors["x"])).square().mean()}

    first, again = parts(), parts()
    train((stage(objective=objective),), first, our.data(), tmp_path / "out", settings=QUIET)
    assert (first["own"].inner.first.weight - again["own"].inner.first.weight).abs().max() > 1e-4
    (tmp_path / "out" / NAME).write_text("left by a kill between the last two files")
    train((stage(objective=objective),), again, our.data(), tmp_path / "out", settings=replace(QUIET, keep=True))
    close(again.state_dict(), first.state_dict(), 0.0)
    assert not (tmp_path / "out" / NAME).exists()


def test_a_maker_that_asks_the_model_and_does_not_say_so_is_found_out(tmp_path: Path) -> None:
    class Silent:
        def __call__(self, model: Any, data: Data, rng: np.random.Generator, episode: int) -> Iterator[Batch]:
            for _ in range(6):
                said = model(torch.from_numpy(data.columns["x"][:4])).detach().numpy()
                yield Batch(np.arange(4), arrays={"said": said})

        def __repr__(self) -> str:
            return "Silent()"

    def stop(model: Any, update: int) -> dict[str, float]:
        raise KeyboardInterrupt

    one = stage(objective=our.Said(), batches=Silent())
    often = replace(QUIET, save_every=0, evaluate=stop, evaluate_every=3)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "out", one, settings=often)
    with pytest.raises(RunError, match=r"the first 2 batches of episode 0 .* must say `asks_model = True`"):
        trained(tmp_path / "out", one)


def test_pairs_without_counts_cannot_be_accumulated(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Uncounted:
        def __call__(self, model: Any, tensors: Mapping[str, Tensor], update: int) -> dict[str, Any]:
            return our.Copy()(model, tensors, update)

    one = stage(objective=Uncounted())
    assert trained(tmp_path / "one", one).keys() == our.small().state_dict().keys()
    with pytest.raises(InputError, match=r"accumulates 2 parts, .* gives 'places' as \(sum, count\): .* `counts\(tensors\)`"):
        trained(tmp_path / "two", replace(one, accumulate=2))
    with pytest.raises(InputError, match=r"a batch of 8 rows .* cannot be accumulated in 9 parts"):
        trained(tmp_path / "nine", stage(accumulate=9))


def test_parts_of_a_term_weigh_as_it_does() -> None:
    one = stage(weights={"reward": 0.0, "reward.cosine": 2.0, "kl": 0.5})
    assert [one.weight(name) for name in ("reward", "reward.grammar", "reward.cosine", "kl", "policy")] == [0, 0, 2, 0.5, 1]
    pairs = pairs_of({"policy": torch.tensor(3.0), "reward.grammar": torch.tensor(9.0)}, 4)
    assert loss_of(one, pairs, set(pairs), {"": torch.tensor(4.0)}).item() == 3


def test_a_part_without_tokens_counts_for_nothing() -> None:
    parts = parts_of({"rows": torch.arange(5), "x": torch.arange(5.0)}, 2)
    assert [part["x"].tolist() for part in parts] == [[0, 1], [2, 3, 4]]
    weight = torch.tensor(2.0, requires_grad=True)
    pairs = pairs_of({"mean": weight * 1, "tokens": (weight * 0, 0)}, 2)
    loss = loss_of(stage(accumulate=2), pairs, {"mean"}, {"": torch.tensor(5.0), "tokens": torch.tensor(1e-20)})
    assert loss.item() == pytest.approx(2 * 2 / 5)


def test_the_log_of_a_cut_off_line_is_read(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps({"at": 1}) + '\n{"at": 2, "te')
    assert read_log(tmp_path / "train.jsonl") == [{"at": 1}]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"accumulate": 0}, "accumulate of stage 'one' must be 1 or more, got 0"),
        ({"ema": 1.0}, r"ema of stage 'one' must lie in \[0, 1\), got 1.0"),
        ({"warmup": 2}, r"warmup of stage 'one' must lie in \[0, 1\], got 2"),
        ({"schedule": "steps"}, "schedule of stage 'one' must be one of cosine, linear, constant, got 'steps'"),
        ({"updates": -1}, "updates of stage 'one' must be 0 or more, got -1"),
    ],
)
def test_plans_that_cannot_be_trained_are_refused(values: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        trained(tmp_path / "out", stage(**values))
    assert not (tmp_path / "out").exists()


def test_empty_plans_twice_used_names_and_odd_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a plan must have a stage"):
        trained(tmp_path / "out")
    with pytest.raises(InputError, match="a plan must have an update, got 0 of them"):
        trained(tmp_path / "out", stage(updates=0))
    with pytest.raises(InputError, match=r"stages must have names of their own, .*, got one, one"):
        trained(tmp_path / "out", stage(), stage())
    with pytest.raises(InputError, match="log_every must be 1 or more, got 0"):
        trained(tmp_path / "out", stage(), settings=Settings(log_every=0))
    with pytest.raises(InputError, match="precision must be auto, fp32 or bf16, got 'fp16'"):
        trained(tmp_path / "out", stage(), settings=Settings(precision="fp16"))  # type: ignore[arg-type]


def test_bf16_where_it_is_asked_for_keeps_the_weights_in_full(tmp_path: Path) -> None:
    full = trained(tmp_path / "full", stage())
    half = trained(tmp_path / "half", stage(), settings=replace(QUIET, precision="bf16"))
    again = trained(tmp_path / "again", stage(), settings=replace(QUIET, precision="fp32"))
    close(again, full, 0.0)
    assert half["first.weight"].dtype == torch.float32
    apart = max((half[name] - full[name]).abs().max().item() for name in full)
    assert 1e-6 < apart < 0.01


def test_a_stage_without_updates_leaves_the_model_as_it_is(tmp_path: Path) -> None:
    one = trained(tmp_path / "one", stage())
    close(trained(tmp_path / "out", stage(), stage(name="none", updates=0, ema=0.5)), one, 0.0)
