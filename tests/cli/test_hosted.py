"""Runs on hosted models from the command line: batches, what is told of money, interrupts, and a server that is not there."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hosted_server import Request, completion, send, serving
from PIL import Image as Pillow

from diptych.cli import main
from diptych.cli.running import _batch

RECIPE = '''"""Captions of one model.

A. Body, 2026, arXiv:2601.00001. Same: all. Different: nothing.
"""

from diptych.engine import Pipeline
from diptych.write.propose import Propose


def pipeline(*, captioners: tuple[str, ...]) -> Pipeline:
    return (Propose(captioners),)
'''


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe and twelve pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIPTYCH_ANSWERS", str(tmp_path / "answers.sqlite"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (tmp_path / "mine.py").write_text(RECIPE)
    (tmp_path / "photos").mkdir()
    for number in range(12):
        Pillow.new("RGB", (8 + number, 8), (20 * number, 0, 0)).save(tmp_path / "photos" / f"{number:02d}.png")
    return tmp_path


def command(base: str, *more: str) -> list[str]:
    return ["run", "mine.py", "photos", "--out", "run", "--captioners", f"openai:m?base={base}&in=1&out=3", "--quiet", *more]


async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.1)
    send(writer, completion("a red square"))


@pytest.mark.parametrize(("more", "at_once"), [([], 12), (["--batch", "5"], 5)])
def test_a_batch_is_as_large_as_asked_or_as_a_server_can_use(more, at_once):
    async def slower(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        await slow(request, writer)

    with serving(slower) as server:
        assert main(command(server.base, *more)) == 0
        assert server.most == at_once


def test_rows_at_a_time():
    assert _batch(None, ["rules:", "openai:m"]) == 512 and _batch(None, ["rules:"]) == 64 and _batch(7, ["openai:m"]) == 7


def test_what_was_spent_is_told(place, capsys):
    with serving(slow) as server:
        assert main(command(server.base)) == 0
        assert "120 tokens in, 24 tokens out, US$ 0.0002" in capsys.readouterr().out
        assert main(command(server.base, "--json", "--overwrite")) == 0
        told = json.loads(capsys.readouterr().out)
    assert told["ledger"] == {"caption calls": 12, "answers from the cache": 12}
    assert main(["run", "mine.py", "photos", "--out", "run", "--captioners", f"openai:m?base={server.base}&in=1&out=3", "--quiet"]) == 0
    page = (place / "run" / "report.html").read_text()
    assert "answers from the cache" in page


def test_money_stands_in_the_report_in_dollars(place):
    with serving(slow) as server:
        assert main(command(server.base)) == 0
    page = (place / "run" / "report.html").read_text()
    assert "US$" in page and "millionths" not in page and "tokens in" in page


def answers(place: Path) -> int:
    """How many are kept by now."""
    with closing(sqlite3.connect(place / "answers.sqlite")) as cache:
        return int(cache.execute("select count(*) from answers").fetchone()[0])


def test_an_interrupt_ends_at_once_and_nothing_is_paid_twice(place):
    async def stuck(request: Request, writer: asyncio.StreamWriter) -> None:
        if len(server.seen) > 7:
            await asyncio.sleep(60)
        send(writer, completion("a red square"))

    with serving(stuck) as server:
        running = subprocess.Popen(
            [sys.executable, "-c", "import sys; from diptych.cli import main; sys.exit(main())", *command(server.base)],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until = time.monotonic() + 60
        while (len(server.seen) < 12 or answers(place) < 7) and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
        assert running.returncode == 130
        assert said.splitlines()[-1] == "interrupted; a run folder resumes with the same command" and "Traceback" not in said
        server.behave = slow
        assert main(command(server.base)) == 0
        assert len(server.seen) == 12 + 5
    told = json.loads((place / "run" / "run.json").read_text())
    assert told["rows"]["kept"] == 12
    assert told["ledger"]["tokens in"] == 120 and told["ledger"]["US$ millionths"] == 12 * (10 + 3 * 2)
    assert told["ledger"]["answers from the cache"] == 7


def test_nobody_there_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr("diptych.engine.work.FIRST_WAIT", 0.0)
    with serving(slow) as server:
        pass
    assert main(command(server.base)) == 1
    (line,) = [one for one in capsys.readouterr().err.splitlines() if one.startswith("diptych:")]
    assert "cannot be reached" in line and "start the same run again" in line
