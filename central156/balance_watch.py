"""Control checks by itself, every hour, that the day's totals add up (R77), and says so if not.

A check leaves a fact, which `/metrics` shows as central156_balance_broken; whoever is on duty is
told by an alarm on it (docker/alerts.yaml); `central156 store balance` tells what is wrong.
"""

from __future__ import annotations

import asyncio
import logging

from callflow.floor_keeper import FloorKeeper
from protocol_store import Store, StoreError
from protocol_store.balance import Balance
from protocol_store.reports.balance_sheet import told
from terms.facts import Fact, Kind
from terms.limits import (
    BALANCE_BEHIND,
    BALANCE_EVERY,
    BALANCE_FIRST,
    BALANCE_LOOKS_BACK,
    BALANCE_SETTLES,
)
from terms.names import Instant

log = logging.getLogger(__name__)

HOUR = 3_600.0


async def watch_balance(store: Store, keeper: FloorKeeper) -> None:
    """Check now and then, for as long as control runs."""
    await asyncio.sleep(BALANCE_FIRST)
    while True:
        try:
            if store.lag().oldest_seconds < BALANCE_BEHIND:  # else what is missing is on its way
                await check_balance(store, keeper)
        except StoreError as trouble:
            log.warning("the balance was not checked", extra={"why": type(trouble).__name__})
        except Exception:
            log.exception("the check of the balance failed")
        await asyncio.sleep(BALANCE_EVERY)


async def check_balance(store: Store, keeper: FloorKeeper) -> Balance:
    """Check the hours up to a moment ago, and leave a fact that tells what was found."""
    now = keeper.clock()
    # What has just happened may still be told, by the switch or by its diary.
    until = now - BALANCE_SETTLES
    since = (until - BALANCE_LOOKS_BACK) // HOUR * HOUR
    found = await store.history.balance(since, until)
    keeper.record(_fact(found, since, until, now))
    if not found.holds:
        log.error(
            "the totals do not add up: %s intervals, %s contradictions",
            len(found.broken),
            len(found.contradictions),
            extra={"told": "Os totais não fecham (R77): veja central156 store balance"},
        )
    return found


def _fact(found: Balance, since: Instant, until: Instant, now: Instant) -> Fact:
    details = {
        "since": since,
        "until": until,
        "intervals": len(found.intervals),
        "broken": len(found.broken),
        "wrong": [told(one) for one in found.contradictions],
    }
    return Fact(now, Kind.BALANCE_CHECKED, details=details)
