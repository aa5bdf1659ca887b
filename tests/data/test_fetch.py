"""Downloads, against servers on loopback: what is refused, and which caps hold."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from diptych.data.errors import PictureError
from diptych.data.fetch import Limits, check_host, fetch
from diptych.data.opening import open_picture
from diptych.data.records import Image

HOST = "127.0.0.2"
OPEN = Limits(bytes=1000, seconds=1.0, redirects=3, allow=(f"{HOST}/32",))


@contextmanager
def serving(answer):
    """A server that reads one request for each connection and calls answer(send, path)."""
    listener = socket.create_server((HOST, 0))
    listener.settimeout(0.05)
    done, seen = threading.Event(), []

    def serve():
        while not done.is_set():
            with suppress(OSError):
                client, _ = listener.accept()
                with client:
                    request = client.recv(4096).decode()
                    seen.append(request)
                    answer(client.sendall, request.split()[1])

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}", seen
    finally:
        done.set()
        thread.join()
        listener.close()


def ok(body, head=""):
    return lambda send, path: send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body)


def redirect(where):
    return lambda send, path: send(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())


def test_a_body_comes_back_whole():
    with serving(ok(b"picture")) as (url, seen):
        assert fetch(url + "/a b.jpg?x=1 2\r\nEvil: 1", OPEN) == b"picture"
    assert seen[0].startswith("GET /a%20b.jpg?x=1%202Evil:%201 HTTP/1.1\r\n") and "\nEvil" not in seen[0]


def test_chunked_bodies_and_relative_redirects_are_read():
    def answer(send, path):
        if path == "/start":
            send(b"HTTP/1.1 301 Moved\r\nLocation: there\r\nContent-Length: 0\r\n\r\n")
        else:
            send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npict\r\n3\r\nure\r\n0\r\n\r\n")

    with serving(answer) as (url, _):
        assert fetch(url + "/start", OPEN) == b"picture"


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://10.0.0.1/", "http://0.0.0.0/", "http://2130706433/"]
)  # fmt: skip
def test_redirects_into_private_networks_are_refused(where):
    with serving(redirect(where)) as (url, _), pytest.raises(PictureError, match=r"no public address|cannot be had"):
        fetch(url, OPEN)


@pytest.mark.parametrize("where", ["file:///etc/passwd", "ftp://127.0.0.2/", "gopher://x/", "data:image/png;base64,AAAA"])
def test_redirects_to_other_schemes_are_refused(where):
    with serving(redirect(where)) as (url, _), pytest.raises(PictureError, match="only http"):
        fetch(url, OPEN)


def test_loopback_is_refused_unless_allowed():
    with serving(ok(b"secret")) as (url, seen), pytest.raises(PictureError, match="no public address"):
        fetch(url)
    assert seen == []


def test_every_address_of_a_host_is_checked_and_none_is_looked_up_twice(monkeypatch):
    looked = []

    def resolve(host, port, **_):
        looked.append(host)
        addresses = ["93.184.216.34", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(PictureError, match=r"example\.org is refused: it leads to 127\.0\.0\.1"):
        fetch("http://example.org/x.jpg")
    assert looked == ["example.org"]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3",
     "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1",
     "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address):
    with pytest.raises(PictureError, match="no public address"):
        check_host(address, "host")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_public_addresses_are_let_through(address):
    check_host(address, "host")


def test_endless_redirects_end():
    with serving(redirect("/again")) as (url, seen), pytest.raises(PictureError, match="more than 3 times"):
        fetch(url, OPEN)
    assert len(seen) == 4


def test_a_body_larger_than_the_cap_is_not_read():
    with serving(ok(b"x" * 1001)) as (url, _), pytest.raises(PictureError, match="more than 1000 bytes"):
        fetch(url, OPEN)


def test_an_endless_body_is_cut_off():
    def answer(send, path):
        send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            send(b"x" * 500)

    with serving(answer) as (url, _), pytest.raises(PictureError, match="more than 1000 bytes"):
        fetch(url, OPEN)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_slow_drip_ends_at_the_deadline(head):
    def answer(send, path):
        send(head)
        for _ in range(40):
            send(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    with serving(answer) as (url, _), pytest.raises(PictureError, match=r"took more than 0.3 s"):
        try:
            fetch(url, replace(OPEN, seconds=0.3))
        finally:
            assert time.monotonic() - began < 1.0


def test_a_body_that_breaks_off_is_refused():
    def answer(send, path):
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with serving(answer) as (url, _), pytest.raises(PictureError, match="broke off after 4 of 100"):
        fetch(url, OPEN)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answered 404"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx", "compressed"),
        (b"nonsense\r\n\r\n", "cannot be had"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n", "cannot be had"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "cannot be had"),
    ],
)
def test_odd_answers_are_one_line_errors(answer, rule):
    with serving(lambda send, path: send(answer)) as (url, _), pytest.raises(PictureError, match=rule) as caught:
        fetch(url, OPEN)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "//host/x", "http://", "http://user@/x", "http://host:99999/", "http://[bad/", "HTTPS:x"]
)
def test_odd_addresses_are_refused(url):
    with pytest.raises(PictureError):
        fetch(url, OPEN)


def test_pictures_open_by_url_under_the_caps():
    with serving(ok(b"no picture")) as (url, _), pytest.raises(PictureError, match="is no picture"):
        open_picture(Image(url + "/x.jpg"), limits=OPEN)
