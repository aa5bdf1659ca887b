"""`diptych run`."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from diptych.cli.catalogue import recipe
from diptych.cli.options import add_options, chosen
from diptych.cli.running import Asked, add_run_options, announce, carry_out, stand_ins, tell
from diptych.data.errors import InputError


def run(arguments: Sequence[str]) -> int:
    """A recipe's pipeline over a dataset."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    module = recipe(words[0]) if words else None
    if module is not None and not hasattr(module, "pipeline"):
        raise InputError(f"{words[0]} has no pipeline: `diptych show {words[0]}` tells what it has")
    parser = argparse.ArgumentParser(prog="diptych run", description="A paper's pipeline over a dataset, into a folder that resumes.")
    parser.add_argument("recipe", help="a name from `diptych list`, or the path of a recipe file")
    parser.add_argument("source", help="a folder, table, tars, COCO JSON, run folder, or world:N?noise=.4&seed=0")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the run folder")
    add_run_options(parser)
    models = stand_ins(words[1], module.pipeline) if module is not None and len(words) > 1 else {}
    if module is not None:
        add_options(parser.add_argument_group(f"options of {words[0]}"), module.pipeline, models)
    given = parser.parse_args(arguments)
    settings = chosen(given, module.pipeline)  # type: ignore[union-attr]
    announce({name: model for name, model in models.items() if settings[name] == model})
    done = carry_out(
        Asked(
            given.recipe,
            module.pipeline(**settings),  # type: ignore[union-attr]
            given.source,
            given.out,
            {"recipe": given.recipe, "source": given.source, **settings},
            given.seed,
            given.limit,
            given.retry_failed,
            given.overwrite,
            given.quiet,
        )
    )
    if given.json:
        print(json.dumps(done.as_json()))
    else:
        tell(done)
    return 0
