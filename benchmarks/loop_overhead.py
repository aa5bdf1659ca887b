"""What the loop costs beside the same updates written out: python benchmarks/loop_overhead.py [--rows 1024] [--updates 24] [--rounds 4].

The nano dual encoder on pixels of 64 x 64 and batches of 128; both make their tensors with `Data.tensors`, use fused AdamW, clip, and read
the loss of each update. Rounds alternate; the figure is of processor seconds of one thread, which other programs disturb least.
"""

import argparse
import copy
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from diptych.data.draws import generator
from diptych.data.pictures import Picture
from diptych.lab.opening import opened
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.words import word_tokenizer
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive
from diptych.train.data import Data, Inputs
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.settings import Settings


def bare(stage: Stage, model: Any, data: Data) -> None:
    decayed = [one for one in model.parameters() if one.ndim > 1]
    others = [one for one in model.parameters() if one.ndim < 2]
    groups = [{"params": decayed, "weight_decay": stage.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=stage.lr, betas=stage.betas, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, stage.updates)
    model.train()
    update = episode = 0
    while update < stage.updates:
        for batch in stage.batches(model, data, generator(0, stage.name, episode), episode):
            (term,) = stage.objective(model, data.tensors(batch), update).values()
            term.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), stage.clip)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            term.item()
            update += 1
            if update == stage.updates:
                break
        episode += 1


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("rows", 1024), ("updates", 24), ("rounds", 4)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found = opened(f"world:{asked.rows}?size=64")
    data = Data(list(found.source), found.pictures)
    data = data.taking(Inputs(word_tokenizer(text for row in range(len(data)) for text in data.texts(row))))
    # rendered once: the loop is measured, not the renderer
    seen = {row.subject.member: found.pictures(row.subject).pil() for row in data.rows}
    data = replace(data, pictures=lambda image: Picture("", 64, 64, lambda: seen[image.member]))
    model = DualEncoder(DualEncoderConfig(vocabulary=len(data.inputs.tokenizer or ())))
    stage = Stage("one", Contrastive(), Random(128), asked.updates)
    quiet = Settings(progress=False, workers=0)
    plain, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.rounds + 1):
            plain.append(seconds(partial(bare, stage, copy.deepcopy(model), data)))
            out = Path(folder) / str(number)
            ours.append(seconds(partial(train, (stage,), copy.deepcopy(model), data, out, settings=quiet)))
            shutil.rmtree(out)
    each = [1e3 * min(times[1:]) / asked.updates for times in (plain, ours)]  # the first round warms up
    print(f"bare {each[0]:.2f} ms an update, loop {each[1]:.2f} ms: {each[1] / each[0] - 1:+.2%} (best of {asked.rounds} rounds)")


if __name__ == "__main__":
    main()
