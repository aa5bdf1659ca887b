"""One request to a server until it has an end: tried again where that may help, given up where it will not."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from diptych.models.openai_address import Hosted
from diptych.models.openai_http import Again, Refused, exchanged, judged
from diptych.models.openai_pace import Pace, backoff
from diptych.models.openai_reply import Reply

TRIES = {"unreachable": 3, "slow": 2, "broken": 4}  # of one request
ENOUGH = 16  # requests in a row that found no answer, before the server counts as lost


@dataclass(slots=True)
class Line:
    """The way to one model: how fast it may be asked, and whether it answers at all. Used on the event loop alone."""

    hosted: Hosted
    pace: Pace
    heard: float | None = None  # when it last gave a reply
    silent: int = 0  # requests given up since then
    counts: Counter[str] = field(default_factory=Counter)

    async def post(self, body: bytes) -> Reply:
        """The reply. Refused is this request's own trouble; a lost server is a ConnectionError; a DiptychError would meet every request."""
        began = asyncio.get_running_loop().time()
        tried: Counter[str] = Counter()
        while True:
            started = await self.pace.start()
            try:
                reply = judged(await exchanged(self.hosted, body), self.hosted, self.heard is not None)
            except Again as again:
                tried[again.kind] += 1
                self._may_go_on(again, tried[again.kind], began)
                if again.kind == "busy":
                    self.pace.busy(started, again.pause)
                # the pace keeps a busy server's pause for all alike
                wait = backoff(self.hosted.first_wait, tried.total() - 1) + (0.0 if again.kind == "busy" else again.pause)
            except Refused:
                self.silent = 0
                raise
            else:
                self.heard, self.silent = asyncio.get_running_loop().time(), 0
                self.pace.good()
                self.counts.update({"tokens in": reply.tokens_in, "tokens out": reply.tokens_out})
                return reply
            finally:
                self.pace.finish()
            self.counts["tries again"] += 1
            await asyncio.sleep(wait)

    def _may_go_on(self, again: Again, tried: int, began: float) -> None:
        """Refused or ConnectionError where another try makes no sense."""
        if again.kind == "busy":
            since = max(began, self.heard if self.heard is not None else began)
            if asyncio.get_running_loop().time() - since > self.hosted.patience:
                raise ConnectionError(f"{self.hosted.said}: for {self.hosted.patience:g} s {again.why}") from again
            return
        if tried < TRIES[again.kind]:
            return
        self.silent += 1
        if again.kind == "unreachable":
            raise ConnectionError(f"{self.hosted.said}: {again.why}") from again
        if self.silent >= ENOUGH:
            raise ConnectionError(f"{self.hosted.said}: {again.why}, as {self.silent} requests in a row") from again
        raise Refused(f"{again.why}, {tried} times", retry=True) from again
