"""A chat model as captioner of pictures and regions."""

import re
from dataclasses import dataclass

from diptych.data.errors import PictureError
from diptych.data.opening import crop
from diptych.models.abilities import CaptionRequest, ChatRequest, Described, Failed
from diptych.models.chat_role import ChatRole
from diptych.models.prompting import QUOTED, asked, listed, plain, quoted, refuses

# style: how the caption is asked for, and the most tokens of it
STYLES: dict[str, tuple[str, int]] = {
    "short": ("Describe the picture in one sentence.", 128),
    "alt": ("Write the alt text of the picture for a web page: one short phrase.", 64),
    "region": ("Name what the picture shows in one short phrase, with its colour and other attributes.", 64),
    "dense": (
        "Describe the picture in detail: each thing, how many there are, their colours and other attributes, what they do, where they are,"
        " and the words that can be read.",
        512,
    ),
    "spatial": ("Describe where the things in the picture are, each in relation to another: left of, right of, on, under, behind.", 256),
    "fused": ("Describe the picture in a few plain sentences.", 256),
}
SHOWN = "Say only what the picture shows. Do not guess. Reply with the caption alone."
BORNE_OUT = "Say only what the picture or these texts bear out. Do not guess. Reply with the caption alone."
SHORTER = "Shorten this caption of the picture to at most {words} words. Add nothing. Reply with the caption alone."


@dataclass(frozen=True, slots=True)
class ChatCaptioner(ChatRole):
    """A Captioner; it heeds every field of a request. A region is cut out."""

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """One caption each; one that has too many words is asked for again, shorter, once."""
        prompts = [_request(request) for request in requests]
        found = asked(self.chat, prompts, lambda _, text: self._described(text))
        long = [at for at, one in enumerate(found) if isinstance(one, Described) and _too_long(requests[at], one)]
        again = [_shorter(requests[at], prompts[at], found[at]) for at in long]
        shorter = asked(self.chat, again, lambda number, text: _within(requests[long[number]], self._described(text)))
        for at, one in zip(long, shorter, strict=True):
            first = _within(requests[at], found[at])
            found[at] = first if isinstance(one, Failed) and isinstance(first, Described) else one
        return found

    def _described(self, text: str) -> Described | Failed:
        words = plain(text)
        if refuses(words):
            self.spent["refusals"] += 1
            return Failed(f"the model refuses: {words[:80]!r}")
        return Described(words) if words else Failed("the caption is empty")


def prompt(request: CaptionRequest) -> str:
    """What the chat model is told of one request."""
    lines = [STYLES[request.style][0]]
    if request.region is not None:
        lines = ["The picture is a part cut out of a larger one.", *lines]
    if request.question:
        lines.append(f"The caption must say what one needs to know to answer this question without the picture: {quoted(request.question)}")
    for texts, about in (
        (request.texts, "This is said of the picture elsewhere:"),
        (request.examples, "These are captions of other pictures. Follow their manner, not what they say:"),
        (request.hints, "An earlier caption got this wrong or left it out. Heed what the picture bears out:"),
    ):
        if texts:
            lines.append(f"{about}\n{listed(texts)}")
    if request.words:
        lines.append(f"Use at most {request.words} words.")
    return "\n".join([*lines, BORNE_OUT if request.texts else SHOWN])


def _request(request: CaptionRequest) -> ChatRequest | Failed:
    if request.style not in STYLES:
        return Failed(f"a chat model captions in the styles {', '.join(STYLES)}, got {request.style!r}")
    try:
        picture = request.picture if request.region is None else crop(request.picture, request.region)
    except PictureError as error:
        return Failed(str(error))
    tokens = STYLES[request.style][1]
    return ChatRequest(
        prompt(request), (picture,), QUOTED, tokens=tokens, draw=request.draw, temperature=request.temperature, record=request.record
    )


def _too_long(request: CaptionRequest, given: Described) -> bool:
    return bool(request.words) and len(given.text.split()) > request.words


def _shorter(request: CaptionRequest, before: ChatRequest | Failed, given: Described | Failed) -> ChatRequest | Failed:
    if isinstance(before, Failed) or isinstance(given, Failed):
        return Failed("the caption is empty")
    told = f"{SHORTER.format(words=request.words)}\n{quoted(given.text)}"
    return ChatRequest(told, before.pictures, QUOTED, tokens=before.tokens, draw=before.draw, temperature=before.temperature,
                       record=before.record)  # fmt: skip


def _within(request: CaptionRequest, given: Described | Failed) -> Described | Failed:
    """The whole sentences that fit."""
    if isinstance(given, Failed) or not _too_long(request, given):
        return given
    kept = ""
    for part in re.split(r"(?<=[.!?]) ", given.text):
        longer = f"{kept} {part}".strip()
        if len(longer.split()) > request.words:
            break
        kept = longer
    return Described(kept) if kept else Failed(f"the caption has {len(given.text.split())} words, asked twice for at most {request.words}")
