"""One AGI session is one step. From the stage on the channel, tell the story a bit further.

    arrived ─► menu ─► waiting ─► offered ─(dial)─► after ─► ended
                          ▲          │ not answered
                          └──────────┘

A teller returns the next stage (the same session goes on with it) or what the dialplan is to do
(the session ends). A newer step of the same call supersedes an older one. A call that a campaign
made is told otherwise in its menu and while it waits: by `callflow/notice.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from callflow import after, enter, notice, offer, transfer, wait
from callflow.campaign_ports import is_campaign
from callflow.ports import Session
from callflow.visit import Do, Tools, Visit
from terms.signals import StepOver
from terms.stages import Stage

log = logging.getLogger(__name__)

Teller = Callable[[Visit], Awaitable[Stage | Do]]

TELLERS: dict[Stage, Teller] = {
    Stage.ARRIVED: enter.arrive,
    Stage.MENU: enter.menu,
    Stage.WAITING: wait.wait,
    Stage.OFFERED: offer.after_dial,
    Stage.HELD: transfer.held,
    Stage.CONFERENCE: transfer.conference,
    Stage.OUTSIDE: transfer.outside,
    Stage.AFTER: after.after,
    Stage.ENDED: after.end,
}


async def _has_its_number(visit: Visit) -> None:
    """A call that a campaign made with an agent is answered before it has a protocol: it has one
    from its first step on at the latest, if nobody could give it during the talk."""
    dialler, missing = visit.tools.dialler, not visit.place.protocol
    late = missing and is_campaign(visit.entry) and visit.stage not in notice.TELLERS
    if late and dialler is not None:
        await dialler.opened(visit)


async def step(tools: Tools, session: Session) -> None:
    """Tell one step. Raises what went wrong: the door then lets the dialplan try again."""
    visit = Visit.of(tools, session)
    task = asyncio.current_task()
    assert task is not None
    visit.quit = task.cancel
    older = tools.present.get(visit.call)
    tools.present[visit.call] = visit
    if older is not None:
        older.quit()
    try:
        if tools.static_only:
            await session.set(C156_DO=Do.STATIC)
            return
        if visit.place.of and tools.call_backs is not None:
            tools.call_backs.returned(visit)
        await _has_its_number(visit)
        following: Stage | Do = visit.stage
        while isinstance(following, Stage):
            teller = notice.TELLERS.get(following) if notice.speaks(visit) else None
            following = await (teller or TELLERS[following])(visit)
    except StepOver:
        log.debug("step over", extra={"call": visit.call, "stage": visit.stage})
    finally:
        if tools.present.get(visit.call) is visit:
            del tools.present[visit.call]
