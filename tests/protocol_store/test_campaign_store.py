"""The store's campaigns in the dialler's words, on the real tables: what is written is read back as
the contact it was, and what tables do not allow is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_bed import AT
from stored_campaign_bed import NAME, ROW, TRUNK, load

from callflow.campaign_ports import Done, Refused
from central156.campaign_store import StoredCampaigns, contact_name
from dialer.attempt import Attempt
from dialer.campaign import CampaignState
from dialer.contacts import ContactState, Ending, end, finish, order
from protocol_store import Store
from reader.campaign_file import read_campaign
from terms.names import AgentName, CallId
from terms.outcome import Tried

FILE = (
    "campanha: vacina\ntipo: aviso\nmodo: aviso\norgao: Saúde\nassunto: Vacina\n"
    "mostra: 1131560156\nrotas: [tronco]\nfala: Tecle um para confirmar.\nteclas:\n  1: confirma\n"
)
RULES = read_campaign(FILE.encode(), "vacina.yaml").campaign


@pytest.fixture
def kept(store: Store) -> StoredCampaigns:
    return StoredCampaigns(store, "11")


async def test_a_contact_goes_its_way_and_is_read_back(store: Store, kept: StoredCampaigns) -> None:
    await load(store, 2)
    ((_, first), (_, second)) = await kept.due(NAME, AT + 1.0, 5, None)
    assert (first.state, first.attempt, first.tries) == (ContactState.PENDING, "", 0)
    going = order(first)
    attempt = Attempt(
        going.attempt, going.contact, NAME, going.number, TRUNK, AT, 20.0, AgentName("ana")
    )
    await kept.order(going, attempt)
    await kept.order(going, attempt)  # said again, it is the same
    assert contact_name(going.attempt) == going.contact
    found = await kept.contact(going.contact)
    assert found is not None
    assert (found.state, found.attempt, found.ordered) == (ContactState.ORDERED, going.attempt, 1)
    another = replace(attempt, attempt=found.next_attempt)
    as_if_free = order(replace(found, state=ContactState.AGAIN))
    with pytest.raises(Refused):
        await kept.order(as_if_free, another)
    after = end(found, going.attempt, Tried.BUSY, AT + 30.0, RULES)
    await kept.end(Done(going.attempt, AT + 30.0, Tried.BUSY, after, call=CallId("")))
    found = await kept.contact(going.contact)
    assert found is not None
    assert (found.results, found.attempt) == ((Tried.BUSY,), "")
    assert found.not_before == after.not_before
    done = finish(second, Ending.LEFT_OUT, "marcado")
    await kept.keep(done, AT)
    assert await kept.due(NAME, AT + 1.0, 5, None) == []


async def test_an_end_of_what_was_never_written_keeps_the_contact(
    store: Store, kept: StoredCampaigns
) -> None:
    """The write had failed: the contact waits as the dialler knows it."""
    await load(store, 1)
    ((_, one),) = await kept.due(NAME, AT + 1.0, 5, None)
    going = order(one)
    after = end(going, going.attempt, Tried.HELD, AT + 1.0, RULES)
    await kept.end(Done(going.attempt, AT + 1.0, Tried.HELD, after))
    found = await kept.contact(one.contact)
    assert found is not None
    assert (found.state, found.not_before) == (ContactState.AGAIN, after.not_before)
    assert await store.campaigns.open_attempts() == []


async def test_a_campaign_moves_as_its_table_allows(store: Store, kept: StoredCampaigns) -> None:
    await store.campaigns.make(replace(ROW, file=FILE, life_safety="Eva"))
    setting = await kept.campaign(NAME)
    assert setting is not None
    assert (setting.state, setting.spoken) == (CampaignState.DRAFT, "Tecle um para confirmar.")
    assert setting.campaign.life_safety == "Eva"
    with pytest.raises(Refused):
        await kept.moved(NAME, CampaignState.PAUSED, AT, "eva", "")
    await kept.moved(NAME, CampaignState.RUNNING, AT, "eva", "")
    await kept.moved(NAME, CampaignState.RUNNING, AT, "eva", "")
    assert (await kept.campaign(NAME)) == replace(setting, state=CampaignState.RUNNING)
    assert await kept.campaign(type(NAME)("outra")) is None


async def test_who_is_not_to_be_called(store: Store, kept: StoredCampaigns) -> None:
    await kept.bar("11987654321", AT, "eva", "pediu")
    await kept.bar("11987654321", AT, "eva", "pediu de novo")
    assert await kept.do_not_call() == (frozenset({"11987654321"}), {})
