"""`diptych measure RECIPE DATA`: a paper's own protocol over a dataset, through its recipe's `measure`."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from diptych.cli import usage
from diptych.cli.catalogue import names, recipe
from diptych.cli.measured import add_output_options
from diptych.cli.options import add_options, chosen
from diptych.cli.running import announce, models_of, stand_ins
from diptych.cli.systems import dataset, refuse_voices
from diptych.data.errors import InputError
from diptych.engine import Context
from diptych.measure.catalogue import names as metrics
from diptych.measure.scores import Scored

PREFIX = "recipe:"
_OURS = ("context", "seed", "resamples")


def named(word: str) -> str | None:
    """The recipe that a word means, None for a metric: `recipe:NAME`, a path that ends in .py, or a recipe's name that no metric bears."""
    if word.startswith(PREFIX):
        return word.removeprefix(PREFIX)
    return word if word.endswith(".py") or (word not in metrics() and word in names()) else None


def parsed(name: str, arguments: Sequence[str]) -> tuple[argparse.Namespace, ModuleType, dict[str, Any]]:
    """What was asked of the recipe's `measure`: our options, the recipe, and its own settings, read from its signature."""
    module = recipe(name)
    if not hasattr(module, "measure"):
        raise InputError(f"{name} has no measure: `diptych show {name}` tells what it has")
    parser = usage.parser(f"diptych measure {PREFIX}{name}", module.measure.__doc__, allow_abbrev=False)
    parser.add_argument("names", metavar="RECIPE")
    parser.add_argument("data", metavar="DATA", help="a dataset with captions")
    parser.add_argument("--self-check", action="store_true", help="let models judge captions that their own family made")
    add_output_options(parser)
    words = [word for word in arguments if not word.startswith("-")]
    models = stand_ins(words[1], module.measure) if len(words) > 1 else {}
    add_options(parser.add_argument_group(f"options of {name}"), module.measure, models, without=_OURS)
    given = parser.parse_args(arguments)
    settings = chosen(given, module.measure, without=_OURS)
    announce({option: model for option, model in models.items() if settings.get(option) == model})
    return given, module, settings


def measure_recipe(given: argparse.Namespace, module: ModuleType, settings: dict[str, Any]) -> tuple[dict[str, Scored], dict[str, Any]]:
    """What the recipe's `measure` gives over the rows kept, and their captions; rows dropped or failed are counted in `how`."""
    data = dataset(given.data, given.seed)
    if not given.self_check:
        refuse_voices(settings, data)
    rows = [row for row in data.rows if row.status.kind == "kept"]
    context = Context(data.opened.opener, data.opened.pictures, given.seed)
    found: list[Scored] = module.measure(rows, context=context, **settings, seed=given.seed, resamples=given.resamples)
    if not found:
        raise InputError(
            f"{given.names} gave no result over these rows: `diptych show {module.__name__.rpartition('.')[2]}` tells its needs"
        )
    lost = len(data.rows) - len(rows)
    notes = [f"{lost} of {len(data.rows)} rows dropped, failed or unreadable, left out"] if lost else []
    notes += [f"by {model}" for model in dict.fromkeys(models_of(settings))]
    found = [replace(one, result=replace(one.result, how="; ".join((one.result.how, *notes)))) for one in found]
    return {one.name: one for one in found}, {row.id: tuple(c.text for c in row.standing()) for row in rows}
