"""Campaigns in the store: made, loaded, ordered and ended once, whatever is repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from store_bed import AT, execute, rows
from stored_campaign_bed import LIST, NAME, ROW, TRUNK, ended, load, ordered, page

from protocol_store import Store
from protocol_store.attempt_rows import NEVER_REACHED
from protocol_store.campaign_rows import Change, ListRow, contact_id
from protocol_store.campaign_tables import contacts
from protocol_store.engines import make_engine
from protocol_store.errors import AttemptRefused, CampaignMoved, NameTaken, NameUnknown
from terms.names import AttemptId, CampaignName
from terms.outcome import Tried


async def test_a_campaign_is_made_and_goes_its_way(store: Store) -> None:
    book = store.campaigns
    await book.make(ROW)
    await book.make(ROW)
    changed = replace(ROW, file="campanha: vacina\nassunto: outro\n", subject="outro")
    await book.make(changed)  # a draft may be written again
    assert await book.campaigns() == [changed]
    run = Change(NAME, frozenset({"draft"}), "running", AT + 1, "bia", "começa")
    await book.change(run)
    await book.change(run)
    found = await book.campaign(NAME)
    assert found == replace(
        changed, state="running", changed_at=AT + 1, changed_by="bia", because="começa"
    )
    with pytest.raises(NameTaken, match="já começou"):
        await book.make(ROW)
    with pytest.raises(CampaignMoved):
        await book.change(Change(NAME, frozenset({"draft"}), "done", AT, "bia"))
    with pytest.raises(NameUnknown):
        await book.change(replace(run, name=CampaignName("outra")))
    assert await book.campaign(CampaignName("outra")) is None
    await book.change(Change(NAME, frozenset({"running"}), "draining", AT + 2, "bia", "sem vacina"))
    await book.change(Change(NAME, frozenset({"draining"}), "done", AT + 3, "discador", "a última"))
    over = await book.campaign(NAME)
    assert over is not None
    assert (over.state, over.changed_at) == ("done", AT + 3)
    assert (over.changed_by, over.because) == ("bia", "sem vacina")  # who ended it, and why


async def test_a_list_is_loaded_once_however_often_it_is_read(store: Store) -> None:
    book = store.campaigns
    with pytest.raises(NameUnknown):
        await book.begin_list(LIST)
    await book.make(ROW)
    assert await book.begin_list(LIST) == LIST
    assert await book.load(LIST, page(3), AT) == []
    # Broken off here: nobody of it is called.
    assert await book.due(NAME, AT + 1, 10) == []
    assert await load(store) == []
    assert [one.line for one in await book.due(NAME, AT + 1, 10)] == [2, 3, 4, 5, 6]
    assert (await book.begin_list(LIST)).loaded_at == AT
    assert (await book.lists(NAME))[0].contacts == 5
    other = ListRow.of(NAME, "outra.csv", b"telefone\n1\n", AT, "ana")
    await book.begin_list(other)
    assert await book.load(other, page(4, first=5), AT) == [5, 6]
    assert (await book.counts(NAME)).states == {"pending": 7}
    first = await book.contact(contact_id(LIST.name, 2))
    assert first is not None
    assert first.fields == {"nome": "Zoé 2"}
    assert first.number == "11910000002"


async def test_the_next_ones_come_in_pages(store: Store) -> None:
    await load(store, 7)
    book, seen = store.campaigns, []
    after = None
    while found := await book.due(NAME, AT, 3, after):
        seen += [one.line for one in found]
        assert found[-1].due_at is not None
        after = (found[-1].due_at, found[-1].contact)
    assert sorted(seen) == list(range(2, 9))
    assert len(seen) == len(set(seen))
    assert await book.due(NAME, AT - 1, 3) == []
    assert await book.next_due(NAME) == AT
    assert await book.next_due(CampaignName("outra")) is None


async def test_an_attempt_is_ordered_once_and_ends_once(store: Store) -> None:
    await load(store, 2)
    book = store.campaigns
    row = (await book.due(NAME, AT, 1))[0]
    wish = ordered(row)
    await book.order(wish)
    await book.order(wish)
    assert [one.attempt for one in await book.open_attempts()] == [wish.attempt]
    assert len(await book.due(NAME, AT, 10)) == 1
    with pytest.raises(AttemptRefused):
        await book.order(replace(wish, attempt=AttemptId(f"{row.contact}-2"), count=2))
    done = ended(row, wish, Tried.ANSWERED, 20, talk=5)
    await book.end(done)
    await book.end(replace(done, result="busy", at=AT + 99))
    assert await book.open_attempts() == []
    again = await book.contact(row.contact)
    assert again == replace(row, **{"state": "again", "due_at": AT + 3_600, "ordered": 1},
                            results=("answered",))  # fmt: skip
    with pytest.raises(AttemptRefused):  # the same count under another name
        await book.order(replace(wish, attempt=AttemptId("x-1")))
    (month,) = await book.trunk_months("2026-09")
    assert (month.trunk, month.attempts, month.answered, month.short) == (TRUNK, 1, 1, 1)
    assert await book.tried_since(AT - 1) == [(row.number, wish.attempt, AT)]
    assert await book.tried_since(AT + 1) == []


async def test_what_never_reached_for_the_citizen_counts_nothing(store: Store) -> None:
    await load(store, 1)
    book = store.campaigns
    row = (await book.due(NAME, AT, 1))[0]
    await book.order(ordered(row))
    await book.end(ended(row, ordered(row), Tried.AGENT, 3))
    assert (await book.trunk_months("2026-09"))[0].attempts == 0
    assert await book.tried_since(AT) == []
    assert {str(one) for one in Tried if not one.reached_for} == NEVER_REACHED


async def test_a_number_is_never_in_two_attempts_at_once(store: Store, database_url: str) -> None:
    await load(store, 1)
    other = replace(ROW, name=CampaignName("outra"))
    list_of_other = ListRow.of(other.name, "lista.csv", b"telefone\n", AT, "ana")
    book = store.campaigns
    await book.make(other)
    await book.begin_list(list_of_other)
    await book.load(list_of_other, page(1), AT)
    await book.finish_list(replace(list_of_other, loaded_at=AT))
    (mine,) = await book.due(NAME, AT, 9)
    (theirs,) = await book.due(other.name, AT, 9)
    assert mine.number == theirs.number
    await book.order(ordered(mine))
    with pytest.raises(AttemptRefused, match="está em outra tentativa"):
        await book.order(ordered(theirs))
    assert rows(database_url, "SELECT count(*) FROM attempts") == [(1,)]
    assert (await book.contact(theirs.contact)) == theirs  # nothing of it was kept


async def test_what_is_decided_without_an_attempt(store: Store) -> None:
    await load(store, 2)
    book = store.campaigns
    first, second = await book.due(NAME, AT, 2)
    left_out = replace(first, state="done", due_at=None, ending="left_out", because="lista")
    await book.order(ordered(second))
    await book.keep([left_out, replace(second, state="done")], AT + 1)
    assert await book.contact(first.contact) == left_out
    in_course = await book.contact(second.contact)
    assert in_course is not None
    assert in_course.state == "ordered"
    counted = await book.counts(NAME)
    assert counted.states == {"done": 1, "ordered": 1}
    assert counted.endings == {"left_out": 1}
    assert counted.contacts == 2


async def test_it_is_all_there_after_a_restart(store: Store, new_store: object) -> None:
    await load(store, 2)
    row = (await store.campaigns.due(NAME, AT, 1))[0]
    await store.campaigns.order(ordered(row))
    other = await new_store("b")  # type: ignore[operator]
    assert [one.number for one in await other.campaigns.open_attempts()] == [row.number]
    await other.campaigns.order(ordered(row))  # whoever orders it again, orders nothing
    assert len(await other.campaigns.open_attempts()) == 1


async def test_the_next_ones_are_found_by_an_index(store: Store, database_url: str) -> None:
    await load(store, 50)
    engine = make_engine(database_url, reading=True)
    question = (
        select(contacts)
        .where(contacts.c.campaign == NAME, contacts.c.due_at <= AT)
        .order_by(contacts.c.due_at, contacts.c.contact)
        .limit(3)
    )
    with engine.connect() as connection:
        said = question.compile(engine, compile_kwargs={"literal_binds": True})
        if database_url.startswith("sqlite"):
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {said}"))
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
            plan = connection.execute(text(f"EXPLAIN {said}"))
        told = str(plan.all())
    engine.dispose()
    assert "contacts_waiting" in told
    assert "SORT" not in told.upper().replace("TEMP B-TREE FOR", "SORT")


async def test_a_contact_of_nobody_is_refused(store: Store, database_url: str) -> None:
    await store.campaigns.make(ROW)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        execute(
            database_url,
            "INSERT INTO contact_lists (list, campaign, file, digest, at, by_whom) "
            "VALUES ('x', 'nobody', '', '', '2026-01-01', '')",
        )
