"""The reports on attendance, call-backs, mean times and problems, on report_day.py's day."""

from __future__ import annotations

from typing import Any

import pytest
from report_bed import day, sheet, told
from report_day import AGAIN, GERAL, at
from sqlalchemy import Connection

from acd.pauses import PAUSES
from protocol_store.reports.attendance_areas import UNRANKED
from protocol_store.reports.mean_times import AGAIN as APART

__all__ = ["day"]

H10, H11, H12, H13 = (f"23/11/2026 {hour}:00" for hour in (10, 11, 12, 13))


def totals(day: Connection, name: str, **more: Any) -> dict[str, Any]:
    found = sheet(day, name, **more).totals
    assert found is not None
    return dict(found)


def test_pauses_that_nobody_is_compared_by_are_those_of_the_floor() -> None:
    assert {reason for reason, rule in PAUSES.items() if not rule.ranked} == set(UNRANKED)


def test_shifts_planned_and_real(day: Connection) -> None:
    found = sheet(day, "atendimento-jornada")
    assert told(found, "agent", "planned", "came", "late", "left", "logged") == [
        ("ana", at("8:55"), at("9:00"), 300.0, at("15:00"), 21_600.0),
        ("bia", None, at("10:00"), None, None, pytest.approx(at("23:59:40") - at("10:00"))),
        ("caio", None, at("11:30"), None, at("12:30"), 3_600.0),
    ]


def test_time_by_state_leaves_out_what_is_nobodys_business(day: Connection) -> None:
    found = sheet(day, "atendimento-estados")
    rows = told(found, "agent", "at_work", "ringing", "talking", "wrapping", "paused", "free")
    assert [tuple(map(_rounded, row)) for row in rows] == [
        ("ana", 21_300, 18, 150, 50, 600, 20_482),  # five minutes in the bathroom are not there
        ("bia", 50_380, 20, 230, 40, 1_800, 48_290),
        ("caio", 3_600, 3, 60, 30, 0, 3_507),
    ]
    found = sheet(day, "atendimento-estados", since=at("10:01"), until=at("10:15"), agent="ana")
    part = told(found, "agent", "at_work", "talking", "wrapping", "paused", "free")
    assert [tuple(map(_rounded, row)) for row in part] == [("ana", 840, 60, 30, 300, 450)]


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def test_occupancy_by_hour(day: Connection) -> None:
    found = sheet(day, "atendimento-ocupacao")
    rows = [tuple(map(_rounded, row)) for row in told(found, "interval", "busy", "free")]
    assert rows[:5] == [
        ("23/11/2026 09:00", 0, 3_600),
        (H10, 378, 6_222),
        (H11, 80, 8_920),
        (H12, 93, 8_607),
        (H13, 50, 7_150),
    ]


@pytest.mark.parametrize("minutes", [1, 7, 60, 1_440])
def test_occupancy_of_the_day_whatever_the_interval(day: Connection, minutes: int) -> None:
    found = totals(day, "atendimento-ocupacao", interval=minutes * 60.0)
    assert (found["busy"], found["free"]) == pytest.approx((601, 72_279), abs=0.1)


def test_no_pause_of_one_s_own_is_counted_but_the_register_has_it(day: Connection) -> None:
    rows = told(sheet(day, "atendimento-pausas"), "agent", "reason", "count", "seconds")
    assert [tuple(map(_rounded, row)) for row in rows] == [
        ("ana", "NR17-10a", 1, 600.0),
        ("bia", "treinamento", 1, 1_800.0),
    ]
    register = sheet(day, "atendimento-pausas-registro", agent="ana")
    assert told(register, "reason", "began_at", "ended_at") == [
        ("NR17-10a", at("10:10"), at("10:20")),
        ("banheiro", at("12:00"), at("12:05")),
    ]


TABLES: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]] = [
    (
        "atendimento-assuntos",
        ("queue", "note", "entered", "answered", "abandoned"),
        [
            (GERAL, "Buraco", 7, 1, 3),
            (GERAL, "Árvore", 1, 1, 0),
            ("p156_social", "Bolsa", 1, 1, 0),
            ("e199_risco", "", 1, 1, 0),
        ],
    ),
    (
        "atendimento-primeiro-assunto",
        ("agent", "answered", "first", "share", "met"),
        [("ana", 2, 1, 0.5, "não")],
    ),
    (
        "atendimento-tabulacoes",
        ("kind", "code", "calls"),
        [("marca", "abusiva", 1), ("tabulação", "engano", 1), ("tabulação", "resolvido", 2)],
    ),
    ("atendimento-transferencias", ("agent", "transfers", "externo"), [("caio", 1, 1)]),
    (
        "atendimento-ofertas",
        ("outcome", "offered", "mean_ring"),
        [
            ("a pessoa desligou", 1, 5.0),
            ("atendida", 5, 8.2),
            ("tocou e não atendeu", 1, 10.0),
        ],
    ),
    (
        "atendimento-toques",
        ("agent", "offered", "taken", "unanswered", "caller_left", "mean_ring"),
        [("ana", 3, 2, 1, 0, 9.0), ("bia", 3, 2, 0, 1, 10.0), ("caio", 1, 1, 0, 0, 3.0)],
    ),
    (
        "atendimento-produtividade",
        ("agent", "talks", "mean_talk", "wrapped", "handling"),
        [
            ("ana", 2, 75.0, 50.0, 100.0),
            ("bia", 2, 115.0, 40.0, 135.0),
            ("caio", 1, 60.0, 30.0, 90.0),
        ],
    ),
    (
        "retorno-resultados",
        ("because", "result", "opened", "kept", "overdue"),
        [
            ("desistiu na espera", "ainda aberta", 1, 0, 1),
            ("desistiu na espera", "ligou de novo", 1, 1, 0),
        ],
    ),
    (
        "retorno-icb",
        ("interval", "given_up", "opened", "owed", "kept", "icb"),
        [(H10, 1, 1, 1, 0, 0.0), (H11, 1, 1, 1, 1, 1.0)],
    ),
    (
        "retorno-icb-por-assunto",
        ("queue", "note", "given_up", "kept", "icb", "icb_given_up"),
        [(GERAL, "Buraco", 2, 1, 0.5, 0.5)],
    ),
    (
        "retorno-promessas",
        ("queue", "made", "reached", "open", "tries", "kept_share"),
        [(GERAL, 1, 1, 0, 1, 1.0)],
    ),
    ("ativo-ligacoes", ("interval", "made", "talked_to", "mean_talk"), [(H13, 1, 1, 30.0)]),
    ("ativo-por-assunto", ("queue", "note", "made", "served"), [(GERAL, "Buraco", 1, 1)]),
    (
        "rechamadas",
        ("interval", "received", "repeated", "billed"),
        [(H10, 3, 0, 3), (H11, 6, 1, 5), (H12, 2, 0, 2), ("23/11/2026 23:00", 1, 0, 1)],
    ),
    (
        "tempos-medios",
        ("interval", "mean_wait", "mean_talk", "mean_after", "handling", "ile"),
        [
            (H10, 15.0, 150.0, 30.0, 180.0, 2 / 3),
            (H11, 75.0, 50.0, 20.0, 70.0, 0.75),
            (H12, 3.0, 60.0, 30.0, 90.0, 0.5),
            (H13, None, 30.0, 10.0, 40.0, None),  # we called
        ],
    ),
    (
        "tempos-medios-por-ilha",
        ("queue", "mean_wait", "mean_talk", "ile"),
        [
            (GERAL, 15.0, 110.0, 5 / 8),
            ("p156_social", 75.0, 50.0, 1.0),
            ("e199_risco", 3.0, 60.0, 0.0),
        ],
    ),
    ("problemas-gravacoes", ("protocol", "problem", "agent"), [("Pa1", "vazia", "ana")]),
    ("problemas-fatos", ("kind", "call_id", "agent"), [("offer_ended", "a1", "ana")]),
]


@pytest.mark.parametrize(("name", "columns", "rows"), TABLES, ids=[one[0] for one in TABLES])
def test_rows(day: Connection, name: str, columns: Any, rows: Any) -> None:
    found = told(sheet(day, name), *columns)
    assert [tuple(map(_rounded, row)) for row in found] == [
        tuple(map(_rounded, row)) for row in rows
    ]


TOTALS: list[tuple[str, dict[str, Any]]] = [
    ("tempos-medios", {"mean_wait": 27.0, "mean_talk": 88.0, "handling": 112.0, "ile": 0.6}),
    ("retorno-icb", {"given_up": 2, "opened": 2, "kept": 1, "icb": 0.5, "icb_given_up": 0.5}),
    ("rechamadas", {"received": 12, "repeated": 1, "billed": 11}),
    ("ativo-ligacoes", {"made": 1, "talked": 30.0}),
]


@pytest.mark.parametrize("minutes", [1, 7, 1_440])
@pytest.mark.parametrize(("name", "wanted"), TOTALS, ids=[one[0] for one in TOTALS])
def test_totals_whatever_the_interval(
    day: Connection, name: str, wanted: dict[str, float], minutes: int
) -> None:
    found = totals(day, name, interval=minutes * 60.0)
    assert {column: found[column] for column in wanted} == pytest.approx(wanted, abs=0.01)


def test_tasks_are_listed_by_how_they_stand_and_numbers_are_masked(day: Connection) -> None:
    found = sheet(day, "retorno-tarefas")
    assert told(found, "situation", "protocol", "due", "result") == [
        ("vencida", "Pa3", at("18:00"), None),
        ("concluída no prazo", "Pa13", at("20:00"), "ligou de novo"),
    ]
    assert [row["phone"] for row in found.rows][1] == "*******4444"
    (overdue,) = sheet(day, "retorno-tarefas", more={"situacao": "vencida"}).rows
    assert overdue["protocol"] == "Pa3"
    (shown,) = sheet(day, "retorno-tarefas", phone="4444", reveal=True).rows
    assert shown["phone"] == AGAIN
    early = sheet(day, "retorno-tarefas", until=at("17:00")).rows[0]
    assert early["situation"] == "pendente"  # at five it was not overdue yet


def test_icb_of_longer_waits(day: Connection) -> None:
    assert totals(day, "retorno-icb", beyond=60.0)["given_up"] == 1


def test_who_called_before_the_period_began_may_be_repeated_in_it(day: Connection) -> None:
    part = {"since": at("11:20"), "until": at("12:00")}
    assert totals(day, "rechamadas", **part)["repeated"] == 1
    assert APART == 900.0
