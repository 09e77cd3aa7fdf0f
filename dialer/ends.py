"""What is told of attempts, and what their ends make of contacts. See dialer/attempt.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dialer.attempt import Attempt
from dialer.campaign import Mode
from dialer.contacts import Contact, ContactState, Ending, end, finish
from dialer.effects import Effect, Join, Keep, Warn, Withdraw
from dialer.events import AttemptEnded, AttemptTold, SwitchSeen
from dialer.turns import Turns
from terms.limits import DROP_AFTER, SHORT_CALL
from terms.names import AgentName, AttemptId, Instant
from terms.outcome import Tried

if TYPE_CHECKING:
    from dialer.dialling import Dialling

Effects = Iterator[Effect]


def told(d: Dialling, event: AttemptTold, now: Instant) -> Effects:
    """The switch says how far an attempt has come."""
    before = d.attempts.live.get(event.attempt)
    after = d.attempts.told(event.attempt, event.state, now, event.agent)
    if before is None or after is None:
        return
    if event.agent:
        d.agents.pop(event.agent, None)
    turns = d.campaigns.get(after.campaign)
    if turns is not None and before.answered_at is None and after.answered_at is not None:
        turns.rings.ended(now, now - after.at, after.ring_seconds, answered=True)
    found = event.agent and not before.agent  # by the floor itself
    if found and turns is not None and turns.campaign.mode is Mode.PREDICTIVE:
        turns.hour = turns.hour.told(now, dropped=False)
    yield from ()


def ended(d: Dialling, event: AttemptEnded, now: Instant) -> Effects:
    """An attempt's one end; for one that has ended already, nothing."""
    attempt = d.attempts.end(event.attempt)
    if attempt is None:
        return
    result, turns = event.result, d.campaigns.get(attempt.campaign)
    if turns is not None and turns.campaign.mode is Mode.PREDICTIVE and not attempt.agent:
        told_before = event.attempt in d.dropped
        if result is Tried.ANSWERED and not told_before:
            turns.hour = turns.hour.told(now, dropped=True)
        if result is Tried.ANSWERED or told_before:
            result = Tried.DROPPED
    elif turns is not None and turns.campaign.mode is Mode.PREDICTIVE and result is Tried.DROPPED:
        # somebody had been found, and did not come: it is an answer already, and a drop now
        turns.hour = replace(turns.hour, dropped=turns.hour.dropped + 1)
    d.dropped.discard(event.attempt)
    short = event.lasted is not None and event.lasted <= SHORT_CALL
    for text in d.caps.over(event.attempt, result, short):
        yield Warn(text)
    if not result.reached_for:
        d.world.tries.taken_back(attempt.number, event.attempt)
    if turns is not None:
        yield from _of_its_contact(turns, attempt, result, now)


def _of_its_contact(turns: Turns, attempt: Attempt, result: Tried, now: Instant) -> Effects:
    contact = turns.contacts.get(attempt.contact)
    if attempt.answered_at is None and result.reached_for and result is not Tried.LOST:
        _rang_in_vain(turns, attempt, result, now)
    if contact is None or contact.attempt != attempt.attempt:
        return
    contact = end(contact, attempt.attempt, result, now, turns.campaign)
    because = turns.cancelled.pop(attempt.contact, "")
    if because and contact.state is not ContactState.DONE:
        contact = finish(contact, Ending.CANCELLED, because)
    on(turns, contact)
    yield Keep(contact)


def _rang_in_vain(turns: Turns, attempt: Attempt, result: Tried, now: Instant) -> None:
    """Of an answer nobody has told before its end, so how long it rang is not known."""
    answered = result in (Tried.ANSWERED, Tried.DROPPED)
    rang = attempt.ring_seconds if answered else now - attempt.at
    turns.rings.ended(now, rang, attempt.ring_seconds, answered)


def seen(d: Dialling, event: SwitchSeen, now: Instant) -> Effects:
    """A look at the switch ends what it should have shown and did not."""
    for attempt in d.attempts.unseen(event.attempts, event.looked_at):
        yield from lost(d, attempt, now)
    for name in event.attempts & d.attempts.live.keys():
        attempt = d.attempts.live[name]
        d.attempts.live[name] = replace(attempt, heard_at=max(attempt.heard_at, event.looked_at))


def lost(d: Dialling, attempt: Attempt, now: Instant) -> Effects:
    """Nobody has told of its end. Who was known to have answered was reached."""
    result = Tried.LOST if attempt.answered_at is None else Tried.ANSWERED
    yield from ended(d, AttemptEnded(attempt.attempt, result), now)


def on(turns: Turns, contact: Contact) -> None:
    """Where a contact goes after its attempt."""
    if contact.state is ContactState.DONE:
        turns.keep(contact)
    else:
        turns.stand(contact)


def answered_alone(d: Dialling, attempt: Attempt, now: Instant) -> Effects:
    """A citizen has answered a predictive call, and has nobody yet."""
    turns = d.campaigns.get(attempt.campaign)
    if turns is None or turns.campaign.mode is not Mode.PREDICTIVE:
        return
    if attempt.attempt in d.dropped:
        return
    queue = turns.campaign.queue
    agent = next((one for one, queues in d.agents.items() if queue in queues), AgentName(""))
    name: AttemptId = attempt.attempt
    if agent:
        del d.agents[agent]
        d.attempts.live[name] = replace(attempt, agent=agent)
        turns.hour = turns.hour.told(now, dropped=False)
        yield Join(name, agent, queue)
    elif attempt.answered_at is not None and now >= attempt.answered_at + DROP_AFTER:
        d.dropped.add(name)
        turns.hour = turns.hour.told(now, dropped=True)
        yield Withdraw(name, f"sem atendente em {DROP_AFTER:.0f} s")
