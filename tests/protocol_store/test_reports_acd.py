"""The reports on distribution, on a day whose figures are worked out by hand (report_day.py)."""

from __future__ import annotations

from typing import Any

import pytest
from report_bed import close, day, sheet, told
from report_day import AGAIN, DAY, GERAL, HOUR, at
from sqlalchemy import Connection

from protocol_store.indicator_counts import call_counts
from protocol_store.reports.asked import MONTH
from protocol_store.reports.report import WrongQuestion
from terms.counted import Counted

__all__ = ["day"]

H10, H11, H12, H13, H23 = (f"23/11/2026 {hour}:00" for hour in (10, 11, 12, 13, 23))

BY_HOUR: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]] = [
    (
        "dac-recebidas",
        ("received", "queued", "ended_in_menu", "left_in_menu"),
        [(H10, 3, 3, 0, 0), (H11, 6, 3, 1, 2), (H12, 2, 2, 0, 0), (H23, 1, 1, 0, 0)],
    ),
    (
        "dac-balanco",
        ("entered", "answered", "abandoned", "redirected", "promised", "waiting", "difference"),
        [
            (H10, 3, 2, 1, 0, 0, 0, 0),
            (H11, 4, 1, 2, 1, 0, 0, 0),
            (H12, 2, 1, 0, 0, 1, 0, 0),
            (H23, 1, 0, 0, 0, 0, 1, 0),
        ],
    ),
    (
        "dac-atendidas",
        ("entered", "answered", "mean_wait"),
        [(H10, 3, 2, 15), (H11, 4, 1, 75), (H12, 2, 1, 3), (H23, 1, 0, None)],
    ),
    (
        "dac-desistencias",
        ("abandoned", "abandoned_within", "abandoned_beyond", "mean_giving_up"),
        [(H10, 1, 0, 1, 90), (H11, 2, 1, 1, 20.5)],
    ),
    ("dac-transbordos", ("redirected", "redirected_share"), [(H11, 1, 0.25)]),
    (
        "dac-atendidas-ate-x",
        ("answered", "answered_within", "answered_beyond", "within_share"),
        [(H10, 2, 1, 1, 0.5), (H11, 1, 0, 1, 0), (H12, 1, 1, 0, 1)],
    ),
    (
        "dac-em-espera",
        ("entered", "left", "open"),
        [(H10, 3, 2, 1), (H11, 4, 5, 0), (H12, 2, 2, 0), (H23, 1, 0, 1)],
    ),
    (
        "dac-conversa",
        ("talks", "talked", "mean_talk"),
        [(H10, 2, 300, 150), (H11, 1, 50, 50), (H12, 1, 60, 60), (H13, 1, 30, 30)],
    ),
    (
        "dac-espera-media",
        ("answered", "mean_wait", "longest"),
        [(H10, 2, 15, 90), (H11, 1, 75, 75), (H12, 1, 3, 120)],
    ),
]


@pytest.mark.parametrize(("name", "columns", "rows"), BY_HOUR, ids=[one[0] for one in BY_HOUR])
def test_by_hour(day: Connection, name: str, columns: Any, rows: Any) -> None:
    found = sheet(day, name)
    assert len(found.rows) == 24  # hours without a call are there, too
    assert told(found, "interval", *columns) == rows


TOTALS: list[tuple[str, dict[str, Any]]] = [
    ("dac-recebidas", {"received": 12, "queued": 9, "ended_in_menu": 1, "left_in_menu": 2}),
    ("dac-balanco", {"entered": 10, "answered": 4, "abandoned": 3, "redirected": 1, "waiting": 1}),
    ("dac-atendidas", {"entered": 10, "answered": 4, "mean_wait": 27.0}),
    ("dac-desistencias", {"abandoned": 3, "abandoned_beyond": 2, "mean_giving_up": 131 / 3}),
    ("dac-atendidas-ate-x", {"answered_within": 2, "answered_beyond": 2, "within_share": 0.5}),
    ("dac-em-espera", {"entered": 10, "left": 9, "open": 1}),
    ("dac-conversa", {"talks": 5, "talked": 440.0, "mean_talk": 88.0, "longest_talk": 200.0}),
    ("dac-espera-media", {"mean_wait": 27.0, "longest": 120.0}),
]


@pytest.mark.parametrize("minutes", [1, 7, 60, 1_440, MONTH / 60])
@pytest.mark.parametrize(("name", "wanted"), TOTALS, ids=[one[0] for one in TOTALS])
def test_totals_are_those_of_the_day_whatever_the_interval(
    day: Connection, name: str, wanted: dict[str, float], minutes: float
) -> None:
    totals = sheet(day, name, interval=minutes * 60).totals
    assert totals is not None
    assert {column: totals[column] for column in wanted} == pytest.approx(wanted)


def test_islands(day: Connection) -> None:
    assert told(sheet(day, "dac-em-espera-acima-de-x"), "queue", "entered", "waited_beyond",
                "answered_beyond", "abandoned_beyond", "waiting", "longest") == [
        (GERAL, 8, 5, 1, 2, 1, 120.0),
        ("p156_social", 1, 1, 1, 0, 0, 75.0),
        ("e199_risco", 1, 0, 0, 0, 0, 3.0),
    ]  # fmt: skip
    assert told(sheet(day, "dac-conversa-por-ilha"), "queue", "talks", "mean_talk") == [
        (GERAL, 3, 110.0),
        ("p156_social", 1, 50.0),
        ("e199_risco", 1, 60.0),
    ]
    assert told(sheet(day, "dac-por-ilha"), "line", "queue", "answered", "abandoned") == [
        ("156", GERAL, 2, 3),
        ("156", "p156_social", 1, 0),
        ("199", "e199_risco", 1, 0),
    ]
    ways = sheet(day, "dac-transbordos-caminhos")
    assert told(ways, "queue", "to", "redirected") == [(GERAL, "p156_social", 1)]


def test_x_is_free(day: Connection) -> None:
    def within(x: float) -> Any:
        totals = sheet(day, "dac-atendidas-ate-x", beyond=x).totals
        assert totals is not None
        return totals["answered_within"]

    assert [within(x) for x in (0, 3, 9.9, 10, 20, 74, 75)] == [0, 1, 1, 2, 3, 3, 4]


def test_service_level_stands_by_both_formulas_against_its_target(day: Connection) -> None:
    found = sheet(day, "dac-nivel-de-servico-dia")
    assert told(found, "line", "received", "answered_within", "answered", "offered", "met") == [
        ("156", 11, 1, 3, 8, "não"),
        ("199", 1, 1, 1, 1, "sim"),
    ]
    row = found.rows[0]
    assert (row["level_answered"], row["target"]) == (1 / 3, 0.85)  # the call-back is none of them
    assert close(row["level_offered"], 1 / 8)
    assert close(row["late_received"], 2 / 11)
    assert close(row["late_offered"], 2 / 8)
    (month,) = sheet(day, "dac-nivel-de-servico-mes", line="199").rows
    assert (month["interval"], month["target"], month["met"]) == ("novembro de 2026", 0.95, "sim")
    softer = sheet(day, "dac-nivel-de-servico-dia", line="156", more={"meta": "25 %"}).rows[0]
    assert (softer["target"], softer["met"]) == (0.25, "sim")
    with pytest.raises(WrongQuestion, match="porcentagem"):
        sheet(day, "dac-nivel-de-servico-dia", more={"meta": "alta"})


def test_service_level_is_that_of_the_contracts_indicators(day: Connection) -> None:
    counts = call_counts(day, DAY, DAY + 24 * HOUR, 15.0)
    row = sheet(day, "dac-nivel-de-servico-dia", line="156").rows[0]
    ((_, wanted),) = counts["156"].items()
    for name in ("received", "answered", "answered_within", "abandoned", "abandoned_beyond"):
        assert row[name] == wanted[Counted(name)]
    assert row["offered"] == wanted[Counted.QUEUED]


def test_how_waits_are_spread(day: Connection) -> None:
    found = sheet(day, "dac-distribuicao-de-esperas")
    assert told(found, "wait", "answered", "abandoned", "others") == [
        ("até 5 s", 1, 0, 0),
        ("mais de 5 até 10 s", 1, 1, 0),
        ("mais de 15 até 20 s", 1, 0, 0),
        ("mais de 30 até 45 s", 0, 1, 0),
        ("mais de 45 até 60 s", 0, 0, 1),
        ("mais de 60 até 90 s", 1, 1, 0),
        ("mais de 90 até 120 s", 0, 0, 1),
        ("ainda aguardando", 0, 0, 1),
    ]
    assert [row["upto"] for row in found.rows][:4] == [0.25, 0.5, 0.5, 0.75]
    assert found.rows[-2]["upto"] == 1.0


def test_hours_and_weekdays_are_the_citys(day: Connection) -> None:
    by_hour = sheet(day, "dac-atendidas-por-hora")
    assert told(by_hour, "when", "answered") == [("10h", 2), ("11h", 1), ("12h", 1)]
    weekdays = sheet(day, "dac-atendidas-por-dia-da-semana")
    assert told(weekdays, "when", "entered") == [("segunda-feira", 10)]
    assert told(sheet(day, "dac-atendidas-por-dia"), "interval", "answered") == [("23/11/2026", 4)]


FILTERS: list[tuple[dict[str, Any], int, int]] = [
    ({"line": "199"}, 1, 1),
    ({"queue": "p156_social"}, 1, 1),
    ({"agent": "bia"}, 1, 1),
    ({"phone": "5555-4444"}, 2, 0),
    ({"phone": "1111%"}, 1, 1),  # what is typed is looked for as it is, but for its digits
    ({"phone": "%"}, 0, 0),
    ({"protocol": "Pa2"}, 1, 1),
    ({"protocol": "Pa10"}, 1, 0),  # the call-back goes on with its number, and is no stay
    ({"keyword": "bolsa"}, 1, 1),
    ({"keyword": "RESOLVIDO"}, 2, 2),
    ({"keyword": "nada disso"}, 0, 0),
    ({"since": at("11:00"), "until": at("12:00")}, 4, 1),
    ({"since": at("11:20:10"), "until": at("11:21:00")}, 1, 0),
]


@pytest.mark.parametrize(("asked", "entered", "answered"), FILTERS)
def test_what_is_asked_for(
    day: Connection, asked: dict[str, Any], entered: int, answered: int
) -> None:
    totals = sheet(day, "dac-atendidas", **asked).totals
    assert totals is not None
    assert (totals["entered"], totals["answered"]) == (entered, answered)


def test_a_sheet_tells_what_was_asked_and_hides_the_number(day: Connection) -> None:
    found = sheet(day, "dac-desistencias", phone=AGAIN, queue=GERAL)
    assert dict(found.asked) == {
        "período": "23/11/2026 00:00 a 24/11/2026 00:00",
        "intervalo": "hora",
        "X (segundos)": "15",
        "fila": GERAL,
        "telefone": "*******4444",
    }
    shown = sheet(day, "dac-desistencias", phone=AGAIN, reveal=True)
    assert dict(shown.asked)["telefone"] == AGAIN


def test_the_day_before_knows_who_waits_into_it(day: Connection) -> None:
    after = sheet(day, "dac-em-espera", since=at("11:00"), until=at("12:00"), interval=1_800.0)
    assert [row["open"] for row in after.rows] == [0, 0]  # a3 was there at 11:00
    assert [row["left"] for row in after.rows] == [5, 0]
    next_day = sheet(day, "dac-em-espera", since=DAY + 24 * HOUR, until=DAY + 25 * HOUR)
    assert [row["open"] for row in next_day.rows] == [1]  # a14 still waits
