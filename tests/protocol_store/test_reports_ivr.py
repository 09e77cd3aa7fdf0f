"""The reports of the IVR, of the survey and of chat, on both databases: every figure below was
worked out by hand from the stories in ivr_stories.py, which are stored through the real store."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ivr_stories import NOON, TWICE, at, the_day, the_day_after
from sqlalchemy import Engine, event

from protocol_store import Store
from protocol_store.engines import make_engine
from protocol_store.reports import ivr
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.report import WrongQuestion
from terms.sheet import Asked, Shape, Sheet

EXTREMES = {"most", "least", "most_ivr", "least_ivr", "cap"}
"""Counts that no sum is made of."""

Ask = Callable[..., Sheet]
OURS = [name for name in REPORTS if name.startswith(("ura-", "pesquisa-", "chat-"))]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def stored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database with the stories in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('ivr') / 'store.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").new_database()
    asyncio.run(_store_all(url))
    engine = make_engine(url, reading=True)
    yield engine
    engine.dispose()


@pytest.fixture
def ask(stored: Engine) -> Ask:
    """Asks a report of the stored stories; from 10 to 13 o'clock unless told otherwise."""

    def answer(name: str, since: float = at(10), until: float = at(13), **more: Any) -> Sheet:
        with stored.connect() as connection:
            return REPORTS[name].run(connection, Asked(since, until, **more))

    return answer


async def _store_all(url: str) -> None:
    store = Store(url, "a", clock=lambda: NOON)
    await store.start()
    await the_day(store)
    await the_day_after(store)
    assert await store.settled()
    assert store.violations == 0
    await store.close()


def column(sheet: Sheet, name: str) -> list[Any]:
    return [row[name] for row in sheet.rows]


def by(sheet: Sheet, *names: str) -> dict[Any, Any]:
    """Rows by what stands in these columns."""
    return {tuple(row[name] for name in names): row for row in sheet.rows}


def test_every_clause_is_answered_by_a_report_of_that_clause() -> None:
    table = re.findall(r"^    (4\.3\.1\.3\.(\d+)) .*?(ura-[a-z-]+)", str(ivr.__doc__), re.M)
    assert [int(number) for _, number, _ in table] == [*range(1, 22)]
    for clause, _, name in table:
        assert REPORTS[name].clause == clause
    assert {REPORTS[name].clause for name in OURS} >= {"4.4.3", "4.4.4"}


@pytest.mark.parametrize("name", OURS)
def test_a_sheet_says_what_it_counts(ask: Ask, name: str) -> None:
    sheet = ask(name)
    assert (sheet.name, sheet.title) == (name, REPORTS[name].title)
    assert sheet.notes
    names = [one.name for one in sheet.columns]
    assert len(set(names)) == len(names)
    assert all(one.title for one in sheet.columns)
    for row in [*sheet.rows, *([sheet.totals] if sheet.totals else [])]:
        assert set(row) <= set(names)
    if sheet.chart:
        assert {sheet.chart.along, *sheet.chart.over} <= set(names)


@pytest.mark.parametrize("name", [one for one in OURS if "interval" in REPORTS[one].takes])
def test_totals_are_the_sum_of_the_intervals_whatever_these_are(ask: Ask, name: str) -> None:
    totals = []
    for interval in (60.0, 900.0, 3_600.0, 86_400.0):
        sheet = ask(name, interval=interval)
        assert sheet.totals is not None
        sums = {
            one.name: sum(column(sheet, one.name))
            for one in sheet.columns
            if one.shape is Shape.COUNT and one.name not in EXTREMES
        }
        assert {key: sheet.totals[key] for key in sums} == sums
        totals.append({**sheet.totals})
    assert all(one == pytest.approx(totals[0], nan_ok=True) for one in totals)


WHOLE_CENTRE = {"lost", "starts"}


OF_A_LINE = {one for one in OURS if "line" in REPORTS[one].takes} - {"ura-recursos-inativos"}


@pytest.mark.parametrize("name", sorted(OF_A_LINE))
def test_lines_add_up(ask: Ask, name: str) -> None:
    whole, *parts = (ask(name, line=line) for line in ("", "156", "199", "153"))
    for one in whole.columns:
        if one.shape is not Shape.COUNT or one.name in EXTREMES | WHOLE_CENTRE:
            continue
        sums = [int((sheet.totals or {}).get(one.name) or 0) for sheet in (whole, *parts)]
        assert sums[0] == sum(sums[1:]), one.name


def test_the_other_reports_count_the_same_calls(ask: Ask) -> None:
    ours = ask("ura-uso-por-dia").totals or {}
    for name in ("dac-recebidas", "ura-retencao", "ura-por-area", "ura-por-numero"):
        assert (ask(name).totals or {})["received"] == ours["received"] == 12


LARGE = {"calls", "node_visits", "queue_visits", "legs", "facts", "survey_answers", "lookups"}


@pytest.mark.parametrize("name", OURS)
def test_large_tables_are_read_through_an_index(stored: Engine, name: str) -> None:
    asked: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, *more: Any) -> None:
        asked.append((statement, parameters))

    postgres = stored.dialect.name == "postgresql"
    with stored.connect() as connection:
        if postgres:  # a table of a dozen rows is read whole, unless that is forbidden
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        event.listen(connection, "before_cursor_execute", hear)
        REPORTS[name].run(connection, Asked(at(10), at(13)))
        event.remove(connection, "before_cursor_execute", hear)
        assert asked
        explain = "EXPLAIN " if postgres else "EXPLAIN QUERY PLAN "
        for statement, values in asked:
            rows = connection.exec_driver_sql(explain + statement, values).all()
            plan = "\n".join(str(row[-1]) for row in rows)
            scanned = re.findall(r"(?:Seq Scan on|SCAN) (\w+)(?! \w+ USING| USING)\b", plan)
            assert not set(scanned) & LARGE, plan


# --- calls ---
def test_mean_time(ask: Ask) -> None:
    sheet = ask("ura-tempo-medio")
    assert column(sheet, "received") == [4, 2, 6]
    assert column(sheet, "measured") == [4, 2, 4]
    assert column(sheet, "mean") == pytest.approx([78 / 4, 18 / 2, 100 / 4], abs=0.01)
    total = dict(sheet.totals or {})
    assert total["mean"] == pytest.approx(196 / 10, abs=0.01)
    assert total["mean_queued"] == pytest.approx(28 / 3, abs=0.01)
    assert total["mean_ended_in_menu"] == pytest.approx(45, abs=0.01)
    assert total["mean_left_in_menu"] == pytest.approx(43 / 3, abs=0.01)
    assert total["longest"] == pytest.approx(50, abs=0.01)


def test_who_is_handed_over_was_in_the_ivr_until_then(ask: Ask) -> None:
    sheet = ask("ura-tempo-medio", since=at(15, day=23), until=at(16, day=23))
    assert column(sheet, "mean_queued") == pytest.approx([20], abs=0.01)  # and waited from 0 (R71)


def test_how_long_calls_were_in_the_ivr(ask: Ask) -> None:
    sheet = ask("ura-duracao")
    found = {row["band"]: row["calls"] for row in sheet.rows if row["calls"]}
    # 2, 5, 8, 10 | 15, 16, 20 | 30 | 40, 50
    assert found == {"até 10 s": 4, "até 20 s": 3, "até 30 s": 1, "até 60 s": 2}
    assert sheet.rows[-1]["so_far"] == 1.0


COURSES = {
    **{"received": 12, "ended_in_menu": 2, "messages": 1, "queued": 3, "left_in_menu": 3},
    **{"refused": 0, "cut": 1, "static": 1, "in_menu": 1},
}


def test_use_by_hour_day_and_month(ask: Ask) -> None:
    hours = ask("ura-uso-por-hora")
    assert {row["hour"]: row["received"] for row in hours.rows if row["received"]} == {
        **{"10h": 4, "11h": 2, "12h": 6}
    }
    days = ask("ura-uso-por-dia", until=at(23, day=23))
    assert column(days, "received") == [12, 6]
    assert column(days, "interval") == ["22/09/2026", "23/09/2026"]
    months = ask("ura-uso-por-mes")
    assert [row["interval"] for row in months.rows] == ["setembro de 2026"]
    for sheet in (hours, ask("ura-uso-por-dia"), months):
        assert {name: (sheet.totals or {})[name] for name in COURSES} == COURSES


def test_retention_by_both_formulas(ask: Ask) -> None:
    sheet = ask("ura-retencao")
    assert column(sheet, "retained") == [1, 0, 2]
    total = sheet.totals or {}
    assert (total["of_received"], total["of_settled"]) == (3 / 12, 3 / 6)
    assert column(sheet, "of_settled") == [1 / 2, 0, 1.0]


def test_without_a_key_given_up_completed(ask: Ask) -> None:
    sheet = ask("ura-desfechos")
    total = sheet.totals or {}
    names = ("received", "completed", "left_in_menu", "cut", "in_menu")
    assert [total[name] for name in names] == [12, 6, 3, 2, 1]
    silent = ("silent", "silent_completed", "silent_left")
    assert [total[name] for name in silent] == [9, 3, 3]
    assert column(sheet, "silent") == [2, 1, 6]


def test_given_up_within_x_and_after(ask: Ask) -> None:
    sheet = ask("ura-abandonos")
    assert column(sheet, "within") == [1, 0, 1]  # 8 s; 15 s is within 15
    assert column(sheet, "beyond") == [1, 0, 0]  # 20 s
    assert column(ask("ura-abandonos", beyond=14.0), "within") == [1, 0, 0]
    nodes = by(ask("ura-abandonos-por-etapa"), "line", "node")
    assert {node: (row["within"], row["beyond"]) for (_, node), row in nodes.items()} == {
        **{"principal": (0, 1), "abertura": (1, 0), "externo": (1, 0)}
    }
    one = ask("ura-abandonos-por-etapa", node="externo")
    assert column(one, "mean") == pytest.approx([15], abs=0.01)


# --- channels ---
def test_channels_and_sessions_in_use(ask: Ask) -> None:
    sheet = ask("ura-recursos-ativos")
    assert column(sheet, "most") == [1, 1, 2]
    assert column(sheet, "mean") == pytest.approx([2 / 60, 2 / 60, 20 / 60])
    assert column(sheet, "most_ivr") == [0, 0, 1]
    assert column(sheet, "mean_ivr") == pytest.approx([0, 0, 19 / 60])
    later = ask("ura-recursos-ativos", since=at(12, 45), until=at(12, 50))
    assert column(later, "most") == [1]  # who came before the period is still there


def test_channels_that_are_free(ask: Ask) -> None:
    sheet = ask("ura-recursos-inativos", more={"canais": "2"})
    assert column(sheet, "full") == [0, 0, 1]
    assert column(sheet, "least") == [1, 1, 0]
    assert column(sheet, "most") == [2, 2, 2]
    assert column(sheet, "mean")[2] == pytest.approx(2 - 20 / 60)
    assert column(ask("ura-recursos-inativos"), "cap") == [800] * 3
    with pytest.raises(WrongQuestion, match="não tem limite"):
        ask("ura-recursos-inativos", line="199")


# --- nodes ---
def test_navigation(ask: Ask) -> None:
    sheet = ask("ura-navegacao")
    nodes = by(sheet, "line", "node")
    assert nodes["156", "abertura"]["visits"] == 9
    main = nodes["156", "principal"]
    ways = ("visits", "key", "silence", "hangup", "there")
    assert [main[way] for way in ways] == [5, 2, 1, 1, 1]
    # a 9 + 1, b 4 + 1, c 15, e 11 seconds at the menu
    assert main["mean"] == pytest.approx((10 + 5 + 15 + 11) / 4, abs=0.01)
    assert nodes["199", "protocolo"]["failure"] == 1
    assert (sheet.totals or {})["visits"] == 24
    every = ("key", "on", "queue", "silence", "invalid", "hangup", "transfer", "failure", "there")
    for row in sheet.rows:
        assert row["visits"] == sum(int(row[way] or 0) for way in every)
    assert len(ask("ura-navegacao", node="principal").rows) == 1


def test_options_of_the_menus(ask: Ask) -> None:
    found = by(ask("ura-opcoes", node="principal"), "key")
    assert {key: (row["visits"], row["share"]) for (key,), row in found.items()} == {
        key: (1, 0.2) for key in ("1", "9", "(sem resposta)", "(desligou)", "(ainda lá)")
    }
    assert {row["node"] for row in ask("ura-opcoes").rows} == {"principal", "cidade"}


def test_nodes_by_hour_of_the_day(ask: Ask) -> None:
    sheet = ask("ura-servicos-por-hora")
    first = sheet.rows[0]
    told = [first[name] for name in ("node", "visits", "h10", "h11", "h12")]
    assert told == ["abertura", 9, 4, 1, 4]


def test_where_they_fell_silent_and_where_they_left(ask: Ask) -> None:
    silent = ask("ura-ponto-de-time-out")
    assert [(row["node"], row["times"], row["silence"]) for row in silent.rows] == [
        ("principal", 2, 1)
    ]
    left = by(ask("ura-ponto-de-abandono"), "node")
    assert {node: (row["hangup"], row["visits"]) for (node,), row in left.items()} == {
        **{"principal": (1, 5), "abertura": (1, 9), "externo": (1, 1)}
    }
    assert left["principal",]["mean"] == pytest.approx(15, abs=0.01)
    assert left["abertura",]["of_all"] == pytest.approx(1 / 3)


def test_whole_paths(ask: Ask) -> None:
    sheet = ask("ura-caminhos")
    assert [sheet.rows[0][name] for name in ("path", "calls", "share")] == [
        *("abertura › principal", 3, 0.3)
    ]
    paths = {row["path"] for row in sheet.rows}
    assert "abertura › principal › atendente › pesquisa" in paths
    assert ("caminhos diferentes", "8") in sheet.asked
    assert (sheet.totals or {})["calls"] == 10
    (long,) = ask("ura-caminhos", since=at(9, day=23), until=at(10, day=23)).rows
    assert long["path"] == " › ".join([*(f"n{number}" for number in range(1, 13)), "…"])


# --- who ---
def test_by_number_is_masked(ask: Ask) -> None:
    sheet = ask("ura-por-numero")
    assert [sheet.rows[0][name] for name in ("caller", "received")] == ["*******4321", 8]
    assert "não identificado" in column(sheet, "caller")
    assert TWICE not in str(sheet)
    assert (sheet.totals or {})["received"] == 12
    shown = by(ask("ura-por-numero", reveal=True), "caller")
    assert shown[TWICE,]["received"] == 2
    assert shown[TWICE,]["last"] == pytest.approx(at(10, 1))
    assert len(ask("ura-por-numero", phone="0000").rows) == 1


def test_by_area(ask: Ask) -> None:
    assert [(row["area"], row["received"]) for row in ask("ura-por-area").rows] == [
        *(("11", 10), ("31", 1), ("não identificado", 1))
    ]


# --- transfers, failures ---
def test_transfers_by_agent_date_and_hour(ask: Ask) -> None:
    rows = by(ask("ura-transferencias"), "agent", "day", "hour")
    assert set(rows) == {("ana", "2026-09-22", "10h"), ("rui", "2026-09-22", "11h")}
    assert rows["rui", "2026-09-22", "11h"]["to_node"] == 1
    assert rows["ana", "2026-09-22", "10h"]["attended"] == 1
    nodes = ask("ura-transferencias-por-etapa")
    assert nodes.rows == [{"node": "protocolo", "agent": "rui", "count": 1}]
    assert ask("ura-transferencias", agent="ana").totals == {
        **{"agent": "Total", "all": 1, "to_node": 0, "to_queue": 0, "to_agent": 0},
        **{"to_outside": 0, "attended": 1},
    }


def test_failures_of_the_network(ask: Ask) -> None:
    sheet = ask("ura-falhas-rede")
    assert column(sheet, "full") == [0, 2, 0]
    assert column(sheet, "outside") == [0, 0, 1]
    assert column(sheet, "lost") == [0, 1, 0]
    assert column(sheet, "without") == pytest.approx([0, 30, 0])
    assert column(sheet, "received") == [4, 2, 6]
    split = ask("ura-falhas-rede", since=at(11, 20, 10), until=at(11, 21), interval=60.0)
    assert column(split, "without") == pytest.approx([20])
    assert column(split, "lost") == [0]  # it was lost before the period


def test_failures_of_servers(ask: Ask) -> None:
    sheet = ask("ura-falhas-servidor")
    assert column(sheet, "static") == [0, 0, 1]
    assert column(sheet, "interrupted") == [0, 0, 1]
    assert column(sheet, "nodes") == [0, 1, 0]
    assert column(sheet, "asked") == [0, 1, 2]
    assert column(sheet, "failed") == [0, 1, 0]
    assert column(sheet, "starts") == [0, 0, 1]


def test_look_ups_by_source(ask: Ask) -> None:
    rows = by(ask("ura-consultas"), "place", "line", "node")
    assert {key: (row["found"], row["missing"], row["failed"]) for key, row in rows.items()} == {
        ("sigrc", "156", "consulta"): (1, 0, 0),
        ("sigrc", "156", "outra"): (0, 1, 0),
        ("sigrc", "199", "protocolo"): (0, 0, 1),
    }


# --- survey, chat ---
TWO_DAYS = {"since": at(0), "until": at(0, day=24)}


def test_marks_by_question(ask: Ask) -> None:
    rows = by(ask("pesquisa-notas", **TWO_DAYS), "question")
    clear = rows["clareza",]
    names = ("asked", "mark_5", "unanswered", "mean", "good")
    assert [clear[name] for name in names] == [3, 2, 1, 5.0, 1.0]
    assert clear["good_of_all"] == pytest.approx(2 / 3)
    assert [rows["rapidez",][name] for name in ("unanswered", "mark_3", "good")] == [2, 1, 0]


def test_satisfaction(ask: Ask) -> None:
    sheet = ask("pesquisa-satisfacao", line="156", interval=86_400.0, **TWO_DAYS)
    total = sheet.totals or {}
    counts = ("served", "surveys", "answering", "silent", "satisfied", "given", "good")
    assert [total[name] for name in counts] == [4, 3, 2, 1, 1, 5, 3]
    assert (total["ips"], total["good_share"], total["mean"]) == (0.5, 0.6, 3.8)
    assert (total["unanswered"], total["took_part"]) == (4, 0.5)
    assert column(sheet, "surveys") == [1, 2]
    queues = by(ask("pesquisa-por-fila", line="156", **TWO_DAYS), "queue")
    assert queues["p156_geral",]["surveys"] == 2
    assert queues["p156_social",]["satisfied"] == 0


def test_no_report_tells_whose_mark_it_was(ask: Ask) -> None:
    for name in ("pesquisa-notas", "pesquisa-satisfacao", "pesquisa-por-fila"):
        with pytest.raises(WrongQuestion, match="não aceita"):
            ask(name, agent="ana")
        assert "agent" not in {one.name for one in ask(name).columns}


def test_chat_counts_its_own_contacts_and_says_why_there_are_none(ask: Ask) -> None:
    sheet = ask("chat-atendimento", since=at(14, day=23), until=at(15, day=23))
    (row,) = sheet.rows
    names = ("entered", "answered", "in_time", "answered_within", "abandoned", "given_up")
    assert [row[name] for name in names] == [2, 1, 1, 0, 1, 0.5]
    agents = ask("chat-por-agente", since=at(14, day=23), until=at(15, day=23))
    assert [(one["agent"], one["answered"]) for one in agents.rows] == [("ana", 1)]
    assert column(agents, "mean_talk") == pytest.approx([300], abs=0.01)
    none = ask("chat-atendimento")
    assert sum(column(none, "entered")) == 0
    assert "Sem canal de chat" in none.notes[0]
