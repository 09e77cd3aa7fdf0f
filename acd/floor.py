"""The floor: all callers, agents and offers at one moment, and what follows from what happens.

    handle(event, now) → facts and effects        wake(now) → the same, for what has become due

    CallJoined ─► match ─► MakeOffer ─► OfferAnswered ─► TalkEnded ─► wrap-up ─► idle ─► match
                    ▲          └─► OfferFailed: the caller keeps the head, the agent is judged
                    └──────────────────┘

After every event the two rules hold: nobody waits beside an idle agent who fits, and no agent has
two offers. An event about what is unknown or over changes nothing.
"""

from __future__ import annotations

from acd import absent, callers, consults, dialled, people, talks
from acd import events as ev
from acd.estimate import Expected
from acd.matching import settle
from acd.moves import Handlers, Moves, Result
from acd.view import FloorView, picture
from terms.names import CallId, Instant, OfferId


class Floor(Moves):
    """See the top of this file. `epoch` makes this floor's offers unlike any other's."""

    def handle(self, event: ev.Event, now: Instant) -> list[Result]:
        """What follows from this event. Never raises for an event that comes late or twice."""
        _HANDLERS[type(event)](self, event, now)
        return self._settled(now)

    def wake(self, now: Instant) -> list[Result]:
        """What follows from the time that has passed."""
        self.deadlines.run(now)
        return self._settled(now)

    def _settled(self, now: Instant) -> list[Result]:
        if self.consults or self.directed:
            consults.settle_consults(self, now)
        if self.absent or self.out_held:
            absent.hold_back(self, now)
        settle(self, now)
        if (self.absent or self.out_held) and absent.hold_back(self, now):
            settle(self, now)
        out, self.out = self.out, []
        return out

    def next_deadline(self) -> Instant | None:
        """When to `wake` it, if nothing happens before."""
        return self.deadlines.next()

    def knows(self, offer: OfferId) -> bool:
        """Whether this offer is open on this floor."""
        return offer in self.offers

    def expected(self, call: CallId, now: Instant) -> Expected | None:
        """Where a caller who waits stands, and how long the wait may still be; None for others."""
        return self.estimator.expected(self, call, now)

    def view(self, now: Instant) -> FloorView:
        """A picture of everything."""
        return picture(self.lines.values(), self.callers.values(), self.agents.values(), now)


_HANDLERS: Handlers = {
    **callers.HANDLERS,
    **people.HANDLERS,
    **talks.HANDLERS,
    **consults.HANDLERS,
    **absent.HANDLERS,
    **dialled.HANDLERS,
}
