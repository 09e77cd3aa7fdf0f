"""SIPp as all citizens and as all agents' phones: one process each, so it costs little itself."""

from __future__ import annotations

import csv
import itertools
import os
import re
import signal
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sipp_phones import PCAPS, read_traces

SCENARIOS = Path(__file__).parent / "scenarios"
LOOPBACK = "127.0.0.1"
AGAIN_MS = 4_000  # a caller whose key seems not to be heard presses it once more
PCAP_HEADER, PCAP_RECORD, BREATH_PACKETS = 24, 16, 3
RTP_SEQUENCE = 14 + 20 + 8 + 2  # behind Ethernet, IP and UDP
TALKED = re.compile(r"INVITE sip:(\w+)@")


@dataclass(frozen=True)
class Talk:
    """One call at an agent's phone: when it began to ring and when the agent put it down."""

    agent: str
    rang_at: float
    ended_at: float


@dataclass
class Sipp:
    """A SIPp that runs."""

    process: subprocess.Popen[bytes]
    folder: Path
    name: str

    @property
    def pid(self) -> int:
        return self.process.pid

    def finish(self, seconds: float) -> None:
        """Begin no more calls; let those in course end, within this time."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
        self.wait(seconds)

    def wait(self, seconds: float, patient: bool = False) -> None:
        """Wait for its own end; after `seconds`, end it, or (`patient`) leave it."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            if not patient:
                self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def talks(self) -> list[Talk]:
        """What the agents' phones saw, oldest first; needs `traced`."""
        found = []
        for call in read_traces(self.folder / f"{self.name}.messages"):
            bye = call.bye
            asked = TALKED.match(call.messages[0].text)
            if bye is not None and asked is not None:
                found.append(Talk(asked[1], call.messages[0].at, bye.at))
        return sorted(found, key=lambda talk: talk.rang_at)

    def counters(self) -> list[dict[str, str]]:
        """SIPp's own statistics, a row a second and one at its end."""
        with (self.folder / f"{self.name}.csv").open(newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))


def start(
    folder: Path,
    name: str,
    scenario: str,
    target: int,
    *options: str,
    port: int,
    media: int,
    traced: bool = False,
    counted: bool = False,
) -> Sipp:
    """Start SIPp with this scenario's text. `traced`: every message is written down."""
    file = folder / f"{name}.xml"
    file.write_text(scenario)
    command = ["sipp", f"{LOOPBACK}:{target}", "-sf", str(file), "-i", LOOPBACK, "-nostdin"]
    command += ["-mi", LOOPBACK, "-p", str(port), "-mp", str(media), "-cid_str", f"{name}-%u-%p@%s"]
    if traced:
        command += ["-trace_msg", "-message_file", str(folder / f"{name}.messages")]
    if counted:
        command += ["-trace_stat", "-stf", str(folder / f"{name}.csv"), "-fd", "1"]
    command += ["-trace_err", "-error_file", str(folder / f"{name}.errors")]
    process = subprocess.Popen(
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TZ": "UTC", "TERM": "dumb"},
        cwd=folder,
    )
    return Sipp(process, folder, name)


def register(folder: Path, target: int, port: int, media: int, people: Mapping[str, str]) -> None:
    """Register these agents' phones (name → password), all at this port."""
    rows = [f"{n};[authentication username={n} password={p}]" for n, p in people.items()]
    (folder / "people.csv").write_text("\n".join(["SEQUENTIAL", *rows, ""]))
    options = ["-inf", str(folder / "people.csv"), "-m", str(len(rows)), "-r", "50", "-l", "10"]
    text = (SCENARIOS / "register.xml").read_text()
    run = start(folder, "register", text, target, *options, port=port, media=media)
    run.wait(30.0)
    if run.process.returncode != 0:
        raise RuntimeError(f"agents could not register: see {folder}")


def agents_listen(
    folder: Path,
    name: str,
    target: int,
    port: int,
    media: int,
    ring: int,
    talk: tuple[int, int],
    traced: bool,
) -> Sipp:
    """All agents' phones, until killed. `ring`, `talk` (from, to): milliseconds."""
    text = (SCENARIOS / "agent.xml").read_text()
    length = f'distribution="uniform" min="{talk[0]}" max="{talk[1]}"'
    if talk[0] == talk[1]:
        length = f'milliseconds="{talk[0]}"'
    text = text.replace("@RING@", str(ring)).replace("@TALK@", length)
    if os.geteuid() == 0:
        text = text.replace("<!--SPEECH-->", play(PCAPS / "g711a.pcap"))
    return start(folder, name, text, target, port=port, media=media, traced=traced)


def citizens_call(
    folder: Path,
    name: str,
    number: str,
    target: int,
    port: int,
    media: int,
    *,
    rate: float,
    at_once: int,
    total: int = 0,
    key: tuple[str, int] | None = None,
    leave: int = 0,
    spread: int = 0,
    traced: bool = False,
) -> Sipp:
    """Citizens, `rate` a second but never more than `at_once`; key: (key, after how many ms);
    leave: they hang up after so many ms, instead of waiting for the other side; spread: each dials
    up to so many ms later, so that they come as chance has it and not like clockwork."""
    text = (SCENARIOS / "citizen.xml").read_text()
    if spread:
        waits = f'<pause distribution="uniform" min="0" max="{spread}"/>'
        text = text.replace('<scenario name="citizens">', f'<scenario name="citizens">{waits}')
    if os.geteuid() == 0:
        text = text.replace("<!--BREATH-->", play(breath(folder)))
    if key is not None:
        press = play(PCAPS / f"dtmf_2833_{key[0]}.pcap")
        pressing = f'<pause milliseconds="{key[1]}"/>{press}'
        text = text.replace("<!--KEY-->", pressing)
        wait = f'<recv request="BYE" timeout="{AGAIN_MS}" ontimeout="1" next="2"/><label id="1"/>'
        again = play(_later(folder, PCAPS / f"dtmf_2833_{key[0]}.pcap"))
        text = text.replace("<!--AGAIN-->", wait + again)
    if leave:
        bye = (SCENARIOS / "leave.xml").read_text().replace("@AFTER@", str(leave))
        text = text.replace("<!--LEAVE-->", bye)
    options = ["-s", number, "-r", str(rate), "-l", str(at_once)]
    options += ["-m", str(total)] if total else []
    more = {"counted": True, "traced": traced}
    return start(folder, name, text, target, *options, port=port, media=media, **more)


def play(capture: Path) -> str:
    return f'<nop><action><exec play_pcap_audio="{capture}"/></action></nop>'


def breath(folder: Path, packets: int = BREATH_PACKETS) -> Path:
    """The first sound of a caller. Asterisk's Answer() waits half a second for it, and a phone
    that never sends any would make every call that much longer."""
    whole, short = (PCAPS / "g711a.pcap").read_bytes(), folder / f"breath-{packets}.pcap"
    end = list(itertools.islice(_records(whole), packets + 1))[-1]
    short.write_bytes(whole[:end])
    return short


def _later(folder: Path, capture: Path) -> Path:
    """The same key pressed once more: with the same RTP clock it would count as the first one."""
    packets, later = bytearray(capture.read_bytes()), folder / f"later-{capture.name}"
    for at in _records(bytes(packets)):
        place = at + PCAP_RECORD + RTP_SEQUENCE
        sequence, clock = struct.unpack_from(">HI", packets, place)
        moved = (sequence + 250) % 2**16, (clock + AGAIN_MS * 8) % 2**32
        struct.pack_into(">HI", packets, place, *moved)
    later.write_bytes(packets)
    return later


def _records(capture: bytes) -> Iterator[int]:
    """Where each packet's record begins in a pcap file."""
    at = PCAP_HEADER
    while at < len(capture):
        yield at
        (length,) = struct.unpack_from("<I", capture, at + 8)
        at += PCAP_RECORD + length


def idle_gaps(talks: list[Talk], since: float, until: float) -> list[float]:
    """Milliseconds from an agent's hanging up to the next ring, of those that began in time."""
    of_agent: dict[str, list[Talk]] = defaultdict(list)
    for talk in talks:
        of_agent[talk.agent].append(talk)
    return [
        (following.rang_at - before.ended_at) * 1000
        for one in of_agent.values()
        for before, following in itertools.pairwise(one)
        if since <= before.ended_at <= until
    ]
