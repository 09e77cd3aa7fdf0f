"""A centre under the load of a bad day: a thousand callers at once, two hundred agents.

    with load_bed(folder, agents=200) as load:
        load.talk(90)                            # all phones answer, and talk so long
        load.call(1_000, stay=450, rate=10)      # SIPp keeps so many calls up; see there
        load.stop()                              # no new calls; those in course end by themselves

The citizens are one SIPp and the phones another, so they cost little. The switch knocks at a
relay, which times control's answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "switch"))

import sipp_phones
from agi_relay import AgiRelay
from behind_a_relay import DOOR
from centre_bed import Centre, settings_for
from contended_bed import RelayedCentre
from sipp_phones import CallTrace, read_traces

from bench import phones
from bench.figures import percentile
from protocol_store import Store
from terms.names import Skill

CHECKOUT = Path(__file__).resolve().parents[2]
PORTS, RTP, RTP_PORTS = 22_800, 49_000, 4_000
PASSWORD = "senha-de-teste-01"
BREATH_EVERY = 20.0
"""Seconds between two signs of life of a citizen: one without sound for 30 s is taken for gone."""
SHARE_OF_156 = 0.8


@dataclass
class Load:
    """The centre and who calls it."""

    centre: Centre
    relay: AgiRelay
    agents: list[str]
    runs: list[phones.Sipp] = field(default_factory=list)
    callers: list[phones.Sipp] = field(default_factory=list)

    def put_on_duty(self) -> None:
        """Register all phones from one port; everybody logs in."""
        centre = self.centre
        people = dict.fromkeys(self.agents, PASSWORD)
        at = centre.settings.agents_port, PORTS + 20, RTP + RTP_PORTS - 40
        phones.register(centre.folder, *at, people)
        for name in self.agents:
            centre.post(f"/v1/agents/{name}/login")

    def talk(self, seconds: float) -> None:
        """The agents' phones answer what rings, talk so long, and hang up."""
        settings, folder = self.centre.settings, self.centre.folder
        run = phones.start(
            folder,
            "agents",
            _agent_who_breathes(seconds, folder),
            settings.agents_port,
            port=PORTS + 20,
            media=RTP + RTP_PORTS - 40,
        )
        self.runs.append(run)

    def call(self, at_once: int, stay: float, rate: float) -> None:
        """Citizens come, `rate` a second, until so many are up at once; whoever goes is followed
        by the next. They hang up after `stay` s at the latest. Four of five dial 156 and press 9,
        the others dial 199."""
        many = {"156": round(at_once * SHARE_OF_156)}
        many["199"] = at_once - many["156"]
        for place, (number, count) in enumerate(many.items()):
            options = ["-r", str(rate * count / at_once), "-l", str(count), "-s", number]
            run = phones.start(
                self.centre.folder,
                f"citizens-{number}",
                _citizen("9" if number == "156" else "", stay, self.centre.folder),
                self.centre.settings.trunk_port,
                *options,
                port=PORTS + 40 + place,
                media=RTP + RTP_PORTS - 20 + 8 * place,
                traced=True,
                counted=True,
            )
            self.runs.append(run)
            self.callers.append(run)

    def stop(self, seconds: float) -> None:
        """Begin no more calls; wait for the last one's end."""
        for run in self.callers:
            run.process.send_signal(signal.SIGUSR1)
        for run in self.callers:
            run.wait(seconds)

    def up(self) -> int:
        """How many calls there are."""
        floor = self.centre.floor()
        return len(floor["callers"]) + len(floor.get("calls", []))

    def seen(self) -> list[CallTrace]:
        """What the citizens' phones saw of all calls."""
        files = (run.folder / f"{run.name}.messages" for run in self.callers)
        return [call for file in files for call in read_traces(file)]

    def fates(self) -> Counter[str]:
        """How the calls ended, as the citizens' phones say."""
        return Counter(map(_fate, self.seen()))

    def answers(self, since: float = 0.0) -> dict[str, float]:
        """Seconds from the switch's knock to control's first word, for knocks from then on."""
        took = [one for opened, one in self.relay.answers if opened >= since] or [0.0]
        return {
            "sessions": len(took),
            "p50": round(percentile(took, 0.5), 4),
            "p99": round(percentile(took, 0.99), 4),
            "most": round(max(took), 4),
        }


def _fate(call: CallTrace) -> str:
    if call.code != 200:
        return f"refused {call.code}"
    if call.bye is None:
        return "no end"
    return "hung up" if call.bye.sent else "ended by us"


def _citizen(key: str, stay: float, folder: Path) -> str:
    """bench's citizen, who breathes now and then and leaves after so long."""
    text = (phones.SCENARIOS / "citizen.xml").read_text()
    breath = phones.play(phones.breath(folder))
    parts = _breathing(stay, breath, 'next="2"')
    leave = (phones.SCENARIOS / "leave.xml").read_text().replace("@AFTER@", "1")
    press = phones.play(phones.PCAPS / f"dtmf_2833_{key}.pcap")
    keys = f'<pause milliseconds="1500"/>{press}' if key else ""
    text = text.replace("<!--BREATH-->", breath).replace("<!--KEY-->", keys)
    return text.replace("<!--LEAVE-->", parts + leave)


def _agent_who_breathes(seconds: float, folder: Path) -> str:
    breath = phones.play(phones.breath(folder))
    text = sipp_phones._agent(0.2, 200, seconds)
    waits = f'<recv request="BYE" timeout="{round(seconds * 1000)}" ontimeout="2"/>'
    assert waits in text
    spoken = _breathing(seconds, breath, 'next="9"') + '<nop next="2"/><label id="9"/>'
    return text.replace(waits, breath + spoken)


def _breathing(seconds: float, breath: str, over: str) -> str:
    """Wait so long for a BYE, with a sound now and then; `over`: where to go when one comes."""
    parts, label = [], 10
    while seconds > 0:
        wait = round(min(seconds, BREATH_EVERY) * 1000)
        parts.append(f'<recv request="BYE" timeout="{wait}" ontimeout="{label}" {over}/>')
        parts.append(f'<label id="{label}"/>{breath}')
        seconds, label = seconds - BREATH_EVERY, label + 1
    return "".join(parts)


@contextlib.contextmanager
def load_bed(folder: Path, agents: int, *, timed: bool = True) -> Iterator[Load]:
    """See the file's top; every process is gone at the end. Without `timed` the switch knocks at
    control itself: while control is away, a relay would take more of the machine than callers."""
    settings, base = settings_for(folder, PORTS, RTP)
    settings.state_dir.mkdir(parents=True)
    people = [f"ag{number:03d}" for number in range(agents)]
    asyncio.run(_hire(settings.store_url, people))
    given = {
        DOOR: str(PORTS + 50 if timed else settings.agi_port),
        "PYTHONPATH": os.pathsep.join((str(CHECKOUT), str(CHECKOUT / "tests"))),
        "CENTRAL156_RTP_LAST": str(RTP + RTP_PORTS - 50),
        "CENTRAL156_DIALPLANS_DIR": str(CHECKOUT / "bench" / "dialplans"),
        "CENTRAL156_WHISPER": "false",
        "CENTRAL156_CALLS_156": "1000",
    }
    centre = RelayedCentre(settings, folder, {**base, **given})
    with AgiRelay(PORTS + 50, [settings.agi_port], folder / "relay.jsonl") as relay:
        load = Load(centre, relay, people)
        try:
            centre.start()
            load.put_on_duty()
            yield load
        finally:
            for run in load.runs:
                run.kill()
            centre.put_down()


async def _hire(store_url: str, people: list[str]) -> None:
    store = Store(store_url, "n1")
    await store.start()
    for name in people:
        skills = {Skill("p156_geral"): 1, Skill("e199_risco"): 1}
        await store.add_agent(name, "", skills, PASSWORD)
    await store.close()


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Ask once a second, for a picture of a thousand callers is dear; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come to pass within {seconds:g} s"
        time.sleep(1.0)


__all__ = ["Load", "load_bed", "until"]
