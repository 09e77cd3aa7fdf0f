"""The floor, the calls, their stories and what of them is shown to whom."""

from __future__ import annotations

from typing import Any

from api_bed import CALLER, RISCO, Bed

from callflow.mend import CALL_BACK
from central156.clock import now
from terms.facts import Fact, Kind
from terms.names import AgentName
from terms.protocol_number import shown
from terms.signals import SwitchLost, SwitchSeen

MASKED = "*******4321"


def test_health_says_what_is_missing(bed: Bed) -> None:
    with bed.client("") as client:
        assert client.get("/v1/health").json() == {
            "ready": True,
            "floor": True,
            "store": True,
            "link": True,
            "node": "n1",
            "epoch": bed.ear.epoch,
            "mirror": "off",
        }
        bed.do(bed.ear.hear, SwitchLost(0.0, "test"))
        answer = client.get("/v1/health")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        bed.do(bed.ear.hear, SwitchSeen(0.0, "boot", (), complete=False))
        assert client.get("/v1/health").json()["ready"]


def test_the_floor_shows_who_waits_and_no_number(bed: Bed) -> None:
    call, protocol = bed.do(bed.arrive, "199")
    in_menu, _ = bed.do(bed.arrive)
    bed.do(bed.queue, call, RISCO)
    with bed.client("supervisor") as sofia:
        answer = sofia.get("/v1/floor")
    caller = next(one for one in answer.json()["callers"] if one["call"] == call)
    assert caller["protocol"] == protocol
    assert (caller["where"], caller["line"], caller["queue"]) == ("waiting", "199", RISCO.name)
    elsewhere = next(one for one in answer.json()["elsewhere"] if one["call"] == in_menu)
    assert not elsewhere["static"]
    assert CALLER not in answer.text
    bed.do(bed.end, call, "waiting")
    bed.do(bed.end, in_menu, "menu")


def test_a_story_is_whole_and_masked_unless_the_role_needs_the_number(bed: Bed) -> None:
    bed.enrol("carla")
    _log_in(bed, "carla")
    call, protocol = bed.served_call("carla")
    kinds = [
        "call_arrived",
        "protocol_given",
        "node_entered",
        "key_pressed",
        "queued",
        "offer_made",
        "offer_ended",
        "answered",
        "talk_ended",
        "call_ended",
    ]
    for role, number in (
        ("supervisor", CALLER),
        ("auditor", CALLER),
        ("local", CALLER),
        ("admin", MASKED),
    ):
        with bed.client(role) as client:
            by_call = client.get(f"/v1/calls/{call}")
            by_protocol = client.get(f"/v1/protocols/{shown(protocol)}")
        story = by_call.json()
        assert by_protocol.json() == story
        assert [fact["kind"] for fact in story["facts"]] == kinds
        assert story["call"]["caller"] == number
        assert story["facts"][0]["details"]["caller"] == number
        assert story["facts"][2]["details"]["text"] == "Para outros assuntos, tecle um."
        assert story["offers"][0]["because"]
        assert (CALLER in by_call.text) is (number == CALLER)
    _log_out(bed, "carla")


def test_an_agent_sees_their_own_calls_and_no_others(bed: Bed) -> None:
    bed.enrol("ana")
    bed.enrol("davi")
    _log_in(bed, "davi")
    others, other_protocol = bed.served_call("davi")
    _log_out(bed, "davi")
    _log_in(bed, "ana")
    own, own_protocol = bed.served_call("ana")
    _log_out(bed, "ana")
    with bed.client("agent") as ana:
        story = ana.get(f"/v1/calls/{own}")
        assert story.json()["call"]["caller"] == MASKED
        assert CALLER not in story.text
        assert ana.get(f"/v1/protocols/{own_protocol}").json() == story.json()
        missing = ana.get("/v1/calls/n1-nenhuma-1.1").json()
        for path in (f"/v1/calls/{others}", f"/v1/protocols/{other_protocol}"):
            answer = ana.get(path)
            assert (answer.status_code, answer.json()) == (404, missing)
    said = {"supervision": "s1", "mode": "ouvir", "because": "qualidade"}
    for kind in (Kind.SUPERVISION_BEGAN, Kind.SUPERVISION_ENDED):  # nor who listened in
        listened = Fact(now(), kind, own, AgentName("ana"), "sofia", said)
        bed.do(bed.keeper.record, listened)
    bed.do(bed.store.settled)
    for path in (f"/v1/calls/{own}", f"/v1/protocols/{own_protocol}"):
        for role, told in (("agent", False), ("supervisor", True)):
            with bed.client(role) as client:
                assert ("supervision_" in client.get(path).text) is told
                assert ("sofia" in client.get(path).text) is told
                assert "supervision_" not in client.get(f"{path}/why").text


def test_open_calls_and_tasks_are_masked_likewise(bed: Bed) -> None:
    call, _ = bed.do(bed.arrive)
    task = {"task": CALL_BACK, "due": 1.0, "because": "interrupted", "line": "156"}
    bed.do(bed.keeper.record, Fact(1.0, Kind.TASK_OPENED, call, details=task))
    bed.do(bed.store.settled)
    for role, number in (("supervisor", CALLER), ("admin", MASKED)):
        with bed.client(role) as client:
            calls, tasks = client.get("/v1/calls").json(), client.get("/v1/tasks").json()
        assert [one["caller"] for one in calls["calls"] if one["call"] == call] == [number]
        assert [one["caller"] for one in tasks["tasks"] if one["call"] == call] == [number]
    bed.do(bed.end, call, "menu")


def test_agents_come_and_go_and_every_fact_names_who_did_it(bed: Bed) -> None:
    bed.enrol("elisa")
    with bed.client("supervisor") as sofia:
        assert sofia.post("/v1/agents/elisa/pause", json={}).status_code == 409
        assert sofia.post("/v1/agents/elisa/resume").status_code == 409
        assert sofia.post("/v1/agents/elisa/login").json()["status"] == "available"
        paused = sofia.post("/v1/agents/elisa/pause", json={"reason": "sistema"}).json()
        assert (paused["status"], paused["reason"]) == ("paused", "sistema")
        assert sofia.post("/v1/agents/elisa/resume").json()["status"] == "available"
        assert sofia.post("/v1/agents/elisa/ready").json()["state"] == "idle"
        assert sofia.post("/v1/agents/elisa/logout").json()["status"] == "logged_out"
        too_long = {"reason": "x" * 200}
        assert sofia.post("/v1/agents/elisa/pause", json=too_long).status_code == 422
    facts = [fact for fact in _stored(bed) if fact["agent"] == "elisa"]
    assert facts[0]["kind"] == "agent_added"
    assert facts[0]["by_whom"] == "local"
    statuses = [fact for fact in facts if fact["kind"] == "agent_status"]
    assert [fact["by_whom"] for fact in statuses] == ["sofia"] * 4


def test_a_new_agent_is_a_phone_whose_password_lies_nowhere(bed: Bed) -> None:
    with bed.client("admin") as adao:
        body = {"name": "fabio", "full_name": "Fábio Lima", "skills": {"p156_geral": 2}}
        answer = adao.post("/v1/agents", json=body)
        account = answer.json()
        assert (account["server"], account["port"]) == ("127.0.0.1", bed.settings.agents_port)
        again = adao.post("/v1/agents", json=body)
        assert (again.status_code, again.json()["erro"]) == (
            409,
            "já existe agente com o nome fabio",
        )
        unknown = adao.post("/v1/agents", json={"name": "gil", "skills": {"p156_gerall": 1}})
        assert unknown.status_code == 422
        assert "p156_geral" in unknown.json()["erro"]
        listed = adao.get("/v1/agents").json()["agents"]
    fabio = next(one for one in listed if one["agent"] == "fabio")
    assert (fabio["full_name"], fabio["skills"]) == ("Fábio Lima", {"p156_geral": 2})
    assert "fabio" in [one.name for one in bed.accounts]
    assert account["password"] not in str(listed) + str(bed.accounts) + str(_stored(bed))


def test_persons_and_what_is_told_of_them(bed: Bed) -> None:
    with bed.client("admin") as adao:
        token = adao.post("/v1/persons", json={"name": "hugo", "role": "supervisor"}).json()[
            "token"
        ]
        taken = adao.post("/v1/persons", json={"name": "hugo", "role": "admin"})
        assert taken.status_code == 409
        adao.post("/v1/persons/hugo/revoke")
        listed = adao.get("/v1/persons")
    hugo = next(one for one in listed.json()["persons"] if one["name"] == "hugo")
    assert hugo["role"] == "supervisor"
    assert hugo["revoked_at"] is not None
    assert token not in listed.text + str(_stored(bed))
    about = [fact for fact in _stored(bed) if fact["details"].get("person") == "hugo"]
    assert [(fact["kind"], fact["by_whom"]) for fact in about] == [
        ("person_added", "adao"),
        ("person_revoked", "adao"),
    ]


def _log_in(bed: Bed, agent: str) -> None:
    with bed.client() as client:
        assert client.post(f"/v1/agents/{agent}/login").is_success


def _log_out(bed: Bed, agent: str) -> None:
    with bed.client() as client:
        assert client.post(f"/v1/agents/{agent}/logout").is_success


def _stored(bed: Bed) -> list[dict[str, Any]]:
    """All facts as the database has them."""
    from sqlalchemy import create_engine, select

    from protocol_store.tables import facts

    bed.do(bed.store.settled)
    with create_engine(bed.settings.store_url).connect() as connection:
        rows = connection.execute(select(facts).order_by(facts.c.id))
        return [dict(row._mapping) for row in rows]
