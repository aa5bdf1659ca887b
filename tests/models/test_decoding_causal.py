"""The oracle is `generate` of transformers: our decoding of its models gives its texts."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

from diptych.models.decoding import Settings, decode_many
from diptych.models.decoding_causal import CausalScorer

WORDS, END = 40, 2


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    torch.manual_seed(0)
    config = {
        "gpt2": lambda: GPT2Config(vocab_size=WORDS, n_positions=64, n_embd=32, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=END),
        "llama": lambda: LlamaConfig(
            vocab_size=WORDS, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            bos_token_id=1, eos_token_id=END,
        ),
    }[request.param]()  # fmt: skip
    made = AutoModelForCausalLM.from_config(config)
    for parameter in made.parameters():
        parameter.data.mul_(5 if parameter.dim() > 1 else 1)  # so that texts differ and end
    folder: Path = tmp_path_factory.mktemp(request.param)
    made.save_pretrained(folder)
    return AutoModelForCausalLM.from_pretrained(folder).eval()


def prompts(rows: int = 24) -> torch.Tensor:
    return torch.randint(3, WORDS, (rows, 3), generator=torch.Generator().manual_seed(1))


def generated(model: Any, rows: int, **options: Any) -> list[tuple[int, ...]]:
    with torch.no_grad():
        found = model.generate(pad_token_id=0, eos_token_id=END, do_sample=False, return_dict_in_generate=False, **options)
    before = options["input_ids"].shape[1] if "input_ids" in options else 0
    return [tuple(word for word in row[before:].tolist() if word not in (0, END)) for row in found]


def ours(scorer: CausalScorer, ways: Settings) -> list[tuple[int, ...]]:
    return [tuple(word for word in one.ids if word != 0) for row in decode_many(scorer, ways) for one in row]


@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.0), (3, 1.0), (4, 0.0), (4, 0.5)])
def test_texts_are_those_of_generate(model: Any, beams: int, penalty: float) -> None:
    ids = prompts()
    ways = Settings("beam", beams=beams, penalty=penalty, most=12, draws=beams) if beams > 1 else Settings(most=12)
    options = {"num_beams": beams, "length_penalty": penalty, "num_return_sequences": beams} if beams > 1 else {}
    expected = generated(model, 24, input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, **options)
    assert ours(CausalScorer(model, ids), ways) == expected
    assert beams == 1 or len({len(one) for one in expected}) > 1  # some end and some are cut off


@pytest.mark.parametrize("beams", [1, 3])
def test_prefix_vectors_go_before_the_prompt(model: Any, beams: int) -> None:
    ids = prompts()
    prefixes = torch.randn(24, 2, 32, generator=torch.Generator().manual_seed(2)) * 3
    embedded = torch.cat([prefixes, model.get_input_embeddings()(ids)], 1).detach()
    ways = Settings("beam", beams=beams, most=12) if beams > 1 else Settings(most=12)
    expected = generated(
        model, 24, inputs_embeds=embedded, attention_mask=torch.ones(24, 5, dtype=torch.long), max_new_tokens=12, num_beams=beams
    )
    assert ours(CausalScorer(model, ids, prefixes), ways) == expected
    assert expected != ours(CausalScorer(model, ids), ways)


def test_prompts_of_different_lengths_are_padded_on_the_left(model: Any) -> None:
    ids = prompts()
    mask = torch.ones_like(ids)
    mask[::2, 0] = 0
    expected = generated(model, 24, input_ids=ids * mask, attention_mask=mask, max_new_tokens=8)
    assert ours(CausalScorer(model, ids * mask, mask_RT=mask), Settings(most=8)) == expected
    assert ours(CausalScorer(model, ids[:1, 1:]), Settings(most=8)) == expected[:1]
