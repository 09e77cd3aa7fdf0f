"""A city to dial in: people with telephones, a floor with agents, a store and a switch, all small
and seeded; and the faults that they have. It checks, at each order, what must never happen.

The switch knows the true time; the dialler is told `true time + skew`. What the dialler orders is
carried out one effect after the other, so a crash can fall between any two.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from heapq import heappop, heappush
from random import Random
from typing import Any

from dialer.areas import ZONES
from dialer.attempt import Attempt, AttemptState
from dialer.campaign import Campaign, CampaignState, Mode
from dialer.caps import CapRules, Caps
from dialer.contacts import Contact, ContactState
from dialer.dialling import Dialling, Past
from dialer.effects import AllStopped, Join, Keep, Order, Show, Warn, Withdraw
from dialer.eligible import World
from dialer.events import (
    AgentIdle,
    AgentsSeen,
    AttemptEnded,
    AttemptTold,
    CallersWait,
    CampaignMoved,
    CampaignSet,
    ContactsLoaded,
    PreviewDone,
    Resumed,
    SwitchSeen,
)
from dialer.hours import Holidays, local
from dialer.trunks import Trunk
from terms.names import AttemptId, CampaignName, ContactId, QueueName, TrunkName
from terms.outcome import Tried

QUEUE = QueueName("retornos")
TRUNK = TrunkName("rota1")
SHOWN = "1131560000"
MONDAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC).timestamp()
"""Midnight in São Paulo, on a Monday without holiday."""


def clock(hours: float, day: int = 0) -> float:
    """An instant of the simulated week, on São Paulo's clock."""
    return MONDAY + day * 86_400.0 + hours * 3_600.0


def number(n: int, area: str = "11") -> str:
    return f"{area}9{90000000 + n}"


def campaign(name: str = "retorno", **changes: Any) -> Campaign:
    values: dict[str, Any] = {
        "kind": "retorno",
        "mode": Mode.PROGRESSIVE,
        "body": "SMS",
        "subject": "retorno de chamada",
        "caller_id": SHOWN,
        "trunks": (TRUNK,),
        "queue": QUEUE,
    }
    return Campaign(name=CampaignName(name), **{**values, **changes})


def contact(n: int, of: str = "retorno", **changes: Any) -> Contact:
    values: dict[str, Any] = {"number": number(n)}
    return Contact(
        contact=ContactId(f"{of}.{n}"), campaign=CampaignName(of), **{**values, **changes}
    )


def rules(**changes: Any) -> CapRules:
    return CapRules(trunks={TRUNK: Trunk(TRUNK, "operadora")}, **changes)


SHARES = {
    Tried.ANSWERED: 0.30,
    Tried.NO_ANSWER: 0.35,
    Tried.BUSY: 0.10,
    Tried.MACHINE: 0.15,
    Tried.UNREACHABLE: 0.04,
    Tried.INVALID: 0.03,
    Tried.SILENT: 0.02,
    Tried.AGENT: 0.01,
}


@dataclass
class Stored:
    """What is durable."""

    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    attempts: dict[AttemptId, Past] = field(default_factory=dict)
    states: dict[CampaignName, CampaignState] = field(default_factory=dict)

    def keep(self, effect: Keep) -> None:
        now = effect.contact
        before = self.contacts.get(now.contact)
        if before is not None and before.attempt and before.attempt != now.attempt:
            past = self.attempts[before.attempt]
            assert past.result is None, "an attempt ended twice"
            reached = now.tries > before.tries
            self.attempts[before.attempt] = replace(
                past, result=now.results[-1] if reached else Tried.HELD
            )
        if effect.attempt is not None:
            assert effect.attempt.attempt not in self.attempts, "an attempt began twice"
            self.attempts[effect.attempt.attempt] = Past(effect.attempt, None)
        self.contacts[now.contact] = now


@dataclass
class City:
    """See the file's top. `lose`, `double`: shares of the switch's words."""

    seed: int
    campaigns: list[Campaign]
    contacts: list[Contact]
    agents: int = 3
    caps: CapRules = field(default_factory=rules)
    holidays: Holidays = field(default_factory=Holidays)
    do_not_call: frozenset[str] = frozenset()
    barred: dict[str, str] = field(default_factory=dict)
    time: float = field(default_factory=lambda: clock(9.5))
    lose: float = 0.0
    double: float = 0.0
    talk: float = 120.0
    waiting: tuple[int, int] = (0, 0)
    shares: dict[Tried, float] = field(default_factory=lambda: dict(SHARES))

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.skew = 0.0
        self.stored = Stored({one.contact: one for one in self.contacts})
        self.stored.states = {one.name: CampaignState.RUNNING for one in self.campaigns}
        self.coming: list[tuple[float, int, Any]] = []
        self.count = 0
        self.channels: dict[AttemptId, Attempt] = {}
        self.ever: set[AttemptId] = set()
        self.orders: list[tuple[float, Attempt]] = []
        self.by_number: dict[str, list[tuple[float, Attempt]]] = defaultdict(list)
        self.talking: set[str] = set()
        self.names = [f"agente{n}" for n in range(self.agents)]
        self.warnings: list[str] = []
        self.stops: list[str] = []
        self.stopped = ""
        self.answered: Counter[int] = Counter()
        self.dropped: Counter[int] = Counter()
        self.results: Counter[Tried] = Counter()
        self.die_after: int | None = None
        self.start()

    # --- the process ---
    @property
    def now(self) -> float:
        return self.time + self.skew

    def start(self) -> None:
        """A new process, with what is durable and no more."""
        world = World(holidays=self.holidays, do_not_call=self.do_not_call, barred=self.barred)
        self.dialling = Dialling(Caps(self.caps), world)
        self.skew = 0.0
        self.dialling.restore(self.stored.attempts.values(), self.now, self.stopped)
        self.act(
            *(CampaignSet(one, self.stored.states[one.name]) for one in self.campaigns),
            ContactsLoaded(
                tuple(
                    one
                    for one in self.stored.contacts.values()
                    if one.state is not ContactState.DONE
                )
            ),
            CallersWait(*self.waiting),
            SwitchSeen(frozenset(self.channels), self.now),
            self.floor(),
        )

    def floor(self) -> AgentsSeen:
        if self.random.random() < self.lose:  # an old picture: everybody idle
            return AgentsSeen({one: frozenset({QUEUE}) for one in self.names})
        at_work = self.talking | {one.agent for one in self.channels.values()}
        free = [one for one in self.names if one not in at_work]
        return AgentsSeen({one: frozenset({QUEUE}) for one in free})

    def act(self, *events: Any) -> None:
        """A step, and what it orders, one thing after the other."""
        for effect in self.dialling.step(self.now, *events):
            if self.die_after is not None:
                if self.die_after == 0:
                    self.die_after = None
                    self.start()
                    return
                self.die_after -= 1
            self.carry_out(effect)

    def carry_out(self, effect: Any) -> None:
        match effect:
            case Keep():
                self.stored.keep(effect)
            case Order(attempt=attempt):
                self.check(attempt)
                self.dial(attempt)
            case Show(contact=shown, agent=agent):
                self.later(20.0, PreviewDone(shown.contact, agent, self.random.random() < 0.8))
            case Join(attempt=name, agent=agent):
                if name in self.channels:
                    self.answered[int(self.time // 3600)] += 1
                    self.talking.add(agent)
                    self.later(self.random.expovariate(1 / self.talk), ("over", name, agent))
            case Withdraw(attempt=name, because=because):
                if "sem atendente" in because:
                    self.dropped[int(self.time // 3600)] += 1
                    self.answered[int(self.time // 3600)] += 1
                self.later(0.2, ("end", name, Tried.NO_ANSWER, None))
            case Warn(text=text):
                self.warnings.append(text)
            case AllStopped(because=because):
                self.stops.append(because)
                self.stopped = because

    # --- what must never happen ---
    def check(self, attempt: Attempt) -> None:
        rule = next(one for one in self.campaigns if one.name == attempt.campaign)
        digits, area = attempt.number, attempt.number[:2]
        assert attempt.attempt not in self.ever, "ordered twice"
        assert all(digits != one.number for one in self.channels.values()), "two calls at once"
        assert self.stored.attempts[attempt.attempt].result is None, "not durable before the order"
        assert not self.waiting[0], "an emergency waits"
        assert digits not in self.barred
        if not rule.life_safety:
            assert not self.waiting[1], "a caller waits"
            assert digits not in self.do_not_call
            for zone in ZONES[area]:
                there = local(self.time, zone)
                spans = rule.windows.of(there.date(), bool(self.holidays.name(there.date(), area)))
                minute = there.hour * 60 + there.minute
                assert any(a <= minute < b for a, b in spans), f"{there} {area}"
            today = local(self.time, ZONES[area][0]).date()
            assert self.on(digits, today) < rule.attempts_a_day, "too often today"
        assert self.lately(1.0) < self.caps.per_second, "too many in a second"
        assert self.lately(3_600.0) < self.caps.per_hour, "too many in an hour"
        own = sum(1 for at, _ in self.by_number[digits] if at > self.time - 3_600.0)
        assert own < self.caps.per_number, "too many to one number in an hour"
        assert len(self.channels) < self.caps.channels, "too many channels"
        if attempt.agent:
            assert attempt.agent not in self.talking, "an agent booked twice"
            assert all(attempt.agent != one.agent for one in self.channels.values())

    def lately(self, seconds: float) -> int:
        first = bisect_right(self.orders, self.time - seconds, key=lambda one: one[0])
        return len(self.orders) - first

    def on(self, digits: str, day: date) -> int:
        zone = ZONES[digits[:2]][0]
        return sum(
            local(at, zone).date() == day and self.reached(one.attempt)
            for at, one in self.by_number[digits]
        )

    def reached(self, name: AttemptId) -> bool:
        result = self.stored.attempts[name].result
        return result is None or result.reached_for

    # --- the switch, and people ---
    def dial(self, attempt: Attempt) -> None:
        self.ever.add(attempt.attempt)
        self.channels[attempt.attempt] = attempt
        self.orders.append((self.time, attempt))
        self.by_number[attempt.number].append((self.time, attempt))
        result = self.random.choices(list(self.shares), list(self.shares.values()))[0]
        name, rings = attempt.attempt, self.random.uniform(2.0, 20.0)
        self.later(0.5, AttemptTold(name, AttemptState.RINGING))
        if result is not Tried.ANSWERED:
            lasted = 8.0 if result in (Tried.MACHINE, Tried.SILENT) else None
            self.later(rings + (lasted or 0), ("end", name, result, lasted))
            return
        rule = next(one for one in self.campaigns if one.name == attempt.campaign)
        self.later(rings, ("answers", name, rule.mode, attempt.agent))

    def later(self, seconds: float, what: Any) -> None:
        self.count += 1
        heappush(self.coming, (self.time + seconds, self.count, what))

    def said(self, event: Any) -> list[Any]:
        """What reaches the dialler of a word of the switch: once, twice, or never."""
        if self.random.random() < self.lose:
            return []
        return [event, event] if self.random.random() < self.double else [event]

    def happens(self, what: Any) -> list[Any]:
        match what:
            case ("end", name, result, lasted):
                attempt = self.channels.pop(name, None)
                if attempt is None:
                    return []
                self.talking.discard(attempt.agent)
                self.results[result] += 1
                told = self.said(AttemptEnded(name, result, lasted))
                if attempt.agent:
                    told += self.said(AgentIdle(attempt.agent, frozenset({QUEUE})))
                return told
            case ("answers", name, mode, agent):
                if name not in self.channels:
                    return []
                if mode is Mode.PREDICTIVE:
                    return self.said(AttemptTold(name, AttemptState.ANSWERED))
                talk = self.random.expovariate(1 / self.talk)
                self.later(talk, ("end", name, Tried.ANSWERED, talk))
                return self.said(AttemptTold(name, AttemptState.JOINED, agent))
            case ("over", name, agent):
                self.channels.pop(name, None)
                self.talking.discard(agent)
                return [
                    *self.said(AttemptEnded(name, Tried.ANSWERED, 60.0)),
                    *self.said(AgentIdle(agent, frozenset({QUEUE}))),
                ]
            case PreviewDone():
                return [what, self.floor()]
        return self.said(what)

    # --- time ---
    def run(self, seconds: float) -> None:
        """Time goes on: words as they come, and a step whenever the dialler wants one."""
        until = self.time + seconds
        while True:
            wanted = self.dialling.deadline
            asked = until if wanted is None else max(self.time, wanted - self.skew)
            word = self.coming[0][0] if self.coming else until
            then = min(asked, word, until)
            self.time = max(self.time, then)
            if self.coming and self.coming[0][0] <= self.time:
                self.act(*self.happens(heappop(self.coming)[2]))
            elif self.time >= until:
                return
            else:
                if asked == then and self.dialling.deadline == self.now:
                    self.time += 1e-3
                self.act()

    # --- faults, and people who decide ---
    def looked(self) -> None:
        self.act(SwitchSeen(frozenset(self.channels), self.now), self.floor())

    def crash(self, after: int | None = None) -> None:
        """At once, or when so many more effects were carried out."""
        if after is None:
            self.start()
        else:
            self.die_after = after

    def callers(self, emergencies: int, others: int) -> None:
        self.waiting = (emergencies, others)
        self.act(CallersWait(emergencies, others))

    def resume(self) -> None:
        self.skew = 0.0
        self.act()  # the clock is right again: that is a jump too
        self.stopped = ""
        self.act(Resumed("supervisora"))

    def move(self, name: str, to: CampaignState, withdraw: bool = False) -> None:
        self.stored.states[CampaignName(name)] = to
        self.act(CampaignMoved(CampaignName(name), to, "supervisora", withdraw))

    def states(self) -> Counter[ContactState]:
        return Counter(one.state for one in self.stored.contacts.values())

    def all_are_there(self, of: Iterable[Contact]) -> None:
        """No contact is lost: each is done, or the dialler has it."""
        for one in of:
            kept = self.stored.contacts[one.contact]
            if kept.state is not ContactState.DONE:
                turns = self.dialling.campaigns[kept.campaign]
                assert turns.contacts[kept.contact].state == kept.state, kept
