"""Metrics as values: a family of results, and the ways to take it from named inputs."""

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diptych.measure.scores import Scored

Inputs = Mapping[str, Any]
Shared = MutableMapping[tuple[str, ...], Any]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a metric: a function, its inputs by place, and those by keyword (`keyword=input`, or one word for both).

    With `prepare` the inputs by place are first made into one value, which ways of one run share: captions are tokenised once.
    """

    where: str  # module:function in diptych.measure
    takes: tuple[str, ...] = ("candidates", "references")
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()
    prepare: str = ""
    prepare_may: tuple[str, ...] = ()
    check: str = ""  # module:function that refuses the inputs of a whole set, by name; rows of filters and rewards are not asked

    @property
    def required(self) -> tuple[str, ...]:
        """The inputs without which it cannot be taken."""
        return (*self.takes, *(named(one)[1] for one in self.needs))

    @property
    def inputs(self) -> tuple[str, ...]:
        """All the inputs that it knows."""
        return (*self.required, *(named(one)[1] for one in (*self.may, *self.prepare_may)))

    def take(self, inputs: Inputs, *, shared: Shared | None = None, seed: int = 0, resamples: int = 0) -> "tuple[Scored, ...]":
        """The metric's results from inputs by name. `shared` holds what was prepared from these very inputs before."""
        given: Sequence[Any] = [inputs[name] for name in self.takes]
        if self.prepare:
            given = [self._prepared(given, inputs, {} if shared is None else shared)]
        needed = {keyword: inputs[name] for keyword, name in map(named, self.needs)}
        made = function(self.where)(
            *given, **needed, **_there(self.may, inputs), **dict(self.fixed), seed=seed, resamples=resamples
        )  # fmt: skip
        return made if isinstance(made, tuple) else (made,)

    def _prepared(self, given: Sequence[Any], inputs: Inputs, shared: Shared) -> Any:
        known = (self.prepare, *self.takes)
        if known not in shared:
            shared[known] = function(self.prepare)(*given, **_there(self.prepare_may, inputs))
        return shared[known]


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of results made together.

    `alone`: an image's value hangs on no other image, so that it can filter and reward; the name of an input, if only with that.
    """

    gives: tuple[str, ...]
    does: str
    ways: tuple[Way, ...]
    alone: bool | str = True

    def way(self, have: Collection[str]) -> Way | None:
        """The first way whose inputs are all there."""
        return next((way for way in self.ways if set(way.required) <= set(have)), None)


def named(one: str) -> tuple[str, str]:
    """Keyword and input of `keyword=input`."""
    keyword, _, name = one.partition("=")
    return keyword, name or keyword


def _there(some: Sequence[str], inputs: Inputs) -> dict[str, Any]:
    return {keyword: inputs[name] for keyword, name in map(named, some) if inputs.get(name) is not None}


def function(where: str) -> Callable[..., Any]:
    """What `module:function` names, imported now."""
    module, _, name = where.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"diptych.measure.{module}"), name)
    return found
