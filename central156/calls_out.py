"""Calls that go out, plugged into one control process, and read from the store at its start.

Promises are on the floor, at their places, before anybody can be offered.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from acd.effects import OutOrder
from acd.promises import POLICIES, How, Policy, Promise
from callflow.call_back import CallBacks
from callflow.cases import Cases, Ended
from callflow.dial_out import DialOut, OutCaps
from callflow.dialler import Dialler
from callflow.hear import Ear
from callflow.holding import FREE, HELD_BY_EMERGENCY
from callflow.owed import BECAUSE, LINE, Owed
from callflow.relay import national
from callflow.visit import Tools
from central156.campaigns_run import open_dialler, remember_dialler
from central156.settings import Settings
from central156.settings_out import split_identities
from central156.trunk_acts import settle_trunks
from central156.trunks import trunks_of
from pbx.ami_link import AmiLink
from protocol_store import Store
from protocol_store.promises import OpenPromise, RecentCall
from terms.limits import URGENT_LIVES, URGENT_TRIES
from terms.names import EMERGENCY_LINES, Instant, OfferId, QueueName
from terms.outcome import CallOutcome

log = logging.getLogger(__name__)


def open_calls_out(
    settings: Settings, store: Store, link: AmiLink, tools: Tools, ear: Ear
) -> Callable[[], Awaitable[None]]:
    """Make the road out, and tell the others of it; nothing is known yet. Returns what ends it."""
    settle_trunks(settings)
    keeper = tools.keeper
    caps = OutCaps(
        trunk=bool(trunks_of(settings)),
        channels=settings.out_channels,
        per_second=settings.out_per_second,
        per_hour=settings.out_per_hour,
        per_number=settings.out_per_number,
        ring_seconds=settings.out_ring_seconds,
        area=settings.out_area,
        identities=split_identities(settings.out_identities),
    )
    out = DialOut(
        link,
        keeper.clock,
        caps,
        held=lambda: backs.holding.value() != FREE,
        emergency=lambda: backs.holding.value() == HELD_BY_EMERGENCY,
    )
    backs = CallBacks(
        keeper,
        store.promises,
        tools.book,
        out,
        Cases(settings.resume_seconds, settings.sticky_seconds),
        {
            **POLICIES,
            How.KEY: Policy(
                settings.call_back_tries, settings.call_back_apart, settings.call_back_lives
            ),
            How.EMERGENCY: Policy(URGENT_TRIES, settings.urgent_apart, URGENT_LIVES),
        },
    )
    tools.call_backs = ear.call_backs = ear.mender.call_backs = backs
    dialler = open_dialler(settings, store, link, tools, ear, backs.holding)

    def obey(order: OutOrder) -> None:
        if dialler is None or not dialler.obey(order):
            backs.obey(order)

    keeper.call_out = obey
    keeper.watch(backs.read)
    backs.owed = Owed(keeper, lambda: tools.plans.current.calendar)
    keeper.watch(backs.owed.read)

    async def leave() -> None:
        if dialler is not None:
            await dialler.leave()

    return leave


async def remember_calls_out(store: Store, tools: Tools, now: Instant) -> None:
    """What the store knows of promises, of whom nobody calls, and of the last calls."""
    backs = tools.call_backs
    assert backs is not None
    backs.barred.update(await store.promises.barred())
    if isinstance(tools.dialler, Dialler):
        await remember_dialler(store, tools.dialler, tools)
    assert backs.owed is not None
    for task in await store.tasks(reveal=True):
        if (task.line, task.because) == (LINE, BECAUSE):
            backs.owed.open[national(task.caller)] = task.call
    since = now - max(backs.cases.resume_seconds, backs.cases.sticky_seconds)
    for one in await store.promises.recent(since):
        if not one.test:
            backs.cases.note(_ended(one))
    backs.restore([_promise(one) for one in await store.promises.open()])
    owed = await store.promises.owed(sorted(EMERGENCY_LINES), now - URGENT_LIVES)
    for one in owed:  # it dropped, and we died before the promise was written down
        if not one.test and one.outcome in (CallOutcome.ABANDONED, CallOutcome.INTERRUPTED):
            backs.urgent_of(_ended(one))


def _ended(one: RecentCall) -> Ended:
    return Ended(
        one.call, one.line, one.caller, one.protocol, one.joined, one.ended, one.outcome, one.agent
    )


def _promise(one: OpenPromise) -> Promise:
    return Promise(
        call=one.call,
        how=How(one.how),
        line=one.line,
        queue=QueueName(one.queue),
        priority=one.priority,
        joined=one.joined,
        expires=one.expires,
        caller=one.caller,
        protocol=one.protocol,
        place=one.place,
        data=one.data,
        test=one.test,
        tries=one.tries,
        attempt=OfferId(one.attempt),
        not_before=one.not_before,
    )
