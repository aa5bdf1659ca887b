"""`openai:MODEL?base=http://127.0.0.1:8000/v1&rpm=600&in=.15&out=.6`: a model behind an endpoint that speaks OpenAI's protocol."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from diptych.data.errors import AddressError
from diptych.models.addresses import Address

BASE = "https://api.openai.com/v1"
OPTIONS = ("base", "key", "rpm", "concurrency", "in", "out", "side", "timeout", "cache", "family")
PLACEHOLDER = 12  # a shorter key is one, and blotting it out would spoil answers
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Hosted:
    """A model on a server, as its address and the environment say. Plain values; the key itself is never among them."""

    said: str  # the address for messages
    model: str
    base: str
    key_name: str = "OPENAI_API_KEY"  # the environment variable that holds the key
    rpm: float = 0.0  # requests a minute at most, 0 for no limit
    concurrency: int = 64
    price_in: float = 0.0  # US$ per million tokens, which is millionths of a US$ per token
    price_out: float = 0.0
    side: int = 1024  # longest side of a picture in pixels; larger ones are made smaller
    timeout: float = 120.0  # seconds of silence; one try takes at most twice as long
    connect: float = 10.0  # seconds
    patience: float = 300.0  # seconds that a server may turn everything away as too much
    cache: str = ""  # a file, "off", or empty for the user's own
    first_wait: float = 0.5  # seconds before a second try, doubled with each

    def key(self) -> str:
        """The key, read when it is sent; empty where the environment has none."""
        return os.environ.get(self.key_name, "").strip()

    def clean(self, text: str) -> str:
        """Somebody else's words without the key, should they repeat it."""
        key = self.key()
        return text.replace(key, "***") if len(key) >= PLACEHOLDER else text


def hosted_of(address: Address, *, asked: bool = True) -> Hosted:
    """What an address says; AddressError for what it may not say. A key in the address is refused and not repeated.

    What is only told of (`asked` False) needs no key in the environment.
    """
    if not address.name or not address.name.isprintable():
        raise AddressError("openai: names no model: write openai:MODEL, as the server calls it")
    said = f"openai:{address.name}"
    options = address.options
    strange = sorted(set(options) - set(OPTIONS))
    if strange:
        raise AddressError(f"{said} takes no option {strange[0]!r:.40}: it takes {', '.join(OPTIONS)}")
    hosted = Hosted(
        said,
        address.name,
        _base(options.get("base") or os.environ.get("OPENAI_BASE_URL") or BASE, said),
        _key_name(options.get("key", "OPENAI_API_KEY"), said),
        _number(options, "rpm", 0.0, said),
        int(_number(options, "concurrency", 64, said, least=1, most=4096)),
        _number(options, "in", 0.0, said),
        _number(options, "out", 0.0, said),
        int(_number(options, "side", 1024, said, least=28, most=8192)),
        _number(options, "timeout", 120.0, said, least=0.01),
        cache=options.get("cache", ""),
    )
    if not (hosted.key().isascii() and hosted.key().isprintable()):
        raise AddressError(
            f"{said}: what the environment variable {hosted.key_name} holds is no key: it must be printable ASCII on one line"
        )
    if any(len(hosted.key()) >= PLACEHOLDER and hosted.key() in text for text in (address.name, *options.values())):
        raise AddressError(f"an openai: address holds the key of {hosted.key_name}: take it out, the environment alone may hold it")
    if asked and hosted.base == BASE and not hosted.key():
        raise AddressError(
            f"{said} needs a key for {BASE}: put it into the environment variable {hosted.key_name}, or name a server by base="
        )
    return hosted


def _base(url: str, said: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not url.isprintable():
        raise AddressError(f"{said}: base must be the http(s) address of a server, such as http://127.0.0.1:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise AddressError(f"{said}: base must hold no login, query or fragment: put the key into the environment")
    return url.rstrip("/")


def _key_name(name: str, said: str) -> str:
    # what stands here may be a key by mistake: it is not repeated
    if not _NAME.fullmatch(name) or (name != "OPENAI_API_KEY" and name not in os.environ):
        raise AddressError(f"{said}: key must be the name of an environment variable that is set, never the key itself")
    return name


def _number(options: Mapping[str, str], name: str, default: float, said: str, *, least: float = 0.0, most: float = 1e9) -> float:
    try:
        value = float(options.get(name, default))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise AddressError(f"{said}: {name} must be a number from {least:g} to {most:g}, got {options[name]!r:.12}")
    return value
