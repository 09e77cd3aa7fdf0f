"""Storm mode and a queue's rules for now: one order, all of its parts, all of them taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from publish_bed import PublishBed, fresh_settings

from acd.events import AgentLoggedIn, AgentPaused, AgentPhone
from console.ports import Refusal
from terms.facts import Kind
from terms.limits import STORM_SECONDS
from terms.names import AgentName, CallId, QueueName, Skill
from terms.signals import Phone

BY, WHY = "sofia", "chuva forte na zona leste"


@pytest_asyncio.fixture
async def bed(tmp_path: Path) -> AsyncIterator[PublishBed]:
    started = await PublishBed.start(fresh_settings(tmp_path))
    yield started
    await started.close()


async def on(bed: PublishBed, line: str = "156", **more: Any) -> Any:
    given = {"reason": WHY, "until": bed.clock() + 60, "by": BY, **more}
    return await bed.orders.storms.storm(line, True, **given)


async def off(bed: PublishBed, line: str = "156") -> Any:
    return await bed.orders.storms.storm(line, False, "", None, "adao")


def heard(bed: PublishBed, line: str = "156") -> list[str]:
    found = bed.serving.notices(line, bed.clock())
    return [one.text.plain() for notices in found.values() for one in notices]


# --- storms ---
async def test_a_storm_is_everything_at_once_and_so_is_its_end(bed: PublishBed) -> None:
    told = await on(bed)
    assert (told["on"], told["short"], told["message"]) == (True, True, "tempestade-156")
    assert told["notes"] == []
    assert bed.serving.short("156", bed.clock())
    assert heard(bed)[0].startswith("Estamos recebendo muito mais ligações")
    assert bed.keeper.storms == bed.keeper.floor.storms == {"156"}
    assert bed.keeper.outbound_stopped
    await off(bed)
    assert not bed.serving.short("156", bed.clock())
    assert heard(bed) == []
    assert bed.keeper.storms == bed.keeper.floor.storms == set()
    assert not bed.keeper.outbound_stopped
    facts = bed.told(Kind.STORM)
    assert [(one.by, one.details["on"]) for one in facts] == [(BY, True), ("adao", False)]
    assert {one.details["reason"] for one in facts} == {WHY}


async def test_a_storm_ends_by_itself(bed: PublishBed) -> None:
    await on(bed)
    bed.clock.at += 60
    assert (heard(bed), bed.serving.short("156", bed.clock())) == ([], False)
    await bed.orders.look()
    assert bed.keeper.storms == set()
    last = bed.told(Kind.STORM)[-1]
    assert (last.details["on"], last.by, last.at) == (False, "", bed.clock())


async def test_a_storm_is_there_after_a_restart(bed: PublishBed) -> None:
    await on(bed, until=None)
    again = await bed.again()
    assert again.keeper.storms == again.keeper.floor.storms == {"156"}
    assert again.serving.short("156", bed.clock())
    (listed,) = again.orders.storms.ordered()
    assert (listed["by"], listed["reason"]) == (BY, WHY)
    assert listed["until"] == bed.clock() + STORM_SECONDS
    await off(again)
    assert (again.keeper.storms, heard(again)) == (set(), [])
    await again.close()


async def test_a_line_without_a_short_menu_has_storms_too(bed: PublishBed) -> None:
    told = await on(bed, "199", message="Chuva forte. Aguarde.")
    assert (told["short"], told["message"]) == (False, "tempestade-199")
    assert told["notes"] == ["a linha 199 não tem menu resumido"]
    assert heard(bed, "199") == ["Chuva forte. Aguarde."]
    assert heard(bed) == []


async def test_a_second_storm_takes_the_place_of_the_first(bed: PublishBed) -> None:
    await on(bed)
    told = await on(bed, until=bed.clock() + 600, message="Outra mensagem.")
    assert set(heard(bed)) == {"Outra mensagem."}
    bed.clock.at += 60  # the first one's end is nothing any more
    await bed.orders.look()
    assert bed.keeper.storms == {"156"}
    assert set(heard(bed)) == {"Outra mensagem."}
    assert bed.serving.short("156", bed.clock())
    assert [one["until"] for one in bed.orders.storms.ordered()] == [told["until"]]


async def test_a_short_menu_of_before_outlives_the_storm(bed: PublishBed) -> None:
    await bed.orders.short("156", True, bed.clock() + 3_600, BY)
    told = await on(bed)
    assert not told["short"]  # it is short already, and for longer
    await off(bed)
    assert bed.serving.short("156", bed.clock())


async def test_without_a_voice_the_rest_of_the_storm_is_there(bed: PublishBed) -> None:
    bed.workshop.mute = True
    told = await on(bed)
    (note,) = told["notes"]
    assert note.startswith("sem mensagem de emergência: ")
    assert (told["message"], told["short"]) == ("", True)
    assert bed.keeper.storms == {"156"}
    with pytest.raises(Refusal):  # who wants this very text is told that it cannot be
        await on(bed, "199", message="Uma frase nova.")
    assert bed.keeper.storms == {"156"}


async def test_what_somebody_ended_by_hand_is_over(bed: PublishBed) -> None:
    await on(bed)
    await bed.orders.end_announcement("tempestade-156", by="adao")
    await bed.orders.short("156", False, None, "adao")
    await off(bed)
    assert bed.keeper.storms == set()


async def test_pauses_hold_in_a_storm(bed: PublishBed) -> None:
    for name, reason in (
        *(("ana", "NR17-10a"), ("bia", "lanche-20"), ("caio", "banheiro"), ("davi", "desgaste")),
    ):
        agent = AgentName(name)
        bed.keeper.tell(AgentLoggedIn(agent, {Skill("p156_geral"): 1}))
        bed.keeper.tell(AgentPhone(agent, Phone.IDLE))
        bed.keeper.tell(AgentPaused(agent, reason))
    before = {name: (one.status, one.reason) for name, one in bed.keeper.floor.agents.items()}
    await on(bed)
    bed.keeper.join(CallId("c-1"), QueueName("p156_geral"), 30, bed.clock(), "156")
    bed.keeper.join(CallId("c-2"), QueueName("e199_risco"), 30, bed.clock() - 60, "199")
    after = {name: (one.status, one.reason) for name, one in bed.keeper.floor.agents.items()}
    assert before == after
    assert {str(status) for status, _ in after.values()} == {"paused"}


REFUSED_STORMS: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"line": "190"}, 404, "não há linha 190"),
    ({"reason": " "}, 422, "diga o motivo"),
    ({"reason": "x" * 201}, 422, "até 200 caracteres"),
    ({"until": 1.0}, 422, "o fim já passou"),
    ({"message": "palavra " * 40}, 422, "o máximo é"),
)


async def test_what_is_no_storm(bed: PublishBed) -> None:
    for given, status, told in REFUSED_STORMS:
        with pytest.raises(Refusal) as refusal:
            await on(bed, **given)
        assert (refusal.value.status, told in refusal.value.text) == (status, True), told
    with pytest.raises(Refusal, match="não está em modo tempestade"):
        await off(bed)
    assert bed.keeper.storms == set()
    assert not bed.told(Kind.STORM)


# --- a queue's rules for now ---
GERAL = "p156_geral"


async def change(bed: PublishBed, queue: str = GERAL, **wanted: Any) -> Any:
    given = {"priority": None, "ring_seconds": None, "wrap_up_seconds": None, "wide": False}
    until = wanted.pop("until", bed.clock() + 60)
    return await bed.orders.queues.change(queue, given | wanted, WHY, until, BY)


def rule(bed: PublishBed, queue: str = GERAL) -> Any:
    return bed.keeper.floor.queues.rule_for(QueueName(queue), "156")


async def test_a_queue_s_rules_are_other_for_a_while(bed: PublishBed) -> None:
    before = rule(bed)
    told = await change(bed, ring_seconds=9.0, wrap_up_seconds=0.0, priority=80)
    assert (told["ring_seconds"], told["by"]) == (9.0, BY)
    seen = rule(bed)
    assert (seen.ring_seconds, seen.wrap_up_seconds, seen.priority) == (9.0, 0.0, 80)
    bed.clock.at += 60
    await bed.orders.look()
    assert rule(bed) == before
    facts = bed.told(Kind.QUEUE_ORDERED)
    assert facts[0].details == {
        **{"queue": GERAL, "on": True, "until": bed.clock(), "reason": WHY},
        **{"ring_seconds": 9.0, "wrap_up_seconds": 0.0, "priority": 80},
    }
    assert [(one.details["on"], one.by) for one in facts] == [(True, BY), (False, "")]


async def test_a_priority_reaches_those_who_wait_and_keeps_their_order(bed: PublishBed) -> None:
    for number in (1, 2):
        call = CallId(f"c-{number}")
        bed.keeper.join(call, QueueName(GERAL), 10 * number, bed.clock() + number, "156")
    assert order(bed) == ["c-2", "c-1"]  # what the menu gave them
    await change(bed, priority=70)
    assert order(bed) == ["c-1", "c-2"]
    later = bed.keeper.join(CallId("c-3"), QueueName(GERAL), 5, bed.clock() + 3, "156")
    assert bed.keeper.floor.callers[later.call].priority == 70
    await bed.orders.queues.reset(GERAL, "adao")
    assert order(bed) == ["c-2", "c-1", "c-3"]
    assert {one.joined - bed.clock() for one in bed.keeper.floor.callers.values()} == {1, 2, 3}


def order(bed: PublishBed) -> list[str]:
    return [str(one.call) for one in bed.keeper.floor.view(bed.clock()).callers]


async def test_other_rules_outlive_a_restart_and_a_publication(bed: PublishBed) -> None:
    from small_menus import menus

    await change(bed, priority=80, until=bed.clock() + 600)
    await bed.publishing.publish(menus(note="outro assunto"), "outra", by="adao")
    assert rule(bed).priority == 80
    again = await bed.again()
    assert rule(again).priority == 80
    assert [one["queue"] for one in again.orders.queues.ordered()] == [GERAL]
    await again.orders.queues.reset(GERAL, "adao")
    assert rule(again).priority == 30
    await again.close()


async def test_what_cannot_be_changed(bed: PublishBed) -> None:
    for queue, wanted, status, told in (
        ("p156_gera", {"priority": 1}, 404, "você quis dizer 'p156_geral'?"),
        (GERAL, {}, 422, "diga o que muda"),
        (GERAL, {"priority": 101}, 422, "prioridade: de 0 a 100"),
        (GERAL, {"ring_seconds": 1.0}, 422, "toque: de 5 a 60"),
    ):
        with pytest.raises(Refusal) as refusal:
            await change(bed, queue, **wanted)
        assert (refusal.value.status, told in refusal.value.text) == (status, True), told
    with pytest.raises(Refusal, match="já segue as regras publicadas"):
        await bed.orders.queues.reset(GERAL, BY)
