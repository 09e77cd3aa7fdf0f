"""Mass alerts over HTTP: made by supervisors, proved, scoped; no dialler is there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_bed import Bed

LIST = "Celular;Zona\n(11) 91234-5678;Leste\n11 3333-4444;norte\n91234;leste\n"
NAME = "alerta_leste"


def make(bed: Bed, role: str = "supervisor", **about: Any) -> httpx.Response:
    said = {
        "name": NAME,
        "text": "Saia agora e vá para a escola",
        "subject": "Deslizamento",
        "csv": LIST,
        "queue": "e199_risco",
        "caller_id": "1131560199",
        "trunks": ["principal"],
    }
    with bed.client(role) as person:
        return person.post("/v1/alerts", json={**said, **about})


def test_an_alert_is_made_for_the_rows_that_are_meant(bed: Bed) -> None:
    made = make(bed, where={"Zona": ["LESTE", "sul"]})
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["state"], told["contacts"], told["to_go"], told["asked_person"]) == (
        "draft", 1, 1, 0,
    )  # fmt: skip
    assert (told["listed"], told["wrong"], told["loaded"]) == (2, 1, 1)
    assert told["mistakes"][0]["line"] == 4
    assert "91234" not in str(told)
    assert told["text"].startswith("Defesa Civil. Saia agora e vá para a escola. Tecle um")
    with bed.client("auditor") as auditor:
        (one,) = auditor.get("/v1/alerts").json()["alerts"]
        assert (one["campaign"], one["kind"]) == (NAME, "alerta")
        assert one["life_safety"] == one["made_by"]  # the supervisor who made it answers for it
        assert auditor.get(f"/v1/alerts/{NAME}").json()["text"] == told["text"]


def test_it_starts_by_a_supervisors_own_token_alone_and_not_without_a_way_out(bed: Bed) -> None:
    make(bed, name="alerta_sul")
    for role, status in (("admin", (403, 409)), ("supervisor", (409,))):
        with bed.client(role) as person:
            refused = person.post("/v1/alerts/alerta_sul/start")
            assert refused.status_code in status
    with bed.client("supervisor") as person:
        stopped = person.post("/v1/alerts/alerta_sul/stop", json={"because": "foi engano"})
        assert stopped.status_code == 409
        assert "não começou" in stopped.json()["erro"]


@pytest.mark.parametrize(
    ("about", "status", "why"),
    [
        ({"supervisor": "ana"}, 422, "supervisor"),
        ({"where": {"Bairro": ["centro"]}}, 422, "Bairro"),
        ({"where": {"Zona": ["sul"]}}, 422, "nenhuma linha"),
        ({"keys": {"1": "sim"}}, 422, "há confirma"),
        ({"queue": "nenhuma"}, 422, "fila desconhecida"),
        ({"queue": ""}, 422, "sem_atendente"),
        ({"csv": "a;b\n1;2\n"}, 422, "lista.csv"),
        ({"caller_id": ""}, 422, "caller_id"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(
    bed: Bed, about: dict[str, Any], status: int, why: str
) -> None:
    refused = make(bed, name="alerta_torto", **about)
    assert refused.status_code == status
    assert why in refused.json()["erro"]
    with bed.client("supervisor") as person:
        assert person.get("/v1/alerts/alerta_torto").status_code == 404


def test_an_admin_must_name_the_supervisor(bed: Bed) -> None:
    refused = make(bed, "admin", name="alerta_do_admin")
    assert refused.status_code == 422
    assert "supervisor" in refused.json()["erro"]


def test_another_campaign_is_no_alert(bed: Bed) -> None:
    with bed.client("supervisor") as person:
        assert person.get("/v1/alerts/nenhum").status_code == 404
