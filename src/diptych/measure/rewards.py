"""Metrics row by row, for filters and rewards: the same functions as over a whole set, without intervals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from diptych.data.errors import InputError
from diptych.measure.catalogue import family
from diptych.measure.ways import Metric, Way, function

Row = Sequence[Any]  # a candidate with what it is held against: (candidate, references), (candidate, picture), ...


@dataclass(frozen=True, slots=True)
class Reward:
    """Scores rows by one metric. `takes` says what stands in a row; `undefined` is given where the metric has no value."""

    name: str
    way: Way
    settings: dict[str, Any] = field(default_factory=dict)
    undefined: float = float("nan")

    @property
    def takes(self) -> tuple[str, ...]:
        """The parts of a row, in order."""
        return self.way.takes

    def __call__(self, rows: Sequence[Row]) -> list[float]:
        """One value a row, whatever the others are. InputError for a row of another length."""
        if not rows:
            return []
        for row in rows:
            if isinstance(row, str) or not isinstance(row, Sequence) or len(row) != len(self.takes):
                raise InputError(f"a row of {self.name} must be ({', '.join(self.takes)}), got {row!r:.100}: give its parts in this order")
        inputs = {name: {str(n): _part(name, row[place]) for n, row in enumerate(rows)} for place, name in enumerate(self.takes)}
        found = self.way.take({**self.settings, **inputs})
        scored = next((one for one in found if one.name == self.name), found[0])
        values = scored.per_image
        return [self.undefined if math.isnan(values[str(n)]) else values[str(n)] for n in range(len(rows))]


def reward(name: str, *, undefined: float = float("nan"), **settings: Any) -> Reward:
    """A callable on rows by a metric's name: `reward("cider_d", frequencies="df.json")([("a dog", ["a brown dog"])])`.

    `settings` are the metric's other inputs: models that are open, a file of frequencies, a tokenizer. The value is the metric's own,
    so lower is better where it says so. Raises InputError for a name of several results, a metric that hangs on the whole set (`cider`
    counts the run's references: `cider_d` takes saved frequencies), and inputs that are missing or unknown; SourceError for a file of
    settings that cannot be read.
    """
    known, metric, results = family(name)
    gives = results or ((name,) if name in metric.gives else metric.gives)
    if len(gives) > 1:
        raise InputError(f"{name} gives {', '.join(gives)}: name one of them")
    if metric.alone is not True and metric.alone not in settings:
        raise InputError(f"{name} hangs on the whole set, so that a row has no value of its own: {_instead(metric)}")
    for way in metric.ways:
        wanted = set(way.required) - set(way.takes)
        if wanted <= set(settings) <= set(way.inputs) - set(way.takes):
            return Reward(gives[0], way, {one: _opened(one, value) for one, value in settings.items()}, undefined)
    raise InputError(f"{known} takes {' or '.join(_settings(way) for way in metric.ways)}, got {', '.join(settings) or 'nothing'}")


def _instead(metric: Metric) -> str:
    return f"give it {metric.alone}" if isinstance(metric.alone, str) else "take another (for cider, cider_d with saved frequencies)"


def _settings(way: Way) -> str:
    needs = [name for name in way.required if name not in way.takes]
    may = [f"{name} (if you like)" for name in way.inputs if name not in way.required]
    return ", ".join((*needs, *may)) or "no settings"


# settings that may be named as files, which are read once and at once
_FILES: Mapping[str, str] = {
    "frequencies": "frequencies:Frequencies",
    "word_frequencies": "lexical_match:WordFrequencies",
    "mentions": "mentions:read_synonyms",
}


def _opened(name: str, value: Any) -> Any:
    """What the file holds, where the setting is one; "" stands for a file that is named later."""
    if name not in _FILES or not isinstance(value, str | PathLike) or value == "":
        return value
    made = function(_FILES[name])
    return getattr(made, "load", made)(value)


def _part(name: str, value: Any) -> Any:
    """One caption as the list that metrics of several captions take."""
    return (value,) if name in ("captions", "references") and isinstance(value, str) else value
