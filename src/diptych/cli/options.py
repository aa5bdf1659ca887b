"""Command line options read from a signature: keyword-only arguments with their annotations and defaults."""

import argparse
import inspect
import math
import types
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from diptych.data.errors import InputError

Adds = argparse.ArgumentParser | argparse._ArgumentGroup


def add_options(
    parser: Adds, function: Callable[..., Any], instead: Mapping[str, Any] = MappingProxyType({}), *, without: Collection[str] = (),
    told: Mapping[str, str] = MappingProxyType({}),
) -> None:  # fmt: skip
    """One option for each keyword-only argument; those without a default, and without one in `instead`, are required.

    `told` says more of an option in the help.
    """
    hints = get_type_hints(function)
    for name, argument in keywords(function).items():
        if name in without:
            continue
        default = instead.get(name, argument.default)
        required = default is inspect.Parameter.empty
        flag = "--" + name.replace("_", "-")
        hint = hints.get(name, str)
        if hint is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default, help=f"(default {default})")
            continue
        more = f"{told[name]} " if name in told else ""
        shown = "required" if required else f"default {_shown(default)}"
        # values are read by `chosen`, whose errors are ours
        parser.add_argument(flag, default=None if required else default, required=required, metavar=_metavar(hint), help=f"{more}({shown})")


def keywords(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """The keyword-only arguments of a function."""
    return {n: p for n, p in inspect.signature(function).parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}


def chosen(arguments: argparse.Namespace, function: Callable[..., Any], *, without: Collection[str] = ()) -> dict[str, Any]:
    """The values for a function's keyword-only arguments; InputError for one that its annotation does not allow."""
    hints = get_type_hints(function)
    return {name: _read(name, hints.get(name, str), getattr(arguments, name)) for name in keywords(function) if name not in without}


def _read(name: str, hint: Any, given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return _value(hint, given)
    except ValueError as error:
        raise InputError(f"--{name.replace('_', '-')} {error}") from None


def _value(hint: Any, text: str) -> Any:
    """The text as a value of the annotated type; a tuple is written with commas."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if text.lower() == "none" and types.NoneType in inner:
            return None
        return _value(next(part for part in inner if part is not types.NoneType), text)
    if origin is tuple:
        return tuple(_value(inner[0], part.strip()) for part in text.split(",") if part.strip())
    if origin is Literal:
        if text not in inner:
            raise ValueError(f"must be one of {', '.join(map(str, inner))}, got {text!r}")
        return text
    if hint in (int, float):
        return _number(hint, text)
    return text


def _number(kind: type[int] | type[float], text: str) -> int | float:
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not abs(value) < math.inf:
        raise ValueError(f"must be a {'whole ' if kind is int else ''}number, got {text!r}")
    return value


def _metavar(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return f"{_metavar(inner[0])},..."
    if origin is Literal:
        return "|".join(map(str, inner))
    if origin in (Union, types.UnionType):
        return _metavar(next(part for part in inner if part is not types.NoneType))
    return {int: "N", float: "X"}.get(hint, "TEXT")


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
