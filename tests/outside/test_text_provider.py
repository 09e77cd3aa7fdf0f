"""Text messages through a provider that speaks HTTP: what each answer means, and what is heard."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from outside import TextProvider
from terms.text_message import How, Inbound, Outgoing, PartAnswer, Receipt, TextId, Told

PORT = 24_280
MESSAGE = Outgoing(TextId("o-1"), "11987654321", "Olá, São Paulo", 1_800_000_000.0, 7)


class Provider(ThreadingHTTPServer):
    allow_reuse_address = True

    def __init__(self) -> None:
        self.says: tuple[int, bytes] = (200, b'{"id": "p1"}')
        self.waits = 0.0
        self.asked: list[dict[str, Any]] = []
        self.events: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", PORT), _Answers)


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({**body, **dict(self.headers), "path": self.path})
        time.sleep(self.server.waits)
        self._say(*self.server.says)

    def do_GET(self) -> None:
        events, self.server.events = self.server.events, []
        self.server.asked.append({"path": self.path, **dict(self.headers)})
        self._say(200, json.dumps({"cursor": "c2", "events": events}).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class Ears:
    def __init__(self) -> None:
        self.heard: list[object] = []

    async def receipt(self, receipt: Receipt) -> None:
        self.heard.append(receipt)

    async def inbound(self, inbound: Inbound) -> None:
        self.heard.append(inbound)

    async def late(self, message: TextId, answer: PartAnswer) -> None: ...


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ours(port: int = PORT, **more: Any) -> TextProvider:
    return TextProvider(f"http://127.0.0.1:{port}/v1", "156", "segredo", **more)


async def test_a_message_is_handed_over_with_our_id(provider: Provider) -> None:
    (answer,) = await ours().send(MESSAGE)
    assert answer == PartAnswer(1, 1, How.ACCEPTED, "p1")
    (asked,) = provider.asked
    assert (asked["to"], asked["text"], asked["id"]) == ("5511987654321", MESSAGE.text, "o-1-1")
    assert (asked["Idempotency-Key"], asked["Authorization"]) == ("o-1-1", "Bearer segredo")
    assert asked["path"] == "/v1/messages"


@pytest.mark.parametrize(
    ("status", "body", "how"),
    [
        (202, b'{"id": "p1"}', How.ACCEPTED),
        (200, b"{}", How.LOST),  # taken, but nobody knows as what
        (200, b"ok", How.LOST),
        (302, b"", How.REFUSED),
        (401, b"", How.REFUSED),
        (422, b"", How.IMPOSSIBLE),
        (429, b"", How.THROTTLED),
        (500, b"", How.LOST),
        (503, b"", How.REFUSED),
    ],
)
async def test_what_its_answers_mean(
    provider: Provider, status: int, body: bytes, how: How
) -> None:
    provider.says = (status, body)
    (answer,) = await ours().send(MESSAGE)
    assert answer.how is how
    assert how is not How.ACCEPTED or answer.carrier_id == "p1"


async def test_nobody_there_and_nobody_answering(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    (answer,) = await ours(PORT + 1).send(MESSAGE)
    assert answer.how is How.NOT_SENT
    monkeypatch.setattr("outside.text_provider.TEXT_PROVIDER_WAIT", 0.1)
    monkeypatch.setattr("outside.text_provider.OUTSIDE_CONNECT_TIMEOUT", 0.1)
    provider.waits = 0.5
    (answer,) = await ours().send(MESSAGE)
    assert answer.how is How.LOST


async def test_receipts_and_texts_are_asked_for(provider: Provider) -> None:
    provider.events = [
        {"kind": "receipt", "id": "p1", "state": "delivered", "to": "5511987654321"},
        {"kind": "receipt", "id": "p2", "state": "FAILED", "error": "off"},
        {"kind": "receipt", "id": "p3", "state": "who knows"},
        {"kind": "text", "id": "t1", "from": "5511987654321", "text": "SAIR"},
        {"kind": "news"},
    ]
    carrier, ears = ours(look_every=0.02), Ears()
    running = asyncio.create_task(carrier.run(ears))
    async with asyncio.timeout(5):
        while len(provider.asked) < 2:
            await asyncio.sleep(0.02)
    running.cancel()
    assert carrier.up
    assert ears.heard == [
        Receipt("p1", Told.DELIVERED, "5511987654321"),
        Receipt("p2", Told.FAILED, why="recibo do provedor: off"),
        Inbound("5511987654321", "SAIR", "http:t1"),
    ]
    assert provider.asked[-1]["path"] == "/v1/events?after=c2"


@pytest.mark.parametrize("address", ["ftp://x", "https://x?a=1", "x", ""])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match=r"http|HTTP"):
        TextProvider(address, "156")
