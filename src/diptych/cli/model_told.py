"""What one address is, what it can do and what it needs, told without opening it."""

import os
import shutil
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

# by scheme, the package of the extra experts that answers
MADE_OF = {"rapidocr": "rapidocr", "faces": "cv2"}


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
    return {
        "address": text,
        "abilities": _unique(row["ability"] for row in found),
        "needs": found[0]["needs"],
        "here": _here(address.scheme),
    }


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


def _here(scheme: str) -> str:
    """Whether what an expert without weights is made of is installed; empty for schemes that need nothing of the kind."""
    if scheme == "tesseract":
        return shutil.which("tesseract") or "no: `apt-get install tesseract-ocr` installs it"
    if scheme in MADE_OF:
        return "yes" if find_spec(MADE_OF[scheme]) is not None else "no: `pip install 'diptych[experts]'` installs it"
    return ""


def _openai(address: Address) -> dict[str, Any]:
    hosted = hosted_of(address, asked=False)
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
