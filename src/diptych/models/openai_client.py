"""One request to a server until it has an end: tried again where that may help, given up where it will not."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from diptych.models.openai_address import Hosted
from diptych.models.openai_http import Again, Refused, alive, exchanged, judged
from diptych.models.openai_pace import Pace, backoff
from diptych.models.openai_reply import Reply

TRIES = {"unreachable": 3, "slow": 2, "broken": 4}  # of one request


@dataclass(slots=True)
class Line:
    """The way to one model: how fast it may be asked, and whether it answers at all. Used on the event loop alone."""

    hosted: Hosted
    pace: Pace
    heard: float | None = None  # when it last gave a reply
    counts: Counter[str] = field(default_factory=Counter)

    async def post(self, body: bytes) -> Reply:
        """The reply. Refused is this request's own trouble; a lost server is a ConnectionError; a DiptychError would meet every request."""
        failures: dict[str, list[float]] = {}
        while True:
            started = await self.pace.start()
            try:
                reply = judged(await exchanged(self.hosted, body), self.hosted, self.heard is not None)
            except Again as again:
                failures.setdefault(again.kind, []).append(_now())
                await self._may_go_on(again, failures[again.kind])
                if again.kind == "busy":
                    self.pace.busy(started, again.pause)
                # the pace keeps a busy server's pause for all alike
                tried = sum(map(len, failures.values()))
                wait = backoff(self.hosted.first_wait, tried - 1) + (0.0 if again.kind == "busy" else again.pause)
            else:
                self.heard = _now()
                self.pace.good()
                self.counts.update({"tokens in": reply.tokens_in, "tokens out": reply.tokens_out})
                return reply
            finally:
                self.pace.finish()
            self.counts["tries again"] += 1
            await asyncio.sleep(wait)

    async def _may_go_on(self, again: Again, failures: list[float]) -> None:
        """Refused or ConnectionError where another try makes no sense."""
        if again.kind == "busy":
            if _now() - max(failures[0], self.heard or 0.0) > self.hosted.patience:
                raise ConnectionError(f"{self.hosted.said}: for {self.hosted.patience:g} s {again.why}") from again
            return
        tries = TRIES[again.kind]
        if len(failures) < tries:
            return
        others = self.heard is not None and self.heard >= failures[-tries]  # were answered meanwhile
        if again.kind == "unreachable":
            if others:
                return
            raise ConnectionError(f"{self.hosted.said}: {again.why}") from again
        if not others and not await alive(self.hosted):
            raise ConnectionError(f"{self.hosted.said}: {again.why}, {tries} times, and the server says nothing else either") from again
        raise Refused(f"{again.why}, {tries} times", retry=True) from again


def _now() -> float:
    return asyncio.get_running_loop().time()
