"""What the contract's indicators count, on stories that are counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

import pytest
from contract_bed import DATABASES, call, new_url, tell
from sqlalchemy import Connection

from contract.billing import repeats
from protocol_store import Store, billable_counts, indicator_counts, outages
from protocol_store.carrier_file import CarrierMistakes, read_carrier_file
from protocol_store.engines import make_engine
from protocol_store.reports.asked import CITY
from terms.counted import Counted
from terms.facts import Fact, Kind
from terms.names import CallId, Instant
from terms.outcome import CallOutcome

PAID = (CallOutcome.SERVED, CallOutcome.ENDED_IN_MENU)


def at(day: int, hour: int, minute: int = 0, second: float = 0.0) -> Instant:
    """An instant of November 2026 on the city's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CITY).timestamp() + second


SINCE, UNTIL, NOW = at(1, 0), at(30, 23, 59, 60.0), at(30, 23, 59, 60.0)


def story() -> list[Fact]:
    """Two days of November; what each comes to stands in the tests."""
    facts = [
        *call("1", at(2, 8), wait=15.0, caller="11911110001"),
        *call("2", at(2, 8, 5), wait=15.1, caller="11911110002"),
        *call("3", at(2, 8, 14, 59.0), wait=1.0, caller="11911110001"),  # a repeat of 1
        *call("4", at(2, 8, 15, 0.0), wait=1.0, caller="11911110001"),  # just 15 min: none
        *call("5", at(2, 9), "abandoned", 15.0, caller="11911110003"),
        *call("6", at(2, 9, 1), "abandoned", 16.0, caller="11911110004"),
        *call("7", at(2, 9, 2), "abandoned", 90.0, caller="11911110005"),
        *call("8", at(2, 23, 59, 59.0), "ended_in_menu", None, caller="11911110006"),
        *call("9", at(3, 0, 0, 1.0), "ended_in_menu", None, caller="11911110006"),  # a repeat
        *call("10", at(3, 7), "left_in_menu", None, caller="11911110007"),
        *call("11", at(3, 8), wait=3.0, caller="anonymous"),
        *call("12", at(3, 8), wait=3.0, caller="anonymous"),  # nobody knows whether it is one
        *call("13", at(3, 9), wait=14.0, line="199", entry="199", caller="11911110008"),
        *call("14", at(3, 9), wait=40.0, line="199", entry="199", caller="11911110009"),
        *call("15", at(3, 10), wait=2.0, test=True),
        *call("16", at(3, 11), wait=2.0, entry="retorno", caller="11911110010"),
    ]
    for name, due, done in (("6", at(3, 9, 1), at(3, 8)), ("7", at(3, 9, 2), at(3, 10))):
        opened = {"task": "call_back", "due": due, "because": "abandoned", "line": "156"}
        facts.append(Fact(at(2, 9, 5), Kind.TASK_OPENED, CallId(name), details=opened))
        closed = {"task": "call_back", "how": "ligou de novo e foi atendido"}
        facts.append(Fact(done, Kind.TASK_CLOSED, CallId(name), details=closed))
    for name, marks in (("1", "554"), ("2", "51"), ("3", "4"), ("4", "3")):
        for number, mark in enumerate(marks):
            said = {"node": "p", "question": f"q{number}", "mark": mark}
            facts.append(Fact(at(2, 8, 20), Kind.SURVEY_ANSWERED, CallId(name), details=said))
    silent = {"node": "p", "question": "q9", "mark": ""}
    facts.append(Fact(at(2, 8, 20), Kind.SURVEY_ANSWERED, CallId("4"), details=silent))
    for second in (1.0, 2.0, 61.0):
        cap = {"line": "156", "because": "cap", "test": False}
        facts.append(Fact(at(2, 10) + second, Kind.CALL_REFUSED, details=cap))
    trial = {"line": "156", "because": "cap", "test": True}
    facts.append(Fact(at(2, 10), Kind.CALL_REFUSED, details=trial))
    content = (
        "dia;numero;ofertadas;entregues;ocupado;nao_atende;falha\n"
        "02/11/2026;156;100;97;1;2;0\n2026-11-02;08000110156;10;9;0;0;1\n02/11/2026;199;7;7;0;0;0\n"
    )
    days = [one.plain() for one in read_carrier_file(content.encode())]
    told = {"days": days, "file": "n.csv"}
    corrected = {"days": [{**days[0], "busy": 2, "offered": 101}]}
    facts.append(Fact(at(30, 9), Kind.CARRIER_REPORTED, by="lia", details=told))
    facts.append(Fact(at(30, 10), Kind.CARRIER_REPORTED, by="lia", details=corrected))
    return facts


@pytest.fixture(scope="module", params=DATABASES)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store that was told the story."""
    url = new_url(request, tmp_path_factory)
    tell(url, story())
    return url


@pytest.fixture
def connection(told: str) -> Iterator[Connection]:
    engine = make_engine(told, reading=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


SECOND, THIRD = date(2026, 11, 2), date(2026, 11, 3)


def test_calls_are_counted_by_line_and_the_citys_day(connection: Connection) -> None:
    found = indicator_counts.call_counts(connection, SINCE, UNTIL, 15.0)
    assert found["156"][SECOND] == {
        Counted.RECEIVED: 8,
        Counted.QUEUED: 7,
        Counted.ANSWERED: 4,
        Counted.ANSWERED_WITHIN: 3,
        Counted.WITH_PROTOCOL: 4,
        Counted.ABANDONED: 3,
        Counted.ABANDONED_BEYOND: 2,
    }
    third = found["156"][THIRD]
    assert (third[Counted.RECEIVED], third[Counted.ANSWERED_WITHIN]) == (4, 2)
    assert found["199"][THIRD][Counted.ANSWERED] == 2
    assert found["199"][THIRD][Counted.ANSWERED_WITHIN] == 1
    assert indicator_counts.volumes(connection, SINCE, UNTIL) == {SECOND: 8, THIRD: 6}
    assert indicator_counts.first_day(connection) == SECOND


def test_call_backs_are_owed_once_due_and_in_time_until_then(connection: Connection) -> None:
    period = (connection, SINCE, UNTIL, ("156",))
    found = indicator_counts.call_back_counts(*period, NOW)
    assert found == {SECOND: {Counted.OWED: 2, Counted.OWED_DONE: 1}}
    assert indicator_counts.call_back_counts(connection, SINCE, UNTIL, ("199",), NOW) == {}


def test_a_survey_is_satisfied_by_two_thirds_of_what_was_answered(connection: Connection) -> None:
    found = indicator_counts.survey_counts(connection, SINCE, UNTIL, (), 4, Fraction(2, 3))
    # 554: 3 of 3; 51: 1 of 2; 4: 1 of 1; 3: 0 of 1
    assert found == {
        SECOND: {
            Counted.SURVEYED: 4,
            Counted.SATISFIED: 2,
            Counted.MARKS: 7,
            Counted.GOOD_MARKS: 5,
        }
    }


def test_a_number_pays_once_in_fifteen_minutes_and_every_call_is_load(
    connection: Connection,
) -> None:
    found = billable_counts.billable(connection, SINCE, UNTIL, PAID, 900.0)
    assert (found.calls_in, found.calls_out) == (10, 1)
    assert {number for number, _ in found.close} == {"11911110001", "11911110006"}
    assert repeats(found.close, 900.0, SINCE) == 2
    # a period that begins between a call and its repeat: the repeat is none of a new call
    third = billable_counts.billable(connection, at(3, 0), UNTIL, PAID, 900.0)
    assert (third.calls_in, repeats(third.close, 900.0, at(3, 0))) == (5, 1)
    assert billable_counts.billable(connection, SINCE, UNTIL, PAID, 0.0).close == []


def test_the_carriers_file_and_our_own_refusals_stand_apart(connection: Connection) -> None:
    of_156 = indicator_counts.carrier_counts(connection, SINCE, UNTIL, ("156",))
    of_all = indicator_counts.carrier_counts(connection, SINCE, UNTIL, ())
    assert of_156 == {
        SECOND: {
            Counted.SHUT_OUT: 3,
            Counted.CARRIER_OFFERED: 111,
            Counted.CARRIER_FAILED: 5,
            Counted.FAILED_ANYWHERE: 8,
        }
    }
    assert of_all[SECOND][Counted.CARRIER_OFFERED] == 118


async def test_outages_begin_and_end_with_what_the_facts_tell(
    store: Store, database_url: str
) -> None:
    def arrived(name: str, when: Instant, static: bool) -> list[Fact]:
        facts = call(name, when)
        taken = Fact(when + 100, Kind.STATIC_TAKEN_IN, CallId(name), details={"protocol": name})
        return [*facts, taken] if static else facts

    store.append(
        *arrived("1", at(5, 8), static=False),
        Fact(at(5, 9), Kind.SWITCH_LOST, details={"why": "x"}),
        Fact(at(5, 9, 1), Kind.SWITCH_LOST, details={"why": "again"}),
        Fact(at(5, 9, 10), Kind.SWITCH_SEEN, details={"boot": "b", "calls": 0}),
        *arrived("2", at(5, 10), static=True),
        *arrived("3", at(5, 10, 5), static=True),
        *arrived("4", at(5, 10, 20), static=False),
        *arrived("5", at(5, 12), static=True),
        Fact(at(6, 9), Kind.SWITCH_LOST, details={"why": "x"}),
    )
    await store.settled()
    engine = make_engine(database_url, reading=True)
    with engine.connect() as connection:
        found = outages.stretches(connection, at(5, 0), at(6, 10))
    engine.dispose()
    assert [(one.since, one.until, one.alone) for one in found] == [
        (at(5, 9), at(5, 9, 10), False),
        (at(5, 10), at(5, 10, 20), True),
        (at(5, 12), at(6, 10), True),  # nobody called any more
        (at(6, 9), at(6, 10), False),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "linha 1: falta o cabe"),
        (b"dia;numero\n", "linha 1: falta no cabeçalho: ofertadas"),
        (b"\xff\xfe", "linha 1: isto n"),
        (b"dia,numero,ofertadas,entregues,ocupado,nao_atende,falha\n", "nenhuma linha de dados"),
    ],
)
def test_a_file_that_is_none_is_told(content: bytes, says: str) -> None:
    with pytest.raises(CarrierMistakes) as told:
        read_carrier_file(content)
    assert says in told.value.mistakes[0]


def test_every_mistake_of_a_carriers_file_has_its_line() -> None:
    rows = [
        "dia;numero;ofertadas;entregues;ocupado;nao_atende;falha",
        "31/11/2026;156;1;1;0;0;0",
        "01/11/2026;190;1;1;0;0;0",
        "01/11/2026;156;1.000;1;0;0;0",
        "01/11/2026;156;10;1;0;0;0",
        "",
        "01/11/2026;199;1;1;0;0",
        "01/11/2026;153;1;1;0;0;0",
        "2026-11-01;153;2;1;1;0;0",
    ]
    with pytest.raises(CarrierMistakes) as told:
        read_carrier_file("\r\n".join(rows).encode("utf-8-sig"))
    lines = [one.split(":")[0] for one in told.value.mistakes]
    assert lines == [f"linha {number}" for number in (2, 3, 4, 5, 7, 9)]
    assert "são os da linha 8" in told.value.mistakes[-1]
