"""Bugs planted into the real floor, each caught by the simulator, by name.

A simulator that finds nothing proves something only if it would have found what is there. Each case
breaks one thing in the production code, as a slip would, and names the invariant that notices.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from invariants import BrokenRule
from simulator import Storm

from acd import callers, matching, needs
from acd import events as ev
from acd.agents import Agent, State, Status
from acd.deadlines import Deadlines
from acd.moves import Moves
from acd.offers import Offer
from acd.pools import IdlePools
from acd.queues import Caller, QueueRule
from acd.rows import QueueLine, Row
from terms.outcome import OfferOutcome
from terms.signals import Phone

Plant = Callable[[pytest.MonkeyPatch], None]
BUGS: dict[str, tuple[str | tuple[str, ...], Plant]] = {}
SEEDS, STEPS = range(12), 500


def plants(name: str, *caught_by: str) -> Callable[[Plant], Plant]:
    def note(plant: Plant) -> Plant:
        BUGS[name] = caught_by, plant
        return plant

    return note


@plants("the last to come is served first", "first come, first served in a row")
def _(patch: pytest.MonkeyPatch) -> None:
    place = property(lambda self: (-self.priority, -self.joined, -self.order))
    patch.setattr(Caller, "place", place)


@plants("priority counts for nothing", "fair order")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Caller, "urgency", lambda self, now: (not self.rule.emergency, 0))


@plants("emergencies wait like everybody", "fair order")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Caller, "urgency", lambda self, now: (False, -self.priority))


@plants("waiting adds no priority", "fair order")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Caller, "urgency", lambda self, now: (not self.rule.emergency, -self.priority))


def may_be_offered(patch: pytest.MonkeyPatch, what: Callable[[Agent, float], bool]) -> None:
    patch.setattr(Agent, "may_be_offered", what)


@plants("who is rung already is rung for another", "one booking")
def _(patch: pytest.MonkeyPatch) -> None:
    may_be_offered(
        patch,
        lambda self, now: (
            self.status is Status.AVAILABLE
            and self.state in (State.IDLE, State.OFFERED)
            and self.phone is Phone.IDLE
        ),
    )


@plants("who pauses is rung", "only who is free is rung")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = IdlePools.refresh

    def refresh(self: IdlePools, agent: Agent, now: float) -> None:
        if agent.status is not Status.PAUSED:
            kept(self, agent, now)

    patch.setattr(IdlePools, "refresh", refresh)


@plants("a phone that is on a foreign call is rung", "only who is free is rung")
def _(patch: pytest.MonkeyPatch) -> None:
    may_be_offered(
        patch,
        lambda self, now: (
            self.status is Status.AVAILABLE and self.state is State.IDLE and self.rest_until <= now
        ),
    )


@plants("the level of a skill is not looked at", "only who fits is rung")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(needs.Need, "met_by", lambda self, skills: self.skill in skills)


@plants("what a call needs beside the skill is forgotten", "only who fits is rung")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(needs.Needs, "met_by", lambda self, skills: True)


@plants("all rings are open at once", "only who fits is rung")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(QueueRule, "widens", lambda self, needs=None: (0.0,) * len(self.rings))


@plants("the reserve is called for everything", "only who fits is rung")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = needs.Profile.__init__
    patch.setattr(
        needs.Profile,
        "__init__",
        lambda self, skills, subjects, reserve: kept(self, skills, subjects, False),
    )


@plants("nobody looks again when a ring opens", "nobody is idle beside a caller", "fair order")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Row, "next_due", lambda self, now: None)


@plants("who comes back from a pause is not seen", "nobody is idle beside a caller")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.set_status

    def set_status(self: Moves, agent: Agent, status: Status, *more: object) -> None:
        kept(self, agent, status, *more)  # type: ignore[arg-type]
        self.idle.touched.clear()

    patch.setattr(Moves, "set_status", set_status)


@plants("a caller who comes back is not looked at", "nobody is idle beside a caller")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = matching.settle

    def settle(floor: Moves, now: float) -> None:
        floor.standing.touched.clear()
        kept(floor, now)

    patch.setattr("acd.floor.settle", settle)


@plants("an offer that failed keeps its agent", "one booking")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.end_offer

    def end_offer(self: Moves, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        kept(self, offer, outcome, now)
        if outcome is OfferOutcome.UNREACHABLE:
            self.agents[offer.agent].state = State.OFFERED

    patch.setattr(Moves, "end_offer", end_offer)


@plants("an offer ends twice", "an offer ends once", "one booking")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.end_offer

    def end_offer(self: Moves, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        kept(self, offer, outcome, now)
        ended = [one for one in self.out if getattr(one, "kind", None) == "offer_ended"]
        self.out.append(ended[-1])

    patch.setattr(Moves, "end_offer", end_offer)


@plants("who has been served stays on the floor", "nobody vanishes", "one place")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Moves, "forget", lambda self, caller: None)


@plants("who hangs up stays in the line", "one place", "nobody vanishes")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Moves, "step_aside", lambda self, caller: self.line(caller).rows() and None)


@plants("a caller loses the place when an offer fails", "a place is kept")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.end_offer

    def end_offer(self: Moves, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        kept(self, offer, outcome, now)
        self.callers[offer.call].joined = now

    patch.setattr(Moves, "end_offer", end_offer)


@plants("who gives up is not counted", "tallies balance")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = callers.HANDLERS[ev.CallLeft]

    def left(floor: Moves, event: ev.CallLeft, now: float) -> None:
        before = {name: line.tally.abandoned for name, line in floor.lines.items()}
        kept(floor, event, now)
        for name, count in before.items():
            floor.lines[name].tally.abandoned = count

    patch.setitem(_handlers(), ev.CallLeft, left)


@plants("an answer is counted twice", "tallies balance")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.begin_talk

    def begin_talk(self: Moves, offer: Offer, since: float, now: float) -> None:
        kept(self, offer, since, now)
        self.line(self.callers[offer.call]).tally.answered += 1

    patch.setattr(Moves, "begin_talk", begin_talk)


@plants("an offer that nobody speaks of is never given up", "silence about an offer ends")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Deadlines.add

    def add(self: Deadlines, at: float, still_due: object, act: Callable[[float], None]) -> None:
        if "_lose" not in act.__code__.co_names:
            kept(self, at, still_due, act)  # type: ignore[arg-type]

    patch.setattr(Deadlines, "add", add)


@plants("a wrap-up lasts for ever", "a wrap-up ends")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Moves, "wrap_up_over", lambda self, agent, now: None)


@plants("who does not answer is rung again", "who does not answer is paused")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.set_status

    def set_status(self: Moves, agent: Agent, status: Status, reason: str, now: float) -> None:
        if reason != "não-atendeu":
            kept(self, agent, status, reason, now)

    patch.setattr(Moves, "set_status", set_status)


@plants("an emergency takes nothing back", "an emergency takes what rings")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(matching, "_make_room", lambda floor, now: None)


@plants("new queues lose who waits", "one place")
def _(patch: pytest.MonkeyPatch) -> None:
    kept = callers.HANDLERS[ev.ConfigurationChanged]

    def configured(floor: Moves, event: ev.ConfigurationChanged, now: float) -> None:
        kept(floor, event, now)
        for name, line in floor.lines.items():
            floor.lines[name] = QueueLine(line.rule, floor.standing, line.tally, line.load)

    patch.setitem(_handlers(), ev.ConfigurationChanged, configured)


@plants(
    "what is over is answered all the same",
    *("an offer ends once", "an emergency takes what rings"),
)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Offer, "may_become", lambda self, state: True)


def _handlers() -> dict:
    from acd import floor

    return floor._HANDLERS


def caught(plant: Plant) -> str:
    """The name of the first rule that a storm finds broken; empty when none does."""
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        for seed in SEEDS:
            try:
                Storm(seed).run(STEPS)
            except BrokenRule as broken:
                return broken.rule
    return ""


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught_by_name(bug: str) -> None:
    caught_by, plant = BUGS[bug]
    assert caught(plant) in caught_by


def test_without_a_bug_nothing_is_caught() -> None:
    assert caught(lambda patch: None) == ""
    assert len(BUGS) >= 20
