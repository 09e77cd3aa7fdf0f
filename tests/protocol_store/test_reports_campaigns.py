"""The reports on campaigns, on campaign_day.py's day, and what campaigns must leave as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import report_day
from campaign_day import LIST, NAME, NOTICE, OTHER, SERVED, store_the_campaign_day
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer
from report_bed import sheet, told
from report_day import DAY, at, store_the_day
from sqlalchemy import Connection, select
from test_rebuild import contents

from protocol_store.billable_counts import billable
from protocol_store.engines import make_engine
from protocol_store.rebuild import rebuild
from protocol_store.reports.asked import buckets
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.counting import of_calls
from protocol_store.tables import OF_CAMPAIGN, calls
from terms.sheet import Asked
from terms.sight import Sight

NOTHING_NEW = [
    name
    for name in REPORTS
    if not name.startswith(("campanha-", "rotas-", "ativo-", "atendimento-"))
]
"""What citizens' calls come to is the same, however many calls campaigns make."""

Days = tuple[Connection, Connection]
"""Connections to a database with the day as it was, and to one with its campaigns."""


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def days(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Days]:
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("campaigns")
        urls = [f"sqlite:///{folder / name}.sqlite" for name in ("plain", "busy")]
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        urls = [server.new_database() for _ in range(2)]
    report_day._numbers = count(1)  # the same numbers call on both
    asyncio.run(store_the_day(urls[0]))
    report_day._numbers = count(1)
    asyncio.run(store_the_campaign_day(urls[1]))
    plain, with_campaigns = (make_engine(url, reading=True) for url in urls)
    with plain.connect() as one, with_campaigns.connect() as other:
        yield one, other
    plain.dispose()
    with_campaigns.dispose()


@pytest.fixture
def busy(days: Days) -> Connection:
    return days[1]


RESULTS = {
    "answered": 4, "busy": 1, "no_answer": 1, "invalid": 1, "unreachable": 1, "lost": 1,
    "machine": 1, "fax": 1, "silent": 1, "dropped": 1, "open": 1,
}  # fmt: skip


def test_every_attempt_by_its_result(busy: Connection) -> None:
    found = sheet(busy, "campanha-tentativas")
    assert found.totals is not None
    assert found.totals == {
        "interval": "Total", "made": 14, **RESULTS, "not_dialled": 3, "billable": 4,
        "answered_share": pytest.approx(4 / 14), "talked": pytest.approx(93.0),
        "mean_talk": pytest.approx(93.0 / 4), "short": 5,
    }  # fmt: skip
    hours = told(found, "interval", "made", "answered", "not_dialled")
    assert hours == [
        ("23/11/2026 14:00", 6, 0, 3),
        ("23/11/2026 15:00", 7, 3, 0),
        ("23/11/2026 16:00", 1, 1, 0),
    ]
    by_day = sheet(busy, "campanha-tentativas", interval=86_400.0, campaign=NAME)
    assert told(by_day, "interval", "made", "answered") == [("23/11/2026", 7, 1)]


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ({"campaign": NAME}, 7),
        ({"campaign": "outra"}, 0),
        ({"agent": "bia"}, 7),
        ({"more": {"lista": LIST.name}}, 7),
        ({"more": {"lista": OTHER.name}, "campaign": NAME}, 0),
        ({"more": {"rota": "alfa"}}, 4),
        ({"since": DAY + 86_400, "until": DAY + 2 * 86_400}, 0),
    ],
)
def test_what_was_asked_for_is_what_is_counted(
    busy: Connection, asked: dict[str, Any], made: int
) -> None:
    totals = sheet(busy, "campanha-tentativas", **asked).totals
    assert totals is not None
    assert totals["made"] == made


@settings(max_examples=25, deadline=None)
@given(
    interval=st.integers(1, 300),
    begins=st.integers(13 * 60, 17 * 60),
    minutes=st.integers(1, 240),
)
def test_all_ways_of_counting_come_to_the_same(
    days: Days, interval: int, begins: int, minutes: int
) -> None:
    """By interval, campaign, body, list, trunk and hour: the same attempts, each in one result."""
    since = DAY + begins * 60
    period = {"since": since, "until": since + minutes * 60.0}
    found = sheet(days[1], "campanha-tentativas", interval=interval * 60.0, **period)
    totals = dict(found.totals or {})
    for column in ("made", "answered", "short", "not_dialled", "billable", *RESULTS):
        assert sum(int(row[column] or 0) for row in found.rows) == totals[column], column
    assert sum(totals[result] for result in RESULTS) == totals["made"]
    for name in ("campanha", "orgao", "lista", "rota"):
        other = dict(sheet(days[1], f"campanha-por-{name}", **period).totals or {})
        assert (other["made"], other["answered"]) == (totals["made"], totals["answered"]), name
    hours = dict(sheet(days[1], "campanha-melhores-horas", **period).totals or {})
    assert hours["made"] == totals["made"]
    results = dict(sheet(days[1], "campanha-resultados", **period).totals or {})
    assert results["attempts"] == totals["made"] + totals["not_dialled"]
    listed = sheet(days[1], "campanha-ligacoes", **period)
    assert len(listed.rows) == results["attempts"]


def test_results_with_what_is_paid(busy: Connection) -> None:
    found = sheet(busy, "campanha-resultados", campaign=NAME)
    assert told(found, "result", "attempts", "billable") == [
        ("atendente não pronto", 1, 0),
        ("atendida", 1, 1),
        ("em curso", 1, 0),
        ("interrompida", 1, 0),
        ("inválido", 1, 0),
        ("não atende", 1, 0),
        ("ocupado", 1, 0),
        ("operadora", 1, 0),
        ("operadora fechada", 1, 0),
        ("retida", 1, 0),
    ]


def test_by_campaign_body_list_trunk(busy: Connection) -> None:
    one_by_one = sheet(busy, "campanha-por-campanha")
    assert told(one_by_one, "campaign", "kind", "body", "subject", "made", "billable") == [
        (NOTICE, "aviso", "Obras", "Rua fechada", 7, 3),
        (NAME, "lembrete", "Saúde", "Vacina", 7, 1),
    ]
    bodies = sheet(busy, "campanha-por-orgao")
    assert told(bodies, "body", "subject", "made", "answered", "dropped") == [
        ("Obras", "Rua fechada", 7, 3, 1),
        ("Saúde", "Vacina", 7, 1, 0),
    ]
    lists = sheet(busy, "campanha-por-lista")
    assert told(lists, "campaign", "list", "file", "made") == [
        (NOTICE, OTHER.name, "obra.csv", 7),
        (NAME, LIST.name, "vacina.csv", 7),
    ]
    trunks = sheet(busy, "campanha-por-rota")
    assert told(trunks, "operator", "trunk", "made", "short") == [
        ("Operadora A", "alfa", 4, 0),
        ("Operadora B", "beta", 10, 5),
    ]


def test_agents_and_their_hours(busy: Connection) -> None:
    found = sheet(busy, "campanha-por-atendente")
    rows = told(found, "agent", "made", "answered", "not_dialled", "talked", "held", "an_hour")
    assert [tuple(one if one is None else round(one, 2) if isinstance(one, float) else one
                  for one in row) for row in rows] == [
        ("ana", 0, 0, 1, 0.0, 20.0, 0.0),
        ("bia", 7, 1, 2, 60.0, 220.0, 16.36),
    ]  # fmt: skip


def test_the_best_hours_and_the_drops(busy: Connection) -> None:
    hours = sheet(busy, "campanha-melhores-horas")
    assert told(hours, "hour", "made", "answered") == [
        ("14:00", 6, 0),
        ("15:00", 7, 3),
        ("16:00", 1, 1),
    ]
    drops = sheet(busy, "campanha-sem-atendente")
    there = [row for row in drops.rows if row["drop_share"] is not None]
    assert [(row["interval"], row["drop_share"], row["within"]) for row in there] == [
        ("23/11/2026 15:00", 0.25, "não"),
        ("23/11/2026 16:00", 0.0, "sim"),
    ]


def test_what_citizens_answered(busy: Connection) -> None:
    found = sheet(busy, "campanha-respostas", campaign=NOTICE)
    assert told(
        found, "campaign", "answered", "confirma", "recusa", "nao_ligar", "atendente", "unsaid"
    ) == [(NOTICE, 3, 1, 0, 1, 0, 1)]
    assert found.rows[0]["confirmed"] == pytest.approx(1 / 3)


def test_how_contacts_stand_and_end(busy: Connection) -> None:
    found = sheet(busy, "campanha-contatos")
    names = ("campaign", "contacts", "waiting", "again", "in_course", "reached", "wrong_number")
    assert told(found, *names, "left_out", "tries") == [
        (NOTICE, 8, 1, 3, 0, 3, 1, 0, 7),
        (NAME, 8, 1, 3, 1, 1, 1, 1, 10),
    ]
    left = sheet(busy, "campanha-deixados-de-fora")
    assert told(left, "campaign", "because", "contacts") == [(NAME, "não ligar", 1)]
    tries = sheet(busy, "campanha-tentativas-por-contato", campaign=NAME)
    assert told(tries, "tries", "contacts", "reached") == [
        (" 0", 2, 0),
        (" 1", 4, 0),
        (" 2", 1, 1),
        (" 4", 1, 0),
    ]
    called = sheet(busy, "campanha-contatos", since=at("16:00"))  # of which somebody was called
    assert [row["campaign"] for row in called.rows] == [NAME]
    assert sheet(busy, "campanha-contatos", since=at("17:00")).rows == []


def test_trunks_beside_the_limits(busy: Connection) -> None:
    months = sheet(busy, "rotas-meses")
    assert told(months, "operator", "trunk", "attempts", "answered", "short") == [
        ("Operadora A", "", 5, 2, 1),
        ("Operadora A", "alfa", 5, 2, 1),
        ("Operadora B", "", 10, 3, 5),
        ("Operadora B", "beta", 10, 3, 5),
    ]
    assert months.totals is not None
    assert months.totals["attempts"] == 15
    assert [row.get("share") for row in months.rows] == [5 / 500_000, None, 10 / 500_000, None]
    days = sheet(busy, "rotas-dias", more={"rota": "beta"})
    assert told(days, "day", "trunk", "attempts", "short") == [
        ("2026-11-23", "", 10, 5),
        ("2026-11-23", "beta", 10, 5),
    ]
    assert days.rows[0]["short_share"] == 0.5


def test_one_attempt_after_the_other(busy: Connection) -> None:
    found = sheet(busy, "campanha-ligacoes", campaign=NAME)
    assert len(found.rows) == 10
    (served,) = (row for row in found.rows if row["protocol"])
    assert (served["result"], served["protocol"], served["talk"]) == (
        "atendida",
        f"P{SERVED}",
        pytest.approx(60.0),
    )
    assert {str(row["phone"])[:3] for row in found.rows} == {"***"}
    whole = sheet(busy, "campanha-ligacoes", campaign=NAME, reveal=True)
    assert {str(row["phone"])[:4] for row in whole.rows} == {"1197"}
    some = sheet(busy, "campanha-ligacoes", campaign=NAME, reveal=Sight(True, lines=("156",)))
    assert [row["protocol"] is not None for row in some.rows] == [
        str(row["phone"]).startswith("1197") for row in some.rows
    ]
    of_one = sheet(busy, "campanha-ligacoes", phone="1197777", protocol=f"P{SERVED}")
    assert [row["attempt"] for row in of_one.rows] == [served["attempt"]]


def test_campaigns_change_nothing_of_what_citizens_calls_come_to(days: Days) -> None:
    asked, changed = Asked(DAY, DAY + 86_400.0), []
    for name in NOTHING_NEW:
        before, after = (REPORTS[name].run(one, asked, DAY + 90_000) for one in days)
        if (before.totals, before.rows) != (after.totals, after.rows):
            changed.append(name)
    # What agents talk is counted, whoever called: so the city's guide says.
    talks = ["dac-conversa", "dac-conversa-por-ilha", "tempos-medios", "tempos-medios-por-ilha"]
    assert changed == talks


def test_they_are_calls_of_ours_and_their_agents_worked(days: Days) -> None:
    def total(connection: Connection, name: str, **more: Any) -> dict[str, Any]:
        return dict(sheet(connection, name, **more).totals or {})

    before, after = (total(one, "ativo-ligacoes") for one in days)
    assert after["made"] - before["made"] == 4
    assert after["talked"] - before["talked"] == pytest.approx(60.0)
    busy = days[1]
    assert total(busy, "ativo-ligacoes", campaign=NAME)["made"] == 1
    assert total(busy, "ativo-por-assunto", campaign=NOTICE)["made"] == 3
    worked = {
        row["agent"]: (row["talks"], round(float(row["talked"] or 0)))
        for row in sheet(busy, "atendimento-produtividade").rows
    }
    assert worked["bia"] == (3, 290)
    one = sheet(busy, "atendimento-produtividade", campaign=NAME)
    assert told(one, "agent", "talks", "talked") == [("bia", 1, pytest.approx(60.0))]


@pytest.mark.parametrize(
    ("name", "column", "of_vaccine", "of_work"),
    [
        ("atendimento-ofertas", "offered", 0, 0),  # an agent who is reserved is offered no call
        ("atendimento-toques", "taken", 0, 0),
        ("atendimento-tabulacoes", "calls", 1, 0),
        ("dac-conversa", "talks", 1, 0),
        ("dac-conversa-por-ilha", "talks", 1, 0),
        ("ativo-ligacoes", "made", 1, 3),
    ],
)
def test_one_campaign_in_reports_of_all_calls(
    busy: Connection, name: str, column: str, of_vaccine: int, of_work: int
) -> None:
    counted = [(sheet(busy, name, campaign=one).totals or {})[column] for one in (NAME, NOTICE)]
    assert counted == [of_vaccine, of_work]
    assert (sheet(busy, name).totals or {})[column] > of_vaccine + of_work  # type: ignore[operator]


def test_what_is_paid_is_what_attempts_came_to(days: Days) -> None:
    paid = [billable(one, DAY, DAY + 86_400.0, (), 0.0).calls_out for one in days]
    assert paid == [1, 5]  # the call-back that was served, and four that people answered


def test_made_anew_from_the_facts_calls_still_know_their_campaign(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    asyncio.run(store_the_campaign_day(url))
    engine = make_engine(url)
    before = contents(engine)
    assert rebuild(engine).left_out == 1  # the day's one broken fact
    assert contents(engine) == before
    engine.dispose()


def test_the_calls_of_a_campaign_are_found_by_their_index(busy: Connection) -> None:
    asked = Asked(DAY, DAY + 86_400.0, campaign=NAME)
    (made,) = of_calls(asked, buckets(asked), calls.c.call_id)
    postgres = busy.dialect.name != "sqlite"
    if postgres:  # on so few rows a walk is always cheaper
        busy.exec_driver_sql("SET enable_seqscan = off")
    question = select(calls.c.call_id).where(made).compile(busy, compile_kwargs=_LITERAL)
    explained = busy.exec_driver_sql(f"EXPLAIN {'' if postgres else 'QUERY PLAN '}{question}")
    plan = str(explained.all())
    assert "calls_campaign" in plan or "calls_counted" in plan, plan
    by_name = select(calls.c.call_id).where(calls.c.campaign == NAME, OF_CAMPAIGN)
    question = by_name.compile(busy, compile_kwargs=_LITERAL)
    explained = busy.exec_driver_sql(f"EXPLAIN {'' if postgres else 'QUERY PLAN '}{question}")
    assert "calls_campaign" in str(explained.all())


_LITERAL = {"literal_binds": True}
