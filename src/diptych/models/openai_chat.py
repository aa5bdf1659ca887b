"""A hosted chat model: answers kept on disk first, the rest asked of the server, everything counted."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from diptych.data.errors import PictureError
from diptych.models.abilities import ChatRequest, Failed, Replied
from diptych.models.openai_address import Hosted
from diptych.models.openai_background import background, carry_out
from diptych.models.openai_cache import Answers, Cache, Kept, cache_path, key_of
from diptych.models.openai_client import Line
from diptych.models.openai_http import Refused, Strange
from diptych.models.openai_messages import Dialect, body_of, dialect_of, once_more
from diptych.models.openai_pace import Pace
from diptych.models.openai_pictures import Encoder
from diptych.models.openai_reply import Reply, allowed, schema_trouble, shown

AHEAD = 8  # one request in so many is made ready while others are under way, so that no turn waits for a picture
DIALECTS = 4  # ways of putting a request before it is given up
_OUTCOMES = {"refusal": "refusals", "empty": "empty answers", "cut": "answers cut short"}


@dataclass(slots=True, weakref_slot=True, eq=False)
class HostedChat:
    """The chat ability of a server's model. `spent` counts tokens, money and outcomes until somebody takes them out."""

    hosted: Hosted
    spent: Counter[str] = field(default_factory=Counter)
    revision: str = ""  # the model's name as the server last gave it
    line: Line = field(init=False)
    dialect: Dialect = field(init=False)
    encoder: Encoder = field(init=False)
    cache: Cache = field(init=False)

    def __post_init__(self) -> None:
        gap = 60.0 / self.hosted.rpm if self.hosted.rpm else 0.0
        self.line = Line(self.hosted, Pace(self.hosted.concurrency, gap))
        self.dialect = dialect_of(self.hosted)
        self.encoder = Encoder(self.hosted.side)
        self.cache = Cache(cache_path(self.hosted.cache))

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        """The replies; equal requests are asked once. ConnectionError for a lost server, DiptychError where every request fails alike."""
        keys = [key_of(self.hosted, request) for request in requests]
        answers: dict[bytes, Replied | Failed] = {}
        with self.cache.opened() as disk:
            for key, kept in disk.known(list(dict.fromkeys(keys))).items():
                answers[key] = self._outcome(kept)
            wanted = {key: request for key, request in zip(keys, requests, strict=True) if key not in answers}
            if cached := len(requests) - len(wanted):
                self.spent["answers from the cache"] += cached
            if wanted:
                self._ask(wanted, answers, disk)
        return [answers[key] for key in keys]

    def _outcome(self, kept: Kept) -> Replied | Failed:
        """Counts an outcome; the answer it is."""
        self.revision = kept.model or self.revision
        if kept.kind in _OUTCOMES:
            self.spent[_OUTCOMES[kept.kind]] += 1
        if kept.kind == "refusal":
            return Failed(f"the model refuses: {kept.text}".rstrip(": "))
        return Failed(f"the model's answer is empty: {kept.text}".rstrip(": ")) if kept.kind == "empty" else Replied(kept.text)

    def _ask(self, wanted: Mapping[bytes, ChatRequest], answers: dict[bytes, Replied | Failed], disk: Answers) -> None:
        def take(told: tuple[bytes, Kept | Failed]) -> None:
            key, what = told
            answers[key] = self._outcome(disk.keep(key, what)) if isinstance(what, Kept) else what

        try:
            carry_out(lambda hand_over: self._all(iter(wanted.items()), len(wanted), hand_over), take)
        finally:
            counts = self.line.counts
            price = counts["tokens in"] * self.hosted.price_in + counts["tokens out"] * self.hosted.price_out
            self.spent.update(counts + Counter({"US$ millionths": round(price)}))  # the sum has no zeros
            counts.clear()

    async def _all(
        self, wanted: Iterator[tuple[bytes, ChatRequest]], count: int, hand_over: Callable[[tuple[bytes, Kept | Failed]], None]
    ) -> None:
        """As many at once as the pace allows, a few more being made ready; the first error that is not one request's own ends all."""
        await self.line.begin()

        async def worker() -> None:
            for key, request in wanted:
                hand_over((key, await self._told(request)))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(count, self.hosted.concurrency + self.hosted.concurrency // AHEAD)):
                    group.create_task(worker())
        except ExceptionGroup as errors:
            first = errors.exceptions[0]
        else:
            return
        raise first

    async def _told(self, request: ChatRequest) -> Kept | Failed:
        """What is kept of an answer, or why there is none that could be kept."""
        if why := schema_trouble(request.schema):
            return Failed(why)
        try:
            return await self._kept(request)
        except PictureError as error:
            return Failed(str(error))
        except Refused as error:
            why = self.hosted.clean(error.why)
            return Kept("refusal", why) if error.refusal else Failed(why, error.retry)

    async def _kept(self, request: ChatRequest) -> Kept:
        reply = await self._said(request, [])
        paid = Counter({"in": reply.tokens_in, "out": reply.tokens_out})
        text, why = reply.text, ""
        if request.schema and reply.kind in ("answer", "cut"):
            text, why = allowed(reply.text, request.schema)
        if why:
            # it does not hold replies to the schema: from now on the prompt says what is wanted
            self.dialect = replace(self.dialect, schema_in_prompt=True)
            self.line.counts["asked again"] += 1
            reply = await self._said(request, once_more(request, reply.text, why))
            paid.update({"in": reply.tokens_in, "out": reply.tokens_out})
            text, why = allowed(reply.text, request.schema) if reply.kind in ("answer", "cut") else (reply.text, "")
        if why:
            raise Refused(f"two replies were not what the schema allows, the second {why}", retry=True)
        kind = "answer" if request.schema and reply.kind == "cut" else reply.kind
        return Kept(kind, text, reply.model, paid["in"], paid["out"])

    async def _said(self, request: ChatRequest, more: list[dict[str, Any]]) -> Reply:
        for _ in range(DIALECTS):
            dialect = self.dialect
            body, names = await self._body(request, dialect, more)
            try:
                return await self.line.post(body)
            except Strange as strange:
                if self.dialect != dialect:
                    continue  # another request has found it out meanwhile
                self.dialect, change = dialect.after(strange.words, names)
                if not change:
                    raise
                print(f"{self.hosted.said}: {self.hosted.clean(shown(strange.why))}; asked with {change} from now on", file=sys.stderr)
        raise Refused("the server takes the request in no way that is known")

    async def _body(self, request: ChatRequest, dialect: Dialect, more: list[dict[str, Any]]) -> tuple[bytes, list[str]]:
        def made() -> tuple[bytes, list[str]]:
            body = body_of(self.hosted.model, request, [self.encoder(picture) for picture in request.pictures], dialect, more)
            return json.dumps(body).encode("ascii"), list(body)

        if not request.pictures:
            return made()
        return await asyncio.get_running_loop().run_in_executor(background().pool, made)


_open: WeakValueDictionary[tuple[Hosted, Path | None], HostedChat] = WeakValueDictionary()


def hosted_chat(hosted: Hosted) -> HostedChat:
    """The model of an address: one for all its roles, which share its pace and what it has found out about the server."""
    known = hosted, cache_path(hosted.cache)
    found = _open.get(known)
    if found is None:
        _open[known] = found = HostedChat(hosted)
    return found
