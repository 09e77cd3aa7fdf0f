"""What people read of campaigns: which there are, what they say, how far they are, when they end.

Counts of a great campaign take the database a moment, and many may watch: they are asked anew only
after they have grown old (limits.CAMPAIGN_COUNTS_KEPT, CAMPAIGN_COUNTS_SHARE).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from callflow.beside import Beside
from callflow.campaign_ports import Progress
from callflow.dialler import Dialler
from callflow.serving import Serving
from central156.campaign_check import reread
from central156.campaign_pace import Pace
from central156.campaign_shown import how_far, list_shown, results_shown, row_shown
from central156.refusals import asked
from console.ports import Plain, Refusal
from console.ports_campaigns import CampaignGauges, DiallerGauges, Scope
from dialer.campaign import CampaignState, Mode
from dialer.hours import Holidays
from dialer.trunks import Trunk
from protocol_store import Store
from protocol_store.attempt_counts import AttemptCounts
from protocol_store.campaign_rows import CampaignRow, Counts
from protocol_store.trunk_rows import CITY
from reader.calling_days import calling_holidays
from reader.campaign_file import CampaignFile
from terms.limits import (
    CAMPAIGN_COUNTS_KEPT,
    CAMPAIGN_COUNTS_SHARE,
    CAMPAIGN_FIGURES_AGE,
    DROPS_SHARE,
)
from terms.names import CampaignName, Instant, TrunkName


@dataclass(slots=True)
class CampaignViews:
    """See the file's top. `trunks`: the ways out that there are; `dialler`: None while this centre
    dials nothing."""

    store: Store
    serving: Serving
    clock: Callable[[], Instant]
    trunks: Callable[[], Mapping[TrunkName, Trunk]] = dict
    dialler: Dialler | None = None
    _paces: dict[CampaignName, Pace] = field(default_factory=dict)
    _counts: dict[CampaignName, tuple[float, Counts, AttemptCounts]] = field(default_factory=dict)
    _asking: dict[CampaignName, asyncio.Lock] = field(default_factory=dict)
    _counting: set[CampaignName] = field(default_factory=set)
    _beside: Beside = field(default_factory=lambda: Beside("contacts could not be counted"))

    # --- what there is ---
    async def campaigns(self, scope: Scope) -> Sequence[Plain]:
        """Every campaign that is theirs, the newest first."""
        found = []
        for row in await asked(self.store.campaigns.campaigns()):
            read = reread(row)
            if scope.has(*self.whose(read)):
                counts, _ = await self.counts(row.name)
                found.append({**row_shown(row, read), "contacts": counts.contacts})
        return found

    async def row(
        self, name: CampaignName, scope: Scope
    ) -> tuple[CampaignRow, CampaignFile | None]:
        """A campaign that is theirs. Refusal 404."""
        row = await asked(self.store.campaigns.campaign(name))
        read = None if row is None else reread(row)
        if row is None or not scope.has(*self.whose(read)):
            raise Refusal(404, f"não há campanha guardada com o nome {name}")
        return row, read

    async def campaign(self, name: CampaignName, scope: Scope) -> Plain:
        """What it says, its lists, its contacts by state and attempts by result."""
        row, read = await self.row(name, scope)
        lists = await asked(self.store.campaigns.lists(name))
        counts, attempts = await self.counts(name)
        return {
            **row_shown(row, read),
            "lists": [list_shown(one) for one in lists],
            "contacts": counts.contacts,
            "states": dict(counts.states),
            "endings": dict(counts.endings),
            "results": results_shown(attempts),
            "said": dict(attempts.said),
            "in_course": attempts.in_course,
            "yaml": row.file,
        }

    async def progress(self, name: CampaignName, scope: Scope) -> Plain:
        """How far it is, now."""
        row, read = await self.row(name, scope)
        counts, attempts = await self.counts(name)
        seen = None if self.dialler is None else self.dialler.progress(name)
        far = how_far(counts, attempts, None if seen is None else seen.ringing + seen.talking)
        pace = self._paces.setdefault(name, Pace())
        now = self.clock()
        pace.saw(now, far["contacts"] - far["to_go"])
        ways = () if read is None else read.campaign.trunks
        return {
            **row_shown(row, read),
            **far,
            "state": row.state if seen is None else str(seen.state),
            "at": now,
            "drops": _drops(read, seen),
            "held": "" if seen is None else seen.held,
            "next_at": counts.soonest,
            "a_minute": round(pace.a_second * 60, 1),
            "ends_at": self._ends(row, read, pace, far["to_go"], now),
            "ways": await self.ways(ways),
            "stopped": "" if self.dialler is None else self.dialler.dialling.stopped,
        }

    def gauges(self) -> DiallerGauges:
        """The dialler now, with the counts that were asked for last."""
        if self.dialler is None:
            return DiallerGauges()
        return DiallerGauges(
            True, bool(self.dialler.dialling.stopped), tuple(self._gauges(self.dialler))
        )

    async def ways(self, only: Collection[str] = ()) -> list[dict[str, Any]]:
        """What each trunk's operator has carried this month, of how much: Anatel counts all of one
        company's trunks together (R65)."""
        month = f"{datetime.fromtimestamp(self.clock(), UTC).astimezone(CITY):%Y-%m}"
        carried: Counter[str] = Counter()
        trunks = self.trunks()
        for row in await asked(self.store.campaigns.trunk_months(month)):
            if (trunk := trunks.get(row.trunk)) is not None:
                carried[trunk.operator] += row.attempts
        return [
            {
                "trunk": name,
                "operator": one.operator,
                "authenticated": one.authenticated,
                "month": carried[one.operator],
                "limit": one.month,
                "share": round(carried[one.operator] / one.month, 4),
            }
            for name, one in trunks.items()
            if not only or name in only
        ]

    async def counts(self, name: CampaignName) -> tuple[Counts, AttemptCounts]:
        """A campaign's counts, not older than they may be; many who ask are one question."""
        async with self._asking.setdefault(name, asyncio.Lock()):
            old, began = self._counts.get(name), time.monotonic()
            if old is not None and began < old[0]:
                return old[1], old[2]
            counts = await asked(self.store.campaigns.counts(name))
            attempts = await asked(self.store.campaigns.attempt_counts(name))
            ended = time.monotonic()
            kept = max(CAMPAIGN_COUNTS_KEPT, (ended - began) * CAMPAIGN_COUNTS_SHARE)
            self._counts[name] = (ended + kept, counts, attempts)
            return counts, attempts

    def changed(self, name: CampaignName) -> None:
        """Its contacts are others now: whoever looks next has them."""
        self._counts.pop(name, None)

    def whose(self, read: CampaignFile | None) -> tuple[str, str]:
        """The line and the queue of those who talk; '' without."""
        queue = "" if read is None else str(read.campaign.queue)
        lines = {str(rule.name): rule.line for rule in self.serving.current.queues.rules}
        return lines.get(queue, ""), queue

    # --- how it works ---
    def _gauges(self, dialler: Dialler) -> Iterator[CampaignGauges]:
        for name, setting in dialler.settings.items():
            seen = dialler.progress(name)
            if seen is None or setting.state in (CampaignState.DRAFT, CampaignState.DONE):
                continue
            old = self._counts.get(name)
            if old is None or old[0] + CAMPAIGN_FIGURES_AGE < time.monotonic():
                self._count_beside(name)
            yield CampaignGauges(
                name,
                seen.ringing,
                seen.talking,
                {result.value: count for result, count in seen.results.items()},
                seen.answers,
                seen.hour_dropped / seen.hour_answers if seen.hour_answers else 0.0,
                None if old is None else how_far(old[1], old[2])["to_go"],
            )

    def _count_beside(self, name: CampaignName) -> None:
        """Whoever reads the figures next has newer ones; nobody waits for them."""
        if name not in self._counting:
            self._counting.add(name)
            self._beside.do(self._count(name))

    async def _count(self, name: CampaignName) -> None:
        try:
            with contextlib.suppress(Refusal):  # the store is away: the old ones stay
                await self.counts(name)
        finally:
            self._counting.discard(name)

    def _ends(
        self, row: CampaignRow, read: CampaignFile | None, pace: Pace, to_go: int, now: Instant
    ) -> Instant | None:
        if read is None or row.state != CampaignState.RUNNING:
            return None
        one = read.campaign
        ends = pace.ends(now, to_go, one.windows, self._holidays())
        return ends if one.until is None or ends is None else min(ends, one.until)

    def _holidays(self) -> Holidays:
        return calling_holidays(self.serving.current.calendar)


def _drops(read: CampaignFile | None, seen: Progress | None) -> Plain | None:
    """The share of this hour's answers that found nobody; of predictive campaigns alone."""
    if read is None or seen is None or read.campaign.mode is not Mode.PREDICTIVE:
        return None
    answers, dropped = seen.hour_answers, seen.hour_dropped
    share = round(dropped / answers, 4) if answers else 0.0
    return {"answers": answers, "dropped": dropped, "share": share, "limit": DROPS_SHARE}
