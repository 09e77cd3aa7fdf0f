"""One citizen's data over HTTP: an auditor's by name, with a reason; found, handed over, erased
with its recordings; in no fact and no log; and erased again after a backup came back."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bed import CALLER, Bed, api_bed
from seeded import CPF

from central156.settings import load_settings
from central156.subject_data import SubjectData
from protocol_store import Store
from protocol_store.campaign_rows import CampaignRow, ListRow
from protocol_store.campaigns import CampaignBook
from protocol_store.do_not_call import Wish
from terms.facts import Fact, Kind
from terms.names import AgentName, CampaignName

WHY = {"because": "pedido do titular 2026-41"}
PHONE = {"kind": "phone", "value": "(11) 98765-4321", **WHY}


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    with api_bed(tmp_path, port_base=23500) as running:
        running.enrol("ana")
        running.do(running.desk.log_in, AgentName("ana"), "ana")
        yield running


def _served(bed: Bed) -> str:
    """A call in which a CPF was typed, and that is over."""
    call, _ = bed.served_call("ana")
    typed = {"node": "cpf", "variable": "cpf", "value": CPF}
    bed.do(bed.keeper.record, Fact(bed.centre.now(), Kind.DATA_TYPED, call, details=typed))
    for _ in range(100):  # how it ended is read from the switch's diary
        bed.do(bed.store.settled)
        if not bed.do(bed.store.open_calls):
            return str(call)
        time.sleep(0.05)
    raise AssertionError("the call does not end")


def _post(bed: Bed, what: str, body: object = PHONE, role: str = "auditor") -> httpx.Response:
    return bed.client(role).post(f"/v1/citizens/{what}", json=body)


def test_an_auditor_finds_exports_and_erases(bed: Bed) -> None:
    call = _served(bed)
    (found,) = _post(bed, "find").json()["calls"]
    assert (found["call"], found["caller"]) == (call, "*******4321")
    assert found["typed"][0]["value"] != CPF
    (whole,) = _post(bed, "export").json()["calls"]
    assert (whole["caller"], whole["typed"][0]["value"]) == (CALLER, CPF)
    assert _post(bed, "rehearsal").json()["calls"] == 1
    done = _post(bed, "erasure").json()
    assert (done["calls"], done["kept"]) == (1, {})
    assert _post(bed, "find").json()["calls"] == []
    (row,) = bed.client("auditor").get("/v1/citizens/erasures").json()["erasures"]
    assert (row["by"], row["because"], row["calls"]) == ("aurora", WHY["because"], 1)
    story = bed.client("auditor").get(f"/v1/calls/{call}").json()
    assert story["call"]["caller"].startswith("apagado")
    left = bed.settings.state_dir.rglob("*.jsonl")
    assert not any(CALLER in one.read_text() or CPF in one.read_text() for one in left)


def test_a_wish_not_to_be_called_is_told_and_stays(bed: Bed) -> None:
    """It protects its owner, so an erasure leaves it; what campaigns hold is told beside calls."""
    _served(bed)
    wish = Wish("w1", CALLER, bed.centre.now(), "sofia", "pediu")
    bed.do(bed.store.campaigns.bar, wish)
    found = _post(bed, "find").json()
    assert [one["number"] for one in found["wishes"]] == ["*******4321"]
    assert found["contacts"] == []
    assert _post(bed, "export").json()["wishes"][0]["number"] == CALLER
    done = _post(bed, "erasure").json()
    assert (done["calls"], done["contacts"], done["texts"]) == (1, 0, 0)
    assert CALLER in bed.do(bed.store.campaigns.barred)


def test_what_campaigns_and_texts_hold_is_found_handed_over_and_erased(bed: Bed) -> None:
    """Also of somebody who never called."""
    at = bed.centre.now()
    bed.do(_listed, bed.store.campaigns, at)
    with sqlite3.connect(bed.settings.state_dir / "store.sqlite") as database:
        database.execute(
            "INSERT INTO sms_received (key, at, number, text, refuses) "
            "VALUES ('k', '2026-01-01 00:00:00.000000', ?, 'SAIR', true)",
            (CALLER,),
        )
    found = _post(bed, "find").json()
    (contact,), (text,) = found["contacts"], found["received"]
    assert (contact["campaign"], contact["fields"], contact["attempts"]) == ("velha", ["nome"], [])
    assert (text["number"], text["text"]) == ("*******4321", "")
    whole = _post(bed, "export").json()
    assert whole["contacts"][0]["fields"] == {"nome": "Zoé"}
    assert whole["received"][0]["text"] == "SAIR"
    would = _post(bed, "rehearsal").json()
    assert (would["calls"], would["contacts"]) == (0, 1)
    assert _post(bed, "erasure").json()["contacts"] == 1
    gone = _post(bed, "find").json()
    assert (gone["contacts"], gone["received"]) == ([], [])


async def _listed(book: CampaignBook, at: float) -> None:
    name = CampaignName("velha")
    said = ("aviso", "progressivo", "Saúde", "Vacina", 5, "", "campanha: velha\n", "draft")
    await book.make(CampaignRow(name, *said, at, "ana", at, "ana"))
    row = ListRow.of(name, "velha.csv", b"1", at, "ana")
    await book.begin_list(row)
    await book.load(row, [(2, CALLER, {"nome": "Zoé"})], at)


def test_who_asked_and_why_is_kept(bed: Bed) -> None:
    _served(bed)
    _post(bed, "export")
    bed.do(bed.store.settled)
    question = "SELECT details, by_whom FROM facts WHERE kind = 'citizen_told'"
    with sqlite3.connect(bed.settings.state_dir / "store.sqlite") as database:
        ((details, by),) = database.execute(question)
    told = json.loads(details)
    assert (told["what"], told["because"], by) == ("exported", WHY["because"], "aurora")
    assert "4321" not in details


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_others_are_refused(bed: Bed, role: str) -> None:
    assert _post(bed, "find", role=role).status_code == 403


def test_the_installations_own_token_is_nobody(bed: Bed) -> None:
    answer = _post(bed, "find", role="local")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {**PHONE, "value": "abc"},
        {**PHONE, "because": "  "},
        {**PHONE, "kind": "name"},
        {"kind": "document", "value": "123", **WHY},
    ],
)
def test_what_cannot_be_asked_is_refused(bed: Bed, body: dict[str, str]) -> None:
    assert _post(bed, "find", body).status_code == 422


def test_erased_again_after_a_backup_came_back(tmp_path: Path) -> None:
    kept = tmp_path / "copy.sqlite"
    with api_bed(tmp_path / "state", port_base=23500) as bed:
        bed.enrol("ana")
        bed.do(bed.desk.log_in, AgentName("ana"), "ana")
        _served(bed)
        file = bed.settings.state_dir / "store.sqlite"
        bed.do(_copy, bed, file, kept)
        assert _post(bed, "erasure").json()["calls"] == 1
        state = bed.settings.state_dir
    for one in ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"):
        (state / one).unlink(missing_ok=True)
    shutil.copy(kept, state / "store.sqlite")
    assert asyncio.run(_again(state)) == (1, 1, 0)


async def _again(state: Path) -> tuple[int, int, int]:
    """How often it was found, erased, and found after that."""
    store = Store(f"sqlite:///{state / 'store.sqlite'}", "n1")
    await store.start()
    settings = load_settings(state)
    retention: Any = None  # nothing is old here
    subjects = SubjectData(settings, store, time.time, _no_recording, retention)
    try:
        found = await subjects.find("phone", CALLER, "por quê", "aurora", False)
        again = await subjects.erase_again("aurora")
        left = await subjects.find("phone", CALLER, "por quê", "aurora", False)
    finally:
        await store.close()
    return len(found["calls"]), again["calls"], len(left["calls"])


async def _no_recording(name: str, because: str, by: str) -> None:
    """That of this call was never made."""


def _copy(bed: Bed, file: Path, to: Path) -> None:
    with sqlite3.connect(file) as source, sqlite3.connect(to) as target:
        source.backup(target)
