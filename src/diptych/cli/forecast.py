"""What a run would take, told before anything is asked: `diptych run --dry-run`."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from diptych.cli import usage
from diptych.data.errors import PictureError
from diptych.data.records import Record
from diptych.engine import Pipeline
from diptych.engine.forecast import Forecast, dry_run
from diptych.engine.plan import every_part
from diptych.lab.opening import Opened
from diptych.models.costs import SIZE, Usage, merged, usages

THOUSAND = 1000
CENT = 0.01  # US$; less is not told as nothing
SIZED = 8  # pictures whose size stands for the others'
LOOKED = 64  # records from which a run that costs money is forecast


@dataclass(frozen=True, slots=True)
class Spending:
    """A forecast with what each address would be asked."""

    forecast: Forecast
    models: tuple[Usage, ...]

    @property
    def total(self) -> Usage:
        """All addresses together."""
        return sum(self.models, Usage("all", 0, money=0.0))

    def as_json(self) -> dict[str, Any]:
        """Rows, bytes, calls by step; tokens and US$ by address, in total and for a thousand pictures."""
        rows = self.forecast.rows
        return {
            "rows": rows,
            "disk": self.forecast.disk,
            "steps": [{"step": step.step, "records": step.records, "calls": dict(step.calls)} for step in self.forecast.steps],
            "models": [asdict(one) for one in self.models],
            "total": asdict(self.total),
            "per_thousand": asdict(self.total.scaled(THOUSAND / rows)) if rows else None,
        }


def forecast(pipeline: Pipeline, have: Opened, limit: int | None) -> Spending:
    """Forecasts a pipeline over a source. No model is opened; the first few pictures are, where they lie on this machine."""
    found = dry_run(pipeline, have.source, limit=limit)
    parts = dict(every_part(pipeline))
    size = _size(have)
    spent = merged(
        one for step in found.steps for one in usages(step.calls, getattr(parts[step.step.partition(" ")[0]], "style", ""), size)
    )
    return Spending(found, spent)


def tell(found: Spending) -> None:
    """The forecast as lines on standard output."""
    for step in found.forecast.steps:
        print(usage.visible(f"{step.step:<24} {step.records:>9} records  {', '.join(f'{n} {what}' for what, n in step.calls.items())}"))
    for one in found.models:
        print(usage.visible(f"{one.address:<50} {_said(one)}"))
    rows = found.forecast.rows
    print(f"{rows} rows: {_said(found.total)}; about {found.forecast.disk / 1e6:.1f} MB on disk; nothing was asked or written")
    if rows:
        print(f"per 1,000 images: {_said(found.total.scaled(THOUSAND / rows))}")


def warn_of_cost(pipeline: Pipeline, have: Opened, limit: int | None) -> None:
    """Says on standard error what a thousand images would cost where a hosted model is asked."""
    found = forecast(pipeline, have, min(LOOKED, limit or LOOKED))
    hosted = [one for one in found.models if one.address.startswith("openai:")]
    if hosted and found.forecast.rows:
        told = sum(hosted, Usage("all", 0, money=0.0)).scaled(THOUSAND / found.forecast.rows)
        print(f"hosted models, per 1,000 images: {_said(told)} (--dry-run tells more)", file=sys.stderr)


def _said(one: Usage) -> str:
    told = f"{one.calls:,} calls"
    if one.tokens_in:
        told += f", about {one.tokens_in:,} tokens in and {one.tokens_out:,} out"
    if one.money is None:
        return f"{told}, US$ unknown (say in= and out= in the address)"
    if 0 < one.money < CENT:
        return f"{told}, under US$ {CENT}"
    return f"{told}, about US$ {one.money:,.2f}" if one.money else told


def _size(have: Opened) -> tuple[int, int]:
    """Mean width and height of the first pictures."""
    sizes = list(islice(_sizes(have), SIZED))
    if not sizes:
        return SIZE
    return round(sum(w for w, _ in sizes) / len(sizes)), round(sum(h for _, h in sizes) / len(sizes))


def _sizes(have: Opened) -> Iterator[tuple[int, int]]:
    for record in islice(have.source, SIZED):
        size = _known(record, have)
        if min(size) > 0:
            yield size


def _known(record: Record, have: Opened) -> tuple[int, int]:
    image = record.subject
    if image.width or "://" in image.path:  # a picture far away is not fetched to be measured
        return image.width, image.height
    try:
        picture = have.pictures(image)
    except PictureError:
        return 0, 0
    return picture.width, picture.height
