"""The contract of every recipe."""

import ast
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from diptych.cli.catalogue import docstring, names, recipe
from diptych.cli.options import keywords
from diptych.cli.running import stand_ins
from diptych.data.errors import AddressError, InputError
from diptych.data.records import Record
from diptych.engine import read_run, run
from diptych.lab.cases import Cases
from diptych.lab.lab import Lab
from diptych.lab.opening import opened
from diptych.lab.writers import graded, written
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.language_model import LanguageModel, LanguageModelConfig
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.models.words import word_tokenizer
from diptych.train.data import Data, Inputs

MODELS = {"captioners", "captioner", "detector", "answerer", "ocr", "matcher", "segmenter", "depth", "writer"}
MODELS |= {"painter", "comparer", "embedder", "entailer", "judge", "critic", "reader", "model", "encoder", "encoders"}
PARTS = ("pipeline", "train", "measure")
PIPELINES = [name for name in names() if hasattr(recipe(name), "pipeline")]
TRAININGS = [name for name in names() if hasattr(recipe(name), "train")]
MEASURES = [name for name in names() if hasattr(recipe(name), "measure")]
TRAINS = [name for name in names() if hasattr(recipe(name), "train")]
WORLD = "world:12?noise=.4&seed=1&questions=1&paragraph=0.5"


def finished(name: str, out: Path) -> list:
    module = recipe(name)
    have = opened(WORLD, 1)
    pipeline = module.pipeline(**stand_ins(WORLD, module.pipeline))
    summary = run(pipeline, have.source, out, opener=have.opener, pictures=have.pictures, seed=1, progress=False)
    assert summary.rows()["failed"] == 0 and summary.rows()["kept"] > 0
    return list(read_run(out))


@pytest.mark.parametrize("name", names())
def test_docstring_names_the_paper_and_what_differs(name: str) -> None:
    said = docstring(name)
    paper = recipe(name).PAPER
    assert f"arXiv:{paper.arxiv}" in said and str(paper.year) in said
    assert re.search(r"^Same: ", said, re.M) and re.search(r"^Different: ", said, re.M)
    assert paper.arxiv in paper.bibtex(name) and paper.title in paper.bibtex(name)


@pytest.mark.parametrize("name", names())
def test_a_recipe_does_something_and_shows_its_effect(name: str) -> None:
    assert any(hasattr(recipe(name), part) for part in PARTS) and hasattr(recipe(name), "effect")
    assert {*PIPELINES, *TRAININGS, *MEASURES} == set(names())  # no recipe escapes the tests below


@pytest.mark.parametrize("name", names())
def test_models_have_no_default(name: str) -> None:
    for part in PARTS:
        for option, argument in keywords(getattr(recipe(name), part, lambda: None)).items():
            if option in MODELS:
                assert argument.default in (inspect.Parameter.empty, None), f"{option} of {part} has a default"


@pytest.mark.parametrize("name", PIPELINES)
def test_pipeline_runs_twice_the_same(name: str, tmp_path: Path) -> None:
    assert finished(name, tmp_path / "one") == finished(name, tmp_path / "two")


def measured(name: str, records: Sequence[Record], cases: Cases) -> list[tuple[Any, ...]]:
    measure = recipe(name).measure
    needs = {"context": cases.context} if "context" in keywords(measure) else {}
    found = measure(records, **stand_ins(WORLD, measure), **needs, resamples=50)
    return [(one.result, one.ids, one.values_N.tolist()) for one in found]


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_gives_every_record_a_value_twice_the_same_and_in_any_order(name: str) -> None:
    """Floors are drawn by ids, not by order. (A bag is named by its first image, so that turned round its rows have other names.)"""
    made = written(graded(1, recall=(0.7, 0.7)), bags=7, references=2)
    cases, again = made(3, 8), made(3, 8)
    records = [case.record for case in cases.listed]
    found = measured(name, records, cases)
    assert found and str(found) == str(measured(name, [case.record for case in again.listed], again))
    backwards = {result.name: dict(zip(ids, values, strict=True)) for result, ids, values in measured(name, records[::-1], cases)}
    for result, ids, values in found:
        assert result.n > 0 and result.how and len(set(ids)) == len(ids)
        if set(ids) == set(backwards[result.name]):
            same = [backwards[result.name][id] for id in ids]
            assert values == pytest.approx(same, nan_ok=True)


def watched(name: str, original: Callable[..., Any], called: list[str]) -> Callable[..., Any]:
    @wraps(original)
    def call(*given: Any, **options: Any) -> Any:
        called.append(name)
        return original(*given, **options)

    return call


@pytest.mark.parametrize("name", [name for name in names() if name not in TRAINS])
def test_effect_calls_the_recipes_own_functions(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = recipe(name)
    called: list[str] = []
    for function in PARTS:
        original = getattr(module, function, None)
        if original is not None:
            monkeypatch.setattr(module, function, watched(function, original, called))
    effect = module.effect(Lab(name, (0,), 6, "small", quiet=True, workers=0))
    here = {part for part in PARTS if hasattr(module, part)}
    assert set(called) == here, "the effect is measured without the recipe's functions"
    assert effect.recipe == name and effect.oracle is not None and effect.chance is not None
    assert {effect.difference.method, effect.difference.baseline} <= {arm.name for arm in effect.arms}
    assert all(points for points in effect.sweep.values()) and effect.why.startswith("smoke run")


@pytest.mark.parametrize("name", names())
def test_a_recipe_is_short_and_sees_no_truth(name: str) -> None:
    source = Path(recipe(name).__file__ or "").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 150
    imported = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert not {module for module in imported if module and module.startswith("diptych.world")}


def called_from(tree: ast.Module, start: str) -> set[str]:
    """Every function of the file that `start` reaches, by calling it or handing it on, through any of the others."""
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    reached, waiting = {start}, [start]
    while waiting:
        inner = ast.walk(bodies[waiting.pop()])
        new = {node.id for node in inner if isinstance(node, ast.Name) and node.id in bodies} - reached
        reached |= new
        waiting += new
    return reached


@pytest.mark.parametrize("name", TRAINS)
def test_a_trained_effect_calls_the_recipes_own_train(name: str) -> None:
    """Its seeds run in other processes and take minutes, so that the file is read instead: `effect` reaches `train`, and no other loop."""
    tree = ast.parse(Path(recipe(name).__file__ or "").read_text(encoding="utf-8"))
    parts = {part for part in PARTS if hasattr(recipe(name), part)}
    assert parts <= called_from(tree, "effect"), "the effect is measured without the recipe's functions"
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert "trained" in {func.attr for func in calls if isinstance(func, ast.Attribute)}, "a trained effect is `lab.trained`"
    for call in calls:
        assert not (isinstance(call, ast.Attribute) and call.attr in ("backward", "step")), "there is one loop"


# the least that each recipe can be trained with, and what it starts from
TINY: dict[str, dict[str, Any]] = {
    "align": {"model": "nano:dual", "batch": 6, "updates": 2},
    "clip": {"model": "nano:dual", "batch": 6, "updates": 2},
    "clip_reward": {"captioner": "hf:CAPTIONER", "encoder": "hf:ENCODER", "batch": 4, "updates": 1, "draws": 2, "grammar_batch": 4,
                    "grammar_updates": 1},
    "close": {"encoder": "hf:ENCODER", "language": "hf:LANGUAGE", "batch": 6, "updates": 2, "adapter": "covariance"},
    "count_to_ten": {"encoder": "hf:ENCODER", "batch": 6, "updates": 2, "share": 0.5},
    "guidance": {"captioner": "hf:CAPTIONER", "batch": 6, "updates": 2},
    "noise_aware": {"captioner": "nano:prefix", "encoders": ("hf:ENCODER",), "batch": 6, "updates": 2, "levels": 2},
    "sitta": {"encoder": "hf:ENCODER", "language": "hf:LANGUAGE"},
}  # fmt: skip


@pytest.fixture(scope="module")
def tiny_world() -> Any:
    """A dozen scenes that a tiny random tower looked at, and the tokenizer of their captions."""
    have = opened("world:12?seed=3&size=64&things=2-4")
    counted = cycle(("two red cones", "three mugs and a ball", "a blue tree", "four small cars"))
    rows = [replace(row, captions=(replace(row.captions[0], text=text),)) for row, text in zip(have.source, counted, strict=False)]
    data = Data(rows, have.pictures)
    words = word_tokenizer([*(text for row in range(len(data)) for text in data.texts(row)), "five six seven eight nine ten"])
    tokens = np.random.default_rng(0).standard_normal((len(rows), 64, 128)).astype(np.float16)
    return data.taking(Inputs(words, columns=("tokens",))).having(tokens=tokens)


@pytest.fixture(scope="module")
def starts(tiny_world: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of an untrained encoder and captioner."""
    torch.manual_seed(0)
    words = tiny_world.inputs.tokenizer
    models = {
        "ENCODER": DualEncoder(DualEncoderConfig(vocabulary=len(words), width=32, blocks=1, dimension=16, reads_tokens=True)),
        "LANGUAGE": LanguageModel(LanguageModelConfig(vocabulary=len(words), width=32, blocks=1, heads=2)),
        "CAPTIONER": PrefixCaptioner(PrefixCaptionerConfig(vocabulary=len(words), width=32, blocks=1, heads=2)),
    }
    found = {}
    for name, model in models.items():
        folder = tmp_path_factory.mktemp(name.lower())
        model.save_pretrained(folder)
        words.save_pretrained(folder)
        found[name] = str(folder)
    return found


def trained(name: str, data: Any, settings: dict[str, Any], out: Path) -> dict[str, bytes]:
    """The weights that a recipe leaves, by file."""
    folder = recipe(name).train(data, out=out, seed=1, **settings)
    assert folder == out and (out / "config.json").is_file(), "a training leaves a folder that from_pretrained opens"
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.safetensors"))}


@pytest.mark.parametrize("name", TRAINS)
def test_train_gives_the_same_weights_twice(name: str, tiny_world: Any, starts: dict[str, str], tmp_path: Path) -> None:
    assert name in TINY, "tell in TINY the least that the recipe can be trained with"
    settings = {key: _started(value, starts) for key, value in TINY[name].items()}
    once, again = (trained(name, tiny_world, settings, tmp_path / place) for place in ("one", "two"))
    assert once and once == again


def test_a_recipe_that_stopped_between_its_trainings_goes_on(tiny_world: Any, starts: dict[str, str], tmp_path: Path) -> None:
    settings = {key: _started(value, starts) for key, value in TINY["clip_reward"].items()}
    with pytest.raises(AddressError, match="no captioner to train"):
        trained("clip_reward", tiny_world, settings | {"captioner": "hf:nowhere"}, tmp_path / "out")
    grammar = (tmp_path / "out" / "grammar" / "model.safetensors").read_bytes()
    found = trained("clip_reward", tiny_world, settings, tmp_path / "out")
    assert found["grammar/model.safetensors"] == grammar and "model.safetensors" in found


def _started(value: Any, starts: dict[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_started(one, starts) for one in value)
    scheme, _, name = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    return f"{scheme}:{starts[name]}".lstrip(":") if name in starts else value


def test_truematch_names_what_records_without_bags_lack() -> None:
    made = written(graded(1, recall=(0.7, 0.7)), references=0)(3, 8)
    with pytest.raises(InputError, match="no 7 records name one bag"):
        measured("truematch", [case.record for case in made.listed], made)
