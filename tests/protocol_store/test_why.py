"""Why a call went where it went, from its stored facts, for each who asks; on both databases."""

from __future__ import annotations

import json
from typing import Any

from store_bed import AT, CALLER, about, offer_ended, open_call

from central156.cli.why import tell
from protocol_store import Store
from protocol_store.why import why
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

CALL = "boot-why"
SKIPPED = [
    {"agent": "rui", "reason": "livre há 80,0 s: nível pior na habilidade"},
    {"caller": "boot-other", "reason": "na fila p156_x, espera há 30,0 s: prioridade menor"},
]


def choice(agent: str, offer: str, after: float, **more: Any) -> Fact:
    details = {
        **{"offer": offer, "queue": "p156_geral", "ring_seconds": 15.0},
        **{"because": f"primeiro da fila; {agent} livre há mais tempo", "rule": "index"},
    }
    return about(Kind.OFFER_MADE, CALL, after, agent, **{**details, **more})


async def a_visit(store: Store) -> str:
    """Two choices, a promise that held, a transfer, a silence, an end."""
    protocol = await open_call(store, CALL)
    store.append(
        about(Kind.NODE_ENTERED, CALL, 1, node="menu"),
        about(Kind.DATA_TYPED, CALL, 2, node="cpf", variable="cpf", value="12345678909"),
        about(Kind.QUEUED, CALL, 3, queue="p156_geral", priority=40, note="árvore", joined=AT + 3),
        about(Kind.WAIT_TOLD, CALL, 5, position=2, low=10.0, high=60.0),
        choice("bia", f"{CALL}-1", 10, skipped=SKIPPED),
        offer_ended(CALL, f"{CALL}-1", "bia", "ring_no_answer", 25),
        choice("ana", f"{CALL}-2", 26),
        offer_ended(CALL, f"{CALL}-2", "ana", "answered", 30),
        about(Kind.WAIT_KEPT, CALL, 30, low=10.0, high=60.0, waited=25.0, answered=True, held=True),
        about(Kind.ANSWERED, CALL, 30, "ana", offer=f"{CALL}-2", waited=27.0),
        about(Kind.DEAD_AIR, CALL, 45, "ana", who="agent", seconds=10.0),
        Fact(
            AT + 50,
            Kind.TRANSFERRED,
            CallId(CALL),
            AgentName("ana"),
            "ana",
            {"goal": "agente", "to": "bia", "returns": False},
        ),
        about(Kind.SUPERVISION_BEGAN, CALL, 51, "ana", mode="ouvir", because="treino"),
        about(Kind.TALK_ENDED, CALL, 60, "ana", offer=f"{CALL}-2", talk_seconds=30.0),
        about(Kind.CALL_ENDED, CALL, 61, outcome="served", blame="nobody", where="after"),
    )
    await store.settled()
    return protocol


async def explained(store: Store, only: str | None = None) -> dict[str, Any]:
    story = await store.story(CALL)
    assert story is not None
    return why(story, AgentName(only) if only else None)


async def test_every_choice_with_who_was_passed_over_and_the_rule(store: Store) -> None:
    protocol = await a_visit(store)
    found = await explained(store)
    assert (found["protocol"], found["outcome"], found["agent"]) == (protocol, "served", "ana")
    kinds = [step["kind"] for step in found["steps"]]
    assert kinds == [
        *("call_arrived", "queued", "wait_told", "choice", "offer_ended", "choice"),
        *("offer_ended", "wait_kept", "answered", "dead_air", "transferred"),
        *("talk_ended", "call_ended"),
    ]
    first, second = (step for step in found["steps"] if step["kind"] == "choice")
    assert (first["agent"], first["after"]) == ("bia", 10.0)
    assert first["details"]["skipped"] == SKIPPED
    assert (second["details"]["rule"], second["details"]["skipped"]) == ("index", [])
    await nothing_personal_is_in_it(store)
    await an_agent_is_told_of_no_other_agent(store)
    told_in_portuguese(await explained(store))


async def nothing_personal_is_in_it(store: Store) -> None:
    for only in (None, "ana"):
        text = json.dumps(await explained(store, only))
        assert CALLER not in text
        assert "12345678909" not in text
        assert "treino" not in text  # who listens in is not what was distributed


async def an_agent_is_told_of_no_other_agent(store: Store) -> None:
    found = await explained(store, "ana")
    text = json.dumps(found, ensure_ascii=False)
    for name in ('"bia"', '"rui"', "boot-other"):
        assert name not in text, name
    first = next(step for step in found["steps"] if step["kind"] == "choice")
    assert [one["reason"] for one in first["details"]["skipped"]] == [
        one["reason"] for one in SKIPPED
    ]
    assert found["agent"] == "ana"


def told_in_portuguese(found: dict[str, Any]) -> None:
    told = tell(found)
    for said in (
        "entrou na fila p156_geral com prioridade 40; assunto: árvore",
        "ouviu que esperaria de 10,0 s a 60,0 s, posição 2",
        "oferecida a bia: primeiro da fila; bia livre há mais tempo.",
        "Regra: o índice",
        "de fora: agente rui: livre há 80,0 s: nível pior na habilidade",
        "de fora: chamada boot-other: na fila p156_x",
        "a oferta a bia acabou: tocou e ninguém atendeu",
        "o que ouviu da espera (de 10,0 s a 60,0 s) cumpriu-se: esperou 25,0 s",
        "ana atendeu, depois de 27,0 s de espera",
        "sem som do agente na conversa com ana há 10,0 s",
        "transferida para agente bia",
        "Fim: atendida.",
    ):
        assert said in told, said


async def test_a_call_in_course_and_one_of_an_older_release(store: Store) -> None:
    await open_call(store, CALL)
    store.append(about(Kind.QUEUED, CALL, 3, queue="p156_geral", priority=40))
    await store.settled()
    found = await explained(store)
    assert (found["ended_at"], found["steps"][-1]["kind"]) == (None, "queued")
    store.append(choice("ana", f"{CALL}-1", 1, rule=None), about(Kind.CALL_BACK_OVER, CALL, 2))
    await store.settled()
    told = tell(await explained(store))
    assert "oferecida a ana" in told
    assert "Regra" not in told
