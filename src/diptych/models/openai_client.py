"""One request to a server until it has an end: tried again where that may help, given up where it will not."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

from diptych.models.openai_address import Hosted
from diptych.models.openai_http import Again, Doubtful, Refused, alive, exchanged, judged
from diptych.models.openai_pace import Pace, backoff
from diptych.models.openai_reply import Reply

TRIES = {"unreachable": 3, "slow": 2, "broken": 4}  # of one request
GLANCE = 0.02  # seconds
TURNS = 30  # of one request turned away as too much while others are let in


@dataclass(slots=True)
class Line:
    """The way to one model: how fast it may be asked, and whether it answers at all. Used on the event loop alone."""

    hosted: Hosted
    pace: Pace
    heard: float | None = None  # when it last gave a reply
    doubting: int = 0  # requests that wait to learn whether their trouble is every request's
    lost: str = ""  # why the server counted as lost
    counts: Counter[str] = field(default_factory=Counter)

    async def begin(self) -> None:
        """Before a batch: a server that was lost is asked whether it is back, which is quicker than finding out by a request."""
        self.pace.begin()
        if self.lost and not await alive(self.hosted):
            raise ConnectionError(self.lost)
        self.lost = ""

    async def post(self, body: bytes) -> Reply:
        """The reply. Refused is this request's own trouble; a lost server is a ConnectionError; a DiptychError would meet every request."""
        failures: dict[str, list[float]] = {}
        while True:
            started = await self.pace.start()
            try:
                reply = judged(await exchanged(self.hosted, body), self.hosted)
            except Again as again:
                failures.setdefault(again.kind, []).append(_now())
                await self._may_go_on(again, failures[again.kind])
                if again.kind == "busy":
                    self.pace.busy(started, again.pause)
                # the pace keeps a busy server's pause for all alike
                tried = sum(map(len, failures.values()))
                wait = backoff(self.hosted.first_wait, tried - 1) + (0.0 if again.kind == "busy" else again.pause)
            except Doubtful as doubtful:
                raise await self._settled(doubtful) from None
            else:
                self.heard = _now()
                self.pace.good()
                self.counts.update({"tokens in": reply.tokens_in, "tokens out": reply.tokens_out})
                return reply
            finally:
                self.pace.finish()
            self.counts["tries again"] += 1
            await asyncio.sleep(wait)

    async def _settled(self, doubtful: Doubtful) -> Exception:
        """Whose trouble it is, once another request was answered, or once all under way have met the same."""
        self.doubting += 1
        try:
            while self.heard is None and self.doubting < self.pace.running:
                await asyncio.sleep(GLANCE)
        finally:
            self.doubting -= 1
        return doubtful.meaning if self.heard is None else doubtful

    async def _may_go_on(self, again: Again, failures: list[float]) -> None:
        """Refused or ConnectionError where another try makes no sense."""
        if again.kind == "busy":
            if len(failures) >= TURNS and self.heard is not None and self.heard >= failures[0]:
                raise Refused(f"{again.why}, {TURNS} times", retry=True)
            if _now() - max(failures[0], self.heard or 0.0) > self.hosted.patience:
                self._lose(f"for {self.hosted.patience:g} s {again.why}")
            return
        tries = TRIES[again.kind]
        if len(failures) < tries:
            return
        others = self.heard is not None and self.heard >= failures[-tries]  # were answered meanwhile
        if again.kind == "unreachable":
            if others:
                return
            self._lose(again.why)
        if not others and not await alive(self.hosted):
            self._lose(f"{again.why}, {tries} times, and the server says nothing else either")
        raise Refused(f"{again.why}, {tries} times", retry=True)

    def _lose(self, why: str) -> NoReturn:
        self.lost = self.hosted.clean(f"{self.hosted.said}: {why}")
        raise ConnectionError(self.lost)


def _now() -> float:
    return asyncio.get_running_loop().time()
