"""The storm with a dialler in it: it asks for agents, lets them look, dials, gives up, is late and
says things twice. Nothing that it does may be seen by a caller or in a queue's figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from invariants import BrokenRule, emergency, fits
from simulator import Storm

from acd import dial_events as de
from acd import events as ev
from acd import promise_events as pe
from acd.effects import CallBack, DialRefused, DialTakenBack, MakeOffer, Preview
from acd.lending import lendable, waiting, why_not_lent
from acd.queues import Where
from terms.names import CallId, OfferId
from terms.outcome import OfferOutcome


@dataclass(slots=True)
class DialStorm(Storm):
    """See the file's top."""

    attempts: int = 0
    previews: list[Preview] = field(default_factory=list)
    dials: list[CallBack] = field(default_factory=list)  # what the switch still rings
    dialled_talks: int = 0
    refused: int = 0
    taken_back: int = 0
    looked: int = 0

    def acts(self) -> list[Callable[[], None]]:
        """Fewer callers than in other storms, or there would be nobody to lend."""
        calm = [one for one in Storm.acts(self) if one != self._arrive] + [self._arrive] * 2
        return [
            *calm,
            *[self._reserve] * 8,
            *[self._dial_on] * 5,
            self._look_done,
            self._dial_noise,
            self._called_joins,
        ]

    def ordered(self, result: object) -> None:
        match result:
            case Preview():
                self.previews.append(result)
            case CallBack():
                self.dials.append(result)
            case DialRefused():
                self.refused += 1
            case DialTakenBack():
                self.taken_back += 1
                self.previews = [one for one in self.previews if one.offer != result.offer]
            case _:
                pass

    def _called_joins(self) -> None:
        """Somebody who was called alone has answered, and waits in a line for a moment."""
        self.calls += 1
        rule = self.random.choice(self.floor.queues.rules)
        where = (rule.name, rule.priority + 10, self.now, rule.line)
        self.tell(ev.CallJoined(CallId(f"c{self.calls}"), *where, called=True))

    def _reserve(self) -> None:
        """Mostly of whom the floor says that they may be had, and now and then of anybody."""
        if self.random.random() < 0.2:
            self.now += self.random.choice((1.0, 4.0))  # and nobody has woken the floor
        queues = [rule.name for rule in self.floor.queues.rules]
        lent = lendable(self.floor, queues, self.now)
        if self.checked:
            self._check_lent(lent, queues)
        if lent and self.random.random() < 0.8:
            agent = next(iter(lent))
            queue = self.random.choice(sorted(lent[agent]))
        else:
            agent, queue = self.random.choice(list(self._people)), self.random.choice(queues)
        self.attempts += 1
        preview = self.random.choice((0.0, 0.0, 5.0))
        call = CallId(f"contato{self.attempts}-1")
        self.tell(de.DialReserved(call, agent, queue, "156", 15.0, preview))

    def _check_lent(self, lent, queues) -> None:
        """The same by looking at everybody."""
        floor, now = self.floor, self.now
        there = [one for one in floor.callers.values() if one.where is Where.WAITING]
        urgent = sum(map(emergency, there))
        if waiting(floor) != (urgent, len(there) - urgent):
            raise BrokenRule("who waits is told", f"{waiting(floor)}, {urgent} of {len(there)}")
        if lent and (urgent or floor.storms):
            raise BrokenRule("nobody is lent while an emergency waits", str(lent))
        since = [floor.agents[name].idle_since for name in lent]
        if since != sorted(since):
            raise BrokenRule("who is idle longest is lent first", str(since))
        for agent in floor.agents.values():
            one_by_one = {name for name in queues if not why_not_lent(floor, agent.name, name, now)}
            if not lent.get(agent.name, frozenset()) <= one_by_one:
                raise BrokenRule("who is lent can be had", agent.name)
            free = self.watch._free(agent, now)
            wanted = any(fits(one, agent, now, floor.storms) for one in there)
            if one_by_one and (not free or wanted):
                raise BrokenRule("nobody is lent whom a caller waits for", agent.name)
        self.looked += bool(lent)

    def _look_done(self) -> None:
        if self.previews:
            one = self.previews.pop(self.random.randrange(len(self.previews)))
            goes_on = self.random.random() < 0.7
            self.tell(de.DialGoesOn(one.call) if goes_on else de.DialOver(one.call))

    def _dial_on(self) -> None:
        """What the switch and the dialler say of an attempt; now and then nothing."""
        if not self.dials:
            return
        dial, what = self.dials.pop(self.random.randrange(len(self.dials))), self.random.random()
        if what < 0.3:
            outcomes = [one for one in OfferOutcome if one is not OfferOutcome.ANSWERED]
            self.tell(ev.OfferFailed(dial.offer, self.random.choice(outcomes)))
        elif what < 0.4:
            self.tell(de.DialOver(dial.call))
        elif what < 0.95:
            self.tell(ev.OfferRinging(dial.offer))
            self.tell(pe.CallBackCalling(dial.offer))
            if self.random.random() < 0.3:
                self.dials.append(dial)  # the citizen's phone goes on ringing
            else:
                self._citizen_answers(dial)

    def _citizen_answers(self, dial: CallBack) -> None:
        self.calls += 1
        call = CallId(f"c{self.calls}")
        self.tell(pe.CallBackAnswered(dial.offer, call))
        caller = self.floor.callers.get(call)
        if caller is not None and caller.where is Where.TALKING:
            self.dialled_talks += 1
            made = MakeOffer(dial.offer, call, dial.agent, dial.ring_seconds, dial.because)
            self.talks[dial.offer] = made, self.now

    def _dial_noise(self) -> None:
        call = CallId(f"contato{self.random.randint(1, self.attempts + 1)}-1")
        known = [one.offer for one in self.dials] or [OfferId("6-1")]
        offer = self.random.choice(known)
        words: list[ev.Event] = [
            de.DialOver(call),
            de.DialGoesOn(call),
            pe.CallReturned(CallId(f"volta{self.events}"), call),
            pe.CallBackLater(call, self.now + 5),
            pe.CallBackOver(call),
            pe.CallBackCalling(offer),
            ev.CallAway(call),
            ev.CallHere(call),
            ev.CallLeft(call),
        ]
        self.tell(self.random.choice(words))

    def _restart(self) -> None:
        self.previews.clear()
        self.dials.clear()
        Storm._restart(self)
