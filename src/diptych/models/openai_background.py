"""One event loop in a thread of its own and one client session for the whole process, made when first needed."""

import asyncio
import atexit
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

import aiohttp

T = TypeVar("T")
GOODBYE = 5.0  # seconds that cancelled work has to end
LOOK_UP = 0.5  # seconds after which an interrupt is noticed wherever the system delivered it
_lock = Lock()


@dataclass(slots=True)
class Background:
    """The loop, its thread, the session, and threads that encode pictures."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    pid: int = field(default_factory=os.getpid)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(min(4, os.cpu_count() or 1), "diptych-pictures"))
    thread: Thread = field(init=False)
    open_session: aiohttp.ClientSession | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.thread = Thread(target=self.loop.run_forever, name="diptych-hosted", daemon=True)
        self.thread.start()

    def session(self) -> aiohttp.ClientSession:
        """The session; to be called on the loop."""
        if self.open_session is None:
            # bodies stay packed as they came, so that none can unfold beyond the cap; cookies are nobody's business here
            self.open_session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self.open_session

    async def _closed(self) -> None:
        if self.open_session is not None:
            await self.open_session.close()

    def close(self) -> None:
        """Ends the session, the loop and the threads."""
        if self.thread.is_alive():
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._closed(), self.loop).result(GOODBYE)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(GOODBYE)
        self.pool.shutdown(wait=False, cancel_futures=True)
        if not self.loop.is_running():
            self.loop.close()


_running: list[Background] = []
_inherited: list[Background] = []  # of the process this one was forked from: kept, so that nobody closes its sockets here


def background() -> Background:
    """The process's own: a forked process makes another, since threads do not survive a fork."""
    with _lock:
        if _running and _running[0].pid != os.getpid():
            _inherited.append(_running.pop())
        if not _running:
            _running.append(Background())
        return _running[0]


def close_background() -> None:
    """Ends it, if there is one; the next request makes another."""
    with _lock:
        found = _running.pop() if _running else None
    if found is not None and found.pid == os.getpid():
        found.close()


atexit.register(close_background)


def carry_out(work: Callable[[Callable[[T], None]], Coroutine[Any, Any, None]], take: Callable[[T], None]) -> None:
    """Runs `work` on the loop and calls `take`, in this thread, with each thing it hands over, until it ends; raises what it raised.

    An interrupt of this thread, or an error of `take`, cancels the work, takes what it had handed over, and waits for its end.
    """
    handed: SimpleQueue[T | asyncio.Task[None]] = SimpleQueue()
    loop = background().loop
    begun: list[asyncio.Task[None]] = []

    def begin() -> None:
        begun.append(loop.create_task(work(handed.put)))
        begun[0].add_done_callback(handed.put)

    def cancel() -> None:
        for task in begun:
            task.cancel()

    def rest(patience: float) -> bool:
        while True:
            try:
                one = handed.get(timeout=patience)
            except Empty:
                return False
            if isinstance(one, asyncio.Task):
                return True
            take(one)

    try:
        loop.call_soon_threadsafe(begin)
        while not rest(LOOK_UP):
            pass
    except BaseException:
        loop.call_soon_threadsafe(cancel)
        rest(GOODBYE)
        raise
    begun[0].result()
