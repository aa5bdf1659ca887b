"""`diptych run`."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from diptych.cli import usage
from diptych.cli.catalogue import recipe
from diptych.cli.forecast import forecast, warn_of_cost
from diptych.cli.forecast import tell as tell_forecast
from diptych.cli.options import add_options, chosen
from diptych.cli.running import Asked, add_run_options, announce, carry_out, models_of, stand_ins, tell
from diptych.data.errors import InputError
from diptych.engine import Pipeline
from diptych.lab.opening import opened


def run(arguments: Sequence[str]) -> int:
    """A recipe's pipeline over a dataset."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    module = recipe(words[0]) if words else None
    if module is not None and not hasattr(module, "pipeline"):
        raise InputError(f"{words[0]} has no pipeline: `diptych show {words[0]}` tells what it has")
    parser = usage.parser("diptych run", "A paper's pipeline over a dataset, into a folder that resumes.")
    parser.add_argument("recipe", help="a name from `diptych list`, or the path of a recipe file")
    parser.add_argument("source", help="a folder, table, tars, COCO JSON, run folder, or world:N?noise=.4&seed=0")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the run folder")
    parser.add_argument("--dry-run", action="store_true", help="say what it would ask of models and what that costs, and stop")
    add_run_options(parser)
    models = stand_ins(words[1], module.pipeline) if module is not None and len(words) > 1 else {}
    if module is not None:
        add_options(parser.add_argument_group(f"options of {words[0]}"), module.pipeline, models)
        parser.of = words[0]
    given = parser.parse_args(arguments)
    settings = chosen(given, module.pipeline)  # type: ignore[union-attr]
    announce({name: model for name, model in models.items() if settings[name] == model})
    pipeline = module.pipeline(**settings)  # type: ignore[union-attr]
    if given.dry_run:
        found = forecast(pipeline, opened(given.source), given.limit)
        if given.json:
            print(usage.in_json(found.as_json()))
        else:
            tell_forecast(found)
        return 0
    if any(address.startswith("openai:") for address in models_of(settings)):
        have = opened(given.source)
        have.refuse_unknown(models_of(settings))
        warn_of_cost(pipeline, have, given.limit)
    done = carry_out(_asked(given, pipeline, settings))
    if given.json:
        print(usage.in_json(done.as_json()))
    else:
        tell(done)
    return 0


def _asked(given: Namespace, pipeline: Pipeline, settings: Mapping[str, Any]) -> Asked:
    return Asked(
        given.recipe,
        pipeline,
        given.source,
        given.out,
        {"recipe": given.recipe, "source": given.source, **settings},
        given.seed,
        given.limit,
        given.retry_failed,
        given.overwrite,
        given.quiet,
        given.batch,
    )
