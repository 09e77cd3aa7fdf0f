"""The public telephone network as SIPp: each kind of subscriber behind a trunk of its own.

A call that goes out by the trunk `ocupado` is busy, one by `caixa_postal` is picked up by a
machine, and so on (KINDS): so one Asterisk meets them all, and the order's trunk says whom.
"""

from __future__ import annotations

import math
import time
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sipp_phones import NO_BODY, OK_TO_LAST, SippRun, _scenario, _sdp, _send, _stream, start_sipp
from switchbed import LOOPBACK, Bed, _alaw

from pbx.out_trunks import OutTrunk

RATE = 8000
SPEECH = Path(__file__).parents[1] / "sounds/recorded"
NEVER = 600.0
WORD, GREETING = 0.45, 4.0
"""How long a person's «alô» and a machine's greeting last (s)."""


@dataclass(frozen=True)
class Subscriber:
    """What happens when this one is called. `says`: seconds of silence, and what is heard after
    them (alo | recado | fax | nada), to its end and then silence; '': no sound comes at all."""

    ring: float = 0.1
    code: int = 200
    says: str = ""
    after: float = 0.3
    talk: float | None = 8.0  # hangs up after so long; None waits for the other side
    announces: bool = False  # 183 with sound instead of 180


KINDS: dict[str, Subscriber] = {
    "pessoa": Subscriber(says="alo"),
    "apressada": Subscriber(ring=0.02, says="alo", talk=0.6),
    "paciente": Subscriber(says="alo", talk=None),
    "lenta": Subscriber(ring=2.5, says="alo"),
    "ocupado": Subscriber(code=486),
    "recusa": Subscriber(code=603),
    "nao_atende": Subscriber(ring=NEVER),
    "inexistente": Subscriber(code=404),
    "em_lugar_nenhum": Subscriber(code=604),
    "anuncio": Subscriber(ring=0.6, code=404, announces=True),
    "fora": Subscriber(code=503),
    "caixa_postal": Subscriber(says="recado", talk=10.0),
    "fax": Subscriber(says="fax", after=1.0),
    "calada": Subscriber(says="nada"),
    "sem_som": Subscriber(says=""),
}
DEAD = "morto"
"""A trunk where nobody listens."""


def trunks(port: int, channels: int = 60, per_second: int = 60) -> tuple[OutTrunk, ...]:
    """A trunk for each kind, from this port on, and one where nobody is."""
    return tuple(
        OutTrunk(name, f"{LOOPBACK}:{port + 4 * place}", "", channels, per_second)
        for place, name in enumerate((*KINDS, DEAD))
    )


@contextmanager
def public_network(bed: Bed, port: int, kinds: Sequence[str] = ()) -> Iterator[dict[str, SippRun]]:
    """These kinds of subscribers (all), listening."""
    runs = {
        name: start_sipp(
            bed, _scenario_of(bed, one), bed.settings.trunk_port, port=port + 4 * place
        )
        for place, (name, one) in enumerate(KINDS.items())
        if not kinds or name in kinds
    }
    time.sleep(0.3)
    for name, run in runs.items():
        assert run.process.poll() is None, (name, run.errors.read_text())
    yield runs
    for run in runs.values():
        run.kill()


def sound(bed: Bed, says: str, after: float) -> Path:
    """Raw A-law: silence, what is said, and silence for long."""
    file = bed.folder / f"{says}-{after}.alaw"
    if not file.exists():
        samples: list[int] = []
        if says == "fax":  # the tone by which it says what it is (T.30, CED)
            turn = 2 * math.pi * 2100 / RATE
            samples = [round(9000 * math.sin(turn * n)) for n in range(3 * RATE)]
        elif says != "nada":
            samples = _speech(WORD if says == "alo" else GREETING)
        quiet = [0] * round(after * RATE)
        body = bytes(_alaw(sample) for sample in (*quiet, *samples))
        file.write_bytes(body + bytes([_alaw(0)]) * (20 * RATE))
    return file


def _speech(seconds: float) -> list[int]:
    """The beginning of recorded sentences, from the first word on."""
    samples: list[int] = []
    for path in sorted(SPEECH.glob("*.wav")):
        with wave.open(str(path)) as file:
            rate, raw = file.getframerate(), memoryview(file.readframes(file.getnframes()))
        heard = list(raw.cast("h"))[:: rate // RATE]
        first = next((n for n, sample in enumerate(heard) if abs(sample) > 1500), 0)
        samples += heard[first:]
        if len(samples) >= seconds * RATE:
            return samples[: round(seconds * RATE)]
    raise AssertionError("there is not so much speech")


def _scenario_of(bed: Bed, one: Subscriber) -> str:
    tag = "[pid]SIPpTag01[call_number]"

    def response(status: str, sequence: str = "[last_CSeq:]", via: str = "[last_Via:]") -> str:
        return (
            f"SIP/2.0 {status}\n{via}\n[last_From:]\n[last_To:];tag={tag}\n[last_Call-ID:]\n"
            f"{sequence}\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
        )

    saved = {"sequence": "CSeq: [$6] INVITE", "via": "Via:[$5]"}
    heard = _stream(sound(bed, one.says, one.after)).replace(",-1,", ",1,") if one.says else ""
    if one.code != 200:
        final = _send(response(f"{one.code} No", **saved) + NO_BODY) + '<recv request="ACK"/>'
    else:
        final = (
            _send(response("200 OK", **saved) + _sdp(bool(one.says)), retrans=True)
            + f'<recv request="ACK"/>{heard}'
            + f'<recv request="BYE" timeout="{round((one.talk or NEVER) * 1000)}" ontimeout="2"/>'
            + _send(OK_TO_LAST)
            + '<nop next="3"/><label id="2"/>'
            + _send(
                "BYE [$4] SIP/2.0\n"
                "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
                f"From:[$2];tag={tag}\nTo:[$1]\nCall-ID: [call_id]\nCSeq: 1 BYE\n"
                "Max-Forwards: 70\n" + NO_BODY,
                retrans=True,
            )
            + '<recv response="200"/>'
        )
    first = response("183 Session Progress") + _sdp(False) if one.announces else (
        response("180 Ringing") + NO_BODY
    )  # fmt: skip
    rings = "" if one.code == 503 else _send(first)
    return _scenario(
        '<recv request="INVITE"><action>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="1"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="2"/>'
        '<ereg regexp="&lt;(.*)&gt;" search_in="hdr" header="Contact:" assign_to="3,4"/>'
        '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="5"/>'
        '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="6"/>'
        "</action></recv>"
        + rings
        + f'<recv request="CANCEL" timeout="{round(one.ring * 1000)}" ontimeout="1"/>'
        + _send(response("200 OK") + NO_BODY)
        + _send(response("487 Cancelled", **saved) + NO_BODY)
        + '<recv request="ACK" next="3"/>'
        + f'<label id="1"/>{final}<label id="3"/>'
        + '<Reference variables="1,2,3,4,5,6"/>'
    )
