"""The recipes: the folder is the list. A path to a Python file is a recipe too."""

import ast
import pkgutil
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import diptych.recipes
from diptych.data.errors import InputError
from diptych.lab.papers import Paper

PARTS = ("pipeline", "train", "measure", "effect")
DOES = {"pipeline": "runs", "train": "trains", "measure": "measures"}
EXTRA = ("torch", "transformers", "accelerate", "peft", "safetensors", "tokenizers")  # what `diptych[models]` brings
_OURS = {"pipeline": (), "train": ("out", "seed", "settings"), "measure": ("context",), "effect": ()}  # options that the command makes


def names() -> list[str]:
    """All recipes, in order of the alphabet."""
    return sorted(module.name for module in pkgutil.iter_modules(diptych.recipes.__path__))


def recipe(name: str) -> ModuleType:
    """A recipe by its name, or by the path to its file (which runs the file: name only files you trust)."""
    if name.endswith(".py"):
        return _from_file(Path(name))
    if name not in names():
        raise _unknown(name)
    try:
        return import_module(f"diptych.recipes.{name}")
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        raise needs_models(name, error) from error


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise _unknown(str(path))
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    # dataclasses look their module up by name
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name in EXTRA:
            raise needs_models(str(path), error) from error
        raise InputError(f"{path} cannot be run as a recipe ({type(error).__name__}: {error}): correct it, --debug shows where") from error
    return module


def needs_models(what: str, error: ModuleNotFoundError) -> InputError:
    """The error that names the extra which one of its packages is missing from."""
    return InputError(f"{what} needs {error.name}, which is not installed: pip install 'diptych[models]'")


def paper(name: str) -> Paper | None:
    """The paper that a recipe names, read without running anything where its parts are plain values."""
    for node in _tree(name).body:
        if isinstance(node, ast.Assign) and (made := _assigned(node).get("PAPER")) and isinstance(made, ast.Call):
            try:
                return Paper(
                    *map(ast.literal_eval, made.args), **{key.arg: ast.literal_eval(key.value) for key in made.keywords if key.arg}
                )
            except (ValueError, TypeError):
                break
    return getattr(recipe(name), "PAPER", None)


@dataclass(frozen=True, slots=True)
class Described:
    """One function of a recipe, as its file says: name, first paragraph, and options as (name, type, default or None)."""

    name: str
    does: str
    options: tuple[tuple[str, str, str | None], ...]


def docstring(name: str) -> str:
    """A recipe's docstring, read without running anything."""
    return ast.get_docstring(_tree(name)) or ""


def functions(name: str) -> list[Described]:
    """The recipe's pipeline, train, measure and effect, read without running anything: importing takes its time."""
    tree = _tree(name)
    return [_described(node, tree) for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in PARTS]


def _described(node: ast.FunctionDef, tree: ast.Module) -> Described:
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    options = tuple(
        (argument.arg, _in_words(argument.annotation, tree) if argument.annotation else "", _in_words(default, tree) if default else None)
        for argument, default in pairs
        if argument.arg not in _OURS[node.name]
    )
    return Described(node.name, " ".join((ast.get_docstring(node) or "").split("\n\n", maxsplit=1)[0].split()), options)


def _in_words(value: ast.expr, tree: ast.Module) -> str:
    """A default or a type in words; that of a constant is its value, also where another file of ours assigns it."""
    if isinstance(value, ast.JoinedStr):
        parts = (_in_words(part.value if isinstance(part, ast.FormattedValue) else part, tree).strip("'") for part in value.values)
        return repr("".join(parts))
    if not isinstance(value, ast.Name):
        return ast.unparse(value)
    for node in tree.body:
        if isinstance(node, ast.Assign) and (assigned := _assigned(node).get(value.id)):
            return _in_words(assigned, tree)
        if isinstance(node, ast.ImportFrom) and node.module and value.id in [alias.name for alias in node.names]:
            path = Path(next(iter(diptych.recipes.__path__))).parents[1] / f"{node.module.replace('.', '/')}.py"
            return _in_words(value, ast.parse(path.read_text(encoding="utf-8"))) if path.is_file() else value.id
    return value.id


def _assigned(node: ast.Assign) -> dict[str, ast.expr]:
    """What each name is given, also by `A, B = 1, 2`."""
    to, given = node.targets[0], node.value
    pairs = zip(to.elts, given.elts, strict=False) if isinstance(to, ast.Tuple) and isinstance(given, ast.Tuple) else [(to, given)]
    return {name.id: value for name, value in pairs if isinstance(name, ast.Name)}


def _tree(name: str) -> ast.Module:
    path = Path(name) if name.endswith(".py") else Path(next(iter(diptych.recipes.__path__))) / f"{name}.py"
    if not path.is_file():
        raise _unknown(name)
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{path} is no Python file ({error}): correct it") from error


def _unknown(name: str) -> InputError:
    if name.endswith(".py"):
        return InputError(f"there is no file {name!r}: give the path of a recipe")
    near = get_close_matches(name, names(), 1)
    hint = f"did you mean {near[0]}? " if near else ""
    return InputError(f"there is no recipe {name!r}: {hint}`diptych list` shows all; a path must end in .py")
