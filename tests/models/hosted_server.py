"""A server on loopback that speaks just enough HTTP to answer chat requests, well or badly, as a test says."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any

from diptych.models.addresses import parse_address
from diptych.models.openai_address import hosted_of
from diptych.models.openai_chat import HostedChat


@dataclass
class Request:
    """What was sent: headers by lower-case name, and the body's JSON. `nth` counts requests with the same prompt, from 0."""

    headers: dict[str, str]
    body: dict[str, Any]
    nth: int

    @property
    def prompt(self) -> str:
        """The text of the first message of the user."""
        first = next(message for message in self.body["messages"] if message["role"] == "user")["content"]
        return first if isinstance(first, str) else next(part["text"] for part in first if part["type"] == "text")

    @property
    def pictures(self) -> list[str]:
        """Data URLs."""
        parts = [part for message in self.body["messages"] if isinstance(message["content"], list) for part in message["content"]]
        return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


Behave = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Its address and what it has seen."""

    behave: Behave
    port: int = 0
    seen: list[Request] = field(default_factory=list)
    running: int = 0
    most: int = 0  # requests in flight at once
    models: int = 200  # what it answers who asks for its list of models; 0 for nothing
    asked_for_models: int = 0

    @property
    def base(self) -> str:
        """For `base=`."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive until either side closes it."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
                if head.startswith(b"GET"):
                    self.asked_for_models += 1
                    await asyncio.sleep(0 if self.models else 60)
                    send(writer, {"object": "list", "data": []}, self.models)
                    continue
                body = json.loads(await reader.readexactly(int(headers["content-length"])))
                request = Request(headers, body, 0)
                request.nth = sum(one.prompt == request.prompt for one in self.seen)
                self.seen.append(request)
                self.running += 1
                self.most = max(self.most, self.running)
                try:
                    await self.behave(request, writer)
                finally:
                    self.running -= 1
                if writer.is_closing():
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def completion(
    text: str | None, *, end: str = "stop", model: str = "tiny-1", tokens: tuple[int, int] = (10, 2), **more: Any
) -> dict[str, Any]:
    """A chat completion."""
    message = {"role": "assistant", "content": text, **more}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return {"id": "x", "object": "chat.completion", "model": model, "choices": [{"index": 0, "message": message, "finish_reason": end}],
            "usage": usage}  # fmt: skip


def send(writer: asyncio.StreamWriter, body: dict[str, Any] | bytes, status: int = 200, **headers: str) -> None:
    """Writes an answer; header names have _ for -."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Content-Type": "application/json", "Content-Length": str(len(data)), **{k.replace("_", "-"): v for k, v in headers.items()}}
    head = f"HTTP/1.1 {status} Said\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n"
    writer.write(head.encode("latin-1") + data)


def error(message: str, code: str = "") -> dict[str, Any]:
    """An error's body as OpenAI's has it."""
    return {"error": {"message": message, "type": "invalid_request_error", "code": code or None, "param": None}}


async def well(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answers with the prompt."""
    send(writer, completion(f"said: {request.prompt}"))


def chat_of(server: Server, query: str = "", **more: Any) -> HostedChat:
    """A model on the server, impatient: `more` are fields of Hosted."""
    hosted = hosted_of(parse_address(f"openai:tiny?base={server.base}{query}"))
    return HostedChat(replace(hosted, **{"first_wait": 0.01, "timeout": 5.0, **more}))


@contextmanager
def serving(behave: Behave = well) -> Iterator[Server]:
    """The server in a thread of its own, gone afterwards."""
    found = Server(behave)
    loop = asyncio.new_event_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await found.serve(reader, writer)
        tasks.discard(task)

    async def begin() -> asyncio.Server:
        return await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 26)

    server = loop.run_until_complete(begin())
    found.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever)
    thread.start()

    async def end() -> None:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
