"""The tables of campaigns, contacts and attempts; what each result makes of a contact."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dial_city import TRUNK, campaign, clock, contact, number

from dialer.attempt import ATTEMPT_SUCCESSORS, Attempt, Attempts, AttemptState
from dialer.campaign import (
    CAMPAIGN_SUCCESSORS,
    CampaignState,
    KeyMeans,
    Mode,
    Retry,
    may_become,
)
from dialer.contacts import (
    CONTACT_SUCCESSORS,
    Contact,
    ContactState,
    Ending,
    end,
    finish,
    later,
    order,
    put_up,
)
from terms.limits import CONTACT_AGAIN, CONTACT_AGAIN_MAX
from terms.names import AgentName, AttemptId
from terms.outcome import Tried

NOW = clock(12.0)


@pytest.mark.parametrize("table", [CAMPAIGN_SUCCESSORS, CONTACT_SUCCESSORS, ATTEMPT_SUCCESSORS])
def test_every_state_is_in_its_table_and_leads_to_an_end(table: Any) -> None:
    (last,) = [state for state, then in table.items() if not then]
    assert all(state in table for then in table.values() for state in then)
    reached = {last}
    while more := {one for one, then in table.items() if then & reached} - reached:
        reached |= more
    assert reached == set(table)


def test_a_campaign_that_was_ended_stays_so() -> None:
    assert may_become(CampaignState.DRAFT, CampaignState.RUNNING)
    assert not may_become(CampaignState.DRAFT, CampaignState.PAUSED)
    assert not may_become(CampaignState.DRAINING, CampaignState.RUNNING)
    assert not any(may_become(CampaignState.DONE, one) for one in CampaignState)


@pytest.mark.parametrize(
    "wrong",
    [
        {"trunks": ()},
        {"caller_id": ""},
        {"body": ""},
        {"subject": ""},
        {"attempts": 0},
        {"attempts": 11},
        {"attempts_a_day": 0},
        {"ring_seconds": 0.0},
        {"ring_seconds": 61.0},
        {"queue": ""},
        {"queue": "", "mode": Mode.AGENTLESS, "keys": {"9": KeyMeans.PERSON}},
    ],
)
def test_a_campaign_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        campaign(**wrong)


# --- contacts ---
@pytest.mark.parametrize(
    ("result", "ending"),
    [
        (Tried.ANSWERED, Ending.REACHED),
        (Tried.INVALID, Ending.WRONG_NUMBER),
        (Tried.FAX, Ending.WRONG_NUMBER),
        *((one, None) for one in (Tried.BUSY, Tried.NO_ANSWER, Tried.MACHINE, Tried.SILENT)),
        *((one, None) for one in (Tried.UNREACHABLE, Tried.DROPPED, Tried.LOST)),
        *((one, None) for one in (Tried.AGENT, Tried.HELD, Tried.SHUT)),
    ],
)
def test_what_a_result_makes_of_a_contact(result: Tried, ending: Ending | None) -> None:
    called = order(contact(1))
    after = end(called, called.attempt, result, NOW, campaign())
    assert after.ending is ending
    assert after.because
    assert after.tries == result.reached_for
    if ending is None:
        assert after.state is ContactState.AGAIN
        assert after.not_before > NOW
    assert end(after, called.attempt, Tried.ANSWERED, NOW, campaign()) == after, "told again"


def calls(results: list[Tried], **changes: Any) -> Contact:
    one, rule = contact(1), campaign(**changes)
    for result in results:
        one = order(one)
        one = end(one, one.attempt, result, NOW, rule)
    return one


def test_the_attempts_come_to_an_end() -> None:
    three = calls([Tried.BUSY, Tried.NO_ANSWER, Tried.MACHINE])
    assert three.ending is Ending.EXHAUSTED
    assert three.attempt == ""
    assert calls([Tried.SILENT, Tried.SILENT], attempts=9).ending is Ending.EXHAUSTED
    assert calls([Tried.BUSY], retries={Tried.SILENT: Retry(1.0, 1)}).ending is Ending.EXHAUSTED


def test_what_never_reached_the_citizen_waits_longer_and_longer() -> None:
    waits = [calls([Tried.SHUT] * n).not_before - NOW for n in range(1, 30)]
    assert waits[:3] == [CONTACT_AGAIN, 2 * CONTACT_AGAIN, 4 * CONTACT_AGAIN]
    assert waits[-1] == CONTACT_AGAIN_MAX
    assert calls([Tried.SHUT] * 29).tries == 0


def test_every_attempt_has_a_name_of_its_own() -> None:
    one = calls([Tried.AGENT, Tried.BUSY])
    assert one.ordered == 2
    assert order(one).attempt == "retorno.1-3"


def test_nothing_happens_twice_to_a_contact() -> None:
    called = order(contact(1))
    for again in (order, put_up, lambda one: later(one, NOW, "x")):
        with pytest.raises(ValueError):
            again(called)
    done = finish(called, Ending.CANCELLED, "x")
    with pytest.raises(ValueError):
        finish(done, Ending.CANCELLED, "x")
    assert put_up(contact(2)).state is ContactState.DUE


# --- attempts ---
def attempt(n: int = 1, **changes: Any) -> Attempt:
    one = order(contact(n))
    made = Attempt(one.attempt, one.contact, one.campaign, one.number, TRUNK, NOW, 30.0)
    return replace(made, **changes)


def test_one_attempt_a_number_and_one_end() -> None:
    attempts = Attempts()
    attempts.begin(attempt())
    for again in (attempt(), attempt(2, number=number(1))):
        with pytest.raises(ValueError):
            attempts.begin(again)
    name = attempt().attempt
    assert attempts.end(name) == attempt()
    assert attempts.end(name) is None
    assert attempts.told(name, AttemptState.RINGING, NOW) is None
    attempts.begin(attempt(2, number=number(1)))


def test_words_that_come_late_or_twice_are_no_news() -> None:
    attempts, ana = Attempts(), AgentName("ana")
    attempts.begin(attempt())
    name = attempt().attempt
    joined = attempts.told(name, AttemptState.JOINED, NOW + 5, ana)
    assert joined is not None
    assert (joined.agent, joined.answered_at, joined.waits) == (ana, NOW + 5, False)
    for late in (AttemptState.RINGING, AttemptState.ANSWERED, AttemptState.JOINED):
        assert attempts.told(name, late, NOW + 9) is None
    assert attempts.told(name, AttemptState.ENDED, NOW + 9) is None
    assert attempts.told(AttemptId("other-1"), AttemptState.JOINED, NOW) is None
    assert attempts.live[name] == joined


def test_a_look_at_the_switch_ends_what_it_should_have_shown() -> None:
    attempts = Attempts()
    attempts.begin(attempt(1))
    attempts.begin(attempt(2, at=NOW + 10))
    name = attempt(1).attempt
    assert list(attempts.unseen({name}, NOW + 11)) == [], "seen, and too young to be missed"
    assert [one.attempt for one in attempts.unseen((), NOW + 11)] == [name]
    assert len(list(attempts.unseen((), NOW + 13))) == 2


def test_r66_has_a_word_for_every_result_and_pays_for_one() -> None:
    assert len({one.shown for one in Tried}) == len(Tried)
    assert [one for one in Tried if one.billable] == [Tried.ANSWERED]
    words = "atendida, não atende, ocupado, caixa postal, fax, inválido, muda, operadora"
    assert set(words.split(", ")) <= {one.shown for one in Tried}
