"""What a training needs to go on as if it had never stopped: taken from the parts of a stage, and put back into them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from diptych.data.errors import RunError
from diptych.train.distributed import gathered, rank
from diptych.train.ema import Averaged
from diptych.train.plan import Plan

Tensors = Mapping[str, Tensor]


def weights(model: nn.Module, plan: Plan) -> dict[str, Tensor]:
    """Parameters that some stage may change, and buffers that the model saves, by name."""
    prefixes = tuple(prefix for stage in plan for prefix in (*stage.trainable, *(stage.lora.whole if stage.lora else ())))
    found = {name: one.detach() for name, one in model.named_parameters() if name.startswith(prefixes)}
    kept = model.state_dict(keep_vars=True).keys()
    return found | {name: one for name, one in model.named_buffers() if name in kept}


def captured(
    model: nn.Module, plan: Plan, optimiser: torch.optim.Optimizer, averages: Averaged | None, device: torch.device
) -> dict[str, Tensor]:
    """All tensors of a checkpoint; every process must call, since each has random numbers of its own."""
    found = {f"model/{name}": one for name, one in weights(model, plan).items()}
    for group in optimiser.param_groups:
        for name, one in zip(group["names"], group["params"], strict=True):
            found |= {f"optimiser/{name}/{key}": value for key, value in optimiser.state.get(one, {}).items()}
    if averages is not None:
        found |= {f"average/{name}": one for name, one in averages.averages.items()}
    for name, state in drawing(device).items():
        found |= {f"random/{name}/{number}": one.cpu() for number, one in enumerate(gathered(state.to(device)))}
    return found


def restored(model: nn.Module, plan: Plan, optimiser: torch.optim.Optimizer, averages: Averaged | None, saved: Tensors) -> None:
    """Puts a checkpoint's tensors back. RunError if they are not of this model."""
    now = weights(model, plan)
    then = under(saved, "model/")
    odd = sorted(now.keys() ^ then.keys()) or [name for name in now if now[name].shape != then[name].shape]
    if odd:
        raise RunError(f"the checkpoint is of another model: {odd[0]} differs; name another folder or give the model it was begun with")
    with torch.no_grad():
        for name, one in now.items():
            one.copy_(then[name])
        if averages is not None:
            for name, average in under(saved, "average/").items():
                averages.averages[name].copy_(average)
    for group in optimiser.param_groups:
        for name, one in zip(group["names"], group["params"], strict=True):
            # PyTorch's own loading would cast the count of updates to the weights' type
            state = {key: value.to(one.device) for key, value in under(saved, f"optimiser/{name}/").items()}
            if state:
                optimiser.state[one] = state


def under(saved: Tensors, prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): one for name, one in saved.items() if name.startswith(prefix)}


def drawing(device: torch.device) -> dict[str, Tensor]:
    """The states of torch's generators that a training draws from, as bytes."""
    states = {"cpu": torch.get_rng_state()}
    return states | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def draw_on(saved: Tensors, device: torch.device) -> bool:
    """Sets the generators of this process to where they were; False if the checkpoint has none for it."""
    own = {name: saved.get(f"random/{name}/{rank()}") for name in drawing(device)}
    cpu, cuda = own["cpu"], own.get("cuda")
    if cpu is None or (device.type == "cuda" and cuda is None):
        return False
    torch.set_rng_state(cpu)
    if cuda is not None:
        torch.cuda.set_rng_state(cuda, device)
    return True
