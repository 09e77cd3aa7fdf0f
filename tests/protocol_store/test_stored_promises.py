"""Promises, calls that go on with another, marks and closed tasks, on both databases."""

from __future__ import annotations

import pytest
from store_bed import AT, CALLER, NewStore, about, open_call, rows

from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, CampaignName
from terms.outcome import CallOutcome, Kept, Tried

CALL, NEW = CallId("boot-1"), CallId("boot-2")


def promised(call: str = CALL, after: float = 5.0) -> Fact:
    """A citizen keeps the place."""
    return about(
        Kind.CALL_BACK_PROMISED,
        call,
        after,
        how="key",
        line="156",
        queue="p156_geral",
        priority=30,
        joined=AT + 1,
        expires=AT + 900,
        place="queue=p156_geral",
        value="endereco=Rua",
    )


async def test_a_promise_is_durable_and_found_by_the_next_process(
    store: Store, new_store: NewStore
) -> None:
    protocol = await open_call(store, CALL)
    await store.promises.remember(promised())
    await store.promises.remember(promised())  # told twice
    assert await store.settled()
    (found,) = await (await new_store("b")).promises.open()
    assert (found.call, found.how, found.queue, found.priority) == (CALL, "key", "p156_geral", 30)
    assert (found.joined, found.expires, found.caller) == (AT + 1, AT + 900, CALLER)
    assert (found.protocol, found.place, found.data) == (
        protocol,
        "queue=p156_geral",
        "endereco=Rua",
    )
    assert (found.tries, found.attempt, found.not_before) == (0, "", 0.0)


async def test_attempts_are_followed_and_the_end_is_once(store: Store, database_url: str) -> None:
    await open_call(store, CALL)
    await store.promises.remember(promised())
    await store.promises.remember(about(Kind.CALL_BACK_TRIED, CALL, 10, "ana", attempt="1-7"))
    (found,) = await store.promises.open()
    assert found.attempt == "1-7"
    busy = {"attempt": "1-7", "result": str(Tried.BUSY), "tries": 1, "not_before": AT + 300}
    store.append(about(Kind.CALL_BACK_RESULT, CALL, 20, **busy))
    assert await store.settled()
    (found,) = await store.promises.open()
    assert (found.attempt, found.tries, found.not_before) == ("", 1, AT + 300)
    store.append(
        about(Kind.CALL_BACK_OVER, CALL, 30, how=str(Kept.REACHED), to_call=NEW),
        about(Kind.CALL_BACK_OVER, CALL, 40, how=str(Kept.EXPIRED), to_call=""),
    )
    assert await store.settled()
    assert await store.promises.open() == []
    assert rows(database_url, "SELECT over_how, to_call FROM promises") == [("reached", NEW)]


async def test_a_call_that_goes_on_has_the_first_ones_number(store: Store) -> None:
    protocol = await open_call(store, CALL)
    about_it = (NEW, "156", "156", CALLER, AT + 60, False, "v1", False)
    for _ in range(2):  # a step that broke off asks again
        await store.promises.resume_call(*about_it, CALL, protocol, "redial")
    story, first = await store.story(NEW), await store.story(protocol)
    assert story is not None
    assert first is not None
    assert (story.call.protocol, story.call.of_call) == (protocol, CALL)
    assert story.protocols == ()  # the number itself stays the first call's
    assert [fact.kind for fact in story.facts] == ["call_arrived", "call_resumed"]
    assert first.call.call == CALL
    assert [one.call for one in first.goes_on] == [NEW]
    other = await open_call(store, "boot-3")
    assert other != protocol


async def test_whoever_heard_a_notice_has_nothing_to_go_on_with(store: Store) -> None:
    for call in ("heard", "talked"):
        entry = (CallId(call), "199", "campanha", CALLER, AT, False)
        await store.open_call(*entry, campaign=CampaignName("chuva"))
        if call == "talked":
            said = {"offer": "1-1", "waited": 0.0, "dialled": True}
            store.append(Fact(AT + 5, Kind.ANSWERED, CallId(call), AgentName("ana"), details=said))
        store.append(about(Kind.CALL_ENDED, call, 30, outcome="left_in_menu", blame="citizen"))
    assert await store.settled()
    assert [one.call for one in await store.promises.recent(AT)] == ["talked"]


async def test_the_last_calls_and_whom_nobody_calls(store: Store) -> None:
    await open_call(store, CALL, "199")
    left = CallOutcome.ABANDONED
    store.append(
        about(Kind.CALL_ENDED, CALL, 30, outcome=str(left), blame="citizen"),
        about(Kind.TASK_OPENED, CALL, 30, task="call_back", due=AT + 30, because=str(left)),
    )
    assert await store.settled()
    (recent,) = await store.promises.recent(AT)
    assert (recent.call, recent.caller, recent.outcome) == (CALL, CALLER, "abandoned")
    assert await store.promises.recent(AT + 31) == []
    assert [one.call for one in await store.promises.owed(["199", "153"], AT)] == [CALL]
    await store.promises.remember(promised())
    assert await store.promises.owed(["199", "153"], AT) == []
    mark = {"mark": "nao_pode_falar"}
    store.append(about(Kind.CALL_BACK_BARRED, CALL, 40, **mark, on=True))
    assert await store.settled()
    assert await store.promises.barred() == {CALL: CALLER}
    store.append(about(Kind.CALL_BACK_BARRED, CALL, 50, **mark, on=False))
    assert await store.settled()
    assert await store.promises.barred() == {}


async def test_a_task_is_closed_once_and_says_how(store: Store) -> None:
    await open_call(store, CALL)
    store.append(about(Kind.TASK_OPENED, CALL, 5, task="call_back", due=AT, because="interrupted"))
    assert await store.settled()
    (task,) = await store.tasks()
    assert await store.promises.task_call(task.task) == (CALL, "call_back", False)
    assert await store.promises.task_call(task.task + 1) is None
    for after, how in ((60, "falei com ela"), (70, "outra vez")):
        fact = about(Kind.TASK_CLOSED, CALL, after, task="call_back", how=how)
        await store.promises.remember(fact)
    assert await store.tasks() == []
    (done,) = await store.tasks(open_only=False)
    assert (done.result, done.done_at) == ("falei com ela", pytest.approx(AT + 60))


async def test_what_was_typed_is_masked_in_the_story(store: Store) -> None:
    await open_call(store, CALL)
    await store.promises.remember(promised())
    story = await store.story(CALL)
    assert story is not None
    assert "endereco" not in str(story.facts[-1].details)
