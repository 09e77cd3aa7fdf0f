"""The day of report_day.py, and beside it a campaign that calls people: what reports must count of
it, and what they must not.

Ten contacts of a list, called from 14:00 on; one attempt of each result, and some twice. One call
is served by bia, one citizen confirms a notice, one wants a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from report_day import DAY, GERAL, arrives, at, ends, fact, states, store_the_day

from protocol_store import Store
from protocol_store.attempt_rows import Ended, Ordered
from protocol_store.campaign_rows import CampaignRow, Change, ListRow, contact_id
from protocol_store.contact_rows import ContactRow
from terms.facts import Fact, Kind
from terms.names import AttemptId, CallId, CampaignName, TrunkName
from terms.outcome import Tried

NAME, NOTICE = CampaignName("vacina"), CampaignName("obra")
ALPHA, BETA = TrunkName("alfa"), TrunkName("beta")
FIRST = 2
"""The line of the first contact in its file."""

LIST = ListRow.of(NAME, "vacina.csv", b"1", at("9:00"), "ana")
OTHER = ListRow.of(NOTICE, "obra.csv", b"2", at("9:30"), "ana")

Try = tuple[ListRow, int, int, str, str, Tried | None, float, str, str]
"""List, contact's place, count, trunk, when, result, seconds of talk, agent, what was said."""

TRIES: tuple[Try, ...] = (
    (LIST, 0, 1, ALPHA, "14:00", Tried.NO_ANSWER, 0, "bia", ""),
    (LIST, 0, 2, ALPHA, "16:10", Tried.ANSWERED, 60.0, "bia", ""),
    (LIST, 1, 1, ALPHA, "14:01", Tried.BUSY, 0, "bia", ""),
    (LIST, 2, 1, ALPHA, "14:02", Tried.INVALID, 0, "bia", ""),
    (LIST, 3, 1, BETA, "14:03", Tried.UNREACHABLE, 0, "bia", ""),
    (LIST, 4, 1, BETA, "14:04", Tried.AGENT, 0, "ana", ""),
    (LIST, 4, 2, BETA, "14:05", Tried.HELD, 0, "bia", ""),
    (LIST, 4, 3, BETA, "14:06", Tried.SHUT, 0, "bia", ""),
    (LIST, 4, 4, BETA, "14:07", Tried.LOST, 0, "bia", ""),
    (LIST, 5, 1, BETA, "14:08", None, 0, "bia", ""),
    (OTHER, 0, 1, BETA, "15:00", Tried.MACHINE, 5.0, "", ""),
    (OTHER, 1, 1, BETA, "15:01", Tried.FAX, 3.0, "", ""),
    (OTHER, 2, 1, BETA, "15:02", Tried.SILENT, 4.0, "", ""),
    (OTHER, 3, 1, BETA, "15:03", Tried.DROPPED, 2.0, "", ""),
    (OTHER, 4, 1, BETA, "15:04", Tried.ANSWERED, 20.0, "", "confirma"),
    (OTHER, 5, 1, BETA, "15:05", Tried.ANSWERED, 6.0, "", "nao_ligar"),
    (OTHER, 6, 1, BETA, "15:06", Tried.ANSWERED, 7.0, "", ""),
)
ENDS = {Tried.ANSWERED: "reached", Tried.INVALID: "wrong_number", Tried.FAX: "wrong_number"}


def campaign(name: CampaignName, kind: str, mode: str, body: str, subject: str) -> CampaignRow:
    return CampaignRow(
        *(name, kind, mode, body, subject, 5, "", f"campanha: {name}\n", "draft"),
        *(at("8:00"), "ana", at("8:00"), "ana"),
    )


async def store_campaigns(store: Store) -> None:
    """The campaigns, their lists, and the attempts in the order in which they were made."""
    book = store.campaigns
    await book.make(campaign(NAME, "lembrete", "progressivo", "Saúde", "Vacina"))
    await book.make(campaign(NOTICE, "aviso", "aviso", "Obras", "Rua fechada"))
    for row in (LIST, OTHER):
        await book.begin_list(row)
        page = [(line, number_of(row, line), {"nome": "Zoé"}) for line in range(FIRST, FIRST + 8)]
        await book.load(row, page, row.at)
        await book.finish_list(replace(row, contacts=8, loaded_at=row.at))
        run = Change(row.campaign, frozenset({"draft"}), "running", at("13:00"), "ana")
        await book.change(run)
    out = await book.contact(contact_id(LIST.name, FIRST + 7))
    assert out is not None
    left = replace(out, state="done", due_at=None, ending="left_out", because="não ligar")
    await book.keep([left], at("13:30"))
    for one in sorted(TRIES, key=lambda one: (at(one[4]), one[2])):
        await _make(store, one)
    await book.set_operators({ALPHA: "Operadora A", BETA: "Operadora B"})
    await book.count_outside(ALPHA, at("13:00"))
    await book.count_outside(ALPHA, at("13:00"), 0, answered=1, short=1)


def number_of(row: ListRow, line: int) -> str:
    return f"119{7 if row is LIST else 6}7770{line:03}"


async def _make(store: Store, one: Try) -> None:
    row, place, count, trunk, clock, result, talk, agent, said = one
    book = store.campaigns
    there = await book.contact(contact_id(row.name, FIRST + place))
    assert there is not None
    name = AttemptId(f"{there.contact}-{count}")
    wish = Ordered(
        *(name, there.contact, count, there.number, TrunkName(trunk), at(clock), agent or None)
    )
    await book.order(wish)
    if result is not None:
        await book.end(_ended(there, wish, result, talk, said))


def _ended(there: ContactRow, wish: Ordered, result: Tried, talk: float, said: str) -> Ended:
    ending = ENDS.get(result)
    after = replace(
        there,
        state="done" if ending else "again",
        due_at=None if ending else wish.at + 7_200,
        results=(*there.results, result.value) if result.reached_for else there.results,
        ending=ending,
    )
    over = wish.at + 20 + talk
    answered = over - talk if talk else None
    call = call_of(wish.attempt) if result is Tried.ANSWERED else None
    return Ended(
        *(wish.attempt, over, result.value, result.reached_for, after, "", answered, call),
        said=said,
        advice="parece máquina" if result is Tried.MACHINE else "",
    )


def call_of(attempt: str) -> CallId:
    return CallId("c" + "".join(one for one in attempt if one.isalnum()))


SERVED = call_of(f"{contact_id(LIST.name, FIRST)}-2")
"""The call that bia served."""


def calls_of_campaigns() -> Iterator[Fact]:
    """The facts of the calls that came of the attempts."""
    for row, place, count, _, clock, result, talk, agent, said in TRIES:
        if result is not Tried.ANSWERED:
            continue
        line = FIRST + place
        call = call_of(f"{contact_id(row.name, line)}-{count}")
        began = at(clock) + 20
        for one in arrives(call, clock, caller=number_of(row, line), entry="campanha"):
            details = {**one.details}
            if one.kind is Kind.CALL_ARRIVED:
                details["campaign"] = row.campaign
            yield replace(one, at=began, details=details)
        if agent:
            yield from _with_agent(call, agent)
        elif said:
            about = {"campaign": row.campaign, "said": said}
            yield replace(fact(Kind.CAMPAIGN_ANSWER, clock, call, **about), at=began + talk / 2)
        if not agent:
            yield replace(ends(call, clock, "ended_in_menu"), at=began + talk)


def _with_agent(call: CallId, agent: str) -> Iterator[Fact]:
    """As the floor tells it: the agent was reserved for the attempt, before there was a call."""
    offer: dict[str, Any] = {"offer": f"1-{call}", "dialled": True}
    reserved = f"{call}-tentativa"
    yield fact(Kind.OFFER_MADE, "16:10", reserved, agent, **offer, queue=GERAL, because="livre",
               ring_seconds=15.0)  # fmt: skip
    yield fact(Kind.OFFER_ENDED, "16:10:20", call, agent, **offer, outcome="answered",
               blame="nobody", because="")  # fmt: skip
    yield fact(Kind.ANSWERED, "16:10:20", call, agent, **offer, waited=0.0)
    yield fact(Kind.TALK_ENDED, "16:11:20", call, agent, **offer, talk_seconds=60.0)
    yield fact(Kind.DISPOSITION, "16:11:30", call, agent, code="resolvido")
    yield ends(call, "16:11:20", "served")
    yield from states(
        agent,
        *(("16:10", "offered"), ("16:10:10", "talking"), ("16:11:20", "wrap_up")),
        ("16:11:50", "idle"),
    )


async def store_the_campaign_day(url: str) -> None:
    """The day, with its campaigns."""
    await store_the_day(url)
    store = Store(url, "b", clock=lambda: DAY + 80_000)
    await store.start()
    await store_campaigns(store)
    told = sorted(calls_of_campaigns(), key=lambda one: one.at)
    store.append(*told, fact(Kind.SWITCH_SEEN, "23:59:40", boot="b", calls=0))
    assert await store.settled()
    await store.close()
