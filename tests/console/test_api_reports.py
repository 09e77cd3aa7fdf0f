"""Reports over HTTP: who may ask, what comes, what is kept of it. Each is made by a real process
on the real store."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from api_bed import CALLER, Bed, api_bed

from central156.reports_of_contract import REPORTS
from papers.sheet import MEDIA, Form

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """A centre with one call that was abandoned in the queue."""
    with api_bed(tmp_path_factory.mktemp("reports"), port_base=23600) as running:
        call, _ = running.do(running.arrive)
        running.do(running.queue, call)
        running.do(running.end, call, "waiting")
        yield running


def ask(bed: Bed, name: str, role: str = "supervisor", **asked: Any) -> Any:
    with bed.client(role) as client:
        return client.get(f"/v1/reports/{name}", params=asked, timeout=60)


def facts(bed: Bed) -> list[tuple[str, dict[str, Any]]]:
    bed.do(bed.store.settled)
    path = bed.settings.store_url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT by_whom, details FROM facts WHERE kind = 'report_exported' ORDER BY id"
    ).fetchall()
    connection.close()
    return [(by, json.loads(details)) for by, details in found]


def test_the_list_names_every_report_and_its_parameters(bed: Bed) -> None:
    with bed.client("auditor") as client:
        found = client.get("/v1/reports").json()["reports"]
    assert [one["name"] for one in found] == list(REPORTS)
    assert all(one["title"] and one["clause"] for one in found)
    received = next(one for one in found if one["name"] == "dac-recebidas")
    assert {"name": "interval", "meaning": "intervalo"} in received["parameters"]


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/reports/dac-recebidas"])
def test_agents_and_strangers_see_no_report(bed: Bed, path: str) -> None:
    for role, status in (("agent", 403), ("", 401)):
        with bed.client(role) as client:
            assert client.get(path).status_code == status


def test_a_report_in_json(bed: Bed) -> None:
    answer = ask(bed, "dac-recebidas", since="24h", interval="1h", line="156")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["totals"]["received"] == 1
    assert sum(row["received"] for row in found["rows"]) == 1
    assert ["linha", "156"] in [[one["name"], one["value"]] for one in found["asked"]]
    assert found["notes"]
    assert found["made_at"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.JSON])
def test_a_report_as_a_file(bed: Bed, form: Form) -> None:
    answer = ask(bed, "dac-recebidas", since="2026-01-05", until="2026-01-06", format=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA[form]
    name = f"dac-recebidas-2026-01-05-a-2026-01-06.{form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    if form is Form.XLSX:
        assert "Dados" in openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames
    assert list(bed.settings.papers_dir.iterdir()) == []


def test_numbers_are_whole_only_for_whoever_sees_them(bed: Bed) -> None:
    for role, whole in (("supervisor", True), ("auditor", True), ("admin", False)):
        answer = ask(bed, "ura-por-numero", role, since="24h")
        assert (CALLER in answer.text) is whole, role
    refused = ask(bed, "ura-por-numero", "admin", since="24h", phone="98765")
    assert refused.status_code == 422
    assert "números inteiros" in refused.json()["erro"]
    found = ask(bed, "ura-por-numero", "auditor", since="24h", phone="98765")
    assert CALLER in found.text


def test_every_report_leaves_a_fact_without_what_is_personal(bed: Bed) -> None:
    before = len(facts(bed))
    ask(bed, "ura-por-numero", "supervisor", since="24h", phone="987654", line="156")
    ask(bed, "dac-recebidas", "auditor", format="csv", keyword="joão da silva", since="24h")
    (first, second) = facts(bed)[before:]
    by, said = first
    assert by
    assert by != second[0]
    assert (said["report"], said["format"], said["whole"]) == ("ura-por-numero", "json", True)
    assert said["searched_by"] == ["phone"]
    assert said["line"] == "156"
    assert second[1]["searched_by"] == ["keyword"]
    assert "987654" not in json.dumps(facts(bed))
    assert "silva" not in json.dumps(facts(bed))


def test_every_mistake_is_told_at_once_and_nothing_is_made(bed: Bed) -> None:
    before = len(facts(bed))
    wrong = {"since": "outrora", "interval": "7", "format": "pdf", "canais": "3", "line": "190"}
    answer = ask(bed, "dac-recebidas", **wrong)
    assert answer.status_code == 422
    for name in wrong:
        assert f"{name}: " in answer.json()["erro"]
    assert ask(bed, "nada-disso").status_code == 404
    assert ask(bed, "DAC;--").status_code == 422
    assert len(facts(bed)) == before
