"""What a campaign must not do to the city, over real SIP: an alert of the civil defence that is
hung up on is no emergency of 199; a switch or a control that dies makes nobody's telephone ring
twice, and no talk is without its protocol."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from call_back_bed import City, calling_centre
from calls_bed import on_the_line, soon
from campaign_bed import Campaign, campaign, hands, number, telephones
from centre_bed import Centre, until
from house import CHECKOUT

pytestmark = pytest.mark.switch

PORTS, RTP = 27200, 47200
RAIN = (CHECKOUT / "dialplans/campanhas/alerta_de_chuva.yaml").read_text()
"""The shipped alert: whoever needs help is put through to 199."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("attacked"), PORTS, RTP) as running:
        yield running


def _calls(city: City, of: str) -> list[Any]:
    return [one for one in city.dialled() if f"sip:{of}@" in one.invite.text.split("\n")[0]]


def _alert(centre: Centre, numbers: list[str]) -> Campaign:
    yaml = re.sub("(?m)^campanha: .*$", "campanha: chuva", RAIN)
    yaml = re.sub("(?m)^(tipo|risco_a_vida): .*$", "", yaml) + "tipo: aviso\n"
    centre.post("/v1/campaigns", name="chuva", yaml=yaml)
    csv = "Telefone\n" + "".join(f"{one}\n" for one in numbers)
    centre.post("/v1/campaigns/list", campaign="chuva", file="lista.csv", csv=csv)
    return Campaign(centre, "chuva", numbers)


def _ended(made: Campaign, numbers: list[str]) -> bool:
    return all(row["ended_at"] for row in made.attempts() if row["number"] in numbers)


async def test_whoever_hangs_up_on_an_alert_of_199_is_no_emergency(centre: Centre) -> None:
    """No call-back, no task: each of a hundred thousand would take an agent from 199."""
    async with on_the_line(centre) as line:
        agent = await line.agent("caio", "e199_risco")
        numbers = [number(last) for last in (0, 1)]
        made = await asyncio.to_thread(_alert, centre, numbers)
        with telephones(centre, talk=6.0) as city:
            await asyncio.to_thread(made.act, "start")
            await soon(made.over, 40, "every contact tried")
            await asyncio.sleep(4.0)
            dialled = [len(_calls(city, one)) for one in numbers]
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
        assert dialled == [1, 1]
        assert not agent.lines
        calls = [row for one in numbers for row in centre.calls_of(one)]
        assert [row["line"] for row in calls] == ["199", "199"]
        assert not centre.rows("SELECT * FROM promises")
        tasks = centre.rows("SELECT because FROM tasks JOIN calls USING (call_id) "
                            "WHERE campaign = ?", made.name)  # fmt: skip
        assert tasks == []


async def test_the_switch_dies_with_one_talking_and_one_ringing(centre: Centre) -> None:
    """Both attempts end once, nobody is rung again for it, agents are free, the rest is called."""
    async with on_the_line(centre) as line, hands(line, "dora", "edu"):
        numbers = [number(last) for last in (0, 7, 1, 2)]
        made = await asyncio.to_thread(campaign, centre, numbers)
        with telephones(centre, talk=20.0) as city:
            await asyncio.to_thread(made.act, "start")
            await soon(lambda: len(city.dialled()) == 2, 15, "one rings, one talks")
            await soon(lambda: centre.calls_of(numbers[0]), 5, "the talk")
            os.kill(centre.switch_pid(), signal.SIGKILL)
            await asyncio.to_thread(until, centre.is_ready, 30, "the switch")
            await asyncio.sleep(1.0)
            await asyncio.to_thread(until, centre.is_ready, 30, "the switch")
            await soon(lambda: _ended(made, numbers[:2]), 60, "what was in course has ended")
            await asyncio.sleep(5.0)
            dialled = [len(_calls(city, one)) for one in numbers]
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
        assert dialled[:2] == [1, 1], dialled
        (call,) = centre.calls_of(numbers[0])
        assert call["protocol"]


async def test_a_talk_that_control_never_saw_has_one_protocol_and_no_second_ring(
    centre: Centre,
) -> None:
    """Control dies while the citizen's telephone rings, and is away until after the talk."""
    async with on_the_line(centre) as line, hands(line, "fabi"):
        numbers = [number(3)]
        made = await asyncio.to_thread(campaign, centre, numbers)
        with telephones(centre, ring=2.0, talk=3.0) as city:
            await asyncio.to_thread(made.act, "start")
            await soon(lambda: len(city.dialled()) == 1, 15, "it rings")
            assert centre.process is not None
            parent, control = centre.process.pid, centre.control_pid()
            os.kill(parent, signal.SIGSTOP)
            os.kill(control, signal.SIGKILL)
            await asyncio.sleep(2.0 + 3.0 + 4.0)
            os.kill(parent, signal.SIGCONT)
            back = lambda: centre.is_ready() and centre.control_pid() != control  # noqa: E731
            await asyncio.to_thread(until, back, 20, "control")
            await soon(lambda: _ended(made, numbers), 40, "the attempt's end")
            await asyncio.sleep(3.0)
            assert len(_calls(city, numbers[0])) == 1
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
        (attempt,) = made.attempts()
        assert attempt["result"] == "answered"
        (call,) = centre.calls_of(numbers[0])
        assert call["protocol"]
        assert call["outcome"] == "served"
        assert not centre.rows("SELECT * FROM tasks WHERE call_id = ?", call["call_id"])
