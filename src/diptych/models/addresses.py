"""Model addresses: `hf:ORG/NAME@revision`, `file:PATH`, `sim:captioner?recall=.5`, `rules:`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from diptych.data.errors import AddressError

_KEY = re.compile(r"([?&][^=&]*(?:key|token)[^=&]*=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart."""

    scheme: str
    name: str
    options: Mapping[str, str] = field(default_factory=dict)


Scheme = Callable[[Address, type], Any]  # opens what stands behind an address, for one ability


def parse_address(text: str) -> Address:
    """Takes `scheme:name?option=value&...` apart; AddressError if it has no scheme."""
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme.isidentifier():
        raise AddressError(f"{_shown(text)} is no model address: write SCHEME:NAME, such as rules: or file:captions.jsonl")
    name, _, query = rest.partition("?")
    said = parse_qsl(query, keep_blank_values=True)
    twice = [option for index, (option, _) in enumerate(said) if option in dict(said[:index])]
    if twice:
        raise AddressError(f"{_shown(text)} says {twice[0]} more than once: say it once")
    return Address(scheme, name, dict(said))


def _shown(text: str) -> str:
    # a key that stands in it by mistake is not repeated
    return repr(_KEY.sub(r"\1...", text))


def open_model(text: str, ability: type, schemes: Mapping[str, Scheme]) -> Any:
    """The model behind an address, with the ability asked for; AddressError names the schemes it knows."""
    address = known_address(text, schemes)
    return schemes[address.scheme](address, ability)


def known_address(text: str, schemes: Mapping[str, Scheme]) -> Address:
    """The address taken apart; AddressError if none of the schemes is its. Nothing is opened."""
    address = parse_address(text)
    if address.scheme not in schemes:
        known = ", ".join(f"{name}:" for name in sorted(schemes))
        raise AddressError(f"nothing answers to {_shown(text)}: the scheme must be one of {known}")
    return address
