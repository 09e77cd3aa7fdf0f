"""A whole centre for measuring: the real one, plus app_queue's number on the same Asterisk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from centre_bed import Centre, until

from bench import phones
from bench.with_app_queue import TEMPLATES_VARIABLE, write_templates
from central156.settings import CHECKOUT, load_settings
from protocol_store import Store
from terms.names import Skill

DIALPLANS = Path(__file__).parent / "dialplans"
PORTS = 400
RTP_PORTS = 4_000
PASSWORD = "senha-de-teste-01"
SKILLS = ("e199_risco", "p156_zeladoria")


@dataclass(frozen=True)
class Ports:
    """What one run may use: PORTS of UDP and TCP from `first`, RTP_PORTS from `rtp`."""

    first: int = 20_000
    rtp: int = 49_000

    @property
    def phones(self) -> int:
        """Where all agents' phones listen."""
        return self.first + 20

    @property
    def citizens(self) -> int:
        return self.first + 40

    @property
    def public(self) -> int:
        """Where the public network takes the calls that go out."""
        return self.first + 60

    @property
    def agents_media(self) -> int:
        return self.rtp + RTP_PORTS - 40

    @property
    def citizens_media(self) -> int:
        return self.rtp + RTP_PORTS - 20


@dataclass
class BenchCentre(Centre):
    """The centre of centre_bed.py, started with app_queue's number beside it."""

    ports: Ports = field(default_factory=Ports)
    people: tuple[str, ...] = ()

    def command(self) -> list[str]:
        words = [sys.executable, "-m", "bench.with_app_queue"]
        return [*words, "--pasta", str(self.settings.state_dir)]

    def put_on_duty(self) -> None:
        """Register all agents' phones and log them in."""
        if not self.people:
            return
        people = dict.fromkeys(self.people, PASSWORD)
        port = self.settings.agents_port
        phones.register(self.folder, port, self.ports.phones, self.ports.agents_media, people)
        for name in self.people:
            self.post(f"/v1/agents/{name}/login")
        until(lambda: all(self._is_free(name) for name in self.people), 20, "all agents free")

    def agents_listen(
        self, name: str, ring: int, talk: tuple[int, int], traced: bool = True
    ) -> phones.Sipp:
        """The agents' phones; see phones.agents_listen."""
        at = self.settings.agents_port, self.ports.phones, self.ports.agents_media
        return phones.agents_listen(self.folder, name, *at, ring, talk, traced)

    def citizens_call(self, name: str, number: str, shift: int = 0, **how: object) -> phones.Sipp:
        """Citizens; see phones.citizens_call. `shift` 0 or 1: two of them at a time."""
        media = self.ports.citizens_media + 8 * shift
        at = self.settings.trunk_port, self.ports.citizens + shift, media
        return phones.citizens_call(self.folder, name, number, *at, **how)  # type: ignore[arg-type]

    def quiet(self, seconds: float = 30.0) -> None:
        """Wait until nobody waits or talks, so that one measurement does not see another's."""
        until(self._is_quiet, seconds, "quiet")
        time.sleep(0.5)

    def _is_quiet(self) -> bool:
        floor = self.floor()
        idle = all(agent["state"] == "idle" for agent in floor["agents"] if agent["phone"])
        return idle and not sum(queue["waiting"] for queue in floor["queues"])


@contextlib.contextmanager
def bench_centre(
    folder: Path,
    ports: Ports,
    agents: int,
    *,
    record: bool = True,
    dialplans: Path = DIALPLANS,
    more: Mapping[str, str] | None = None,
) -> Iterator[BenchCentre]:
    """A centre that serves, with so many agents on duty; every process is gone at the end.
    `more`: other settings, by the names of the environment."""
    folder.mkdir(parents=True)
    people = tuple(f"ag{number:03d}" for number in range(agents))
    state, templates = folder / "state", folder / "asterisk-conf"
    environment = {
        "CENTRAL156_PORT_BASE": str(ports.first),
        "CENTRAL156_RTP_FIRST": str(ports.rtp),
        "CENTRAL156_RTP_LAST": str(ports.rtp + RTP_PORTS - 50),
        "CENTRAL156_DRAIN_SECONDS": "1",
        "CENTRAL156_PHONE_CHECK_SECONDS": "0",  # phones that do not listen yet are there
        "CENTRAL156_DIALPLANS_DIR": str(dialplans),
        "CENTRAL156_WHISPER": "false",
        "CENTRAL156_RECORD": str(record).lower(),
        **(more or {}),
    }
    given = {name.removeprefix("CENTRAL156_").lower(): v for name, v in environment.items()}
    settings = load_settings(state, **given)
    asyncio.run(_hire(settings.store_url, people))
    write_templates(templates, list(people))
    kept = {n: v for n, v in os.environ.items() if not n.startswith("CENTRAL156_")}
    more = {TEMPLATES_VARIABLE: str(templates), "PYTHONPATH": str(CHECKOUT)}
    centre = BenchCentre(
        settings, folder, {**kept, **environment, **more}, ports=ports, people=people
    )
    (settings.recordings_dir / "app_queue").mkdir(parents=True)
    try:
        centre.start()
        centre.put_on_duty()
        yield centre
    finally:
        centre.put_down()


async def _hire(store_url: str, people: tuple[str, ...]) -> None:
    """Make the agents' accounts before the start: one by one over the API each takes a reload."""
    store = Store(store_url, "n1")
    await store.start()
    for name in people:
        await store.add_agent(name, "", {Skill(skill): 1 for skill in SKILLS}, PASSWORD)
    await store.close()
