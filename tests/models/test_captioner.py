import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from diptych.data.errors import InputError
from diptych.models.decoder import Block, Decoder
from diptych.models.decoding import Settings, decode_many
from diptych.models.decoding_guidance import Guided
from diptych.models.decoding_scorers import ModelScorer, scorer_of
from diptych.models.kv_cache import Cache
from diptych.models.language_model import LanguageModel, LanguageModelConfig
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig

WORDS, ROWS = 30, 6
KEYS = [f"row {n}" for n in range(ROWS)]
EVERY_WAY = [Settings(most=10), Settings("beam", most=10, draws=3), Settings("sample", most=10, draws=3, nucleus=0.9, temperature=0.8)]


def captioner(**options: Any) -> PrefixCaptioner:
    torch.manual_seed(0)
    kinds: dict[str, Any] = {"conditions": {"alignment": 4}, "numbers": {"box": 4}, "phrases": {"question": 3}}
    shape = {"vocabulary": WORDS, "width": 32, "places": 5, "channels": 16, "length": 16}
    model = PrefixCaptioner(PrefixCaptionerConfig(**(shape | kinds | options))).eval()
    for parameter in model.parameters():
        parameter.data.mul_(4)  # far from uniform, so that texts differ
    return model


def inputs() -> dict[str, Tensor]:
    drawn = torch.Generator().manual_seed(1)
    return {
        "tokens": torch.randn(ROWS, 5, 16, generator=drawn),
        "alignment": torch.tensor([0, 1, 2, 3, -1, 0]),
        "box": torch.rand(ROWS, 4, generator=drawn),
        "question": torch.randint(5, WORDS, (ROWS, 2), generator=drawn),
    }


def ids(rows: int = ROWS, words: int = 7) -> Tensor:
    return torch.randint(0, WORDS, (rows, words), generator=torch.Generator().manual_seed(2))


def plain_attention(asked: Tensor, keys: Tensor, values: Tensor, heads: int, *, causal: bool) -> Tensor:
    """Softmax attention of one row (L, W), head by head, as in Vaswani et al., 2017, section 3.2."""
    parts = []
    for q, k, v in zip(asked.chunk(heads, -1), keys.chunk(heads, -1), values.chunk(heads, -1), strict=True):
        score = q @ k.T / math.sqrt(q.shape[-1])
        if causal:
            score = score + torch.full_like(score, -torch.inf).triu(1)
        parts.append(score.softmax(-1) @ v)
    return torch.cat(parts, -1)


def plain_block(block: Block, x: Tensor, memory: Tensor) -> Tensor:
    q, k, v = block.reads(block.before(x)).chunk(3, -1)
    x = x + block.read(plain_attention(q, k, v, block.heads, causal=True))
    k, v = block.shows(memory).chunk(2, -1)
    x = x + block.seen(plain_attention(block.asks(block.about(x)), k, v, block.heads, causal=False))
    return x + block.thinks(x)


def plain_decoder(decoder: Decoder, ids_T: Tensor, memory: Tensor, prefix: Tensor) -> Tensor:
    x = torch.cat([prefix, decoder.words(ids_T) + decoder.places[: len(ids_T)]])
    for block in decoder.blocks:
        x = plain_block(block, x, memory)
    return decoder.head(decoder.norm(x))[len(prefix) :]


def test_logits_and_gradients_are_those_of_the_plain_transformer() -> None:
    torch.manual_seed(3)
    fast = Decoder(WORDS, 32, length=16).double()
    slow = copy.deepcopy(fast)
    memory, prefix = torch.randn(ROWS, 5, 32).double(), torch.randn(ROWS, 2, 32).double()
    weight = torch.randn(ROWS, 7, WORDS).double()
    found = fast(ids(), memory, prefix)
    expected = torch.stack([plain_decoder(slow, *row) for row in zip(ids(), memory, prefix, strict=True)])
    torch.testing.assert_close(found, expected)
    (found * weight).sum().backward()
    (expected * weight).sum().backward()
    for (name, ours), theirs in zip(fast.named_parameters(), slow.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, msg=name)


@pytest.mark.parametrize("cuts", [(1, 1, 1, 1, 1, 1, 1), (3, 4), (7,), (1, 5, 1)])
def test_the_cache_gives_the_same_logits_in_any_pieces(cuts: tuple[int, ...]) -> None:
    model, given = captioner(), inputs()
    prefixes = model.prefixes(given, ROWS)
    whole = model(ids(), memory=given["tokens"], prefixes=prefixes)
    cache = Cache(model.config.blocks)
    pieces = [
        model(piece, memory=given["tokens"], prefixes=prefixes if n == 0 else None, cache=cache)
        for n, piece in enumerate(ids().split(cuts, 1))
    ]
    torch.testing.assert_close(torch.cat(pieces, 1), whole, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("ways", EVERY_WAY, ids=lambda ways: ways.method)
@pytest.mark.parametrize("guide", [False, True], ids=["plain", "guided"])
def test_texts_are_equal_with_and_without_cache_together_and_alone(ways: Settings, guide: bool) -> None:
    model, given = captioner(), inputs()

    def scorer(rows: slice, cached: bool) -> Any:
        part = {name: value[rows] for name, value in given.items()}
        n = len(part["tokens"])
        plain = scorer_of(model, part, n, cached=cached)
        return Guided(plain, scorer_of(model, part, n, without=("picture",), cached=cached), 2.0, 0.05) if guide else plain

    together = decode_many(scorer(slice(None), True), ways, keys=KEYS)
    uncached = decode_many(scorer(slice(None), False), ways, keys=KEYS)
    alone = [decode_many(scorer(slice(n, n + 1), True), ways, keys=KEYS[n : n + 1])[0] for n in range(ROWS)]
    for other in (uncached, alone):
        for ours, theirs in zip(together, other, strict=True):
            assert [one.ids for one in ours] == [one.ids for one in theirs]
            assert [one.log_probability for one in ours] == pytest.approx([one.log_probability for one in theirs], abs=1e-3)
    assert len({one.ids for row in together for one in row}) > ROWS / 2


def test_log_probabilities_are_those_of_the_text_read_at_once() -> None:
    model, given = captioner(), inputs()
    for ways in EVERY_WAY:
        for row, found in enumerate(decode_many(scorer_of(model, given, ROWS), ways, keys=KEYS)):
            part = {name: value[row : row + 1] for name, value in given.items()}
            for one in found:
                said = torch.tensor([[1, *one.ids, *([2] if one.ended else [])]])
                log = model(said[:, :-1], memory=part["tokens"], prefixes=model.prefixes(part, 1)).log_softmax(-1)
                assert one.log_probability == pytest.approx(log[0].gather(-1, said[0, 1:, None]).sum().item(), abs=1e-3)


def test_conditions_change_what_is_said_and_null_is_what_is_not_said() -> None:
    model, given = captioner(), inputs()
    assert model.prefixes(given, ROWS).shape == (ROWS, 1 + 1 + 3, 32)
    for name in model.known:
        rest = {other: value for other, value in given.items() if other != name}
        assert not torch.equal(model.prefixes(given, ROWS), model.prefixes(rest, ROWS)), name
    null = {"alignment": torch.full((2,), -1), "box": torch.full((2, 4), torch.nan), "question": torch.zeros(2, 1, dtype=torch.long)}
    assert torch.equal(model.prefixes(null, 2), model.prefixes({}, 2))
    with pytest.raises(InputError, match=r"unknown condition 'mood'.*alignment, box, question"):
        model.condition("mood", torch.zeros(2))


def test_a_dropped_picture_is_the_null_picture_and_spares_its_neighbours() -> None:
    model, given = captioner(), inputs()
    dropped = torch.tensor([True, False] * 3)
    some = model(ids(), memory=given["tokens"], dropped=dropped)
    torch.testing.assert_close(some[dropped], model(ids())[dropped], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(some[~dropped], model(ids(), memory=given["tokens"])[~dropped])


def test_it_reads_pixels_through_a_tower_that_it_holds() -> None:
    model = captioner(tower={"size": 16, "channels": [8, 16]}, places=16)
    pixels = torch.randn(2, 3, 16, 16)
    assert model(ids(2), memory=model.tokens({"pixel_values": pixels})).shape == (2, 7, WORDS)
    with pytest.raises(InputError, match="give tokens"):
        captioner().tokens({"pixel_values": pixels})


def test_saved_and_opened_it_says_the_same(tmp_path: Path) -> None:
    model, given = captioner(), inputs()
    model.save_pretrained(tmp_path / "captioner")
    again = PrefixCaptioner.from_pretrained(tmp_path / "captioner").eval()
    assert torch.equal(
        again(ids(), memory=given["tokens"], prefixes=again.prefixes(given, ROWS)),
        model(ids(), memory=given["tokens"], prefixes=model.prefixes(given, ROWS)),
    )
    language = LanguageModel(LanguageModelConfig(vocabulary=WORDS, width=32, length=16)).eval()
    language.save_pretrained(tmp_path / "language")
    assert torch.equal(LanguageModel.from_pretrained(tmp_path / "language").eval()(ids()), language(ids()))


def test_a_language_model_decodes_after_prefixes() -> None:
    torch.manual_seed(5)
    model = LanguageModel(LanguageModelConfig(vocabulary=WORDS, width=32, length=16)).eval()
    prefixes = torch.randn(ROWS, 2, 32)
    made = [decode_many(ModelScorer(model, ROWS, prefixes=prefixes, cached=cached), EVERY_WAY[1]) for cached in (True, False)]
    assert [[one.ids for one in row] for row in made[0]] == [[one.ids for one in row] for row in made[1]]


def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="at most 16 words, got 17"):
        captioner()(ids(2, 17))
