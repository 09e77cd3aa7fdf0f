"""What a waiting caller is told, in which order, and how it is cut off.

    preface    what the menu said on the way here (a hand-over's text)       once
    forecast   how many stand ahead and how long it will be (forecast.py)    at entry, then every so
               often, with the offer to be called back                       often if it has changed
    before     the line's greeting of the queue                              once
    queue      what the queue's own node says                                once a queue
    protocol   the call's number, if the line speaks it                      once, and by its key
    repeat     in turn with the announcements `na_espera`                    every so often

Nothing that is said here ever delays an agent: it stops within a millisecond of the offer.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from callflow.forecast import forecast_due, foretells
from callflow.join import BEFORE, PREFACE, QUEUE_TEXT
from callflow.ports import Prompt
from callflow.speak import says_of, sound
from callflow.visit import Visit
from ivr import interpreter
from ivr.announcements import WHILE_WAITING
from ivr.menu import QueueNode
from ivr.texts import Filled, Texts
from ivr.turn import JoinQueue, Position, Say
from terms.limits import CUT_OFF_AGAIN

log = logging.getLogger(__name__)

PROTOCOL = "protocol"
"""What `place.heard` says of a citizen who has been told the number; BEFORE and others likewise."""

FORECAST, CALL_BACK, CONFIRM = "forecast", "call_back", "confirm"
"""What is told is one of these: how long it will be, that we may call back, and at which number."""

CUT = "cut"


@dataclass(frozen=True, slots=True)
class Told:
    """Something to be told. `once` names it, and where it is told only once it is kept as heard;
    `asked`: the citizen asked for it, so it is told again. A FORECAST is made in its turn."""

    says: tuple[Say, ...]
    once: str = ""
    asked: bool = False


def to_be_told(visit: Visit) -> list[Told]:
    """What this caller is still to be told on entering the queue."""
    waiting, then = visit.plan.waiting, joining(visit)
    every = (
        Told(visit.preface, PREFACE),
        Told((), FORECAST),
        Told(says_of(visit, waiting.before), BEFORE),
        Told(then.says if then is not None else (), QUEUE_TEXT),
        Told(protocol_unheard(visit), PROTOCOL),
    )
    due = foretells(visit) and forecast_due(visit) <= visit.tools.clock()
    return [
        one
        for one in every
        if (one.says and not visit.place.has_heard(one.once)) or (due and one.once == FORECAST)
    ]


def protocol_says(visit: Visit, protocol: str = "") -> tuple[Say, ...]:
    """The call's number, or a further one, as it is read to the citizen."""
    number = Filled(protocol or visit.place.protocol, "protocolo")
    text = says_of(visit, visit.plan.waiting.protocol_text)
    return (*text, Say((number,), visit.language))


def protocol_unheard(visit: Visit) -> tuple[Say, ...]:
    """The same; nothing where the line does not speak it, or the citizen has heard it."""
    wanted = visit.plan.waiting.speak_protocol and not visit.place.has_heard(PROTOCOL)
    return protocol_says(visit) if wanted else ()


def in_turn(visit: Visit, turn: int) -> tuple[Told, ...]:
    """What is told now and then, one thing each time, the announcements in force among it."""
    notices = visit.known().notices.get(WHILE_WAITING, ())
    texts: Texts = (*visit.plan.waiting.repeat, *(notice.text for notice in notices))
    return (Told(says_of(visit, (texts[turn % len(texts)],))),) if texts else ()


def keys_of(visit: Visit) -> str:
    """The keys by which the queue's node leads on."""
    then = joining(visit)
    return then.keys if then is not None else ""


def joining(visit: Visit) -> JoinQueue | None:
    """How the menu put the call into its queue. A step that finds it waiting asks the menu again,
    and learns it if a node of the queue's own stands for it."""
    if visit.joining is None:
        position = Position.from_text(visit.place.node)
        if isinstance(visit.plan.nodes.get(position.node), QueueNode):
            then = interpreter.resume(visit.plan, visit.known(), position).then
            visit.joining = then if isinstance(then, JoinQueue) else None
    return visit.joining


class Announcement:
    """One thing being told on the caller's channel, until it is over or cut off."""

    def __init__(self, visit: Visit, told: Told) -> None:
        self._visit = visit
        self._playing = False
        self._cut = False
        self.work = asyncio.ensure_future(self._play(told))

    @property
    def whole(self) -> bool:
        """Whether it was told to its end."""
        return self.work.done() and not self._cut

    async def cut(self) -> None:
        """Stop it. Without the link to the switch, the piece that plays ends by itself."""
        self._cut = True
        while not self.work.done():
            if not self._playing:  # the voice is still at work on a value
                self.work.cancel()
            elif not await self._stop_sound():
                break
            # A word that comes before the sound has begun is lost: say it again.
            waited: set[asyncio.Future[Any]] = {self.work}
            await asyncio.wait(waited, timeout=CUT_OFF_AGAIN)
        await asyncio.gather(self.work, return_exceptions=True)

    async def _play(self, told: Told) -> None:
        for say in told.says:
            if await sound(self._visit, say, self._play_piece):
                return

    async def _play_piece(self, prompt: Prompt) -> str:
        if self._cut:
            return CUT
        self._playing = True
        try:
            await self._visit.session.play_stoppable(prompt.path, prompt.seconds)
        finally:
            self._playing = False
        return ""

    async def _stop_sound(self) -> bool:
        try:
            await self._visit.tools.switch.stop_playback(self._visit.session.channel)
        except Exception:
            log.warning("an announcement could not be cut off", exc_info=True)
            return False
        return True
