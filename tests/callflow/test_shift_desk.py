"""What phone codes and keys mean, when a seat may be taken, which results there are."""

from __future__ import annotations

from datetime import datetime

import pytest
from line_fakes import Centre

from acd.events import AgentPhone, OfferAnswered
from callflow.agent_desk import AgentDesk, NotAllowed
from callflow.shift_desk import CITY, SeatHours, ShiftDesk
from callflow.word_keys import WordKeys
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Skill
from terms.signals import Phone

ANA = AgentName("ana")
DAY = SeatHours("08:00", "14:00", "12345")
NIGHT = SeatHours("22:00", "04:00", "5")  # Fridays


def _desk() -> tuple[Centre, ShiftDesk, list[Fact]]:
    centre = Centre()
    desk = AgentDesk(centre.keeper, {Skill("p156_geral"): "156"})
    desk.enroll(ANA, {Skill("p156_geral"): 1})
    told: list[Fact] = []
    centre.keeper.watch(told.extend)
    return centre, ShiftDesk(desk, ("resolvido", "engano")), told


def _talking(centre: Centre, shifts: ShiftDesk) -> None:
    shifts.desk.log_in(ANA, by="ana")
    tell, floor = centre.keeper.tell, centre.keeper.floor
    tell(AgentPhone(ANA, Phone.IDLE))
    rule = next(rule for rule in floor.queues.rules if rule.skill == "p156_geral")
    centre.keeper.join(CallId("c-1"), rule.name, 30, centre.keeper.clock(), "156")
    (offer,) = floor.offers
    tell(OfferAnswered(offer))


@pytest.mark.parametrize(
    ("hours", "at", "is_open"),
    [
        (DAY, "2026-11-25 08:00", True),  # a Wednesday
        (DAY, "2026-11-25 07:59", False),
        (DAY, "2026-11-25 14:00", False),
        (DAY, "2026-11-28 09:00", False),
        (NIGHT, "2026-11-27 23:00", True),
        (NIGHT, "2026-11-28 03:59", True),  # still Friday's
        (NIGHT, "2026-11-28 23:00", False),
        (NIGHT, "2026-11-27 03:00", False),
    ],
)
def test_when_a_seat_may_be_taken(hours: SeatHours, at: str, is_open: bool) -> None:
    assert hours.is_open(datetime.fromisoformat(at).replace(tzinfo=CITY).timestamp()) is is_open


async def test_a_closed_seat_is_refused() -> None:
    _, shifts, told = _desk()
    shifts.set_seat("pa-1", SeatHours("00:00", "00:00", "1"), by="sofia")  # never open
    with pytest.raises(NotAllowed, match="só abre"):
        shifts.log_in(ANA, by="ana", seat="pa-1")
    shifts.log_in(ANA, by="ana", seat="pa-2")
    assert next(fact.kind for fact in told) is Kind.SEAT_HOURS


async def test_codes_of_the_phone() -> None:
    _centre, shifts, told = _desk()
    assert shifts.by_phone(ANA, "login", "") == ""
    for digits, reason in (("4", "banheiro"), ("8", "sistema"), ("", "banheiro")):
        assert shifts.by_phone(ANA, "pause", digits) == ""
        assert shifts.desk.keeper.floor.agents[ANA].reason == reason
        assert shifts.by_phone(ANA, "resume", "") == ""
    assert "não há pausa" in shifts.by_phone(ANA, "pause", "7")
    assert "não há chamada" in shifts.by_phone(ANA, "result", "1")
    assert shifts.by_phone(AgentName("nada"), "login", "") == "este ramal não é de um agente"
    assert shifts.by_phone(ANA, "logout", "") == ""
    statuses = [fact.details["status"] for fact in told if fact.kind is Kind.AGENT_STATUS]
    assert statuses[0] == "available"
    assert statuses[-1] == "logged_out"


async def test_results_by_digit_are_the_lists_own() -> None:
    centre, shifts, told = _desk()
    _talking(centre, shifts)
    assert shifts.by_phone(ANA, "result", "2") == ""
    assert "não há este resultado" in shifts.by_phone(ANA, "result", "3")
    (said,) = [fact for fact in told if fact.kind is Kind.DISPOSITION]
    assert (said.call, said.agent, said.by, said.details) == ("c-1", ANA, ANA, {"code": "engano"})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("*17", ["call_marked"]),
        ("*181", ["disposition"]),
        ("*1*182", ["disposition"]),
        ("5*17", ["call_marked"]),
        ("*187", []),  # no such result
        ("*19", []),
        ("17", []),
        ("*30", []),
    ],
)
async def test_keys_in_a_talk(keys: str, said: list[str]) -> None:
    centre, shifts, told = _desk()
    _talking(centre, shifts)
    others: list[str] = []
    ear = WordKeys(shifts, lambda agent, key, at: others.append(key))
    for number, key in enumerate(keys):
        ear.pressed(ANA, key, 100.0 + number * 0.2)
    kinds = [str(f.kind) for f in told if f.kind in (Kind.CALL_MARKED, Kind.DISPOSITION)]
    assert kinds == said
    assert "".join(others) == keys


async def test_keys_that_come_late_are_others() -> None:
    centre, shifts, told = _desk()
    _talking(centre, shifts)
    ear = WordKeys(shifts)
    for number, key in enumerate("*17"):
        ear.pressed(ANA, key, 100.0 + number * 60)
    assert not [fact for fact in told if fact.kind is Kind.CALL_MARKED]


@pytest.mark.parametrize(
    ("keys", "said"), [("*193", ["3"]), ("*18*197", ["7"]), ("*19", []), ("*1930", ["3"])]
)
async def test_what_has_picked_up_is_said_by_keys(keys: str, said: list[str]) -> None:
    centre, shifts, _ = _desk()
    _talking(centre, shifts)
    heard: list[tuple[str, str]] = []
    shifts.campaign = lambda agent, digit: heard.append((agent, digit))
    ear = WordKeys(shifts)
    for number, key in enumerate(keys):
        ear.pressed(ANA, key, 100.0 + number * 0.2)
    assert heard == [("ana", one) for one in said]


async def test_without_campaigns_their_codes_are_refused() -> None:
    _, shifts, _ = _desk()
    assert "campanhas" in shifts.by_phone(ANA, "campaign", "1")
