"""`diptych run --dry-run`: whom it would ask, and what that would cost, before anything is asked."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pillow

from diptych.cli import main

HOSTED = "openai:b?base=http://127.0.0.1:1/v1"  # where nobody answers
PRICED = f"{HOSTED}&in=1&out=4"
COMMAND = ["run", "visual_fact_checker", "photos", "--detector", "hf:c", "--writer", "rules:", "--out", "out", "--dry-run"]

MINE = '''"""Mine."""
from diptych.write.propose import Propose

def pipeline(*, teller: str):
    """Ask."""
    return (Propose((teller,)),)
'''


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in "abcd":
        Pillow.new("RGB", (560, 280), "teal").save(tmp_path / "photos" / f"{name}.png")
    return tmp_path


def test_calls_tokens_and_money_by_address(place: Path, capsys: pytest.CaptureFixture) -> None:
    assert main([*COMMAND, "--captioners", f"hf:a,{PRICED}", "--answerer", "hf:d", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 4 and not (place / "out").exists()
    assert told["steps"][0]["calls"] == {"caption calls to hf:a": 4, f"caption calls to {PRICED}": 4}
    models = {one["address"]: one for one in told["models"]}
    assert {address: one["calls"] for address, one in models.items()} == {"hf:a": 4, PRICED: 4, "hf:c": 4, "hf:d": 24, "rules:": 4}
    priced = models[PRICED]
    assert 4 * 200 < priced["tokens_in"] < 4 * 300  # pictures of 20 x 10 patches, and the prompt
    assert priced["money"] == pytest.approx((priced["tokens_in"] + 4 * priced["tokens_out"]) / 1e6)
    assert told["total"]["money"] == priced["money"]
    assert told["per_thousand"]["money"] == pytest.approx(250 * priced["money"]) and told["per_thousand"]["calls"] == 10_000


def test_lines_say_what_a_thousand_images_cost(place: Path, capsys: pytest.CaptureFixture) -> None:
    assert main([*COMMAND, "--captioners", PRICED, "--limit", "2"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].split() == ["0", "Propose", "2", "records", "2", "caption", "calls", "to", PRICED]
    assert told[-1].startswith("per 1,000 images: 3,000 calls, about ") and " tokens in and 25,000 out, about US$ 0." in told[-1]
    assert told[-2].startswith("2 rows: 6 calls") and told[-2].endswith("nothing was asked or written")
    assert main([*COMMAND, "--captioners", HOSTED]) == 0
    assert "US$ unknown (say in= and out= in the address)" in capsys.readouterr().out
    assert main([*COMMAND, "--captioners", "file:a.jsonl"]) == 0  # nothing that costs
    assert "US$" not in capsys.readouterr().out


def test_a_key_in_an_address_is_neither_shown_nor_stored(place: Path, capsys: pytest.CaptureFixture) -> None:
    for more in ([], ["--json"]):
        assert main([*COMMAND, "--captioners", f"{HOSTED}&key=sk-secret", *more]) == 1
    assert main([*COMMAND[:-1], "--captioners", f"{HOSTED}&key=sk-secret", "--quiet"]) == 1
    told = capsys.readouterr()
    assert "sk-secret" not in told.out + told.err and not (place / "out").exists()


def test_a_dry_run_needs_no_key_and_a_run_says_so_before_it_begins(
    place: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    command = [*COMMAND, "--captioners", "openai:gpt-4.1-mini?in=.4&out=1.6"]
    assert main(command) == 0
    few, many = capsys.readouterr().out.splitlines()[-2:]
    assert ", under US$ 0.01;" in few and ", about US$ 0." in many
    assert main([one for one in command if one != "--dry-run"]) == 1
    told = capsys.readouterr()
    assert "needs a key for https://api.openai.com/v1" in told.err and "hosted models" not in told.err and not (place / "out").exists()


def test_what_lacks_names_the_help_of_the_recipe(capsys: pytest.CaptureFixture) -> None:
    assert main(COMMAND) == 1
    assert "required: --captioners; `diptych run visual_fact_checker --help` tells" in capsys.readouterr().err
    for name, stands in (
        ("visual_fact_checker", "--writer .* required; on a world: source rules:"),
        ("clip", "--model .* source nano:dual"),
    ):
        assert main(["show", name]) == 0
        assert re.search(stands, capsys.readouterr().out)


def test_it_needs_no_torch(place: Path) -> None:
    code = f"import sys; from diptych.cli import main; sys.exit(main({[*COMMAND, '--captioners', 'hf:a']!r}) or 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "per 1,000 images: 3,000 calls" in done.stdout, done.stderr


def test_a_recipe_of_ones_own_may_name_its_option_as_it_likes(place: Path, capsys: pytest.CaptureFixture) -> None:
    (place / "mine.py").write_text(MINE)
    command = ["run", "mine.py", "photos", "--out", "out", "--quiet", "--teller"]
    assert main([*command, f"{HOSTED}&key=sk-secret"]) == 1
    told = capsys.readouterr()
    assert "sk-secret" not in told.out + told.err and not (place / "out").exists()
    assert main([*command, PRICED, "--dry-run"]) == 0
    assert "US$" in capsys.readouterr().out
