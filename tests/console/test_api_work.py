"""Shifts, pauses, hours and a supervisor's acts over HTTP, each refusal with its reason."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import pytest
from api_bed import Bed
from httpx import Client

from central156.clock import now
from central156.people_at_work import CITY
from terms.facts import Kind
from terms.names import Skill

HOUR = 3_600.0


def _today() -> str:
    return datetime.now(CITY).date().isoformat()


def _act(client: Client, name: str, act: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = client.post(f"/v1/agents/{name}/{act}", json=body or None)
    return answer.status_code, answer.json()


def _kinds(bed: Bed, agent: str) -> list[str]:
    bed.do(bed.store.settled)
    with sqlite3.connect(bed.settings.state_dir / "store.sqlite") as store:
        found = store.execute("SELECT kind FROM facts WHERE agent = ? ORDER BY id", (agent,))
        return [kind for (kind,) in found]


def test_the_closed_lists_are_told(bed: Bed) -> None:
    with bed.client("agent") as ana:
        found = ana.get("/v1/pause-reasons").json()
    assert [one["reason"] for one in found["reasons"]][:3] == ["NR17-10a", "NR17-10b", "lanche-20"]
    assert {one["reason"]: one["code"] for one in found["reasons"]}["banheiro"] == "*134"
    assert found["results"][0] == "resolvido"


def test_a_legal_pause_is_nobodys_to_cut(bed: Bed) -> None:
    bed.enrol("ana")
    with bed.client("agent") as ana, bed.client("supervisor") as sofia:
        _act(ana, "ana", "login")
        assert _act(ana, "ana", "pause", reason="lanche-20")[0] == 200
        for client, act in (
            (sofia, "resume"),
            (ana, "resume"),
            (sofia, "login"),
            (sofia, "logout"),
        ):
            status, told = _act(client, "ana", act)
            assert (status, "não pode ser cortada" in str(told["erro"])) == (409, True), act
        status, told = _act(sofia, "ana", "pause", reason="treinamento")
        assert status == 409
        day = ana.get("/v1/agents/ana/day").json()
        assert (day["pause"]["reason"], day["taken"]) == ("lanche-20", ["lanche-20"])
        _act(ana, "ana", "logout")
    assert _kinds(bed, "ana").count("act_refused") == 5


@pytest.mark.parametrize(
    ("act", "body", "told"),
    [
        ("pause", {"reason": "cafezinho"}, "não há pausa com este motivo"),
        ("pause", {"reason": "não-atendeu"}, "só pode ser dada por: o sistema"),
        ("pause", {"reason": "NR17-10a"}, "primeiros 60 minutos"),
        ("more-time", {}, "não está em pós-atendimento"),
        ("abusive", {}, "não há chamada para marcar"),
        ("result", {"code": "resolvido"}, "não há chamada"),
        ("result", {"code": "vendido"}, "não há este resultado"),
        ("postpone", {"reason": "NR17-10a", "at": 1.0}, "não há pausa NR17-10a a fazer"),
    ],
)
def test_what_an_agent_may_not(bed: Bed, act: str, body: dict[str, object], told: str) -> None:
    if not any(one["agent"] == "ana" for one in bed.do(bed.centre.agents)):
        bed.enrol("ana")
    with bed.client("agent") as ana:
        _act(ana, "ana", "login")
        status, answer = _act(ana, "ana", act, **body)
        assert status == 409
        assert told in str(answer["erro"])
        _act(ana, "ana", "logout")


def test_a_call_from_the_answer_to_its_result(bed: Bed) -> None:
    bed.enrol("bruno")
    with bed.client("supervisor") as sofia:
        _act(sofia, "bruno", "login", seat="pa-7")
        call, _ = bed.do(bed.arrive)
        waiter = bed.do(bed.queue, call)
        bed.do(bed.answer, waiter)
        bed.do(bed.hang_up_agent, waiter)
        assert _act(sofia, "bruno", "more-time")[1]["state"] == "wrap_up"
        assert _act(sofia, "bruno", "result", code="engano")[1] == {"call": call, "code": "engano"}
        bed.do(bed.desk.pause, "bruno", "banheiro", "bruno")
        bed.do(bed.desk.resume, "bruno", "bruno")
        rests = _act(sofia, "bruno", "abusive")[1]
        assert (rests["status"], rests["reason"]) == ("paused", "desgaste")
        bed.do(bed.end, call, "after")
        found = sofia.get("/v1/pauses", params={"day": _today()}).json()["pauses"]
        assert [row["reason"] for row in found if row["agent"] == "bruno"] == [
            "banheiro",
            "desgaste",
        ]
        (hours,) = [
            row
            for row in sofia.get("/v1/hours", params={"day": _today()}).json()["hours"]
            if row["agent"] == "bruno"
        ]
        assert (hours["sessions"][0]["seat"], hours["over"]) == ("pa-7", False)
        assert "banheiro" not in hours["rests"]  # nobody's business (R44)
        _act(sofia, "bruno", "logout", because="o telefone ficou mudo")
        bed.do(bed.store.settled)
        (after,) = [
            row
            for row in sofia.get("/v1/hours", params={"day": _today()}).json()["hours"]
            if row["agent"] == "bruno"
        ]
        assert after["sessions"][0]["because"] == "o telefone ficou mudo"
        assert after["sessions"][0]["ended_by"] == "sofia"
    assert {"wrap_up_extended", "disposition", "call_marked"} <= set(_kinds(bed, "bruno"))


def test_plans_are_proposed_kept_and_refused(bed: Bed) -> None:
    for name in ("carla", "dario"):
        bed.enrol(name)
    begins = now() + 24 * HOUR
    shifts = [
        {"agent": name, "begins": begins, "ends": begins + 6 * HOUR} for name in ("carla", "dario")
    ]
    with bed.client("supervisor") as sofia:
        plans = sofia.post("/v1/plans", json={"shifts": shifts, "keep": True}).json()["plans"]
        assert [len(one["pauses"]) for one in plans] == [3, 3]
        assert plans[0]["pauses"] != plans[1]["pauses"]
        wrong = {
            "begins": begins,
            "ends": begins + 6 * HOUR,
            "pauses": [{"reason": "NR17-10a", "at": begins + 600}],
        }
        refused = sofia.put("/v1/agents/carla/plan", json=wrong)
        assert refused.status_code == 409
        assert "primeiros 60 minutos" in refused.json()["erro"]
        one = sofia.put("/v1/agents/carla/plan", json={"begins": begins, "ends": begins + 4 * HOUR})
        assert [rest["reason"] for rest in one.json()["pauses"]] == ["NR17-10a"]
        day = datetime.fromtimestamp(begins, CITY).date().isoformat()
        bed.do(bed.store.settled)
        found = sofia.get("/v1/pauses", params={"day": day}).json()["pauses"]
        assert {(row["agent"], row["because"]) for row in found} == {
            ("carla", "por vir"),
            ("dario", "por vir"),
        }
        assert len(found) == 4
        long = [{"agent": "carla", "begins": begins, "ends": begins + 7 * HOUR}]
        assert "mais de 6 horas" in sofia.post("/v1/plans", json={"shifts": long}).json()["erro"]
        assert sofia.get("/v1/pauses", params={"day": "2026-02-31"}).status_code == 422


def test_a_supervisor_moves_blocks_and_releases_with_a_reason(bed: Bed) -> None:
    bed.enrol("edu")
    with bed.client("supervisor") as sofia:
        moved = sofia.patch(
            "/v1/agents/edu/skills",
            json={
                "skills": {"p156_geral": 1, "e199_risco": 2},
                "subjects": ["e199_risco"],
                "reserve": True,
                "because": "chuva",
            },
        ).json()
        assert (moved["subjects"], moved["reserve"]) == (["e199_risco"], True)
        (edu,) = [one for one in bed.do(bed.centre.agents) if one["agent"] == "edu"]
        assert edu["skills"] == {"p156_geral": 1, "e199_risco": 2}
        wrong = sofia.patch("/v1/agents/edu/skills", json={"subjects": ["p156_nada"]})
        assert (wrong.status_code, "desconhecida" in wrong.json()["erro"]) == (422, True)
        assert _act(sofia, "edu", "block", because=" ")[0] == 409
        _act(sofia, "edu", "login")
        blocked = _act(sofia, "edu", "block", because="investigação")[1]
        assert blocked["status"] == "logged_out"
        status, told = _act(sofia, "edu", "login")
        assert (status, "investigação" in str(told["erro"])) == (409, True)
        _act(sofia, "edu", "release")
        assert _act(sofia, "edu", "login")[0] == 200
        until = {"until": now() + 1_800, "because": "enchente"}
        assert _act(sofia, "edu", "exception", **until)[1]["exempt_until"] == until["until"]
        _act(sofia, "edu", "logout")
        assert _act(sofia, "nada", "block", because="x")[0] == 404
    kinds = _kinds(bed, "edu")
    assert [kind for kind in kinds if kind == Kind.AGENT_BLOCKED] == ["agent_blocked"] * 2


def test_skills_are_those_of_the_queues_in_force_and_those_that_one_has(bed: Bed) -> None:
    bed.enrol("nina")
    desk, before = bed.centre.work.shifts.desk, bed.centre.work.shifts.desk.lines_of
    renamed = {skill: line for skill, line in before.items() if skill != "p156_geral"}
    desk.lines_of = {**renamed, Skill("p156_novo"): "156"}  # another version was published
    try:
        with bed.client("supervisor") as sofia:
            kept = sofia.patch("/v1/agents/nina/skills", json={"reserve": True})
            assert (kept.status_code, kept.json()["reserve"]) == (200, True)
            new = sofia.patch("/v1/agents/nina/skills", json={"skills": {"p156_novo": 1}})
            assert (new.status_code, new.json()["skills"]) == (200, {"p156_novo": 1})
            gone = sofia.patch("/v1/agents/nina/skills", json={"skills": {"p156_geral": 1}})
            assert (gone.status_code, "p156_novo" in gone.json()["erro"]) == (422, True)
    finally:
        desk.lines_of = before


def test_the_80_percent_rule(bed: Bed) -> None:
    bed.enrol("fabio")
    with bed.client("supervisor") as sofia:
        sofia.patch("/v1/agents/fabio/skills", json={"subjects": ["p156_geral"]})
        _act(sofia, "fabio", "login")
        bed.do(bed.store.settled)
        bed.served_call("fabio")
        found = sofia.get("/v1/subjects", params={"day": _today()}).json()
        (fabio,) = [row for row in found["agents"] if row["agent"] == "fabio"]
        assert (fabio["answered"], fabio["first"], fabio["share"]) == (1, 1, 1.0)
        assert (found["goal"], found["share"]) == (0.8, 1.0)
        _act(sofia, "fabio", "logout")


def test_a_seat_has_hours_and_one_agent(bed: Bed) -> None:
    for name in ("gil", "hugo"):
        bed.enrol(name)
    closed = str(datetime.now(CITY).isoweekday() % 7 + 1)  # tomorrow alone
    with bed.client("supervisor") as sofia:
        body = {"opens": "00:00", "closes": "23:59", "days": closed}
        assert sofia.put("/v1/seats/pa-40", json=body).json()["days"] == closed
        bed.do(bed.store.settled)
        assert [one["seat"] for one in sofia.get("/v1/seats").json()["seats"]] == ["pa-40"]
        status, told = _act(sofia, "gil", "login", seat="pa-40")
        assert (status, "só abre" in str(told["erro"])) == (409, True)
        assert _act(sofia, "gil", "login", seat="pa-41")[0] == 200
        status, told = _act(sofia, "hugo", "login", seat="pa-41")
        assert (status, "está com gil" in str(told["erro"])) == (409, True)
        assert _act(sofia, "gil", "login", seat="pa-42")[0] == 200  # the newest login counts
        assert _act(sofia, "hugo", "login", seat="pa-41")[0] == 200
        for name in ("gil", "hugo"):
            _act(sofia, name, "logout")
