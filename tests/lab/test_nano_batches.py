"""What the nano heads train on: every caption once an episode, those of like length together; and the script that trains them."""

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from diptych.data.draws import generator
from diptych.lab import nano_batches
from diptych.lab.nano_batches import Captions, alike, scenes
from diptych.lab.nano_texts import STYLES
from diptych.train.data import PIXELS, Data
from diptych.train.saving import read_about

SCENES, WORDS = 12, 9
SCRIPT = Path(__file__).parents[2] / "scripts" / "train_nano.py"


def data() -> Data:
    """Captions whose words tell scene and style; of random lengths."""
    rng = np.random.default_rng(0)
    true = np.zeros((SCENES, len(STYLES), WORDS), np.int16)
    false = np.zeros((SCENES, 2, WORDS), np.int16)
    for scene in range(SCENES):
        for style in range(len(STYLES)):
            true[scene, style, : rng.integers(2, WORDS + 1)] = 10 * scene + style + 1
        false[scene] = [[1000 + scene] * WORDS, [2000 + scene] * 3 + [0] * (WORDS - 3)]
    return scenes(tokens=rng.normal(size=(SCENES, 2, 3)).astype(np.float16)).having(true=true, false=false)


def drawn(maker: Captions, known: Data, episode: int = 0) -> list[Any]:
    return list(maker(None, known, generator(0, "try", episode), episode))


def test_an_episode_has_every_scene_once_for_each_named_style() -> None:
    known = data()
    batches = drawn(Captions(6, ("short", "short", "alt")), known)
    entries = [(int(row), int(style)) for batch in batches for row, style in zip(batch.rows, batch.arrays["style"], strict=True)]
    once = [(scene, style) for scene in range(SCENES) for style in (0, 0, 3)]
    assert sorted(entries) == sorted(once)
    for batch in batches:
        tensors = known.tensors(batch)
        assert tensors["tokens"].numpy().tolist() == known.columns["tokens"][batch.rows].tolist()
        assert tensors["rows"].tolist() == batch.rows.tolist()
        ids = tensors["text_ids"].numpy()
        expected = known.columns["true"][batch.rows, batch.arrays["style"]]
        assert (ids == expected[:, : ids.shape[1]]).all() and (expected[:, ids.shape[1] :] == 0).all()
        assert ids[:, -1].any() and (tensors["text_mask"].numpy() == (ids != 0)).all()


def test_false_captions_are_of_the_first_third_and_of_their_scenes() -> None:
    known, seen = data(), set()
    for batch in drawn(Captions(9, false=True), known):
        wrong = batch.arrays["wrong_ids"]
        assert (wrong[3:] == 0).all() and len(wrong) == 9
        assert (wrong[:3, 0] % 1000 == batch.rows[:3]).all()
        seen |= set(wrong[:3, 0] // 1000)
    assert seen == {1, 2}


def test_the_order_is_another_in_every_episode_and_hangs_on_seed_and_episode_alone() -> None:
    first, again, other = (drawn(Captions(6), data(), episode) for episode in (0, 0, 1))
    assert [batch.digest() for batch in first] == [batch.digest() for batch in again]
    assert {batch.digest() for batch in first}.isdisjoint({batch.digest() for batch in other})


def test_those_of_like_length_share_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = np.random.default_rng(1).permutation(np.repeat(np.arange(8), 8))
    found = list(alike(lengths, 8, generator(0)))
    assert sorted(np.concatenate(found).tolist()) == list(range(64))
    assert all(len(set(lengths[part])) == 1 for part in found)
    assert [lengths[part[0]] for part in found] != sorted(lengths[part[0]] for part in found)  # not the short ones first
    monkeypatch.setattr(nano_batches, "TOGETHER", 2)
    near = list(alike(lengths[:60], 8, generator(0)))
    assert len(near) == 7 and sorted(np.concatenate(near[:2]).tolist()) == list(range(16))


@pytest.fixture
def script() -> ModuleType:
    spec = spec_from_file_location("train_nano", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["train_nano"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("only", ["region", "heads"])
def test_the_script_trains_scores_and_goes_on(
    only: str, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"region": ("region",), "heads": script.HEADS}[only]
    words = f"train_nano --only {only} --scenes 8 --held 4 --updates 3 --batch 4 --workers 1 --out {tmp_path}"
    monkeypatch.setattr(sys, "argv", words.split())
    script.main()
    first = [part for part in capsys.readouterr().out.splitlines() if part.startswith(tuple(f"{name}, " for name in names))]
    assert len(first) == len(names) * len(script.HELD)
    for name in names:
        assert read_about(tmp_path / "training" / name)["plan"][0].startswith(f"Stage(name='{name}'")
        assert json.loads((tmp_path / f"{name}.json").read_text())["updates"] == 3
        assert (tmp_path / name / "model.safetensors").stat().st_size < (tmp_path / "training" / name / "model.safetensors").stat().st_size

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("trained twice")

    monkeypatch.setattr("diptych.train.loop.opened_run", never)
    script.main()
    again = [part for part in capsys.readouterr().out.splitlines() if part in first]
    assert again == first


def test_pixels_may_be_a_column() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    known = scenes(**{PIXELS: pixels})
    found = known.pixels(np.array([2, 0]))
    assert found.shape == (2, 3, 8, 8)
    assert np.allclose(found.numpy(), pixels[[2, 0]].transpose(0, 3, 1, 2) / 127.5 - 1, atol=1e-6)
