"""What calls of models take, estimated before any is made: tokens from our own prompts, money where an address has prices."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from diptych.data.pictures import Picture
from diptych.models import chat_answerer, chat_captioner, chat_comparer, chat_entailer, chat_judge, chat_writer
from diptych.models.abilities import CaptionRequest, JudgeRequest
from diptych.models.addresses import parse_address
from diptych.models.openai_address import BASE, Hosted, hosted_of
from diptych.models.prompting import QUOTED
from diptych.models.suggested import facts

CALLS = " calls to "  # "caption calls to hf:A"
LETTERS = 4  # of English text in a token, about
PATCH = 28  # a token stands for so many pixels squared (Qwen2-VL, Wang et al., 2024, arXiv:2409.12191); other models take more or fewer
# OpenAI's own count: tokens of any picture, and of each tile after its shorter side was made 768 pixels at most
TILES = {"gpt-4o-mini": (2833, 5667), "gpt-4o": (85, 170)}
SIDE = 1024  # pixels of the longest side as it is sent
SIZE = (1024, 768)  # of a picture whose size is not known
FRAME = 12  # tokens around a message
# tokens of a reply, guessed from how long captions of each style usually are
REPLIES = {"short": 25, "alt": 12, "region": 12, "dense": 160, "spatial": 80, "fused": 60}
REPLY = 60
_NOBODY = Picture("", *SIZE, lambda: None)  # type: ignore[arg-type,return-value]
_CAPTION = "A brown dog and two white cats lie on a red couch."
_QUESTION = "Is there a brown dog lying on a red couch in the image?"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one address is asked. Tokens are a server's, 0 for models of this machine; `money` in US$, None where nobody knows."""

    address: str
    calls: int
    tokens_in: int = 0
    tokens_out: int = 0
    money: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        money = None if self.money is None or other.money is None else self.money + other.money
        return Usage(self.address, self.calls + other.calls, self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, money)

    def scaled(self, factor: float) -> "Usage":
        """For another number of pictures."""
        money = None if self.money is None else self.money * factor
        sent, told = round(self.tokens_in * factor), round(self.tokens_out * factor)
        return Usage(self.address, round(self.calls * factor), sent, told, money)


def usages(calls: Mapping[str, int], style: str = "", size: tuple[int, int] = SIZE) -> tuple[Usage, ...]:
    """What a step's forecast calls take, one for each address, for pictures of `size` pixels; names that are no calls are passed over.

    Nothing is opened or asked. AddressError for an `openai:` address that would be refused, before anything of it is repeated.
    """
    named = ((name.split(CALLS, 1), number) for name, number in calls.items() if CALLS in name)
    return merged(_usage(what, address, number, style, size) for (what, address), number in named)


def merged(parts: Iterable[Usage]) -> tuple[Usage, ...]:
    """The parts of each address together, in order of mention."""
    found: dict[str, Usage] = {}
    for part in parts:
        found[part.address] = found[part.address] + part if part.address in found else part
    return tuple(found.values())


def _usage(what: str, address: str, calls: int, style: str, size: tuple[int, int]) -> Usage:
    asked = parse_address(address)
    hosted = hosted_of(asked, asked=False) if asked.scheme == "openai" else None
    if hosted is None or what not in _WORDS:
        return Usage(address, calls, money=0.0)
    words, pictures = _WORDS[what]
    sent = FRAME + (len(QUOTED) + len(words(style))) // LETTERS + pictures * hosted_tokens(hosted, size)
    told = _replied(what, style)
    return Usage(address, calls, calls * sent, calls * told, _money(_priced(hosted, address), calls * sent, calls * told))


def picture_tokens(size: tuple[int, int], side: int = SIDE) -> int:
    """Tokens of a picture of width x height pixels, whose longest side is made `side` at most."""
    shrunk = min(1.0, side / max(*size, 1))
    return math.prod(max(1, math.ceil(edge * shrunk / PATCH)) for edge in size)


def hosted_tokens(hosted: Hosted, size: tuple[int, int]) -> int:
    """What a server counts for a picture: for models of TILES a base and so many for each tile of 512 pixels, else as `picture_tokens`."""
    for name, (base, each) in TILES.items():
        if hosted.model.startswith(name):
            long, short = (edge * min(1.0, hosted.side / max(*size, 1)) for edge in (max(size), min(size)))
            shrunk = min(1.0, 768 / max(short, 1))
            return base + each * math.prod(max(1, math.ceil(edge * shrunk / 512)) for edge in (long, short))
    return picture_tokens(size, hosted.side)


def _priced(hosted: Hosted, address: str) -> Hosted:
    """With the prices that `diptych models` lists where the address says none and the server is OpenAI's own."""
    known = facts(address) if hosted.base == BASE and not hosted.price_in and not hosted.price_out else None
    if known is None:
        return hosted
    listed = parse_address(known.address).options
    return replace(hosted, price_in=float(listed.get("in", 0)), price_out=float(listed.get("out", 0)))


def _money(hosted: Hosted, sent: int, told: int) -> float | None:
    if not hosted.price_in and not hosted.price_out:
        return None
    return (sent * hosted.price_in + told * hosted.price_out) / 1e6


def _replied(what: str, style: str) -> int:
    if what in ("caption", "write"):
        return REPLIES.get(style, REPLY)
    return {"answer": 2, "judge": 14, "entail": 14}.get(what, REPLY)


def _captioned(style: str) -> str:
    return chat_captioner.prompt(CaptionRequest(_NOBODY, style if style in chat_captioner.STYLES else "short"))


def _written(style: str) -> str:
    return chat_writer.prompt(_CAPTION * 2, style if style in chat_writer.STYLES else "fused", (_CAPTION, _CAPTION))


# by the ability's method: the words of a typical prompt, and how many pictures go with it
_WORDS: Mapping[str, tuple[Callable[[str], str], int]] = {
    "caption": (_captioned, 1),
    "answer": (lambda _: chat_answerer.prompt(_QUESTION), 1),
    "write": (_written, 0),
    "judge": (lambda _: chat_judge.prompt(JudgeRequest(_NOBODY, (_CAPTION,) * 3)), 1),
    "compare": (lambda _: chat_comparer.PROMPT, 2),
    "entail": (lambda _: chat_entailer.PROMPT.format(premise=_CAPTION, hypothesis=_CAPTION), 0),
    "chat": (lambda _: _CAPTION * 4, 0),  # readers and judges of texts alone
}
