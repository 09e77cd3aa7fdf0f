"""Who heard what, who looked at whose data, and why, as reports on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from store_bed import AT, CALLER, about, open_call

from protocol_store import Store
from protocol_store.citizen_erasure import CitizenErasure
from protocol_store.citizens import Known, Subject
from protocol_store.engines import make_engine
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.making import make
from terms.facts import Fact, Kind
from terms.names import CallId
from terms.sheet import Asked, Sheet

WHY = "reclamação 17"
PERIOD = Asked(AT, AT + 1_000)


async def _told(store: Store) -> None:
    await open_call(store, "c1")
    store.append(
        about(Kind.ANSWERED, "c1", 5, "ana", offer="1", waited=3.0),
        about(Kind.CALL_ENDED, "c1", 66, outcome="served", where="talking", seconds=66.0),
        Fact(
            AT + 100,
            Kind.RECORDING_HEARD,
            CallId("c1"),
            by="aurora",
            details={"recording": "c1", "format": "ogg", "reason": WHY, "from": 0},
        ),
        about(Kind.SUPERVISION_BEGAN, "c1", 50, "ana", mode="ouvir", because="treino", by="sofia"),
    )
    assert await store.settled()
    subject = Subject.of(Known.PHONE, CALLER)
    told = {"what": "exported", "kind": "phone", "because": WHY}
    await store.citizens.find(subject, Fact(AT + 110, Kind.CITIZEN_TOLD, by="aurora", details=told))
    await store.citizens.erase(CitizenErasure("a1", subject, "apagado-00", "aurora", WHY, AT + 120))


def _sheet(url: str, name: str, asked: Asked = PERIOD) -> Sheet:
    return make(url, REPORTS[name], asked, AT)


async def test_who_heard_what_and_why(store: Store, database_url: str) -> None:
    await _told(store)
    (row,) = _sheet(database_url, "auditoria-gravacoes").rows
    assert (row["by"], row["act"], row["agent"], row["format"], row["because"]) == (
        "aurora",
        "ouviu",
        "ana",
        "ogg",
        WHY,
    )
    assert not _sheet(database_url, "auditoria-gravacoes", Asked(AT, AT + 1_000, line="199")).rows
    someone = Asked(AT, AT + 1_000, more={"quem": "sofia"})
    assert not _sheet(database_url, "auditoria-gravacoes", someone).rows


async def test_who_looked_at_data_and_never_whose(store: Store, database_url: str) -> None:
    await _told(store)
    sheet = _sheet(database_url, "auditoria-dados")
    assert [row["act"] for row in sheet.rows] == [
        "exportou dados, por telefone",
        "apagou dados de 1 registros",
    ]
    assert CALLER[-4:] not in str(sheet)


async def test_who_supervised(store: Store, database_url: str) -> None:
    await _told(store)
    (row,) = _sheet(database_url, "auditoria-supervisao").rows
    assert (row["act"], row["mode"], row["agent"]) == ("entrou", "ouvir", "ana")


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("facts_audited", "auditoria-dados"),
        ("facts_typed", ""),
    ],
)
async def test_they_are_found_by_an_index(
    store: Store, database_url: str, name: str, question: str
) -> None:
    """Among many facts these are few: neither database may look through all of them."""
    await _told(store)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        explain = "EXPLAIN QUERY PLAN "
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN "
        asked = (
            "SELECT at FROM facts WHERE kind IN ('recording_heard', 'recording_held', "
            "'recording_released', 'recording_erased', 'citizen_told', 'data_erased', "
            "'report_exported', 'supervision_began', 'supervision_ended') AND at >= :since"
            if question
            else "SELECT call_id FROM facts WHERE kind = 'data_typed' AND call_id IS NOT NULL"
        )
        bound = {"since": "2026-01-01 00:00:00"} if question else {}
        plan = str(connection.execute(text(explain + asked), bound).all())
    engine.dispose()
    assert name in plan
