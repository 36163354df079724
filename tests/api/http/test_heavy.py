"""What takes long is done by a server of its own: what goes there, that nothing changes on the way, and what happens without it."""

import http.client
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.http.context import LARGE_BYTES
from api.serve.heavy import is_heavy
from tests.api.http.conftest import AT_THE_MAIN, Town, enquiry, filing
from tests.api.town import E, N
from tests.support.served import until

LIST = f"X,Y\n{N + 3},{E + 100}\n{N + 3},{E + 110}\n{N + 8},{E + 110}\n{N + 8},{E + 100}\n".encode()
BYTES = {"Content-Type": "application/octet-stream"}
JSON = (b"content-type", b"application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("method", "path", "headers", "heavy"),
    [
        ("GET", "/v1/permits", [], False),
        ("GET", "/v1/permits/x/map", [], True),
        ("HEAD", "/v1/screenings/x/map", [], True),
        ("GET", "/risk/map.png", [], True),
        ("POST", "/v1/enquiries", [JSON, (b"content-length", str(LARGE_BYTES).encode())], False),
        ("POST", "/v1/enquiries", [JSON, (b"content-length", str(LARGE_BYTES + 1).encode())], True),
        ("POST", "/v1/enquiries", [JSON, (b"content-length", b"1e9")], True),
        ("POST", "/v1/enquiries", [JSON, (b"transfer-encoding", b"chunked")], True),
        ("PATCH", "/v1/permits/x", [(b"content-type", b"application/merge-patch+json"), (b"content-length", b"9")], False),
        ("POST", "/v1/permits", [(b"content-type", b"multipart/form-data; boundary=a"), (b"content-length", b"9")], True),
        ("POST", "/v1/plans", [(b"content-type", b"application/octet-stream"), (b"content-length", b"9")], True),
        ("POST", "/v1/alerts/x/acknowledgement", [(b"content-length", b"0")], False),
        ("POST", "/v1/alerts/x/acknowledgement", [], False),
    ],
)  # fmt: skip
def test_what_takes_long(method: str, path: str, headers: list[tuple[bytes, bytes]], heavy: bool) -> None:
    assert is_heavy({"type": "http", "method": method, "path": path, "headers": headers}) is heavy


def padded(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b" " * (LARGE_BYTES + 1)


def test_the_answer_is_the_same_either_way(ask: httpx.Client) -> None:
    small = ask.post("/v1/enquiries", json=enquiry(AT_THE_MAIN))
    heavy = ask.post(
        "/v1/enquiries", content=padded(enquiry(AT_THE_MAIN)), headers={"Content-Type": "application/json"}
    )
    assert small.status_code == heavy.status_code == 200
    for answer in (small, heavy):
        assert len(answer.headers.get_list("date")) == 1
    names = [name for name in small.headers if name != "content-length"]
    assert names == [name for name in heavy.headers if name != "content-length"]
    assert [one["conflicts"] for one in small.json()["screenings"]] == [
        one["conflicts"] for one in heavy.json()["screenings"]
    ]


def test_one_connection_serves_both_and_bodies_of_unknown_length(ask: httpx.Client) -> None:
    def in_bits() -> Iterator[bytes]:
        yield from (LIST[:10], LIST[10:])

    address = urlsplit(str(ask.base_url))
    assert address.hostname is not None
    line = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    asked = "/v1/plans?name=plan.csv&crs=EPSG:4543&points_are=area"
    for body in (LIST, in_bits()):
        line.request("POST", asked, body, BYTES)
        answer = line.getresponse()
        told = json.loads(answer.read())
        assert (answer.status, told["file"]["bytes"]) == (200, len(LIST))
        held = line.sock
        line.request("GET", "/livez")
        assert line.getresponse().read() and line.sock is held
    line.close()


def test_a_client_that_waits_to_be_asked_for_its_body_is(ask: httpx.Client) -> None:
    """curl does so for what is large."""
    address = urlsplit(str(ask.base_url))
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as line:
        line.sendall(
            b"POST /v1/plans?name=plan.csv&crs=EPSG:4543&points_are=area HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/octet-stream\r\nExpect: 100-continue\r\n"
            + f"Content-Length: {len(LIST)}\r\n\r\n".encode()
        )
        assert line.recv(100).startswith(b"HTTP/1.1 100")
        line.sendall(LIST)
        assert line.recv(100).startswith(b"HTTP/1.1 200")


def test_what_cannot_be_handed_on_is_refused_at_the_door(ask: httpx.Client) -> None:
    address = urlsplit(str(ask.base_url))
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as line:
        line.sendall(b"POST /v1/plans HTTP/1.0\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx")
        assert line.recv(100).startswith(b"HTTP/1.1 400")


def test_a_map_comes_whole_and_its_head_without_it(ask: httpx.Client) -> None:
    here = ask.post("/v1/permits", json=filing(AT_THE_MAIN)).json()["id"]
    whole = ask.get(f"/v1/permits/{here}/map")
    head = ask.head(f"/v1/permits/{here}/map")
    assert whole.status_code == head.status_code == 200
    assert whole.text.rstrip().endswith("</html>") and head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))


def test_short_questions_are_answered_while_the_heavy_server_hangs(town: Town) -> None:
    (heavy,) = town.server.children("heavy")
    answers: list[httpx.Response] = []

    def send() -> None:
        with town.server.client() as client:
            answers.append(
                client.post(
                    "/v1/plans",
                    params={"name": "plan.csv", "crs": "EPSG:4543", "points_are": "area"},
                    content=LIST,
                    headers=BYTES,
                )
            )

    os.kill(heavy, signal.SIGSTOP)
    try:
        sending = threading.Thread(target=send)
        sending.start()
        with town.server.client() as client:
            for _ in range(5):
                assert client.post("/v1/enquiries", json=enquiry(AT_THE_MAIN)).status_code == 200
        assert answers == []
    finally:
        os.kill(heavy, signal.SIGCONT)
    sending.join()
    assert [answer.status_code for answer in answers] == [200]


def begun(
    town: Town, path: str, headers: dict[str, str], length: int, part: bytes
) -> http.client.HTTPConnection:
    """A request whose body is on its way, and has reached the heavy server."""
    before = held_by_heavy(town)
    address = urlsplit(town.server.address)
    line = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    line.putrequest("POST", path)
    for name, value in {**headers, "Content-Length": str(length)}.items():
        line.putheader(name, value)
    line.endheaders(part)
    until(lambda: held_by_heavy(town) > before)
    return line


def held_by_heavy(town: Town) -> int:
    """Files and connections it has open."""
    (heavy,) = town.server.children("heavy")
    return len(list(Path(f"/proc/{heavy}/fd").iterdir()))


def test_who_hangs_up_leaves_nothing_behind(town: Town) -> None:
    with town.server.client() as client:
        assert client.post("/v1/plans?name=a.csv", content=b"", headers=BYTES).status_code == 422
    before = held_by_heavy(town)
    for _ in range(5):
        line = begun(town, "/v1/plans?name=plan.csv", BYTES, 1_000_000, b"x" * 1000)
        line.close()
        until(lambda: held_by_heavy(town) <= before)


def test_when_the_heavy_server_dies_it_is_said_and_what_is_sent_again_is_filed_once(town: Town) -> None:
    """Nothing was answered, so it is to be sent again; that waits for the successor."""
    (heavy,) = town.server.children("heavy")
    body = padded(filing(AT_THE_MAIN))
    headers = {"Content-Type": "application/json", "Idempotency-Key": "heavy-1"}
    line = begun(town, "/v1/permits", headers, len(body), body[:1000])
    os.kill(heavy, signal.SIGKILL)
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    assert (answer.status, told["code"]) == (503, "heavy_server_away")
    assert answer.headers["Retry-After"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    with town.server.client() as client:
        first, second = (client.post("/v1/permits", content=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
