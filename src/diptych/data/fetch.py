"""Downloads of untrusted URLs: http(s) only, every host checked when it is connected to, caps on bytes, seconds and redirects."""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from diptych.data.errors import PictureError

_AGENT = "diptych/0.1 (image-text data library)"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
IP = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one download may take. `allow` lists networks that are let through although they are not public."""

    bytes: int = 64 << 20
    seconds: float = 30.0
    redirects: int = 5
    allow: tuple[str, ...] = ()


LIMITS = Limits()


@dataclass(slots=True)
class _Wire:
    """A socket whose reads all end at one deadline, however slowly the bytes drip."""

    plain: Any
    deadline: float

    def left(self) -> float:
        rest = self.deadline - time.monotonic()
        if rest <= 0:
            raise TimeoutError("out of time")
        return rest

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self))


class _Raw(io.RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        self.wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.wire.plain.settimeout(self.wire.left())
        return int(self.wire.plain.recv_into(buffer))


def fetch(url: str, limits: Limits = LIMITS) -> bytes:
    """The bytes behind a URL; PictureError says which rule it broke."""
    deadline = time.monotonic() + limits.seconds
    here = url
    try:
        for _ in range(limits.redirects + 1):
            found = _get(here, limits, deadline)
            if isinstance(found, bytes):
                return found
            here = urljoin(here, found)
    except TimeoutError:
        raise PictureError(f"{url} took more than {limits.seconds:g} s: try again later or raise the cap") from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"{url} cannot be had ({' '.join(str(error).split())[:200]}): check the address and the network") from error
    raise PictureError(f"{url} was redirected more than {limits.redirects} times: use the address it leads to")


def _get(url: str, limits: Limits, deadline: float) -> bytes | str:
    """The body, or where it redirects to."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PictureError(f"{url!r:.200} is refused: only http:// and https:// addresses are opened")
    wire = _connect(parts.scheme, parts.hostname, parts.port, limits, deadline)
    with wire.plain:
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            f"?{quote(parts.query, safe='%:@!$&()*+,;=/?~-._')}" if parts.query else ""
        )
        host = parts.hostname.encode("idna").decode() if ":" not in parts.hostname else f"[{parts.hostname}]"
        port = f":{parts.port}" if parts.port else ""
        wire.plain.settimeout(wire.left())
        wire.plain.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: {_AGENT}\r\nAccept: image/*\r\nConnection: close\r\n\r\n".encode(
                "ascii"
            )
        )
        answer = http.client.HTTPResponse(wire, method="GET")  # type: ignore[arg-type]
        answer.begin()
        if answer.status in (301, 302, 303, 307, 308) and answer.headers.get("Location"):
            return answer.headers["Location"]
        if answer.status != 200:
            raise PictureError(f"{url} answered {answer.status} {answer.reason}: check the address")
        return _body(url, answer, limits)


def _body(url: str, answer: http.client.HTTPResponse, limits: Limits) -> bytes:
    over = PictureError(f"{url} sends more than {limits.bytes} bytes: make it smaller or raise the cap")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise PictureError(f"{url} sends a compressed body although none was asked for: download it by hand")
    if answer.length is not None and answer.length > limits.bytes:
        raise over
    said, parts, size = answer.length, [], 0
    while part := answer.read1(1 << 16):
        size += len(part)
        if size > limits.bytes:
            raise over
        parts.append(part)
    if said is not None and size < said:
        raise PictureError(f"{url} broke off after {size} of {said} bytes: try again")
    return b"".join(parts)


def _connect(scheme: str, host: str, port: int | None, limits: Limits, deadline: float) -> _Wire:
    """Connects to an address that was itself checked, so that no second look-up can lead elsewhere."""
    found = socket.getaddrinfo(host, port or (443 if scheme == "https" else 80), type=socket.SOCK_STREAM)
    for *_, address in found:
        check_host(str(address[0]), host, limits)
    trouble: OSError | None = None
    for family, kind, protocol, _, address in found:
        plain: socket.socket = socket.socket(family, kind, protocol)
        wire = _Wire(plain, deadline)
        try:
            plain.settimeout(wire.left())
            plain.connect(address)
            if scheme == "https":
                wire.plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            return wire
        except OSError as error:
            plain.close()
            trouble = error
    raise trouble or OSError(f"{host} has no address")


def check_host(address: str, host: str, limits: Limits = LIMITS) -> None:
    """PictureError unless the address is public or listed in `limits.allow`."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in ipaddress.ip_network(network) for network in limits.allow):
        return
    if any(not seen.is_global or seen.is_multicast or seen.is_reserved for seen in _meant(ip)):
        raise PictureError(f"{host} is refused: it leads to {ip}, which is no public address; download by hand what you trust")


def _meant(ip: IP) -> list[IP]:
    """The address and the IPv4 address inside it, if it carries one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    inside = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        inside.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    found: list[IP] = [part for part in inside if part is not None]
    return found if ip.ipv4_mapped is not None or ip in _NAT64 else [ip, *found]
