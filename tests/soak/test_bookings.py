"""Contended bookings: 5,000 over real SIP with two control processes alive, 100,000 on the floor
alone (`make soak`). Nobody is ever booked for two citizens at once.

    C156_SOAK_BOOKINGS=500 make soak       fewer over SIP; a failure of the floor prints its seed
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "switch"))

from contended_bed import contended

from acd import events as ev
from acd.agents import Phone
from acd.effects import MakeOffer, WithdrawOffer
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from terms.facts import Fact
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3_600)]

OVER_SIP = int(os.environ.get("C156_SOAK_BOOKINGS", "5000"))
ON_THE_FLOOR = 100_000
SEED = int(os.environ.get("C156_SOAK_SEED", str(int(time.time()))))
AGENTS, CALLERS = 20, 60


@pytest.mark.switch
def test_over_sip(tmp_path: Path) -> None:
    with contended(tmp_path, OVER_SIP) as bookings:
        answered = bookings.check()
        assert bookings.witness.bookings >= OVER_SIP
        assert bookings.gated > 0
        print(f"{bookings.witness.bookings} bookings, {bookings.gated} refused by the gate, "
              f"answered by epoch: {dict(answered)}")  # fmt: skip


class Rivals:
    """A floor on which three callers want each agent; what is told of offers comes late, twice, or
    never. Who is booked is kept here by the orders alone."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        rules = (
            QueueRule(QueueName("risco"), "199", Skill("risco"), 100),
            QueueRule(QueueName("geral"), "156", Skill("geral"), 40),
        )
        self.floor = Floor(QueueTable(rules), epoch=1)
        self.now, self.bookings, self.numbers = 1_000.0, 0, itertools.count()
        self.booked: dict[AgentName, tuple[OfferId, CallId]] = {}
        self.served: dict[CallId, AgentName] = {}
        self.old: list[OfferId] = []
        for number in range(AGENTS):
            agent = AgentName(f"agente{number}")
            self.tell(ev.AgentPhone(agent, Phone.IDLE))
            self.tell(ev.AgentLoggedIn(agent, {Skill("risco"): 1, Skill("geral"): 1}))
        for _ in range(CALLERS):
            self.comes()

    def comes(self) -> None:
        call, emergency = CallId(f"c{next(self.numbers)}"), self.chance.random() < 0.3
        queue, line = ("risco", "199") if emergency else ("geral", "156")
        self.tell(ev.CallJoined(call, QueueName(queue), 100 if emergency else 40, self.now, line))

    def tell(self, event: ev.Event) -> None:
        self.obey(self.floor.handle(event, self.now))

    def obey(self, results: object) -> None:
        for order in results:  # type: ignore[attr-defined]
            if isinstance(order, MakeOffer):
                assert order.agent not in self.booked, f"{order.agent} is booked twice"
                held = [one for one, (_, call) in self.booked.items() if call == order.call]
                assert not held, f"{order.call} rings at two phones"
                self.booked[order.agent] = order.offer, order.call
                self.bookings += 1
            elif isinstance(order, Fact) and order.details.get("outcome") == OfferOutcome.LOST:
                # no news for longer than it rings: the floor gives it up (the gate would not)
                offer, _ = self.booked.pop(AgentName(order.agent or ""))
                assert offer == order.details["offer"]
                self.old.append(offer)
            elif isinstance(order, WithdrawOffer):
                self.floor_hears_of(
                    order.agent, ev.OfferFailed(order.offer, OfferOutcome.WITHDRAWN)
                )

    def floor_hears_of(self, agent: AgentName, event: ev.Event) -> None:
        """An offer is over: its phone is free before the floor may book it again."""
        offer, _ = self.booked.pop(agent)
        self.old.append(offer)
        self.tell(event)

    def turn(self) -> None:
        """Something happens to one agent's offer, and then something that is not true."""
        self.now += self.chance.uniform(0.01, 0.5)
        self.obey(self.floor.wake(self.now))
        if not self.booked:
            return self.comes()
        agent = self.chance.choice(sorted(self.booked))
        offer, call = self.booked[agent]
        what = self.chance.random()
        if what < 0.6:
            self.tell(ev.OfferAnswered(offer))
            self.now += self.chance.uniform(0.1, 3.0)
            if self.booked.get(agent, ("", ""))[0] == offer:
                self.floor_hears_of(agent, ev.CallLeft(call))
            self.comes()
        elif what < 0.8:
            ending = self.chance.choice([OfferOutcome.UNREACHABLE, OfferOutcome.GATE_CLOSED])
            self.floor_hears_of(agent, ev.OfferFailed(offer, ending))
            self.tell(ev.AgentPhone(agent, Phone.IDLE))
        elif what < 0.9:
            self.floor_hears_of(agent, ev.OfferFailed(offer, OfferOutcome.REFUSED))
        else:
            self.floor_hears_of(agent, ev.CallLeft(call))
            self.comes()
        self.tell(ev.AgentResumed(agent))  # if it was put on pause
        if self.old:
            late = self.chance.choice(self.old[-50:])
            self.tell(self.chance.choice([ev.OfferAnswered(late), ev.OfferRinging(late)]))


def test_on_the_floor() -> None:
    print(f"seed {SEED}")
    rivals = Rivals(SEED)
    turns = 0
    while rivals.bookings < ON_THE_FLOOR:
        rivals.turn()
        turns += 1
        assert turns < 5 * ON_THE_FLOOR, "nobody is booked any more"
