"""`openai:` against a real server on loopback: `transformers serve` with a tiny checkpoint of random weights, compared with `hf:`."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tiny_hf import llava, picture

from diptych.lab.opening import without_source
from diptych.models.abilities import Answerer, AskRequest, Captioner, CaptionRequest, ChatModel, ChatRequest, Described, Failed, Replied

START = 180.0  # seconds that a loaded machine may take to import torch


@pytest.fixture(scope="module")
def served(checkpoint, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The address of the served checkpoint, and its folder."""
    folder = checkpoint(llava)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("served") / "log.txt"
    command = [
        Path(sys.executable).with_name("transformers"),
        "serve",
        folder,
        "--device",
        "cpu",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    try:
        until = time.monotonic() + START
        while not _healthy(port):
            assert server.poll() is None and time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.2)
        yield f"openai:{folder}?base=http://127.0.0.1:{port}/v1", folder
    finally:
        server.terminate()
        server.wait(20)


def _healthy(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def test_a_real_server_says_what_the_same_checkpoint_says_here(served):
    address, folder = served
    # small drawings travel as PNG, so that both see the same pixels
    asked = [ChatRequest(f"what is in picture {n} ?", pictures=(flat(n),), tokens=8) for n in range(4)]
    there, here = without_source()(address, ChatModel), without_source()(f"hf:{folder}", ChatModel)
    found = there.chat(asked)
    assert all(isinstance(one, Replied) for one in found) and found == here.chat(asked)
    assert len({one.text for one in found}) > 1
    assert [there.chat([one])[0] for one in asked] == found, "batches change nothing"
    # both ways of counting agree: each reply was cut at 8 tokens
    assert there.spent["tokens out"] == 8 * 8 and there.spent["answers cut short"] == 8 and there.spent["tokens in"] > 8 * 10
    assert there.revision == str(folder)


def flat(seed: int):
    """A picture of few colours."""
    noise = picture(seed)
    few = noise.pil().quantize(16).convert("RGB")
    return type(noise)(f"{noise.key}-few", noise.width, noise.height, lambda: few)


def test_roles_over_a_real_server(served):
    address, _ = served
    captioner = without_source()(address, Captioner)
    captions = captioner.caption([CaptionRequest(picture(n), "alt") for n in range(2)])
    assert all(isinstance(one, (Described, Failed)) for one in captions) and captioner.spent["tokens out"] > 0
    answerer = without_source()(address, Answerer)
    assert len(answerer.answer([AskRequest(picture(0), "Is it red?")])) == 1


def test_a_server_that_ignores_schemas_is_asked_again_with_the_schema(served):
    address, _ = served
    schema = json.dumps({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False})
    chat = without_source()(address, ChatModel)
    (found,) = chat.chat([ChatRequest("how many?", schema=schema, tokens=8)])
    assert isinstance(found, Failed) and found.retry and chat.spent["asked again"] == 1, "random weights write no JSON"
