"""Simulated hours: who is called, and what emergencies, crashes, stops and broken trunks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from dial_city import MONDAY, QUEUE, City, campaign, clock, contact, number, rules

from dialer.attempt import AttemptState
from dialer.campaign import CampaignState, KeyMeans, Mode
from dialer.contacts import ContactState, Ending
from dialer.effects import Order, Unshow, Withdraw
from dialer.events import AgentIdle, AttemptTold, CallersWait, CampaignMoved, ContactCancelled
from dialer.hours import Holidays
from terms.names import AgentName, ContactId
from terms.outcome import Tried


def people(count: int, of: str = "retorno", area: str = "11") -> list:
    return [contact(n, of, number=number(n, area)) for n in range(count)]


def test_a_morning_of_progressive_calls() -> None:
    city = City(1, [campaign()], people(150), agents=5, time=clock(8.9))
    city.run(6 * 60.0)
    assert not city.orders, "before nine"
    city.run(5 * 3_600.0)
    city.all_are_there(city.contacts)
    assert city.states()[ContactState.DONE] > 60
    assert city.results[Tried.ANSWERED] > 50
    assert all(one.agent for _, one in city.orders), "an agent is reserved before the call"
    assert not city.stops
    done = [one for one in city.stored.contacts.values() if one.state is ContactState.DONE]
    assert {one.ending for one in done} <= {
        *(Ending.REACHED, Ending.EXHAUSTED, Ending.WRONG_NUMBER),
    }


def test_nobody_is_called_before_it_is_nine_where_they_are() -> None:
    """Nine in São Paulo is seven in Acre; Noronha is an hour ahead, and does not open 81 sooner."""
    areas = ("11", "92", "68", "81", "97")
    everyone = [contact(n, number=number(n, area)) for n, area in enumerate(areas)]
    city = City(2, [campaign()], everyone, agents=9, time=clock(7.0))
    city.shares = {Tried.ANSWERED: 1.0}
    city.run(5 * 3_600.0)
    first = {one.number[:2]: (at - MONDAY) / 3_600 for at, one in city.orders}
    expected = {"11": 9, "92": 10, "68": 11, "81": 9, "97": 11}
    assert first == pytest.approx(expected, abs=0.01)


def test_the_list_the_marked_and_a_holiday_of_one_state_are_left_alone() -> None:
    day = date(2026, 3, 2)
    city = City(
        3,
        [campaign()],
        [*people(4), contact(8, number=number(8, "21"))],
        holidays=Holidays(states={"RJ": {day: "dia do estado"}}),
        do_not_call=frozenset({number(0)}),
        barred={number(1): "não pode falar"},
    )
    city.run(4 * 3_600.0)
    assert {one.number for _, one in city.orders} == {number(2), number(3)}
    left_out = {
        one.number: one.because
        for one in city.stored.contacts.values()
        if one.ending is Ending.LEFT_OUT
    }
    assert "lista" in left_out[number(0)]
    assert "não pode falar" in left_out[number(1)]


def test_who_answers_for_life_may_call_at_night_but_never_a_marked_number() -> None:
    alert = campaign(
        "alerta",
        kind="alerta",
        mode=Mode.AGENTLESS,
        keys={"1": KeyMeans.CONFIRM},
        life_safety="marta",
    )
    city = City(
        4,
        [alert],
        people(30, "alerta"),
        agents=0,
        waiting=(0, 5),
        time=clock(3.0),
        do_not_call=frozenset({number(0)}),
        barred={number(1): "retorno não seguro"},
    )
    city.run(120.0)
    called = {one.number for _, one in city.orders}
    assert number(0) in called
    assert len(called) == 29


def test_an_emergency_that_waits_stops_all_and_hangs_up_what_rings_with_an_agent() -> None:
    alert = campaign("alerta", mode=Mode.AGENTLESS, life_safety="marta")
    city = City(5, [campaign(), alert], people(40) + people(200, "alerta"), agents=6)
    city.run(3.0)
    before = len(city.orders)
    ringing = {one.attempt for one in city.dialling.attempts.live.values() if one.agent}
    hung_up = city.dialling.step(city.now, CallersWait(1, 0))
    assert {one.attempt for one in hung_up if isinstance(one, Withdraw)} == ringing != set()
    city.waiting = (1, 0)
    city.run(60.0)
    assert len(city.orders) == before
    city.callers(0, 0)
    city.looked()
    city.run(60.0)
    assert len(city.orders) > before


def test_other_callers_come_first_too() -> None:
    city = City(6, [campaign()], people(40), agents=3, waiting=(0, 1))
    city.run(30.0)
    assert not city.orders
    city.callers(0, 0)
    city.run(2.0)
    assert len(city.orders) == 3


@pytest.mark.parametrize("to", [CampaignState.PAUSED, CampaignState.DRAINING])
def test_a_stop_is_one_step(to: CampaignState) -> None:
    city = City(7, [campaign()], people(40), agents=4)
    city.run(3.0)
    before = len(city.orders)
    city.move("retorno", to, withdraw=True)
    city.run(60.0)
    assert len(city.orders) == before
    city.run(600.0)
    done = city.dialling.campaigns[campaign().name].state
    assert done is (CampaignState.PAUSED if to is CampaignState.PAUSED else CampaignState.DONE)


def test_a_crash_between_any_two_acts_rings_nobody_twice_and_loses_nobody() -> None:
    for after in range(0, 40, 2):
        city = City(after, [campaign()], people(12), agents=4)
        city.crash(after)
        city.run(120.0)
        city.looked()
        city.run(1_800.0)
        city.all_are_there(city.contacts)
        assert all(one.ordered for one in city.stored.contacts.values())


def test_words_that_are_lost_free_their_channels_and_contacts() -> None:
    city = City(8, [campaign()], people(60), agents=4, lose=0.3, double=0.2)
    for _ in range(16):
        city.run(900.0)
        city.looked()
    city.all_are_there(city.contacts)
    assert city.states()[ContactState.DONE] > 30


def test_ten_thousand_times_one_number_stops_itself() -> None:
    """Ten thousand contacts of one number, without a limit a day: the caps hold, and say why."""
    alert = campaign("alerta", mode=Mode.AGENTLESS, life_safety="marta")
    one = [contact(n, "alerta", number=number(7)) for n in range(10_000)]
    city = City(9, [alert], one, agents=0)
    city.shares = {Tried.BUSY: 1.0}
    city.run(1_200.0)
    assert len(city.orders) == 6
    assert "mesmo número" in city.stops[0]
    city.resume()
    city.run(120.0)
    assert len(city.stops) == 2


def test_a_trunk_that_completes_nothing_stops_all_until_a_person_says_go_on() -> None:
    city = City(10, [campaign(mode=Mode.AGENTLESS)], people(400), agents=0)
    city.shares = {Tried.UNREACHABLE: 1.0}
    city.run(900.0)
    assert len(city.orders) < 300
    assert "não completaram" in city.stops[0]
    city.crash()
    before = len(city.orders)
    city.run(60.0)
    assert len(city.orders) == before, "a restart is no permission"
    city.resume()
    city.run(10.0)
    assert len(city.orders) > before


def test_a_clock_that_jumps_stops_all() -> None:
    for jump in (-3_600.0, 3_600.0, 86_400.0):
        city = City(11, [campaign()], people(200), agents=10)
        city.run(60.0)
        before = len(city.orders)
        city.skew = jump
        city.run(60.0)
        assert len(city.orders) == before
        assert "relógio" in city.stops[0]
        city.resume()
        city.looked()
        city.run(60.0)
        assert len(city.orders) > before


def test_preview_lets_the_agent_look_and_asks_the_rules_again() -> None:
    city = City(12, [campaign(mode=Mode.PREVIEW)], people(30), agents=3)
    city.run(15.0)
    assert not city.orders
    assert city.states()[ContactState.DUE] == 3
    city.run(3_600.0)
    assert len(city.orders) > 20
    city.all_are_there(city.contacts)


def test_a_preview_ends_when_the_agent_goes_or_the_citizen_says_no() -> None:
    city = City(13, [campaign(mode=Mode.PREVIEW)], people(2), agents=2)
    city.run(1.0)
    shown = list(city.dialling.previews)
    out = city.dialling.step(city.now, ContactCancelled(shown[0], "pediu para não ligar"))
    assert [one.contact for one in out if isinstance(one, Unshow)] == shown[:1]
    done = city.dialling.campaigns[campaign().name].contacts
    assert shown[0] not in done


@pytest.mark.slow
def test_predictive_holds_its_drops_in_every_hour() -> None:
    ahead = campaign(mode=Mode.PREDICTIVE)
    plenty = rules(per_second=20, per_hour=20_000, channels=200)
    city = City(14, [ahead], people(5_000), agents=12, caps=plenty, talk=60.0, time=clock(9))
    city.run(3 * 3_600.0 - 120.0)
    hours = sorted(city.answered)
    assert len(hours) == 3
    for hour in hours:
        assert city.answered[hour] > 200
        assert city.dropped[hour] <= 0.03 * city.answered[hour] + 1
    assert sum(city.dropped.values()) > 0, "it dares something"


def test_the_more_urgent_campaign_goes_first_and_equals_take_turns() -> None:
    three = [campaign("a"), campaign("b"), campaign("z", priority=1)]
    everyone = people(20, "a") + people(40, "b")[20:] + people(45, "z")[40:]
    city = City(15, three, everyone, agents=9)
    city.run(2.0)
    by = [one.campaign for _, one in city.orders]
    assert by[:5] == ["z"] * 5
    assert sorted(by[5:]) == ["a", "a", "b", "b"]


def test_who_starts_later_does_not_keep_the_others_waiting() -> None:
    two = [campaign("a"), campaign("b")]
    city = City(18, two, people(700, "a") + people(900, "b")[700:], agents=8)
    city.shares = {Tried.BUSY: 1.0}
    city.move("b", CampaignState.PAUSED, withdraw=True)
    city.run(300.0)
    before = len(city.orders)
    city.move("b", CampaignState.RUNNING)
    city.run(60.0)
    later = [one.campaign for _, one in city.orders[before:]]
    assert abs(later.count(two[0].name) - later.count(two[1].name)) <= 1


def test_a_campaign_ends_with_its_time() -> None:
    short = campaign(until=clock(9.6))
    city = City(19, [short], people(300), agents=3)
    city.run(1_800.0)
    assert max(at for at, _ in city.orders) < clock(9.6)
    assert city.dialling.campaigns[short.name].state is CampaignState.DONE


def test_an_agent_is_never_booked_twice_whatever_the_floor_says() -> None:
    city = City(16, [campaign()], people(10), agents=1)
    city.run(1.0)
    (live,) = city.dialling.attempts.live.values()
    out = city.dialling.step(city.now + 0.1, AgentIdle(live.agent, frozenset({QUEUE})))
    assert not [one for one in out if isinstance(one, Order)]


def test_words_about_nothing_change_nothing() -> None:
    city = City(17, [campaign()], people(1), agents=0)
    before = replace(city.stored.contacts[ContactId("retorno.0")])
    out = city.dialling.step(
        city.now,
        AttemptTold(before.next_attempt, AttemptState.JOINED, AgentName("ana")),
        CampaignMoved(campaign("outra").name, CampaignState.PAUSED, "ninguém"),
        ContactCancelled(ContactId("outra.1"), "nada"),
    )
    assert out == []
