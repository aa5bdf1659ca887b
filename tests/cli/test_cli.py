"""The command: what it prints, what it refuses, and how fast it starts."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from PIL import Image as Pillow

from diptych.cli import demo_training, main
from diptych.cli.catalogue import names, recipe
from diptych.cli.effect import ROWS
from diptych.lab import gained


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    assert main(list(arguments)) == status
    found = capsys.readouterr()
    return found.out, found.err


def photos(folder: Path) -> Path:
    folder.mkdir()
    for name, colour in (("a", "red"), ("b", "blue")):
        Pillow.new("RGB", (40, 30), colour).save(folder / f"{name}.png")
    (folder / "a.txt").write_text("a red wall\n")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    return folder


def test_demo_prints_one_object(capsys, tmp_path) -> None:
    words = ("demo", "--rows", "30", "--experts", "sim", "--no-training", "--out", str(tmp_path / "demo"), "--json", "--quiet")
    out, _ = said(capsys, *words)
    found = json.loads(out)
    rows = found["rows"]
    assert rows["in"] + rows["made"] == rows["kept"] + rows["dropped"] + rows["failed"] and rows["in"] == 30
    for name in ("fact_precision", "fact_recall"):
        assert found["after"][name]["value"] > found["before"][name]["value"]
        assert found["after"][name]["low"] <= found["after"][name]["value"] <= found["after"][name]["high"]
    assert Path(found["report"]).read_text(encoding="utf-8").startswith("<!")


def test_demo_shows_what_an_encoder_learns_from_its_captions(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(demo_training, "UPDATES", 4)
    monkeypatch.setattr(gained, "HELD_OUT", 12)
    out, _ = said(capsys, "demo", "--rows", "24", "--experts", "sim", "--out", str(tmp_path / "demo"), "--json", "--quiet")
    found = json.loads(out)["learning"]
    assert list(found["arms"]) == ["captions before", "captions after", "true captions"] and 0.5 < found["ceiling"] <= 1
    for arm in found["arms"].values():
        assert arm["low"] <= arm["value"] <= arm["high"] and arm["n"] == 12 and Path(arm["model"].removeprefix("hf:")).is_dir()
    page = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    assert "What the captions are worth" in page and "retrieval learnt" in page
    matcher = found["arms"]["captions after"]["model"]
    assert json.loads(said(capsys, "measure", "clipscore", "world:4?size=64", "--matcher", matcher, "--json")[0])["clipscore"]["n"] == 4


def test_demo_runs_from_pixels(capsys, tmp_path) -> None:
    out, err = said(capsys, "demo", "--rows", "4", "--no-training", "--out", str(tmp_path / "demo"), "--json", "--quiet")
    rows = json.loads(out)["rows"]
    assert rows["in"] == 4 and rows["failed"] == 0 and "simulated" not in err


def test_models_lists_addresses_by_ability(capsys) -> None:
    out, _ = said(capsys, "models", "matcher")
    assert [line.split()[1] for line in out.splitlines()][:3] == ["nano:matcher", "hf:./PATH", "sim:matcher"]
    assert "must be one of" in said(capsys, "models", "seer", status=1)[1]


def test_run_resumes_and_reports(capsys, tmp_path) -> None:
    out = str(tmp_path / "run")
    said(capsys, "run", "visual_fact_checker", "world:6", "--out", out, "--limit", "3", "--quiet")
    found, err = said(capsys, "run", "visual_fact_checker", "world:6", "--out", out, "--json", "--quiet")
    assert json.loads(found)["rows"]["in"] == 6 and "simulated experts stand in" in err
    page, _ = said(capsys, "report", out)
    assert Path(page.strip()).is_file()


def test_every_recipe_runs_from_the_command_line(capsys, tmp_path) -> None:
    for name in names():
        if not hasattr(recipe(name), "pipeline"):
            continue
        said(capsys, "run", name, "world:3", "--out", str(tmp_path / name), "--limit", "2", "--quiet")


def test_compare_runs_recipes_over_the_same_rows(capsys, tmp_path) -> None:
    words = ("compare", "visual_fact_checker", "rank_and_fuse", "--on", "world:5", "--out", str(tmp_path / "c"), "--json", "--quiet")
    out, _ = said(capsys, *words, "--keep", "3")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["recipe"] for line in lines] == ["visual_fact_checker", "rank_and_fuse"]
    assert lines[0]["before"] == lines[1]["before"]


def test_an_effect_of_metrics_is_told_drawn_and_stored_like_any_other(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(ROWS, "small", 8)
    out, _ = said(capsys, "effect", "openchair", "--seeds", "1", "--quiet", "--out", str(tmp_path))
    stored = json.loads((tmp_path / "openchair.json").read_text(encoding="utf-8"))
    assert "openchair: kendall_tau_b (higher is better)" in out and "judge accuracy = 0.8" in out
    assert stored["metric"] == "kendall_tau_b" and {arm["name"] for arm in stored["arms"]} >= {"openchair", "chair_i"}
    assert "kendall tau b along judge accuracy" in (tmp_path / "effects.html").read_text(encoding="utf-8")


def test_effect_prints_the_designs_object(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(ROWS, "small", 6)
    out, _ = said(capsys, "effect", "fusecap", "--seeds", "1", "--json", "--quiet", "--out", str(tmp_path))
    found = json.loads(out)
    wanted = {"recipe", "metric", "better", "arms", "difference", "guards", "sweep", "oracle", "chance", "shown", "why", "seeds", "seconds"}
    assert wanted <= set(found) and set(found["difference"]) == {"method", "baseline", "value", "low", "high"}
    assert {"name", "value", "low", "high", "n"} <= set(found["arms"][0])
    assert "NaN" not in out
    stored = json.loads((tmp_path / "fusecap.json").read_text())
    assert stored["command"].startswith("diptych effect fusecap") and (tmp_path / "effects.html").is_file()


def test_report_on_photos(capsys, tmp_path) -> None:
    page, _ = said(capsys, "report", str(photos(tmp_path / "photos")), "--out", str(tmp_path / "report.html"))
    text = Path(page.strip()).read_text(encoding="utf-8")
    assert "broken.jpg" in text and "a red wall" in text


def test_parse_list_show_cite(capsys, tmp_path) -> None:
    out, _ = said(capsys, "parse", "two brown dogs")
    assert json.loads(out)["entities"] == [{"noun": "dog", "count": 2, "at_least": None, "attributes": ["brown"], "negated": False}]
    (tmp_path / "captions.txt").write_text("a dog\na cat\n")
    assert len(said(capsys, "parse", "--file", str(tmp_path / "captions.txt"))[0].splitlines()) == 2
    assert said(capsys, "list", "--names")[0].split() == names()
    assert json.loads(said(capsys, "list", "--json")[0].splitlines()[0])["name"] == names()[0]
    assert "--captioners" in said(capsys, "show", "rank_and_fuse")[0]
    told = said(capsys, "show", "truematch")[0]  # constants by their values, also those of other files
    assert "default (3, 5, 7)" in told and "default 10000" in told
    assert "default 'style:reference'" in said(capsys, "show", "capture")[0]
    told = said(capsys, "show", "clip")[0]  # a first paragraph to its end, and what a named type allows
    assert "writes the folders `encoder` and `captioner`)." in told and "Literal['pairs', 'words', 'captions']" in told
    assert said(capsys, "cite")[0].count("@misc") == len(names())


def test_convert_there_and_back(capsys, tmp_path) -> None:
    there, back = tmp_path / "rows.jsonl", tmp_path / "rows.parquet"
    said(capsys, "convert", str(photos(tmp_path / "photos")), str(there))
    out, _ = said(capsys, "convert", str(there), str(back), "--json")
    assert json.loads(out)["written"] == 3


def test_a_recipe_file_of_ones_own(capsys, tmp_path) -> None:
    own = tmp_path / "mine.py"
    own.write_text(
        '"""Keep what a matcher likes."""\n'
        "from diptych.check.match import Match\n"
        "from diptych.curate.select import Keep\n"
        "def pipeline(*, matcher: str, at_least: float = 0.5):\n"
        '    return (Match(matcher, of="chosen"), Keep("match", at_least))\n'
    )
    out, _ = said(capsys, "run", str(own), "world:8", "--out", str(tmp_path / "run"), "--at-least", ".3", "--json", "--quiet")
    rows = json.loads(out)["rows"]
    assert rows["dropped"] > 0 and rows["kept"] + rows["dropped"] == 8
    assert "Keep what a matcher likes" in said(capsys, "show", str(own))[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "visual_fact_cheker", "world:3", "--out", "x"), "did you mean visual_fact_checker"),
        (("run", "fusecap", "no/such/place", "--out", "x", "--detector", "file:x", "--writer", "rules:"), "does not exist"),
        (("run", "fusecap", "world:3", "--out", "x", "--detector", "nothing:x"), "scheme must be one of"),
        (("run", "fusecap", "world:3", "--out", "x", "--detector", "sim:seer"), "there is no simulated expert 'seer'"),
        (("run", "fusecap", "world:3", "--out", "x", "--detector", "sim:detector?recall=2"), "recall must be a number in [0, 1], got '2'"),
        (("run", "fusecap", "world:3", "--out", "x", "--threshold", "high"), "--threshold must be a number, got 'high'"),
        (("run", "fusecap", "world:0", "--out", "x"), "world:0"),
        (("report", "no/such/place"), "does not exist"),
        (("parse",), "either one TEXT or --file"),
        (("parse", "--file", "no/such/file"), "there is no file"),
        (("compare", "fusecap", "--on", "world:3", "--out", "x"), "two RECIPEs"),
        (("show", "nothing"), "there is no recipe"),
        (("effect", "fusecap", "--seeds", "0"), "--seeds must be 1 or more"),
        (("convert", "world:2", "x.doc"), "names no format"),
    ],
)
def test_errors_are_one_line_with_a_remedy(capsys, tmp_path, monkeypatch, words, told) -> None:
    monkeypatch.chdir(tmp_path)
    _, err = said(capsys, *words, status=1)
    lines = [line for line in err.splitlines() if not line.startswith("simulated experts")]
    assert len(lines) == 1 and lines[0].startswith("diptych: ") and told in lines[0]


def test_an_empty_folder_is_refused(capsys, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    words = ("run", "visual_fact_checker", str(tmp_path / "empty"), "--out", "x", "--captioners", "file:x,file:y", "--writer", "rules:")
    _, err = said(capsys, *words, "--agreement", "2", status=1)
    assert "holds no pictures or captions" in err


@pytest.mark.parametrize("words", [["--help"], ["list"], ["show", "visual_fact_checker"]], ids=" ".join)
def test_starts_fast_and_without_torch(words) -> None:
    code = f"import sys; sys.argv = ['diptych', *{words!r}]\nfrom diptych.cli import main\nmain()\nassert 'torch' not in sys.modules and 'numba' not in sys.modules"  # noqa: E501
    seconds = []
    for _ in range(5):
        started = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        seconds.append(perf_counter() - started)
    assert median(seconds) < 1.0  # the promise is 0.3 s on a quiet machine (benchmarks/start.py)
