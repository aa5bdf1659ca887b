"""Score captions by a metric, so that they can be ranked, kept or dropped by it."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from diptych.data.errors import InputError, PictureError
from diptych.data.records import Caption, Record
from diptych.data.selection import captions_of
from diptych.engine.context import Context
from diptych.measure import rewards
from diptych.measure.mentions import read_synonyms
from diptych.models import abilities
from diptych.models.calls import calls_to

_MODELS: Mapping[str, type] = {
    "embedder": abilities.Embedder,
    "matcher": abilities.Matcher,
    "entailer": abilities.Entailer,
    "judge": abilities.Entailer,
}
# by input: the ability's method, and about how often it is called for one caption
_CALLS: Mapping[str, tuple[str, int]] = {
    "embedder": ("embed", 2),
    "matcher": ("match", 1),
    "entailer": ("entail", 4),
    "judge": ("entail", 4),
}
EXPECTED = 2  # captions of a record that has none yet


@dataclass(frozen=True, slots=True)
class ScoreBy:
    """Gives each caption of `of` its own value of the metric, as a score of that name; `Keep`, `KeepShare` and `Best` go by it.

    What it is held against comes from the record: the captions `references` but itself, the picture, or the labels of its boxes.
    `settings` are (input, value): a file of frequencies, the address of a model. A caption gets no score where the metric has no value
    or the record has no references; one whose picture cannot be opened fails its record.
    """

    metric: str
    of: str = "proposed"
    references: str = "alt"
    settings: tuple[tuple[str, str], ...] = ()
    score: str = ""

    def __post_init__(self) -> None:
        taken = self._reward(dict.fromkeys(dict(self.settings), "")).takes
        if strange := set(taken) - set(_PARTS):
            raise InputError(f"{self.metric} is held against {min(strange)}, which no record has: measure it with `diptych measure`")

    def calls(self, record: Record) -> Mapping[str, int]:
        """What one record asks, for a dry run."""
        found: Counter[str] = Counter()
        for name, address in self.settings:
            if name in _CALLS:
                what, often = _CALLS[name]
                found += calls_to(what, address, times=often * (len(captions_of(record, self.of)) or EXPECTED))
        return found

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        settings = {name: self._setting(name, value, context) for name, value in self.settings}
        scorer = self._reward(settings)
        rows: list[tuple[Any, ...]] = []
        places: list[dict[str, int] | str] = []
        for record in records:
            try:
                own = {c.id: self._row(scorer, record, c, context) for c in captions_of(record, self.of)}
            except PictureError as error:
                places.append(str(error))
                continue
            full = {id: row for id, row in own.items() if row is not None}
            places.append({id: len(rows) + place for place, id in enumerate(full)})
            rows.extend(full.values())
        values = scorer(rows)
        return [
            record.fail("ScoreBy", at) if isinstance(at, str) else self._scored(record, {id: values[n] for id, n in at.items()})
            for record, at in zip(records, places, strict=True)
        ]

    def _setting(self, name: str, value: str, context: Context) -> Any:
        if name in _MODELS:
            return context.open(value, _MODELS[name])
        return read_synonyms(value) if name == "mentions" else value

    def _reward(self, settings: Mapping[str, Any]) -> rewards.Reward:
        return rewards.reward(self.metric, **settings)

    def _row(self, scorer: rewards.Reward, record: Record, caption: Caption, context: Context) -> tuple[Any, ...] | None:
        row = tuple(_PARTS[name](self, record, caption, context) for name in scorer.takes)
        return None if any(part is None for part in row) else row

    def _scored(self, record: Record, values: Mapping[str, float]) -> Record:
        name = self.score or self.metric
        known = {id: value for id, value in values.items() if not math.isnan(value)}
        if not known:
            return record
        captions = tuple(replace(c, scores={**c.scores, name: known[c.id]}) if c.id in known else c for c in record.captions)
        return replace(record, captions=captions)


def _references(step: ScoreBy, record: Record, caption: Caption, context: Context) -> list[str] | None:
    return [other.text for other in captions_of(record, step.references) if other.id != caption.id] or None


# the parts of a row, by the name of the input; None where the record has none
_PARTS: Mapping[str, Callable[[ScoreBy, Record, Caption, Context], Any]] = {
    "candidates": lambda step, record, caption, context: caption.text,
    "captions": lambda step, record, caption, context: (caption.text,),
    "references": _references,
    "pictures": lambda step, record, caption, context: context.picture(record.subject),
    "objects": lambda step, record, caption, context: frozenset(r.label for r in record.regions if r.kind == "object" and r.label),
}
