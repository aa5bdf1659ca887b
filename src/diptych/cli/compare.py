"""`diptych compare`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from diptych.cli import usage
from diptych.cli.catalogue import recipe
from diptych.cli.options import add_options, chosen
from diptych.cli.running import Asked, Done, add_run_options, announce, carry_out, console, stand_ins
from diptych.data.errors import InputError
from diptych.measure.table import table


def compare(arguments: Sequence[str]) -> int:
    """Several recipes' pipelines over the same rows, side by side."""
    front = usage.parser("diptych compare", compare.__doc__, add_help=False)
    front.add_argument("recipes", nargs="*", metavar="RECIPE")
    front.add_argument("--on", metavar="SOURCE", help="a folder, table, tars, COCO JSON, run folder, or world:N?noise=.4&seed=0")
    front.add_argument("--out", type=Path, metavar="DIR", help="one run folder a recipe is made in it")
    add_run_options(front)
    first, rest = front.parse_known_args(arguments)
    if "--help" in rest or "-h" in rest:
        front.print_help()
        return 0
    if len(first.recipes) < 2 or not first.on or not first.out:
        raise InputError("compare takes two RECIPEs or more, --on SOURCE and --out DIR")
    if len({Path(name).stem for name in first.recipes}) < len(first.recipes):
        raise InputError(
            f"two recipes have one name among {', '.join(first.recipes)}: name each once, since each gets a folder of its name"
        )
    modules = {name: recipe(name) for name in first.recipes}
    if lacking := [name for name, module in modules.items() if not hasattr(module, "pipeline")]:
        raise InputError(f"{', '.join(lacking)} has no pipeline: `diptych show {lacking[0]}` tells what it has")
    settings, left = {}, set(rest)
    for name, module in modules.items():
        settings[name], unknown = _options(name, module, first.on, rest)
        left &= set(unknown)
    if left:
        raise InputError(f"no recipe named takes {' '.join(word for word in rest if word in left)}: `diptych show RECIPE` lists options")
    done = {name: _run(name, module, settings[name], first) for name, module in modules.items()}
    if first.json:
        for name, one in done.items():
            print(usage.in_json({"recipe": name, **one.as_json()}))
    else:
        _tell(done)
    return 0


def _options(name: str, module: ModuleType, source: str, rest: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """This recipe's settings, and the words that it does not know."""
    parser = usage.parser(f"diptych compare ({name})", None, add_help=False, allow_abbrev=False)
    models = stand_ins(source, module.pipeline)
    add_options(parser, module.pipeline, models)
    known, unknown = parser.parse_known_args(rest)
    settings = chosen(known, module.pipeline)
    announce({option: model for option, model in models.items() if settings[option] == model})
    return settings, unknown


def _run(name: str, module: ModuleType, settings: dict[str, Any], given: argparse.Namespace) -> Done:
    return carry_out(
        Asked(
            name,
            module.pipeline(**settings),
            given.on,
            given.out / Path(name).stem,
            {"recipe": name, "source": given.on, **settings},
            given.seed,
            given.limit,
            given.retry_failed,
            given.overwrite,
            given.quiet,
            given.batch,
        )
    )


def _tell(done: dict[str, Done]) -> None:
    screen = console(1 + len(done))
    first = next(iter(done.values()))
    screen.print(table({"source": list(first.outcome.before.values()), **{n: list(d.outcome.after.values()) for n, d in done.items()}}))
    for name, one in done.items():
        rows = one.summary.rows()
        ends = f"{rows['kept']} kept, {rows['dropped']} dropped, {rows['failed']} failed"
        line = usage.visible(f"{name}: {ends}, {one.summary.seconds:.1f} s; {one.report}")
        screen.print(line, highlight=False, markup=False, soft_wrap=True)
