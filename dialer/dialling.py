"""What is dialled next: events in, effects out, and when it wants to be asked again.

    Dialling.step(now, *events) -> effects        Dialling.deadline -> the instant of the next step

The order of things in a step: the clock is looked at; events change what is known; what nobody
has decided in time is put back; then calls are placed, the campaign of the highest priority
first, campaigns of one priority in turns. Nothing is placed

* while a caller of 199 or 153 waits, by any campaign; what rings with an agent is hung up;
* while any other caller waits, but by life-safety campaigns that need no agent (inbound wins); an
  agent who looks, or whose phone rings and no citizen's yet, is given back to the callers;
* while all has stopped (dialer/runaway.py).

Progressive and preview reserve an agent first. Predictive and agentless calls run through the same
events; predictive ones find their agent at the answer, within DROP_AFTER, or are dropped.
Agents are the floor's: one that was used comes back by `AgentIdle` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from dialer.attempt import Attempt, Attempts
from dialer.campaign import Campaign, CampaignState, Mode
from dialer.caps import Caps, Refused
from dialer.contacts import Contact, ContactState, order
from dialer.effects import AllStopped, CampaignIs, Effect, Keep, Order, Show, Warn
from dialer.eligible import IN_CALL_AGAIN, World
from dialer.events import Event
from dialer.happenings import happens
from dialer.hours import local_day
from dialer.pacing import predictive
from dialer.trunks import CITY_AREA
from dialer.turns import Looks, Turns
from terms.limits import (
    DIALER_LOOKS_A_STEP,
    DIALER_ORDERS_A_STEP,
    DIALER_TICK,
    DROP_AFTER,
    PREVIEW_SECONDS,
    TRIES_KEPT,
)
from terms.names import AgentName, AttemptId, CampaignName, ContactId, Instant, QueueName
from terms.outcome import Tried


@dataclass(frozen=True, slots=True)
class Past:
    """An attempt as the store remembers it; `result` None: nobody has told of its end."""

    attempt: Attempt
    result: Tried | None


@dataclass(slots=True)
class Dialling:
    """See the file's top. One owner tells it events and carries out what it orders."""

    caps: Caps
    world: World = field(default_factory=World)
    campaigns: dict[CampaignName, Turns] = field(default_factory=dict)
    attempts: Attempts = field(default_factory=Attempts)
    agents: dict[AgentName, frozenset[QueueName]] = field(default_factory=dict)
    previews: dict[ContactId, tuple[AgentName, Instant]] = field(default_factory=dict)
    freeing: dict[QueueName, float] = field(default_factory=dict)
    dropped: set[AttemptId] = field(default_factory=set)  # hung up for want of an agent
    emergencies: int = 0
    others: int = 0
    deadline: Instant | None = None
    stopped: str = ""  # why, as people were told
    _forget_at: Instant = 0.0
    _soon: bool = False  # there was more to do than a step does

    def step(self, now: Instant, *events: Event) -> list[Effect]:
        """What follows from the time and from what has happened."""
        self.caps.runaway.clock(now, idle=self.deadline is None)
        self._forget(now)
        out: list[Effect] = []
        for event in events:
            out += happens(self, event, now)
        out += happens(self, None, now)
        out += self._placed(now)
        out += self._drained()
        because = self.caps.runaway.because
        if because and because != self.stopped:
            out.append(AllStopped(because))
        self.stopped = because
        self.deadline = self._next_look(now)
        return out

    def restore(self, past: Iterable[Past], now: Instant, stopped: str = "") -> None:
        """What a start finds in the store: today's attempts at least, and all without an end.
        Those without an end hold their numbers and channels until the switch is looked at; their
        contacts are loaded in the first step. `stopped`: why all had stopped, and nobody has said
        go on since."""
        self.caps.runaway.because = self.stopped = stopped
        for one in sorted(past, key=lambda one: one.attempt.at):
            attempt = one.attempt
            self.caps.restored(attempt.attempt, attempt.number, attempt.trunk, attempt.at, now)
            if one.result is None or one.result.reached_for:
                self.world.tries.made(attempt.number, attempt.attempt, attempt.at)
            if one.result is None:
                self.attempts.begin(replace(attempt, heard_at=now))
                self.caps.still_live(attempt.attempt, attempt.number, attempt.trunk, attempt.at)

    def _forget(self, now: Instant) -> None:
        """Tries of days that are over on every clock; never by a clock that may be wrong."""
        if now >= self._forget_at and not self.caps.runaway.because:
            self._forget_at = now + TRIES_KEPT
            self.world.tries.forget(local_day(now - TRIES_KEPT, CITY_AREA))

    # --- placing calls ---
    def _placed(self, now: Instant) -> Iterator[Effect]:
        self._soon = False
        looks = Looks(DIALER_LOOKS_A_STEP)
        for _ in range(DIALER_ORDERS_A_STEP):
            placed: list[Effect] = []
            for turns in self._ranked(now):
                agent = self._agent_for(turns.campaign)
                placed += self._one(turns, agent, now, looks)
                if any(isinstance(effect, Order | Show) for effect in placed):
                    break
            else:
                yield from placed
                self._soon = looks.left <= 0
                return
            yield from placed
        self._soon = True

    def _ranked(self, now: Instant) -> list[Turns]:
        """The campaigns that may place a call now, the first of them first."""
        if self.caps.runaway.because or self.emergencies:
            return []
        may = [turns for turns in self.campaigns.values() if self._may(turns, now)]
        return sorted(may, key=lambda one: (one.campaign.priority, one.served, one.campaign.name))

    def _may(self, turns: Turns, now: Instant) -> bool:
        campaign = turns.campaign
        if turns.state is not CampaignState.RUNNING or now < turns.blocked_until:
            return False
        alone = campaign.mode is Mode.AGENTLESS
        if self.others and not (alone and campaign.life_safety):
            return False
        if alone:
            return True
        if campaign.mode is Mode.PREDICTIVE:
            return self._paced(turns, now) > 0
        return bool(self._agent_for(campaign))

    def _paced(self, turns: Turns, now: Instant) -> int:
        """How many more calls a predictive campaign may place."""
        queue = turns.campaign.queue
        idle = sum(queue in queues for queues in self.agents.values())
        turns.rings.until(now)
        return predictive(
            idle,
            list(self._promised(queue, now)),
            self.freeing.get(queue, 0.0),
            turns.answers,
            turns.rings.doubt,
            turns.hour,
            now,
            turns.answers_left(),
        )

    def _promised(self, queue: QueueName, now: Instant) -> Iterator[float]:
        """How likely each call that finds its agent at the answer wants one of this queue."""
        for attempt in self.attempts.live.values():
            turns = self.campaigns.get(attempt.campaign)
            if turns is None or attempt.agent or attempt.attempt in self.dropped:
                continue
            if turns.campaign.queue == queue and turns.campaign.mode is Mode.PREDICTIVE:
                yield turns.rings.chance(now - attempt.at) if attempt.waits else 1.0

    def _agent_for(self, campaign: Campaign) -> AgentName:
        """Who has been idle longest for this campaign's queue; '' for nobody, or none needed."""
        if not campaign.mode.reserves:
            return AgentName("")
        fit = (agent for agent, queues in self.agents.items() if campaign.queue in queues)
        return next(fit, AgentName(""))

    def _one(self, turns: Turns, agent: AgentName, now: Instant, looks: Looks) -> list[Effect]:
        """One call of this campaign, or one contact shown; and those left out on the way."""
        out: list[Effect] = []
        while looks.left > 0:
            contact, left_out = turns.next(now, self.world, looks)
            out += [Keep(one) for one in left_out]
            if contact is None:
                return out
            if contact.number in self.attempts.by_number:
                turns.stand(contact, now + IN_CALL_AGAIN)
                continue
            if turns.campaign.mode is Mode.PREVIEW:
                return out + self.shown(turns, contact, agent, now)
            placed = self.ordered(turns, contact, agent, now)
            out += placed
            if placed or now < turns.blocked_until:
                return out
        return out

    def shown(self, turns: Turns, contact: Contact, agent: AgentName, now: Instant) -> list[Effect]:
        """An agent looks at it first."""
        contact = replace(contact, state=ContactState.DUE)
        turns.keep(contact)
        turns.served += 1
        del self.agents[agent]
        self.previews[contact.contact] = (agent, now + PREVIEW_SECONDS)
        return [Keep(contact), Show(contact, agent)]

    def ordered(
        self, turns: Turns, contact: Contact, agent: AgentName, now: Instant
    ) -> list[Effect]:
        """The order to dial, if the caps admit it; else it waits, and [] is returned."""
        campaign, name = turns.campaign, contact.next_attempt
        said = self.caps.admit(name, contact.number, campaign.trunks, now)
        if isinstance(said, Refused):
            if not said.own:
                turns.blocked_until = now + said.again
                turns.give_back(contact)
            else:
                turns.stand(contact, now + said.again)
            return []
        attempt = Attempt(
            attempt=name,
            contact=contact.contact,
            campaign=campaign.name,
            number=contact.number,
            trunk=said.trunk,
            at=now,
            ring_seconds=campaign.ring_seconds,
            agent=agent,
            heard_at=now,
        )
        because = contact.because
        contact = order(contact)
        turns.keep(contact)
        turns.served += 1
        self.agents.pop(agent, None)
        self.attempts.begin(attempt)
        self.world.tries.made(contact.number, name, now)
        warnings: list[Effect] = [Warn(text) for text in said.warnings]
        return [*warnings, Keep(contact, attempt), Order(attempt, campaign.caller_id, because)]

    # --- the end of a step ---
    def _drained(self) -> Iterator[Effect]:
        for name, turns in self.campaigns.items():
            if turns.state is not CampaignState.DRAINING:
                continue
            if not any(one.campaign == name for one in self.attempts.live.values()):
                turns.state = CampaignState.DONE
                turns.contacts.clear()
                yield CampaignIs(name, turns.state, "a última chamada terminou")

    def _next_look(self, now: Instant) -> Instant | None:
        """While anything could run, or the last hour is not forgotten, a gap would be a jump."""
        still = (CampaignState.DRAFT, CampaignState.DONE)
        running = any(one.state not in still for one in self.campaigns.values())
        if not (running or self.attempts.live or self.previews or self.caps.remembers):
            return None
        if self._soon:
            return now
        answered = [one.answered_at for one in self.attempts.live.values() if not one.agent]
        drops = [at + DROP_AFTER for at in answered if at is not None and at + DROP_AFTER > now]
        paced = [one.blocked_until for one in self.campaigns.values() if one.runs]
        return min([now + DIALER_TICK, *drops, *(at for at in paced if at > now)])
