"""The conversation with the menu: say, listen, do, until it ends in a queue or ends the call.

Where the call stands is written on its channel before each turn is said, so a step that breaks off
anywhere is followed by one that says the same turn again.
"""

from __future__ import annotations

from callflow.ask import MENU, go_outside, look_up, take_message, transfer
from callflow.book import longer_path
from callflow.join import come_back, join
from callflow.speak import listen, say
from callflow.visit import Do, Visit
from ivr import interpreter
from ivr.menu import BACK_KEY, PERSON_KEY
from ivr.turn import End, JoinQueue, Listen, LookUp, TakeMessage, Transfer, Turn
from terms.outcome import CallOutcome
from terms.stages import Stage


async def walk(visit: Visit, turn: Turn, stage: Stage) -> Stage | Do:
    """Follow the menu from this turn on; `stage` is where the call is meanwhile (menu or after).

    Where an agent has sent the citizen into the menu with a way back, its end is a queue (R13)."""
    while True:
        tell(visit, turn)
        if isinstance(turn.then, JoinQueue):
            return await join(visit, turn)
        visit.place = visit.place.but(node=turn.position.to_text())
        await visit.mark(stage, visit.place, C156_PROTOCOL=visit.place.protocol)
        key = await say(visit, turn.says)
        if isinstance(turn.then, End) and visit.place.returns:
            return come_back(visit)
        if isinstance(turn.then, Transfer) and turn.then.destination in visit.plans.destinations:
            return await go_outside(visit, MENU, turn.then.destination)
        if isinstance(turn.then, End):
            outcome = visit.place.outcome or str(CallOutcome.ENDED_IN_MENU)
            visit.place = visit.place.but(outcome=outcome)
            return Stage.ENDED
        turn = await _answered(visit, turn, key)


def tell(visit: Visit, turn: Turn) -> None:
    """Keep what a turn tells: its facts, and the data that the call carries from now on."""
    path = visit.place.path
    for kind, details in turn.facts:
        visit.note(kind, **details)
        path = longer_path(path, kind, details)
    visit.place = visit.place.but(path=path)
    visit.data = dict(turn.data)


async def _answered(visit: Visit, turn: Turn, key: str) -> Turn:
    """The turn that follows, from what is typed, answered, or recorded now."""
    position, then = turn.position, turn.then
    if isinstance(then, Listen):
        typed = await listen(visit, then, key)
        return interpreter.heard(visit.plan, visit.known(), position, typed)
    if key in (PERSON_KEY, BACK_KEY):  # any other key changes nothing where none is asked for
        return interpreter.heard(visit.plan, visit.known(), position, key)
    match then:
        case LookUp():
            return await look_up(visit, position, then)
        case TakeMessage():
            return await take_message(visit, position, then)
        case _:
            assert isinstance(then, Transfer)
            return transfer(visit, position, then)
