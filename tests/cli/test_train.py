"""`diptych train` from data to a folder that answers, again and again, and what it refuses."""

import json
from pathlib import Path

import pytest
from PIL import Image as Pillow

from diptych.cli import main
from diptych.engine.folder import locked

RECIPE = '''"""Learn pairs.

A toy.
"""
from pathlib import Path
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive
from diptych.train.data import Data
from diptych.train.encoders import encoder_for
from diptych.train.loop import train as run
from diptych.train.plan import Stage


def train(data: Data, *, out: Path, model: str, updates: int = 2, batch: int = 4, seed: int = 0) -> Path:
    """In one stage."""
    dual, data = encoder_for(model, data, seed)
    return run((Stage("pairs", Contrastive(), Random(batch), updates),), dual.model, data, out, seed=seed)
'''
WORLD = "world:8?size=64"


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    path = tmp_path / "pairs.py"
    path.write_text(RECIPE)
    return str(path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    assert main(["train", *arguments]) == status
    found = capsys.readouterr()
    assert status == 0 or found.err.removeprefix("it starts from: --model nano:dual\n").count("\n") == 1, found.err
    return found.out, found.err


def photos(folder: Path, captions: bool = True) -> Path:
    folder.mkdir()
    for n, colour in enumerate(("red", "blue", "green", "white", "black")):
        Pillow.new("RGB", (40, 30), colour).save(folder / f"{n}.png")
        if captions:
            (folder / f"{n}.txt").write_text(f"a {colour} wall\n")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    return folder


def test_a_world_is_trained_on_measured_and_drawn(capsys, tmp_path, recipe) -> None:
    out = tmp_path / "out"
    found, err = said(capsys, recipe, WORLD, "--out", str(out), "--json", "--quiet")
    told = json.loads(found)
    assert told["rows"] == {"in": 8, "used": 8, "not_kept": 0, "without_picture": 0, "without_caption": 0}
    assert told["updates"] == 2 and set(told["terms"]["pairs"]["contrastive"]) == {"first", "last"} and 0 <= told["waiting"] <= 1
    assert "it starts from: --model nano:dual" in err and Path(told["report"]).is_file()
    again, _ = said(capsys, recipe, WORLD, "--out", str(out), "--json", "--quiet")
    assert json.loads(again) == told  # nothing is trained twice
    assert main(["measure", "clipscore", WORLD, "--matcher", f"hf:{out}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clipscore"]["n"] == 8
    (out / "report.html").unlink()
    assert main(["report", str(out)]) == 0
    assert "pairs" in (out / "report.html").read_text(encoding="utf-8")


def test_a_captioner_starts_afresh_on_a_world(capsys, tmp_path) -> None:
    words = ("guidance", WORLD, "--tokens", "--out", str(tmp_path / "out"), "--updates", "1", "--batch", "4", "--json")
    assert "it starts from: --captioner nano:prefix" in said(capsys, *words)[1]


def test_a_folder_of_pictures_trains_around_what_is_broken(capsys, tmp_path, recipe) -> None:
    folder = photos(tmp_path / "photos")
    (folder / "broken.txt").write_text("a broken thing\n")
    out, err = said(capsys, recipe, str(folder), "--model", "nano:dual", "--out", str(tmp_path / "out"), "--updates", "3", "--batch", "6")
    assert out.startswith("6 of 6 rows\n3 updates in ") and "3 times a picture could not be opened" in out and not err
    assert f"open it as hf:{tmp_path / 'out'}" in out


def test_options_may_stand_anywhere_and_a_folder_of_two_models_names_both(capsys, tmp_path) -> None:
    out = str(tmp_path / "out")
    words = ("--out", out, "--tokens", "clip", "--batch", "4", "--no-equal-texts", WORLD, "--updates", "1", "--learns", "captions")
    told, err = said(capsys, *words, "--quiet")
    assert err == "it starts from: --model nano:dual\n"
    assert f"open it as hf:{out}/captioner, hf:{out}/encoder; its page" in told
    assert main(["measure", "clipscore", WORLD, "--matcher", f"hf:{out}/encoder", "--json"]) == 0


def test_captions_of_a_run_may_be_chosen(capsys, tmp_path, recipe) -> None:
    run = str(tmp_path / "run")
    assert main(["run", "fusecap", WORLD, "--out", run, "--quiet", "--json"]) == 0
    capsys.readouterr()
    found, _ = said(capsys, recipe, run, "--model", "nano:dual", "--captions", "alt", "--out", str(tmp_path / "out"), "--json", "--quiet")
    assert json.loads(found)["rows"]["in"] == 8


def test_the_shipped_tower_sees_for_a_training_of_the_world_alone(capsys, tmp_path, recipe, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said(capsys, recipe, WORLD, "--tokens", "--out", str(tmp_path / "out"), "--quiet")
    assert main(["measure", "clipscore", WORLD, "--matcher", f"hf:{tmp_path / 'out'}", "--json"]) == 0
    capsys.readouterr()
    words = (recipe, str(photos(tmp_path / "photos")), "--model", "nano:dual", "--tokens", "--out", str(tmp_path / "other"))
    assert "--tokens is for pictures of the world" in said(capsys, *words, status=1)[1]


def test_a_folder_is_kept_for_its_own_training(capsys, tmp_path, recipe) -> None:
    out = tmp_path / "out"
    words = (recipe, WORLD, "--out", str(out), "--quiet")
    assert "model" in said(capsys, recipe, WORLD, "--out", str(out), "--model", "hf:./none", status=1)[1]
    said(capsys, *words)  # a training that never began does not stand in the way
    weights = (out / "model.safetensors").read_bytes()
    told = said(capsys, *words, "--updates", "3", status=1)[1]
    assert "holds another training, settings.updates 2 -> 3: choose another --out, or --overwrite" in told
    assert (out / "model.safetensors").read_bytes() == weights
    said(capsys, *words, "--updates", "3", "--overwrite")
    assert (out / "model.safetensors").read_bytes() != weights
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    told = said(capsys, recipe, WORLD, "--out", str(tmp_path / "mine"), "--overwrite", status=1)[1]
    assert "'thesis.txt', which no `diptych train` wrote" in told and (tmp_path / "mine" / "thesis.txt").is_file()


def test_a_kill_after_the_training_and_before_what_comes_after_it_is_gone_on_from(capsys, tmp_path, monkeypatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    words = ["train", "clip", WORLD, "--model", "nano:clip", "--batch", "4", "--updates", "2", "--out", str(out), "--quiet"]
    with monkeypatch.context() as patch:
        patch.setattr("diptych.recipes.clip.keep_processor", killed)
        assert main(words) == 130
    weights = (out / "model.safetensors").read_bytes()
    assert (out / "diptych.json").is_file() and not (out / "preprocessor_config.json").exists()
    assert main([*words, "--updates", "3"]) == 1
    assert "holds another training, settings.updates 2 -> 3" in capsys.readouterr().err
    assert main(words) == 0
    assert json.loads((out / "preprocessor_config.json").read_text())["image_std"] and (out / "report.html").is_file()
    assert (out / "model.safetensors").read_bytes() == weights
    capsys.readouterr()


AFTER = """    sums = out.parent / "sums.txt"
    before = sums.read_text() if sums.exists() else ""
    sums.write_text(f"{before}{sum(one.double().sum().item() for one in dual.model.parameters())}\\n")
    if not before:
        raise OSError("gone")
    return out
"""


def test_what_comes_after_a_training_finds_the_trained_weights(capsys, tmp_path) -> None:
    path = tmp_path / "after.py"
    path.write_text(RECIPE.replace("    return run(", "    run(") + AFTER)
    words = ["train", str(path), WORLD, "--model", "nano:dual", "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 1 and "gone" in capsys.readouterr().err
    assert main(words) == 0
    first, second = (tmp_path / "sums.txt").read_text().splitlines()
    assert first == second
    capsys.readouterr()


def test_beginning_again_takes_nothing_away_that_no_training_wrote(capsys, tmp_path, recipe) -> None:
    out = tmp_path / "out"
    words = (recipe, WORLD, "--out", str(out), "--quiet")
    assert "needs as many rows" in said(capsys, *words, "--batch", "99", status=1)[1]
    (out / "notes").mkdir()
    (out / "notes" / "plan.txt").write_text("mine")
    said(capsys, *words)  # the folder of a training that never began, with something in it by now
    told = said(capsys, *words, "--overwrite", status=1)[1]
    assert "'notes/plan.txt', which no training wrote: move it away" in told
    assert (out / "notes" / "plan.txt").read_text() == "mine" and (out / "model.safetensors").is_file()
    with locked(out):
        told = said(capsys, *words, "--updates", "3", "--overwrite", status=1)[1]
    assert "is being written by another run" in told and (out / "model.safetensors").is_file()


def test_mistakes_are_one_line_with_a_remedy(capsys, tmp_path, recipe) -> None:
    bare, out = str(photos(tmp_path / "bare", captions=False)), str(tmp_path / "out")
    for words, told in (
        ((recipe, bare, "--model", "nano:dual"), "of 6 rows 6 without caption"),
        ((recipe, bare, "--model", "nano:dual", "--captions", "style"), "captions must be one of chosen"),
        ((recipe, bare), "required: --model; --model takes nano:dual, nano:clip or nano:siglip to start afresh, hf:./PATH"),
        ((recipe, bare, "--modle", "nano:dual"), "unrecognized arguments: --modle; did you mean --model?"),
        ((recipe, WORLD, "--modle=nano:dual"), "unrecognized arguments: --modle=nano:dual; did you mean --model?"),
        (("--model", "nano:dual"), "required: DATA; `diptych train --help`"),
        ((recipe, WORLD, "--model", "nano:giant"), "is no encoder to train: name one of nano:dual"),
        ((recipe, WORLD, "--model", f"hf:{bare}"), "has no config.json"),
        ((recipe, WORLD, "--batch", "99"), "needs as many rows, got 8"),
        ((recipe, WORLD, "--updates", "many"), "--updates must be a whole number"),
        ((recipe, WORLD, "--limit", "0"), "--limit must be 1 or more"),
        ((recipe, WORLD, "--workers", "-1"), "--workers must be 0 or more"),
        ((recipe, WORLD, "--log-every", "0"), "log"),
        ((recipe, "no/such/place", "--model", "nano:dual"), "does not exist"),
        (("fusecap", WORLD), "fusecap does not train"),
        (("clipp", WORLD), "there is no recipe"),
    ):
        assert told in said(capsys, *words, "--out", out, status=1)[1], words
