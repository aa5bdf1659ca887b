"""`diptych list`, `show` and `cite`."""

import json
from collections.abc import Sequence

from diptych.cli import catalogue, usage
from diptych.data.errors import InputError
from diptych.lab.defaults import STARTS, world_models


def list_recipes(arguments: Sequence[str]) -> int:
    """The recipes there are."""
    parser = usage.parser("diptych list", "The recipes there are, one line each: whether `run`, `train` or `measure` takes them.")
    parser.add_argument("--names", action="store_true", help="names only")
    parser.add_argument("--json", action="store_true", help="one object a line")
    given = parser.parse_args(arguments)
    found = catalogue.names()
    width = max(map(len, found), default=0)
    for name in found:
        lines = catalogue.docstring(name).splitlines()
        first, source = lines[0], lines[2] if len(lines) > 2 else ""
        parts = [function.name for function in catalogue.functions(name)] if not given.names else []
        if given.json:
            print(json.dumps({"name": name, "does": first, "source": source.split(". ")[0].rstrip("."), "parts": parts}))
        else:
            does = ", ".join(word for part, word in catalogue.DOES.items() if part in parts)
            print(name if given.names else f"{name:<{width}}  {does:<8}  {first}")
    return 0


def show(arguments: Sequence[str]) -> int:
    """One recipe: its docstring, options and steps."""
    parser = usage.parser("diptych show", "What a recipe does, its options and its parts.")
    parser.add_argument("recipe", help="a name from `diptych list`, or the path of a recipe file")
    given = parser.parse_args(arguments)
    print(catalogue.docstring(given.recipe), end="\n\n")
    for function in catalogue.functions(given.recipe):
        print(f"{function.name}: {function.does}")
        for name, kind, default in function.options:
            shown = _required(function.name, name) if default is None else f"default {default}"
            print(f"  --{name.replace('_', '-'):<16} {kind:<24} {shown}")
    return 0


def _required(part: str, option: str) -> str:
    model = (STARTS if part == "train" else world_models()).get(option)
    return f"required; on a world: source {','.join(model) if isinstance(model, tuple) else model}" if model else "required"


def cite(arguments: Sequence[str]) -> int:
    """BibTeX of the recipes named, or of all."""
    parser = usage.parser("diptych cite", "BibTeX of the recipes named, or of all.")
    parser.add_argument("recipes", nargs="*", metavar="RECIPE")
    given = parser.parse_args(arguments)
    for name in given.recipes or catalogue.names():
        paper = catalogue.paper(name)
        if paper is None:
            raise InputError(f"{name} says no PAPER: a recipe file that is to be cited names one")
        print(paper.bibtex(name), end="\n\n")
    return 0
