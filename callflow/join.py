"""The menu sends a caller to a queue: which one it is now, and what is written down of it.

The place begins when the menu says so and is kept through every return to it. A hand-over to
another line keeps more: its place is that of a call that came in when this one did (its wait is
not: that begins with a queue, R71), and from then on the call is that line's, for the cap of 156,
for the static path and for every later step.
"""

from __future__ import annotations

from callflow.hours import open_queue
from callflow.visit import Visit
from ivr.turn import JoinQueue, Turn
from terms.facts import Kind
from terms.names import PROOF_QUEUE, Instant, QueueName
from terms.stages import Stage

PROOF = "proof"
"""What C156_TEST says for the call by which a starting centre proves itself. It joins PROOF_QUEUE,
whatever the menu chose, so that no agent at work is disturbed."""

RELAY_NOTE = "intermediação para surdos"
"""What the agent reads before the subject of a call that an interpreter makes."""

PREFACE, BEFORE, QUEUE_TEXT = "preface", "before", "queue"
"""What `place.heard` says of a citizen who has been told what was said on the way to the queue,
the line's greeting of those who wait, and what the queue's own node says."""


async def join(visit: Visit, turn: Turn) -> Stage:
    """Take the place that this turn gives; what it says is heard while waiting."""
    then = turn.then
    assert isinstance(then, JoinQueue)
    joined = visit.place.joined
    if then.line != visit.line:
        # Its place there is that of a call that came in just then; its wait is not (R71): that
        # began when a queue was handed the call, here or before.
        here = joined if joined >= visit.arrived else 0.0  # not the place of a call before
        waits_from = visit.place.waits_from or here or visit.tools.clock()
        visit.place = visit.place.but(waits_from=waits_from)
        joined = visit.arrived
        await hand_over(visit, then.line)
    else:
        visit.place = visit.place.but(node=turn.position.to_text())
    take_place(visit, then, joined or visit.tools.clock(), turn)
    return Stage.WAITING


def take_place(visit: Visit, then: JoinQueue, joined: Instant, turn: Turn) -> None:
    """The place in the queue that is open now, and the fact that tells of it."""
    plans = visit.plans
    then = open_queue(then, plans.queues, plans.calendar, visit.tools.clock())
    queue = PROOF_QUEUE if visit.test == PROOF else then.queue
    note = " — ".join(part for part in (RELAY_NOTE if visit.relay else "", then.note) if part)
    needs = "" if visit.test == PROOF else then.needs.to_text()
    beside = {"needs": needs} if needs else {}
    if joined < visit.arrived and not visit.place.waits_from:
        # The place is of a call before, whose citizen had hung up and calls again (resume.py): it
        # is kept, but the time in between was no wait of this call (R71).
        visit.place = visit.place.but(waits_from=visit.tools.clock())
    since = visit.place.waits_from or joined
    visit.note(Kind.QUEUED, queue=queue, priority=then.priority, note=note, joined=since, **beside)
    if queue != visit.place.queue:  # what was told of the wait was told of another queue
        visit.tools.keeper.promises.forget(visit.call)
        visit.place = visit.place.but(told="", told_last="")
    visit.joining, visit.preface = then, turn.says
    place = visit.place.not_hearing(PREFACE).not_hearing(QUEUE_TEXT)
    visit.place = place.but(
        queue=queue, priority=then.priority, note=note, joined=joined, needs=needs
    )


def come_back(visit: Visit) -> Stage:
    """The node that an agent sent the citizen to has ended: to a person again, in the queue that
    the talk came from and at the place that the call had there (R13)."""
    place = visit.place.but(returns="", node="", outcome="")
    visit.place = place.but(queue=QueueName(visit.place.returns))
    visit.note(
        Kind.QUEUED,
        queue=visit.place.queue,
        priority=place.priority,
        note=place.note,
        joined=place.waits_from or place.joined,
    )
    return Stage.WAITING


async def hand_over(visit: Visit, line: str) -> None:
    """From here on the call is another line's; the menu that it was in leads nowhere there. The
    line is written on the channel together with the place in its queue."""
    await visit.session.count_as(line)
    visit.place = visit.place.not_hearing(BEFORE).but(from_line=visit.line, node="")
    visit.line = line
