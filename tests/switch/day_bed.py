"""A day in miniature over real SIP: a whole centre, its agents' phones, its citizens, and the city.

    with day_bed(folder, PEOPLE) as day:   # the centre serves, its people are on duty
        day.run(GROUPS, acts)              # each group dials when its time comes
        day.citizens["of_199"].calls()     # what that group's SIPp saw

Every phone is a SIPp that writes down each message with its instant: what is counted of the day
is counted from these files (day_seen.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import shutil
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sipp_phones
from centre_bed import Centre, CentreAgent, settings_for, until
from day_scenario import GROUPS, PEOPLE, SAID, Agent, Group
from day_seen import Seen, read_day
from sipp_phones import PCAPS, SippRun, start_sipp
from tone_prompts import tones_for

from protocol_store import Store
from protocol_store.people import Role
from terms.names import Skill

PORTS = int(os.environ.get("C156_DAY_PORTS", "23700"))
RTP = int(os.environ.get("C156_DAY_RTP", "59000"))
RTP_PORTS = 1_500
CITY_PORT = PORTS + 50
IDENTITY = "1131560000"
PASSWORD = "senha-de-teste-01"
OURS = Path(__file__).parent / "day"
BENCH_DIALPLANS = Path(__file__).resolve().parents[2] / "bench" / "dialplans"
PATIENCE = 60.0
MOST = 140.0
"""Seconds after which the day must be over."""
STEP = 0.1
"""Seconds between two looks at what is to be done."""

PCAP_HEADER, PCAP_RECORD, RTP_SEQUENCE = 24, 16, 14 + 20 + 8 + 2
LATER = 100_000
"""How far the clock of the next key is: with an older one it would count as the key before."""


@dataclass
class Day:
    """The running centre, its agents' phones, who dialled, and the telephones of the city."""

    centre: Centre
    tokens: Mapping[str, str]
    agents: dict[str, CentreAgent] = field(default_factory=dict)
    phones: dict[str, SippRun] = field(default_factory=dict)
    citizens: dict[str, SippRun] = field(default_factory=dict)
    city: SippRun | None = None
    began: float = 0.0

    def hire(self, people: Sequence[Agent]) -> None:
        """Register their phones, let them listen, log in; some begin on pause."""
        for one in people:
            bed: Any = self.centre
            self.agents[one.name] = CentreAgent(bed, one.name, password=PASSWORD)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(CentreAgent.register, self.agents.values()))
        for one in people:
            how: dict[str, Any] = dict(one.phone)
            self.phones[one.name] = self.agents[one.name].start_listening(**how)
            self.centre.post(f"/v1/agents/{one.name}/login")
        until(lambda: set(self.agents) <= self._free(), 10, "all on duty")
        for one in people:
            if one.paused:
                self.centre.post(f"/v1/agents/{one.name}/pause", reason="sistema")

    def _free(self) -> set[str]:
        there = self.centre.floor()["agents"]
        return {
            one["agent"]
            for one in there
            if (one["status"], one["state"], one["phone"]) == ("available", "idle", "idle")
        }

    def run(
        self,
        groups: Iterable[Group],
        acts: Sequence[tuple[float, Callable[[], object]]],
        always: Callable[[], object],
    ) -> None:
        """Each group dials when its time has come, each act is done at its own, and `always` again
        and again; until the last citizen has hung up."""
        self.began = time.time()
        todo: list[tuple[float, Callable[[], object]]] = list(acts)
        todo += [(one.start, partial(self._dial, one)) for one in groups]
        todo.sort(key=lambda one: one[0])
        while todo or any(map(_runs, self.citizens.values())):
            passed = time.time() - self.began
            while todo and todo[0][0] <= passed:
                todo.pop(0)[1]()
            always()
            assert passed < MOST, [name for name, run in self.citizens.items() if _runs(run)]
            time.sleep(STEP)

    def resume(self, skill: str) -> None:
        """Those who began on pause are free from now on."""
        for one in PEOPLE:
            if one.paused and one.skill == skill:
                self.centre.post(f"/v1/agents/{one.name}/resume")

    def transfer(self, agent: str, kind: str, to: str) -> None:
        """This agent, in person, sends the citizen on."""
        answer = httpx.post(
            f"{self.centre.settings.api_url}/v1/agents/{agent}/transfer",
            json={"kind": kind, "to": to},
            headers={"Authorization": f"Bearer {self.tokens[agent]}"},
            trust_env=False,
            timeout=10.0,
        )
        assert answer.status_code == 200, answer.text

    def seen(self) -> Seen:
        """What all phones saw."""
        assert self.city is not None
        return read_day(
            GROUPS,
            PEOPLE,
            {name: run.calls() for name, run in self.citizens.items()},
            {name: run.calls() for name, run in self.phones.items()},
            self.city.calls(),
        )

    def _dial(self, group: Group) -> None:
        """Let these citizens call, in their rhythm; returns at once."""
        centre = self.centre
        table = centre.fresh("numbers.csv.in")
        table.write_text("\n".join(["SEQUENTIAL", *group.numbers(), ""]))
        options = ["-m", str(group.calls), "-l", str(group.calls), "-r", str(group.rate)]
        options += ["-inf", str(table)]
        scenario = _citizen(centre.folder, centre.tone(), group)
        self.citizens[group.name] = start_sipp(
            centre,  # type: ignore[arg-type]
            scenario,
            centre.settings.trunk_port,
            *options,
        )


def _runs(run: SippRun) -> bool:
    return run.process.poll() is None


def _citizen(folder: Path, tone: Path, group: Group) -> str:
    """sipp_phones' citizen, whose number is of a table, with a capture for each place of a key."""
    keys = {after + place / 1000: key for place, (after, key) in enumerate(group.keys)}
    hidden = "<sip:anonymous@anonymous.invalid>" if group.hidden else ""
    expect = group.refused or 200
    text = sipp_phones._citizen(
        group.number, hidden, "[field0]", (), keys, group.stay, expect, PATIENCE, tone
    )
    places = itertools.count()
    return re.sub(
        re.escape(f"{PCAPS}/") + r"(dtmf_2833_\w+)\.pcap",
        lambda found: str(_later(folder, found[1], next(places))),
        text,
    )


def _later(folder: Path, name: str, place: int) -> Path:
    """This key pressed as the one at that place: with an older clock it would be an old key."""
    made = folder / f"{place}-{name}.pcap"
    if made.exists():
        return made
    packets = bytearray((PCAPS / f"{name}.pcap").read_bytes())
    at = PCAP_HEADER
    while at < len(packets):
        where = at + PCAP_RECORD + RTP_SEQUENCE
        sequence, clock = struct.unpack_from(">HI", packets, where)
        moved = (sequence + 1_000 * place) % 2**16, clock + LATER * place
        struct.pack_into(">HI", packets, where, *moved)
        at += PCAP_RECORD + struct.unpack_from("<I", packets, at + 8)[0]
    made.write_bytes(packets)
    return made


@contextlib.contextmanager
def day_bed(folder: Path, people: Sequence[Agent]) -> Iterator[Day]:
    """See the file's top; every process is gone at the end."""
    settings, base = settings_for(folder, PORTS, RTP)
    settings.state_dir.mkdir(parents=True)
    dialplans = folder / "dialplans"
    shutil.copytree(BENCH_DIALPLANS, dialplans)
    for file in OURS.glob("*.yaml"):
        shutil.copy(file, dialplans)
    tones_for(dialplans, settings.state_dir, SAID)
    tokens = asyncio.run(_accounts(settings.store_url, people))
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(dialplans),
        "CENTRAL156_RTP_LAST": str(RTP + RTP_PORTS - 1),
        "CENTRAL156_SEAL_RECORDINGS": "true",
        "CENTRAL156_WHISPER": "false",
        "CENTRAL156_OUT_TRUNK": f"127.0.0.1:{CITY_PORT}",
        "CENTRAL156_OUT_IDENTITIES": f"156={IDENTITY},153={IDENTITY}",
        "CENTRAL156_CALL_BACK_APART": "2",
        "CENTRAL156_URGENT_APART": "2",
    }
    centre = Centre(settings, folder, {**base, **given})
    try:
        centre.start()
        day = Day(centre, tokens)
        scenario = sipp_phones._agent(0.2, 200, 1.5)
        bed: Any = centre
        day.city = start_sipp(bed, scenario, settings.trunk_port, "-rtp_echo", port=CITY_PORT)
        day.hire(people)
        yield day
    finally:
        centre.put_down()


async def _accounts(store_url: str, people: Sequence[Agent]) -> dict[str, str]:
    """Their accounts, before the start: one by one over the API each takes a reload. The tokens of
    those who send callers on, by name."""
    store = Store(store_url, "n1")
    await store.start()
    tokens = {}
    for one in people:
        await store.add_agent(one.name, "", {Skill(one.skill): 1}, PASSWORD)
        if one.sends[0]:
            tokens[one.name] = await store.add_person(one.name, Role.AGENT)
    await store.close()
    return tokens
