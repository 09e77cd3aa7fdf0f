"""An agent and the calls that the city makes, by the phone alone over real SIP: the contact that is
looked at first is dialled or left, the script stands on the screen, and what has picked up is said
by keys that the citizen does not hear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from call_back_bed import calling_centre
from calls_bed import on_the_line, soon
from campaign_bed import Campaign, campaign, number, telephones
from centre_bed import Centre

from phones.phone import AgentPhone, Line

pytestmark = pytest.mark.switch

PORTS, RTP = 28000, 48500
SCRIPT = "roteiro: Bom dia, {nome}. Falta um dado.\n"
STOPS_WITHIN = 1.0


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("looks"), PORTS, RTP) as running:
        yield running


async def dial_code(centre: Centre, phone: AgentPhone, code: str) -> None:
    """Dial a code; the switch tells whether it was done, and hangs up."""
    server = f"127.0.0.1:{centre.settings.agents_port}"
    dialled = Line(await phone.agent.dial(f"sip:{code}@{server}"))
    await dialled.answered(5)
    await dialled.over(10)


def _preview(centre: Centre, agent: str) -> Any:
    return centre.get(f"/v1/agents/{agent}/preview")


def _results(made: Campaign) -> dict[str, str]:
    return {one["number"]: one["result"] for one in made.attempts()}


async def _looks(centre: Centre, phone: AgentPhone, whom: str) -> None:
    def shown() -> bool:
        looks = _preview(centre, phone.name).get("fields") == {"nome": whom}
        return looks and _state(centre, phone.name) == "offered"

    await soon(shown, 10, f"{whom} on the screen")


async def test_an_agent_looks_dials_and_says_what_has_picked_up(centre: Centre) -> None:
    numbers = [number(last) for last in (0, 1, 2)]
    async with on_the_line(centre) as line:
        ana = await line.agent("ana", "p156_geral")
        made = await asyncio.to_thread(
            lambda: campaign(centre, numbers, mode="previa", kind="complemento", more=SCRIPT)
        )
        with telephones(centre, talk=8.0) as city:
            await asyncio.to_thread(made.act, "start")
            await _looks(centre, ana, "Pessoa 0")
            assert city.dialled() == []
            await dial_code(centre, ana, "*192")  # not now
            await _looks(centre, ana, "Pessoa 1")
            rang = len(ana.lines)
            await dial_code(centre, ana, "*191")
            ringing = await line.rung(ana, rang + 1)
            await ringing.pick_up()
            await soon(lambda: made.attempts()[0]["call_id"] or city.dialled(), 8, "a call")
            await soon(lambda: _state(centre, ana.name) == "talking", 8, "the talk")
            screen = await asyncio.to_thread(_screen, centre, ana.name)
            assert screen["campaign"]["script"] == "Bom dia, Pessoa 1. Falta um dado."
            assert screen["shown"]["protocol"]
            await ringing.press("*193")
            await asyncio.sleep(0.5)
            await ringing.hang_up()
            await soon(lambda: _results(made).get(numbers[1]) == "machine", 8, "the word")
            (call,) = city.dialled()
            assert call.bye is not None
            # the next contact rings, and all is stopped: nothing rings after a second
            await asyncio.to_thread(centre.post, f"/v1/agents/{ana.name}/ready")
            await _looks(centre, ana, "Pessoa 2")
            rang = len(ana.lines)
            await dial_code(centre, ana, "*191")
            ringing = await line.rung(ana, rang + 1)
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
            await ringing.over(STOPS_WITHIN)
            assert len(city.dialled()) == 1
        contacts = made.contacts()
        assert contacts[numbers[1]]["state"] == "again"  # a mailbox is tried again
        assert contacts[numbers[0]]["because"] == "o atendente deixou para depois"
        shown = await asyncio.to_thread(centre.get, f"/v1/campaigns/{made.name}")
        assert shown["results"]["caixa postal"] == 1


async def test_it_may_be_said_after_the_talk_by_a_code(centre: Centre) -> None:
    (one,) = numbers = [number(3)]
    async with on_the_line(centre) as line:
        ana = await line.agent("ana", "p156_geral")
        made = await asyncio.to_thread(campaign, centre, numbers)
        with telephones(centre, talk=8.0):
            await asyncio.to_thread(made.act, "start")
            ringing = await line.rung(ana)
            await ringing.pick_up()
            await soon(lambda: _state(centre, ana.name) == "talking", 8, "the talk")
            await ringing.hang_up()
            await soon(lambda: _state(centre, ana.name) == "wrap_up", 5, "the talk's end")
            await dial_code(centre, ana, "*194")
            await soon(lambda: _results(made).get(one) == "fax", 5, "the word")
            await dial_code(centre, ana, "*197")
            barred = "SELECT * FROM do_not_call WHERE number = ?"
            (wish,) = await soon(lambda: centre.rows(barred, one), 5, "the wish")
            assert (wish["by_whom"], wish["because"]) == (ana.name, "pediu ao atendente")
        assert made.contacts()[one]["ending"] == "wrong_number"


def _state(centre: Centre, agent: str) -> str:
    found = [one for one in centre.get("/v1/agents")["agents"] if one["agent"] == agent]
    return str(found[0]["state"])


def _screen(centre: Centre, agent: str) -> Any:
    """What the agent sees, as one who watches is shown first."""
    headers = {"Authorization": f"Bearer {centre.settings.secret('admin_token')}"}
    url = f"{centre.settings.api_url}/v1/agents/{agent}/watch"
    with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=5.0) as answer:
        told = next(line for line in answer.iter_lines() if line.startswith("data:"))
        return json.loads(told.removeprefix("data:"))
