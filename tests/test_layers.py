"""Imports point down only, packages of one level never import each other, and torch stays out of what must start fast."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "diptych"
LAYERS = (
    {"data"},
    {"language", "engine", "arrays"},
    {"models", "report"},
    {"measure"},
    {"world", "write", "check", "curate", "train"},
    {"lab"},
    {"recipes", "app"},
    {"cli"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(ROOT.rglob("*.py"))
BASE = {"numpy", "pyarrow", "PIL", "diptych"}


def imported(path: Path) -> set[str]:
    """Every module a file imports, by its absolute name, wherever in the file and however it is written."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = ("diptych", *path.relative_to(ROOT).parts[:-1])
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            names.add(module)
            if module == "diptych" or node.module is None:
                names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own not in LEVEL:
        return  # the package's face
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "diptych" and len(parts) > 1 and parts[1] in LEVEL and parts[1] != own:
            assert LEVEL[parts[1]] < LEVEL[own], f"{path.name}: {own} imports {parts[1]}, which is not below it"


def test_every_package_has_a_level() -> None:
    packages = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert packages <= set(LEVEL)


def test_data_needs_only_numpy_pyarrow_and_pillow() -> None:
    for path in (ROOT / "data").rglob("*.py"):
        tops = {name.split(".")[0] for name in imported(path)}
        assert tops <= BASE | set(sys.stdlib_module_names), f"{path.name} imports {tops - BASE - set(sys.stdlib_module_names)}"


def test_torch_only_from_models_upwards() -> None:
    for path in FILES:
        own = path.relative_to(ROOT).parts[0]
        if LEVEL.get(own, 0) < LEVEL["models"]:
            assert not {name for name in imported(path) if name.split(".")[0] == "torch"}, path


def test_the_checker_sees_upward_relative_and_sibling_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = ROOT / "data" / "never_written.py"
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: "from ..world import scenes\nfrom .. import lab\nimport diptych.cli")
    assert {"diptych.world", "diptych.lab", "diptych.cli"} <= imported(inner)
