"""How fast a server may be asked: concurrency that halves when it is busy and grows back, requests a minute, and Retry-After."""

import asyncio
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 60.0  # seconds between two tries of one request
LONGEST_PAUSE = 300.0  # of a Retry-After that is believed


@dataclass(slots=True)
class Pace:
    """Turns of requests, on one event loop. `limit` is additive in growth and multiplicative in decrease (AIMD), 1 to `most`."""

    most: int
    gap: float = 0.0  # seconds between two starts
    limit: float = field(init=False)
    running: int = field(default=0, init=False)
    paused_until: float = field(default=0.0, init=False)
    next_start: float = field(default=0.0, init=False)
    cut: float = field(default=-1.0, init=False)  # when the limit was last halved
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque, init=False)
    loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.limit = float(self.most)

    def begin(self) -> None:
        """To be called on the loop before it is used: after a fork, or once the old loop was closed, nothing runs."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.loop, self.waiting, self.running = loop, deque(), 0

    async def start(self) -> float:
        """Waits for a turn; when it came."""
        while True:
            now = asyncio.get_running_loop().time()
            if self.running >= int(self.limit):
                await self._queue()
            elif (at := max(self.paused_until, self.next_start)) > now:
                await asyncio.sleep(at - now)
            else:
                self.running += 1
                self.next_start = now + self.gap
                return now

    async def _queue(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._wake()  # its turn may just have come
            raise

    def _wake(self) -> None:
        """Wakes as many as may start, first come first served."""
        free = int(self.limit) - self.running
        while free > 0 and self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1

    def finish(self) -> None:
        """A turn is over, whatever came of it."""
        self.running -= 1
        self._wake()

    def good(self) -> None:
        """The server kept up: one more at once for each round of good answers."""
        self.limit = min(float(self.most), self.limit + 1.0 / self.limit)
        self._wake()

    def busy(self, started: float, pause: float) -> None:
        """The server is busy: half as many at once, and none for `pause` seconds. Requests sent before the last cut tell nothing new."""
        now = asyncio.get_running_loop().time()
        if started > self.cut:
            self.limit = max(1.0, self.limit / 2.0)
            self.cut = now
        self.paused_until = max(self.paused_until, now + pause)


def backoff(first: float, tried: int) -> float:
    """Seconds before the next try: doubled with each, and jittered, so that those who failed together do not come back together."""
    return float(min(LONGEST_WAIT, first * 2.0 ** min(tried, 20)) * random.uniform(0.5, 1.0))


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that a server asks to wait, said as seconds or as a date; 0 where it says nothing that can be read."""
    for name, unit in (("retry-after-ms", 1e-3), ("Retry-After", 1.0)):
        if name in headers:
            wait = _seconds(headers[name], unit)
            return wait if 0.0 < wait <= LONGEST_PAUSE else LONGEST_PAUSE if wait > 0.0 else 0.0
    return 0.0


def _seconds(said: str, unit: float) -> float:
    try:
        return float(said) * unit
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
