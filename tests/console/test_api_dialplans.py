"""Publishing, approving, going back, announcements and short menus over the API."""

from __future__ import annotations

import time
from typing import Any

import pytest
from api_bed import Bed
from small_menus import menus

from terms.facts import Fact, Kind
from terms.limits import HTTP_BODY_BYTES, PUBLISH_BODY_BYTES
from terms.names import CallId


def publish(bed: Bed, files: dict[str, str], role: str = "admin", note: str = "") -> Any:
    with bed.client(role) as client:
        answer = client.post("/v1/dialplans", json={"files": files, "note": note})
        return answer


@pytest.fixture(scope="module", autouse=True)
def _published(bed: Bed) -> None:
    """What touches 199 and 153 for the first time is agreed to."""
    version = publish(bed, menus()).json()["version"]
    with bed.client("supervisor") as sofia:
        assert sofia.post(f"/v1/dialplans/{version}/approval").json()["state"] == "serving"


def test_from_publishing_to_going_back(bed: Bed) -> None:
    with bed.client("admin") as adao:
        before = adao.get("/v1/dialplans").json()["serving"]
        files = menus(note="Ação «ñ»")
        made = publish(bed, files, note="mais claro").json()
        assert made["state"] == "serving"
        assert made["touched"] == {"156": ["o menu"]}
        found = adao.get("/v1/dialplans").json()
        assert found["serving"] == made["version"]
        assert found["versions"][0]["author"] == "adao"
        assert found["versions"][0]["note"] == "mais claro"
        for which in (made["version"], "atual"):
            answer = adao.get(f"/v1/dialplans/{which}/files").json()
            assert answer == {"version": made["version"], "files": files}
        back = adao.post("/v1/dialplans/rollback", json={}).json()
        assert back["version"] == before


def test_a_second_person_is_a_second_person(bed: Bed) -> None:
    version = publish(bed, menus(greeting="Bom dia.")).json()["version"]
    with bed.client("admin") as adao:
        own = adao.post(f"/v1/dialplans/{version}/approval")
        assert (own.status_code, "quem publicou não aprova" in own.json()["erro"]) == (409, True)
    with bed.client("supervisor") as sofia:
        gone = sofia.post(f"/v1/dialplans/{version}/rejection").json()
        assert gone == {"version": version, "state": "rejected"}
    # The installation's own token may propose, and is nobody in particular: it never approves.
    version = publish(bed, menus(greeting="Bom dia a todos.")).json()["version"]
    with bed.client("local") as local:
        nobody = local.post(f"/v1/dialplans/{version}/approval")
        assert (nobody.status_code, "com nome" in nobody.json()["erro"]) == (409, True)
    version = publish(bed, menus(greeting="Boa tarde."), role="local").json()["version"]
    with bed.client("local") as local:
        assert local.post(f"/v1/dialplans/{version}/approval").status_code == 409
    with bed.client("admin") as adao:
        assert adao.post(f"/v1/dialplans/{version}/approval").json()["state"] == "serving"


def test_mistakes_come_whole(bed: Bed) -> None:
    wrong = publish(bed, {**menus(), "199.yaml": "linha: 199\n", "153.yaml": "nada: 1\n"})
    assert wrong.status_code == 422
    told = wrong.json()["erro"]
    assert told.startswith("nada foi publicado:\n")
    assert "dialplans/199.yaml:" in told
    assert "dialplans/153.yaml:" in told


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"files": {}},
        {"files": {"156.yaml": 1}},
        {"files": menus(), "note": "x" * 501},
        {"files": menus(), "author": "eu"},
    ],
)
def test_requests_that_say_too_little_or_too_much(bed: Bed, body: dict[str, Any]) -> None:
    with bed.client("admin") as adao:
        answer = adao.post("/v1/dialplans", json=body)
        assert answer.status_code == 422
        assert "valor inválido ou ausente" in answer.json()["erro"]


def test_a_folder_may_be_larger_than_other_requests_but_not_endless(bed: Bed) -> None:
    large = {**menus(), "tests/longo.yaml": "#" * HTTP_BODY_BYTES}
    with bed.client("admin") as adao:
        assert adao.post("/v1/dialplans", json={"files": large}).status_code in (200, 409)
        endless = {"files": {f"t{one}.yaml": "#" * 200_000 for one in range(12)}}
        assert sum(map(len, endless["files"].values())) > PUBLISH_BODY_BYTES
        assert adao.post("/v1/dialplans", json=endless).status_code == 413
        other = adao.post("/v1/announcements", json={"text": "x" * HTTP_BODY_BYTES})
        assert other.status_code == 413


def test_an_announcement_and_its_end(bed: Bed) -> None:
    body = {"line": "199", "text": "Chove forte.", "until": time.time() + 60, "name": "chuva"}
    with bed.client("supervisor") as sofia:
        made = sofia.post("/v1/announcements", json=body)
        assert made.status_code == 201
        assert made.json()["node"] == "risco"
        (listed, *_) = sofia.get("/v1/announcements").json()["announcements"]
        assert (listed["name"], listed["on_air"], listed["by"]) == ("chuva", True, "sofia")
        assert sofia.post("/v1/announcements", json=body).status_code == 409
        assert sofia.delete("/v1/announcements/chuva").json() == {"name": "chuva", "ended": True}
        assert sofia.delete("/v1/announcements/chuva").status_code == 404
        for wrong in ({"until": -1}, {"kind": "x"}, {"name": "A B"}, {"line": "1"}):
            assert sofia.post("/v1/announcements", json=body | wrong).status_code == 422


def test_the_short_menu(bed: Bed) -> None:
    until = time.time() + 60
    with bed.client("supervisor") as sofia:
        on = sofia.put("/v1/lines/156/short", json={"on": True, "until": until}).json()
        assert (on["short"], on["until"]) == (True, until)
        assert sofia.put("/v1/lines/156/short", json={"on": False}).json()["short"] is False
        assert sofia.put("/v1/lines/190/short", json={"on": True}).status_code == 404
        assert sofia.put("/v1/lines/199/short", json={"on": True}).status_code == 409


def test_acts_are_facts_with_the_person_who_did_them(bed: Bed) -> None:
    heard: list[Fact] = []
    stop = bed.do(bed.centre.watch, heard.extend)
    publish(bed, menus(note="Com nome"))
    with bed.client("supervisor") as sofia:
        sofia.put("/v1/lines/156/short", json={"on": True})
        sofia.put("/v1/lines/156/short", json={"on": False})
    bed.do(stop)
    assert [(fact.kind, fact.by) for fact in heard] == [
        (Kind.DIALPLAN_PUBLISHED, "adao"),
        (Kind.SHORT_MENU, "sofia"),
        (Kind.SHORT_MENU, "sofia"),
    ]


def test_a_worse_version_rings_in_the_answer(bed: Bed) -> None:
    def calls(count: int, hung_up: int, version: str) -> None:
        for number in range(count):
            call = CallId(f"w-{version}-{number}")
            arrived = {"line": "156", "entry": "156", "caller": "", "version": version}
            ended = {"outcome": "left_in_menu" if number < hung_up else "served"}
            bed.keeper.publish(
                Fact(1.0, Kind.CALL_ARRIVED, call, details=arrived),
                Fact(2.0, Kind.CALL_ENDED, call, details=ended),
            )

    with bed.client("admin") as adao:
        first = adao.get("/v1/dialplans").json()["serving"]
        bed.do(calls, 400, 20, first)
        worse = publish(bed, menus(note="Pior")).json()["version"]
        bed.do(calls, 200, 100, worse)
        alarm = adao.get("/v1/dialplans").json()["alarm"]
        assert (alarm["version"], alarm["before"], alarm["line"]) == (worse, first, "156")
        adao.post("/v1/dialplans/rollback", json={})
        assert adao.get("/v1/dialplans").json()["alarm"] is None
