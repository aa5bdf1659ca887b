"""The recipes: the folder is the list. A path to a Python file is a recipe too."""

import ast
import pkgutil
import sys
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import diptych.recipes
from diptych.data.errors import InputError


def names() -> list[str]:
    """All recipes, in order of the alphabet."""
    return sorted(module.name for module in pkgutil.iter_modules(diptych.recipes.__path__))


def recipe(name: str) -> ModuleType:
    """A recipe by its name, or by the path to its file (which runs the file: name only files you trust)."""
    if name.endswith(".py"):
        return _from_file(Path(name))
    if name not in names():
        near = get_close_matches(name, names(), 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(f"there is no recipe {name!r}: {hint}`diptych list` shows all; a path must end in .py")
    return import_module(f"diptych.recipes.{name}")


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}: give the path of a recipe")
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    # dataclasses look their module up by name
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def docstring(name: str) -> str:
    """A recipe's docstring, read without importing what it needs."""
    path = Path(name) if name.endswith(".py") else Path(next(iter(diptych.recipes.__path__))) / f"{name}.py"
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
