"""Who may put what on air: a second person for 199 and 153; announcements and the short menu, live
under 20 calls a second."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from calls_bed import OnTheLine, on_the_line, soon, stored
from publishing_bed import (
    OLD_TEXT,
    Asker,
    Files,
    Town,
    admin,
    heard_first,
    person,
    serving,
    town_bed,
    write,
)
from publishing_traffic import Stream, Traffic

pytestmark = pytest.mark.switch

ORDERED_WITHIN = 10.0
CIVIL_DEFENCE, CITY_GUARD = (
    "Defesa Civil de São Paulo, ligação gravada.",
    "Guarda Civil, ligação gravada.",
)
BRIEF = "Essa tecla não é uma opção."
"""Shorter than the greetings, so that 153 may say it before its menu."""

SCORPION = "Não toque no animal. Afaste crianças e bichos. Se alguém foi picado, ligue 192."
LIGHTS = (
    "Para poste apagado ou luz acesa de dia, ligue de graça para a empresa da iluminação: "
    "zero oitocentos, sete sete nove, zero um cinco seis."
)
LEAVE = frozenset({"left_in_menu", "abandoned"})
SHORTEN = ("dialplan", "short", "156", "on", "--until", "1h")
LENGTHEN = ("dialplan", "short", "156", "off")
STREAMS = (Stream("156", 14, "5", 2.5, LEAVE), Stream("199", 6, "", 3.0, LEAVE))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_bed(tmp_path_factory.mktemp("orders")) as running:
        yield running


def _greets_as(old: Files, line: str, greeting: str) -> Files:
    """The same version, but this line greets with these words."""
    files = dict(old)
    for name in (f"{line}.yaml", f"tests/{line}.yaml"):
        for words in (CIVIL_DEFENCE, CITY_GUARD):
            files[name] = files[name].replace(words, greeting)
    assert files != old
    return files


async def _run(who: Asker, *words: str) -> tuple[int, str]:
    """A command of this person's; sound goes on meanwhile."""
    return await asyncio.to_thread(who.run, *words)


async def _next_call_hears(town: Town, line: OnTheLine, number: str, *texts: str) -> str:
    citizen = await line.dial(number)
    try:
        return await heard_first(town.centre, citizen.line, *texts, seconds=ORDERED_WITHIN)
    finally:
        await citizen.line.hang_up()


async def test_199_and_153_wait_for_a_second_person(town: Town) -> None:
    centre = town.centre
    bia, caio = person(centre, "bia", "admin"), person(centre, "caio", "supervisor")
    folder = write(centre.folder / "199", _greets_as(town.old, "199", CITY_GUARD))
    both = CIVIL_DEFENCE, CITY_GUARD
    async with on_the_line(centre) as line:
        code, told = await _run(bia, "dialplan", "publish", str(folder), "--note", "saudação")
        assert code == 0, told
        assert "proposta: muda o 199, e espera que outra pessoa aprove" in told
        (version,) = re.findall(r"approve (\w{12})", told)
        assert await _next_call_hears(town, line, "199", *both) == CIVIL_DEFENCE
        code, told = await _run(bia, "dialplan", "approve", version)
        assert (code, told) == (1, "Erro: quem publicou não aprova: peça a outra pessoa")
        assert serving(centre) == town.old_name
        code, told = await _run(caio, "dialplan", "approve", version)
        assert (code, f"Versão {version} no ar" in told) == (0, True), told
        assert await _next_call_hears(town, line, "199", *both) == CITY_GUARD
        code, told = await _run(bia, "dialplan", "rollback")
        assert (code, f"Versão {town.old_name} no ar" in told) == (0, True), told
        assert await _next_call_hears(town, line, "199", *both) == CIVIL_DEFENCE

        files = _greets_as(town.old, "153", BRIEF)
        status, answer = bia.ask("POST", "dialplans", files=files, note="")
        assert (status, answer["state"], answer["needs_approval"]) == (200, "proposed", ["153"])
        path = f"dialplans/{answer['version']}"
        assert bia.ask("POST", f"{path}/approval")[0] == 409
        assert person(centre, "dora", "auditor").ask("POST", f"{path}/approval")[0] == 403
        assert caio.ask("POST", f"{path}/rejection")[1]["state"] == "rejected"
        assert caio.ask("POST", f"{path}/approval")[0] == 409
        assert await _next_call_hears(town, line, "153", BRIEF, CITY_GUARD) == CITY_GUARD
        assert bia.ask("POST", "dialplans", files=files, note="")[1]["state"] == "proposed"
        assert caio.ask("POST", f"{path}/approval")[1]["state"] == "serving"
        assert await _next_call_hears(town, line, "153", BRIEF, CITY_GUARD) == BRIEF
        assert bia.go_back(town.old_name)[0] == 200
    acts = centre.rows("SELECT by_whom, details FROM facts WHERE kind = 'dialplan_published'")
    assert ["caio" in act["details"] for act in acts] == [False, True, False, True, False]


async def test_announced_and_shortened_under_traffic(town: Town) -> None:
    """Each order is heard by the next call; its end, too; nobody on the line is disturbed."""
    centre, boss = town.centre, admin(town.centre)
    texts = SCORPION, LIGHTS
    with Traffic(centre, STREAMS) as traffic:
        async with on_the_line(centre) as line:
            for number in ("199", "156"):
                asked = time.monotonic()
                words = ("announce", number, SCORPION, "--until", "2h", "--name", f"um_{number}")
                code, told = await _run(boss, *words)
                assert code == 0, told
                assert await _next_call_hears(town, line, number, *texts) == SCORPION
                assert time.monotonic() - asked < ORDERED_WITHIN

                code, told = await _run(boss, "announce", "--end", f"um_{number}")
                assert (code, told) == (0, f"O aviso um_{number} saiu do ar.")
                order = {"line": number, "text": LIGHTS, "name": f"outro_{number}"}
                ends = time.time() + 7.0
                answer = await asyncio.to_thread(_order, boss, order | {"until": ends})
                assert answer["until"] == ends
                assert await _next_call_hears(town, line, number, *texts) == LIGHTS
                await asyncio.sleep(max(0.0, ends - time.time()))
                usual = CIVIL_DEFENCE if number == "199" else OLD_TEXT
                assert await _next_call_hears(town, line, number, *texts, usual) == usual
            await soon(lambda: not any(_on_air(town)), 3, "the ends written down")

            code, told = await _run(boss, *SHORTEN)
            assert (code, told.startswith("Linha 156: menu resumido até ")) == (0, True)
            assert await _begins_at(line) == "resumido_abertura"
            code, told = await _run(boss, *LENGTHEN)
            assert (code, told) == (0, "Linha 156: menu inteiro.")
            assert await _begins_at(line) == "abertura"
    ended = centre.rows("SELECT by_whom FROM facts WHERE kind = 'announcement_ended'")
    assert [one["by_whom"] for one in ended] == ["local", "", "local", ""]
    traffic.check({serving(centre): town.plans[town.old_name]}, least=400)


async def _begins_at(line: OnTheLine) -> str:
    """The node at which the next call of 156 begins."""
    citizen = await line.dial("156")
    node = (await stored(line.centre, citizen.caller, "node_entered"))["node"]
    await citizen.line.hang_up()
    return str(node)


def _order(boss: Asker, order: dict[str, Any]) -> Any:
    status, answer = boss.ask("POST", "announcements", **order)
    assert status == 201, answer
    return answer


def _on_air(town: Town) -> list[bool]:
    orders = town.centre.get("/v1/announcements")["announcements"]
    assert len(orders) == 4
    return [order["on_air"] for order in orders]
