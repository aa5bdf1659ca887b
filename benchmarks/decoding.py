"""Captions a second on one thread: our decoding of a model with and without cache, and `generate` of transformers on the same model.

    python benchmarks/decoding.py [--rows 64] [--words 20] [--runs 7]

A GPT-2 of two blocks, width 128 and 300 words, with 8 prefix vectors a caption, never ending early; then our decoder of the same size,
and our captioner, which has 64 tokens to look at besides. Ways take turns; the least processor time of the runs counts, since other
processes only ever add to it.
"""

import argparse
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import torch
from transformers import AutoModelForCausalLM, GPT2Config
from transformers.utils.logging import disable_progress_bar

from diptych.models.decoding import Settings, decode
from diptych.models.decoding_causal import CausalScorer
from diptych.models.decoding_scorers import ModelScorer
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig

WORDS = 300
NEVER = WORDS  # no word ends a caption: all ways write equally many


def ways(rows: int, words: int, beams: int) -> dict[str, Callable[[], Any]]:
    torch.manual_seed(0)
    shape = {"vocab_size": WORDS, "n_positions": 64, "n_embd": 128, "n_layer": 2, "n_head": 4}
    gpt2 = AutoModelForCausalLM.from_config(GPT2Config(**shape, bos_token_id=1, eos_token_id=2)).eval()
    ours = PrefixCaptioner(PrefixCaptionerConfig(vocabulary=WORDS)).eval()
    blind = PrefixCaptioner(PrefixCaptionerConfig(vocabulary=WORDS, places=0)).eval()
    prefixes, memory, begin = torch.randn(rows, 8, 128), torch.randn(rows, 64, 128), torch.ones(rows, 1, dtype=torch.long)
    embedded = torch.cat([prefixes, gpt2.get_input_embeddings()(begin)], 1).detach()
    settings = Settings("beam" if beams > 1 else "greedy", beams=beams, most=words, end=NEVER)
    generate = partial(
        gpt2.generate, inputs_embeds=embedded, attention_mask=torch.ones(rows, 9, dtype=torch.long), max_new_tokens=words,
        num_beams=beams, do_sample=False, pad_token_id=0, eos_token_id=None,
    )  # fmt: skip
    return {
        "transformers generate": generate,
        "ours, the same GPT-2": lambda: decode(CausalScorer(gpt2, begin, prefixes), settings),
        "ours, our decoder, prefixes": lambda: decode(ModelScorer(blind, rows, prefixes=prefixes), settings),
        "ours, captioner": lambda: decode(ModelScorer(ours, rows, memory), settings),
        "ours, captioner, no cache": lambda: decode(ModelScorer(ours, rows, memory, cached=False), settings),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("--rows", 64), ("--words", 20), ("--runs", 7)):
        parser.add_argument(name, type=int, default=value)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    disable_progress_bar()
    for beams in (1, 4):
        known = ways(asked.rows, asked.words, beams)
        best = dict.fromkeys(known, float("inf"))
        for _ in range(asked.runs + 1):  # the first warms up, and is never the least
            for name, way in known.items():
                with torch.inference_mode():
                    started = process_time()
                    way()
                    best[name] = min(best[name], process_time() - started)
        first = best["transformers generate"]
        for name, seconds in best.items():
            print(f"{beams} beam{'s' * (beams > 1)}  {name:28} {asked.rows / seconds:7.0f} captions/s  {first / seconds:5.2f} x generate")


if __name__ == "__main__":
    main()
