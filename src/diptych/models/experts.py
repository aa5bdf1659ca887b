"""What plain experts share: what they need, what they cannot heed, the options of their addresses, one request after another."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeVar

from diptych.data.errors import AddressError, DiptychError
from diptych.models.abilities import CaptionRequest, Failed
from diptych.models.addresses import Address

R = TypeVar("R")
A = TypeVar("A")
WISHES = ("question", "texts", "examples", "hints", "words")  # of a caption, which it takes a prompt to heed
EXTRA = "pip install 'diptych[experts]'"


def one_by_one(requests: Sequence[R], answer: Callable[[R], A | Failed]) -> list[A | Failed]:
    """An answer for each request; one whose picture cannot be had fails alone."""
    return [_one(request, answer) for request in requests]


def _one(request: R, answer: Callable[[R], A | Failed]) -> A | Failed:
    try:
        return answer(request)
    except (DiptychError, OSError) as error:
        return Failed(str(error))


def unheeded(request: CaptionRequest) -> str:
    """What is wished for that a captioner without prompts cannot heed; empty where nothing is."""
    asked = [name for name in WISHES if getattr(request, name)]
    return f"a captioner without prompts cannot heed {' and '.join(asked)}: name a chat model" if asked else ""


def installed(said: str, package: str) -> Any:
    """The package an expert is made of; AddressError says what to install where it is not there."""
    try:
        return import_module(package)
    except ImportError as error:  # of the package, or of a system library that it needs
        raise AddressError(f"{said} needs {error.name or package}, which is not installed: {EXTRA}") from error


def only(address: Address, ability: type, abilities: Sequence[type], options: Mapping[str, str] | None = None) -> dict[str, str]:
    """The address's options over their defaults; AddressError for another ability, a name, or an option it does not know.

    `family` is known to every address.
    """
    said, known = f"{address.scheme}:", dict(options or {})
    if ability not in abilities:
        can = " or ".join(able.__name__ for able in abilities)
        raise AddressError(f"{said} cannot be a {ability.__name__}, only {can}: `diptych models {ability.__name__.lower()}` lists others")
    if address.name:
        raise AddressError(f"{said} takes no name, got {address.name!r}: write {said}")
    strange = sorted(set(address.options) - {*known, "family"})
    if strange:
        raise AddressError(f"{said} has no option {strange[0]!r}: it has {', '.join((*known, 'family'))}")
    return known | {name: value for name, value in address.options.items() if name in known}


def number(address: Address, name: str, text: str, span: tuple[float, float]) -> float:
    """An option's number; AddressError unless it lies in the span."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not span[0] <= value <= span[1]:
        raise AddressError(f"{address.scheme}:?{name}= must be a number from {span[0]:g} to {span[1]:g}, got {text!r}")
    return value
