"""What a request must be like before anybody looks at it, and what every answer is like."""

from __future__ import annotations

import json
import logging
import socket
import time

import httpx
import pytest
from api_bed import CALLER, Bed
from test_api_access import WHO_MAY

from console.app import LOOKS_LIKE
from terms.limits import HTTP_BODY_BYTES

NEW = {"name": "nina", "role": "auditor"}

NAME = f"name ({LOOKS_LIKE['name']})"
ROLE = "role (agent, supervisor, admin ou auditor)"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "central.exemplo.com"}, 421),
        ({"Host": "127.0.0.1.exemplo.com"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "[::1"}, 421),
        ({"Host": "localhost:16506"}, 422),
        ({"Host": "control:16506"}, 422),
        ({"Host": "[::1]:16506"}, 422),
        ({"Origin": "https://exemplo.com"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_state_changes_come_to_our_name_and_from_our_pages(
    bed: Bed, headers: dict[str, str], status: int
) -> None:
    with bed.client() as client:
        answer = client.post("/v1/persons", json={}, headers=headers)
        assert answer.status_code == status
        assert set(answer.json()) == {"erro"}


def test_our_own_page_may_change_things(bed: Bed) -> None:
    with bed.client() as client:
        origin = {"Origin": bed.settings.api_url}
        assert client.post("/v1/persons", json=NEW, headers=origin).status_code == 201


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_has_a_size(bed: Bed, announced: bool) -> None:
    big = b'{"name": "' + b"a" * HTTP_BODY_BYTES + b'"}'
    content = big if announced else iter([big[:40_000], big[40_000:]])
    with bed.client() as client:
        answer = client.post("/v1/persons", content=content)
        assert (answer.status_code, answer.json()["erro"]) == (413, "pedido grande demais")


def test_a_body_of_that_size_is_read(bed: Bed) -> None:
    body = json.dumps({**NEW, "name": "a" * 32}).encode().ljust(HTTP_BODY_BYTES)
    headers = {"Content-Type": "application/json"}
    with bed.client() as client:
        assert client.post("/v1/persons", content=body, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("GET", "/", None, 404, "não há nada neste endereço"),
        ("GET", "/v1/florr", None, 404, "não há nada neste endereço"),
        ("GET", "/docs", None, 404, "não há nada neste endereço"),
        ("POST", "/v1/floor", None, 405, "este endereço não aceita este método"),
        (
            "POST",
            "/v1/persons",
            b"{",
            422,
            "valor inválido ou ausente: corpo do pedido (não é JSON)",
        ),
        ("POST", "/v1/persons", b"", 422, "valor inválido ou ausente: corpo do pedido"),
        (
            "POST",
            "/v1/persons",
            b'{"name": "x y"}',
            422,
            f"valor inválido ou ausente: {NAME}, {ROLE}",
        ),
        (
            "POST",
            "/v1/persons",
            b'{"name": "zeca", "role": "admin", "token": "meu"}',
            422,
            "valor inválido ou ausente: token",
        ),
        ("GET", "/v1/calls/..%2f..", None, 404, "não há nada neste endereço"),
        (
            "GET",
            "/v1/protocols/abc",
            None,
            422,
            "valor inválido ou ausente: number (os 9 algarismos do protocolo)",
        ),
        (
            "GET",
            "/v1/protocols/123456789",
            None,
            404,
            "este protocolo não existe: o dígito verificador não confere",
        ),
        ("GET", "/v1/calls/n1-nenhuma-1.1", None, 404, "não há chamada com este número"),
        ("POST", "/v1/persons/ninguem/revoke", None, 404, "não há pessoa com o nome ninguem"),
        ("POST", "/v1/agents/ninguem/login", None, 404, "não há agente com o nome ninguem"),
        ("GET", "/v1/agents/ninguem/watch", None, 404, "não há agente com o nome ninguem"),
    ],
)
def test_errors_are_one_portuguese_sentence(
    bed: Bed, method: str, path: str, body: bytes | None, status: int, text: str
) -> None:
    headers = {"Content-Type": "application/json"}
    with bed.client() as client:
        answer = client.request(method, path, content=body, headers=headers)
        assert (answer.status_code, answer.json()) == (status, {"erro": text})


def test_an_invalid_value_is_not_repeated(bed: Bed) -> None:
    with bed.client() as client:
        answer = client.post("/v1/persons", json={"name": CALLER, "role": CALLER})
        assert answer.json() == {"erro": f"valor inválido ou ausente: {NAME}, {ROLE}"}


def test_answers_are_not_kept_by_anybody(bed: Bed) -> None:
    with bed.client() as client:
        for path in ("/v1/health", "/v1/floor", "/v1/calls/n1-nenhuma-1.1", "/nada"):
            answer = client.get(path)
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "server" not in answer.headers


def _notes(caplog: pytest.LogCaptureFixture, routes: set[str]) -> list[tuple[str, str, int]]:
    noted = [vars(one) for one in caplog.records if one.name == "console.guard"]
    said = [(one["person"], one["route"], one["status"]) for one in noted]
    return [one for one in said if one[1] in routes]


def test_whoever_asks_is_noted_without_what_they_asked_about(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    call, protocol = bed.do(bed.arrive)
    with caplog.at_level(logging.INFO, "console.guard"), bed.client("supervisor") as sofia:
        assert sofia.get(f"/v1/protocols/{protocol}").status_code == 200
        sofia.get("/v1/floor", headers={"Authorization": "Bearer nonsense"})
        expected = [("sofia", "/v1/protocols/{number}", 200), ("", "/v1/floor", 401)]
        patience = time.monotonic() + 5.0
        while (noted := _notes(caplog, {route for _, route, _ in expected})) != expected:
            # each is noted after it is answered; so may be the last one of the test before this
            assert time.monotonic() < patience, noted
            time.sleep(0.01)
    noted = [vars(one) for one in caplog.records if one.name == "console.guard"]
    assert not any(protocol in str(one) or call in str(one) for one in noted)


def test_a_slow_or_broken_sender_holds_nobody_up(bed: Bed) -> None:
    address = (bed.settings.bind, bed.settings.http_port)
    with socket.create_connection(address) as slow, socket.create_connection(address) as odd:
        slow.sendall(
            b"POST /v1/persons HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
        )
        odd.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert odd.recv(100).startswith(b"HTTP/1.1 400")
        with bed.client() as client:
            assert client.get("/v1/health").status_code == 200


def test_the_description_is_whole(bed: Bed) -> None:
    with bed.client("") as client:
        description = client.get("/v1/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, about in methods.items():
            assert about["summary"], (method, path)
            assert about["description"], (method, path)
            assert "4XX" in about["responses"]
    assert set(description["paths"]) == {path for _, path in WHO_MAY}


def test_the_port_is_taken(bed: Bed) -> None:
    from central156.web import ServerFailed, serve_api

    with pytest.raises(ServerFailed, match="porta 16506"):
        bed.do(serve_api, bed.settings, bed.centre)
    with httpx.Client(base_url=bed.settings.api_url, trust_env=False) as client:
        assert client.get("/v1/health").status_code == 200
