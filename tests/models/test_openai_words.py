"""What is sent to a server and what is read of its answers: bodies, dialects, schemas, pace, pictures."""

import asyncio
import base64
import io
import json
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import numpy as np
import pytest
from hosted_server import completion
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from diptych.data.opening import crop, picture_of
from diptych.data.regions import Box
from diptych.models.abilities import ChatRequest
from diptych.models.openai_http import proxy_of
from diptych.models.openai_messages import Dialect, body_of, once_more
from diptych.models.openai_pace import LONGEST_PAUSE, LONGEST_WAIT, Pace, backoff, retry_after
from diptych.models.openai_pictures import Encoder, data_url
from diptych.models.openai_reply import THOUGHT, Garbled, allowed, error_of, read_reply, schema_trouble

CLOSED = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"], "additionalProperties": False}


def test_a_plain_body():
    assert body_of("m", ChatRequest("hello", tokens=7), [], Dialect()) == {
        "model": "m", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 7, "temperature": 0.0,
    }  # fmt: skip


def test_a_full_body():
    request = ChatRequest("hello", system="be brief", schema=json.dumps(CLOSED), temperature=0.5, draw=1)
    body = body_of("m", request, ["data:a", "data:b"], Dialect("max_completion_tokens"), once_more(request, "{}", "it lacks n"))
    system, user, reply, again = body["messages"]
    assert system == {"role": "system", "content": "be brief"}
    assert [part["type"] for part in user["content"]] == ["image_url", "image_url", "text"]
    assert user["content"][1]["image_url"]["url"] == "data:b" and user["content"][2]["text"] == "hello"
    assert reply == {"role": "assistant", "content": "{}"}
    assert "it lacks n" in again["content"] and json.dumps(CLOSED) in again["content"]
    assert body["max_completion_tokens"] == 512 and body["response_format"]["json_schema"]["schema"] == CLOSED
    other = body_of("m", ChatRequest("hello", temperature=0.5, draw=2), [], Dialect())
    assert 0 <= body["seed"] < 1 << 31 and body["seed"] != other["seed"]


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        ({**CLOSED, "required": []}, False),
        ({"type": "object", "properties": {"n": {}}, "required": ["n"]}, False),
        ({"type": "array", "items": CLOSED}, True),
        ({**CLOSED, "properties": {"n": {"type": "object", "properties": {}}}}, False),
    ],
)
def test_strictness_is_asked_for_where_the_schema_allows_it(schema, strict):
    body = body_of("m", ChatRequest("x", schema=json.dumps(schema)), [], Dialect())
    assert body["response_format"]["json_schema"]["strict"] is strict


NEW = Dialect("max_completion_tokens")


def without(name: str, in_prompt: bool = False) -> Dialect:
    return Dialect("max_tokens", frozenset({name}), in_prompt)


@pytest.mark.parametrize(
    ("words", "sent", "then"),
    [
        ("'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens", NEW),
        ("Unexpected fields in the request: {'response_format'}", "response_format", without("response_format", True)),
        ("unsupported_value temperature does not support 0.0 with this model", "temperature", without("temperature")),
        ("Extra inputs are not permitted: seed", "seed", without("seed")),
        ("max_tokens is too large: 99999. This model supports at most 4096 tokens", "max_tokens", Dialect()),
        ("Unexpected fields: {'seed'}", "temperature", Dialect()),
        ("this model's maximum context length is 4096 tokens", "max_tokens", Dialect()),
    ],
)
def test_a_refusal_teaches_the_dialect(words, sent, then):
    found, change = Dialect().after(words, [sent, "model"])
    assert found == then and bool(change) == (then != Dialect())


def test_a_server_of_the_old_kind_is_met_halfway():
    found, _ = Dialect("max_completion_tokens").after("Unknown field max_completion_tokens", ["max_completion_tokens"])
    assert found == Dialect("max_tokens")


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (completion("a dog"), "answer", "a dog"),
        (completion("a dog", end="length"), "cut", "a dog"),
        (completion(""), "empty", ""),
        (completion(None), "empty", ""),
        (completion("  \n"), "empty", ""),
        (completion(None, refusal="I cannot help"), "refusal", "I cannot help"),
        (completion("", end="content_filter"), "refusal", ""),
        (completion("<think>a\nb</think>\na dog"), "answer", "a dog"),
        (completion("<think>on and on", end="length"), "empty", THOUGHT),
        (completion("<think>on and on"), "empty", ""),
        (completion("", end="length"), "empty", THOUGHT),
        (completion([{"type": "text", "text": "a "}, {"type": "text", "text": "dog"}]), "answer", "a dog"),
        (completion("a \ud800 dog"), "answer", "a ? dog"),
    ],
)
def test_replies_are_sorted(body, kind, text):
    found = read_reply(json.dumps(body).encode())
    assert (found.kind, found.text, found.tokens_in, found.tokens_out) == (kind, text, 10, 2)


def test_a_server_that_tells_no_tokens_is_answered_all_the_same():
    body = completion("a dog")
    for usage in (None, {}, {"prompt_tokens": "many", "completion_tokens": -3}):
        found = read_reply(json.dumps({**body, "usage": usage}).encode())
        assert (found.text, found.tokens_in, found.tokens_out) == ("a dog", 0, 0)


NAMES = st.sampled_from(["choices", "message", "content", "usage", "error", "refusal", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            {"error": {"message": "no such model", "type": "invalid_request_error", "code": "model_not_found"}},
            "model_not_found",
            "no such model",
        ),
        ({"error": {"message": "bad", "type": "bad_request", "param": "temperature", "code": None}}, "bad_request", "bad temperature"),
        ({"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}, "400", "too long"),
        ({"error": "model not found"}, "", "model not found"),
        ({"detail": "Unexpected fields"}, "", "Unexpected fields"),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}, "", "seed"),
        ([{"error": {"code": 400, "message": "Unknown name"}}], "", "Unknown name"),
        ("no", "", "no"),
        (None, "", "null"),
    ],
)
def test_errors_of_many_servers_are_read(body, code, words):
    found = error_of(json.dumps(body).encode())
    assert found[0] == code and words in found[1]


def test_what_a_server_repeats_of_a_request_teaches_nothing():
    sent = body_of("m", ChatRequest("a photo at room temperature, unsupported", schema=json.dumps(CLOSED), temperature=1.0), [], Dialect())
    wrong = {"type": "string_type", "loc": ["body", "messages", 0], "msg": "Input is unknown", "input": sent}
    _, words = error_of(json.dumps({"detail": [wrong]}).encode())
    assert words == "Input is unknown body.messages.0"
    assert Dialect().after(words, list(sent)) == (Dialect(), "")


@given(JSON)
def test_whatever_comes_is_a_reply_or_garbled(value):
    data = json.dumps(value).encode()
    error_of(data)
    try:
        assert read_reply(data).kind
    except Garbled as error:
        assert "\n" not in str(error)


@given(st.binary(max_size=60))
def test_bytes_are_a_reply_or_garbled(data):
    error_of(data)
    with pytest.raises(Garbled):
        read_reply(data)


def test_deep_nesting_does_not_overflow():
    deep = b"[" * 100_000
    error_of(deep)
    with pytest.raises(Garbled):
        read_reply(deep)
    assert "no JSON" in allowed(deep.decode(), json.dumps(CLOSED))[1]


@pytest.mark.parametrize(
    ("text", "said", "wrong"),
    [
        ('{"n": 2}', '{"n": 2}', ""),
        ('Here:\n```json\n{"n": 2}\n```\n', '{"n": 2}', ""),
        ('```\n{"n": 2}```', '{"n": 2}', ""),
        ('{"n": 0}', '{"n": 0}', "at $.n: 0 is less than the minimum of 1"),
        ('{"m": 1}', '{"m": 1}', "at $:"),
        ('{"n": 2', '{"n": 2', "it is no JSON"),
        ('{"n": NaN}', '{"n": NaN}', "NaN is no number of JSON"),
        ("two", "two", "it is no JSON"),
    ],
)
def test_json_is_held_to_its_schema(text, said, wrong):
    found, why = allowed(text, json.dumps(CLOSED))
    assert found == said and wrong in why and bool(why) == bool(wrong)


def test_a_schema_that_is_none_is_said_so():
    assert not schema_trouble("") and not schema_trouble(json.dumps(CLOSED))
    for schema in ("{", '{"type": "cat"}', '{"type": 3}'):
        assert "no JSON schema" in schema_trouble(schema)


def test_concurrency_halves_once_for_all_that_were_sent_together_and_grows_by_one_a_round():
    async def go() -> list[float]:
        pace = Pace(8)
        pace.begin()
        sent = [await pace.start() for _ in range(8)]
        for started in sent:
            pace.busy(started, 0.0)
            pace.finish()
        found = [pace.limit]
        for _ in range(4):
            pace.good()
        found.append(pace.limit)
        await asyncio.sleep(0.001)
        pace.busy(await pace.start(), 0.0)
        found.append(pace.limit)
        for _ in range(1000):
            pace.good()
        return [*found, pace.limit]

    first, grown, cut, whole = asyncio.run(go())
    # 4 + 1/4 + 1/4.25 + 1/4.485... + 1/4.708...
    assert first == 4.0 and grown == pytest.approx(4.9207, abs=1e-3) and cut == pytest.approx(grown / 2) and whole == 8.0


def test_no_more_run_than_the_limit_and_starts_keep_their_distance():
    async def go() -> tuple[int, list[float]]:
        pace, most, starts = Pace(3, gap=0.01), 0, []
        pace.begin()

        async def one() -> None:
            nonlocal most
            starts.append(await pace.start())
            most = max(most, pace.running)
            await asyncio.sleep(0.02)
            pace.finish()

        await asyncio.gather(*(one() for _ in range(12)))
        return most, starts

    most, starts = asyncio.run(go())
    assert most <= 3 and all(b - a >= 0.0099 for a, b in pairwise(starts))


def test_a_pause_holds_for_all():
    async def go() -> float:
        pace = Pace(4)
        pace.begin()
        began = await pace.start()
        pace.busy(began, 0.1)
        return await pace.start() - began

    assert 0.1 <= asyncio.run(go()) < 2.0


def test_retry_after_in_both_forms():
    assert retry_after({"Retry-After": "7"}) == 7.0
    assert retry_after({"Retry-After": "0.5"}) == 0.5
    assert retry_after({"retry-after-ms": "250", "Retry-After": "9"}) == 0.25
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    assert 15 < retry_after({"Retry-After": soon}) <= 20
    gone = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    assert [retry_after({"Retry-After": said}) for said in (gone, "-3", "soon", "", "nan")] == [0.0] * 5
    assert retry_after({"Retry-After": "86400"}) == retry_after({"Retry-After": "inf"}) == LONGEST_PAUSE
    assert retry_after({}) == 0.0


@given(st.text(max_size=40))
def test_any_retry_after_is_a_wait(said):
    assert 0.0 <= retry_after({"Retry-After": said}) <= LONGEST_PAUSE


def test_waits_double_with_jitter_up_to_a_cap():
    random.seed(0)
    for tried in range(30):
        whole = min(LONGEST_WAIT, 0.5 * 2.0**tried)
        waits = [backoff(0.5, tried) for _ in range(20)]
        assert all(whole / 2 <= wait <= whole for wait in waits) and len(set(waits)) > 10


def picture(pixels: np.ndarray):
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    return picture_of(file.getvalue(), "a test")


def sent(url: str) -> Pillow.Image:
    head, _, data = url.partition(";base64,")
    image = Pillow.open(io.BytesIO(base64.b64decode(data, validate=True)))
    assert head == f"data:image/{image.format.lower()}"
    return image


def test_drawings_are_sent_as_they_are_and_photos_as_jpeg():
    flat = np.zeros((30, 50, 3), np.uint8)
    flat[:10] = (255, 0, 0)
    drawn = sent(data_url(picture(flat), 1024))
    assert drawn.format == "PNG" and np.array_equal(np.asarray(drawn), flat)
    y, x = np.mgrid[:300, :500]
    smooth = np.stack([x / 2, y / 1.3, (x + y) / 4], axis=-1).astype(np.uint8)
    photo = sent(data_url(picture(smooth), 1024))
    assert photo.format == "JPEG" and photo.size == (500, 300)
    assert np.abs(np.asarray(photo).astype(int) - smooth).mean() < 2


@pytest.mark.parametrize(
    ("width", "height", "side", "size"), [(2000, 1000, 1024, (1024, 512)), (300, 900, 90, (30, 90)), (5, 4, 1024, (5, 4))]
)
def test_the_longer_side_is_at_most_what_is_asked(width, height, side, size):
    assert sent(data_url(picture(np.zeros((height, width, 3), np.uint8)), side)).size == size


def test_crops_are_cut_and_what_was_encoded_is_kept():
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:, 20:] = 255
    whole, encode = picture(pixels), Encoder(1024)
    right = sent(encode(crop(whole, Box(0.5, 0.0, 1.0, 1.0))))
    assert right.size == (20, 40) and np.asarray(right).min() == 255
    assert encode(whole) is encode(whole)
    assert len(encode.kept) == 2 and encode.size == sum(map(len, encode.kept.values()))


def test_proxies_come_from_the_environment_but_not_for_loopback(monkeypatch):
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3129")
    monkeypatch.setenv("no_proxy", "inside.example")
    of = proxy_of.__wrapped__
    assert of("http://api.example/v1") == "http://proxy.example:3128" and of("https://api.example/v1") == "http://proxy.example:3129"
    assert [of(f"http://{host}/v1") for host in ("127.0.0.1:8000", "localhost", "[::1]:80", "inside.example")] == [""] * 4
