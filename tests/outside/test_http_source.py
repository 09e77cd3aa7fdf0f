"""HTTP services, as they are when they work and in all the ways in which they do not."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from web_bed import WebBed

from outside import Answer, HttpSource, Outside
from outside import addresses as addresses_module
from terms.services import ServiceSpec

SECONDS = 5.0
SHORT = 0.2
SLOW = ("hang", "drip", "dripping-head")
TOLERANCE = 0.2

Ask = Callable[..., object]


def spec(kind: str, **more: object) -> ServiceSpec:
    values = {"path": f"/{kind}/{{codigo}}", "given": ("codigo",), "answers": ("nome", "quando")}
    return ServiceSpec(kind, "cidade", **{**values, **more})  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def outside(web: WebBed) -> AsyncIterator[Outside]:
    room = Outside({}, {"cidade": HttpSource(web.url, ("Authorization", "Bearer s3gredo"))})
    yield room
    await room.close()


async def ask(room: Outside, one: ServiceSpec, code: str = "1", call: str = "c-1") -> Answer:
    seconds = SHORT if one.name in SLOW else SECONDS
    began = time.monotonic()
    answer = await room.ask(one, {"codigo": code}, seconds, call)
    assert time.monotonic() - began < seconds + TOLERANCE
    return answer


async def test_what_is_found_and_what_is_not(outside: Outside, web: WebBed) -> None:
    assert await ask(outside, spec("ok")) == Answer(
        "achou", {"nome": "Ana", "quando": "2026-11-25"}
    )
    assert await ask(outside, spec("404")) == Answer("nao_achou")
    assert await ask(outside, spec("nothing", answers=())) == Answer("achou")
    assert web.heard[0].headers["Authorization"] == "Bearer s3gredo"
    assert web.heard[0].headers["Host"] == f"127.0.0.1:{web.port}"


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("hang", "sem resposta no prazo"),
        ("drip", "sem resposta no prazo"),
        ("dripping-head", "sem resposta no prazo"),
        ("500", "resposta HTTP 500"),
        ("503", "resposta HTTP 503"),
        ("401", "resposta HTTP 401"),
        ("400", "resposta HTTP 400"),
        ("redirect", "resposta HTTP 302"),
        ("garbage", "conexão falhou (RemoteProtocolError)"),
        ("cut", "conexão falhou (RemoteProtocolError)"),
        ("text", "a resposta não é JSON"),
        ("deep", "a resposta não é JSON"),
        ("nothing", "a resposta não é JSON"),
        ("list", "a resposta não é um objeto JSON"),
        ("less", "falta 'quando' na resposta"),
        ("structure", "'nome' não é um texto nem um número"),
        ("odd", "'quando' não é um texto nem um número"),
        ("big", "resposta grande demais"),
        ("endless", "resposta grande demais"),
        ("bomb", "resposta comprimida"),
    ],
)
async def test_every_way_to_fail_is_a_failure_in_time(
    outside: Outside, web: WebBed, kind: str, why: str
) -> None:
    assert await ask(outside, spec(kind)) == Answer("falhou", why=why)
    assert len(web.heard) == 1, "a redirect was followed, or something asked again"
    assert web.sent < 5 * 1024 * 1024


async def test_values_are_fit_to_be_spoken(outside: Outside) -> None:
    answer = await ask(outside, spec("odd", answers=("nome",)))
    assert answer == Answer("achou", {"nome": "Ana b"})
    answer = await ask(outside, spec("long"))
    assert answer == Answer("achou", {"nome": "x" * 120, "quando": ""})


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a/../b?x=1&y#z", "/ok/a%2F..%2Fb%3Fx%3D1%26y%23z"),
        ("%2e%2e", "/ok/%252e%252e"),
        ("é{codigo}", "/ok/%C3%A9%7Bcodigo%7D"),
        ("1 @evil:80", "/ok/1%20%40evil%3A80"),
    ],
)
async def test_a_parameter_stays_one_part_of_the_path(
    outside: Outside, web: WebBed, typed: str, sent: str
) -> None:
    assert (await ask(outside, spec("ok"), typed)).how == "achou"
    assert web.heard[0].path == sent


@pytest.mark.parametrize("typed", [".", "..", "", "a\r\nX: y", "a\0b", "x" * 121])
async def test_what_cannot_be_a_parameter_is_not_sent(
    outside: Outside, web: WebBed, typed: str
) -> None:
    assert (await ask(outside, spec("ok"), typed)).how == "falhou"
    assert not web.heard


async def test_what_writes_says_for_which_call(outside: Outside, web: WebBed) -> None:
    send = spec("nothing", path="/nothing", method="POST", answers=(), writes=True)
    for call, code in (("c-1", "5"), ("c-1", "5"), ("c-1", "6"), ("c-2", "5")):
        assert (await ask(outside, send, code, call)).how == "achou"
    assert json.loads(web.heard[0].body) == {"codigo": "5"}
    keys = [one.headers["Idempotency-Key"] for one in web.heard]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert (await outside.ask(send, {"codigo": "5"}, SECONDS)).why == "falta o parâmetro 'chamada'"


async def test_no_cookie_goes_from_one_call_to_another(outside: Outside, web: WebBed) -> None:
    for _ in range(2):
        assert (await ask(outside, spec("cookie"))).how == "achou"
    assert all("Cookie" not in one.headers for one in web.heard)


async def test_nothing_typed_and_no_secret_is_logged(
    outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("ok", "500", "cut", "hang"):
        await ask(outside, spec(kind), "98765432100")
    assert "98765432100" not in caplog.text
    assert "s3gredo" not in caplog.text
    assert "Ana" not in caplog.text
    assert not any("98765432100" in str(vars(record)) for record in caplog.records)


async def test_who_is_not_there_is_a_failure() -> None:
    room = Outside({}, {"cidade": HttpSource("http://127.0.0.1:45199")})
    assert await ask(room, spec("ok")) == Answer("falhou", why="não há conexão com o servidor")
    await room.close()


async def test_who_left_takes_the_question_along(outside: Outside, web: WebBed) -> None:
    asking = asyncio.create_task(outside.ask(spec("hang"), {"codigo": "1"}, 8.0))
    while not web.heard:
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for _ in range(100):
        if not web.up:
            break
        await asyncio.sleep(0.01)
    assert not web.up, "the connection is still held"


async def test_a_name_server_that_hangs_costs_nobody_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop's own threads, which everybody needs, stay free; one thread waits."""
    resolved = []

    def hang(host: str, *_more: object, **_named: object) -> None:
        resolved.append(host)
        time.sleep(0.5)
        raise OSError

    monkeypatch.setattr(addresses_module.socket, "getaddrinfo", hang)
    room = Outside({}, {"cidade": HttpSource("http://servico.invalid")})
    began = time.monotonic()
    answers = await asyncio.gather(*(ask(room, spec("hang")) for _ in range(12)))
    assert {one.why for one in answers} == {"sem resposta no prazo"}
    await asyncio.to_thread(lambda: None)
    assert time.monotonic() - began < SHORT + TOLERANCE
    assert resolved == ["servico.invalid"]
    await room.close()


async def test_a_name_is_looked_up_once_and_the_next_address_tried(
    web: WebBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def find(host: str, *_more: object, **_named: object) -> list[object]:
        asked.append(host)
        kind = (socket.SOCK_STREAM, 6, "")
        return [
            (socket.AF_INET6, *kind, ("::1", 0, 0, 0)),
            (socket.AF_INET, *kind, ("127.0.0.2", 0)),
            (socket.AF_INET, *kind, ("127.0.0.1", 0)),
        ]

    monkeypatch.setattr(addresses_module.socket, "getaddrinfo", find)
    room = Outside({}, {"cidade": HttpSource(f"http://servico.exemplo:{web.port}")})
    for _ in range(3):
        assert (await ask(room, spec("ok"))).how == "achou"
    assert asked == ["servico.exemplo"]
    assert web.heard[0].headers["Host"] == f"servico.exemplo:{web.port}"
    await room.close()


@pytest.mark.parametrize("address", ["ftp://x/", "http://", "http://x/?a=1", "http:///x", "x"])
def test_an_address_that_cannot_be_used_is_told(address: str) -> None:
    with pytest.raises(ValueError, match=r"HTTP|use http"):
        HttpSource(address)
