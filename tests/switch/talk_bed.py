"""Talks with a tone a party, on a centre of their own: who hears whom is measured on each line.

    talk = await begin(line, "ana")            # a citizen of 156 and an agent, talking
    await talk.act("consult", kind="agente", to=bia.name)
    await becomes({"citizen": {"music"}}, citizen=talk.citizen)

Whoever is on hold hears music and no tone; a party's own tone is never heard by that party.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from calls_bed import OnTheLine, soon, stored
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans

from phones.ears import RATE, sound_of
from phones.phone import AgentPhone, Line, tone

PORTS = int(os.environ.get("C156_TALK_PORTS", "21410"))
OUTSIDE_PORT = PORTS + 40
GENERAL = "p156_geral"

TONES = {"citizen": 320.0, "ana": 604.5, "bia": 905.5, "sup": 1281.5, "samu": 1523.0}
"""Hertz of each party's tone: between two notes of a piano, so that music is not taken for one."""
HEARD = 4_000.0  # of a tone that is said at 8191
SETTLES = 0.25  # a change has reached all lines by then
WINDOW = 0.4  # seconds that are listened to
STAYS = 0.3  # and what is heard then is heard this much later, too
MUSIC = frozenset({"music"})
NOTHING: frozenset[str] = frozenset()

LISTED = """
  zoonoses: 1133334444

etapas:
  zoonoses_fora:
    tipo: transferencia
    para: zoonoses
    segue: despedida
    nao_atendeu: despedida
"""


@pytest.fixture(scope="session")
def talk_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that may call out, with a list of numbers and a node that leads to one."""
    folder = tmp_path_factory.mktemp("talks")
    dialplans = shorter_dialplans(folder / "dialplans")
    common = dialplans / "comum.yaml"
    text = common.read_text(encoding="utf-8")
    common.write_text(text.replace("\netapas:\n", LISTED, 1), encoding="utf-8")
    line = dialplans / "156.yaml"
    text = line.read_text(encoding="utf-8")
    assert "segue: despedida" in text
    head, _, tail = text.rpartition("segue: despedida")  # not the survey, which all come to
    line.write_text(f"{head}segue: zoonoses_fora{tail}", encoding="utf-8")
    out = {"CENTRAL156_OUT_TRUNK": f"127.0.0.1:{OUTSIDE_PORT}"}
    dirs = {"CENTRAL156_DIALPLANS_DIR": str(dialplans)}
    with centre_bed(folder, PORTS, 39200, **dirs, **out) as centre:
        yield centre


def tones_of(line: Line) -> frozenset[str]:
    """Whose tones the last moment of a line holds."""
    sound = sound_of(bytes(line.heard[-int(WINDOW * RATE) * 2 :]))
    spectrum = np.abs(np.fft.rfft(sound)) * 2 / max(1, len(sound))
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    found = {
        who
        for who, tone_of in TONES.items()
        if float(np.sqrt((spectrum[np.abs(hertz - tone_of) < 8] ** 2).sum())) > HEARD
    }
    if not found and float(np.sqrt((sound**2).mean())) > 30.0:
        return MUSIC
    return frozenset(found)


async def becomes(expected: dict[str, set[str]], seconds: float = 6.0, **lines: Line) -> None:
    """Wait until each party hears exactly these, and still does a moment later."""
    wanted = {who: frozenset(heard) for who, heard in expected.items()}
    deadline = time.monotonic() + seconds
    await asyncio.sleep(SETTLES)
    while not _as_wanted(found := {who: tones_of(line) for who, line in lines.items()}, wanted):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(WINDOW / 2)
    await asyncio.sleep(STAYS)
    found = {who: tones_of(line) for who, line in lines.items()}
    assert _as_wanted(found, wanted), found


def _as_wanted(found: dict[str, frozenset[str]], wanted: dict[str, frozenset[str]]) -> bool:
    """Where nobody is to be heard there may be a tone now and then: somebody waits."""
    return all(
        found[who] == heard or (not heard and found[who] == MUSIC) for who, heard in wanted.items()
    )


def says(line: Line, who: str) -> None:
    """A party says its tone from now on."""
    line.say(tone(TONES[who], 2.0), repeat=True)


@dataclass(eq=False)
class Talk:
    """A citizen and the agent who answered."""

    line: OnTheLine
    caller: str
    citizen: Line
    phone: AgentPhone
    agent: Line
    refused: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.phone.name

    async def act(self, act: str, agent: str = "", **body: Any) -> Any:
        """hold, unhold, complete, back, conference; consult, transfer, protocol with a body."""
        path = f"talk/{act}" if act in ("hold", "unhold", "complete", "back", "conference") else act
        centre = self.line.centre
        return await asyncio.to_thread(
            centre.post, f"/v1/agents/{agent or self.name}/{path}", **body
        )

    async def is_refused(self, act: str, **body: Any) -> str:
        """The refusal's words."""
        with pytest.raises(httpx.HTTPStatusError) as refusal:
            await self.act(act, **body)
        assert refusal.value.response.status_code == 409
        return str(refusal.value.response.json()["erro"])

    async def ask(self, phone: AgentPhone, who: str = "bia", count: int = 1) -> Line:
        """Consult another agent, who picks up and says its tone."""
        await self.act("consult", kind="agente", to=phone.name)
        rung = await self.line.rung(phone, count)
        await rung.pick_up()
        says(rung, who)
        await soon(lambda: self.line.of(phone.name)["state"] == "talking", 5, "the consult")
        return rung

    async def fact(self, kind: str, count: int = 1) -> Any:
        return await stored(self.line.centre, self.caller, kind, count)


async def begin(line: OnTheLine, name: str = "ana") -> Talk:
    """A citizen of 156 asks for a person, and this new agent answers; both say their tones."""
    phone = await line.agent(name, GENERAL)
    citizen = await line.queued("156", "9")
    rung = await line.rung(phone)
    await rung.pick_up()
    await stored(line.centre, citizen.caller, "answered")
    says(citizen.line, "citizen")
    says(rung, "ana")
    return Talk(line, citizen.caller, citizen.line, phone, rung)


async def begin_all(line: OnTheLine, *names: str) -> list[Talk]:
    """As many talks at once, each of whoever was given whom."""
    phones = await asyncio.gather(*(line.agent(name, GENERAL) for name in names))
    citizens = await asyncio.gather(*(line.queued("156", "9") for _ in names))
    lines = await asyncio.gather(*(line.rung(phone) for phone in phones))
    await asyncio.gather(*(rung.pick_up() for rung in lines))
    callers = {}
    for citizen in citizens:
        await stored(line.centre, citizen.caller, "answered")
        callers[line.centre.calls_of(citizen.caller)[0]["call_id"]] = citizen
        says(citizen.line, "citizen")
    talks = []
    for phone, rung in zip(phones, lines, strict=True):
        citizen = callers[(await asyncio.to_thread(line.of, phone.name))["call"]]
        says(rung, "ana")
        talks.append(Talk(line, citizen.caller, citizen.line, phone, rung))
    return talks


def state(line: OnTheLine, agent: str) -> str:
    """An agent's state on the floor. Blocking."""
    return str(line.of(agent)["state"])


async def state_is(line: OnTheLine, agent: str, *states: str) -> None:
    """Wait until an agent is in one of these states."""
    await soon(lambda: state(line, agent) in states, 6, f"{agent} {'/'.join(states)}")


def recordings_of(story: Any) -> dict[str, Path]:
    """What was recorded of a call, by kind."""
    return {r.get("kind", "talk"): Path(r["file"]) for r in story.of("recorded")}
