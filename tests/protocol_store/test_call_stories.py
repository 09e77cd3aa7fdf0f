"""What the store answers: a call's whole story, tasks, figures, people; masked unless revealed."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_bed import (
    AT,
    CALLER,
    NewStore,
    about,
    execute,
    offer_ended,
    offered,
    open_call,
    rows,
)

from protocol_store import NameTaken, Role, Store, masked_number, secret_digest
from protocol_store.errors import NameUnknown
from terms.facts import Fact, Kind
from terms.names import AgentName, Instant
from terms.protocol_number import shown

MASKED = "*******4321"


async def a_whole_visit(store: Store, call: str = "boot-1") -> str:
    """Menu, queue, an agent who does not answer, one who does, the talk and its recording."""
    protocol = await open_call(store, call)
    store.append(
        about(Kind.NODE_ENTERED, call, 1, node="menu"),
        about(Kind.KEY_PRESSED, call, 2, node="menu", key="9", valid=True),
        about(Kind.QUEUED, call, 3, queue="p156_geral", priority=40, note=""),
        offered(call, f"{call}-1", "rui", 4),
        offer_ended(call, f"{call}-1", "rui", "ring_no_answer", 19),
        about(Kind.QUEUED, call, 19, queue="p156_geral", priority=40, note=""),
        offered(call, f"{call}-2", "ana", 20),
        offer_ended(call, f"{call}-2", "ana", "answered", 22),
        about(Kind.ANSWERED, call, 22, "ana", offer=f"{call}-2", waited=19.0),
        about(Kind.TALK_ENDED, call, 52, "ana", offer=f"{call}-2", talk_seconds=30.0),
        about(
            Kind.CALL_ENDED, call, 53, outcome="served", blame="nobody", where="after", seconds=53
        ),
        about(
            Kind.RECORDED, call, 55, file=f"{call}.wav", seconds=29.9, talk_seconds=30.0, ok=True
        ),
    )
    await store.settled()
    return protocol


async def test_a_calls_story_holds_everything(store: Store) -> None:
    protocol = await a_whole_visit(store)
    await open_call(store, "boot-other")
    story = await store.story(protocol)
    assert story is not None
    call = story.call
    assert (call.call, call.line, call.entry, call.protocol) == ("boot-1", "156", "156", protocol)
    assert (call.arrived_at, call.queued_at, call.answered_at) == (AT, AT + 3, AT + 22)
    assert (call.outcome, call.blame, call.ended_where) == ("served", "nobody", "after")
    assert (call.wait_seconds, call.talk_seconds, call.seconds) == (19.0, 30.0, 53.0)
    assert (call.agent, call.queue, call.test, call.static) == ("ana", "p156_geral", False, False)
    assert [one.protocol for one in story.protocols] == [protocol]
    assert len(story.facts) == 14
    assert [fact.at for fact in story.facts] == sorted(fact.at for fact in story.facts)
    assert [(offer.agent, offer.outcome) for offer in story.offers] == [
        ("rui", "ring_no_answer"),
        ("ana", "answered"),
    ]
    assert story.offers[0].because == "longest idle"
    assert [(one.file, one.kind, one.ok) for one in story.recordings] == [
        ("boot-1.wav", "talk", True)
    ]
    assert story.tasks == ()
    json.dumps(dataclasses.asdict(story))


async def test_a_story_is_found_by_what_a_citizen_writes_down(store: Store) -> None:
    protocol = await open_call(store, "boot-1")
    for written in (protocol, shown(protocol), f" {shown(protocol)} ", "boot-1"):
        story = await store.story(written)
        assert story is not None
        assert story.call.call == "boot-1"
    wrong = protocol[:-1] + str((int(protocol[-1]) + 1) % 10)
    for unknown in (wrong, "999999994", "boot-9", "", "' OR 1=1 --", "boot\0-1"):
        assert await store.story(unknown) is None


async def test_callers_are_masked_unless_whoever_asks_may_see_them(store: Store) -> None:
    protocol = await open_call(store, "boot-1")
    store.append(about(Kind.TASK_OPENED, "boot-1", 1, task="call_back", due=AT, because="x"))
    await store.settled()
    masked, open_one = await store.story(protocol), await store.story(protocol, reveal=True)
    assert CALLER not in json.dumps(dataclasses.asdict(masked))  # type: ignore[call-overload]
    assert masked is not None
    assert open_one is not None
    assert masked.call.caller == masked.tasks[0].caller == MASKED
    assert masked.facts[0].details["caller"] == MASKED
    assert open_one.call.caller == open_one.tasks[0].caller == CALLER
    assert open_one.facts[0].details["caller"] == CALLER
    assert [task.caller for task in await store.tasks()] == [MASKED]
    assert [task.caller for task in await store.tasks(reveal=True)] == [CALLER]
    assert [call.caller for call in await store.open_calls()] == [CALLER]
    assert [call.caller for call in await store.open_calls(reveal=False)] == [MASKED]


@pytest.mark.parametrize(
    ("number", "seen"),
    [
        (CALLER, MASKED),
        ("+5511987654321", "**********4321"),
        ("33334444", "****4444"),
        ("1234567", "*******"),
        ("190", "***"),
        ("anonymous", "anonymous"),
        ("", ""),
    ],
)
def test_what_is_seen_of_a_number(number: str, seen: str) -> None:
    assert masked_number(number) == seen


@given(st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True))
def test_a_mask_hides_at_least_half(number: str) -> None:
    seen = masked_number(number)
    assert len(seen) == len(number)
    assert seen.count("*") >= len(number) / 2


async def test_a_caller_who_left_waited_until_then(store: Store) -> None:
    await open_call(store, "boot-1")
    store.append(about(Kind.QUEUED, "boot-1", 3, queue="q", priority=1, note=""))
    await store.settled()
    store.append(
        about(
            Kind.CALL_ENDED, "boot-1", 45.5, outcome="abandoned", blame="citizen", where="waiting"
        )
    )
    store.append(about(Kind.CALL_ENDED, "boot-1", 99, outcome="served", blame="us", where="?"))
    await store.settled()
    story = await store.story("boot-1")
    assert story is not None
    assert story.call.wait_seconds == pytest.approx(42.5)
    assert (story.call.outcome, story.call.ended_at) == ("abandoned", AT + 45.5)  # it ends once


async def test_open_calls_are_those_whose_end_is_not_stored(new_store: NewStore) -> None:
    store = await new_store("a")
    await a_whole_visit(store)
    for number in (3, 2):
        await store.open_call(  # arrived in the order 2, 3
            about(Kind.QUEUED, f"boot-{number}").call,  # type: ignore[arg-type]
            "199",
            "199",
            CALLER,
            AT + number,
            False,
        )
    await store.close()
    again = await new_store("a")
    assert [call.call for call in await again.open_calls()] == ["boot-2", "boot-3"]


async def test_tasks_of_emergencies_come_first(store: Store) -> None:
    for call, line, due in (("a1-1", "156", 1), ("a1-2", "199", 9), ("a1-3", "153", 5)):
        await open_call(store, call, line)
        store.append(
            about(Kind.TASK_OPENED, call, due, task="call_back", due=AT + due, because="x")
        )
        store.append(about(Kind.TASK_OPENED, call, due, task="call_back", due=AT + 99, because="y"))
    await store.settled()
    assert [task.call for task in await store.tasks()] == ["a1-3", "a1-2", "a1-1"]
    assert {task.because for task in await store.tasks()} == {"x"}


async def test_tasks_that_are_done_are_not_open(store: Store, database_url: str) -> None:
    await open_call(store, "boot-1")
    store.append(about(Kind.TASK_OPENED, "boot-1", 1, task="call_back", due=AT, because="x"))
    await store.settled()
    execute(database_url, "UPDATE tasks SET done_at = '2026-10-01 12:00:00', done_by = 'bia'")
    assert await store.tasks() == []
    assert [task.done_by for task in await store.tasks(open_only=False)] == ["bia"]


async def test_figures_leave_test_calls_out(store: Store) -> None:
    await a_whole_visit(store)
    for call, line, test in (
        ("boot-2", "199", False),
        ("boot-3", "156", False),
        ("boot-4", "156", True),
    ):
        await open_call(store, call, line, test=test)
        store.append(about(Kind.QUEUED, call, 1, queue="q", priority=1, note=""))
    store.append(about(Kind.CALL_ENDED, "boot-3", 9, outcome="abandoned", blame="citizen"))
    await store.settled()
    summary = await store.service_summary(AT)
    assert dataclasses.astuple(summary.total) == (3, 1, 1, 1)
    assert dataclasses.astuple(summary.lines["156"]) == (2, 1, 1, 0)
    assert dataclasses.astuple(summary.lines["199"]) == (1, 0, 0, 1)
    later = await store.service_summary(AT + 1)
    assert dataclasses.astuple(later.total) == (0, 0, 0, 0)


# --- people ---
async def test_an_agents_password_is_nowhere(store: Store, database_url: str) -> None:
    password = "segredo-1234"
    await store.add_agent("ana", "Ana Lúcia", {"p156": 1, "p199": 2}, password)
    (agent,) = await store.agents()
    assert (agent.name, agent.full_name, dict(agent.skills)) == (
        "ana",
        "Ana Lúcia",
        {"p156": 1, "p199": 2},
    )
    digest = hashlib.md5(b"ana:central156:segredo-1234").hexdigest()
    assert agent.secret_digest == secret_digest("ana", password) == digest
    assert password not in str(rows(database_url, "SELECT * FROM agents"))
    with pytest.raises(NameTaken, match="ana"):
        await store.add_agent("ana", "Outra Ana", {}, "outra")
    assert [agent.full_name for agent in await store.agents()] == ["Ana Lúcia"]


@pytest.mark.parametrize("name", ["", "a", "Ana", "ana b", "ana;x", "1ana", "é" * 3, "a" * 33])
async def test_a_name_that_cannot_be_a_phones_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="nome de agente"):
        await store.add_agent(name, "Alguém", {}, "x")


async def test_statuses_are_what_each_agent_chose_last(new_store: NewStore) -> None:
    store = await new_store("a")
    for number, (agent, status, reason) in enumerate(
        [("ana", "available", ""), ("rui", "available", ""), ("ana", "paused", "almoço")]
    ):
        details = {"status": status, "reason": reason, "by": ""}
        store.append(Fact(_at(number), Kind.AGENT_STATUS, None, AgentName(agent), "bia", details))
    await store.close()
    again = await new_store("a")
    found = [dataclasses.astuple(one) for one in await again.last_statuses()]
    assert found == [
        ("ana", "paused", "almoço", "bia", _at(2)),
        ("rui", "available", "", "bia", _at(1)),
    ]


def _at(number: int) -> Instant:
    return AT + number


async def test_a_token_is_told_once_and_kept_as_a_hash(store: Store, database_url: str) -> None:
    token = await store.add_person("bia", Role.SUPERVISOR)
    other = await store.add_person("caio", Role.AUDITOR)
    assert len(token) >= 43  # 256 bits in base 64
    assert token != other
    stored = str(rows(database_url, "SELECT * FROM persons"))
    assert token not in stored
    assert hashlib.sha256(token.encode()).hexdigest() in stored
    person = await store.person_by_token(token)
    assert person is not None
    assert (person.name, person.role) == ("bia", Role.SUPERVISOR)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    for wrong in ("", token[:-1], token.swapcase(), hashed, "\0", "\ud800"):
        assert await store.person_by_token(wrong) is None


async def test_nobody_passes_for_the_centre(store: Store) -> None:
    with pytest.raises(NameTaken, match="da própria central"):
        await store.add_person("restart", Role.ADMIN)
    with pytest.raises(NameTaken, match="da própria central"):
        await store.add_agent("alarme", "Ana", {}, "segredo-1234")


async def test_a_revoked_token_opens_nothing_and_the_name_is_free_again(store: Store) -> None:
    token = await store.add_person("bia", Role.ADMIN)
    with pytest.raises(NameTaken, match="bia"):
        await store.add_person("bia", Role.AGENT)
    await store.revoke_person("bia")
    (revoked,) = await store.persons()
    assert revoked.revoked_at is not None
    assert await store.person_by_token(token) is None
    await store.revoke_person("bia")
    assert await store.persons() == [revoked]
    again = await store.add_person("bia", Role.AGENT)
    assert await store.person_by_token(token) is None
    person = await store.person_by_token(again)
    assert person is not None
    assert person.role is Role.AGENT
    with pytest.raises(NameUnknown, match="ninguem"):
        await store.revoke_person("ninguem")


async def test_a_role_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(ValueError):
        await store.add_person("bia", "king")  # type: ignore[arg-type]
    assert await store.persons() == []


async def test_the_switchs_last_start_is_remembered(store: Store) -> None:
    assert await store.last_boot() == ""
    for boot in ("n1-a", "n1-b"):
        store.append(Fact(AT, Kind.SWITCH_SEEN, details={"boot": boot, "calls": 0}))
    store.append(Fact(AT, Kind.SWITCH_LOST, details={"why": "test"}))
    await store.settled()
    assert await store.last_boot() == "n1-b"
