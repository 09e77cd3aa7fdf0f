"""A whole floor over real SIP: twenty agents of every kind, two hundred calls of known endings.

    with floor_bed(folder) as floor:          # the centre, its people registered and on duty
        runs = floor.dial(groups)             # each group dials on its own line and key
        …

Each agent has a SIPp phone of its own, and each group of citizens a SIPp; every citizen has a
number of their own, whose beginning is the group's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from centre_bed import Centre, CentreAgent, settings_for, until
from sipp_phones import CallTrace, SippRun, start_calls

from protocol_store import Store
from terms.names import Skill

PORTS = int(os.environ.get("C156_FLOOR_PORTS", "21800"))
RTP = int(os.environ.get("C156_FLOOR_RTP", "57200"))
RTP_PORTS = 1_500
BENCH_DIALPLANS = Path(__file__).resolve().parents[2] / "bench" / "dialplans"
OURS = Path(__file__).parent / "floor"
PASSWORD = "senha-de-teste-01"


@dataclass(frozen=True)
class Agent:
    """One agent: the skill, and what the phone does when it rings (None: nobody listens there)."""

    name: str
    skill: str
    phone: Mapping[str, float] | None
    reserve: bool = False


@dataclass(frozen=True)
class Group:
    """Citizens who do the same. `key`: pressed after KEY_AFTER s; of two the second is higher, as
    are the clocks of SIPp's captures, or the switch takes it for an old one. `stay`: s from then
    on until they hang up, None: until the switch does; `refused`: the status that it gives."""

    name: str
    number: str
    key: str
    calls: int
    rate: float
    stay: float | None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0


KEY_AFTER = 1.0
PATIENCE = 60.0


@dataclass
class Floor:
    """The running centre, its agents' phones, and who dialled."""

    centre: Centre
    agents: dict[str, CentreAgent] = field(default_factory=dict)
    phones: dict[str, SippRun] = field(default_factory=dict)
    citizens: dict[str, SippRun] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def hire(self, people: Iterable[Agent]) -> None:
        """Register their phones and let all but the dead ones listen; then all log in."""
        people = list(people)
        for agent in people:
            self.agents[agent.name] = CentreAgent(
                self.centre,  # type: ignore[arg-type]
                agent.name,
                password=PASSWORD,
            )
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(CentreAgent.register, self.agents.values()))
        for agent in people:
            if agent.phone is not None:
                how = dict(agent.phone)
                run = self.agents[agent.name].start_listening(**how)  # type: ignore[arg-type]
                self.phones[agent.name] = run
            if agent.reserve:
                self.centre.request("PATCH", f"/v1/agents/{agent.name}/skills", reserve=True)
            self.centre.post(f"/v1/agents/{agent.name}/login")
        names = set(self.agents)
        until(lambda: names <= self._free(), 10, "all on duty")

    def _free(self) -> set[str]:
        there = self.centre.floor()["agents"]
        return {
            one["agent"]
            for one in there
            if (one["status"], one["state"], one["phone"]) == ("available", "idle", "idle")
        }

    def dial(self, groups: Iterable[Group]) -> None:
        """Let these citizens call, each group in its rhythm; returns at once."""
        for group in groups:
            number = len(self.groups) + 10
            self.groups[group.name] = group
            self.citizens[group.name] = start_calls(
                self.centre,  # type: ignore[arg-type]
                group.number,
                caller=f"1198{number}[call_number]",
                keys=_keys(group.key) or None,
                hang_up_after=group.stay,
                times=group.calls,
                rate=group.rate,
                expect=group.refused or 200,
                patience=PATIENCE,
            )

    def prefix(self, group: str) -> str:
        """How the numbers of a group's citizens begin."""
        return f"1198{list(self.groups).index(group) + 10}"

    def wait(self, seconds: float) -> dict[str, list[CallTrace]]:
        """Wait for the last citizen; what each group's phones saw."""
        return {name: run.wait(seconds) for name, run in self.citizens.items()}


def _keys(keys: str) -> dict[float, str]:
    """Seconds after what was before → key."""
    return {(0.5 if number else KEY_AFTER) + number / 1000: key for number, key in enumerate(keys)}


def rung(run: SippRun) -> list[CallTrace]:
    """The calls that rang at a phone, oldest first."""
    calls = [call for call in run.calls() if call.messages[0].is_request("INVITE")]
    return sorted(calls, key=lambda call: call.messages[0].at)


def floor_dialplans(folder: Path) -> Path:
    """Menus in which a key leads to each ending."""
    shutil.copytree(BENCH_DIALPLANS, folder)
    for file in OURS.glob("*.yaml"):
        shutil.copy(file, folder)
    return folder


@contextlib.contextmanager
def floor_bed(
    folder: Path,
    people: Iterable[Agent],
    dialplans: Path,
    kind: type[Centre] = Centre,
    **environment: str,
) -> Iterator[Floor]:
    """A centre whose people are on duty; every process of it is gone at the end."""
    people = list(people)
    settings, base = settings_for(folder, PORTS, RTP)
    settings.state_dir.mkdir(parents=True)
    asyncio.run(_accounts(settings.store_url, people))
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(dialplans),
        "CENTRAL156_RTP_LAST": str(RTP + RTP_PORTS - 1),
        **environment,
    }
    centre = kind(settings, folder, {**base, **given})
    try:
        centre.start()
        floor = Floor(centre)
        floor.hire(people)
        yield floor
    finally:
        centre.put_down()


async def _accounts(store_url: str, people: Iterable[Agent]) -> None:
    """Their accounts, before the start: one by one over the API each takes a reload."""
    store = Store(store_url, "n1")
    await store.start()
    for one in people:
        await store.add_agent(one.name, "", {Skill(one.skill): 1}, PASSWORD)
    await store.close()
