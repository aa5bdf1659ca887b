"""The metrics by name: what each gives, which inputs it takes, and where it lives. The command, filters and rewards all read it here.

An input is a word: `candidates` (one caption an image), `captions` (any number an image), `references`, `pictures`, `objects`, `embedder`
and so on; `INPUTS` says what each is.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from diptych.data.errors import InputError

INPUTS: Mapping[str, str] = {
    "candidates": "one caption an image",
    "captions": "the captions of each image, any number",
    "said": "captions as records hold them, with the statements that they were written from",
    "references": "captions by people",
    "pictures": "the images themselves",
    "objects": "names of the objects in each image",
    "truths": "a truth that is known, as in a world: source",
    "embedder": "a model that embeds pictures and texts",
    "matcher": "a model that scores a text against a picture",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a metric: a function, its inputs by place, and its inputs by keyword (`keyword=input`, or one word for both)."""

    where: str  # module:function
    takes: tuple[str, ...] = ("candidates", "references")
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """The inputs without which it cannot be taken."""
        return (*self.takes, *(_named(one)[1] for one in self.needs))

    def keywords(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments from inputs by name; optional ones only where they are given."""
        needed = {keyword: inputs[name] for keyword, name in map(_named, self.needs)}
        return needed | {keyword: inputs[name] for keyword, name in map(_named, self.may) if inputs.get(name) is not None}

    def function(self) -> Callable[..., Any]:
        """The metric itself, imported now."""
        module, _, name = self.where.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"diptych.measure.{module}"), name)
        return found


def _named(one: str) -> tuple[str, str]:
    keyword, _, name = one.partition("=")
    return keyword, name or keyword


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of results made together. `alone`: an image's value hangs on no other image, so it can filter and reward."""

    gives: tuple[str, ...]
    does: str
    ways: tuple[Way, ...]
    alone: bool = True

    def way(self, have: Collection[str]) -> Way | None:
        """The first way whose inputs are all there."""
        return next((way for way in self.ways if set(way.required) <= set(have)), None)


_CLIP = "clipscore"
CATALOGUE: Mapping[str, Metric] = {
    "facts": Metric(
        ("fact_precision", "fact_recall", "fact_f1"),
        "statements borne out by references or by a known truth, and facts said",
        (Way("fact_scores:reference_fact_scores"), Way("fact_scores:fact_scores", ("said", "truths"))),
    ),
    _CLIP: Metric(
        ("clipscore",),
        "cosine of picture and caption (Hessel 2021)",
        (
            Way("clipscore:clipscore", ("candidates", "pictures"), ("model=embedder",)),
            Way("clipscore:clipscore", ("candidates", "pictures"), ("model=matcher",)),
        ),
    ),
    "refclipscore": Metric(
        ("refclipscore",),
        "CLIPScore with the nearest reference (Hessel 2021)",
        (Way("clipscore:ref_clipscore", ("candidates", "references", "pictures"), ("model=embedder",)),),
    ),
}


def family(name: str) -> tuple[str, Metric]:
    """The family that a name asks for, by its own name or one of its results'; InputError names the nearest."""
    for known, metric in CATALOGUE.items():
        if name == known or name in metric.gives:
            return known, metric
    near = get_close_matches(name, names(), 3, 0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise InputError(f"there is no metric {name!r}: {hint}`diptych measure` lists all")


def names() -> list[str]:
    """Every name that can be asked for: families and their results."""
    return list(dict.fromkeys(name for known, metric in CATALOGUE.items() for name in (known, *metric.gives)))
