"""What people write when they ask for a report."""

from __future__ import annotations

from datetime import datetime

import pytest

from central156.reports_asked import CITY, Mistaken, asked_of, span_of
from protocol_store.reports.report import Report
from terms.sheet import Asked, Sheet

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=CITY)  # a Wednesday
EVERYTHING = Report(
    "tudo",
    "Tudo",
    "0",
    frozenset(
        {
            *("interval", "line", "queue", "agent", "campaign", "phone", "protocol"),
            *("keyword", "node", "beyond", "meta"),
        }
    ),
    lambda connection, asked: Sheet("tudo", "Tudo", (), ()),
)
NOTHING = Report("nada", "Nada", "0", frozenset(), EVERYTHING.make)


def asked(reveal: bool = True, report: Report = EVERYTHING, **given: str) -> Asked:
    return asked_of(report, given, NOW.timestamp(), reveal)


def period(**given: str) -> tuple[str, str]:
    found = asked(**given)
    since, until = (datetime.fromtimestamp(at, CITY) for at in (found.since, found.until))
    return f"{since:%Y-%m-%d %H:%M}", f"{until:%Y-%m-%d %H:%M}"


def mistakes(**given: str) -> dict[str, str]:
    with pytest.raises(Mistaken) as wrong:
        asked(**given)
    return dict(wrong.value.found)


@pytest.mark.parametrize(
    ("since", "begins", "ends"),
    [
        ("hoje", "2026-11-25 00:00", "2026-11-25 14:30"),
        ("ontem", "2026-11-24 00:00", "2026-11-25 00:00"),
        ("semana", "2026-11-23 00:00", "2026-11-25 14:30"),
        ("Semana passada", "2026-11-16 00:00", "2026-11-23 00:00"),
        ("mês", "2026-11-01 00:00", "2026-11-25 14:30"),
        ("mes-passado", "2026-10-01 00:00", "2026-11-01 00:00"),
        ("2026", "2026-01-01 00:00", "2026-11-25 14:30"),
        ("2026-10", "2026-10-01 00:00", "2026-11-01 00:00"),
        ("12/2025", "2025-12-01 00:00", "2026-01-01 00:00"),
        ("2026-11-20", "2026-11-20 00:00", "2026-11-21 00:00"),
        ("20/11/2026", "2026-11-20 00:00", "2026-11-21 00:00"),
        ("2026-11-25 08:00", "2026-11-25 08:00", "2026-11-25 14:30"),
        ("2026-11-25T08:00:30", "2026-11-25 08:00", "2026-11-25 14:30"),
        ("25/11/2026 8h05", "2026-11-25 08:05", "2026-11-25 14:30"),
        ("24h", "2026-11-24 14:30", "2026-11-25 14:30"),
        ("30 min", "2026-11-25 14:00", "2026-11-25 14:30"),
        ("7d", "2026-11-18 14:30", "2026-11-25 14:30"),
        (f"{NOW.timestamp() - 60:.0f}", "2026-11-25 14:29", "2026-11-25 14:30"),
    ],
)
def test_a_period_by_its_name(since: str, begins: str, ends: str) -> None:
    assert period(since=since) == (begins, ends)


def test_a_period_from_and_to() -> None:
    assert period() == ("2026-11-25 00:00", "2026-11-25 14:30")
    november = ("2026-11-01 00:00", "2026-12-01 00:00")
    assert period(since="2026-11-01", until="2026-11-30") == november
    assert period(since="2026-11", until="2026-11") == november
    assert period(until="ontem") == ("2026-11-24 00:00", "2026-11-25 00:00")
    morning = period(since="2026-11-24 08:00", until="2026-11-24 12:00")
    assert morning == ("2026-11-24 08:00", "2026-11-24 12:00")


def test_the_day_of_a_changed_clock_is_a_whole_day() -> None:
    begins, ends = span_of("2018-11-04", NOW)  # an hour was left out that midnight
    assert ends.timestamp() - begins.timestamp() == 23 * 3_600


@pytest.mark.parametrize(
    "text", ["amanhã", "2026-13", "31/02/2026", "2026-11-25 25:00", "1", "0001", "9999", "ontem?"]
)
def test_what_is_no_period(text: str) -> None:
    assert "não é um período" in mistakes(since=text)["since"]


def test_a_period_must_have_begun_and_not_end_before() -> None:
    assert "não começou" in mistakes(since="2026-12")["since"]
    assert "antes de começar" in mistakes(since="hoje", until="2026-11-20")["until"]


def test_what_is_asked_beside_the_period() -> None:
    found = asked(
        interval="15min",
        line="156",
        queue="p156_geral",
        agent="ana",
        phone="(11) 98765-43",
        protocol="1234 5678-9",
        keyword="iluminação",
        beyond="1,5min",
        meta="80",
    )
    assert (found.interval, found.line, found.queue, found.agent) == (
        *(900.0, "156", "p156_geral", "ana"),
    )
    assert (found.phone, found.protocol, found.keyword) == ("119876543", "123456789", "iluminação")
    assert found.beyond == 90.0
    assert found.more == {"meta": "80"}
    assert asked(interval="900").interval == 900.0
    assert asked(interval="dia", beyond="20s").beyond == 20.0
    assert asked(queue="  ").queue == ""


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(
        since="outrora",
        interval="90",
        line="190",
        queue="x" * 200,
        agent="a\nb",
        phone="12",
        protocol="12345678901",
        beyond="logo",
        cor="azul",
    )
    assert set(found) == {
        *("since", "interval", "line", "queue", "agent", "phone", "protocol", "beyond", "cor"),
    }
    assert "153, 156, 199" in found["line"]


def test_a_report_refuses_what_it_does_not_take() -> None:
    assert set(mistakes(report=NOTHING, line="156", interval="1h")) == {"line", "interval"}


def test_whoever_may_not_see_numbers_may_not_search_by_them() -> None:
    assert "números inteiros" in mistakes(reveal=False, phone="98765")["phone"]
    assert asked(reveal=False).reveal is False
