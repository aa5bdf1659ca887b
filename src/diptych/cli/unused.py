"""Options of `diptych measure` that no metric asked for takes: refused, since a number would look as if they had gone into it."""

import argparse
from collections.abc import Sequence

from diptych.cli.inputs import MODELS, READERS
from diptych.cli.scoring import Wanted
from diptych.data.errors import InputError
from diptych.measure.catalogue import CATALOGUE

_SPELT = {"mentions": "synonyms"}


def refuse_unused(given: argparse.Namespace, asked: Sequence[Wanted]) -> None:
    """InputError for the first option that none of the ways taken asks for, with the metrics that do."""
    taken = {name for one in asked for name in one.way.inputs}
    if given.save_frequencies:
        taken.add("tokenizer")
    for name in (*READERS, *MODELS, "answers"):
        if getattr(given, name) is None or name in taken:
            continue
        users = [known for known, metric in CATALOGUE.items() if any(name in way.inputs for way in metric.ways)]
        option, names = f"--{_SPELT.get(name, name).replace('_', '-')}", given.names.split(",")
        if any(metric in users for metric in (one.family for one in asked)):
            raise InputError(f"{option} is not used by {', '.join(names)} beside the other options given: leave it out, or leave them out")
        none = f"{names[0]} does not take it" if len(names) == 1 else f"none of {', '.join(names)} takes it"
        raise InputError(f"{option} is used by {', '.join(users)}; {none}: leave it out")
