"""`diptych run` on real architectures: tiny checkpoints on the disk and behind a server; killed and resumed, nothing is paid twice."""

import asyncio
import base64
import io
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hosted_server import Request, completion, send, serving
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
class Tiny:
    """What the server says: tiny models' replies. It remembers every request that it answered."""

    models: dict[str, ChatModel]
    wait: float = 0.0
    answered: Counter[str] = field(default_factory=Counter)  # by the request's body
    by_model: Counter[str] = field(default_factory=Counter)
    pictures: list[tuple[int, int]] = field(default_factory=list)

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        shown = [picture(url) for url in request.pictures]
        model = request.body["model"]
        (said,) = self.models[model].chat([ChatRequest(request.prompt, tuple(shown), tokens=32)])
        self.answered[json.dumps(request.body)] += 1
        self.by_model[model] += 1
        self.pictures += [(one.width, one.height) for one in shown]
        await asyncio.sleep(self.wait)
        send(writer, completion(said.text if isinstance(said, Replied) else None, model=model, tokens=(100, 10)))


def picture(url: str) -> Picture:
    image = Pillow.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1])))
    return Picture("sent", *image.size, image.convert("RGB").copy)


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
def tiny(folder: Path) -> Tiny:
    """Models b and d."""
    return Tiny({name: open_model(f"hf:{folder / name}", ChatModel, {"hf": open_hf}) for name in "bd"})


@pytest.fixture(autouse=True)
def place(tmp_path: Path, folder: Path, tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the user's, from which the checkpoints are named by path; a cache of its own; the server in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIPTYCH_ANSWERS", str(tmp_path / "answers.sqlite"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    for name in ("a", "c", "photos"):
        (tmp_path / name).symlink_to(folder / name)
    with serving(tiny) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base)
        yield tmp_path


def command(out: str, photos: str = "photos", threshold: float = 0.0) -> list[str]:
    """Every box of the random detector passes at 0, and none at 1."""
    return [
        "run", "visual_fact_checker", photos, "--captioners", "hf:./a,openai:b?in=1&out=2", "--detector", "hf:./c", "--writer",
        "openai:d?in=1&out=2", "--threshold", str(threshold), "--out", out, "--quiet",
    ]  # fmt: skip


def written(out: Path) -> bytes:
    """All that a run left behind."""
    return b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())


def test_from_photos_to_checked_captions(place: Path, tiny: Tiny, capsys: pytest.CaptureFixture) -> None:
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
    assert tiny.by_model == {"b": 6, "d": 2 * 1}  # the facts are the same for all photos, and so are both the writer's questions
    assert sorted(tiny.pictures) == sorted((96 + 8 * number, 64) for number in range(6))
    assert b"sk-of-nobody" not in written(place)
    run = json.loads((place / "out" / "run.json").read_text())
    # the server counts 100 tokens in and 10 out for each request, at US$ 1 and 2 a million
    spent = {step["step"]: step.get("spent", {}) for step in run["steps"]}
    assert spent["3 Fuse"]["tokens in"] == 200 and spent["3 Fuse"]["US$ millionths"] == 2 * (100 + 2 * 10)
    assert run["ledger"]["US$ millionths"] == 8 * (100 + 2 * 10) and spent["0 Propose"]["US$ millionths"] == 6 * (100 + 2 * 10)


def test_nothing_is_asked_twice(place: Path, tiny: Tiny) -> None:
    assert main(command("out")) == 0
    asked = sum(tiny.answered.values())
    assert main(command("out")) == 0  # a finished run
    assert main(command("again")) == 0  # the same in another folder: the answers are in the cache
    assert main([*command("again"), "--overwrite"]) == 0
    assert sum(tiny.answered.values()) == asked == len(tiny.answered)


def test_a_detector_that_sees_nothing_leaves_nothing_to_write(place: Path, tiny: Tiny, capsys: pytest.CaptureFixture) -> None:
    assert main([*command("out", threshold=1.0), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == {"in": 6, "made": 0, "kept": 0, "dropped": 6, "failed": 0}
    assert tiny.by_model == {"b": 6}


def test_killed_and_resumed_it_pays_for_nothing_twice(place: Path, tiny: Tiny) -> None:
    # captions of a file beside the server's, so that the process which is killed need not load torch
    (place / "said.jsonl").write_text("".join(json.dumps({"id": f"{n}.png", "caption": SAYS["b"]}) + "\n" for n in range(6)))
    narrow, whole = (
        ["run", "visual_fact_checker", "photos", "--captioners", "openai:b?concurrency=1,file:said.jsonl", "--agreement", "2", "--writer",
         "openai:d", "--out", out, "--quiet"] for out in ("out", "whole")
    )  # fmt: skip
    tiny.wait = 0.4
    running = subprocess.Popen([sys.executable, "-c", "from diptych.cli import main; main()", *narrow], stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while tiny.by_model["b"] < 3 and time.monotonic() < end and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    _, errors = running.communicate()
    assert running.returncode == -signal.SIGKILL, errors.decode()
    tiny.wait = 0.0
    assert main(narrow) == 0
    rows = list(diptych.read_run(place / "out"))
    assert [row.captions[-1].text for row in rows] == [SAYS["d"]] * 6
    # the one that was under way when it was killed is asked again
    assert len(tiny.answered) == 6 + 2 and sum(tiny.answered.values()) <= len(tiny.answered) + 1 and tiny.by_model["b"] <= 7
    assert main(whole) == 0
    assert [row.captions for row in diptych.read_run(place / "whole")] == [row.captions for row in rows]


@dataclass
class Attacks:
    """Says the sentence, and of pictures of one width an attack as well."""

    width: int

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        return [Replied(f"{SAYS['b']} {ATTACK}" if one.pictures[0].width == self.width else SAYS["b"]) for one in requests]


def test_a_caption_that_gives_orders_changes_no_other_row(place: Path, tiny: Tiny) -> None:
    tiny.models = {"b": Attacks(0), "d": Obeys(SAYS["d"])}
    assert main(command("honest")) == 0
    tiny.models["b"] = Attacks(104)
    assert main([word.replace("&out=2", "&out=2&cache=off") for word in command("attacked")]) == 0
    honest, attacked = ([row.captions for row in diptych.read_run(place / out)] for out in ("honest", "attacked"))
    assert [tuple(one.text for one in row) for row in attacked[:1] + attacked[2:]] == [
        tuple(one.text for one in row) for row in honest[:1] + honest[2:]
    ]
    assert "HACKED" in attacked[1][1].text and attacked[1][2].text == SAYS["d"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_on_real_photos(place: Path, tiny: Tiny, capsys: pytest.CaptureFixture) -> None:
    assert main([*command("out", str(SHARED / "skimage_photos")), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == {"in": 10, "made": 0, "kept": 10, "dropped": 0, "failed": 0}
    assert tiny.by_model["b"] == 10 and max(max(size) for size in tiny.pictures) <= 1024
