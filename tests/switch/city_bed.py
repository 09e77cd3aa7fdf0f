"""A city of telephones and a hall of agents for whole campaigns, cheap enough for a thousand calls:
one SIPp is every telephone, one is every agent, and one socket is every citizen's ear.

    with city(centre, ways) as town, hall(centre, 10) as agents:
        made = campaign(centre, numbers)
        made.act("start")
        …
        town.rings()          # what the public network wrote down: every ringing, from … to
        town.delays()         # s from each answer to the agent's voice at the citizen's ear

A telephone's last digit says what becomes of a call (WAYS). An agent picks up at once and speaks:
a steady tone, which is known again byte by byte. Citizens hang up, agents do not.
"""

from __future__ import annotations

import contextlib
import math
import re
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from centre_bed import Centre, until
from public_network import NEVER, Subscriber, sound
from sipp_phones import (
    NO_BODY,
    OK_TO_LAST,
    PCAPS,
    CallTrace,
    SippRun,
    _agent,
    _scenario,
    _sdp,
    _send,
    _stream,
    start_sipp,
)
from switchbed import LOOPBACK, _alaw

from bench import phones

RING, TALK = 0.3, 1.0
WAYS: Mapping[int, Subscriber] = {
    **{last: Subscriber(ring=RING, talk=TALK) for last in range(6)},
    6: Subscriber(ring=RING, code=486),
    7: Subscriber(ring=NEVER),
    8: Subscriber(ring=RING, code=404),
    9: Subscriber(code=503),
}
FRAME, FRAME_MICROS = 240, 30_000
TONE = bytes(_alaw(round(9_000 * math.sin(2 * math.pi * n / 8))) for n in range(FRAME))
"""A thousand hertz in A-law: every frame of it is the same."""

QUIET_BEFORE = 0.2
"""Seconds without the tone after which it begins anew."""

HALL_PORT, HALL_MEDIA, EAR_PORT = 60, 70, 90
"""From the centre's first port on."""


# --- what a telephone does --------------------------------------------------------------------


TAG = "[pid]SIPpTag01[call_number]"
SAVED = {"sequence": "CSeq: [$6] INVITE", "via": "Via:[$5]"}


def _response(status: str, sequence: str = "[last_CSeq:]", via: str = "[last_Via:]") -> str:
    return (
        f"SIP/2.0 {status}\n{via}\n[last_From:]\n[last_To:];tag={TAG}\n[last_Call-ID:]\n"
        f"{sequence}\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
    )


def _branch(bed: Any, last: int, one: Subscriber, ear: int) -> str:
    """One kind of telephone: from its label on, to the end of the call."""
    rings = "" if one.code == 503 else _send(_response("180 Ringing") + NO_BODY)
    wait = f'timeout="{max(1, round(one.ring * 1000))}" ontimeout="2{last}" next="8"'
    text = f'<label id="1{last}"/>{rings}'
    if rings:
        text += f'<recv request="CANCEL" {wait}/>'
    text += f'<label id="2{last}"/>'
    if one.code != 200:
        refused = _send(_response(f"{one.code} No", **SAVED) + NO_BODY)
        return text + refused + '<recv request="ACK" next="3"/>'
    heard, sdp = "", _sdp(False).replace("[media_port]", str(ear))
    if one.says:
        heard, sdp = _stream(sound(bed, one.says, one.after)).replace(",-1,", ",1,"), _sdp(True)
    stays = round((one.talk or NEVER) * 1000)
    return (
        text
        + _send(_response("200 OK", **SAVED) + sdp, retrans=True)
        + f'<recv request="ACK"/>{heard}'
        + f'<recv request="BYE" timeout="{stays}" ontimeout="2" next="4"/>'
    )


def _city(bed: Any, ways: Mapping[int, Subscriber], ear: int) -> str:
    asked = "".join(
        f'<ereg regexp="^INVITE sip:[0-9]*{last}@" search_in="msg" assign_to="1{last}"/>'
        for last in ways
    )
    hangs_up = _send(
        "BYE [$4] SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From:[$2];tag={TAG}\nTo:[$1]\nCall-ID: [call_id]\nCSeq: 1 BYE\n"
        "Max-Forwards: 70\n" + NO_BODY,
        retrans=True,
    )
    used = ",".join(f"1{last}" for last in ways)
    return _scenario(
        '<recv request="INVITE"><action>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="1"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="2"/>'
        '<ereg regexp="&lt;(.*)&gt;" search_in="hdr" header="Contact:" assign_to="3,4"/>'
        '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="5"/>'
        '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="6"/>'
        + asked
        + "</action></recv>"
        + "".join(f'<nop next="1{last}" test="1{last}"/>' for last in ways)
        + "".join(_branch(bed, last, one, ear) for last, one in ways.items())
        + '<label id="8"/>'
        + _send(_response("200 OK") + NO_BODY)
        + _send(_response("487 Cancelled", **SAVED) + NO_BODY)
        + '<recv request="ACK" next="3"/>'
        + f'<label id="4"/>{_send(OK_TO_LAST)}<nop next="3"/>'
        + f'<label id="2"/>{hangs_up}<recv response="200"/>'
        + f'<label id="3"/><Reference variables="1,2,3,4,5,6,{used}"/>'
    )


# --- the citizens' ear ------------------------------------------------------------------------


@dataclass(eq=False)
class Ears:
    """What is heard at all citizens' phones: when the tone begins, by the switch's port. They send
    back what they hear, as people who are there do."""

    port: int
    begins: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    _last: dict[int, float] = field(default_factory=dict)
    _over: bool = False

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, self.port))
        self._socket.settimeout(0.2)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over:
            try:
                packet, sender = self._socket.recvfrom(2_048)
            except TimeoutError:
                continue
            now, port = time.time(), sender[1]
            if packet[12:20] == TONE[:8]:
                if now - self._last.get(port, 0.0) > QUIET_BEFORE:
                    self.begins[port].append(now)
                self._last[port] = now
            with contextlib.suppress(OSError):
                self._socket.sendto(packet, sender)

    def first(self, port: int, since: float, until: float) -> float | None:
        """When the tone first began at this port in that time."""
        return next((at for at in self.begins[port] if since <= at <= until), None)

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._socket.close()


def speech(folder: Path, seconds: float) -> Path:
    """The tone as a capture that SIPp plays."""
    file = folder / f"tone-{seconds:g}.pcap"
    whole = (PCAPS / "g711a.pcap").read_bytes()
    start = phones.PCAP_HEADER
    (length,) = struct.unpack_from("<I", whole, start + 8)
    head = start + phones.PCAP_RECORD
    first = whole[start : head + phones.RTP_SEQUENCE - 2 + 12]  # up to the payload
    frame = length - (len(first) - phones.PCAP_RECORD)
    assert frame == FRAME, "another capture than Debian's"
    began = struct.unpack_from("<II", whole, start)
    out = bytearray(whole[:start])
    for count in range(round(seconds * 1e6 / FRAME_MICROS)):
        record = bytearray(first)
        micros = began[1] + count * FRAME_MICROS
        struct.pack_into("<II", record, 0, began[0] + micros // 1_000_000, micros % 1_000_000)
        place = phones.PCAP_RECORD + phones.RTP_SEQUENCE
        struct.pack_into(">HI", record, place, count, count * FRAME)
        out += record + TONE
    file.write_bytes(out)
    return file


# --- the town ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ringing:
    """A telephone that we called, as the public network saw it. `over`: when it was answered, or
    rang no more; None while it rings. `cancelled`: we took it back."""

    number: str
    at: float
    code: int
    over: float | None
    cancelled: float | None
    trace: CallTrace

    @property
    def answered_at(self) -> float | None:
        return self.trace.answered_at if self.code == 200 else None

    @property
    def ended_at(self) -> float | None:
        """When the call was over, or will be taken for it."""
        if self.code == 200:
            bye = self.trace.bye
            return bye.at if bye else None
        return self.over


def _ringing(trace: CallTrace) -> Ringing:
    found = re.match(r"INVITE sip:([0-9]+)@", trace.invite.text)
    assert found is not None
    finals = [
        one.at for one in trace.messages if one.code >= 200 and "INVITE" in one.header("CSeq")
    ]
    cancels = [one.at for one in trace.messages if one.is_request("CANCEL")]
    return Ringing(
        found[1],
        trace.invite.at,
        trace.code,
        finals[0] if finals else None,
        cancels[0] if cancels else None,
        trace,
    )


@dataclass(eq=False)
class Town:
    """All telephones of the city, and what was heard on them."""

    run: SippRun
    ears: Ears

    def rings(self) -> list[Ringing]:
        """Every call that came, in order; see Ringing."""
        calls = self.run.calls()
        whole = [one for one in calls if any(said.is_request("INVITE") for said in one.messages)]
        return [_ringing(one) for one in whole]

    def ringing(self) -> int:
        """How many ring now."""
        return sum(one.over is None for one in self.rings())

    def delays(self) -> dict[str, float]:
        """By number: seconds from its last answer to the agent's voice at the citizen's ear; who
        heard none is `inf`."""
        found = {}
        for one in self.rings():
            if one.answered_at is None:
                continue
            port = re.search(r"^m=audio (\d+) ", one.trace.invite.text, re.M)
            assert port is not None
            end = one.ended_at or time.time()
            heard = self.ears.first(int(port[1]), one.answered_at - 0.02, end + 0.02)
            found[one.number] = math.inf if heard is None else heard - one.answered_at
        return found


@contextlib.contextmanager
def city(centre: Centre, ways: Mapping[int, Subscriber] = WAYS) -> Iterator[Town]:
    """All telephones of the city, until the block ends."""
    settings = centre.settings
    bed: Any = centre
    ears = Ears(settings.port_base + EAR_PORT)
    scenario = _city(bed, ways, ears.port)
    run = start_sipp(bed, scenario, settings.trunk_port, port=settings.port_base + 50)
    time.sleep(0.3)
    try:
        assert run.process.poll() is None, run.errors.read_text()
        yield Town(run, ears)
    finally:
        run.kill()
        ears.close()


def hire(centre: Centre, count: int, *skills: str) -> list[str]:
    """New agents' accounts."""
    first = len(centre.passwords)
    names = [f"ag{first + n:03d}" for n in range(count)]
    for name in names:
        centre.add_agent(name, *(skills or ("p156_geral",)))
    return names


@contextlib.contextmanager
def hall(centre: Centre, names: list[str], *, ring: float = 0.05) -> Iterator[phones.Sipp]:
    """These agents on duty, at one SIPp, until the block ends; they pick up at once and speak."""
    settings = centre.settings
    at = settings.port_base + HALL_PORT, settings.port_base + HALL_MEDIA
    people = {name: centre.passwords[name] for name in names}
    port, media = at
    folder = centre.folder
    phones.register(folder, settings.agents_port, port, media, people)
    text = _agent(ring, 200, None)
    ack = '<recv request="ACK"/><recv request="BYE"'
    assert ack in text
    play = phones.play(speech(folder, 20.0))
    text = text.replace(ack, f'<recv request="ACK"/>{play}<recv request="BYE"')
    run = phones.start(
        folder, "hall", text, settings.agents_port, port=port, media=media, traced=True
    )
    try:
        for name in names:
            centre.post(f"/v1/agents/{name}/login")
        until(lambda: all(centre._is_free(name) for name in names), 10, "all on duty")
        assert run.process.poll() is None
        yield run
    finally:
        for name in names:
            with contextlib.suppress(Exception):
                centre.post(f"/v1/agents/{name}/logout")
        run.kill()
