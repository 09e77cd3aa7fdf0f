"""Talks without sound, on real phones: a muted one, one that sends nothing, one whose sound stops;
told on the floor, on the protocol, in `central156 why` and in /metrics. All at once, one line each.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import struct
import subprocess
from typing import Any

import httpx
import pytest
from calls_bed import Citizen, OnTheLine, on_the_line, soon, stored, story_of
from centre_bed import Centre
from click.testing import CliRunner

from central156.cli import main
from terms.limits import DEAD_AIR_LOOK_EVERY, DEAD_AIR_QUIET, DEAD_AIR_SECONDS

pytestmark = pytest.mark.switch

SOON = DEAD_AIR_SECONDS + 4 * DEAD_AIR_LOOK_EVERY
COUNTED = SOON + 2 * DEAD_AIR_QUIET
"""Packets are counted now and then, so it is told a little later that none come."""


def room(level: float = 300.0) -> bytes:
    """Two seconds of a room with a voice in it."""
    wave = random.Random(156)
    return struct.pack("<16000h", *(int(wave.gauss(0, level)) for _ in range(16_000)))


async def calling(line: OnTheLine, number: str, keys: str = "") -> Citizen:
    """A citizen in a queue, whose phone is heard."""
    citizen = await line.queued(number, keys)
    citizen.line.say(room(), repeat=True)
    return citizen


def shown(centre: Centre, citizen: Citizen) -> str:
    """Whose silence the floor shows in this citizen's talk."""
    story = story_of(centre, citizen.caller)
    callers = centre.floor()["callers"]
    return next(
        (one["dead_air"] for one in callers if story and one["call"] == story.call["call_id"]), ""
    )


async def told(centre: Centre, citizen: Citizen, within: float) -> dict[str, Any]:
    """What is stored of a silence, which the floor shows too."""
    fact: dict[str, Any] = await stored(centre, citizen.caller, "dead_air", seconds=within)
    await soon(lambda: shown(centre, citizen) == "agent", 3, "the silence on the floor")
    return fact


def why(centre: Centre, citizen: Citizen) -> str:
    """What `central156 why` says of the call."""
    story = story_of(centre, citizen.caller)
    assert story is not None
    words = ["--pasta", str(centre.settings.state_dir), "why", story.call["protocol"]]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return done.output


async def test_talks_without_sound(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        muted = await line.agent("muda", "p156_geral")
        empty = await line.sipp_agent("vazio", "e199_risco")
        cut = await line.sipp_agent("corte", "e153_ocorrencia")
        with empty.listening(echo=False), cut.listening() as phone:
            of_muted = await calling(line, "156", "9")
            of_empty, of_cut = await asyncio.gather(calling(line, "199"), calling(line, "153"))
            await (await line.rung(muted)).pick_up()
            for citizen in (of_muted, of_empty, of_cut):
                await stored(calls_centre, citizen.caller, "answered")
            silent = await asyncio.gather(
                told(calls_centre, of_muted, SOON), told(calls_centre, of_empty, SOON)
            )
            # the third phone sends back what it hears: a talk with sound, until the phone freezes
            assert shown(calls_centre, of_cut) == ""
            phone.process.send_signal(signal.SIGSTOP)
            silent.append(await told(calls_centre, of_cut, COUNTED))
            phone.process.send_signal(signal.SIGCONT)
            await soon(lambda: shown(calls_centre, of_cut) == "", 12, "sound again")
            for fact in silent:
                assert fact["who"] == "agent"
                assert DEAD_AIR_SECONDS <= fact["seconds"] <= COUNTED
            said = await asyncio.to_thread(why, calls_centre, of_muted)
            assert f"sem som do agente na conversa com {muted.name} há 1" in said
            assert "oferecida a" in said
            assert "Agora: em conversa com" in said
            figures_are_right(calls_centre)


def figures_are_right(centre: Centre) -> None:
    """The text of a centre at work, as Prometheus' own tool reads it."""
    text = httpx.get(f"{centre.settings.api_url}/metrics", trust_env=False).text
    for line in ("156", "199", "153"):
        assert f'central156_dead_air_total{{line="{line}",who="agent"}} ' in text
    promtool = shutil.which("promtool")
    assert promtool is not None, "setup/packages.sh test installs it"
    done = subprocess.run([promtool, "check", "metrics"], input=text, text=True, check=False)
    assert done.returncode == 0
