"""Options of `diptych measure` that no metric asked for takes: refused, since a number would look as if they had gone into it."""

import argparse
from collections.abc import Sequence

from diptych.cli.inputs import MODELS, READERS
from diptych.cli.scoring import Wanted
from diptych.data.errors import InputError
from diptych.measure.catalogue import CATALOGUE, family

_WITH_OTHERS = {  # option: those without which it says nothing
    "candidate_column": ("candidates",),
    "reference_columns": ("references",),
    "by": ("against_humans",),
}
_SPELT = {"mentions": "synonyms"}


def refuse_alone(given: argparse.Namespace) -> None:
    """InputError for an option that says nothing without another, and for captions beside ratings, which hold their own."""
    for name, others in _WITH_OTHERS.items():
        if getattr(given, name) is not None and not any(getattr(given, other) for other in others):
            raise InputError(f"{_option(name)} goes with {' or '.join(map(_option, others))}: give it too, or leave {_option(name)} out")
    if given.against_humans:
        for name in ("candidates", "references", "answers", "references_captions"):
            if getattr(given, name):
                raise InputError(f"{_option(name)} is not used with --against-humans, whose ratings hold their captions: leave it out")


def any_way(names: str) -> list[Wanted]:
    """Every way of the metrics named, where what is there is not known before."""
    families = {family(name)[0] for name in names.split(",") if name}
    return [Wanted((), way, known) for known in families for way in CATALOGUE[known].ways]


def _option(name: str) -> str:
    return f"--{_SPELT.get(name, name).replace('_', '-')}"


def refuse_unused(given: argparse.Namespace, asked: Sequence[Wanted]) -> None:
    """InputError for the first option that none of the ways taken asks for, with the metrics that do."""
    taken = {name for one in asked for name in one.way.inputs}
    if given.save_frequencies:
        taken.add("tokenizer")
    for name in (*READERS, *MODELS, "answers"):
        if getattr(given, name) is None or name in taken:
            continue
        users = [known for known, metric in CATALOGUE.items() if any(name in way.inputs for way in metric.ways)]
        option, names = _option(name), given.names.split(",")
        if any(metric in users for metric in (one.family for one in asked)):
            raise InputError(f"{option} is not used by {', '.join(names)} beside the other options given: leave it out, or leave them out")
        none = f"{names[0]} does not take it" if len(names) == 1 else f"none of {', '.join(names)} takes it"
        raise InputError(f"{option} is used by {', '.join(users)}; {none}: leave it out")
