"""What `openai:` costs beside a bare asynchronous client: requests a second against one server, 64 at once, taken in turns.

    python benchmarks/openai_overhead.py [--latency .2] [--rounds 5] [--each 1280] [--base http://127.0.0.1:8000/v1 --model NAME]

Without --base a server on loopback answers each request after a set time. The bare client sends bodies that were made beforehand with
aiohttp and reads the replies as JSON; ours makes the bodies (pictures encoded), validates, keeps each answer on disk and counts.
"""

import argparse
import asyncio
import io
import json
import multiprocessing
import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

import aiohttp
import numpy as np
from aiohttp import web
from PIL import Image as Pillow

from diptych.data.opening import picture_of
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.engine import Context, run
from diptych.models.abilities import ChatModel, ChatRequest, Replied
from diptych.models.addresses import parse_address
from diptych.models.calls import ask, take
from diptych.models.openai_address import Hosted, hosted_of
from diptych.models.openai_chat import HostedChat
from diptych.models.openai_messages import Dialect, body_of
from diptych.models.openai_pictures import data_url

AT_ONCE = 64
PORT = 8731
REPLY = {
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "a dog on a red couch"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 8},
}


def serve(latency: float) -> None:
    """Answers after a set time."""
    data = json.dumps(REPLY).encode()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(latency)
        return web.Response(body=data, content_type="application/json")

    async def models(request: web.Request) -> web.Response:
        return web.json_response({"data": []})

    app = web.Application(client_max_size=1 << 28)
    app.add_routes([web.post("/v1/chat/completions", answer), web.get("/v1/models", models)])
    web.run_app(app, host="127.0.0.1", port=PORT, print=None)


async def bare(hosted: Hosted, bodies: list[bytes]) -> None:
    """The least that an asynchronous client does."""
    waiting = iter(bodies)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def worker() -> None:
            for body in waiting:
                sent = session.post(f"{hosted.base}/chat/completions", data=body, headers={"Content-Type": "application/json"})
                async with sent as response:
                    assert json.loads(await response.read())["choices"]

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


@dataclass(frozen=True, slots=True)
class Say:
    """Asks once for each record."""

    model: str

    def __call__(self, records: list[Record], context: Context) -> list[Record]:
        answers = ask(records, lambda record: [ChatRequest(f"Describe {record.id}.")], context.open(self.model, ChatModel).chat, context)
        return take(
            records, answers, ("Say", self.model), lambda r, given: r.add(captions=[Caption(f"{r.id}-c", given[0].text, self.model)])
        )


def ours(hosted: Hosted, requests: list[ChatRequest], disk: Path) -> None:
    """The model as a step calls it."""
    chat = HostedChat(Hosted(hosted.said, hosted.model, hosted.base, cache=str(disk)))
    assert all(isinstance(one, Replied) for one in chat.chat(requests))


def whole(hosted: Hosted, count: int, disk: Path, out: Path) -> None:
    """A run over as many rows, in the batches that the command line takes."""
    chat = HostedChat(Hosted(hosted.said, hosted.model, hosted.base, cache=str(disk)))
    records = [Record(f"row {disk.name} {n}", Image(f"{n}.jpg")) for n in range(count)]
    options = {"progress": False, "batch": 512, "shard": 512}
    summary = run((Say(hosted.said),), records, out, opener=lambda address, ability: chat, pictures=lambda image: None, **options)
    assert summary.rows()["kept"] == count


def photos(count: int) -> list[Picture]:
    """JPEG files of 640 x 480 pixels."""
    y, x = np.mgrid[:480, :640]
    found = []
    for n in range(count):
        pixels = np.stack([x / 3 + n, y / 2, (x + 2 * y) / 8], axis=-1) + np.random.default_rng(n).normal(0, 6, (480, 640, 3))
        file = io.BytesIO()
        Pillow.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
        found.append(picture_of(file.getvalue(), f"photo {n}"))
    return found


def rates(jobs: dict[str, Callable[[int], None]], rounds: int, each: int) -> dict[str, float]:
    """Median requests a second of each, taken in turns, after one round that does not count."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(rounds + 1):
        for name, job in jobs.items():
            start = perf_counter()
            job(turn)
            found[name].append(each / (perf_counter() - start))
    return {name: median(values[1:]) for name, values in found.items()}


def measure(hosted: Hosted, rounds: int, each: int, folder: Path) -> dict[str, dict[str, float]]:
    """By kind of request: rates, and ours as a share of the bare client's."""
    shown = photos(16)
    found = {}
    for kind, pictures in (("text", []), ("pictures", shown)):

        def requests(turn: int, kind: str = kind, pictures: list[Picture] = pictures) -> list[ChatRequest]:
            return [ChatRequest(f"Describe {kind} {turn} {n}.", tuple(pictures[n % 16 : n % 16 + 1])) for n in range(each)]

        urls = [data_url(picture, 1024) for picture in pictures]
        bodies = [
            json.dumps(body_of(hosted.model, one, urls[n % 16 : n % 16 + 1], Dialect())).encode() for n, one in enumerate(requests(0))
        ]
        jobs: dict[str, Callable[[int], None]] = {
            "bare": lambda turn, bodies=bodies: asyncio.run(bare(hosted, bodies)),
            "ours": lambda turn, requests=requests, kind=kind: ours(hosted, requests(turn), folder / f"{kind}{turn}.sqlite"),
        }
        if kind == "text":
            jobs["run"] = lambda turn: whole(hosted, each, folder / f"run{turn}.sqlite", folder / f"run{turn}")
        found[kind] = rates(jobs, rounds, each)
        found[kind] |= {f"{name} / bare": found[kind][name] / found[kind]["bare"] for name in jobs if name != "bare"}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--latency", type=float, default=0.2, metavar="S")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--each", type=int, default=1280, metavar="N", help="requests of one round")
    parser.add_argument("--base", help="a server that is running; without, one that answers after --latency seconds")
    parser.add_argument("--model", default="m")
    given = parser.parse_args()
    base = given.base or f"http://127.0.0.1:{PORT}/v1"
    server = None if given.base else multiprocessing.Process(target=serve, args=(given.latency,), daemon=True)
    if server:
        server.start()
        for _ in range(100):
            try:
                urlopen(f"{base}/models", timeout=1).close()
                break
            except (URLError, OSError):
                sleep(0.1)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(hosted_of(parse_address(f"openai:{given.model}?base={base}")), given.rounds, given.each, Path(folder))
    if server:
        server.terminate()
    about = {"latency": given.latency if server else None, "at once": AT_ONCE, "cores": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps({**found, "how": {**about, "rounds": given.rounds, "each": given.each, "load": os.getloadavg()[0]}}, indent=1))


if __name__ == "__main__":
    main()
