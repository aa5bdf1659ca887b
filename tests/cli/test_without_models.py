"""The command without the extra `models`: nothing imports torch that need not, and what needs it says what to install."""

import subprocess
import sys
from pathlib import Path

import pytest

from diptych.cli.catalogue import functions, names

FIRST_TRAINED = next((name for name in names() if "train" in [one.name for one in functions(name)]), "")
# an import of a module that is None in sys.modules fails as if it were not installed
WITHOUT = "import sys; sys.modules.update(dict.fromkeys(('torch', 'transformers', 'accelerate', 'peft', 'safetensors', 'tokenizers')))\n"


def run(code: str, place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, timeout=120, check=False)


def command(*words: str) -> str:
    return f"from diptych.cli import main\nstatus = main({list(words)!r})\n"


LIGHT = [
    command("list"),
    command("list", "--json"),
    command("show", "clip"),
    command("cite"),
    command("measure"),
    command("train", "--help"),
    "import diptych.measure, diptych.models.abilities, diptych.lab.lab, diptych.lab.opening, diptych.report\n",
]


@pytest.mark.parametrize("code", LIGHT, ids=[code.splitlines()[-1][:60] for code in LIGHT])
def test_torch_is_not_imported(code: str, tmp_path: Path) -> None:
    wrapped = f"import sys\ntry:\n{''.join(f'    {line}{chr(10)}' for line in code.splitlines())}except SystemExit:\n    pass\n"
    done = run(wrapped + "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)", tmp_path)
    assert done.returncode == 0, done.stderr


def test_help_is_light(tmp_path: Path) -> None:
    done = run(command("--help").replace("status = ", "") + "import sys; sys.exit('torch' in sys.modules)", tmp_path)
    assert done.returncode == 0 and "train" in done.stdout


@pytest.mark.parametrize(
    "words",
    [("train", FIRST_TRAINED, "world:8", "--out", "x"), ("effect", FIRST_TRAINED), ("run", FIRST_TRAINED, "world:2", "--out", "x")],
)
def test_what_trains_names_the_extra(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(f"{WITHOUT}{command(*words)}sys.exit(status)", tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "pip install 'diptych[models]'" in done.stderr
    assert not list(tmp_path.iterdir())


def test_what_does_not_train_does_without(tmp_path: Path) -> None:
    for words in (("run", "fusecap", "world:4", "--out", "run", "--quiet"), ("cite",), ("show", FIRST_TRAINED), ("report", "run")):
        done = run(f"{WITHOUT}{command(*words)}sys.exit(status)", tmp_path)
        assert done.returncode == 0, done.stderr
