"""Campaigns over HTTP: kept, listed, scoped, and why they do not start; no dialler is there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_bed import Bed
from house import CHECKOUT

SURVEY = (CHECKOUT / "dialplans/campanhas/pesquisa_zeladoria.yaml").read_text(encoding="utf-8")
NAME = "pesquisa"
LIST = "Nome;Celular;Protocolo\nJosé;(11) 91234-5678;1\nAna;11 3333-4444;2\nBia;91234;3\n"


def text(name: str = NAME, queue: str = "p156_geral", **more: str) -> str:
    """The example survey, for a queue of the bed."""
    lines = [
        line
        for line in SURVEY.splitlines()
        if not line.startswith(("campanha:", "fila:", "#", *(f"{key}:" for key in more)))
    ]
    own = [f"{key}: {value}" for key, value in more.items()]
    return "\n".join([f"campanha: {name}", f"fila: {queue}", *own, *lines])


def keep(bed: Bed, name: str = NAME, **more: str) -> httpx.Response:
    with bed.client("admin") as admin:
        body = {"name": name, "yaml": text(name, **more)}
        return admin.post("/v1/campaigns", json=body)


def load(bed: Bed, name: str = NAME, csv: str = LIST) -> httpx.Response:
    with bed.client("admin") as admin:
        body = {"campaign": name, "file": "lista.csv", "csv": csv}
        return admin.post("/v1/campaigns/list", json=body)


def test_a_campaign_is_kept_with_its_list_and_shown(bed: Bed) -> None:
    kept = keep(bed)
    assert kept.status_code == 201, kept.text
    assert (kept.json()["state"], kept.json()["queue"]) == ("draft", "p156_geral")
    first = load(bed).json()
    assert (first["contacts"], first["already"]) == (2, False)
    assert [line.split(",")[0] for line in first["wrong"]] == ["linha 4"]
    again = load(bed).json()
    assert (again["contacts"], again["already"]) == (2, True)
    with bed.client("auditor") as aurora:
        (one,) = [
            row
            for row in aurora.get("/v1/campaigns").json()["campaigns"]
            if row["campaign"] == NAME
        ]
        assert (one["contacts"], one["kind"], one["made_by"]) == (2, "pesquisa", "adao")
        shown = aurora.get(f"/v1/campaigns/{NAME}").json()
        assert shown["states"] == {"pending": 2}
        assert [one["file"] for one in shown["lists"]] == ["lista.csv"]
        assert "91234" not in str(shown)  # no contact is in it
        far = aurora.get(f"/v1/campaigns/{NAME}/progress").json()
        assert (far["contacts"], far["to_go"], far["called"], far["ends_at"]) == (2, 2, 0, None)
        assert (far["results"], far["drops"], far["stopped"]) == ({}, None, "")


def test_what_is_wrong_in_a_file_is_told_with_its_line(bed: Bed) -> None:
    refused = keep(bed, "torta", tipo="propaganda")
    assert refused.status_code == 422
    assert "torta.yaml:3:7" in refused.json()["erro"]
    assert "fila desconhecida" in keep(bed, "torta", queue="outra").json()["erro"]
    assert load(bed, "torta").status_code == 404
    assert keep(bed, "sem_lista").status_code == 201
    refused = load(bed, "sem_lista", "a;b\n1;2\n")
    assert refused.status_code == 422
    assert refused.json()["erro"].startswith("lista.csv: ")


def test_without_a_way_out_nothing_is_dialled(bed: Bed) -> None:
    keep(bed, "parada")
    with bed.client("supervisor") as sofia:
        for act, body in (("start", None), ("pause", {"because": "chuva"})):
            answer = sofia.post(f"/v1/campaigns/parada/{act}", json=body)
            assert answer.status_code == 409
            assert answer.json()["erro"]
        refused = sofia.post("/v1/campaigns/parada/start")
        assert "rota de saída" in refused.json()["erro"]
        assert sofia.get("/v1/dialler").json()["dials"] is False
        go_on = sofia.post("/v1/dialler/go-on", json={"because": "olhei"})
        assert go_on.status_code == 409
        empty = sofia.post("/v1/dialler/go-on", json={"because": ""})
        assert empty.status_code == 422
        assert "because (o motivo" in empty.json()["erro"]
        assert sofia.post("/v1/campaigns/nenhuma/start").status_code == 404


def test_agents_see_their_own_preview_and_say_what_answered(bed: Bed) -> None:
    with bed.client("agent") as ana:
        assert ana.get("/v1/agents/ana/preview").json() == {}
        assert ana.get("/v1/agents/bia/preview").status_code == 403
        assert ana.post("/v1/agents/bia/answered-by", json={"word": "fax"}).status_code == 403
        assert ana.post("/v1/agents/ana/answered-by", json={"word": "fax"}).status_code == 409
        odd = ana.post("/v1/agents/ana/answered-by", json={"word": "gato"})
        assert odd.status_code == 422
        assert "caixa_postal" in odd.json()["erro"]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ({}, True),
        ({"queues": ["p156_geral"]}, True),
        ({"lines": ["156"]}, True),
        ({"lines": ["199"]}, False),
        ({"queues": ["e199_risco"]}, False),
    ],
)
def test_whoever_has_a_scope_sees_the_campaigns_of_their_queues(
    bed: Bed, scope: dict[str, Any], seen: bool
) -> None:
    keep(bed, "de_fila")
    with bed.client() as admin:
        body = {"name": "sueli", "role": "supervisor", **scope}
        token = admin.post("/v1/persons", json=body).json()["token"]
    try:
        bed.tokens["scoped"] = token
        with bed.client("scoped") as sueli:
            names = [one["campaign"] for one in sueli.get("/v1/campaigns").json()["campaigns"]]
            assert ("de_fila" in names) is seen
            for path in ("", "/progress"):
                status = sueli.get(f"/v1/campaigns/de_fila{path}").status_code
                assert status == (200 if seen else 404)
            status = sueli.post("/v1/campaigns/de_fila/start").status_code
            assert status == (409 if seen else 404)
    finally:
        with bed.client() as admin:
            admin.post("/v1/persons/sueli/revoke")


def test_the_figures_are_there_without_a_dialler(bed: Bed) -> None:
    told = httpx.get(f"{bed.settings.api_url}/metrics", trust_env=False).text
    assert "central156_dialler_stopped 0.0" in told
    assert "central156_campaign_attempts_total{" not in told
