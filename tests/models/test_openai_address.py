"""Addresses of hosted models: what they say, what they may not say, and keys that nobody repeats."""

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.errors import AddressError
from diptych.lab.opening import without_source
from diptych.models import abilities
from diptych.models.addresses import Address, parse_address
from diptych.models.openai_address import BASE, OPTIONS, Hosted, hosted_of

KEY = "sk-proj-0123456789abcdef"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def of(text: str) -> Hosted:
    return hosted_of(parse_address(text))


def test_everything_an_address_can_say(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    found = of(
        "openai:org/model-7b?base=http://10.0.0.1:8000/v1/&key=MY_KEY&rpm=90&concurrency=8&in=.15&out=.6&side=768&timeout=30&cache=off"
    )
    assert (found.model, found.base, found.key_name, found.rpm, found.concurrency) == (
        "org/model-7b",
        "http://10.0.0.1:8000/v1",
        "MY_KEY",
        90,
        8,
    )
    assert (found.price_in, found.price_out, found.side, found.timeout, found.cache) == (0.15, 0.6, 768, 30, "off")
    assert found.key() == KEY


def test_the_environment_fills_in(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert of("openai:m").base == "http://127.0.0.1:9/v1" and of("openai:m").key() == ""
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(AddressError, match=r"needs a key for .*OPENAI_API_KEY"):
        of("openai:m")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert of("openai:m").base == BASE


WRONG = (
    *("nosuch=1", "rpm=-1", "rpm=nan", "rpm=fast", "concurrency=0", "concurrency=inf", "side=1", "timeout=0", "in=-1"),
    *("base=ftp://x", "base=127.0.0.1:80", "base=http://u:p@h/v1", "base=http://h/v1?x=y", "base=http://h/v1%23x", "base=http://[::1"),
    *("base=http://h:99999/v1", "base=http://h:x/v1", "base=http://", "base=http://h/v1%0A"),
)


@pytest.mark.parametrize("query", WRONG)
def test_what_it_may_not_say(query):
    base = "" if query.startswith("base=") else "base=http://127.0.0.1:9/v1&"
    with pytest.raises(AddressError, match="openai:m"):
        of(f"openai:m?{base}{query}")


@pytest.mark.parametrize("name", [KEY, "abcdef0123456789abcdef", "", "A B"])
def test_a_key_in_the_place_of_its_name_is_refused_and_not_repeated(name):
    with pytest.raises(AddressError, match="never the key itself") as told:
        hosted_of(Address("openai", "m", {"base": "http://127.0.0.1:9/v1", "key": name}))
    assert not name or name not in str(told.value)


@pytest.mark.parametrize("key", ["sk-0123456789\nHost: evil", "sk-0123456789\x7f", "sk-012345678é"])
def test_what_cannot_be_a_key_is_refused_and_not_repeated(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(AddressError, match="OPENAI_API_KEY holds is no key") as told:
        of("openai:m?base=http://127.0.0.1:9/v1")
    assert key[:8] not in str(told.value)


@pytest.mark.parametrize(
    "text", ["openai:{}", "openai:m?base=http://h/{}", "openai:m?in={}&base=http://h", "openai:m?cache=/tmp/{}.sqlite"]
)
def test_the_key_of_the_environment_stands_nowhere_in_an_address(monkeypatch, text):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(AddressError) as told:
        of(text.format(KEY))
    assert KEY not in str(told.value)


@pytest.mark.parametrize("text", ["openai:m?key={0}&key={0}", "openai?key={}", "opneai:m?key={}"])
def test_an_address_that_cannot_be_read_is_named_without_its_key(text):
    with pytest.raises(AddressError) as told:
        without_source()(text.format(KEY), abilities.ChatModel)
    assert KEY not in str(told.value) and "key=..." in str(told.value)


def test_logins_in_a_base_are_not_repeated():
    with pytest.raises(AddressError) as told:
        of(f"openai:m?base=http://user:{KEY}@host/v1")
    assert KEY not in str(told.value)


def test_what_is_read_from_an_address_holds_no_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    found = of("openai:m")
    assert KEY not in repr(found) and KEY.encode() not in pickle.dumps(found)


@given(
    st.dictionaries(st.sampled_from([*OPTIONS, "x"]), st.text(max_size=12) | st.text("htp:/[]@0.x", max_size=16).map("http://".__add__)),
    st.text(max_size=12),
)
def test_any_address_is_read_or_refused(options, name):
    try:
        found = hosted_of(Address("openai", name, options))
    except AddressError as error:
        assert "\n" not in str(error)
    else:
        assert found.base.startswith("http") and found.concurrency >= 1 and found.timeout > 0


ROLES = (
    abilities.Captioner,
    abilities.Answerer,
    abilities.ChatModel,
    abilities.Writer,
    abilities.Judge,
    abilities.Comparer,
    abilities.Entailer,
)


@pytest.mark.parametrize("ability", ROLES, ids=lambda one: one.__name__)
def test_it_opens_in_every_role_of_a_chat_model_and_asks_nothing(ability):
    model = without_source()("openai:m?base=http://127.0.0.1:9/v1", ability)
    method = next(name for name in vars(ability) if not name.startswith("_"))
    assert getattr(model, method)([]) == []
    assert model.spent == {}


def test_it_is_no_detector():
    with pytest.raises(AddressError, match="cannot be a Detector"):
        without_source()("openai:m?base=http://127.0.0.1:9/v1", abilities.Detector)


LIGHT = """
import sys
import diptych.lab.opening
assert "aiohttp" not in sys.modules and "jsonschema" not in sys.modules
sys.modules[sys.argv[1]] = None
from diptych.models.abilities import ChatModel
try:
    diptych.lab.opening.without_source()("openai:m?base=http://127.0.0.1:9/v1", ChatModel)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""


@pytest.mark.parametrize("missing", ["aiohttp", "jsonschema"])
def test_naming_an_address_needs_no_extra_and_opening_one_names_it(missing):
    done = subprocess.run([sys.executable, "-c", LIGHT, missing], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"AddressError: openai:m needs {missing}, which is not installed: pip install 'diptych[hosted]'\n"
