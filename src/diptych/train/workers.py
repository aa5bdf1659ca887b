"""Work done ahead in threads, its results in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def ahead(work: Callable[[A], B], items: Iterator[A], workers: int) -> Generator[B, None, None]:
    """`work` of each item in order; `workers` threads are at most two items each ahead of who asks. None: only when asked.

    Threads, not processes: decoding, resizing and rendering let others run meanwhile, and nothing is copied between processes.
    """
    if workers == 0:
        yield from map(work, items)
        return
    waiting: deque[Future[B]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="diptych-data")
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
