"""Who sees whom: every role, and scopes of lines and queues, at every place that shows numbers; as
docs/guia-de-dados-pessoais.md says (R53, R83, R84)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bed import GERAL, RISCO, Bed, api_bed
from house import CHECKOUT
from seeded import CPF

from acd.queues import QueueRule, QueueTable
from callflow.book import OpenCall
from console.ports import Person, Role
from protocol_store.engines import make_engine
from protocol_store.reports.catalogue import REPORTS
from terms.facts import Fact, Kind
from terms.names import ANONYMOUS, AgentName, CallId, QueueName, Skill
from terms.sheet import Asked
from terms.sight import Sight, sees

MULHER = QueueRule(QueueName("p156_mulher"), "156", Skill("p156_mulher"), 40)
OUVIDORIA = QueueRule(QueueName("p156_ouvidoria"), "156", Skill("p156_ouvidoria"), 40)
NUMBERS = {
    "geral": "11987654321",
    "risco": "11912345678",
    "mulher": "11987654322",
    "ouvidoria": "11987650001",
}
QUEUES = {"geral": GERAL, "risco": RISCO, "mulher": MULHER, "ouvidoria": OUVIDORIA}
SCOPES: dict[str, tuple[str, dict[str, list[str]]]] = {
    "de_156": ("supervisor", {"lines": ["156"]}),
    "de_199": ("supervisor", {"lines": ["199"]}),
    "da_fila": ("supervisor", {"queues": ["p156_geral"]}),
    "da_mulher": ("supervisor", {"queues": ["p156_mulher"]}),
    "aud_199": ("auditor", {"lines": ["199"]}),
}
SEES = {
    "agent": set(),
    "admin": set(),
    "supervisor": {"geral", "risco"},
    "auditor": set(NUMBERS),
    "local": set(NUMBERS),
    "de_156": {"geral"},
    "de_199": {"risco"},
    "da_fila": {"geral"},
    "da_mulher": {"mulher"},
    "aud_199": {"risco"},
}
"""Whose numbers each sees whole: the table of the guide."""


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api_bed.QueueTable", lambda rules: _table((*rules, MULHER, OUVIDORIA)))
        with api_bed(tmp_path_factory.mktemp("sight"), port_base=23920) as running:
            for name, (role, scope) in SCOPES.items():
                body = {"name": name, "role": role, **scope}
                with running.client() as client:
                    answer = client.post("/v1/persons", json=body)
                assert answer.status_code == 201, answer.text
                running.tokens[name] = answer.json()["token"]
            running.calls = running.do(_happened, running)  # type: ignore[attr-defined]
            running.clients = {}  # type: ignore[attr-defined]
            yield running
            for client in running.clients.values():  # type: ignore[attr-defined]
                client.close()


def _table(rules: tuple[QueueRule, ...]) -> QueueTable:
    return QueueTable(rules)


async def _happened(bed: Bed) -> dict[str, str]:
    """A call for each queue: a CPF was typed, it was recorded, a task is open; still on line."""
    found = {}
    for name, rule in QUEUES.items():
        call, at = CallId(f"n1-s-{name}.1"), bed.centre.now()
        number = NUMBERS[name]
        protocol = await bed.store.open_call(call, rule.line, rule.line, number, at, False)
        bed.book.open(OpenCall(call, rule.line, at, number, protocol, False))
        queued = {"queue": rule.name, "priority": rule.priority, "note": "outro assunto"}
        typed = {"node": "cpf", "variable": "cpf", "value": CPF}
        task = {"task": "call_back", "due": at + 9_000, "because": "dropped"}
        file = {"file": f"/r/2026-11-25/{call}.wav", "seconds": 9.0, "ok": True}
        bed.keeper.record(
            Fact(at, Kind.DATA_TYPED, call, details=typed),
            Fact(at, Kind.QUEUED, call, details=queued),
            Fact(at, Kind.ANSWERED, call, AgentName("ana"), details={"offer": "1", "waited": 1.0}),
            Fact(at, Kind.RECORDED, call, details=file),
            Fact(at, Kind.TASK_OPENED, call, details=task),
        )
        found[name] = str(protocol)
    await bed.store.settled()
    return found


def _whose(text: str) -> set[str]:
    """Whose numbers stand in an answer."""
    return {name for name, number in NUMBERS.items() if number in text}


def _asked(bed: Bed, who: str, path: str, **more: Any) -> httpx.Response:
    clients: dict[str, httpx.Client] = bed.clients  # type: ignore[attr-defined]
    if who not in clients:
        clients[who] = bed.client(who)
    return clients[who].get(path, params=more)


def _of_all(bed: Bed, who: str, path: str) -> str:
    """The answers about each of the calls, or the one about all."""
    if "{" not in path:
        return _asked(bed, who, path).text
    told = ""
    for name, protocol in bed.calls.items():  # type: ignore[attr-defined]
        told += _asked(bed, who, path.format(call=f"n1-s-{name}.1", protocol=protocol)).text
    return told


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize(
    "path",
    [
        *("/v1/calls/{call}", "/v1/protocols/{protocol}", "/v1/calls", "/v1/tasks"),
        *("/v1/call-backs", "/v1/calls/{call}/why", "/v1/protocols/{protocol}/why"),
        *("/v1/floor", "/v1/orders", "/v1/numbers", "/v1/agents", "/v1/persons", "/v1/recordings"),
        *("/v1/supervisions", "/v1/citizens/erasures", "/metrics", "/v1/health"),
    ],
)
def test_each_place_shows_only_whom_they_may_see(bed: Bed, who: str, path: str) -> None:
    told = _of_all(bed, who, path)
    assert _whose(told) <= SEES[who]
    shows_numbers = path in ("/v1/calls/{call}", "/v1/protocols/{protocol}", "/v1/calls")
    if shows_numbers or path == "/v1/tasks":
        assert _whose(told) == SEES[who]
    if CPF in told:
        assert SEES[who]


@pytest.mark.parametrize("who", SEES)
def test_what_was_typed_is_seen_with_the_number(bed: Bed, who: str) -> None:
    for name, protocol in bed.calls.items():  # type: ignore[attr-defined]
        told = _asked(bed, who, f"/v1/protocols/{protocol}").text
        assert (CPF in told) == (name in SEES[who])


@pytest.mark.slow
@pytest.mark.parametrize("who", ["admin", "supervisor", "auditor", "de_199"])
def test_reports_show_only_whom_they_may_see(bed: Bed, who: str) -> None:
    for name, form in (("ura-por-numero", "csv"), ("retorno-tarefas", "json")):
        with bed.client(who) as client:
            question = {"format": form, "since": "hoje"}
            answer = client.get(f"/v1/reports/{name}", params=question, timeout=60)
        assert answer.status_code == 200, answer.text
        assert _whose(answer.text) == SEES[who], name


@pytest.mark.parametrize(
    ("who", "wanted"), [("supervisor", 0), ("auditor", 1), ("de_199", 0), ("da_mulher", 1)]
)
def test_a_number_beyond_ones_sight_is_not_found_by_looking_for_it(
    bed: Bed, who: str, wanted: int
) -> None:
    """Neither among recordings nor by what reports count."""
    found = _asked(bed, who, "/v1/recordings", phone="87654322").json()["recordings"]
    assert len(found) == wanted
    person = bed.do(bed.centre.person_with, bed.tokens[who])
    now = bed.centre.now()
    asked = Asked(now - 9_000, now + 60, phone=NUMBERS["mulher"], reveal=person.sees_numbers)
    engine = make_engine(bed.settings.store_url, reading=True)
    with engine.connect() as connection:
        sheet = REPORTS["ura-por-numero"].run(connection, asked)
    engine.dispose()
    assert bool(sheet.rows) == bool(wanted)


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("supervisor", {"geral", "risco"}),
        ("de_156", {"geral"}),
        ("da_mulher", {"mulher"}),
        ("auditor", set(NUMBERS)),
    ],
)
def test_recordings_beyond_ones_scope_are_not_there(bed: Bed, who: str, wanted: set[str]) -> None:
    found = _asked(bed, who, "/v1/recordings").json()["recordings"]
    assert {one["call"].split("-s-")[1].split(".")[0] for one in found} == wanted
    for name in QUEUES:
        call = f"n1-s-{name}.1"
        one = _asked(bed, who, f"/v1/recordings/{call}")
        heard = _asked(bed, who, f"/v1/recordings/{call}/sound", reason="conferir o serviço")
        if name in wanted:
            assert one.json()["caller"] == NUMBERS[name]
        else:
            assert (one.status_code, heard.status_code) == (404, 404)


def test_a_talk_beyond_ones_scope_is_not_listened_to(bed: Bed) -> None:
    bed.enrol("caio")
    bed.do(bed.desk.log_in, AgentName("caio"), "caio")
    call, _ = bed.do(bed.arrive)
    waiter = bed.do(bed.queue, call)
    bed.do(bed.answer, waiter)
    body = {"mode": "ouvir", "reason": "qualidade"}
    path = "/v1/agents/caio/supervise"
    for who, refused in (("de_199", True), ("da_mulher", True), ("supervisor", False)):
        with bed.client(who) as client:
            answer = client.post(path, json=body)
        assert ("fora do seu recorte" in answer.text) == refused, answer.text
    bed.do(bed.hang_up_agent, waiter)
    bed.do(bed.end, call, "after")


def test_a_scope_names_what_there_is(bed: Bed) -> None:
    with bed.client() as admin:
        for scope in ({"lines": ["190"]}, {"queues": ["p156_nenhuma"]}, {"lines": ["1"]}):
            body = {"name": "rui", "role": "supervisor", **scope}
            assert admin.post("/v1/persons", json=body).status_code == 422
        shown = {one["name"]: one for one in admin.get("/v1/persons").json()["persons"]}
    assert (shown["de_156"]["lines"], shown["sofia"]["queues"]) == (["156"], [])


def test_anybody_hears_of_a_protocol_only_what_it_is_about_when_and_how_it_stands(
    bed: Bed,
) -> None:
    """Also when nobody knows who had called (R53)."""
    call, at = CallId("n1-s-anon.1"), time.time()
    opened = ("156", "156", ANONYMOUS, at, False)
    hidden = bed.do(bed.store.open_call, call, *opened)
    noted = {"queue": "p156_geral", "priority": 1, "note": "Buraco na rua"}
    bed.do(bed.keeper.record, Fact(at, Kind.QUEUED, call, details=noted))
    bed.do(bed.store.settled)
    for protocol in (hidden, *bed.calls.values()):  # type: ignore[attr-defined]
        told = bed.do(bed.store.public_status, str(protocol), frozenset({"Buraco na rua"}))
        assert told is not None
        assert set(type(told).__dataclass_fields__) <= {"subject", "opened", "situation"}
        assert not _whose(str(told))
        assert CPF not in str(told)


@pytest.mark.parametrize(
    ("sight", "lines", "queues", "wanted"),
    [
        (Sight(), ["156"], [], False),
        (Sight(True), ["156"], ["p156_mulher"], True),
        (Sight(True, ("156",)), ["199"], [], False),
        (Sight(True, ("156",)), ["156", "199"], [], True),
        (Sight(True, (), ("q",)), ["156"], ["q"], True),
        (Sight(True, (), (), ("q",)), ["156"], ["q"], False),
        (Sight(True, ("156",), (), ("q",)), ["156"], ["q", "r"], False),
        (Sight(True, (), ("q",), ("q", "r")), ["156"], ["q"], True),
        (Sight(True, (), ("q",), ("q", "r")), ["156"], ["q", "r"], False),
        (True, [], [], True),
        (False, [], [], False),
    ],
)
def test_what_a_sight_takes_in(
    sight: Sight | bool, lines: list[str], queues: list[str], wanted: bool
) -> None:
    assert sees(sight, lines, queues) is wanted


def test_roles_are_those_of_the_guide() -> None:
    guide = Path(CHECKOUT, "docs", "guia-de-dados-pessoais.md").read_text(encoding="utf-8")
    whole = {role for role in Role if Person("x", role).sees_numbers}
    assert whole == {Role.SUPERVISOR, Role.AUDITOR}
    for role in Role:
        assert f"`{role}`" in guide
