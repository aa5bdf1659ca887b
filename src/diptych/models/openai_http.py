"""One exchange with a server: sent with timeouts, read with a cap, and sorted by whether asking again may help."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from diptych.data.errors import AddressError, RunError
from diptych.models.openai_address import PLACEHOLDER, Hosted
from diptych.models.openai_background import background
from diptych.models.openai_pace import retry_after
from diptych.models.openai_reply import Garbled, Reply, error_of, read_reply, shown

MOST = 4 << 20  # bytes of a reply
REDIRECTS = 3
_AGENT = "diptych/0.1 (image-text data library)"
_BUSY = (429, 529)
_LATER = (408, 409, 425)
_POOR = ("insufficient_quota", "billing_hard_limit_reached")
_UNSPOKEN = ("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation")
_TO_HOST = (aiohttp.ClientConnectorError, aiohttp.ClientProxyConnectionError, aiohttp.ConnectionTimeoutError)


class Refused(Exception):
    """This request will have no answer. `refusal`: the model will not speak of it; `retry`: in another run it might."""

    def __init__(self, why: str, *, retry: bool = False, refusal: bool = False) -> None:
        super().__init__(why)
        self.why, self.retry, self.refusal = why, retry, refusal


class Strange(Refused):
    """The server does not take the request as it is put; `words` are its own."""

    def __init__(self, why: str, words: str) -> None:
        super().__init__(why)
        self.words = words


class Doubtful(Refused):
    """This request's own trouble, or every request's: `meaning` is the error if it is every one's."""

    def __init__(self, why: str, meaning: AddressError) -> None:
        super().__init__(why)
        self.meaning = meaning


class Again(Exception):
    """Asking again may help. `kind`: busy, unreachable, slow or broken; `pause` is what the server asks to wait, in seconds."""

    def __init__(self, why: str, kind: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.kind, self.pause = why, kind, pause


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body."""

    status: int
    headers: Mapping[str, str]
    data: bytes


async def exchanged(hosted: Hosted, body: bytes) -> Answer:
    """The server's answer to one request, whatever it is."""
    url = f"{hosted.base}/chat/completions"
    for _ in range(REDIRECTS + 1):
        answer = await _once(hosted, url, body)
        if not 300 <= answer.status < 400:
            return answer
        url = _next(url, answer)
    raise Refused(f"the server redirects more than {REDIRECTS} times: name the right address by base=")


def _next(url: str, answer: Answer) -> str:
    """Where a redirect leads, on the same server."""
    said = answer.headers.get("Location", "")
    try:
        there = urljoin(url, said)
        near = _origin(there) == _origin(url)
    except ValueError:
        near = False
    # 301 to 303 would make a GET of it
    if answer.status not in (307, 308) or not near or not there.isprintable():
        raise Refused(f"the server redirects to {shown(said)!r}, which is not followed: name the right server by base=")
    return there


async def _once(hosted: Hosted, url: str, body: bytes) -> Answer:
    key = hosted.key()
    timeout = aiohttp.ClientTimeout(total=2 * hosted.timeout, sock_connect=hosted.connect, sock_read=hosted.timeout)
    proxy = proxy_of(hosted.base) or None
    sent = background().session().post(url, data=body, headers=_headers(key), timeout=timeout, allow_redirects=False, proxy=proxy)
    try:
        async with sent as response:
            data = await _read(response)
            return Answer(response.status, response.headers, data.replace(key.encode(), b"***") if len(key) >= PLACEHOLDER else data)
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise AddressError(
            f"{hosted.said}: no safe connection to {hosted.base} ({shown(str(error))}): check base and the certificate"
        ) from error
    except (aiohttp.InvalidURL, UnicodeError) as error:
        raise AddressError(f"{hosted.said}: {hosted.base} is no address of a server: correct base") from error
    except _TO_HOST as error:
        raise Again(f"{hosted.base} cannot be reached ({_said(error)})", "unreachable") from error
    except TimeoutError as error:
        raise Again(f"no answer within {hosted.timeout:g} s", "slow") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Again(f"the answer broke off ({_said(error)})", "broken") from error


async def alive(hosted: Hosted) -> bool:
    """Whether the server says anything sensible at all: it is asked for its list of models, which costs nothing."""
    timeout = aiohttp.ClientTimeout(total=min(10.0, hosted.timeout), sock_connect=hosted.connect)
    get, proxy = background().session().get, proxy_of(hosted.base) or None
    sent = get(f"{hosted.base}/models", headers=_headers(hosted.key()), timeout=timeout, allow_redirects=False, proxy=proxy)
    try:
        async with sent as response:
            return response.status < 500
    except (aiohttp.ClientError, OSError, ValueError):
        return False


def _headers(key: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": _AGENT}
    return {**headers, "Authorization": f"Bearer {key}"} if key else headers


def _said(error: BaseException) -> str:
    return shown(f"{type(error).__name__}: {error}".rstrip(": "))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Again("the answer is compressed although none such was asked for", "broken")
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MOST:
            response.close()
            raise Refused(f"the reply is larger than {MOST} bytes")
        parts.append(part)
    return b"".join(parts)


def judged(answer: Answer, hosted: Hosted) -> Reply:
    """The reply in an answer; what is raised says what else it is."""
    if answer.status == 200:
        try:
            reply = read_reply(answer.data)
        except Garbled as error:
            raise Again(str(error), "broken") from error
        return replace(reply, text=hosted.clean(reply.text), model=hosted.clean(reply.model))
    code, words = map(hosted.clean, error_of(answer.data))
    why = f"the server answered {answer.status} ({shown(words)})"
    pause = retry_after(answer.headers)
    if answer.status == 402 or code in _POOR:
        raise RunError(
            f"{hosted.said}: {why}: no money is left there; top it up, then start the same run again, it continues where it stopped"
        )
    if answer.status in (401, 403, 404, 405):
        remedy = f"check the model's name, base={hosted.base}, and the key in {hosted.key_name}"
        everyone = AddressError(f"{hosted.said}: {why}: {remedy}")
        # a key may be withdrawn in the middle of a run, but a picture may be forbidden too
        raise everyone if answer.status == 401 else Doubtful(why, everyone)
    if answer.status == 429 and "too large" in words.lower():
        raise Refused(why)  # alone beyond what a minute may take: waiting will not make it smaller
    if answer.status in _BUSY or (answer.status == 503 and pause):
        raise Again(why, "busy", pause)
    if answer.status >= 500 or answer.status in _LATER:
        raise Again(why, "broken", pause)
    if code in _UNSPOKEN:
        raise Refused(why, refusal=True)
    raise Strange(why, f"{code} {words}")


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


@lru_cache(maxsize=16)
def proxy_of(base: str) -> str:
    """The proxy that the environment names for a server, if any; a loopback address needs none."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    try:
        near = ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost"
    return "" if near or proxy_bypass(host) else getproxies().get(parts.scheme, "")
