"""A campaign's calls on the fake channel: a dialler and a list of wishes with memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from full_plan import TABLE
from line_fakes import GERAL, PLAN_156, PLAN_199, Centre, Channel

from callflow.campaign_ports import Running
from dialer.campaign import Campaign, KeyMeans, Kind, Mode
from terms.names import AgentName, AttemptId, CampaignName, ContactId, Instant, QueueName, TrunkName

ATTEMPT = AttemptId("lista.0000001-1")
NUMBER = "11987654321"
SPOKEN = "sua consulta é no dia {dia} tecle um"
TEXT = ["/sounds/sua consulta é no dia", "/sounds/3", "/sounds/tecle um"]
"""What is played of it, once."""

KEYS: Mapping[str, KeyMeans] = {
    "1": KeyMeans.CONFIRM,
    "2": KeyMeans.REPEAT,
    "3": KeyMeans.REFUSE,
    "0": KeyMeans.DO_NOT_CALL,
}


@dataclass
class Dialler:
    """What callflow.dialler.Dialler is to the steps of a call."""

    about: Running | None
    told: list[KeyMeans] = field(default_factory=list)
    agent: AgentName = AgentName("")
    drop: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False

    def campaign_of(self, attempt: AttemptId) -> Running | None:
        return self.about if attempt == ATTEMPT else None

    async def pressed(self, attempt: AttemptId, means: KeyMeans) -> None:
        await asyncio.sleep(0)
        if self.fails:
            raise TimeoutError("late")
        self.told.append(means)

    def agent_for(self, attempt: AttemptId) -> AgentName:
        return self.agent

    def dropped(self, attempt: AttemptId) -> asyncio.Event:
        return self.drop


@dataclass
class Wishes:
    """Who is not to be called any more."""

    numbers: list[str] = field(default_factory=list)
    fails: bool = False
    hangs: bool = False

    async def bar(self, number: str, at: Instant, by: str, because: str) -> None:
        await asyncio.sleep(3_600 if self.hangs else 0)
        if self.fails:
            raise ConnectionError("no store")
        self.numbers.append(number)


@dataclass
class Calling:
    """A centre that calls one citizen, and the citizen's channel."""

    centre: Centre
    dialler: Dialler
    wishes: Wishes
    channel: Channel

    async def step(self) -> str:
        return await self.channel.step(self.centre.tools)

    @property
    def spoken(self) -> list[str]:
        """What was played, a text of the campaign as one."""
        played, told = list(self.channel.played), []
        while played:
            if played[: len(TEXT)] == TEXT:
                del played[: len(TEXT)]
                told.append("texto")
            else:
                told.append(played.pop(0).removeprefix("/sounds/"))
        return told


def campaign(**about: Any) -> Campaign:
    """A notice of 156's general queue."""
    return Campaign(
        **{
            "name": CampaignName("lembrete"),
            "kind": Kind.REMINDER,
            "mode": Mode.AGENTLESS,
            "body": "Secretaria Municipal da Saúde",
            "subject": "Consulta marcada",
            "caller_id": "1131560156",
            "trunks": (TrunkName("principal"),),
            "queue": GERAL.name,
            "keys": KEYS,
            **about,
        }
    )


def calling(*keys: str, stage: str = "menu", line: str = "156", **about: Any) -> Calling:
    """A citizen who has just answered, and presses these keys ('' is a wait let pass)."""
    one = campaign(**about)
    fields = {"dia": "3", "nome": "Ana"}
    running = Running(ATTEMPT, ContactId("lista.0000001"), one, line, SPOKEN, fields, NUMBER)
    centre = Centre(lines=(PLAN_156, PLAN_199), table=TABLE)
    dialler, wishes = Dialler(running), Wishes()
    centre.tools.dialler, centre.tools.wishes = dialler, wishes
    variables = {
        "C156_ENTRY": "campanha",
        "C156_ATTEMPT": ATTEMPT,
        "C156_CAMPAIGN": str(one.name),
        "C156_STAGE": stage,
    }
    channel = centre.channel(line=line, caller=NUMBER, keys=list(keys), variables=variables)
    return Calling(centre, dialler, wishes, channel)


__all__ = ["ATTEMPT", "GERAL", "KEYS", "NUMBER", "TEXT", "Calling", "QueueName", "calling"]
