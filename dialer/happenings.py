"""What an event does to what the dialler knows: a table at the bottom, a function for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from dialer.attempt import AttemptState
from dialer.campaign import CampaignState, Mode, may_become
from dialer.contacts import Contact, ContactState, Ending, end, finish, later
from dialer.effects import CampaignIs, Effect, Keep, Unshow, Warn, Withdraw
from dialer.eligible import may_be_called
from dialer.ends import answered_alone, ended, on, seen, told
from dialer.events import (
    AgentGone,
    AgentIdle,
    AgentsFreeing,
    AgentsSeen,
    AttemptEnded,
    AttemptTold,
    CallersWait,
    CampaignMoved,
    CampaignSet,
    ContactCancelled,
    ContactsLoaded,
    Event,
    PreviewDone,
    Resumed,
    SwitchSeen,
)
from dialer.pacing import Hour
from dialer.turns import Turns
from terms.limits import PREVIEW_AGAIN
from terms.names import AgentName, ContactId, Instant
from terms.outcome import Tried

if TYPE_CHECKING:
    from dialer.dialling import Dialling

Effects = Iterator[Effect]


def happens(dialling: Dialling, event: Event | None, now: Instant) -> list[Effect]:
    """What an event, or the time alone (None), changes and orders."""
    if event is None:
        return list(_time(dialling, now))
    return list(_TABLE[type(event)](dialling, event, now))


# --- campaigns and contacts ---
def _set(d: Dialling, event: CampaignSet, now: Instant) -> Effects:
    turns = d.campaigns.get(event.campaign.name)
    if turns is None:
        turns = Turns(event.campaign, event.state)
        _catch_up(d, turns)
        d.campaigns[event.campaign.name] = turns
    else:
        turns.set(event.campaign)
    yield from ()


def _catch_up(d: Dialling, turns: Turns) -> None:
    """Who comes later takes turns with the others from now on, and owes itself nothing."""
    others = [one.served for one in d.campaigns.values() if one is not turns and one.runs]
    turns.served = max(turns.served, min(others, default=0))


def _moved(d: Dialling, event: CampaignMoved, now: Instant) -> Effects:
    turns = d.campaigns.get(event.name)
    if turns is None or not may_become(turns.state, event.to):
        return
    turns.state = event.to
    yield CampaignIs(event.name, event.to, f"por {event.by}")
    if event.to is CampaignState.RUNNING:
        turns.blocked_until = 0.0
        _catch_up(d, turns)
        return
    yield from _looked_no_more(d, now, "a campanha parou", turns)
    if event.withdraw:
        for attempt in d.attempts.live.values():
            if attempt.campaign == event.name and attempt.waits:
                yield Withdraw(attempt.attempt, f"a campanha parou, por {event.by}")


def _loaded(d: Dialling, event: ContactsLoaded, now: Instant) -> Effects:
    unknown = 0
    for contact in event.contacts:
        turns = d.campaigns.get(contact.campaign)
        if turns is None or turns.state is CampaignState.DONE:
            unknown += 1
        elif contact.contact not in turns.contacts and contact.state is not ContactState.DONE:
            yield from _one_loaded(d, turns, contact, now)
    if unknown:
        yield Warn(f"{unknown} contatos são de uma campanha desconhecida ou encerrada")


def _one_loaded(d: Dialling, turns: Turns, contact: Contact, now: Instant) -> Effects:
    if contact.state is ContactState.ORDERED and contact.attempt in d.attempts.live:
        turns.keep(contact)
        return
    if contact.state is ContactState.ORDERED:  # written down, and nobody knows more
        contact = end(contact, contact.attempt, Tried.LOST, now, turns.campaign)
        yield Keep(contact)
    elif contact.state is ContactState.DUE:
        contact = later(contact, now, "o atendente não a chamou")
        yield Keep(contact)
    on(turns, contact)


def _cancelled(d: Dialling, event: ContactCancelled, now: Instant) -> Effects:
    for turns in d.campaigns.values():
        contact = turns.contacts.get(event.contact)
        if contact is None:
            continue
        if contact.state is ContactState.ORDERED:
            turns.cancelled[event.contact] = event.because
            continue
        if (shown := d.previews.pop(event.contact, None)) is not None:
            yield Unshow(event.contact, shown[0], event.because)
        done = finish(contact, Ending.CANCELLED, event.because)
        turns.keep(done)
        yield Keep(done)


# --- agents and callers ---
def _busy(d: Dialling, agent: AgentName) -> bool:
    """Whether the dialler itself has this agent at work: nobody is booked twice."""
    looks = any(agent == one for one, _ in d.previews.values())
    return looks or any(agent == one.agent for one in d.attempts.live.values())


def _idle(d: Dialling, event: AgentIdle, now: Instant) -> Effects:
    if not _busy(d, event.agent):
        d.agents[event.agent] = event.queues
    yield from ()


def _gone(d: Dialling, event: AgentGone, now: Instant) -> Effects:
    d.agents.pop(event.agent, None)
    for contact, (agent, _) in list(d.previews.items()):
        if agent == event.agent:
            yield from _put_back(d, contact, now, "o atendente saiu")


def _seen_agents(d: Dialling, event: AgentsSeen, now: Instant) -> Effects:
    for agent in [one for one in d.agents if one not in event.agents]:
        yield from _gone(d, AgentGone(agent), now)
    for agent, queues in event.agents.items():
        yield from _idle(d, AgentIdle(agent, queues), now)


def _freeing(d: Dialling, event: AgentsFreeing, now: Instant) -> Effects:
    d.freeing[event.queue] = event.agents
    yield from ()


def _callers(d: Dialling, event: CallersWait, now: Instant) -> Effects:
    began = event.emergencies > 0 and not d.emergencies
    came = event.others > 0 and not d.others
    d.emergencies, d.others = event.emergencies, event.others
    if not (began or came):
        return
    because = "uma chamada de emergência espera" if began else "há quem espere"
    yield from _looked_no_more(d, now, because, None)
    for attempt in d.attempts.live.values():
        turns = d.campaigns.get(attempt.campaign)
        alone = turns is not None and turns.campaign.mode is Mode.AGENTLESS
        # for other callers an agent is taken back whose citizen is not being rung yet
        rings = not attempt.agent or attempt.state is not AttemptState.ORDERED
        if attempt.waits and not alone and (began or not rings):
            yield Withdraw(attempt.attempt, because)


# --- previews ---
def _looked_no_more(d: Dialling, now: Instant, because: str, of: Turns | None) -> Effects:
    for contact in list(d.previews):
        if of is None or contact in of.contacts:
            yield from _put_back(d, contact, now, because)


def _put_back(d: Dialling, name: ContactId, now: Instant, because: str) -> Effects:
    agent, _ = d.previews.pop(name)
    yield Unshow(name, agent, because)
    for turns in d.campaigns.values():
        if (contact := turns.contacts.get(name)) is not None:
            contact = later(contact, now, because)
            turns.stand(contact)
            yield Keep(contact)


def _looked(d: Dialling, event: PreviewDone, now: Instant) -> Effects:
    shown = d.previews.get(event.contact)
    if shown is None or shown[0] != event.agent:
        return
    del d.previews[event.contact]
    for turns in d.campaigns.values():
        contact = turns.contacts.get(event.contact)
        if contact is None:
            continue
        if not event.dial:
            contact = later(contact, now + PREVIEW_AGAIN, "o atendente deixou para depois")
            turns.stand(contact)
            yield Keep(contact)
            continue
        yield from _dialled_after_a_look(d, turns, contact, event.agent, now)


def _dialled_after_a_look(
    d: Dialling, turns: Turns, contact: Contact, agent: AgentName, now: Instant
) -> Effects:
    """The world may have changed while the agent looked: all is asked again."""
    contact = later(contact, now, "o atendente mandou chamar")
    stops = d.emergencies or d.others or turns.state is not CampaignState.RUNNING
    verdict = may_be_called(turns.campaign, contact, now, d.world)
    if verdict.yes and not stops and contact.number not in d.attempts.by_number:
        placed = d.ordered(turns, contact, agent, now)
        if placed:
            yield from placed
            return
    elif verdict.for_good:
        contact = finish(contact, Ending.LEFT_OUT, verdict.because)
        turns.keep(contact)
    else:
        turns.stand(contact, verdict.not_before)
    yield Keep(contact)


# --- all stopped, and the time alone ---
def _resumed(d: Dialling, event: Resumed, now: Instant) -> Effects:
    """A clock may have been wrong meanwhile: what was reckoned by it is reckoned anew."""
    d.caps.runaway.resume()
    d.stopped = ""
    d.attempts.clock_was_wrong(now)
    yield from _looked_no_more(d, now, f"recomeça, por {event.by}", None)
    for turns in d.campaigns.values():
        turns.set(turns.campaign)
        turns.hour = turns.hour if turns.hour.starts <= now else Hour()


def _time(d: Dialling, now: Instant) -> Effects:
    for campaign, turns in d.campaigns.items():
        until = turns.campaign.until
        if turns.runs and until is not None and now >= until and not d.caps.runaway.because:
            turns.state = CampaignState.DRAINING
            yield CampaignIs(campaign, turns.state, "o prazo da campanha terminou")
    for name, (_, until) in list(d.previews.items()):
        if now >= until:
            yield from _put_back(d, name, now + PREVIEW_AGAIN, "o atendente não decidiu a tempo")
    for attempt in list(d.attempts.live.values()):
        if attempt.state is AttemptState.ANSWERED and not attempt.agent:
            yield from answered_alone(d, attempt, now)


_TABLE: Final[Mapping[type, Callable[[Dialling, Any, Instant], Effects]]] = {
    CampaignSet: _set,
    CampaignMoved: _moved,
    ContactsLoaded: _loaded,
    ContactCancelled: _cancelled,
    AgentIdle: _idle,
    AgentGone: _gone,
    AgentsSeen: _seen_agents,
    AgentsFreeing: _freeing,
    CallersWait: _callers,
    PreviewDone: _looked,
    AttemptTold: told,
    AttemptEnded: ended,
    SwitchSeen: seen,
    Resumed: _resumed,
}
