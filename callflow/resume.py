"""A citizen calls again: with protocol and place of the call before, if that one is not done.

Whoever was promised a call-back has the place of the promise, at once; whoever dropped out a few
minutes ago keeps the protocol and the time waited, and says in the menu what it is about (R74). On
199 and 153 both lead straight to the queue, at the place of the first call.
"""

from __future__ import annotations

from acd.promises import How, Promise
from callflow.data import data_from_text
from callflow.door import from_the_door, opened, refused
from callflow.place import Place
from callflow.visit import Do, Visit
from terms.facts import Kind
from terms.names import CallId, Instant
from terms.names import Protocol as ProtocolNumber
from terms.stages import Stage


async def resume(visit: Visit) -> Stage | Do | None:
    """Go on with the call before; None when there is none. Raises what the store raises."""
    backs = visit.tools.call_backs
    if backs is None or visit.test:
        return None
    now = visit.tools.clock()
    made = backs.waiting_for(visit.caller, visit.line)
    if made is not None:
        await _open(visit, made.call, made.protocol, "returned")
        if made.how is not How.EMERGENCY and await refused(visit):
            return Stage.ENDED
        return await _has_the_place(visit, made, now)
    before = backs.cases.dropped(visit.caller, visit.line, now)
    if before is None or not before.protocol:
        return None
    await _open(visit, before.call, before.protocol, "redial")
    return await from_the_door(visit, before.joined)


async def _open(visit: Visit, of: CallId, protocol: ProtocolNumber, how: str) -> None:
    """The call with the number of the one before, durable; StepOver when it is over already."""
    tools, backs = visit.tools, visit.tools.call_backs
    assert backs is not None
    await backs.store.resume_call(
        visit.call,
        visit.line,
        visit.entry,
        visit.caller,
        visit.place.arrived,
        bool(visit.test),
        visit.place.version,
        visit.relay,
        of,
        protocol,
        how,
    )
    visit.place = visit.place.but(protocol=protocol, of=of)
    opened(visit)
    tools.book.calls[visit.call].of = of


async def _has_the_place(visit: Visit, made: Promise, now: Instant) -> Stage | Do:
    """The place of the promise, which ends by that; it stands on the channel first."""
    backs = visit.tools.call_backs
    assert backs is not None
    if made.how is How.EMERGENCY:
        backs.returned(visit)  # a crash right here finds the call before among those that dropped
        return await from_the_door(visit, made.joined)
    place = Place.from_text(made.place)
    visit.place = place.but(
        protocol=made.protocol,
        of=made.call,
        joined=made.joined,
        arrived=now,
        outcome="",
        messages=0,
        message_at=0,
    )
    visit.data = data_from_text(made.data)
    await visit.mark(Stage.WAITING, visit.place, C156_PROTOCOL=made.protocol)
    visit.note(
        Kind.QUEUED,
        queue=place.queue,
        priority=place.priority,
        note=place.note,
        joined=made.joined,
    )
    backs.returned(visit)
    return Stage.WAITING
