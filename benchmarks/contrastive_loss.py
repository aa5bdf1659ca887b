"""Time and memory of the contrastive loss, forward and backward: plain, open_clip's where it imports, and ours in blocks.

    python benchmarks/contrastive_loss.py                              on what there is; CPU sizes are small
    python benchmarks/contrastive_loss.py --device cuda --out loss.json

Prints seconds of an update's loss, each as a ratio to the plain loss in the same process, and the peak memory beyond what the process
held before, inputs and gradients included; and how far the gradients are from those of float64.
"""

# N pairs, D width

import argparse
import gc
import importlib.util
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from diptych.train.contrastive_softmax import Softmax
from diptych.train.targets import paired
from diptych.train.tiled import over_pairs

WIDTH = 512
SCALE = 1 / 0.07
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def plain(image_ND: Tensor, text_ND: Tensor, scale: Tensor) -> Tensor:
    """The loss as it is usually written."""
    logits_NN = scale * image_ND @ text_ND.T
    target_N = torch.arange(len(logits_NN), device=logits_NN.device)
    return (F.cross_entropy(logits_NN.float(), target_N) + F.cross_entropy(logits_NN.T.float(), target_N)) / 2


def ours(image_ND: Tensor, text_ND: Tensor, scale: Tensor) -> Tensor:
    """The loss in blocks."""
    return over_pairs(image_ND, text_ND, Softmax(), paired(len(image_ND), like=image_ND), scale=scale)


def peer() -> Loss | None:
    """open_clip's ClipLoss; from its file alone where the package lacks torchvision; None where it is not installed."""
    spec = importlib.util.find_spec("open_clip")
    if spec is None or not spec.submodule_search_locations:
        return None
    file = importlib.util.spec_from_file_location("open_clip_loss", Path(spec.submodule_search_locations[0]) / "loss.py")
    assert file is not None and file.loader is not None
    module = importlib.util.module_from_spec(file)
    file.loader.exec_module(module)
    loss: Loss = module.ClipLoss()
    return loss


def losses() -> dict[str, Loss]:
    """By name."""
    found = {"plain": plain, "ours": ours}
    other = peer()
    return found | ({"open_clip": other} if other else {})


def inputs(count: int, device: str, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors of pairs that are alike by half, and the scale."""
    draw = torch.Generator().manual_seed(0)
    shared = torch.randn(count, WIDTH, generator=draw)
    both = [F.normalize(shared + torch.randn(count, WIDTH, generator=draw), dim=-1).to(device, dtype) for _ in range(2)]
    image, text, scale = (one.requires_grad_() for one in (*both, torch.tensor(SCALE, device=device)))
    return image, text, scale


def once(loss: Loss, given: tuple[Tensor, Tensor, Tensor]) -> None:
    """Forward and backward."""
    for one in given:
        one.grad = None
    loss(*given).backward()


def seconds(loss: Loss, given: tuple[Tensor, Tensor, Tensor], rounds: int) -> float:
    """The best of some rounds, as other work on the machine only slows."""
    best = math.inf
    for _ in range(rounds):
        wait(given[0])
        start = time.perf_counter()
        once(loss, given)
        wait(given[0])
        best = min(best, time.perf_counter() - start)
    return best


def wait(one: Tensor) -> None:
    """Until the device has done all."""
    if one.is_cuda:
        torch.cuda.synchronize()


def times(count: int, device: str, dtype: torch.dtype, rounds: int) -> dict[str, float]:
    """Seconds by loss, in turns."""
    given, known = inputs(count, device, dtype), losses()
    for loss in known.values():
        once(loss, given)
    found = dict.fromkeys(known, math.inf)
    for _ in range(rounds):
        for name, loss in known.items():
            found[name] = min(found[name], seconds(loss, given, 3 if device == "cuda" else 1))
    return found


def peak(name: str, count: int, device: str, dtype: torch.dtype) -> int:
    """Bytes at the most, beyond those before the inputs were made."""
    if device == "cuda":
        gc.collect()
        torch.cuda.empty_cache()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        once(losses()[name], inputs(count, device, dtype))
        return torch.cuda.max_memory_allocated() - before
    once(losses()[name], inputs(64, device, dtype))  # threads and libraries are loaded before
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = resident("VmRSS")
    once(losses()[name], inputs(count, device, dtype))
    return resident("VmHWM") - before


def resident(name: str) -> int:
    """Bytes in memory, or at the most (Linux)."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) * 1024


def peak_alone(name: str, count: int, device: str, dtype: torch.dtype) -> int:
    """In a process of its own on the CPU, whose peak is of its whole life."""
    if device == "cuda":
        return peak(name, count, device, dtype)
    command = [sys.executable, __file__, "--device", device, "--peak", name, str(count)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def off(count: int, device: str) -> dict[str, float]:
    """How far the gradient of the pictures is from float64's, relative in norm."""
    exact = [one.detach().double().requires_grad_() for one in inputs(count, device, torch.float32)]
    target_N = torch.arange(count, device=device)
    logits_NN = exact[2] * exact[0] @ exact[1].T
    ((F.cross_entropy(logits_NN, target_N) + F.cross_entropy(logits_NN.T, target_N)) / 2).backward()
    right = exact[0].grad
    assert right is not None
    found = {}
    for name, loss in losses().items():
        given = inputs(count, device, torch.float32)
        once(loss, given)
        assert given[0].grad is not None
        found[name] = float((given[0].grad.double() - right).norm() / right.norm())
    return found


def main() -> None:
    """Prints one line for each figure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--times", type=int, nargs="*", help="batches that are timed")
    options.add_argument("--peaks", type=int, nargs="*", help="batches whose memory is taken")
    options.add_argument("--alone", type=int, nargs="*", help="batches whose time and memory are taken of ours alone")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--out", type=Path, help="a JSON file")
    options.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.peak:
        print(peak(said.peak[0], int(said.peak[1]), said.device, torch.float32))
        return
    cuda = said.device == "cuda"
    found: list[dict[str, object]] = []

    def tell(**row: object) -> None:
        found.append(row)
        print(
            "  ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items()), flush=True
        )

    tell(what="machine", device=torch.cuda.get_device_name() if cuda else "cpu", torch=torch.__version__, threads=torch.get_num_threads())
    for count in said.times if said.times is not None else [8192]:
        for dtype in (torch.float32, torch.bfloat16) if cuda else (torch.float32,):
            known = times(count, said.device, dtype, said.rounds)
            for name, value in known.items():
                tell(what="seconds", loss=name, batch=count, dtype=str(dtype)[6:], seconds=value, ratio=value / known["plain"])
    for count in said.peaks if said.peaks is not None else ([32768] if cuda else [8192]):
        held = {name: peak_alone(name, count, said.device, torch.float32) for name in losses()}
        for name, bytes_ in held.items():
            tell(what="peak", loss=name, batch=count, dtype="float32", megabytes=bytes_ / 2**20, ratio=bytes_ / held["plain"])
    for count in said.alone if said.alone is not None else ([65536] if cuda else []):
        spent = seconds(ours, inputs(count, said.device, torch.float32), 2)
        held_by = peak_alone("ours", count, said.device, torch.float32)
        tell(what="alone", loss="ours", batch=count, dtype="float32", seconds=spent, megabytes=held_by / 2**20)
    for name, value in off(4096 if cuda else 1024, said.device).items():
        tell(what="gradient off float64", loss=name, relative=value)
    if said.out:
        said.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
