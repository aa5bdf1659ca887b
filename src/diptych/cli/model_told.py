"""What one address is, what it can do and what it needs, told without opening it."""

import os
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.abilities import Painter
from diptych.models.addresses import Address, parse_address
from diptych.models.hf_kinds import SEES
from diptych.models.hf_told import told
from diptych.models.openai_address import hosted_of
from diptych.models.suggested import facts

# by extra, one of the packages that it brings
EXTRAS = {"models": "transformers", "paint": "diffusers", "hosted": "aiohttp", "experts": "rapidocr"}


def described(text: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Names and values to print: address, what, abilities, needs, licence, here.

    `rows` are what `diptych models` lists. AddressError for an address that nothing answers to.
    """
    address = parse_address(text)
    if address.scheme == "hf":
        return {"address": text, **_hf(text, address)}
    if address.scheme == "openai":
        return {"address": text, **_openai(address)}
    found = [row for row in rows if _fits(row["address"], address)]
    if not found:
        raise AddressError(f"nothing answers to {text!r}: `diptych models` lists what there is")
    return {"address": text, "abilities": _unique(row["ability"] for row in found), "needs": found[0]["needs"]}


def _fits(listed: str, address: Address) -> bool:
    scheme, _, name = listed.partition(":")
    return scheme == address.scheme and name in (address.name, "PATH")


def _hf(text: str, address: Address) -> dict[str, Any]:
    found, known = told(address), facts(text)
    if found is not None:
        abilities, kind, parameters = found.abilities, found.kind, found.parameters
    elif known is not None:
        abilities, kind, parameters = known.abilities, known.kind, round(known.millions * 1e6)
    else:
        return {"what": "not on this machine, and none of those that `diptych models` lists", "here": _fetch(address)}
    what = ", ".join(
        filter(None, (kind, f"{parameters / 1e6:.4g} M parameters" if parameters else "", *(found.dtypes[:1] if found else ())))
    )
    size = f"weights of {parameters * 4 / 1e9:.2g} GB in float32, {parameters * 2 / 1e9:.2g} GB in bfloat16" if parameters else ""
    return {
        "what": what,
        "abilities": _unique(able.__name__.lower() for able in abilities) or ["none here"],
        "needs": "; ".join(filter(None, (size, known.note if known else "", _extra("paint" if Painter in abilities else "models")))),
        "licence": (found.licence if found else "") or (known.licence if known else "") or "not said: see its model card",
        "here": str(found.folder) if found else _fetch(address),
    }


def _fetch(address: Address) -> str:
    name, _, revision = address.name.partition("@")
    return f"no: `hf download {name}{f' --revision {revision}' if revision else ''}` fetches it"


def _openai(address: Address) -> dict[str, Any]:
    hosted = hosted_of(address)
    key = f"the key in {hosted.key_name} ({'set' if os.environ.get(hosted.key_name) else 'not set'})"
    prices = f"US$ {hosted.price_in:g} in and {hosted.price_out:g} out per million tokens" if hosted.price_in or hosted.price_out else ""
    known = facts(f"openai:{address.name}")
    return {
        "what": f"{hosted.model} at {hosted.base}",
        "abilities": _unique(able.__name__.lower() for able in SEES),
        "needs": "; ".join(filter(None, (key, prices, _extra("hosted")))),
        "licence": known.licence if known else "",
    }


def _extra(name: str) -> str:
    there = find_spec(EXTRAS[name]) is not None
    return f"the extra {name} ({'installed' if there else f'''not installed: pip install 'diptych[{name}]' '''.strip()})"


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
