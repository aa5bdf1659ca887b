"""Every command and example of the README runs as it stands, and so does the Python of docs/experts.md."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pillow

import diptych

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.S)
EXPERTS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "docs" / "experts.md").read_text(encoding="utf-8"), re.S)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.strip()]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "OPENAI_API_KEY": "none"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader might have it: photos, and three systems' captions of them."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "photos").mkdir()
    for name in ("a", "b"):
        Pillow.new("RGB", (32, 24), "teal").save(folder / "photos" / f"{name}.png")
    for system in ("a", "b", "c"):
        rows = [{"id": f"{name}.png", "caption": "a brown dog on a couch"} for name in ("a", "b")]
        (folder / f"{system}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.mark.parametrize("command", [c for c in COMMANDS if "diptych " in c])
def test_command(command: str, place: Path) -> None:
    words = shlex.split(command.partition("  #")[0].replace(".venv/bin/", ""))
    assert words[0] == "diptych"
    done = subprocess.run(words, cwd=place, env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = [words[1] for c in COMMANDS if (words := c.split())[0] == "make"]
    assert wanted == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in wanted)


@pytest.mark.parametrize("code", [block for kind, block in [*BLOCKS, *EXPERTS] if kind == "python"])
def test_python(code: str, place: Path) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "kept" in done.stdout or "diptych.run" not in code
    assert done.stdout.strip()


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.stem)
def test_example(example: Path, tmp_path: Path) -> None:
    assert len(example.read_text(encoding="utf-8").splitlines()) <= 40
    done = subprocess.run([sys.executable, str(example)], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_the_face_has_what_it_lists() -> None:
    assert all(getattr(diptych, name) is not None for name in diptych.__all__)
    with pytest.raises(AttributeError, match="has no 'nothing'"):
        _ = diptych.nothing
