"""Tiny chat models that always say one sentence: real architectures and files, weights set by hand, so that runs have what to check."""

from pathlib import Path
from unittest.mock import patch

import tiny_hf
import torch
from transformers import AutoModelForImageTextToText, AutoTokenizer

LAST = "\n"  # what a chat template ends with, after which the model speaks


def talker(folder: Path, sentence: str) -> Path:
    """A LLaVA whose next word hangs on the last one alone: the sentence's words in turn, each of which may stand in it once."""
    with patch.object(tiny_hf, "SAID", [sentence]):
        tiny_hf.llava(folder)
    words = AutoTokenizer.from_pretrained(folder)
    said = words(sentence, add_special_tokens=False)["input_ids"]
    assert len(set(said)) == len(said), f"{words.convert_ids_to_tokens(said)} has a word twice"
    begin = words(LAST, add_special_tokens=False)["input_ids"][-1]
    model = AutoModelForImageTextToText.from_pretrained(folder)
    with torch.no_grad():
        known = model.get_input_embeddings().weight
        known.copy_(torch.nn.functional.normalize(torch.randn(known.shape, generator=torch.Generator().manual_seed(0)), dim=1))
        for name, weights in model.named_parameters():
            if "language_model" in name and name.endswith(("o_proj.weight", "down_proj.weight")):
                weights.zero_()  # nothing but the last word counts
        model.lm_head.weight.zero_()
        for word, after in zip([begin, *said], [*said, words.eos_token_id], strict=True):
            model.lm_head.weight[after] = 10 * known[word]
    model.config.text_config.max_position_embeddings = 4096  # prompts are read letter by letter
    model.save_pretrained(folder)
    return folder
