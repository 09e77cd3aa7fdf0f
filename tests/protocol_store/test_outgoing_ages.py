"""Whom campaigns called, and texts, leave when they are old enough; what is counted stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from store_bed import AT, execute, rows
from stored_campaign_bed import NAME, ended, load, ordered, page

from protocol_store import Store
from protocol_store.campaign_rows import Change, ListRow
from protocol_store.do_not_call import Wish
from protocol_store.engines import make_engine
from protocol_store.outgoing_ages import OutAges, OutExpiry, OutGone, rehearse
from protocol_store.recording_rows import Hold
from terms.facts import Fact, Kind
from terms.names import CallId
from terms.outcome import Tried

DAY = 86_400.0
NOW = AT + 1_000 * DAY
AGES = OutAges(NOW - 730 * DAY, NOW - 730 * DAY)
COUNTED = "SELECT result, trunk, talk_seconds FROM attempts ORDER BY attempt"
ENDED = "SELECT state, ending, ordered, results FROM contacts ORDER BY contact"
NUMBERS = "SELECT number FROM contacts ORDER BY contact"


def pseudonym(number: str) -> str:
    return f"apagado-{number[-3:]}"


async def let_go(store: Store, ages: OutAges = AGES) -> OutGone:
    done, step = OutGone(), OutExpiry(ages, pseudonym, NOW)
    while True:
        gone = await store.citizens.expire_out(step)
        done = done.and_then(gone)
        if gone.then is None:
            return done
        step = replace(step, place=gone.then)


async def call_all(store: Store, result: Tried = Tried.ANSWERED, talk: float = 30.0) -> None:
    """One attempt at everybody who is due; all are done after it."""
    for contact in await store.campaigns.due(NAME, AT + 1, 10):
        wish = ordered(contact)
        await store.campaigns.order(wish)
        over = ended(contact, wish, result, 60.0, talk)
        done = replace(over.contact, state="done", due_at=None, ending="reached")
        call = CallId(f"call-{contact.line}")
        await store.campaigns.end(replace(over, contact=done, call=call))


async def test_numbers_and_fields_go_and_counts_stay(store: Store, database_url: str) -> None:
    await load(store, 3)
    await call_all(store)
    counted, standing = rows(database_url, COUNTED), rows(database_url, ENDED)
    engine = make_engine(database_url, reading=True)
    with engine.connect() as connection:
        assert rehearse(connection, AGES) == OutGone(3, 3, 0)
        assert rehearse(connection, OutAges(None, None)) == OutGone()
    assert await let_go(store, OutAges(None, None)) == OutGone()
    assert rows(database_url, NUMBERS)[0] == ("11910000002",)
    assert await let_go(store) == OutGone(3, 3, 0)
    assert rows(database_url, NUMBERS) == [("apagado-002",), ("apagado-003",), ("apagado-004",)]
    assert {number for (number,) in rows(database_url, "SELECT number FROM attempts")} == {
        "apagado-002",
        "apagado-003",
        "apagado-004",
    }
    assert (rows(database_url, COUNTED), rows(database_url, ENDED)) == (counted, standing)
    contact = await store.campaigns.contact(await _first(store, database_url))
    assert contact is not None
    assert contact.fields == {}
    # A list of which nothing is left, and to which no more comes, is not looked at again.
    unmarked = "SELECT count(*) FROM contact_lists WHERE forgotten_at IS NULL"
    assert rows(database_url, unmarked) == [(1,)]
    await store.campaigns.change(Change(NAME, frozenset({"draft"}), "done", AT, "bia"))
    assert await let_go(store) == OutGone()
    assert rows(database_url, unmarked) == [(0,)]
    with engine.connect() as connection:
        assert rehearse(connection, AGES) == OutGone()
    engine.dispose()


async def _first(store: Store, url: str) -> str:
    ((name,), *_) = rows(url, "SELECT contact FROM contacts ORDER BY contact")
    return str(name)


async def test_who_may_still_be_called_and_what_is_young_stays(
    store: Store, database_url: str
) -> None:
    await load(store, 2)
    assert await let_go(store) == OutGone()  # they wait, however old they are
    over = Change(NAME, frozenset({"draft"}), "done", AT, "bia")
    await store.campaigns.change(over)
    assert await let_go(store, OutAges(AT - DAY, None)) == OutGone()
    assert await let_go(store) == OutGone(2, 0, 0)  # the campaign is over: nobody is called
    assert rows(database_url, "SELECT DISTINCT state FROM contacts") == [("pending",)]


async def test_wishes_that_hold_and_legal_holds_keep_a_number(
    store: Store, database_url: str
) -> None:
    await load(store, 2)
    await call_all(store)
    book = store.campaigns
    for act, number in (("a", "11910000002"), ("b", "11910000003")):
        await book.bar(Wish(act, number, AT, "ana", "pediu"))
    await book.unbar(Wish("c", "11910000003", AT + 5, "ana", "mudou"))
    hold = Hold(0, CallId("call-3"), "processo 1", AT, "aurora")
    fact = Fact(AT, Kind.RECORDING_HELD, CallId("call-3"), by="aurora", details={})
    await store.open_call(CallId("call-3"), "156", "campanha", "11910000003", AT, False)
    assert await store.settled()
    await store.recordings.hold("h", hold, fact)
    assert await let_go(store) == OutGone(1, 1, 0)
    assert rows(database_url, NUMBERS) == [("apagado-002",), ("11910000003",)]
    assert rows(database_url, "SELECT number FROM do_not_call ORDER BY act") == [
        ("11910000002",),
        ("11910000003",),
    ]
    execute(database_url, "UPDATE recording_holds SET ended_at = since")
    assert await let_go(store) == OutGone(1, 1, 0)
    assert rows(database_url, "SELECT number FROM do_not_call ORDER BY act") == [
        ("11910000002",),
        ("apagado-003",),
    ]


async def test_a_number_that_came_twice_is_let_go_twice(store: Store, database_url: str) -> None:
    await load(store, 1)
    await call_all(store)
    assert (await let_go(store)).contacts == 1
    again = ListRow.of(NAME, "outra.csv", b"outra", AT + 1, "ana")
    await store.campaigns.begin_list(again)
    assert await store.campaigns.load(again, page(1), AT) == []  # nobody knows the number any more
    await store.campaigns.finish_list(replace(again, contacts=1, loaded_at=AT + 1))
    await call_all(store)
    assert (await let_go(store)).contacts == 1
    found = [number for (number,) in rows(database_url, NUMBERS)]
    assert len(set(found)) == 2
    assert all(number.startswith("apagado-002") for number in found)
    done = await store.campaigns.take_out("11910000002", "apagado-002", AT)
    assert done.contacts == 0


async def test_texts_lose_their_number_and_their_words(store: Store, database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO sms_orders (order_id, kind, body, subject, ordered_at, by_whom, "
            "scheduled_at, deadline) VALUES ('o', 'aviso', 'Saúde', 'Vacina', "
            "'2020-01-01 00:00:00.000000', 'ana', '2020-01-01 00:00:00.000000', "
            "'2020-01-02 00:00:00.000000')",
            *(
                "INSERT INTO sms_messages (message_id, order_id, number, text, reference, urgency, "
                "scheduled_at, deadline, status, since, not_before) VALUES "
                f"('{name}', 'o', '1191000000{name}', 'Bom dia', 1, 5, "
                "'2020-01-01 00:00:00.000000', '2020-01-02 00:00:00.000000', "
                f"'{status}', '2020-01-01 00:00:00.000000', '2020-01-01 00:00:00.000000')"
                for name, status in (("1", "entregue"), ("2", "sem_resposta"))
            ),
            "INSERT INTO sms_received (key, at, number, text, refuses) VALUES ('k', "
            "'2020-01-01 00:00:00.000000', '11910000001', 'SAIR', true)",
        ):
            connection.execute(text(statement))
    assert await let_go(store) == OutGone(texts=2)
    asked = "SELECT number, text, status FROM sms_messages ORDER BY message_id"
    assert rows(database_url, asked) == [
        ("apagado-001", "", "entregue"),
        ("11910000002", "Bom dia", "sem_resposta"),
    ]
    received = rows(database_url, "SELECT number, text FROM sms_received")
    assert received == [("apagado-001", "")]
    assert rows(database_url, "SELECT forgotten_at FROM sms_orders") == [(None,)]
    execute(database_url, "UPDATE sms_messages SET status = 'incerta'")
    assert await let_go(store) == OutGone(texts=1)
    ((forgotten,),) = rows(database_url, "SELECT forgotten_at FROM sms_orders")
    assert forgotten is not None
    engine.dispose()


@pytest.mark.parametrize("at_once", [1, 2, 3, 200])
async def test_a_walk_in_steps_comes_by_everybody(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("protocol_store.outgoing_ages.OUTGOING_AT_ONCE", at_once)
    await load(store, 5)
    other = ListRow.of(NAME, "outra.csv", b"outra", AT + 1, "ana")
    await store.campaigns.begin_list(other)
    await store.campaigns.load(other, page(4, first=50), AT)
    await store.campaigns.finish_list(replace(other, contacts=4, loaded_at=AT + 1))
    await call_all(store)
    assert await let_go(store) == OutGone(9, 9, 0)
    assert await let_go(store) == OutGone()
    left = "SELECT count(*) FROM contacts WHERE number NOT LIKE 'apagado%'"
    assert rows(database_url, left) == [(0,)]
