"""kill -9 and Ctrl-C of the real command at any moment; started again it ends with the rows of an unbroken run."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from diptych.engine import read_run, run_json

# saves as often as it can, so that a kill finds shards half filled
COMMAND = (
    "import sys; from diptych.engine import filling; filling.SAVE_EVERY = 0.01; from diptych.cli import main; sys.exit(main(sys.argv[1:]))"
)
KILLS = 4


def start(words: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", COMMAND, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(words: Sequence[str]) -> None:
    process = start(words)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said.decode()


def seen(out: Path) -> set[tuple[str, int]]:
    """Rows saved so far, as files and their times."""
    return {(path.name, path.stat().st_mtime_ns) for path in out.rglob("[0-9]*.p*")}


def killed(words: Sequence[str], out: Path, saves: int, wait: float) -> int:
    """Kills the command `wait` seconds after it saved rows so many times; the exit status, negative where a signal ended it."""
    before = seen(out)
    process = start(words)
    while saves and process.poll() is None:
        with suppress(FileNotFoundError):  # a file may go while it is looked at
            now = seen(out)
            saves -= now != before
            before = now
        time.sleep(0.002)
    time.sleep(wait)
    process.kill()
    process.communicate(timeout=60)
    return process.returncode


def ended(out: Path) -> dict[str, object]:
    """What a run is for, without where it lies and what it cost."""
    rows = [repr(row).replace(str(out), "OUT") for row in read_run(out)]
    known = run_json(out)
    truth = out / "truth.parquet"
    return {
        "rows": rows,
        "accounting": (out / "accounting.csv").read_text(),
        "sums": known["rows"],
        "complete": known["complete"],
        "models": known["models"],
        "truth": pq.read_table(truth).to_pylist() if truth.exists() else None,
        "files": sorted(str(path.relative_to(out)) for path in out.rglob("*")),
    }


def photos(folder: Path) -> list[str]:
    """A folder of photos, one broken, with captions of two systems beside it; the words that run over it."""
    (folder / "photos").mkdir()
    for number in range(90):
        Pillow.new("RGB", (24, 18), (number, 90, 30)).save(folder / "photos" / f"{number:02d}.png")
    (folder / "photos" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    for system, said in (("a", "a brown dog on a couch"), ("b", "a dog next to a red ball")):
        rows = [{"id": f"{number:02d}.png", "caption": said} for number in range(90) if number % 10 or system == "a"]
        (folder / f"{system}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [
        str(folder / "photos"),
        "--captioners",
        f"file:{folder}/a.jsonl,file:{folder}/b.jsonl",
        "--writer",
        "rules:",
        "--agreement",
        "2",
    ]


@pytest.mark.parametrize("kind", ["world", "photos"])
def test_killed_at_random_moments_it_ends_as_an_unbroken_run(kind: str, tmp_path: Path) -> None:
    source = ["world:120?noise=.5"] if kind == "world" else photos(tmp_path)
    words = ["run", "visual_fact_checker", *source, "--quiet", "--out"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finish([*words, str(whole)])
    draw = random.Random(kind)
    statuses = [killed([*words, str(broken)], broken, kill % 3, draw.random() / 5) for kill in range(KILLS)]
    assert -signal.SIGKILL in statuses
    finish([*words, str(broken)])
    assert ended(broken) == ended(whole)
    sums = run_json(broken)["rows"]
    failed = sum(sum(whys.values()) for whys in sums["failed"].values())
    dropped = sum(sum(whys.values()) for whys in sums["dropped"].values())
    assert sums["in"] == (120 if kind == "world" else 91) == sums["kept"] + dropped + failed
    assert failed == (0 if kind == "world" else 10)


def test_interrupted_it_says_how_to_go_on_and_does(tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ["run", "visual_fact_checker", "world:4000", "--quiet", "--out", str(out)]
    process = start(words)
    while not (out / "run.json").exists() and process.poll() is None:
        time.sleep(0.002)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    lines = [line for line in said.decode().splitlines() if not line.startswith("simulated experts")]
    assert lines == ["interrupted; a run folder resumes with the same command"]
    assert run_json(out)["complete"] is False
