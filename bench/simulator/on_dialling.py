"""The production dialler on the street of bench/simulator/street.py: the real `Dialling`, told the
events that it is told in production, and nothing else; no formula of its own is here.

One predictive (or progressive) campaign. Contacts come as they are needed; none is tried twice. The
caps are so wide that they do not matter, the windows are the usual ones. `Handlings` foretells who
becomes free, told once a second, as callflow does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.simulator.street import HOUR, Act, Dial, Drop, Join
from dialer.attempt import AttemptState
from dialer.campaign import Campaign, CampaignState, Kind, Mode
from dialer.caps import CapRules, Caps
from dialer.contacts import Contact
from dialer.dialling import Dialling
from dialer.effects import AllStopped, Order, Withdraw
from dialer.effects import Join as JoinThem
from dialer.events import (
    AgentIdle,
    AgentsFreeing,
    AttemptEnded,
    AttemptTold,
    CampaignSet,
    ContactsLoaded,
    Event,
)
from dialer.freeing import Handlings
from dialer.trunks import Trunk
from terms.limits import DIAL_AT_HAND, DIAL_PAGE
from terms.names import AgentName, AttemptId, CampaignName, ContactId, Instant, QueueName, TrunkName
from terms.outcome import Tried

QUEUE, TRUNK, NAME = QueueName("retornos"), TrunkName("rota"), CampaignName("pesquisa")
MONDAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC).timestamp()
"""Midnight in São Paulo."""
WIDE = 10**9


@dataclass
class OnDialling:
    """See the file's top. `opens`: seconds of the day at which the simulated time is 0."""

    mode: Mode = Mode.PREDICTIVE
    opens: float = 9 * HOUR
    dialling: Dialling = field(init=False)
    handlings: Handlings = field(default_factory=Handlings)
    taken: dict[str, float] = field(default_factory=dict)
    loaded: int = 0
    freeing_at: float = 0.0

    def __post_init__(self) -> None:
        trunk = Trunk(TRUNK, "operadora", True, channels=WIDE, per_second=WIDE, month=WIDE)
        rules = CapRules({TRUNK: trunk}, WIDE, per_second=WIDE, per_hour=WIDE)
        self.dialling = Dialling(Caps(rules))

    def begin(self, agents: list[str], now: float) -> Iterable[Act]:
        campaign = Campaign(
            name=NAME,
            kind=Kind.SURVEY,
            mode=self.mode,
            body="SMS",
            subject="pesquisa",
            caller_id="1131560000",
            trunks=(TRUNK,),
            queue=QUEUE,
            retries={},
        )
        idle = (AgentIdle(AgentName(one), frozenset({QUEUE})) for one in agents)
        return self._tell(now, CampaignSet(campaign, CampaignState.RUNNING), *idle)

    def answered(self, call: str, now: float) -> Iterable[Act]:
        return self._tell(now, AttemptTold(AttemptId(call), AttemptState.ANSWERED))

    def in_vain(self, call: str, busy: bool, now: float) -> Iterable[Act]:
        result = Tried.BUSY if busy else Tried.NO_ANSWER
        return self._tell(now, AttemptEnded(AttemptId(call), result))

    def over(self, call: str, agent: str, now: float) -> Iterable[Act]:
        return self._tell(now, AttemptEnded(AttemptId(call), Tried.ANSWERED, 60.0))

    def idle(self, agent: str, now: float) -> Iterable[Act]:
        self.handlings.took(now - self.taken.pop(agent))
        return self._tell(now, AgentIdle(AgentName(agent), frozenset({QUEUE})))

    def wake(self, now: float) -> Iterable[Act]:
        if now < self.freeing_at:
            return self._tell(now)
        self.freeing_at = now + 1.0
        soon = self.handlings.soon(now - since for since in self.taken.values())
        return self._tell(now, AgentsFreeing(QUEUE, soon))

    def next_wake(self) -> float:
        wants = self.dialling.deadline
        return self.freeing_at if wants is None else min(self.freeing_at, wants - self._clock(0.0))

    def _clock(self, now: float) -> Instant:
        return Instant(MONDAY + self.opens + now)

    def _tell(self, now: float, *events: Event) -> Iterator[Act]:
        news = [*events, *self._page()]
        for effect in self.dialling.step(self._clock(now), *news):
            if isinstance(effect, Order):
                if effect.attempt.agent:
                    self.taken[effect.attempt.agent] = now
                yield Dial(effect.attempt.attempt)
            elif isinstance(effect, JoinThem):
                self.taken[effect.agent] = now
                yield Join(effect.attempt, effect.agent)
            elif isinstance(effect, Withdraw):
                yield Drop(effect.attempt)
                yield from self._tell(now, AttemptEnded(effect.attempt, Tried.ANSWERED))
            elif isinstance(effect, AllStopped):
                raise RuntimeError(effect.because)

    def _page(self) -> Iterator[ContactsLoaded]:
        turns = self.dialling.campaigns.get(NAME)
        if turns is not None and turns.at_hand() < DIAL_AT_HAND:
            first, self.loaded = self.loaded, self.loaded + DIAL_PAGE
            numbers = range(first, self.loaded)
            yield ContactsLoaded(tuple(_contact(number) for number in numbers))


def _contact(number: int) -> Contact:
    return Contact(ContactId(f"c{number}"), NAME, f"119{number:08d}")
