"""`diptych measure NAMES`: reads what is measured, takes the metrics, gives the results."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from diptych.cli import usage
from diptych.cli.agreement import against_humans
from diptych.cli.inputs import makers, save_frequencies
from diptych.cli.measure_options import parser
from diptych.cli.measured import Differences, Found, in_json, store, tell
from diptych.cli.scoring import Settings, compared, measured, wanted
from diptych.cli.systems import System, dataset, several, systems
from diptych.cli.unused import any_way, refuse_alone, refuse_unused
from diptych.data.errors import InputError
from diptych.measure.catalogue import names


def run(arguments: Sequence[str]) -> int:
    """Measures what is asked for."""
    if (name := _recipe(arguments)) is not None:
        return _of_recipe(name, arguments)
    given = parser().parse_args(arguments)
    _check(given)
    refuse_alone(given)
    if given.against_humans:
        refuse_unused(given, any_way(given.names))
        return against_humans(given, makers(given, None))
    data = dataset(given.data, given.seed) if given.data else None
    have = makers(given, data)
    asked = wanted([name for name in given.names.split(",") if name], have)
    refuse_unused(given, asked)
    settings = Settings(given.seed, given.resamples, given.subset)
    shown = systems(given, data)
    references = have["references"](shown[0]) if "references" in have else {}
    save_frequencies(given, references)
    found: Found = {system.name: measured(asked, system, have, settings) for system in shown}
    apart: Differences = compared(found, given.seed) if len(found) > 1 and not given.runs else {}
    if given.runs:
        shown, found, apart = _over_runs(given, shown, found)
    _give(given, arguments, shown, found=found, apart=apart, references=references)
    return 0


def _over_runs(given: argparse.Namespace, shown: list[System], found: Found) -> tuple[list[System], Found, Differences]:
    """Systems, results and differences where each --candidates names the runs of one system."""
    if not given.candidates:
        raise InputError("--runs takes the files of one system's runs in each --candidates")
    from diptych.cli.runs import apart_over_runs, grouped, over_runs

    groups = grouped(shown, [len(several(said)) for said in given.candidates])
    first = {system.name: system for system in shown}
    apart = apart_over_runs(found, groups, given.seed) if len(groups) > 1 else {}
    together = over_runs(found, groups, given.seed, given.resamples)
    return [replace(first[runs[0]], name=name) for name, runs in groups.items()], together, apart


def _check(given: argparse.Namespace) -> None:
    if given.resamples < 0:
        raise InputError(f"--resamples must be 0 or more, got {given.resamples}: 0 gives no intervals")
    if given.out:
        usage.writable(given.out)


def _give(
    given: argparse.Namespace, arguments: Sequence[str], shown: Sequence[System], *, found: Found, apart: Differences,
    references: Mapping[str, Sequence[str]],
) -> None:  # fmt: skip
    """Prints the results, and writes them where a folder is named."""
    if given.json:
        print(usage.in_json(in_json(found, apart, given.per_image)))
    else:
        tell(found, apart, given.per_image)
    if given.out:
        command = " ".join(["diptych measure", *arguments])
        page = store(given.out, command, shown, found=found, apart=apart, references=references)
        print(usage.visible(f"drawn in {page}"), file=sys.stderr)


def _recipe(arguments: Sequence[str]) -> str | None:
    """The recipe that is asked for; what knows recipes is imported only where the first word is no metric."""
    word = next((word for word in arguments if not word.startswith("-")), "facts")
    if set(word.split(",")) <= set(names()):
        return None
    from diptych.cli.recipe_measure import named

    return named(word)


def _of_recipe(name: str, arguments: Sequence[str]) -> int:
    from diptych.cli.recipe_measure import measure_recipe, parsed

    given, module, settings = parsed(name, arguments)
    _check(given)
    found, texts = measure_recipe(given, module, settings)
    _give(given, arguments, [System(name, texts)], found={name: found}, apart={}, references={})
    return 0
