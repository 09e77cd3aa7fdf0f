"""Who is owed a call (R60) is called by the campaigns of kind `retorno` that run, and by none else.

    open task ─► contact of the campaign's own list ─► reached, or not: the task is closed with that
        └── closed meanwhile (served, or by a person) ─► nobody calls any more

The tables are the truth: every look compares open tasks with the contacts of their numbers, so that
a restart at any point loses nobody and calls nobody twice. What the floor tells of a task that is
closed is acted on at once. A number that bears a mark («não pode falar», «retorno não seguro»)
never becomes a contact: its task is a person's. A contact that a rule leaves out, or that the
campaign's time overtakes, leaves its task open, for a person too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from callflow.dialler import Dialler
from callflow.floor_keeper import FloorKeeper
from callflow.owed import LINE, TASK
from dialer.campaign import Campaign, CampaignState, Kind
from dialer.contacts import ContactState, Ending
from dialer.events import ContactCancelled
from ivr.hours import CITY
from protocol_store import Store, StoreError
from protocol_store.campaign_rows import ListRow, contact_id
from protocol_store.contact_rows import ContactRow
from protocol_store.task_contacts import OwedTask, Renewal, Standing
from terms.facts import Fact
from terms.facts import Kind as FactKind
from terms.limits import CONTACT_PAGE, OWED_AT_ONCE, OWED_LOOK_EVERY, OWED_LOOK_SOON
from terms.names import CallId, CampaignName, ContactId, Instant
from terms.protocol_number import shown

log = logging.getLogger(__name__)

LIST: Final = "tarefas de retorno"
BY: Final = "central"
NATIONAL: Final = (10, 11)
"""How many digits a number has that can be called: area, and eight or nine."""

RETURNED: Final = "retorno atendido"
NO_CONTACT: Final = "sem contato"

CLOSED_BY: Final[Mapping[str, str]] = {
    str(Ending.REACHED): RETURNED,
    str(Ending.EXHAUSTED): NO_CONTACT,
    str(Ending.WRONG_NUMBER): "número inválido",
}
"""What a contact's end says of its tasks; any other end leaves them open."""

SERVED_MEANWHILE: Final = "a tarefa de retorno foi encerrada"


@dataclass(slots=True)
class CampaignTasks:
    """See the file's top. `wall`: the dialler's clock. `area`: of numbers that came without one."""

    store: Store
    dialler: Dialler
    keeper: FloorKeeper
    area: str
    wall: Callable[[], Instant]
    _contacts: dict[CallId, ContactId] = field(default_factory=dict)  # as of the last look
    _closed: set[CallId] = field(default_factory=set)  # by us, and perhaps not yet in the tables
    _poke: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, stack: contextlib.AsyncExitStack) -> None:
        """Look until the stack is closed."""
        stack.callback(self.keeper.watch(self.read))
        stack.callback(asyncio.create_task(self.run_for_ever()).cancel)

    async def run_for_ever(self) -> None:
        """A look now and then, and when something has happened."""
        while True:
            self._poke.clear()
            try:
                await self.look()
            except StoreError as trouble:
                log.warning("the store does not answer", extra={"why": type(trouble).__name__})
            except Exception:
                log.exception("a look at who is owed a call failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._poke.wait(), OWED_LOOK_EVERY)

    def read(self, facts: tuple[Fact, ...]) -> None:
        """A task is closed: nobody calls any more, unless it is this call that has closed it."""
        for fact in facts:
            if fact.kind in (FactKind.CAMPAIGN_MOVED, FactKind.TASK_OPENED):
                # in the tables, where we look, a moment after it is told
                asyncio.get_running_loop().call_later(OWED_LOOK_SOON, self._poke.set)
            elif fact.kind is FactKind.TASK_CLOSED and fact.call in self._contacts:
                contact = self._contacts.pop(fact.call)
                if fact.call not in self._closed:
                    self.dialler.tell(ContactCancelled(contact, SERVED_MEANWHILE))

    async def look(self) -> None:
        """Compare open tasks with the contacts of their numbers, and do what follows."""
        known = {name: one.campaign for name, one in self.dialler.settings.items()
                 if one.campaign.kind is Kind.CALL_BACK}  # fmt: skip
        if not known:
            self._contacts.clear()
            return
        tasks = await self.store.campaigns.owed(LINE, OWED_AT_ONCE)
        self._closed &= {one.call for one in tasks}
        owed = _by_number((one for one in tasks if one.call not in self._closed), self.area)
        marked = await self.store.campaigns.marked(self.area)
        numbers = [number for number in owed if number not in marked]
        standing: dict[str, list[Standing]] = {}
        for one in await self.store.campaigns.of_numbers(tuple(known), numbers):
            standing.setdefault(one.row.number, []).append(one)
        running = self._running(known.values())
        new: dict[CampaignName, list[str]] = {}
        self._contacts.clear()
        for number in numbers:
            there = standing.get(number, [])
            if not self._settle(owed[number], there, running) and running:
                campaign = _whose(owed[number], running)
                known_row = next((one for one in there if one.row.campaign == campaign), None)
                if known_row is None:
                    new.setdefault(campaign, []).append(number)
                elif known_row.row.ending is not None:
                    await self._renew(known_row.row, owed[number])
        for campaign, some in new.items():
            await self._load(campaign, [(number, owed[number]) for number in some])
        if len(tasks) < OWED_AT_ONCE:
            await self._cancel(known, set(numbers))

    def _running(self, known: Iterable[Campaign]) -> list[Campaign]:
        """Those that may be given contacts, the first to go first."""
        at_work = self.dialler.dialling.campaigns
        running = {name for name, turns in at_work.items() if turns.state is CampaignState.RUNNING}
        found = (one for one in known if one.name in running)
        return sorted(found, key=lambda one: (one.priority, one.name))

    def _settle(
        self, tasks: Sequence[OwedTask], there: Iterable[Standing], running: Sequence[Campaign]
    ) -> bool:
        """Whether a campaign has this number, or is done with it: then its tasks are."""
        names, since = {one.name for one in running}, max(one.opened_at for one in tasks)
        for one in there:
            if one.row.ending is None and one.row.campaign in names:
                self._contacts |= {task.call: one.row.contact for task in tasks}
                return True
            if one.row.ending is not None and one.since >= since:
                how = CLOSED_BY.get(one.row.ending)
                for task in tasks if how is not None else ():
                    self._close(task, how, one.row.campaign)
                return True
        return False

    def _close(self, task: OwedTask, how: str | None, campaign: CampaignName) -> None:
        self._closed.add(task.call)
        details = {"task": TASK, "how": how, "campaign": campaign}
        closed = Fact(self.keeper.clock(), FactKind.TASK_CLOSED, task.call, details=details)
        self.keeper.record(closed)

    async def _load(
        self, campaign: CampaignName, owed: Sequence[tuple[str, Sequence[OwedTask]]]
    ) -> None:
        now, row = self.wall(), list_of(campaign)
        there = await self.store.campaigns.begin_list(replace(row, at=now))
        if there.loaded_at is None:
            await self.store.campaigns.finish_list(replace(there, loaded_at=now))
        for first in range(0, len(owed), CONTACT_PAGE):
            page = [(tasks[0].task, number, _fields(tasks))
                    for number, tasks in owed[first : first + CONTACT_PAGE]]  # fmt: skip
            await self.store.campaigns.load(row, page, now)
        self._contacts |= {
            task.call: contact_id(row.name, tasks[0].task) for _, tasks in owed for task in tasks
        }
        self.dialler.pages.begin_again(campaign)
        log.info("tasks are contacts now", extra={"campaign": campaign, "contacts": len(owed)})

    async def _renew(self, row: ContactRow, tasks: Sequence[OwedTask]) -> None:
        """The same person has given up again."""
        wish = Renewal(row.contact, _fields(tasks), self.wall())
        await self.store.campaigns.renew(wish)
        self._contacts |= {task.call: row.contact for task in tasks}
        self.dialler.pages.begin_again(row.campaign)

    async def _cancel(self, known: Iterable[CampaignName], owed: set[str]) -> None:
        """Whoever is owed nothing any more is not called. One that is being called goes on."""
        now = self.wall()
        for name in known:
            turns = self.dialler.dialling.campaigns.get(name)
            for row in await self.store.campaigns.waiting(list_of(name).name):
                if row.number in owed or row.attempt:
                    continue
                if turns is not None and row.contact in turns.contacts:
                    self.dialler.tell(ContactCancelled(row.contact, SERVED_MEANWHILE))
                else:
                    await self.store.campaigns.keep([_cancelled(row)], now)


def list_of(campaign: CampaignName) -> ListRow:
    """The list that a campaign's tasks are in; a campaign has one."""
    return ListRow.of(campaign, LIST, LIST.encode(), 0.0, BY)


def _cancelled(row: ContactRow) -> ContactRow:
    return replace(
        row,
        state=str(ContactState.DONE),
        due_at=None,
        ending=str(Ending.CANCELLED),
        because=SERVED_MEANWHILE,
    )


def _by_number(tasks: Iterable[OwedTask], area: str) -> dict[str, list[OwedTask]]:
    """One call a number, however many tasks; those that cannot be called are left out."""
    found: dict[str, list[OwedTask]] = {}
    for one in tasks:
        number = area + one.number if len(one.number) in (8, 9) else one.number
        if len(number) in NATIONAL and number.isdecimal():
            found.setdefault(number, []).append(one)
    return found


def _whose(tasks: Sequence[OwedTask], running: Sequence[Campaign]) -> CampaignName:
    """The campaign whose agents would have had the call, else the first to go."""
    queues = {one.queue for one in tasks}
    return next((one.name for one in running if one.queue in queues), running[0].name)


def _fields(tasks: Sequence[OwedTask]) -> dict[str, str]:
    """What the agent is shown of it."""
    last = max(tasks, key=lambda one: one.opened_at)
    when = datetime.fromtimestamp(last.opened_at, CITY)
    found = {"desistiu_em": f"{when:%d/%m %H:%M}", "fila": str(last.queue)}
    return found | ({"protocolo": shown(last.protocol)} if last.protocol else {})
