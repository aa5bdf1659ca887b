"""`diptych run` on real architectures: tiny checkpoints on the disk and behind a server; killed and resumed, nothing is paid twice."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from obedient import ATTACK, Obeys
from PIL import Image as Pillow
from talkers import talker
from tiny_hf_3 import owlv2

import diptych
from diptych.cli import main
from diptych.data.pictures import Picture
from diptych.models.abilities import ChatModel, ChatRequest, Failed, Replied
from diptych.models.addresses import open_model
from diptych.models.hf import open_hf

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
SAYS = {
    "a": "A brown dog sits on the red couch.",
    "b": "A brown dog sits on the red couch beside one white cat.",
    "d": "A brown dog sits on the red couch.",
}


@dataclass
class Server:
    """A server of OpenAI's protocol on loopback, with tiny models behind it. It remembers every request it answered."""

    models: dict[str, ChatModel]
    wait: float = 0.0
    answered: Counter[str] = field(default_factory=Counter)  # by the digest of the request's body
    by_model: Counter[str] = field(default_factory=Counter)
    pictures: list[tuple[int, int]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, body: bytes) -> dict[str, Any]:
        asked = json.loads(body)
        texts, pictures = {"system": "", "user": ""}, []
        for message in asked["messages"]:
            parts = message["content"] if isinstance(message["content"], list) else [{"type": "text", "text": message["content"]}]
            for part in parts:
                if part["type"] == "text":
                    texts[message["role"]] += part["text"]
                else:
                    image = Pillow.open(io.BytesIO(base64.b64decode(part["image_url"]["url"].split(",", 1)[1])))
                    pictures.append(Picture("k", *image.size, image.convert("RGB").copy))
        request = ChatRequest(texts["user"], tuple(pictures), texts["system"], tokens=32)
        with self.lock:
            (said,) = self.models[asked["model"]].chat([request])
            self.answered[sha256(body).hexdigest()] += 1
            self.by_model[asked["model"]] += 1
            self.pictures += [(one.width, one.height) for one in pictures]
        assert not isinstance(said, Failed), said
        time.sleep(self.wait)
        message = {"role": "assistant", "content": said.text}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        return {"id": "1", "object": "chat.completion", "model": asked["model"], "usage": usage,
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints and photos."""
    made = tmp_path_factory.mktemp("real")
    for name, sentence in SAYS.items():
        talker(made / name, sentence)
    owlv2(made / "c")
    (made / "photos").mkdir()
    for number in range(6):
        Pillow.new("RGB", (96 + 8 * number, 64), (40 * number, 90, 160)).save(made / "photos" / f"{number}.png")
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """Models b and d, on a port of its own."""
    held = Server({name: open_model(f"hf:{folder / name}", ChatModel, {"hf": open_hf}) for name in "bd"})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = json.dumps(held.reply(body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            pass

    class Serving(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            assert isinstance(sys.exc_info()[1], ConnectionError)  # a client that was killed

    with Serving(("127.0.0.1", 0), Handler) as serving:
        serving.daemon_threads = True
        held.url = f"http://127.0.0.1:{serving.server_address[1]}/v1"
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield held
        serving.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def place(tmp_path: Path, folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's, from which the checkpoints are named by path; a cache of its own; the server in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    for name in ("a", "c", "photos"):
        (tmp_path / name).symlink_to(folder / name)
    return tmp_path


def command(out: str, photos: str = "photos", threshold: float = 0.0) -> list[str]:
    """Every box of the random detector passes at 0, and none at 1."""
    return [
        "run", "visual_fact_checker", photos, "--captioners", "hf:./a,openai:b?in=1&out=2", "--detector", "hf:./c", "--writer",
        "openai:d?in=1&out=2", "--threshold", str(threshold), "--out", out, "--quiet",
    ]  # fmt: skip


def written(out: Path) -> bytes:
    """All that a run left behind."""
    return b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())


def test_from_photos_to_checked_captions(place: Path, server: Server, capsys: pytest.CaptureFixture) -> None:
    assert main([*command("out"), "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["rows"] == {"in": 6, "made": 0, "kept": 6, "dropped": 0, "failed": 0}
    assert "hosted models, per 1,000 images: 2,000 calls" in told.err and "US$" in told.err
    for record in diptych.read_run(place / "out"):
        first, second, last = record.captions
        assert (first.text, first.by) == (SAYS["a"], "hf:./a") and (second.text, second.by) == (SAYS["b"], "openai:b?in=1&out=2")
        assert last.text == SAYS["d"] and last.by == "openai:d?in=1&out=2" and record.chosen == (last.id,)
        dog = next(e for e in last.graph.entities if e.noun == "dog")
        assert set(dog.origins) == {first.id, second.id}
        exists = {(v.answer, v.by) for v in record.verdicts}
        assert exists == {("supported", "hf:./c")}
    assert server.by_model == {"b": 6, "d": 2 * 1}  # the facts are the same for all photos, and so are both the writer's questions
    assert sorted(server.pictures) == sorted((96 + 8 * number, 64) for number in range(6))
    assert b"sk-of-nobody" not in written(place)
    run = json.loads((place / "out" / "run.json").read_text())
    # the server counts 100 tokens in and 10 out for each request, at US$ 1 and 2 a million
    spent = {step["step"]: step.get("spent", {}) for step in run["steps"]}
    assert spent["3 Fuse"]["tokens in"] == 200 and spent["3 Fuse"]["US$ millionths"] == 2 * (100 + 2 * 10)
    assert run["ledger"]["US$ millionths"] == 8 * (100 + 2 * 10) and spent["0 Propose"]["US$ millionths"] == 6 * (100 + 2 * 10)


def test_nothing_is_asked_twice(place: Path, server: Server) -> None:
    assert main(command("out")) == 0
    asked = sum(server.answered.values())
    assert main(command("out")) == 0  # a finished run
    assert main(command("again")) == 0  # the same in another folder: the answers are in the cache
    assert main([*command("again"), "--overwrite"]) == 0
    assert sum(server.answered.values()) == asked == len(server.answered)


def test_a_detector_that_sees_nothing_leaves_nothing_to_write(place: Path, server: Server, capsys: pytest.CaptureFixture) -> None:
    assert main([*command("out", threshold=1.0), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == {"in": 6, "made": 0, "kept": 0, "dropped": 6, "failed": 0}
    assert server.by_model == {"b": 6}


def test_killed_and_resumed_it_pays_for_nothing_twice(place: Path, server: Server) -> None:
    server.wait = 0.4
    ways = {**os.environ, "OMP_NUM_THREADS": "1"}
    narrow, whole = ([word.replace("openai:b?", "openai:b?concurrency=1&") for word in command(out)] for out in ("out", "whole"))
    running = subprocess.Popen([sys.executable, "-c", "from diptych.cli import main; main()", *narrow], env=ways, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while server.by_model["b"] < 3 and time.monotonic() < end and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    _, errors = running.communicate()
    assert running.returncode == -signal.SIGKILL, errors.decode()
    server.wait = 0.0
    assert main(narrow) == 0
    rows = list(diptych.read_run(place / "out"))
    assert len(rows) == 6 and all(row.status.kind == "kept" for row in rows)
    # the one that was under way when it was killed is asked again
    assert sum(server.answered.values()) <= len(server.answered) + 1 and server.by_model["b"] <= 7
    assert main(whole) == 0
    assert [row.captions for row in diptych.read_run(place / "whole")] == [row.captions for row in rows]


@dataclass
class Attacks:
    """Says the sentence, and of pictures of one width an attack as well."""

    width: int

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        return [Replied(f"{SAYS['b']} {ATTACK}" if one.pictures[0].width == self.width else SAYS["b"]) for one in requests]


def test_a_caption_that_gives_orders_changes_no_other_row(place: Path, server: Server) -> None:
    server.models = {"b": Attacks(0), "d": Obeys(SAYS["d"])}
    assert main(command("honest")) == 0
    server.models["b"] = Attacks(104)
    assert main([word.replace("&out=2", "&out=2&cache=off") for word in command("attacked")]) == 0
    honest, attacked = ([row.captions for row in diptych.read_run(place / out)] for out in ("honest", "attacked"))
    assert [tuple(one.text for one in row) for row in attacked[:1] + attacked[2:]] == [
        tuple(one.text for one in row) for row in honest[:1] + honest[2:]
    ]
    assert "HACKED" in attacked[1][1].text and attacked[1][2].text == SAYS["d"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_on_real_photos(place: Path, server: Server, capsys: pytest.CaptureFixture) -> None:
    assert main([*command("out", str(SHARED / "skimage_photos")), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == {"in": 10, "made": 0, "kept": 10, "dropped": 0, "failed": 0}
    assert server.by_model["b"] == 10 and max(max(size) for size in server.pictures) <= 1024
