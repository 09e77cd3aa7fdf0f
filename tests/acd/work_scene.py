"""A floor that watches hours, with a clock that the test turns deadline by deadline."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from acd import events as ev
from acd import work_events as we
from acd.agents import Agent
from acd.effects import MakeOffer
from acd.floor import Floor
from acd.pauses import WorkRules
from acd.queues import QueueRule, QueueTable
from acd.shift import Plan, propose
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.signals import Phone

GERAL = QueueRule(QueueName("p156_geral"), "156", Skill("geral"), 30, 15, 20)
RISCO = QueueRule(QueueName("e199_risco"), "199", Skill("risco"), 100, 15, 0)
CITY = ZoneInfo("America/Sao_Paulo")
EIGHT = datetime(2026, 11, 25, 8, 0, tzinfo=CITY).timestamp()
ANA, BIA = AgentName("ana"), AgentName("bia")
MINUTE, HOUR = 60.0, 3_600.0


class Work:
    """See the file's top. It is eight in the morning."""

    def __init__(self, rules: WorkRules | None = None) -> None:
        self.floor = Floor(QueueTable((GERAL, RISCO)), epoch=1)
        self.floor.work = rules or WorkRules()
        self.now = EIGHT
        self.told: list[Fact] = []
        self.calls = 0

    def tell(self, event: Any) -> list[Any]:
        return self._heard(self.floor.handle(event, self.now))

    def until(self, at: float) -> list[Any]:
        """Let the time pass, waking the floor at each of its deadlines."""
        out: list[Any] = []
        while (due := self.floor.next_deadline()) is not None and due <= at:
            self.now = max(self.now, due)
            out += self._heard(self.floor.wake(self.now))
        self.now = max(self.now, at)
        return out

    def wait(self, seconds: float) -> list[Any]:
        return self.until(self.now + seconds)

    def agent(self, name: AgentName = ANA, *skills: str) -> Agent:
        self.tell(ev.AgentPhone(name, Phone.IDLE))
        self.tell(ev.AgentLoggedIn(name, {Skill(skill): 1 for skill in skills or ("geral",)}))
        return self.floor.agents[name]

    def plan(self, name: AgentName = ANA, hours: float = 6.0) -> Plan:
        plan = propose({name: (EIGHT, EIGHT + hours * HOUR)})[name]
        self.tell(we.ShiftPlanned(name, plan))
        return plan

    def call(self, rule: QueueRule = GERAL) -> OfferId | None:
        """A call joins; the offer that is made at once, if one is."""
        self.calls += 1
        call = CallId(f"c{self.calls}")
        joined = self.tell(ev.CallJoined(call, rule.name, rule.priority, self.now, rule.line))
        return next((one.offer for one in joined if isinstance(one, MakeOffer)), None)

    def talk(self, rule: QueueRule = GERAL) -> OfferId:
        offer = self.call(rule)
        assert offer is not None
        self.tell(ev.OfferAnswered(offer))
        return offer

    def facts(self, kind: Kind) -> list[Fact]:
        return [fact for fact in self.told if fact.kind is kind]

    def last(self, kind: Kind) -> Fact:
        return self.facts(kind)[-1]

    def refused(self, event: Any) -> str:
        """Why this was refused; '' when it was not."""
        before = len(self.facts(Kind.ACT_REFUSED))
        self.tell(event)
        found = self.facts(Kind.ACT_REFUSED)[before:]
        return str(found[0].details["because"]) if found else ""

    def _heard(self, results: list[Any]) -> list[Any]:
        self.told += [one for one in results if isinstance(one, Fact)]
        return results
