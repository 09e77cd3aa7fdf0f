"""A caller leaves the queue without having been answered: by a promise, or by the queue's limit.

Who asks to be called back goes home with the place (R26): the promise is durable before it is
spoken, and if it cannot be made the caller waits on and hears so. Who has reached the limit of a
queue (queues.yaml) is led to the step that is written there; the time waited goes along, and
whoever is led back to a queue has lost nothing.
"""

from __future__ import annotations

from callflow.announce import protocol_says
from callflow.call_back import promise
from callflow.floor_keeper import Waiter
from callflow.join import PREFACE
from callflow.speak import say, says_of, wait_key
from callflow.visit import Do, Visit
from ivr import interpreter
from ivr.turn import Turn
from terms.limits import PAUSE_BEFORE_HANGING_UP
from terms.stages import Stage


async def go_home(visit: Visit) -> Stage | Do:
    """Promise to call back, say so, and end the call. The place is not offered meanwhile."""
    following = await promise(visit)
    words = visit.plan.waiting.call_back
    if following is Stage.WAITING:
        visit.preface = says_of(visit, words.unpromised_text)
        visit.place = visit.place.not_hearing(PREFACE)
    else:
        await say(visit, (*says_of(visit, words.promised_text), *protocol_says(visit)))
        await wait_key(visit, PAUSE_BEFORE_HANGING_UP)
    return following


def send_away(visit: Visit, waiter: Waiter) -> Turn:
    """The turn at the step to which the queue's limit leads; a person, if the plan has it not."""
    assert waiter.sent is not None
    return interpreter.enter_at(visit.plan, visit.known(), waiter.sent.exit)
