"""Areas, clocks, windows, and the rules in their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from dial_city import campaign, clock, contact, number
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import timezone

from dialer.areas import STATES, ZONES, area_of
from dialer.campaign import Mode
from dialer.contacts import Contact, ContactState
from dialer.eligible import Rule, World, may_be_called
from dialer.hours import Holidays, Windows, is_open, opens
from dialer.tries import Tries
from terms.names import AttemptId
from terms.outcome import Tried

NOON = clock(12.0)


# --- areas ---
def test_there_are_67_areas_in_27_states() -> None:
    assert len(STATES) == 67
    assert len({state for states in STATES.values() for state in states}) == 27


@pytest.mark.parametrize("area", sorted(STATES.keys() - {"91", "93", "94"}))
def test_the_clocks_are_those_that_others_have_found(area: str) -> None:
    """phonenumbers' own table, compared by what the clock shows, now and in summer. For all of
    area 81 it gives the island's clock; for 97 it knows one of two. Pará it has, for some numbers,
    as it was before 2008: see below."""
    parsed = phonenumbers.parse(f"+55{area}990000001")
    theirs = {ZoneInfo(name) for name in timezone.time_zones_for_number(parsed)}
    assert shown(theirs) <= shown(ZONES[area])


def shown(zones: Iterable[ZoneInfo]) -> set[tuple[timedelta | None, ...]]:
    summer, winter = datetime(2026, 1, 5, 15), datetime(2026, 7, 5, 15)
    return {(zone.utcoffset(summer), zone.utcoffset(winter)) for zone in zones}


def test_all_of_para_has_brasilias_clock() -> None:
    """Since Lei 11.662/2008, as the time zone database has it."""
    para = shown({ZoneInfo("America/Belem"), ZoneInfo("America/Santarem")})
    assert para == shown(ZONES["91"]) == shown(ZONES["93"]) == shown(ZONES["94"])


@pytest.mark.parametrize("text", ["", "190", "1133", "20987654321", "11887654321", "0800123456"])
def test_what_is_never_dialled_has_no_area(text: str) -> None:
    assert area_of(text) == ""


# --- windows ---
@pytest.mark.parametrize(
    ("hour", "day", "area", "may"),
    [
        (8.99, 0, "11", False),
        (9.0, 0, "11", True),
        (20.99, 4, "11", True),
        (21.0, 4, "11", False),
        (9.5, 5, "11", False),  # a Saturday
        (10.0, 5, "11", True),
        (16.0, 5, "11", False),
        (12.0, 6, "11", False),  # a Sunday
        (9.0, 0, "92", False),  # eight in Manaus
        (21.5, 0, "92", True),
        (22.5, 0, "68", True),  # half past eight in Rio Branco
        (20.5, 0, "81", False),  # half past nine on Noronha
        (10.5, 0, "97", False),  # half past eight in Eirunepé
        (11.0, 0, "97", True),
    ],
)
def test_the_usual_window_on_the_callees_clock(hour: float, day: int, area: str, may: bool) -> None:
    assert is_open(Windows(), Holidays(), area, clock(hour, day)) is may


def test_holidays_of_a_state_of_an_area_and_a_single_date() -> None:
    day = date(2026, 3, 2)
    windows = Windows(dates={date(2026, 3, 3): ((600, 660),)})
    for holidays in (
        Holidays({day: "nacional"}),
        Holidays(states={"SP": {day: "do estado"}}),
        Holidays(areas={"11": {day: "da cidade"}}),
    ):
        assert not is_open(windows, holidays, "11", NOON)
        assert opens(windows, holidays, "11", NOON) == clock(10.0, 1)
    elsewhere = Holidays(states={"SP": {day: "do estado"}})
    assert is_open(windows, elsewhere, "21", NOON)
    assert not is_open(Windows(), Holidays(states={"GO": {day: "do estado"}}), "61", NOON)


@given(st.floats(0, 30 * 86_400.0), st.sampled_from(sorted(STATES)))
def test_it_opens_first_when_it_says(after: float, area: str) -> None:
    at = NOON + after
    when = opens(Windows(), Holidays(), area, at)
    assert when is not None
    assert when >= at
    assert is_open(Windows(), Holidays(), area, when)
    if when > at:
        assert not is_open(Windows(), Holidays(), area, when - 1)
        assert not is_open(Windows(), Holidays(), area, (at + when) / 2) or when - at < 60


@pytest.mark.parametrize(
    "wrong",
    [{"week": ()}, {"holidays": ((600, 600),)}, {"dates": {date(2026, 1, 1): ((0, 1441),)}}],
)
def test_a_window_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Windows(**wrong)


# --- the rules ---
def tried(times: int) -> Tries:
    tries = Tries()
    for n in range(times):
        tries.made(number(1), AttemptId(f"x-{n}"), NOON)
        tries.made(number(1), AttemptId(f"x-{n}"), NOON)  # told twice
    return tries


ONE = contact(1)
OVERNIGHT = {"life_safety": "marta"}
TABLE: list[tuple[Rule, bool, dict[str, Any], Contact, World, float]] = [
    (Rule.NONE, False, {}, ONE, World(), NOON),
    (Rule.NUMBER, True, {}, replace(ONE, number="190"), World(), NOON),
    (Rule.DONE, True, {}, replace(ONE, state=ContactState.DONE), World(), NOON),
    (Rule.DONE, True, {}, replace(ONE, state=ContactState.ORDERED), World(), NOON),
    (Rule.BARRED, True, {}, ONE, World(barred={number(1): "não pode falar"}), NOON),
    (Rule.BARRED, True, OVERNIGHT, ONE, World(barred={number(1): "retorno não seguro"}), NOON),
    (Rule.IN_CALL, False, OVERNIGHT, ONE, World(in_call={number(1)}), NOON),
    (Rule.CAMPAIGN, True, OVERNIGHT | {"until": NOON}, ONE, World(), NOON),
    (Rule.CAMPAIGN, False, {"since": NOON + 9}, ONE, World(), NOON),
    (Rule.PAUSE, False, OVERNIGHT, replace(ONE, not_before=NOON + 1), World(), NOON),
    (Rule.ATTEMPTS, True, {"attempts": 1}, replace(ONE, results=(Tried.BUSY,)), World(), NOON),
    (Rule.DO_NOT_CALL, True, {}, ONE, World(do_not_call={number(1)}), NOON),
    (Rule.NONE, False, OVERNIGHT, ONE, World(do_not_call={number(1)}), NOON),
    (Rule.NONE, False, {}, ONE, World(tries=tried(2)), NOON),
    (Rule.A_DAY, False, {}, ONE, World(tries=tried(3)), NOON),
    (Rule.NONE, False, OVERNIGHT, ONE, World(tries=tried(3)), NOON),
    (Rule.NONE, False, {}, ONE, World(tries=tried(3)), clock(9.0, 1)),
    (Rule.HOURS, False, {}, ONE, World(), clock(3.0)),
    (Rule.NONE, False, OVERNIGHT, ONE, World(), clock(3.0)),
    (Rule.HOURS, True, {"windows": Windows(week=((),) * 7)}, ONE, World(), NOON),
]


@pytest.mark.parametrize(("rule", "for_good", "changes", "who", "world", "at"), TABLE)
def test_the_first_rule_that_says_no_answers(
    rule: Rule, for_good: bool, changes: dict[str, Any], who: Contact, world: World, at: float
) -> None:
    verdict = may_be_called(campaign(**changes), who, at, world)
    assert verdict.rule is rule
    assert verdict.yes is (rule is Rule.NONE)
    assert verdict.for_good is for_good
    assert verdict.because
    if not verdict.yes and not for_good:
        assert verdict.not_before is not None
        assert verdict.not_before > at


def test_an_agents_phone_that_rings_first_takes_its_time_off_the_window() -> None:
    late = clock(21.0) - 5
    verdict = may_be_called(campaign(), ONE, late, World())
    assert (verdict.rule, verdict.not_before) == (Rule.HOURS, clock(9.0, 1))
    assert may_be_called(campaign(), ONE, late - 20, World()).yes
    assert may_be_called(campaign(mode=Mode.AGENTLESS), ONE, late, World()).yes


def test_after_a_days_last_attempt_it_is_tomorrows_first_hour() -> None:
    verdict = may_be_called(campaign(), ONE, NOON, World(tries=tried(3)))
    assert verdict.not_before == clock(9.0, 1)
    assert may_be_called(campaign(), ONE, clock(9.0, 1), World(tries=tried(3))).yes


def test_tries_are_taken_back_and_forgotten() -> None:
    tries, today = tried(3), date(2026, 3, 2)
    tries.taken_back(number(1), AttemptId("x-0"))
    assert tries.on(number(1), today) == 2
    tries.forget(date(2026, 3, 3))
    assert tries.on(number(1), today) == 0
    tries.made("190", AttemptId("y-1"), NOON)
