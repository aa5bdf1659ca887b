"""Metrics taken of systems: inputs put in line by image, what is left out counted, and two systems compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diptych.cli.inputs import Make
from diptych.cli.systems import System, listed
from diptych.data.errors import InputError
from diptych.language.english import count_not_english
from diptych.measure.catalogue import CATALOGUE, INPUTS, family
from diptych.measure.scores import Scored
from diptych.measure.statistics import Compared, compare_all
from diptych.measure.ways import Shared, Way, function

OPTIONS: Mapping[str, str] = {
    "references": "--references FILE, or --references-captions WHICH with DATA",
    "pictures": "DATA with pictures",
    "objects": "--objects FILE, or DATA with boxes",
    "truths": "a world: source as DATA",
    **{name: f"--{name} FILE" for name in ("targets", "associations", "phrases", "known", "questions", "answers", "gold", "frequencies")},
}
_FOREIGN = "scored all the same"
_SAID = ("candidates", "captions", "said")
BY_IMAGE = ("candidates", "captions", "said", "references", "pictures", "objects", "targets", "phrases", "gold", "truths")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A family of metrics, which of its results are asked for (() for all), and the way that these inputs allow."""

    names: tuple[str, ...]
    way: Way
    family: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Of every metric."""

    seed: int
    resamples: int
    subset: bool


def wanted(names: Sequence[str], have: Mapping[str, Make]) -> list[Wanted]:
    """What the names ask for, each family once; InputError for a name that is unknown or lacks what it needs."""
    if not names:
        raise InputError("name at least one metric: `diptych measure` lists them")
    asked: dict[str, tuple[str, ...]] = {}
    for name in names:
        known, _, results = family(name)
        whole = not results or asked.get(known) == ()
        asked[known] = () if whole else (*asked.get(known, ()), *results)
    found = []
    for name, results in asked.items():
        metric = CATALOGUE[name]
        way = metric.way(have)
        if way is None:
            raise InputError(f"{name} needs {_lacking(metric.ways, have)}")
        found.append(Wanted(results, way, name))
    return found


def _lacking(ways: Sequence[Way], have: Mapping[str, Make]) -> str:
    """What every way lacks, once, and then what one or the other lacks besides."""
    lacks = [[name for name in way.required if name not in have] for way in ways]
    always = [name for name in lacks[0] if all(name in others for others in lacks)]
    either = [" and ".join(map(_told, rest)) for one in lacks if (rest := [name for name in one if name not in always])]
    parts = [*map(_told, always), *([" or ".join(dict.fromkeys(either))] if len(either) == len(lacks) else [])]
    return " and ".join(parts)


def _told(name: str) -> str:
    return f"{INPUTS[name]} ({OPTIONS.get(name, f'--{name} ADDRESS')})"


def measured(asked: Sequence[Wanted], system: System, have: Mapping[str, Make], settings: Settings) -> dict[str, Scored]:
    """The results asked for by name, families in the order of asking, with what was left out or counted in `how`."""
    found: dict[str, Scored] = {}
    shared: Shared = {}
    for one in asked:
        _refuse_bare(system, one.way)  # before any model is opened
        inputs = {name: have[name](system) for name in one.way.inputs if name in have}
        lined, notes = in_line(system, {name: inputs[name] for name in inputs if name in BY_IMAGE}, settings.subset)
        if "references" in lined:
            notes += have["reference notes"](system)
        notes += tuple(f"{name} {have[f'{name} address'](system)}" for name in inputs if f"{name} address" in have)
        given = {**inputs, **lined}
        if one.way.check:
            function(one.way.check)(given)
        made = one.way.take(given, shared=shared, seed=settings.seed, resamples=settings.resamples)
        # some names end in a size, or tell the modules that ran
        for scored in [result for result in made if result.name in one.names] or made:
            told = [note for note in counted(lined, shared) if "not English" not in scored.result.how or _FOREIGN not in note]
            how = "; ".join((scored.result.how, *system.notes, *_first(system, lined), *notes, *told))
            found[scored.name] = replace(scored, result=replace(scored.result, how=how))
    return found


def _refuse_bare(system: System, way: Way) -> None:
    if system.texts and not any(system.texts.values()) and set(way.required) & set(_SAID):
        raise InputError(
            f"no row of {system.name} has a caption (of {len(system.texts)}): give --candidates FILE, name other captions by --captions,"
            " or make some with `diptych run`"
        )


def _first(system: System, lined: Mapping[str, Any]) -> list[str]:
    several = sum(len(system.texts[id]) > 1 for id in lined.get("candidates", ()))
    return [f"the first caption of {several} image{'s' * (several > 1)} with several"] if several else []


def in_line(system: System, by_image: Mapping[str, Mapping[str, Any]], subset: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The same inputs with the same ids in the captions' order, and what was left out.

    Raises InputError where ids differ, unless `subset` allows to keep those that all have.
    """
    if not by_image:
        return {}, ()
    first, *others = by_image
    lacks = [id for id in system.texts if id not in by_image[first]]
    problems = [(lacks, f"of {len(system.texts)} images of {system.name} have no caption")] if lacks else []
    ids, apart = list(by_image[first]), False
    for name in others:
        known = {id for id, value in by_image[name].items() if name != "references" or value}
        bare = [id for id in ids if id in by_image[name] and id not in known]
        missing = [id for id in ids if id not in by_image[name]]
        extra = [id for id in by_image[name] if id not in by_image[first]]
        problems += [(missing, f"of {len(ids)} captions have no {name}")] if missing else []
        problems += [(bare, f"of {len(ids)} captions have an empty list of {name}")] if bare else []
        apart = apart or bool(missing or extra)
        problems += [(extra, f"of {len(by_image[name])} images with {name} have no caption")] if extra else []
    if problems and not subset:
        told = "; ".join(f"{len(these)} {what} ({listed(these)})" for these, what in problems)
        rule = "ids must be the same on both sides" if apart else "each image needs at least one"
        raise InputError(f"{told}: {rule}; --subset takes the images that have all, and counts the others")
    for name in others:
        ids = [id for id in ids if id in by_image[name] and (name != "references" or by_image[name][id])]
    if not ids:
        raise InputError(f"no image has both a caption of {system.name} and {' and '.join(others)}: check the ids")
    notes = tuple(f"{len(these)} {what}, left out" for these, what in problems)
    return {name: {id: given[id] for id in ids} for name, given in by_image.items()}, notes


def counted(lined: Mapping[str, Mapping[str, Any]], shared: Shared) -> list[str]:
    """Captions and references that are empty or plainly not English, which are scored all the same."""
    notes: list[str] = []
    for name in ("candidates", "captions", "references"):
        known = ("counted", name, *lined.get(name, ()))
        if known not in shared:
            shared[known] = _counts(name, lined.get(name, {}))
        notes += shared[known]
    return notes


def _counts(name: str, given: Mapping[str, str | Sequence[str]]) -> list[str]:
    texts = [text for said in given.values() for text in ((said,) if isinstance(said, str) else said)]
    empty = sum(not text.strip() for text in texts)
    script, words = count_not_english(texts)
    told = (
        (empty, "empty, scored as empty texts"),
        (script, f"mostly outside the Latin script, {_FOREIGN}"),
        (words, f"not English by their function words, {_FOREIGN}"),
    )
    return [f"{number} of {len(texts)} {name} {what}" for number, what in told if number]


def compared(found: Mapping[str, Mapping[str, Scored]], seed: int) -> dict[str, tuple[Compared, ...]]:
    """Every pair of systems by each metric that all have; those of a whole set, in which no image has a share, have no difference."""
    first, *others = found.values()
    shares = [name for name, one in first.items() if one.columns_NK.any() and all(name in other for other in others)]
    return {name: compare_all({system: scored[name] for system, scored in found.items()}, seed=seed) for name in shares}
