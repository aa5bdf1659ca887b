"""The contract of every recipe."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from diptych.cli.catalogue import docstring, names, recipe
from diptych.cli.options import keywords
from diptych.cli.running import stand_ins
from diptych.engine import read_run, run
from diptych.lab.lab import Lab
from diptych.lab.opening import opened

MODELS = {"captioners", "captioner", "detector", "answerer", "ocr", "matcher", "segmenter", "depth", "writer"}
WORLD = "world:12?noise=.4&seed=1"


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
def test_models_have_no_default(name: str) -> None:
    for option, argument in keywords(recipe(name).pipeline).items():
        if option in MODELS:
            assert argument.default in (inspect.Parameter.empty, None), f"{option} has a default"


@pytest.mark.parametrize("name", names())
def test_pipeline_runs_twice_the_same(name: str, tmp_path: Path) -> None:
    assert finished(name, tmp_path / "one") == finished(name, tmp_path / "two")


@pytest.mark.parametrize("name", names())
def test_effect_calls_the_recipes_own_functions(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = recipe(name)
    called: list[str] = []
    for function in ("pipeline", "train", "measure"):
        original = getattr(module, function, None)
        if original is not None:
            monkeypatch.setattr(module, function, lambda _name=function, _do=original, **options: called.append(_name) or _do(**options))
    effect = module.effect(Lab(name, (0,), 6, "small", quiet=True))
    assert called, "the effect is measured without the recipe's functions"
    assert effect.recipe == name and effect.oracle is not None and effect.chance is not None
    assert {effect.difference.method, effect.difference.baseline} <= {arm.name for arm in effect.arms}
    assert all(points for points in effect.sweep.values()) and effect.why.startswith("smoke run")


@pytest.mark.parametrize("name", names())
def test_a_recipe_is_short_and_sees_no_truth(name: str) -> None:
    source = Path(recipe(name).__file__ or "").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 150
    imported = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert not {module for module in imported if module and module.startswith("diptych.world")}
