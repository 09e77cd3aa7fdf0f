"""Who is owed a call, and how the contacts of their numbers stand, on both databases (R60)."""

from __future__ import annotations

from dataclasses import replace

from seeded import CALLER, OTHER_CALLER
from store_bed import AT, about
from stored_campaign_bed import LIST, NAME, load

from protocol_store import Store
from protocol_store.contact_rows import ContactRow
from protocol_store.task_contacts import Renewal
from terms.facts import Fact, Kind
from terms.names import CampaignName


def gave_up(call: str, after: float, caller: str = CALLER, **more: object) -> list[Fact]:
    """A call that waited in vain, and the task that follows."""
    said = {"line": "156", "entry": "156", "caller": caller, "test": False} | more
    task = {"task": "call_back", "due": AT + 86_400 - after, "because": "abandoned", "line": "156"}
    return [
        about(Kind.CALL_ARRIVED, call, after, **said),
        about(Kind.QUEUED, call, after + 1, queue="p156_geral", priority=30),
        about(Kind.CALL_ENDED, call, after + 40, outcome="abandoned", where="waiting", seconds=40),
        about(Kind.TASK_OPENED, call, after + 40, **task),
    ]


async def test_who_is_owed_a_call(store: Store) -> None:
    store.append(
        *gave_up("um", 0),
        *gave_up("dois", 10, f"+55{OTHER_CALLER}"),
        *gave_up("nosso", 20, entry="campanha"),
        *gave_up("teste", 20, test=True),
        *gave_up("outra", 20, line="199", entry="199"),
        *gave_up("feito", 20),
        about(Kind.TASK_CLOSED, "feito", 90, task="call_back", how="feito"),
        about(Kind.TASK_OPENED, "um", 95, task="call_back", due=AT, because="abandoned"),
    )
    await store.settled()
    found = await store.campaigns.owed("156", 10)
    assert [(one.call, one.number) for one in found] == [("dois", OTHER_CALLER), ("um", CALLER)]
    first = found[1]
    assert (first.queue, first.opened_at, first.due_at) == ("p156_geral", AT + 40, AT + 86_400)
    assert [one.call for one in await store.campaigns.owed("156", 1)] == ["dois"]


async def test_a_contact_that_is_done_begins_anew(store: Store) -> None:
    await load(store, 3)
    book = store.campaigns
    first, second, third = await book.waiting(LIST.name)
    done = replace(first, state="done", due_at=None, ending="exhausted", results=("busy",))
    await book.keep([done], AT + 5)
    assert [row.contact for row in await book.waiting(LIST.name)] == [
        second.contact,
        third.contact,
    ]
    numbers = [first.number, second.number]
    stand = {one.row.contact: one for one in await book.of_numbers([NAME], numbers)}
    assert (stand[first.contact].row.ending, stand[first.contact].since) == ("exhausted", AT + 5)
    assert stand[second.contact].row.ending is None
    assert await book.of_numbers([CampaignName("outra")], numbers) == []
    for one in (first, second):
        await book.renew(Renewal(one.contact, {"fila": "p156_geral"}, AT + 9))
    again = await book.contact(first.contact)
    assert again == ContactRow(
        *(first.contact, NAME, first.number, {"fila": "p156_geral"}, "pending", AT + 9),
        line=first.line,
    )
    assert await book.contact(second.contact) == second  # it waited already
