"""Rehearsals: the dialler's own rules, and sums that fit together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central156.campaign_rehearsal import Rehearsed, Supposed, cost, drops, rehearse
from dialer.campaign import Campaign, Kind, Mode, Retry
from dialer.contacts import Contact
from dialer.eligible import Rule, World, may_be_called
from ivr.hours import CITY
from terms.names import CampaignName, ContactId, QueueName, TrunkName
from terms.outcome import Tried

CAMPAIGN = Campaign(
    *(CampaignName("x"), Kind.SURVEY, Mode.PROGRESSIVE, "Saúde", "Vacina", "1131560156"),
    trunks=(TrunkName("t"),),
    queue=QueueName("q"),
    retries={Tried.NO_ANSWER: Retry(7_200.0, 3)},
)
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=CITY).timestamp()
FRIDAY_EVENING = datetime(2026, 11, 27, 20, 30, tzinfo=CITY).timestamp()


def people(count: int, area: str = "11") -> list[Contact]:
    return [Contact(ContactId(str(one)), CAMPAIGN.name, f"{area}9{one:08}") for one in range(count)]


def at(found: Rehearsed, place: int) -> datetime:
    return datetime.fromtimestamp(found.first[place], CITY)


def test_everybody_answers_at_once_or_nobody_ever() -> None:
    all_answer = rehearse(CAMPAIGN, people(100), MONDAY, World(), Supposed(agents=10, answers=1.0))
    assert (round(all_answer.attempts), round(all_answer.answered)) == (100, 100)
    nobody = rehearse(CAMPAIGN, people(100), MONDAY, World(), Supposed(agents=10, answers=0.0))
    assert (round(nobody.attempts), round(nobody.answered)) == (300, 0)
    assert nobody.waiting == 0


def test_few_agents_take_longer_and_the_list_keeps_its_order() -> None:
    supposed = Supposed(agents=1, answers=1.0)
    found = rehearse(CAMPAIGN, people(40), MONDAY, World(), supposed)
    an_hour = int(3_600 / cost(CAMPAIGN, supposed))
    assert len(found.hours) == -(-40 // an_hour)
    order = sorted(found.first, key=lambda place: (found.first[place], place))
    assert order == list(range(40))
    assert at(found, 0).hour == 9


def test_who_is_left_out_and_by_which_rule() -> None:
    contacts = [*people(5), Contact(ContactId("z"), CAMPAIGN.name, "0800123")]
    world = World(do_not_call={contacts[0].number}, barred={contacts[1].number: "não pode falar"})
    found = rehearse(CAMPAIGN, contacts, MONDAY, world, Supposed())
    assert found.left_out == {Rule.DO_NOT_CALL: 1, Rule.BARRED: 1, Rule.NUMBER: 1}
    assert (found.contacts, found.callable) == (6, 3)
    assert set(found.because) == {0, 1, 5}
    assert "não pode falar" in found.because[1]
    assert set(found.first) == {2, 3, 4}


def test_clocks_are_those_of_whoever_is_called() -> None:
    found = rehearse(CAMPAIGN, people(3, "68"), MONDAY, World(), Supposed())
    assert at(found, 0).hour == 11  # nine in Rio Branco
    late = rehearse(CAMPAIGN, people(3), FRIDAY_EVENING, World(), Supposed(agents=100))
    assert {at(late, place).day for place in range(3)} == {27}
    alert = replace(CAMPAIGN, kind=Kind.ALERT, life_safety="Ana")
    night = datetime(2026, 11, 29, 3, 0, tzinfo=CITY).timestamp()
    assert at(rehearse(alert, people(1), night, World(), Supposed()), 0).hour == 3


def test_a_day_has_no_more_than_its_attempts() -> None:
    one_a_day = replace(CAMPAIGN, attempts_a_day=1)
    found = rehearse(one_a_day, people(10), MONDAY, World(), Supposed(answers=0.0))
    assert [round(day.attempts) for day in found.days().values()] == [10, 10, 10]


def test_an_end_that_comes_too_soon() -> None:
    short = replace(CAMPAIGN, until=MONDAY + 7_200)
    found = rehearse(short, people(1_000), MONDAY, World(), Supposed(agents=1))
    assert found.waiting > 900
    assert len(found.first) < 100
    assert found.agents_needed is not None
    enough = rehearse(
        replace(short, retries={}), people(1_000), MONDAY, World(),
        Supposed(agents=found.agents_needed + 1),
    )  # fmt: skip
    assert enough.waiting == 0


def test_drops_and_notices() -> None:
    assert drops(CAMPAIGN, 1_000) == 0
    assert drops(replace(CAMPAIGN, mode=Mode.PREDICTIVE), 1_000) == 30
    notice = replace(CAMPAIGN, mode=Mode.AGENTLESS)
    found = rehearse(notice, people(500), MONDAY, World(), Supposed(agents=1, talk=10))
    assert len({at(found, place).hour for place in range(500)}) == 1  # channels, not agents


@pytest.mark.parametrize("mode", list(Mode))
@given(
    count=st.integers(0, 60),
    agents=st.integers(1, 5),
    answers=st.floats(0.01, 1.0),
    begins=st.integers(0, 14 * 24),
    attempts=st.integers(1, 4),
)
def test_the_sums_fit_and_nobody_is_called_when_they_must_not_be(
    mode: Mode, count: int, agents: int, answers: float, begins: int, attempts: int
) -> None:
    campaign = replace(CAMPAIGN, mode=mode, attempts=attempts)
    contacts = people(count, "92")
    start = MONDAY + begins * 3_600
    found = rehearse(campaign, contacts, start, World(), Supposed(agents, answers, channels=agents))
    done = sum(one.done for one in found.hours.values())
    assert done + found.waiting == pytest.approx(count, abs=0.1)
    assert found.answered <= done + 0.01
    assert found.attempts <= count * attempts + 0.01
    for place, when in found.first.items():
        assert when >= start
        assert may_be_called(campaign, contacts[place], when, World()).yes
