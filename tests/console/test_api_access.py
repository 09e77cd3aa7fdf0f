"""Who may ask for what: every role on every route, and everything that no route allows."""

from __future__ import annotations

import httpx
import pytest
from api_bed import Bed
from fastapi import APIRouter

from console.admits import GuardedRoute, Open
from console.ports import Role

AGENT, SUPERVISOR, ADMIN, AUDITOR = Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR
OPEN = frozenset({"", *Role})
ALL = frozenset(Role)
OVERSEERS = frozenset({SUPERVISOR, ADMIN, AUDITOR})
LISTENERS = frozenset({SUPERVISOR, AUDITOR})
AT_WORK = frozenset({AGENT, SUPERVISOR, ADMIN})

WHO_MAY = {
    ("GET", "/v1/health"): OPEN,
    ("GET", "/metrics"): OPEN,
    ("GET", "/v1/openapi.json"): OPEN,
    ("GET", "/v1/floor"): OVERSEERS,
    ("GET", "/v1/floor/events"): OVERSEERS,
    ("GET", "/v1/calls"): OVERSEERS,
    ("GET", "/v1/calls/{call}"): ALL,
    ("GET", "/v1/protocols/{number}"): ALL,
    ("GET", "/v1/tasks"): OVERSEERS,
    ("GET", "/v1/agents"): OVERSEERS,
    ("POST", "/v1/agents"): frozenset({ADMIN}),
    ("POST", "/v1/agents/{name}/login"): AT_WORK,
    ("POST", "/v1/agents/{name}/logout"): AT_WORK,
    ("POST", "/v1/agents/{name}/pause"): AT_WORK,
    ("POST", "/v1/agents/{name}/resume"): AT_WORK,
    ("POST", "/v1/agents/{name}/ready"): AT_WORK,
    ("GET", "/v1/agents/{name}/watch"): AT_WORK,
    ("GET", "/v1/persons"): frozenset({ADMIN, AUDITOR}),
    ("POST", "/v1/persons"): frozenset({ADMIN}),
    ("POST", "/v1/persons/{name}/revoke"): frozenset({ADMIN}),
    ("GET", "/v1/dialplans"): OVERSEERS,
    ("GET", "/v1/dialplans/{version}/files"): OVERSEERS,
    ("POST", "/v1/dialplans"): frozenset({ADMIN}),
    ("POST", "/v1/dialplans/rollback"): frozenset({ADMIN}),
    ("POST", "/v1/dialplans/{version}/approval"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/dialplans/{version}/rejection"): frozenset({SUPERVISOR, ADMIN}),
    ("PUT", "/v1/lines/{line}/short"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/announcements"): OVERSEERS,
    ("POST", "/v1/announcements"): frozenset({SUPERVISOR, ADMIN}),
    ("DELETE", "/v1/announcements/{name}"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/calls/{call}/why"): ALL,
    ("GET", "/v1/protocols/{number}/why"): ALL,
    ("PUT", "/v1/lines/{line}/storm"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/orders"): OVERSEERS,
    ("PUT", "/v1/queues/{queue}/rules"): frozenset({SUPERVISOR, ADMIN}),
    ("DELETE", "/v1/queues/{queue}/rules"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/numbers"): OVERSEERS,
    ("POST", "/v1/numbers"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/numbers/removal"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/calls/{call}/suspicion"): AT_WORK,
    ("GET", "/v1/pause-reasons"): AT_WORK,
    ("GET", "/v1/agents/{name}/day"): AT_WORK,
    ("POST", "/v1/agents/{name}/more-time"): AT_WORK,
    ("POST", "/v1/agents/{name}/abusive"): AT_WORK,
    ("POST", "/v1/agents/{name}/result"): AT_WORK,
    ("POST", "/v1/agents/{name}/postpone"): AT_WORK,
    ("PUT", "/v1/agents/{name}/plan"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/plans"): frozenset({SUPERVISOR, ADMIN}),
    ("PATCH", "/v1/agents/{name}/skills"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/agents/{name}/exception"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/agents/{name}/block"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/agents/{name}/release"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/seats"): OVERSEERS,
    ("PUT", "/v1/seats/{seat}"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/pauses"): OVERSEERS,
    ("GET", "/v1/hours"): OVERSEERS,
    ("GET", "/v1/subjects"): OVERSEERS,
    ("GET", "/v1/call-backs"): OVERSEERS,
    ("GET", "/v1/trunks"): OVERSEERS,
    ("POST", "/v1/trunks/reload"): frozenset({ADMIN}),
    ("POST", "/v1/call-backs/{call}/cancel"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/calls/{call}/no-call-back"): AT_WORK,
    ("POST", "/v1/tasks/{task}/close"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/citizens/find"): frozenset({AUDITOR}),
    ("POST", "/v1/citizens/export"): frozenset({AUDITOR}),
    ("POST", "/v1/citizens/rehearsal"): frozenset({AUDITOR}),
    ("POST", "/v1/citizens/erasure"): frozenset({AUDITOR}),
    ("POST", "/v1/citizens/erasure-again"): frozenset({AUDITOR}),
    ("POST", "/v1/citizens/retention"): frozenset({AUDITOR}),
    ("GET", "/v1/citizens/erasures"): frozenset({AUDITOR}),
    ("GET", "/v1/recordings"): LISTENERS,
    ("GET", "/v1/recordings/holds"): LISTENERS,
    ("POST", "/v1/recordings/holds"): LISTENERS,
    ("POST", "/v1/recordings/holds/{hold}/release"): frozenset({AUDITOR}),
    ("GET", "/v1/recordings/retention"): frozenset({AUDITOR, ADMIN}),
    ("POST", "/v1/recordings/retention"): frozenset({AUDITOR}),
    ("POST", "/v1/recordings/master-key"): frozenset({ADMIN}),
    ("GET", "/v1/recordings/{name}"): LISTENERS,
    ("GET", "/v1/recordings/{name}/sound"): LISTENERS,
    ("POST", "/v1/recordings/{name}/erase"): frozenset({AUDITOR}),
    ("GET", "/v1/reports"): OVERSEERS,
    ("GET", "/v1/reports/{name}"): OVERSEERS,
    ("POST", "/v1/contract/carrier"): frozenset({ADMIN}),
    ("GET", "/v1/alerts"): OVERSEERS,
    ("POST", "/v1/alerts"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/alerts/{alert}"): OVERSEERS,
    ("POST", "/v1/alerts/{alert}/start"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/alerts/{alert}/stop"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/campaigns"): OVERSEERS,
    ("POST", "/v1/campaigns"): frozenset({ADMIN}),
    ("POST", "/v1/campaigns/list"): frozenset({ADMIN}),
    ("GET", "/v1/campaigns/{campaign}"): OVERSEERS,
    ("GET", "/v1/campaigns/{campaign}/progress"): OVERSEERS,
    ("POST", "/v1/campaigns/{campaign}/start"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/campaigns/{campaign}/pause"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/campaigns/{campaign}/stop"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/dialler"): OVERSEERS,
    ("POST", "/v1/dialler/go-on"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/agents/{name}/preview"): AT_WORK,
    ("POST", "/v1/agents/{name}/preview"): AT_WORK,
    ("POST", "/v1/agents/{name}/answered-by"): AT_WORK,
    ("GET", "/v1/sms"): OVERSEERS,
    ("GET", "/v1/sms/orders"): OVERSEERS,
    ("POST", "/v1/sms/orders"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/sms/file"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/sms/orders/{order}/stop"): frozenset({SUPERVISOR, ADMIN}),
    ("POST", "/v1/sms/agreed/{name}"): frozenset({AGENT, SUPERVISOR, ADMIN}),
    ("GET", "/v1/sms/messages"): OVERSEERS,
    ("GET", "/v1/sms/messages/{name}"): OVERSEERS,
    ("GET", "/v1/sms/refusals"): OVERSEERS,
    ("POST", "/v1/sms/refusals"): frozenset({SUPERVISOR, ADMIN}),
    ("GET", "/v1/sms/received"): OVERSEERS,
    ("GET", "/v1/destinations"): AT_WORK,
    ("POST", "/v1/agents/{name}/talk/{act}"): AT_WORK,
    ("POST", "/v1/agents/{name}/consult"): AT_WORK,
    ("POST", "/v1/agents/{name}/transfer"): AT_WORK,
    ("POST", "/v1/agents/{name}/protocol"): AT_WORK,
    ("POST", "/v1/agents/{name}/supervise"): frozenset({SUPERVISOR}),
    ("GET", "/v1/supervisions"): OVERSEERS,
    ("POST", "/v1/supervisions/{supervision}/end"): frozenset({SUPERVISOR}),
}


def test_every_route_is_in_the_table(bed: Bed) -> None:
    there = {
        (method, route.path)
        for route in bed.api.app.routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    assert there == set(WHO_MAY)


@pytest.mark.parametrize("role", ["", *Role])
@pytest.mark.parametrize(("method", "path"), WHO_MAY)
def test_the_table(bed: Bed, method: str, path: str, role: str) -> None:
    status = _status_of(bed, method, path, bed.tokens.get(role, ""))
    if role in WHO_MAY[method, path]:
        assert status not in (401, 403)
    else:
        assert status == (403 if role else 401)


@pytest.mark.parametrize(("method", "path"), [one for one, who in WHO_MAY.items() if who != OPEN])
def test_a_wrong_token_opens_nothing(bed: Bed, method: str, path: str) -> None:
    for token in ("x" * 43, "á", bed.tokens["admin"][:-1]):
        assert _status_of(bed, method, path, token) == 401


def test_the_schemes_of_other_worlds_open_nothing(bed: Bed) -> None:
    token = bed.settings.secret("admin_token")
    with bed.client("") as client:
        for value in (token, f"Basic {token}", f"Token {token}", "Bearer", ""):
            answer = client.get("/v1/floor", headers={"Authorization": value})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert client.get("/v1/floor", params={"token": token}).status_code == 401
        cookie = {"Cookie": f"token={token}"}
        assert client.get("/v1/floor", headers=cookie).status_code == 401


def test_a_revoked_token_opens_nothing(bed: Bed) -> None:
    with bed.client() as admin:
        token = admin.post("/v1/persons", json={"name": "rita", "role": "auditor"}).json()["token"]
        assert _status_of(bed, "GET", "/v1/floor", token) == 200
        assert admin.post("/v1/persons/rita/revoke").status_code == 200
        assert _status_of(bed, "GET", "/v1/floor", token) == 401
        # A new token for the same person; the old one stays dead.
        again = admin.post("/v1/persons", json={"name": "rita", "role": "supervisor"}).json()
        assert _status_of(bed, "GET", "/v1/floor", again["token"]) == 200
        assert _status_of(bed, "GET", "/v1/floor", token) == 401


def test_agents_act_only_for_themselves(bed: Bed) -> None:
    bed.enrol("bia")
    with bed.client("agent") as ana:
        for act in ("login", "logout", "resume", "ready"):
            answer = ana.post(f"/v1/agents/bia/{act}")
            assert answer.status_code == 403
            assert answer.json() == {"erro": "um agente só pode agir por si mesmo"}
        refused = ana.get("/v1/floor")
        assert refused.json() == {"erro": "o papel «agente» não pode fazer isto"}
        assert ana.post("/v1/agents/bia/pause", json={}).status_code == 403
        assert ana.get("/v1/agents/bia/watch").status_code == 403
    with bed.client("supervisor") as sofia:
        assert sofia.post("/v1/agents/bia/login").json()["status"] == "available"
        assert sofia.post("/v1/agents/bia/logout").json()["status"] == "logged_out"


def test_nobody_can_take_the_names_that_stand_for_the_system(bed: Bed) -> None:
    with bed.client() as admin:
        for name in ("local", "restart", "system"):
            answer = admin.post("/v1/persons", json={"name": name, "role": "admin"})
            assert answer.status_code == 409
            body = {"name": name, "skills": {"p156_geral": 1}}
            assert admin.post("/v1/agents", json=body).status_code == 409


def test_a_route_without_its_roles_cannot_be_built() -> None:
    routes = APIRouter(route_class=GuardedRoute)

    async def anything() -> dict[str, str]:
        return {}

    with pytest.raises(TypeError, match="whom it admits"):
        routes.get("/v1/secret")(anything)
    assert Open().roles == frozenset()


def _status_of(bed: Bed, method: str, path: str, token: str) -> int:
    """What the route answers first. Agents ask about themselves."""
    name = "nobody" if "persons" in path else "ana"
    url = path.format(
        name=name,
        call="n1-none-1.1",
        number="123456780",
        version="0123456789ab",
        line="156",
        queue="p156_geral",
        seat="pa-01",
        act="hold",
        task="1",
        supervision="1-s1",
        hold="1",
        order="0123456789abcdef",
        campaign="nenhuma",
        alert="nenhum",
    )
    headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
    with (
        httpx.Client(base_url=bed.settings.api_url, timeout=5, trust_env=False) as client,
        client.stream(method, url, headers=headers) as answer,
    ):
        return answer.status_code
