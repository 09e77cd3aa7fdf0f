"""Each condition of a `decisao`: when it holds, and when it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import Talk, plan_of

from ivr.decide import CONDITIONS, DAYS, holds
from ivr.hours import CITY, Calendar, Holidays, Hours
from ivr.known import Known
from ivr.menu import Case, Condition, DecideNode, EndNode
from terms.names import ANONYMOUS

OFFICE = Hours(week=(((480, 1080),),) * 5 + ((),) * 2, holidays=())
CALENDAR = Calendar(
    {"comercial": OFFICE, "sempre": Hours()},
    Holidays({(1, 25): "Aniversário de São Paulo"}),
)


def at(written: str) -> float:
    """An instant on São Paulo's clock."""
    return datetime.fromisoformat(written).replace(tzinfo=CITY).timestamp()


WEDNESDAY = at("2026-11-25 10:00")


def decides(condition: Condition, **known: object) -> bool:
    moment = Known(**{"at": WEDNESDAY, "calendar": CALENDAR, **known})  # type: ignore[arg-type]
    return holds(condition, moment, moment.data)


@pytest.mark.parametrize(
    ("what", "values", "known", "expected"),
    [
        ("horario", ("comercial",), {}, True),
        ("horario", ("comercial",), {"at": at("2026-11-25 18:00")}, False),
        ("horario", ("comercial",), {"at": at("2026-11-25 17:59")}, True),
        ("horario", ("comercial",), {"at": at("2026-11-28 10:00")}, False),
        ("horario", ("comercial",), {"at": at("2027-01-25 10:00")}, False),
        ("horario", ("comercial", "sempre"), {"at": at("2026-11-28 10:00")}, True),
        ("feriado", ("sim",), {"at": at("2027-01-25 23:59")}, True),
        ("feriado", ("sim",), {"at": at("2027-01-26 00:00")}, False),
        ("feriado", ("nao",), {}, True),
        ("hora", ("09:00-10:00",), {}, False),
        ("hora", ("10:00-10:01",), {}, True),
        ("hora", ("22:00-06:00",), {"at": at("2026-11-25 23:30")}, True),
        ("hora", ("22:00-06:00",), {"at": at("2026-11-25 05:59")}, True),
        ("hora", ("22:00-06:00",), {"at": at("2026-11-25 06:00")}, False),
        ("hora", ("01:00-02:00", "10:00-11:00"), {}, True),
        ("dia", ("quarta",), {}, True),
        ("dia", ("segunda", "sabado"), {}, False),
        # Still Wednesday in the city when it is Thursday in UTC.
        ("dia", ("quarta",), {"at": at("2026-11-25 23:00")}, True),
        ("entrada", ("08000110156",), {"entry": "08000110156"}, True),
        ("entrada", ("08000110156",), {"entry": "156"}, False),
        ("ddd", ("11", "13"), {"caller": "+5511987654321"}, True),
        ("ddd", ("11", "13"), {"caller": "01134567890"}, True),
        ("ddd", ("11",), {"caller": "+5521987654321"}, False),
        ("ddd", ("11",), {"caller": "+12025550123"}, False),
        ("ddd", ("11",), {"caller": ANONYMOUS}, False),
        ("chamador", ("+5511",), {"caller": "11987654321"}, True),
        ("chamador", ("+5511",), {"caller": "+5521987654321"}, False),
        ("chamador", ("+5511",), {"caller": ANONYMOUS}, False),
        ("telefone", ("movel",), {"caller": "+5511987654321"}, True),
        ("telefone", ("movel",), {"caller": "+551134567890"}, False),
        ("telefone", ("fixo",), {"caller": "+551134567890"}, True),
        ("telefone", ("oculto",), {"caller": ANONYMOUS}, True),
        ("telefone", ("oculto",), {"caller": "+5511987654321"}, False),
        ("telefone", ("movel", "fixo", "oculto"), {"caller": "142"}, False),
        ("resumido", ("sim",), {"short": True}, True),
        ("resumido", ("sim",), {}, False),
        ("resumido", ("nao",), {}, True),
        ("surdo", ("sim",), {"relay": True}, True),
        ("surdo", ("nao",), {"relay": True}, False),
        ("isto_nao_existe", ("sim",), {}, False),
    ],
)
def test_what_is_known_of_the_call(
    what: str, values: tuple[str, ...], known: dict[str, object], expected: bool
) -> None:
    assert decides(Condition(what, values), **known) is expected


@pytest.mark.parametrize(
    ("what", "values", "value", "expected"),
    [
        ("dado_igual", ("1", "2"), "2", True),
        ("dado_igual", ("1", "2"), "22", False),
        ("dado_igual", ("1",), "", False),
        ("dado_comeca_com", ("0", "9"), "01", True),
        ("dado_comeca_com", ("0", "9"), "10", False),
        ("dado_comeca_com", ("0",), "", False),
        ("dado_existe", ("sim",), "x", True),
        ("dado_existe", ("sim",), "", False),
        ("dado_existe", ("nao",), "", True),
    ],
)
def test_what_the_caller_has_told(
    what: str, values: tuple[str, ...], value: str, expected: bool
) -> None:
    data = {"codigo": value} if value else {}
    assert decides(Condition(what, values, "codigo"), data=data) is expected


def test_what_every_call_knows_can_be_asked_for() -> None:
    asked = Condition("dado_comeca_com", ("08",), "entrada")
    assert decides(asked, entry="08000110156")


def test_all_conditions_of_a_case_must_hold_and_the_first_such_case_leads() -> None:
    one, other = Condition("entrada", ("0800",)), Condition("surdo", ("sim",))
    node = DecideNode("d", (Case((one, other), "ambas"), Case((one,), "uma")), "nenhuma")
    plan = plan_of(node, *map(EndNode, ("ambas", "uma", "nenhuma")))
    led = {
        (entry, relay): Talk(plan, Known(WEDNESDAY, entry=entry, relay=relay)).node
        for entry, relay in product(("0800", "156"), (True, False))
    }
    assert led == {
        ("0800", True): "ambas",
        ("0800", False): "uma",
        ("156", True): "nenhuma",
        ("156", False): "nenhuma",
    }


@given(st.sampled_from([*CONDITIONS]), st.text(max_size=12), st.text(max_size=12), st.text())
def test_no_value_and_no_caller_makes_it_raise(what: str, value: str, of: str, caller: str) -> None:
    decides(Condition(what, (value,), of), caller=caller, data={of: value})


@pytest.mark.parametrize("offset", range(7))
def test_the_days_begin_on_monday(offset: int) -> None:
    moment = at(f"2026-11-{23 + offset} 12:00")
    assert decides(Condition("dia", (DAYS[offset],)), at=moment)


# --- the calendar behind it ---
def test_a_single_date_stands_above_holidays_and_weekdays() -> None:
    eve = Hours(OFFICE.week, holidays=(), dates={date(2027, 1, 25): ((600, 720),)})
    calendar = Calendar({"posto": eve}, CALENDAR.holidays)
    open_at = [
        hour for hour in range(24) if calendar.is_open("posto", at(f"2027-01-25 {hour:02}:00"))
    ]
    assert open_at == [10, 11]


def test_hours_that_say_nothing_of_holidays_keep_their_weekday() -> None:
    plain = Calendar({"x": Hours(OFFICE.week)}, CALENDAR.holidays)
    assert plain.is_open("x", at("2027-01-25 10:00"))  # a Monday
    assert plain.holiday(at("2027-01-25 10:00")) == "Aniversário de São Paulo"


def test_hours_that_nobody_knows_are_open() -> None:
    assert Calendar().is_open("sumiu", WEDNESDAY)


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2018-11-04T02:59:59", "2018-11-03 23:59:59"),  # the hour after it does not exist
        ("2018-11-04T03:00:00", "2018-11-04 01:00:00"),
        ("2019-02-17T01:30:00", "2019-02-16 23:30:00"),  # this one comes twice
        ("2019-02-17T02:30:00", "2019-02-16 23:30:00"),
        ("2026-11-25T13:00:00", "2026-11-25 10:00:00"),  # no summer time any more
    ],
)
def test_the_clock_is_the_citys(utc: str, local: str) -> None:
    instant = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()
    assert f"{Calendar().local(instant):%Y-%m-%d %H:%M:%S}" == local
