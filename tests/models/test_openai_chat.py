"""Hosted chat models against a server that answers well: order, concurrency, cache, ledger, schemas, dialects, interrupts, forks."""

import asyncio
import base64
import io
import json
import multiprocessing
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hosted_server import chat_of, completion, error, send, serving, well
from PIL import Image as Pillow

from diptych.data.errors import InputError, PictureError
from diptych.data.opening import picture_of
from diptych.data.pictures import Picture
from diptych.engine import Context
from diptych.engine.work import Costs
from diptych.lab.opening import without_source
from diptych.models.abilities import Answerer, ChatModel, ChatRequest, Failed, Replied
from diptych.models.openai_background import background, close_background
from diptych.models.openai_cache import Cache, Kept, cache_path, key_of

SCHEMA = json.dumps({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False})


@pytest.fixture
def disk(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DIPTYCH_ANSWERS", str(tmp_path / "answers.sqlite"))
    return tmp_path / "answers.sqlite"


def picture(seed: int, width: int = 20, height: int = 10) -> Picture:
    file = io.BytesIO()
    Pillow.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)).save(file, "PNG")
    return picture_of(file.getvalue(), f"picture {seed}")


def test_answers_come_in_the_order_asked_whatever_the_server_takes_first():
    async def slow_first(request, writer):
        await asyncio.sleep(0.05 if request.prompt == "0" else 0.0)
        await well(request, writer)

    with serving(slow_first) as server:
        chat = chat_of(server)
        assert chat.chat([ChatRequest(str(n)) for n in range(20)]) == [Replied(f"said: {n}") for n in range(20)]
        assert chat.chat([]) == []
        assert chat.revision == "tiny-1"


def test_as_many_run_at_once_as_the_address_allows():
    async def slow(request, writer):
        await asyncio.sleep(0.3)
        await well(request, writer)

    for allowed in (5, 64):
        with serving(slow) as server:
            chat_of(server, f"&concurrency={allowed}").chat([ChatRequest(str(n)) for n in range(3 * allowed)])
            assert server.most == allowed


def test_requests_a_minute_are_kept():
    with serving() as server:
        began = time.monotonic()
        chat_of(server, "&rpm=1200").chat([ChatRequest(str(n)) for n in range(11)])
        assert time.monotonic() - began >= 10 * 60 / 1200


def test_tokens_and_money_are_counted():
    with serving() as server:
        chat = chat_of(server, "&in=2.5&out=10")
        chat.chat([ChatRequest(str(n)) for n in range(3)])
    # 3 x 10 tokens in at 2.5 millionths, 3 x 2 out at 10
    assert chat.spent == {"tokens in": 30, "tokens out": 6, "US$ millionths": 135}


def test_asking_again_costs_nothing(disk):
    requests = [ChatRequest(str(n), pictures=(picture(n),)) for n in range(5)]
    with serving() as server:
        first = chat_of(server, "&in=1")
        answers = first.chat(requests)
        again = chat_of(server, "&in=1")
        assert again.chat(requests) == answers and len(server.seen) == 5
        assert again.spent == {"answers from the cache": 5} and again.revision == "tiny-1"
        assert chat_of(server, "&cache=off").chat(requests) == answers and len(server.seen) == 10


def test_two_draws_are_two_answers_each_kept(disk):
    async def counting(request, writer):
        send(writer, completion(f"answer {len(server.seen)}"))

    requests = [ChatRequest("q", temperature=1.0, draw=draw) for draw in range(3)]
    with serving(counting) as server:
        answers = chat_of(server, "&concurrency=1").chat([*requests, *requests])
        assert answers == [Replied(f"answer {n}") for n in (1, 2, 3, 1, 2, 3)]
        assert chat_of(server).chat(requests[::-1]) == answers[2::-1]
        assert len({one.body["seed"] for one in server.seen}) == len(server.seen) == 3


def test_every_setting_is_part_of_the_key():
    with serving() as server:
        hosted, plain = chat_of(server).hosted, ChatRequest("q", pictures=(picture(0),))
    small, wide = replace(plain, pictures=(picture(1),)), replace(plain, pictures=(picture(0, 21),))
    others = [
        *(replace(plain, prompt="r"), replace(plain, system="s"), replace(plain, schema=SCHEMA), replace(plain, tokens=7)),
        *(replace(plain, draw=1), replace(plain, temperature=0.5), replace(plain, pictures=()), small, wide),
        replace(plain, pictures=(*plain.pictures, *plain.pictures)),
    ]
    models = [replace(hosted, model="n"), replace(hosted, base="http://h/v1"), replace(hosted, side=512)]
    keys = [key_of(hosted, plain), *(key_of(hosted, other) for other in others), *(key_of(model, plain) for model in models)]
    assert len(set(keys)) == len(keys)
    same = [replace(plain, record="r7"), replace(plain, pictures=(picture(0),))]
    assert {key_of(hosted, one) for one in same} == {keys[0]} == {key_of(replace(hosted, key_name="OTHER", price_in=3.0), plain)}


def test_prompts_cannot_be_shifted_into_one_another():
    with serving() as server:
        hosted = chat_of(server).hosted
    assert key_of(hosted, ChatRequest('b","c', system="a")) != key_of(hosted, ChatRequest("c", system='a","b'))


def test_where_answers_are_kept(monkeypatch, tmp_path):
    monkeypatch.delenv("DIPTYCH_ANSWERS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_path("") == tmp_path / "diptych" / "answers.sqlite"
    assert cache_path(str(tmp_path)) == tmp_path / "answers.sqlite" and cache_path("run/a.sqlite") == Path("run/a.sqlite")
    assert cache_path("off") is None
    monkeypatch.setenv("DIPTYCH_ANSWERS", "off")
    assert cache_path("") is None and cache_path("x.sqlite") == Path("x.sqlite")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("DIPTYCH_ANSWERS", "")
    assert cache_path("") == Path.home() / ".cache" / "diptych" / "answers.sqlite"


def test_a_file_that_is_no_cache_is_refused_and_left_alone(disk):
    disk.write_text("my diary, page one" * 100)
    with serving() as server, pytest.raises(InputError, match=r"cannot keep answers .*DIPTYCH_ANSWERS"):
        chat_of(server).chat([ChatRequest("q")])
    assert disk.read_text() == "my diary, page one" * 100


def _writes(path: str, name: str, start) -> None:
    start.wait()
    with Cache(Path(path)).opened() as answers:
        for number in range(200):
            answers.keep(f"{name}{number}".encode(), Kept("answer", f"{name} {number}"))


def test_processes_share_the_cache(disk):
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    writers = [spawn.Process(target=_writes, args=(str(disk), name, start)) for name in "ab"]
    for one in writers:
        one.start()
    start.set()
    for one in writers:
        one.join(60)
    assert [one.exitcode for one in writers] == [0, 0]
    with Cache(disk).opened() as answers:
        found = answers.known([f"{name}{number}".encode() for name in "abc" for number in range(200)])
    assert len(found) == 400 and found[b"b7"] == Kept("answer", "b 7")


def test_of_two_processes_that_ask_at_once_the_first_answer_stands(disk):
    async def meanwhile(request, writer):
        with Cache(disk).opened() as other:
            other.keep(key_of(chat.hosted, ChatRequest("q")), Kept("answer", "the first"))
        send(writer, completion("the second"))

    with serving(meanwhile) as server:
        chat = chat_of(server)
        assert chat.chat([ChatRequest("q")]) == chat.chat([ChatRequest("q")]) == [Replied("the first")]
        assert chat.spent["tokens in"] == 10 and len(server.seen) == 1


def test_a_disk_that_refuses_costs_no_answer(disk, capsys, monkeypatch):
    with serving() as server:
        chat = chat_of(server)
        chat.chat([ChatRequest("first")])
        with Cache(disk).opened() as answers:
            answers.connection.execute("drop table answers")
            answers.connection.execute("create table answers (other text)")
        assert chat.chat([ChatRequest("a"), ChatRequest("b")]) == [Replied("said: a"), Replied("said: b")]
    assert capsys.readouterr().err.count("answers are not kept") == 1


def test_pictures_are_sent_before_the_prompt_and_encoded_once(disk):
    shown = picture(3)
    with serving() as server:
        chat = chat_of(server, "&side=28")
        big = picture(4, 300, 200)
        chat.chat([ChatRequest("one", pictures=(shown, big)), ChatRequest("two", pictures=(big,))])
        one = next(request for request in server.seen if request.prompt == "one")
        sizes = [Pillow.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size for url in one.pictures]
        assert sizes == [(20, 10), (28, 19)] and len(chat.encoder.kept) == 2


def test_a_broken_picture_fails_its_own_request_alone():
    def broken():
        raise PictureError("it is torn")

    with serving() as server:
        asked = [ChatRequest("a"), ChatRequest("b", pictures=(Picture("k", 4, 4, broken),)), ChatRequest("c")]
        assert chat_of(server).chat(asked) == [Replied("said: a"), Failed("it is torn"), Replied("said: c")]
        assert {request.prompt for request in server.seen} == {"a", "c"}


def test_a_reply_that_the_schema_does_not_allow_is_asked_for_once_more(disk):
    async def learns(request, writer):
        again = len(request.body["messages"]) > 1
        wrong = {"good": '{"n": 1}', "once": '{"n": "x"}', "twice": "no"}[request.prompt.partition("\n")[0]]
        right = {"once": '```json\n{"n": 2}\n```', "twice": '{"m": 3}'}
        send(writer, completion(right[request.prompt.partition("\n")[0]] if again else wrong))

    with serving(learns) as server:
        chat = chat_of(server, "&concurrency=1")
        asked = [ChatRequest(prompt, schema=SCHEMA) for prompt in ("good", "once", "twice")]
        good, once, twice = chat.chat(asked)
        assert (good, once) == (Replied('{"n": 1}'), Replied('{"n": 2}'))
        assert isinstance(twice, Failed) and twice.retry and "two replies were not what the schema allows" in twice.error
        assert chat.spent == {"tokens in": 50, "tokens out": 10, "asked again": 2}
        told = server.seen[2].body["messages"]
        assert told[1]["content"] == '{"n": "x"}' and "'x' is not of type 'integer'" in told[2]["content"] and SCHEMA in told[2]["content"]
        # a server that does not hold to schemas is told the schema in the prompt from then on
        assert SCHEMA not in server.seen[1].prompt and SCHEMA in server.seen[3].prompt
        assert chat_of(server).chat(asked[:2]) == [good, once] and len(server.seen) == 5


def test_a_schema_that_is_none_fails_its_own_request():
    with serving() as server:
        bad, good = chat_of(server).chat([ChatRequest("a", schema="{"), ChatRequest("b")])
        assert isinstance(bad, Failed) and "no JSON schema" in bad.error and good == Replied("said: b")


def test_refusals_and_empty_answers_are_counted_kept_and_not_asked_again(disk):
    async def declines(request, writer):
        bodies = {
            "no": completion(None, refusal="I will not"),
            "filter": completion("", end="content_filter"),
            "empty": completion(""),
            "cut": completion("a dog and a", end="length"),
        }
        if request.prompt == "blocked":
            return send(writer, error("flagged", "content_filter"), 400)
        return send(writer, bodies[request.prompt])

    asked = [ChatRequest(prompt) for prompt in ("no", "filter", "empty", "cut", "blocked")]
    counted = {"refusals": 3, "empty answers": 1, "answers cut short": 1}
    with serving(declines) as server:
        chat = chat_of(server)
        no, filtered, empty, cut, blocked = answers = chat.chat(asked)
        assert no == Failed("the model refuses: I will not") and filtered == Failed("the model refuses")
        assert empty == Failed("the model's answer is empty") and cut == Replied("a dog and a")
        assert isinstance(blocked, Failed) and "flagged" in blocked.error and not blocked.retry
        assert chat.spent == {"tokens in": 40, "tokens out": 8, **counted}
        again = chat_of(server)
        assert again.chat(asked) == answers and len(server.seen) == 5
        assert again.spent == {"answers from the cache": 5, **counted}


def test_a_server_of_another_dialect_costs_one_request_and_no_row(capsys):
    async def strict(request, writer):
        for name in ("max_tokens", "seed", "response_format"):
            if name in request.body:
                hint = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
                return send(writer, error(f"Unsupported parameter: '{name}' is not supported with this model.{hint}"), 400)
        return send(writer, completion('{"n": 1}'))

    with serving(strict) as server:
        chat = chat_of(server, "&concurrency=4")
        asked = [ChatRequest(str(n), schema=SCHEMA, temperature=1.0, tokens=9) for n in range(30)]
        assert chat.chat(asked) == [Replied('{"n": 1}')] * 30
        assert len(server.seen) <= 30 + 3 * 4
        assert server.seen[-1].body["max_completion_tokens"] == 9 and SCHEMA in server.seen[-1].prompt
    assert capsys.readouterr().err.count("from now on") == 3


def test_the_key_is_sent_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk-0123456789abcdef")
    with serving() as server:
        chat_of(server, "&key=SOME_KEY").chat([ChatRequest("q")])
        monkeypatch.setenv("SOME_KEY", "")
        chat_of(server, "&key=SOME_KEY").chat([ChatRequest("q")])
        with_key, without = server.seen
    assert with_key.headers["authorization"] == "Bearer sk-0123456789abcdef" and "authorization" not in without.headers
    assert "sk-0123456789abcdef" not in json.dumps(with_key.body)


def test_an_interrupt_leaves_no_task_behind_and_keeps_what_had_come(disk):
    async def half(request, writer):
        if int(request.prompt) >= 4:
            await asyncio.sleep(10)
        await well(request, writer)

    with serving(half) as server:
        chat = chat_of(server, timeout=60.0)
        threading.Timer(0.5, signal.raise_signal, [signal.SIGINT]).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            chat.chat([ChatRequest(str(n)) for n in range(8)])
        assert time.monotonic() - began < 5
        loop = background().loop
        left = asyncio.run_coroutine_threadsafe(_others(), loop).result(5)
        assert not left
        assert chat.spent["tokens in"] == 40
        again = chat_of(server)
        assert again.chat([ChatRequest(str(n)) for n in range(4)]) == [Replied(f"said: {n}") for n in range(4)]
        assert again.spent == {"answers from the cache": 4}


async def _others() -> list[str]:
    return [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]


def test_an_error_of_whoever_takes_the_answers_ends_the_work(disk, monkeypatch):
    def full(self, key, kept):
        raise RuntimeError("stop")

    monkeypatch.setattr("diptych.models.openai_cache.Answers.keep", full)
    with serving() as server, pytest.raises(RuntimeError, match="stop"):
        chat_of(server).chat([ChatRequest(str(n)) for n in range(8)])


def test_a_closed_background_is_made_again():
    with serving() as server:
        chat = chat_of(server)
        assert chat.chat([ChatRequest("a")]) == [Replied("said: a")]
        threads = [thread.name for thread in threading.enumerate()]
        close_background()
        assert "diptych-hosted" in threads and "diptych-hosted" not in [thread.name for thread in threading.enumerate()]
        assert chat.chat([ChatRequest("b")]) == [Replied("said: b")]


FORKED = """
import os, sys
sys.path.insert(0, sys.argv[1])
from hosted_server import chat_of, Server, well
from diptych.models.abilities import ChatRequest
server = Server(well, int(sys.argv[2]))
chat = chat_of(server)
print(chat.chat([ChatRequest("parent")])[0].text, flush=True)
if (child := os.fork()) == 0:
    print(chat.chat([ChatRequest("child")])[0].text, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(chat.chat([ChatRequest("parent again")])[0].text, flush=True)
"""


def test_a_forked_process_makes_its_own_loop_and_a_process_ends_quietly():
    with serving() as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", FORKED, str(Path(__file__).parent), str(server.port)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.stdout.splitlines(), done.stderr, done.returncode) == (["said: parent", "said: child", "said: parent again"], "", 0)


def test_what_it_spends_survives_shipping():
    with serving() as server:
        chat = chat_of(server)
        chat.chat([ChatRequest("a")])
    assert pickle.loads(pickle.dumps(chat.spent)) == Counter({"tokens in": 10, "tokens out": 2})


def test_roles_of_one_address_share_the_model_and_its_purse(disk):
    with serving() as server:
        opener, address = without_source(), f"openai:tiny?base={server.base}"
        chat, answerer, other = opener(address, ChatModel), opener(address, Answerer), opener(f"{address}&rpm=9", ChatModel)
        assert answerer.chat is chat and other is not chat
        context = Context(opener, lambda image: picture(0), opened={(address, ChatModel): chat, (address, Answerer): answerer})
        chat.chat([ChatRequest("q")])
        costs = Costs()
        costs.bill("0 Say", context)
        assert costs.ledger == {"tokens in": 10, "tokens out": 2} and not chat.spent
