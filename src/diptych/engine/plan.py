"""A pipeline taken apart into stages, each of which turns committed rows into committed rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from diptych.data.errors import InputError
from diptych.engine.steps import Maker, Part, Pipeline, Repeat, Step, Survey

Placed = tuple[str, Step | Repeat]  # place in the pipeline, and what stands there


@dataclass(frozen=True, slots=True)
class Stage:
    """Steps between two barriers. A survey or maker opens the stage; it can be pickled whole and shipped to a worker."""

    number: int
    head: tuple[str, Survey | Maker] | None
    parts: tuple[Placed, ...]

    def opened_by(self, step: Step) -> "Stage":
        """The same stage once its survey has returned a step, which takes the survey's place."""
        assert self.head is not None
        return replace(self, head=None, parts=((self.head[0], step), *self.parts))

    @property
    def name(self) -> str:
        """The names of its parts."""
        return ", ".join(name_of(part) for _, part in (*([self.head] if self.head else []), *self.parts)) or "reading"

    @property
    def survey(self) -> Survey | None:
        """The survey that opens the stage, if one does."""
        return self.head[1] if self.head and is_survey(self.head[1]) else None  # type: ignore[return-value]

    @property
    def maker(self) -> Maker | None:
        """The maker that opens the stage, if one does."""
        return self.head[1] if self.head and not is_survey(self.head[1]) else None  # type: ignore[return-value]


def is_survey(part: Any) -> bool:
    """Whether this part of a pipeline is a survey."""
    return not isinstance(part, type) and all(hasattr(part, name) for name in ("look", "makes", "reads"))


def is_maker(part: Any) -> bool:
    """Whether this part of a pipeline is a maker."""
    return not isinstance(part, type) and hasattr(part, "make")


def name_of(part: Any) -> str:
    """What reports call a part."""
    return type(part).__name__ if not hasattr(part, "__name__") else str(part.__name__)


def stages(pipeline: Pipeline) -> tuple[Stage, ...]:
    """Splits a pipeline at its surveys and makers; InputError if a part is none of step, survey, maker, repeat."""
    made = [Stage(0, None, ())]
    for index, part in enumerate(pipeline):
        check_part(str(index), part)
        if not isinstance(part, Repeat) and (is_survey(part) or is_maker(part)):
            made.append(Stage(len(made), (str(index), part), ()))  # type: ignore[arg-type]
        else:
            made[-1] = replace(made[-1], parts=(*made[-1].parts, (str(index), part)))  # type: ignore[arg-type]
    return tuple(made)


def check_part(place: str, part: Part) -> None:
    """InputError if this is no part of a pipeline."""
    if isinstance(part, Repeat):
        if part.at_most < 1:
            raise InputError(f"part {place} repeats {part.at_most} times: at_most must be 1 or more")
        for index, step in enumerate(part.steps):
            check_part(f"{place}.{index}", step)
            if isinstance(step, Repeat) or is_survey(step) or is_maker(step):
                raise InputError(f"part {place}.{index} is {name_of(step)}: a repeat holds steps only; put it before or after")
    elif isinstance(part, type):
        raise InputError(f"part {place} is the class {part.__name__}: a pipeline holds instances; write {part.__name__}(...)")
    elif not (is_survey(part) or is_maker(part) or callable(part)):
        raise InputError(f"part {place} is {part!r}: a pipeline holds steps, surveys, makers and repeats")


def every_part(pipeline: Pipeline) -> Iterator[tuple[str, Any]]:
    """All parts with their places, those within repeats too."""
    for index, part in enumerate(pipeline):
        if isinstance(part, Repeat):
            yield from ((f"{index}.{inner}", step) for inner, step in enumerate(part.steps))
        else:
            yield str(index), part
