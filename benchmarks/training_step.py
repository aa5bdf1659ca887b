"""Samples a second of a contrastive training step: open_clip's own step and ours on the same tower, batch and machine.

    PYTHONPATH=src python benchmarks/training_step.py --device cuda --tower ViT-B-16 --batch 384 --out step.json
    PYTHONPATH=src python benchmarks/training_step.py --device cpu --tower tiny --batch 8 --updates 2

Both train open_clip's model (transformers' CLIPModel of the same sizes for both where open_clip is absent), from scratch, on one batch that
lies on the device, with AdamW under bf16 autocast on CUDA. Theirs: their forward, ClipLoss, the optimiser and clamp of open_clip_train.
Ours: the objective and the update of our loop, tiled loss, fused AdamW; then the same with torch.compile on each block of the towers.
Model FLOPs are those of the matrix products alone, forward and twice that backward, recomputation not counted. `--loop N` also trains
N updates by the whole loop from an image folder and tells the share of time spent waiting for data.
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel

from diptych.lab.opening import opened
from diptych.models.words import word_tokenizer
from diptych.train.accelerator import accelerator_of
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive
from diptych.train.data import Data, Inputs
from diptych.train.groups import groups, trainable
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.settings import Settings
from diptych.train.update import Scored, graded, moved

try:
    import open_clip
except ImportError as error:  # it needs torchvision
    print(f"open_clip does not import here ({error}): transformers' CLIPModel is the tower")
    open_clip = None

PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12}  # dense bf16 of the SXM cards, as their maker says
RATE = 1e-5
Step = Callable[[], Tensor]


@dataclass(frozen=True)
class Sizes:
    """Of both towers."""

    image: int
    patch: int
    layers: int
    width: int
    text_layers: int
    text_width: int
    length: int = 77
    vocabulary: int = 49408
    dimension: int = 512

    @property
    def flops(self) -> float:
        """Of a training sample: matrix products of forward, times three."""
        patches = (self.image // self.patch) ** 2
        image = tower_flops(patches + 1, self.width, self.layers) + 2 * patches * 3 * self.patch**2 * self.width
        text = tower_flops(self.length, self.text_width, self.text_layers)
        heads = 2 * (self.width + self.text_width) * self.dimension
        return 3 * (image + text + heads)


def tower_flops(tokens: int, width: int, layers: int) -> float:
    """Forward: 12 width^2 weights a block, each a multiplication and an addition a token, and attention's two products."""
    return layers * (24 * tokens * width**2 + 4 * tokens**2 * width)


TOWERS = {
    "ViT-B-16": Sizes(224, 16, 12, 768, 12, 512),
    "ViT-B-32": Sizes(224, 32, 12, 768, 12, 512),
    "tiny": Sizes(32, 8, 2, 64, 2, 64, 16, 1000, 32),
}


def open_clip_model(sizes: Sizes) -> nn.Module | None:
    """Their model from scratch, or None."""
    if open_clip is None:
        return None
    vision = {"image_size": sizes.image, "patch_size": sizes.patch, "layers": sizes.layers, "width": sizes.width, "head_width": 64}
    text = {"context_length": sizes.length, "vocab_size": sizes.vocabulary, "width": sizes.text_width, "layers": sizes.text_layers}
    text["heads"] = sizes.text_width // 64
    model: nn.Module = open_clip.CLIP(sizes.dimension, vision, text, output_dict=True)
    return model


def transformers_model(sizes: Sizes) -> nn.Module:
    """transformers' CLIPModel from scratch."""
    vision = {"image_size": sizes.image, "patch_size": sizes.patch, "num_hidden_layers": sizes.layers, "hidden_size": sizes.width}
    text = {"max_position_embeddings": sizes.length, "vocab_size": sizes.vocabulary, "num_hidden_layers": sizes.text_layers}
    text |= {"bos_token_id": sizes.vocabulary - 2, "eos_token_id": sizes.vocabulary - 1}
    vision |= {"intermediate_size": 4 * sizes.width, "num_attention_heads": sizes.width // 64}
    text |= {"hidden_size": sizes.text_width, "intermediate_size": 4 * sizes.text_width, "num_attention_heads": sizes.text_width // 64}
    return CLIPModel(CLIPConfig(vision_config=vision, text_config=text, projection_dim=sizes.dimension))


class Wrapped(nn.Module):
    """open_clip's model asked for vectors as ours are."""

    def __init__(self, model: Any):
        super().__init__()
        self.model = model

    @property
    def logit_scale(self) -> Tensor:
        """Its scale."""
        scale: Tensor = self.model.logit_scale
        return scale

    def get_image_features(self, pixel_values: Tensor) -> Tensor:
        """(B, D)."""
        found: Tensor = self.model.encode_image(pixel_values)
        return found

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, D)."""
        found: Tensor = self.model.encode_text(input_ids)
        return found


def groups_of(model: nn.Module, decay: float) -> list[dict[str, Any]]:
    """No decay of gains and biases, as open_clip_train has it."""
    plain = [p for name, p in model.named_parameters() if p.ndim < 2 or "logit_scale" in name]
    others = [p for name, p in model.named_parameters() if not (p.ndim < 2 or "logit_scale" in name)]
    return [{"params": plain, "weight_decay": 0.0}, {"params": others, "weight_decay": decay}]


def their_step(model: Any, images: Tensor, texts: Tensor) -> Step:
    """open_clip_train's: zero, forward, ClipLoss, backward, AdamW, clamp."""
    loss_of = open_clip.ClipLoss()
    optimiser = torch.optim.AdamW(groups_of(model, 0.2), lr=RATE, betas=(0.9, 0.98), eps=1e-8)

    def step() -> Tensor:
        optimiser.zero_grad()
        with autocast(images):
            total: Tensor = sum(loss_of(**model(images, texts), output_dict=True).values())
        total.backward()
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        return total.detach()

    return step


def our_step(model: Any, images: Tensor, texts: Tensor) -> Step:
    """One update of the loop: its objective under Accelerate, its groups, clipping and optimiser."""
    stage = stage_of(1000, len(texts))
    accelerator = accelerator_of(Settings())
    scored = accelerator.prepare(Scored(model, stage.objective))
    optimiser = torch.optim.AdamW(groups(stage, trainable(stage, model)), lr=stage.lr, betas=stage.betas, fused=True)
    rows = torch.arange(len(texts), device=images.device)
    tensors = {"pixel_values": images, "text_ids": texts, "text_mask": (texts > 0).long(), "rows": rows}

    def step() -> Tensor:
        sums = graded(stage, scored, accelerator, tensors, 0)
        moved(stage, optimiser, 0)
        total, count = sums.found["contrastive"]
        return (total / count).detach()

    return step


def stage_of(updates: int, size: int) -> Stage:
    """As open_clip_train sets it, so that the losses of both can be compared: one rate from the first update on, no clipping."""
    return Stage("contrast", Contrastive(), Random(size), updates, lr=RATE, weight_decay=0.2, schedule="constant", warmup=0.0, clip=0.0)


def autocast(images: Tensor) -> torch.autocast:
    """bf16 on CUDA, nothing on the CPU."""
    return torch.autocast(images.device.type, torch.bfloat16, enabled=images.is_cuda)


def compiled(model: nn.Module) -> nn.Module:
    """Each block of the towers compiled by itself, which is learnt once for all blocks alike."""
    for module in model.modules():
        if type(module).__name__ in {"ResidualAttentionBlock", "CLIPEncoderLayer"}:
            module.compile()
    return model


def batch(sizes: Sizes, count: int, device: str) -> tuple[Tensor, Tensor]:
    """Pictures and texts of noise, texts full to the end mark."""
    draw = torch.Generator().manual_seed(0)
    images = torch.randn(count, 3, sizes.image, sizes.image, generator=draw)
    texts = torch.randint(3, sizes.vocabulary - 1, (count, sizes.length), generator=draw)
    texts[:, -1] = sizes.vocabulary - 1
    return images.to(device, memory_format=torch.channels_last), texts.to(device)


def rate(step: Step, count: int, updates: int, device: str) -> tuple[float, float, list[float]]:
    """Samples a second, seconds until it was warm, and the losses of the first updates, which must be alike for all arms."""
    start = time.perf_counter()
    losses = [step().item() for _ in range(4)]
    wait(device)
    warm = time.perf_counter() - start
    best = math.inf
    for _ in range(2):
        start = time.perf_counter()
        for _ in range(updates):
            step()
        wait(device)
        best = min(best, time.perf_counter() - start)
    return count * updates / best, warm, losses


def wait(device: str) -> None:
    """Until the device has done all."""
    if device == "cuda":
        torch.cuda.synchronize()


def towers(sizes: Sizes, wanted: list[str], device: str) -> Iterator[tuple[str, nn.Module]]:
    """Each arm's model, all from the same seed."""
    for name in wanted:
        torch.manual_seed(0)
        peer = open_clip_model(sizes)
        if "open_clip" in name:
            if peer is not None:
                yield name, peer.to(device).train()
            continue
        model = (transformers_model(sizes) if peer is None else Wrapped(peer)).to(device).train()
        yield name, compiled(model) if "compiled" in name else model


def by_loop(model: nn.Module, sizes: Sizes, size: int, updates: int) -> dict[str, float]:
    """The whole loop on an image folder of JPEGs: samples a second and the share of time that it waited for data, once it was warm."""
    with tempfile.TemporaryDirectory() as found:
        folder, out = Path(found, "pictures"), Path(found, "out")
        words = picture_folder(folder, max(size, 2048), sizes)
        opened_folder = opened(str(folder))
        inputs = Inputs(word_tokenizer([words]), length=sizes.length, size=sizes.image)
        data = Data(list(opened_folder.source), opened_folder.pictures, inputs)
        train((stage_of(updates, size),), model, data, out, settings=Settings(log_every=1, progress=False))
        lines = [line for line in map(json.loads, (out / "train.jsonl").read_text().splitlines()) if "samples_per_second" in line]
    warm = lines[len(lines) // 2 :]
    return {name: sum(line[name] for line in warm) / len(warm) for name in ("samples_per_second", "waiting")}


def picture_folder(folder: Path, count: int, sizes: Sizes) -> str:
    """JPEGs of soft noise a little larger than the model takes, each with a caption that fills the text tower."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    words = " ".join(["picture"] * (sizes.length - 2))
    side = sizes.image * 8 // 7
    for number in range(count):
        coarse = Pillow.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        coarse.resize((side, side), Pillow.Resampling.BICUBIC).save(folder / f"{number:05d}.jpg", quality=90)
        (folder / f"{number:05d}.txt").write_text(words)
    return words


def main() -> None:
    """Prints one line for each arm."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--tower", choices=TOWERS, default="ViT-B-16")
    options.add_argument("--batch", type=int, default=384)
    options.add_argument("--updates", type=int, default=15)
    options.add_argument("--arms", nargs="*", default=["open_clip", "ours", "ours compiled"])
    options.add_argument("--loop", type=int, default=0, help="updates of the whole loop on an image folder")
    options.add_argument("--out", type=Path, help="a JSON file")
    said = options.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True  # as open_clip_train sets it, for both
    torch.backends.cudnn.allow_tf32 = True
    sizes = TOWERS[said.tower]
    card = torch.cuda.get_device_name() if said.device == "cuda" else "cpu"
    peak = next((value for name, value in PEAKS.items() if name in card), math.nan)
    found: list[dict[str, object]] = [
        {"what": "machine", "device": card, "torch": torch.__version__, "model_gflops_a_sample": sizes.flops / 1e9}
    ]
    print(f"{card}, torch {torch.__version__}, {said.tower}, batch {said.batch}, {sizes.flops / 1e9:.1f} GFLOP a sample", flush=True)
    images, texts = batch(sizes, said.batch, said.device)
    for name, model in towers(sizes, said.arms, said.device):
        step = (their_step if "open_clip" in name else our_step)(model, images, texts)
        try:
            speed, warm, losses = rate(step, said.batch, said.updates, said.device)
        except torch.OutOfMemoryError:
            print(f"{name:16} out of memory", flush=True)
            continue
        held = torch.cuda.max_memory_allocated() / 2**30 if said.device == "cuda" else math.nan
        share = speed * sizes.flops / peak
        told = f"{name:16} {speed:9.1f} samples/s   MFU {share:6.1%}   {held:5.1f} GiB   warm after {warm:5.1f} s"
        print(f"{told}   first losses {' '.join(f'{loss:.4f}' for loss in losses)}", flush=True)
        found.append(
            {
                "what": "step",
                "arm": name,
                "tower": said.tower,
                "batch": said.batch,
                "samples_per_second": speed,
                "first_losses": losses,
                "mfu": None if math.isnan(share) else share,
                "gib": None if math.isnan(held) else held,
            }
        )
        del step, model
        if said.device == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
    if said.loop:
        model = next(towers(sizes, ["ours compiled" if "ours compiled" in said.arms else "ours"], said.device))[1]
        loop = by_loop(model, sizes, said.batch, said.loop)
        print(f"{'loop':16} {loop['samples_per_second']:9.1f} samples/s   {loop['waiting']:.1%} of the time waiting for data", flush=True)
        found.append({"what": "loop", "tower": said.tower, "batch": said.batch, **loop})
    if said.out:
        said.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
