"""Learnt bridges and the captioner behind one: shapes, order and company of vectors, saving, language models of transformers."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from diptych.data.errors import InputError
from diptych.models.bridged_captioner import BridgedCaptioner, BridgedCaptionerConfig
from diptych.models.bridges import BRIDGES, LinearBridge, MlpBridge, bridge_of
from diptych.models.language_model import LanguageModel, LanguageModelConfig

WORDS = {"vocabulary": 11, "width": 16, "blocks": 1, "heads": 2, "length": 8}


@pytest.mark.parametrize("kind", BRIDGES)
def test_rows_become_prefixes_whatever_their_company(kind):
    torch.manual_seed(0)
    made, vectors = bridge_of(kind, 6, 16, 3).eval(), torch.randn(5, 6)
    found = made(vectors)
    assert found.shape == (5, 3, 16)
    assert torch.allclose(torch.cat([made(one[None]) for one in vectors]), found, atol=1e-6)
    made(vectors).sum().backward()
    assert all(one.grad is not None for one in made.parameters())


def test_linear_and_mlp_are_what_they_say():
    torch.manual_seed(0)
    linear, vectors = LinearBridge(6, 4, prefixes=2), torch.randn(5, 6)
    slow = torch.stack([vectors @ linear.map.weight[p * 4 : (p + 1) * 4].T + linear.map.bias[p * 4 : (p + 1) * 4] for p in range(2)], 1)
    assert torch.allclose(linear(vectors), slow, atol=1e-6)
    mlp = MlpBridge(6, 4, prefixes=2)
    assert [tuple(one.shape) for one in mlp.parameters()] == [(4, 6), (4,), (8, 4), (8,)]
    with pytest.raises(InputError, match="linear, mlp, queries"):
        bridge_of("cubic", 6, 4, 2)


def test_queries_read_any_number_of_vectors_in_any_order():
    torch.manual_seed(0)
    made, vectors = bridge_of("queries", 6, 16, 3).eval(), torch.randn(5, 7, 6)
    assert torch.allclose(made(vectors), made(vectors[:, torch.randperm(7)]), atol=1e-5)
    assert torch.allclose(made(vectors[:, :1]), made(vectors[:, 0]), atol=1e-6)
    assert torch.allclose(made(vectors[:, :1]), made(vectors[:, :1].expand(-1, 4, -1)), atol=1e-5), "copies of one vector say no more"
    assert not torch.allclose(made(vectors), made(vectors[:, :3]), atol=1e-3)


def test_a_captioner_is_its_language_model_behind_prefixes(tmp_path):
    torch.manual_seed(0)
    made = BridgedCaptioner(BridgedCaptionerConfig(6, prefixes=2, language=WORDS)).eval()
    ids, vectors = torch.randint(0, 11, (3, 5)), torch.nn.functional.normalize(torch.randn(3, 6), dim=-1)
    logits = made(ids, vectors=vectors)
    assert torch.allclose(logits, made.language(ids, prefixes=made.bridge(vectors * 6**0.5)), atol=1e-6)
    made.save_pretrained(tmp_path)
    assert torch.equal(BridgedCaptioner.from_pretrained(tmp_path).eval()(ids, vectors=vectors), logits)
    with pytest.raises(InputError, match="give it some"):
        made(ids)


@pytest.mark.parametrize("ours", [True, False])
def test_a_language_model_that_has_learnt_something_is_kept(ours, tmp_path):
    torch.manual_seed(0)
    small = GPT2Config(vocab_size=11, n_embd=16, n_layer=1, n_head=2, n_positions=16, bos_token_id=1, eos_token_id=2)
    language = (LanguageModel(LanguageModelConfig(**WORDS)) if ours else GPT2LMHeadModel(small)).eval()
    made = BridgedCaptioner.around(language, source=6, prefixes=2).eval()
    ids = torch.randint(0, 11, (3, 5))
    before = language(ids) if ours else language(ids).logits
    after = made.language(ids) if ours else made.language(ids).logits
    assert torch.equal(before, after)
    assert made(ids, vectors=torch.randn(3, 6)).shape == (3, 5, 11)
    made.save_pretrained(tmp_path)
    again = BridgedCaptioner.from_pretrained(tmp_path).eval()
    vectors = torch.randn(3, 6)
    assert torch.allclose(again(ids, vectors=vectors), made(ids, vectors=vectors), atol=1e-6)
