"""Estimates of what calls take, by hand."""

import math

import pytest

from diptych.data.errors import AddressError
from diptych.models import chat_answerer, chat_captioner
from diptych.models.abilities import CaptionRequest
from diptych.models.addresses import Address
from diptych.models.costs import FRAME, REPLIES, Usage, hosted_tokens, merged, picture_tokens, usages
from diptych.models.openai_address import hosted_of
from diptych.models.prompting import QUOTED

MONEY = "openai:m?base=http://127.0.0.1:1/v1&in=2&out=10"
FREE = "openai:m?base=http://127.0.0.1:1/v1"


def test_tokens_of_a_picture_are_its_patches_after_it_was_made_smaller() -> None:
    assert picture_tokens((280, 140)) == 10 * 5
    assert picture_tokens((281, 140)) == 11 * 5
    assert picture_tokens((2048, 1024)) == picture_tokens((1024, 512)) == 37 * 19
    assert picture_tokens((2048, 1024), 280) == 10 * 5
    assert picture_tokens((1, 9999)) == 37 and picture_tokens((0, 0)) == 1


def test_tokens_and_money_of_captions_by_hand() -> None:
    words = len(QUOTED) + len(chat_captioner.prompt(CaptionRequest(None, "dense")))  # type: ignore[arg-type]
    each = FRAME + words // 4 + 50
    (found,) = usages({f"caption calls to {MONEY}": 20}, "dense", (280, 140))
    assert found == Usage(MONEY, 20, 20 * each, 20 * REPLIES["dense"], (20 * each * 2 + 20 * 160 * 10) / 1e6)
    (short,) = usages({f"caption calls to {MONEY}": 20}, "short", (280, 140))
    assert short.tokens_out == 20 * 25 and short.money < found.money


def test_each_address_once_and_what_nobody_pays_for() -> None:
    calls = {
        "caption calls to hf:a": 2, f"caption calls to {FREE}": 2, f"answer calls to {FREE}": 6, "detect calls to hf:d": 2,
        "write calls to rules:": 2, "caption calls to file:c.jsonl": 2, "rows": 9,
    }  # fmt: skip
    found = {one.address: one for one in usages(calls)}
    assert list(found) == ["hf:a", FREE, "hf:d", "rules:", "file:c.jsonl"]
    assert all(found[name] == Usage(name, 2, money=0.0) for name in ("hf:a", "hf:d", "rules:", "file:c.jsonl"))
    asked, captioned = (
        FRAME + (len(QUOTED) + len(prompt)) // 4 + math.prod((37, 28))
        for prompt in (
            chat_answerer.prompt("Is there a brown dog lying on a red couch in the image?"),
            chat_captioner.prompt(CaptionRequest(None, "short")),  # type: ignore[arg-type]
        )
    )
    assert found[FREE] == Usage(FREE, 8, 2 * captioned + 6 * asked, 2 * 60 + 6 * 2, None)


@pytest.mark.parametrize("what", ["caption", "answer", "write", "judge", "compare", "entail", "chat"])
def test_every_role_has_an_estimate(what: str) -> None:
    (found,) = usages({f"{what} calls to {MONEY}": 1})
    assert found.tokens_in > 30 and found.tokens_out > 0 and found.money > 0


def test_a_smaller_side_costs_less() -> None:
    large, small = (usages({f"caption calls to {MONEY}{side}": 1}) for side in ("", "&side=280"))
    assert large[0].tokens_in - small[0].tokens_in == 37 * 28 - 10 * 8


def test_models_that_count_tiles() -> None:
    def tokens(model: str, size: tuple[int, int], side: int = 2048) -> int:
        return hosted_tokens(hosted_of(Address("openai", model, {"base": "http://127.0.0.1:1/v1", "side": str(side)})), size)

    assert tokens("gpt-4o", (512, 512)) == 85 + 170
    assert tokens("gpt-4o", (1024, 1024)) == 85 + 4 * 170  # 768 x 768
    assert tokens("gpt-4o-2024-08-06", (2048, 4096)) == 85 + 6 * 170  # 1024 x 2048, then 768 x 1536
    assert tokens("gpt-4o-mini", (1024, 768), 1024) == 2833 + 4 * 5667
    assert tokens("gpt-4o-mini", (1024, 768), 512) == 2833 + 5667
    assert tokens("Qwen/Qwen2.5-VL-7B-Instruct", (280, 140)) == 50


def test_usages_add_up_and_scale() -> None:
    one, other = Usage("a", 1, 10, 5, 0.5), Usage("a", 2, 20, 6, None)
    assert merged([one, Usage("b", 1), other]) == (Usage("a", 3, 30, 11, None), Usage("b", 1))
    assert one.scaled(2.5) == Usage("a", 2, 25, 12, 1.25)


def test_prices_of_the_list_stand_in_for_openai_s_own_server_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    (bare,), (said,) = (usages({f"caption calls to openai:gpt-4.1-mini{prices}": 1}) for prices in ("", "?in=.4&out=1.6"))
    assert bare.money == said.money and bare.money is not None
    (elsewhere,), (unknown,) = (
        usages({f"caption calls to openai:{name}": 1}) for name in ("gpt-4.1-mini?base=http://127.0.0.1:1/v1", "new")
    )
    assert elsewhere.money is None and unknown.money is None


def test_a_key_in_an_address_is_refused_and_not_repeated() -> None:
    for what in ("caption", "detect"):
        with pytest.raises(AddressError) as told:
            usages({f"{what} calls to {FREE}&key=sk-secret": 1})
        assert "sk-secret" not in str(told.value)
