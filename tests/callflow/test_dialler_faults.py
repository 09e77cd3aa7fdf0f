"""A day of a dialler to which everything happens: words lost, doubled and late, a store that is
away or answers late, orders of which nobody knows, and a kill between any two acts. The store and
the switch of dial_bed.py assert that nobody is rung twice; here, that everybody's turn comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from dial_bed import NAME, DialBed, campaign, contact

from acd.events import AgentPhone
from dialer.campaign import Mode
from dialer.contacts import ContactState
from terms.names import AgentName, AttemptId
from terms.signals import Phone

AGENTS = ("ana", "bia", "caio")
CONTACTS = 12
ROUNDS = 70


@dataclass
class Day:
    """One seeded day. What the public network does with an attempt is drawn when it is dialled."""

    random: Random
    bed: DialBed
    epoch: int = 1
    loses: float = 0.15
    words: list[tuple[AttemptId, str, str, str]] = field(default_factory=list)
    steps: dict[AttemptId, list[tuple[str, str, str]]] = field(default_factory=dict)

    def agents(self) -> None:
        for name in AGENTS:
            self.bed.agent(name)
            self.bed.keeper.tell(AgentPhone(AgentName(name), Phone.IDLE))

    async def round(self) -> None:
        """Something happens, and some time passes."""
        bed, dice = self.bed, self.random.random()
        if dice < 0.05:
            await self.kill()
        elif dice < 0.10:
            bed.stored.down = not bed.stored.down
        elif dice < 0.14:
            bed.stored.late = self.random.randint(1, 3)
        elif dice < 0.19:
            bed.public.fails = self.random.choice(("", "before", "after"))
        elif dice < 0.30:
            bed.look()
        self.network()
        self.random.shuffle(self.words)
        while self.words and self.random.random() < 0.7:
            self.say(*self.words.pop())
        for _ in range(self.random.randint(0, 12)):
            await asyncio.sleep(0)
        await bed.settle(self.random.choice((0.5, 2.0, 15.0)))

    def network(self) -> None:
        """Each attempt that has a channel goes a step further; its word may be lost, or double."""
        for attempt in list(self.bed.public.channels):
            steps = self.steps.setdefault(attempt, self.fate(attempt))
            if not steps:
                continue
            word = (attempt, *steps.pop(0))
            if word[1] == "gone":
                self.bed.public.channels.pop(attempt)
            if self.random.random() >= self.loses:
                self.words += [word] * self.random.choice((1, 1, 1, 2))

    def fate(self, attempt: AttemptId) -> list[tuple[str, str, str]]:
        alone = not any(agent for one, agent, _ in self.bed.public.ordered if one == attempt)
        rung = [] if alone else [("up", "", "")]
        ends = [
            [("agent", "NOANSWER", "")] if not alone else [("over", "", "")],
            [*rung, ("citizen", "BUSY", "17")],
            [*rung, ("citizen", "NOANSWER", "")],
            [*rung, ("citizen", "CONGESTION", "34")],
            [*rung, ("answers", "", ""), ("gone", "", "")],
            [*rung, ("answers", "", ""), ("gone", "", "")],
        ]
        return self.random.choice(ends)

    def say(self, attempt: AttemptId, what: str, result: str, cause: str) -> None:
        course = self.bed.dialler.courses.of.get(attempt)
        if what == "answers":
            if course is not None and course.offer:
                self.bed.answers(attempt)
            else:
                self.bed.told(attempt, "answered")
        elif what == "gone":
            self.bed.hangs_up(attempt)
        else:
            self.bed.told(attempt, what, result, cause)

    async def kill(self) -> None:
        self.epoch += 1
        self.bed.stored.down = False
        await self.bed.next_process(self.epoch)
        self.agents()
        self.bed.look()

    async def heal(self) -> None:
        """All is well again, for as long as it takes."""
        self.bed.stored.down, self.bed.stored.late, self.bed.public.fails = False, 0, ""
        if self.bed.dialler.dialling.stopped:
            await self.bed.dialler.go_on("eva")
        self.loses = 0.0
        for n in range(60):
            if n % 15 == 0:  # a new shift: whoever was sent to rest for a phone that rang is back
                await self.kill()
            self.network()
            while self.words:
                self.say(*self.words.pop())
            await self.bed.settle(20.0)
            self.bed.look()


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.AGENTLESS])
@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 10))]
)
async def test_nobody_is_rung_twice_and_everybodys_turn_comes(
    seed: int, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callflow.dial_book.DIAL_STORE_AGAIN", 0.0)
    monkeypatch.setattr("callflow.dial_protocol.DIAL_STORE_AGAIN", 0.0)
    monkeypatch.setattr("callflow.dial_calls.DIAL_JUDGE_WAIT", 0.0)
    bed = DialBed((campaign(mode=mode),))
    bed.add(*(contact(n) for n in range(CONTACTS)))
    day = Day(Random(seed), bed)
    day.agents()
    await bed.start()
    for _ in range(ROUNDS):
        await day.round()
    await day.heal()
    results: Any = bed.stored.results()
    live = bed.dialler.dialling.attempts.live
    assert [one for one, result in results.items() if result is None and one not in live] == []
    for one in bed.stored.contacts.values():
        assert one.ordered > 0, one
        if one.state is ContactState.ORDERED:
            assert one.attempt in live
        elif one.state is not ContactState.DONE:
            assert one.state is ContactState.AGAIN
            assert one.not_before > bed.at - 60.0, one
    assert not bed.stored.stopped
    assert bed.stored.settings[NAME].state == "running"
    await bed.dialler.leave()
