"""The city's own system gives the numbers, over HTTP and within its budget; ours when it is late,
down or wrong, and it is told of those as soon as it listens: none lost, none doubled (R51)."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from central156.city_numbers import ISSUE, TELL, CityNumbers
from outside import HttpSource, Outside
from protocol_store import Store
from terms.names import CallId
from terms.protocol_number import is_protocol, protocol_of
from terms.services import ServiceSpec

PORT = 23_550
NAMES = ("ligacao", "linha", "aberto_em")
SPECS = {
    ISSUE: ServiceSpec(
        ISSUE,
        "cidade",
        path="/protocolos",
        method="POST",
        given=NAMES,
        answers=("numero",),
        seconds=0.3,
        writes=True,
    ),
    TELL: ServiceSpec(
        TELL,
        "cidade",
        path="/protocolos/registrar",
        method="POST",
        given=(*NAMES, "numero", "emitido_por"),
        seconds=5.0,
        writes=True,
    ),
}


@dataclass
class City:
    """A system of the city with memory: one number a call, whoever asks again."""

    given: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    waits: float = 0.0
    fails: bool = False
    says: str = ""  # instead of a number

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str]]:
        time.sleep(self.waits)
        if self.fails:
            return 503, {}
        if path == "/protocolos/registrar":
            self.told[asked["ligacao"]] = asked["numero"]
            return 200, {"situacao": "registrado"}
        number = self.given.setdefault(asked["ligacao"], f"2026{1000 + len(self.given)}")
        return 200, {"numero": self.says or number}


@pytest.fixture
def city() -> Iterator[City]:
    known = City()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = known.answer(self.path, asked)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", PORT), Desk)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield known
    server.shutdown()
    server.server_close()
    serving.join(2)


class Desks:
    """A store whose numbers may be the city's."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder / 'store.sqlite'}", "n1")
        self.outside = Outside(SPECS, {"cidade": HttpSource(f"http://127.0.0.1:{PORT}")})
        self.numbers = CityNumbers(self.outside, self.store, lambda: SPECS)

    async def __aenter__(self) -> Desks:
        await self.store.start()
        self.store.numbers.issue = self.numbers.issue
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.outside.close()
        await self.store.close()

    async def open(self, call: str) -> str:
        return await self.store.open_call(CallId(call), "156", "156", "11987654321", 1e9, False)


async def test_the_number_is_the_citys(city: City, tmp_path: Path) -> None:
    async with Desks(tmp_path) as desks:
        number = await desks.open("c1")
        assert number == city.given["c1"]
        assert await desks.open("c1") == number
        assert await desks.store.settled()
        story = await desks.store.story(number)
        assert story is not None
        assert story.call.call == "c1"
        assert await desks.store.numbers.untold(10) == []


@pytest.mark.parametrize("trouble", ["late", "down", "strange", "ours", "twice"])
async def test_otherwise_it_is_ours_and_the_city_is_told(
    city: City, tmp_path: Path, trouble: str
) -> None:
    async with Desks(tmp_path) as desks:
        first = await desks.open("c0")
        city.waits = 1.0 if trouble == "late" else 0.0
        city.fails = trouble == "down"
        city.says = {"strange": "doze", "ours": protocol_of(77), "twice": first}.get(trouble, "")
        began = time.monotonic()
        number = await desks.open("c1")
        assert time.monotonic() - began < 0.6
        assert is_protocol(number)
        assert await desks.store.settled()
        (untold,) = await desks.store.numbers.untold(10)
        assert (untold.protocol, untold.call, untold.line) == (number, "c1", "156")
        if trouble == "down":
            assert await desks.numbers.tell_some() == 0
        city.waits, city.fails = 0.0, False
        desks.outside = desks.numbers.outside = Outside(
            SPECS, {"cidade": HttpSource(f"http://127.0.0.1:{PORT}")}
        )
        assert await desks.numbers.tell_some() == 1
        assert city.told == {"c1": number}
        assert await desks.store.numbers.untold(10) == []
        assert await desks.open("c1") == number


async def test_a_rush_while_it_hangs_loses_and_doubles_nothing(city: City, tmp_path: Path) -> None:
    city.waits = 0.6
    async with Desks(tmp_path) as desks:
        numbers = await asyncio.gather(*(desks.open(f"c{one}") for one in range(60)))
        assert len(set(numbers)) == 60
        assert all(map(is_protocol, numbers))
        assert await desks.store.settled()
        assert len(await desks.store.numbers.untold(100)) == 60
