"""The part of the store that keeps campaigns, for whoever dials: `store.campaigns`.

What changes something is durable when it has returned; the dialler orders nothing before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from protocol_store import (
    attempt_counts,
    attempt_rows,
    campaign_rows,
    campaign_subject,
    contact_rows,
    dialler_rows,
    do_not_call,
    trunk_rows,
)
from protocol_store.attempt_counts import AttemptCounts
from protocol_store.attempt_rows import Ended, OpenAttempt, Ordered
from protocol_store.campaign_rows import CampaignRow, Change, Counts, ListRow
from protocol_store.campaign_subject import HeldContact, TakenOut
from protocol_store.contact_rows import ContactRow
from protocol_store.dialler_rows import MadeCall, Stopped
from protocol_store.do_not_call import Wish
from protocol_store.errors import StoreError
from protocol_store.task_contacts import OwedBook
from protocol_store.trunk_rows import TrunkDay, TrunkMonth
from terms.names import AttemptId, CampaignName, ContactId, Instant, TrunkName

Ask = Callable[..., Awaitable[Any]]
Page = Sequence[tuple[int, str, Mapping[str, str]]]


class CampaignBook(OwedBook):
    """See the file's top. `ask` and `read` are the store's own: StoreOverdue, StoreFailing.
    `site`: whose trunks are counted."""

    def __init__(self, ask: Ask, read: Ask, site: str) -> None:
        self._ask, self._read, self._site = ask, read, site

    # --- campaigns and lists ---
    async def make(self, row: CampaignRow) -> None:
        """Keep a campaign; a draft may be handed in again. NameTaken when it is none any more."""
        await self._ask(_make, row)

    async def change(self, wish: Change) -> None:
        """Let a campaign go to another state. NameUnknown, CampaignMoved."""
        await self._ask(_change, wish)

    async def campaigns(self) -> list[CampaignRow]:
        """Every campaign, the newest first."""
        found: list[CampaignRow] = await self._read(campaign_rows.all_campaigns)
        return found

    async def campaign(self, name: CampaignName) -> CampaignRow | None:
        """One of them."""
        found: CampaignRow | None = await self._read(campaign_rows.campaign, name)
        return found

    async def counts(self, name: CampaignName) -> Counts:
        """How far a campaign is."""
        found: Counts = await self._read(campaign_rows.counts, name)
        return found

    async def attempt_counts(self, name: CampaignName) -> AttemptCounts:
        """How its attempts went, by result and by what citizens said."""
        found: AttemptCounts = await self._read(attempt_counts.attempt_counts, name)
        return found

    async def lists(self, name: CampaignName) -> list[ListRow]:
        """Its contact lists."""
        found: list[ListRow] = await self._read(campaign_rows.lists_of, name)
        return found

    async def begin_list(self, row: ListRow) -> ListRow:
        """Announce a list; what is known of it already if it was before. NameUnknown."""
        found: ListRow = await self._ask(_begin_list, row)
        return found

    async def load(self, to: ListRow, page: Page, now: Instant) -> list[int]:
        """Store limits.CONTACT_PAGE contacts at most; the lines whose number is there already."""
        left_out: list[int] = await self._ask(_load, (to, page, now))
        return left_out

    async def finish_list(self, row: ListRow) -> None:
        """All of it is there: from now on its contacts may be called."""
        await self._ask(_finish_list, row)

    # --- contacts and attempts ---
    async def due(
        self,
        name: CampaignName,
        now: Instant,
        most: int,
        after: tuple[Instant, ContactId] | None = None,
    ) -> list[ContactRow]:
        """The next contacts whose time has come, from behind `after` on."""
        found: list[ContactRow] = await self._read(contact_rows.due, name, now, most, after)
        return found

    async def next_due(self, name: CampaignName) -> Instant | None:
        """When the next contact is due; None when nobody waits."""
        found: Instant | None = await self._read(contact_rows.next_due, name)
        return found

    async def contact(self, name: ContactId) -> ContactRow | None:
        """One contact."""
        found: ContactRow | None = await self._read(contact_rows.contact, name)
        return found

    async def keep(self, rows: Sequence[ContactRow], at: Instant) -> None:
        """Contacts that wait or are done without an attempt."""
        await self._ask(_keep, (tuple(rows), at))

    async def order(self, wish: Ordered) -> None:
        """Write an attempt down before it is made. AttemptRefused."""
        await self._ask(self._order, wish)

    async def end(self, done: Ended) -> None:
        """Write an attempt's end down; only the first one counts."""
        await self._ask(self._end, done)

    async def open_attempts(self) -> list[OpenAttempt]:
        """Attempts whose end is not stored."""
        found: list[OpenAttempt] = await self._read(attempt_rows.open_attempts)
        return found

    async def calls_of(self, attempts: Sequence[OpenAttempt]) -> list[MadeCall]:
        """The calls that attempts without an end became."""
        found: list[MadeCall] = await self._read(dialler_rows.calls_of, attempts)
        return found

    async def tried_since(self, since: Instant) -> list[tuple[str, AttemptId, Instant]]:
        """(number, attempt, when) of all that reached for a citizen since then."""
        found: list[tuple[str, AttemptId, Instant]] = await self._read(
            attempt_rows.tried_since, since
        )
        return found

    async def hours(self, since: Instant) -> dict[CampaignName, tuple[int, int]]:
        """Campaign → answers that want an agent since then, and those of them that found none."""
        found: dict[CampaignName, tuple[int, int]] = await self._read(dialler_rows.hours, since)
        return found

    async def trunk_months(self, month: str) -> list[TrunkMonth]:
        """What each trunk carried in a month (`2026-11`)."""
        found: list[TrunkMonth] = await self._read(trunk_rows.months, month)
        return found

    async def trunk_days(self, since: str, until: str = "9999") -> list[TrunkDay]:
        """What each trunk carried on each day (`2026-11-24`) from `since` to `until`, with both."""
        found: list[TrunkDay] = await self._read(trunk_rows.days, since, until)
        return found

    async def set_operators(self, operators: Mapping[TrunkName, str]) -> None:
        """Whose each trunk is, for reports: told at every start."""
        await self._ask(_set_operators, dict(operators))

    async def count_outside(
        self, trunk: TrunkName, at: Instant, attempts: int = 1, answered: int = 0, short: int = 0
    ) -> None:
        """Count a call of no campaign (a single call-back's), made at `at`: when it is dialled, and
        at its end, with `attempts` 0, whether it was answered, and short (limits.SHORT_CALL)."""
        more = {"attempts": attempts, "answered": answered, "short": short}
        await self._ask(self._count, (trunk, at, more))

    # --- the dialler itself ---
    async def stopped(self) -> Stopped:
        """Why no campaign dials here; `because` empty: nothing keeps them from it."""
        found: Stopped = await self._read(dialler_rows.stopped, self._site)
        return found

    async def set_stopped(self, because: str, at: Instant, by: str = "") -> None:
        """From now on no campaign dials, because …, also after a restart; "" lets them again."""
        await self._ask(self._stop, Stopped(because, at, by))

    # --- who is not to be called ---
    async def bar(self, wish: Wish) -> None:
        """This number is not called any more."""
        await self._ask(do_not_call.bar, wish)

    async def unbar(self, wish: Wish) -> None:
        """It may be called again. NameUnknown."""
        await self._ask(do_not_call.unbar, wish)

    async def barred(self) -> frozenset[str]:
        """All numbers that are not to be called."""
        found: frozenset[str] = await self._read(do_not_call.numbers)
        return found

    async def marked(self, area: str) -> dict[str, str]:
        """Numbers that nobody calls by a machine, and their mark; `area`: of those without one."""
        found: dict[str, str] = await self._read(do_not_call.marked, area)
        return found

    async def wishes(self, number: str = "") -> list[Wish]:
        """All wishes about a number; without one, all that are open."""
        found: list[Wish] = await self._read(do_not_call.history, number)
        return found

    # --- one citizen's data ---
    async def held_of(self, number: str) -> tuple[list[HeldContact], list[Wish]]:
        """All that campaigns hold of a number."""
        found: tuple[list[HeldContact], list[Wish]] = await self._read(
            campaign_subject.held_of, number
        )
        return found

    async def take_out(self, number: str, pseudonym: str, at: Instant) -> TakenOut:
        """Take it out, durably; what is in a call now stays, and is told."""
        done: TakenOut = await self._ask(_take_out, (number, pseudonym, at))
        return done

    # What the writer does for us: each is harmless to repeat.
    def _order(self, connection: Connection, asked: Sequence[Ordered]) -> Sequence[Any]:
        return [_tried(attempt_rows.order, connection, one, self._site) for one in asked]

    def _end(self, connection: Connection, asked: Sequence[Ended]) -> Sequence[Any]:
        return [_tried(attempt_rows.end, connection, one, self._site) for one in asked]

    def _count(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        for trunk, at, more in asked:
            trunk_rows.count(connection, self._site, trunk, at, **more)
        return asked

    def _stop(self, connection: Connection, asked: Sequence[Stopped]) -> Sequence[Any]:
        for said in asked:
            dialler_rows.set_stopped(connection, self._site, said)
        return asked


def _tried(do: Callable[..., Any], connection: Connection, *arguments: Any) -> Any:
    """What it answers, or how it refuses: that is one request's answer, not the batch's end."""
    try:
        return do(connection, *arguments)
    except StoreError as refused:
        return refused


def _make(connection: Connection, asked: Sequence[CampaignRow]) -> Sequence[Any]:
    return [_tried(campaign_rows.make, connection, row) for row in asked]


def _change(connection: Connection, asked: Sequence[Change]) -> Sequence[Any]:
    return [_tried(campaign_rows.change, connection, wish) for wish in asked]


def _begin_list(connection: Connection, asked: Sequence[ListRow]) -> Sequence[Any]:
    return [_tried(campaign_rows.begin_list, connection, row) for row in asked]


def _load(connection: Connection, asked: Sequence[tuple[ListRow, Page, Instant]]) -> Sequence[Any]:
    return [campaign_rows.load(connection, *one) for one in asked]


def _set_operators(
    connection: Connection, asked: Sequence[Mapping[TrunkName, str]]
) -> Sequence[Any]:
    for operators in asked:
        trunk_rows.set_operators(connection, operators)
    return asked


def _finish_list(connection: Connection, asked: Sequence[ListRow]) -> Sequence[Any]:
    for row in asked:
        campaign_rows.finish_list(connection, row)
    return asked


def _keep(
    connection: Connection, asked: Sequence[tuple[Sequence[ContactRow], Instant]]
) -> Sequence[Any]:
    for rows, at in asked:
        contact_rows.keep(connection, rows, at)
    return asked


def _take_out(connection: Connection, asked: Sequence[tuple[str, str, Instant]]) -> Sequence[Any]:
    return [campaign_subject.take_out(connection, *one) for one in asked]
