"""Sessions, pauses, plans and hours: what facts come to, and what a start finds of them."""

from __future__ import annotations

import pytest
from store_bed import NewStore, open_call, rows

from acd.pauses import LAWFUL
from central156.work_left import looked_back, restored
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Skill

AT = 1_790_000_000.25
ANA, BIA = AgentName("ana"), AgentName("bia")
HOUR = 3_600.0


def fact(kind: Kind, after: float, agent: AgentName = ANA, by: str = "", **details: object) -> Fact:
    return Fact(AT + after, kind, agent=agent, by=by, details=details)


def status(after: float, name: str, reason: str = "", agent: AgentName = ANA) -> Fact:
    return fact(Kind.AGENT_STATUS, after, agent, status=name, reason=reason)


def shift(begins: float, *pauses: tuple[str, float]) -> Fact:
    told = [{"reason": reason, "at": AT + at, "seconds": 600.0} for reason, at in pauses]
    return fact(
        Kind.SHIFT_PLANNED, 0, by="sofia", begins=AT + begins, ends=AT + begins + 6 * HOUR,
        pauses=told,
    )  # fmt: skip


async def test_a_pause_is_a_row_that_only_gains_its_end(store: Store, database_url: str) -> None:
    began = fact(Kind.PAUSE_BEGAN, 10, by="ana", reason="NR17-10a", planned=AT + 5, ends=AT + 610)
    ended = fact(Kind.PAUSE_ENDED, 610, reason="NR17-10a", began=AT + 10, because="cumprida")
    store.append(began)
    assert await store.settled()
    (row,) = await store.work.pauses(AT, AT + HOUR)
    assert (row.planned, row.began, row.due, row.ended) == (AT + 5, AT + 10, AT + 610, None)
    store.append(ended, fact(Kind.PAUSE_ENDED, 900, reason="NR17-10a", began=AT + 10))
    assert await store.settled()
    (row,) = await store.work.pauses(AT, AT + HOUR)
    assert (row.ended, row.because, row.by) == (AT + 610, "cumprida", "ana")  # the first end stays
    kept = rows(database_url, "SELECT count(*) FROM facts WHERE kind LIKE 'pause%'")
    assert kept == [(3,)]


async def test_a_new_plan_takes_the_place_of_what_it_touches(store: Store) -> None:
    store.append(
        shift(0, ("NR17-10a", HOUR), ("NR17-10b", 4 * HOUR)),
        shift(24 * HOUR, ("NR17-10a", 25 * HOUR)),
        shift(HOUR, ("NR17-10a", 3 * HOUR)),
        fact(Kind.PAUSE_POSTPONED, 1, reason="NR17-10a", before=AT + 3 * HOUR, at=AT + 4 * HOUR),
    )
    assert await store.settled()
    found = await store.work.planned(AT, AT + 48 * HOUR)
    assert [(one.planned - AT, one.at - AT) for one in found] == [
        (3 * HOUR, 4 * HOUR),
        (25 * HOUR, 25 * HOUR),
    ]


async def test_skills_blocks_marks_and_seats(store: Store) -> None:
    await store.add_agent("ana", "Ana", {Skill("geral"): 1}, "segredo")
    moved = {"skills": {"geral": 2, "risco": 1}, "subjects": ["risco"], "reserve": True}
    call = CallId("boot-1")
    await open_call(store, call)
    store.append(
        fact(Kind.AGENT_SKILLS, 1, by="sofia", because="falta gente", **moved),
        fact(Kind.AGENT_BLOCKED, 2, by="sofia", on=True, because="investigação"),
        Fact(AT + 3, Kind.DISPOSITION, call, ANA, details={"code": "engano"}),
        Fact(AT + 4, Kind.DISPOSITION, call, ANA, details={"code": "resolvido"}),
        Fact(AT + 4, Kind.CALL_MARKED, call, ANA, details={"mark": "abusiva"}),
        Fact(AT, Kind.SEAT_HOURS, by="sofia", details={
            "seat": "pa-1", "opens": "08:00", "closes": "14:00", "days": "12345",
        }),
        fact(Kind.HOURS_EXCEPTED, 5, by="sofia", until=AT + 9, because="enchente"),
    )  # fmt: skip
    assert await store.settled()
    (ana,) = await store.agents()
    assert (dict(ana.skills), ana.subjects) == ({"geral": 2, "risco": 1}, ("risco",))
    assert (ana.reserve, ana.blocked) == (True, "investigação")
    marks = await store.work.marks(AT, AT + 10)
    assert sorted((one.kind, one.code) for one in marks) == [
        ("disposition", "resolvido"),
        ("mark", "abusiva"),
    ]
    assert [(one.seat, one.by) for one in await store.work.seats()] == [("pa-1", "sofia")]
    assert [one.because for one in await store.work.exceptions(AT, AT + 10)] == ["enchente"]
    store.append(fact(Kind.AGENT_BLOCKED, 6, on=False, because=""))
    assert await store.settled()
    assert (await store.agents())[0].blocked == ""


async def test_answered_calls_are_counted_by_agent_and_queue(store: Store) -> None:
    for number, (queue, outcome) in enumerate(
        [("a", "answered"), ("a", "answered"), ("b", "answered"), ("b", "refused")]
    ):
        call = f"boot-{number}"
        await open_call(store, call)
        offer = {"offer": f"1-{number}"}
        made = {**offer, "queue": queue, "because": "x", "ring_seconds": 15.0}
        ended = {**offer, "outcome": outcome, "blame": "nobody"}
        store.append(
            Fact(AT + number, Kind.OFFER_MADE, CallId(call), ANA, details=made),
            Fact(AT + number + 0.5, Kind.OFFER_ENDED, CallId(call), ANA, details=ended),
        )
    assert await store.settled()
    found = await store.work.answered(AT, AT + 60)
    assert [(one.agent, one.queue, one.answered) for one in found] == [
        ("ana", "a", 2),
        ("ana", "b", 1),
    ]


@pytest.mark.parametrize(("ended", "taken"), [(300, False), (600, True), (None, True)])
async def test_a_legal_pause_that_a_logout_broke_off_is_not_taken(
    store: Store, ended: float | None, taken: bool
) -> None:
    await store.add_agent("ana", "ana", {Skill("geral"): 1}, "segredo")
    store.append(
        fact(Kind.AGENT_LOGIN, -HOUR, seat=""),
        status(0, "paused", "NR17-10a"),
        fact(Kind.PAUSE_BEGAN, 0, reason="NR17-10a", planned=AT, ends=AT + 600),
    )
    if ended is not None:
        over = fact(Kind.PAUSE_ENDED, ended, reason="NR17-10a", began=AT, because="saiu")
        store.append(over, status(ended, "logged_out"))
    assert await store.settled()
    now = AT + 900
    left = await store.work.left(looked_back(now, LAWFUL), now)
    (ana,) = restored(await store.agents(), await store.last_statuses(), left, LAWFUL)
    assert ("NR17-10a" in ana.taken) is taken


async def test_a_start_finds_everyone_as_they_were(new_store: NewStore) -> None:
    store = await new_store("a")
    for name in ("ana", "bia", "caio"):
        await store.add_agent(name, name, {Skill("geral"): 1}, "segredo")
    caio = AgentName("caio")
    store.append(
        shift(-HOUR, ("NR17-10a", 0), ("NR17-10b", 3 * HOUR)),
        fact(Kind.AGENT_LOGIN, -20 * HOUR, seat="pa-9"),  # yesterday's
        fact(Kind.AGENT_LOGOUT, -15 * HOUR, since=AT - 20 * HOUR, because="saiu"),
        fact(Kind.PAUSE_BEGAN, -17 * HOUR, reason="NR17-10b", planned=None, ends=None),
        fact(Kind.PAUSE_ENDED, -16.8 * HOUR, reason="NR17-10b", began=AT - 17 * HOUR),
        fact(Kind.AGENT_LOGIN, -3 * HOUR, seat="pa-1"),
        fact(Kind.AGENT_LOGOUT, -2 * HOUR, since=AT - 3 * HOUR, because="saiu"),
        fact(Kind.AGENT_LOGIN, -HOUR, seat="pa-2"),
        status(0, "paused", "NR17-10a"),
        fact(Kind.PAUSE_BEGAN, 0, reason="NR17-10a", planned=AT, ends=AT + 600),
        fact(Kind.HOURS_EXCEPTED, 1, until=AT + 5 * HOUR, because="enchente"),
        fact(Kind.AGENT_LOGIN, -HOUR, BIA, seat=""),
        status(-HOUR, "available", agent=BIA),
        fact(Kind.AGENT_LOGIN, -2 * HOUR, caio, seat=""),
        status(-HOUR, "logged_out", agent=caio),  # and the logout's own fact was lost
    )
    await store.close()
    again = await new_store("a")
    now = AT + 60
    left = await again.work.left(looked_back(now, LAWFUL), now)
    found = restored(await again.agents(), await again.last_statuses(), left, LAWFUL)
    ana, bia, out = found
    assert (ana.status, ana.reason, ana.seat) == ("paused", "NR17-10a", "pa-2")
    assert (ana.pause_began, ana.pause_planned) == (AT, AT)
    assert (ana.logged_since, ana.spells) == (AT - HOUR, ((AT - 3 * HOUR, AT - 2 * HOUR),))
    assert ana.taken == {"NR17-10a"}  # yesterday's do not count
    (plan,) = ana.plans
    assert [(one.reason, one.at) for one in plan.pauses] == [
        ("NR17-10a", AT),
        ("NR17-10b", AT + 3 * HOUR),
    ]
    assert ana.exempt_until == AT + 5 * HOUR
    assert (bia.status, bia.logged_since, bia.pause_began) == ("available", AT - HOUR, None)
    assert (out.status, out.logged_since) == ("logged_out", None)
    assert out.spells == ((AT - 2 * HOUR, AT - HOUR),)
