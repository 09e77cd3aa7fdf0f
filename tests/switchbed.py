"""A real Asterisk on loopback, and SIPp citizens and agents' phones to call it with.

    with switch_bed(tmp_path, port_base=16300, rtp_first=31000) as bed:
        phone = AgentPhone(bed, "ana")             # an account that the bed made
        phone.register()
        phone.dial("*11")                          # log in by phone code
        with phone.listening(talk=1.0) as rung:    # answers what rings
            call = sipp_call(bed, "156")           # returns when the call is over
        assert call.code == 200 and rung.calls()[0].code == 200

The phones are in sipp_phones.py. Nothing here knows our Python but the pbx room.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import re
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import leaks
from seeded import CALLER as CALLER

from pbx.configuration import AgentAccount, secret_digest
from pbx.switch_install import Installation, find_embedded, find_system
from pbx.switch_process import Switch
from pbx.switch_settings import SwitchSettings

LOOPBACK = "127.0.0.1"
AGENTS = ("ana", "bia", "caio")
TEST_MARK, PROOF_MARK = "testmark-0123", "proofmark-0123"
EVENTS_SECRET, ACTIONS_SECRET = "events-secret-01", "actions-secret-01"
EMBEDDED = Path.home() / ".cache/central156/asterisk-forky"


def find_installation() -> Installation | None:
    """The Asterisk that tests may use; None when none is installed yet."""
    return find_system() or find_embedded(Path(os.environ.get("C156_TEST_ASTERISK", EMBEDDED)))


def password_of(agent: str) -> str:
    """The bed's own passwords for the phones of its agents."""
    return f"senha-de-{agent}"


@dataclass
class Bed:
    """A running Asterisk and what it was started with."""

    settings: SwitchSettings
    switch: Switch
    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)
    runs: list[Any] = field(default_factory=list, repr=False)  # sipp_phones.SippRun

    def end_phones(self) -> None:
        """End every SIPp that a test left running."""
        for run in self.runs:
            run.kill()

    def ask(self, command: str) -> str:
        """Asterisk's command line."""
        return self.switch.ask(command)

    def log(self) -> str:
        """All warnings and errors since its start."""
        return (self.settings.log / "messages.log").read_text(errors="replace")

    def free_port(self) -> int:
        """A UDP port for a phone."""
        return free_port()

    def fresh(self, name: str) -> Path:
        """A new file name in the bed's folder."""
        return self.folder / f"{next(self._numbers):03d}-{name}"

    def tone(self) -> Path:
        """Two seconds of a 1 kHz tone, raw A-law."""
        path = self.folder / "tone.alaw"
        if not path.exists():
            wave = (8000 * math.sin(2 * math.pi * 1000 * n / 8000) for n in range(16_000))
            path.write_bytes(bytes(_alaw(int(sample)) for sample in wave))
        return path

    def recording(self, call: str = "*") -> list[Path]:
        """The recordings that there are (of one call)."""
        return sorted(self.settings.recordings_dir.glob(f"*/{call}.wav"))

    def channels(self) -> int:
        """How many channels there are, phones' and Local ones included."""
        found = re.search(r"(\d+) active channel", self.ask("core show channels count"))
        assert found is not None
        return int(found[1])

    def wait_until_quiet(self, seconds: float = 5.0) -> None:
        """Return when no channel is left; fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.channels():
            assert time.monotonic() < deadline, self.ask("core show channels concise")
            time.sleep(0.05)


# Below what the system gives out by itself, and beside every range of sound of the beds: a phone
# that does not listen for a moment finds its port free when it does again.
PHONE_PORTS = range(24_000, 31_000, 4)
_start = os.getpid() % len(PHONE_PORTS)
_next_ports = itertools.cycle([*PHONE_PORTS[_start:], *PHONE_PORTS[:_start]])


def free_port() -> int:
    """A UDP port that nobody holds now, nor the one two above it (SIPp takes both for sound)."""
    for _ in PHONE_PORTS:
        port = next(_next_ports)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as third,
            contextlib.suppress(OSError),
        ):
            first.bind((LOOPBACK, port))
            third.bind((LOOPBACK, port + 2))
            return port
    raise RuntimeError("no free port for a phone")


@contextlib.contextmanager
def switch_bed(
    folder: Path, port_base: int, rtp_first: int, agents: Sequence[str] = AGENTS, **more: object
) -> Iterator[Bed]:
    """Start an Asterisk in `folder`; end it at the end. `more` are SwitchSettings.

    Ports: trunk +0, agents +2, AGI +4 (nobody listens there but your control), AMI +5; 400 RTP
    ports from `rtp_first`. SIPp's are any free ones.
    """
    installation = find_installation()
    assert installation is not None, "no Asterisk: run `make` first"
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[str, object] = {
        "folder": folder / "asterisk",
        "recordings_dir": folder / "recordings",
        "rescue_dir": folder / "rescue",
        "events_secret": EVENTS_SECRET,
        "actions_secret": ACTIONS_SECRET,
        "test_mark": TEST_MARK,
        "proof_mark": PROOF_MARK,
        "trunk_port": port_base,
        "agents_port": port_base + 2,
        "agi_port": port_base + 4,
        "ami_port": port_base + 5,
        "rtp_first": rtp_first,
        "rtp_last": rtp_first + 399,
        "qualify_seconds": 0,
        **more,
    }
    settings = SwitchSettings(**values)  # type: ignore[arg-type]
    switch = Switch(settings, installation)
    switch.start([AgentAccount(name, secret_digest(name, password_of(name))) for name in agents])
    bed = Bed(settings, switch, folder)
    try:
        yield bed
    finally:
        bed.end_phones()
        switch.stop()
        leaks.refuse(settings.folder)


def _alaw(sample: int) -> int:
    """A 16-bit sample as A-law (ITU-T G.711)."""
    sign, level = (0x80, sample >> 3) if sample >= 0 else (0, (-sample - 1) >> 3)
    segment = max(0, level.bit_length() - 5)
    mantissa = (level >> (segment or 1)) & 0x0F if segment else (level >> 1) & 0x0F
    return (sign | segment << 4 | mantissa) ^ 0x55
