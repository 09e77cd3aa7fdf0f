"""What anybody who knows a protocol number is told: how it stands, and nobody's business else."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from store_bed import AT, CALLER, about, execute, open_call

from protocol_store import PublicStatus, Store
from terms.facts import Fact, Kind
from terms.names import CallId
from terms.outcome import CallOutcome

CALL = "boot-1"
ANSWERED = about(Kind.ANSWERED, CALL, 9, "ana", offer="o", waited=6.0)
TASK = about(Kind.TASK_OPENED, CALL, 20, task="call_back", due=AT, because="x")


def noted(note: str) -> Fact:
    return about(Kind.QUEUED, CALL, 3, queue="q", priority=1, note=note)


def ended(outcome: str) -> Fact:
    return about(Kind.CALL_ENDED, CALL, 30, outcome=outcome, blame="us", where="x", seconds=30)


async def status_after(store: Store, *facts: Fact, line: str = "156") -> PublicStatus | None:
    protocol = await open_call(store, CALL, line)
    store.append(*facts)
    await store.settled()
    return await store.public_status(protocol, {"Buraco na rua", "Poda"})


QUEUED = noted("Buraco na rua")
SITUATIONS: list[tuple[list[Fact], str]] = [
    ([], "ligação em andamento"),
    ([QUEUED], "na fila de atendimento"),
    ([QUEUED, ANSWERED], "em atendimento"),
    ([QUEUED, ANSWERED, ended("served")], "atendido"),
    ([QUEUED, ANSWERED, ended("interrupted")], "atendido"),
    ([QUEUED, ended("interrupted")], "ligação interrompida"),
    ([QUEUED, ended("interrupted"), TASK], "aguardando nosso retorno"),
    ([QUEUED, ANSWERED, TASK], "aguardando nosso retorno"),
    ([QUEUED, ended("abandoned")], "ligação encerrada antes do atendimento"),
    ([ended("left_in_menu")], "ligação encerrada antes do atendimento"),
    ([ended("ended_in_menu")], "respondido na própria ligação"),
    ([ended("message_left")], "recado recebido"),
    ([ended("message_left"), TASK], "aguardando nosso retorno"),
    ([ended("refused")], "não atendido"),
    ([ended("an outcome of a later release")], "ligação interrompida"),
]


async def test_how_a_protocol_stands(store: Store) -> None:
    for number, (facts, situation) in enumerate(SITUATIONS):
        call = f"boot-{number}"
        protocol = await open_call(store, call)
        store.append(*(dataclasses.replace(fact, call=CallId(call)) for fact in facts))
        await store.settled()
        found = await store.public_status(protocol)
        assert found is not None
        assert found.situation == situation, [fact.kind for fact in facts]


async def test_every_outcome_has_its_words(store: Store) -> None:
    for outcome in CallOutcome:
        call = f"boot-{outcome}"
        protocol = await open_call(store, call)
        store.append(about(Kind.CALL_ENDED, call, 1, outcome=outcome.value, blame="us"))
        await store.settled()
        found = await store.public_status(protocol)
        assert found is not None
        assert found.situation
        assert ("interrompida" in found.situation) == (outcome is CallOutcome.INTERRUPTED)


async def test_a_call_back_that_was_made(store: Store, database_url: str) -> None:
    await status_after(store, ended("message_left"), TASK)
    execute(database_url, "UPDATE tasks SET done_at = opened_at, done_by = 'rui'")
    story = await store.story(CALL)
    assert story is not None
    found = await store.public_status(story.protocols[0].protocol)
    assert found is not None
    assert found.situation == "retorno feito"


AGAIN = "boot-2"
CALLED_BACK: list[tuple[list[Fact], str]] = [
    ([], "aguardando nosso retorno"),
    ([about(Kind.CALL_BACK_OVER, CALL, 40, how="reached", to_call=AGAIN)], "em atendimento"),
    ([about(Kind.TALK_ENDED, AGAIN, 50, "ana", offer="p", talk_seconds=9)], "em atendimento"),
    ([about(Kind.CALL_ENDED, AGAIN, 60, outcome="served", blame="citizen")], "atendido"),
]


async def test_a_citizen_who_was_called_back_waits_for_no_call(store: Store) -> None:
    """The case is told by its last call, with the number and the subject of the first."""
    protocol = await open_call(store, CALL)
    promise = about(Kind.CALL_BACK_PROMISED, CALL, 20, how="key", line="156", queue="q",
                    priority=30, joined=AT, expires=AT + 900, place="", value="")  # fmt: skip
    store.append(QUEUED, promise, ended("promised"))
    for number, (facts, situation) in enumerate(CALLED_BACK):
        if number == 1:
            arrived = {"line": "156", "entry": "retorno", "caller": CALLER, "test": False}
            resumed = {"of_call": CALL, "protocol": protocol, "how": "call_back"}
            store.append(
                about(Kind.CALL_ARRIVED, AGAIN, 38, version="", relay=False, **arrived),
                about(Kind.CALL_RESUMED, AGAIN, 38, **resumed),
                about(Kind.ANSWERED, AGAIN, 39, "ana", offer="p", waited=30.0),
            )
        store.append(*facts)
        await store.settled()
        found = await store.public_status(protocol, {"Buraco na rua"})
        assert found is not None
        assert (found.subject, found.situation) == ("Buraco na rua", situation)


async def test_nobody_waits_for_a_call_that_was_given_up(store: Store) -> None:
    promise = about(Kind.CALL_BACK_PROMISED, CALL, 20, how="key", line="156", queue="q",
                    priority=30, joined=AT, expires=AT + 900, place="", value="")  # fmt: skip
    over = about(Kind.CALL_BACK_OVER, CALL, 90, how="no_contact", to_call="")
    found = await status_after(store, QUEUED, promise, ended("promised"), over)
    assert found is not None
    assert found.situation == "ligação encerrada antes do atendimento"


async def test_subject_and_day_and_nothing_else(store: Store) -> None:
    found = await status_after(store, QUEUED, ANSWERED)
    assert found == PublicStatus("Buraco na rua", date(2026, 9, 21), "em atendimento")
    told = str(dataclasses.asdict(found))
    assert CALLER not in told
    assert "ana" not in told


async def test_the_last_subject_counts_and_one_without_takes_none_away(store: Store) -> None:
    again = about(Kind.QUEUED, CALL, 5, queue="q2", priority=1, note="Poda")
    silent = about(Kind.QUEUED, CALL, 6, queue="q3", priority=1, note="")
    found = await status_after(store, QUEUED, again, silent)
    assert found is not None
    assert found.subject == "Poda"


async def test_what_only_agents_read_is_left_out(store: Store) -> None:
    found = await status_after(store, noted("fora do horário: registrar — Buraco na rua"))
    assert found is not None
    assert found.subject == "Buraco na rua"


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("156", []),
        ("199", [QUEUED]),
        ("153", [QUEUED]),
        ("156", [noted("Violência")]),
        ("156", [noted("fora do horário: registrar")]),
        ("156", [noted("intermediação — fora do horário: registrar — Violência")]),
        (
            "156",
            [
                about(
                    Kind.HANDED_OVER, CALL, 2, from_line="156", to_line="199",
                    queue="e199_risco", priority=100,
                ),
                QUEUED,
            ],
        ),
    ],
)  # fmt: skip
async def test_what_is_nobodys_business_looks_like_what_has_no_subject(
    store: Store, line: str, facts: list[Fact]
) -> None:
    found = await status_after(store, *facts, line=line)
    assert found is not None
    assert found.subject == "uma ligação"


async def test_unknown_and_never_told_numbers(store: Store, database_url: str) -> None:
    protocol = await open_call(store, CALL)
    for unknown in ("999999994", "", "' OR 1=1 --", "x" * 500, "a\0b", protocol[:-1]):
        assert await store.public_status(unknown.replace("\0", "")) is None
    assert await store.settled()
    execute(database_url, "UPDATE protocols SET ordinal = NULL")
    assert await store.public_status(protocol) is None


async def test_the_day_is_sao_paulos(store: Store, database_url: str) -> None:
    protocol = await open_call(store, CALL)
    assert await store.settled()
    late = "2026-11-26 01:30:00" + ("" if database_url.startswith("sqlite") else "+00")
    execute(database_url, f"UPDATE protocols SET given_at = '{late}'")
    found = await store.public_status(protocol)
    assert found is not None
    assert found.opened == date(2026, 11, 25)
