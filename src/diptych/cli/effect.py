"""`diptych effect`."""

import json
import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from diptych.cli import usage
from diptych.cli.catalogue import names, recipe
from diptych.cli.stored_effects import as_json, draw, store
from diptych.data.errors import InputError
from diptych.data.results import Effect, Result
from diptych.lab.lab import Lab
from diptych.report.effects import trained

ROWS = {"small": 40, "full": 400}  # scenes a seed where nothing is trained


def effect(arguments: Sequence[str]) -> int:
    """What papers promise, measured against their baselines in the world."""
    parser = usage.parser("diptych effect", effect.__doc__)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="names from `diptych list` or paths; all if none is named")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="how many (default 5; a small budget trains on the first two)")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="results are reported on 100 to 104 (default 0)")
    parser.add_argument("--budget", choices=sorted(ROWS), default="small", help="small shows that it runs; full is what counts")
    parser.add_argument("--out", type=Path, default=Path("effects"), metavar="DIR", help="for NAME.json and effects.html (default effects)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of tables")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    given = parser.parse_args(arguments)
    if given.seeds < 1:
        raise InputError(f"--seeds must be 1 or more, got {given.seeds}")
    modules = {name: recipe(name) for name in given.recipes or names()}
    for name, module in modules.items():
        if not hasattr(module, "effect"):
            raise InputError(f"{name} has no effect: `diptych show {name}` tells what it has")
    if given.out:
        usage.writable(given.out)
    seeds = tuple(range(given.first_seed, given.first_seed + given.seeds))
    for module in modules.values():
        found = module.effect(Lab(module.__name__.rpartition(".")[2], seeds, ROWS[given.budget], given.budget, given.quiet))
        store(found, given.out, " ".join(["diptych effect", *arguments]))  # at once: the next may take an hour, or fail
        if given.json:
            print(json.dumps(as_json(found)), flush=True)
        else:
            tell(found)
    page = draw(given.out)
    if not given.json:
        print(usage.visible(f"drawn in {page}"))
    return 0


def tell(effect: Effect) -> None:
    """Arms, difference, guards, sweep, oracle and chance in one table."""
    console = Console()
    table = Table(title=f"{effect.recipe}: {effect.metric} ({effect.better} is better)", title_justify="left")
    for column in ("", "value", "95 % interval", "seeds" if trained(effect) else "n"):
        table.add_column(column, justify="left" if not column else "right")
    for arm in effect.arms:
        _row(table, arm.name, arm)
    for name, end in (("oracle", effect.oracle), ("chance", effect.chance)):
        if end is not None:
            _row(table, name, end)
    table.add_section()
    apart = effect.difference
    table.add_row(f"{apart.method} − {apart.baseline}", f"{apart.value:+.3f}", _bounds(apart.low, apart.high), "")
    for name, guard in effect.guards.items():
        held = "held" if guard["held"] else "broken"
        bounds = _bounds(guard["low"], guard["high"])
        table.add_row(f"guard {name}, lower end ≥ {guard['least']:+.3f}: {held}", f"{guard['difference']:+.3f}", bounds, "")
    for name, points in effect.sweep.items():
        table.add_section()
        for point in points:
            bounds = _bounds(point[f"{effect.metric} low"], point[f"{effect.metric} high"])
            f1 = f" (F1 {point['fact_f1 difference']:+.3f})" if effect.metric != "fact_f1" and "fact_f1 difference" in point else ""
            table.add_row(f"{name} = {point['value']:g}{f1}", f"{point[f'{effect.metric} difference']:+.3f}", bounds, "")
    for owner, other in _of_others(effect):
        console.print(f"{owner}: {other.name} {other.value:.3f} {_bounds(other.low, other.high, '')}", highlight=False)
    console.print(table)
    if trained(effect):
        console.print(_more(effect))
    console.print(
        f"{'SHOWN' if effect.shown else 'NOT SHOWN'}: {effect.why} (seeds {_seeds(effect)}, {effect.seconds:.0f} s)\n", highlight=False
    )


def _of_others(effect: Effect) -> list[tuple[str, Result]]:
    """Metrics of a trained effect that neither method nor baseline has: what was there before them, such as probes of the tower."""
    pair = effect.difference.baseline, effect.difference.method
    known = {result.name for arm in pair for result in effect.others.get(arm, ())}
    rest = {arm: results for arm, results in effect.others.items() if arm not in pair} if trained(effect) else {}
    return [(arm, result) for arm, results in rest.items() for result in results if result.name not in known]


def _more(effect: Effect) -> Table:
    """Further metrics of method and baseline, means over seeds: what a training gained and what it cost beside the metric."""
    pair = effect.difference.baseline, effect.difference.method
    found = [{result.name: result for result in effect.others.get(arm, ())} for arm in pair]
    table = Table("metric", *pair, title="more metrics, means over seeds", title_justify="left")
    for name in dict.fromkeys(chain.from_iterable(found)):
        arrow = {"higher": " ↑", "lower": " ↓", "none": ""}[next(results[name].better for results in found if name in results)]
        values = [results[name].value if name in results else math.nan for results in found]
        table.add_row(f"{name}{arrow}", *("-" if math.isnan(one) else f"{one:.3f}" for one in values))
    return table


def _row(table: Table, name: str, result: Result) -> None:
    table.add_row(name, f"{result.value:.3f}", _bounds(result.low, result.high, ""), str(result.n))


def _bounds(low: float, high: float, sign: str = "+") -> str:
    return "-" if math.isnan(low) or math.isnan(high) else f"[{low:{sign}.3f}, {high:{sign}.3f}]"


def _seeds(effect: Effect) -> str:
    return f"{effect.seeds[0]}-{effect.seeds[-1]}" if effect.seeds else "none"
