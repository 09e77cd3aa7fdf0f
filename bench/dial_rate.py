"""DIALRATE: calls originated a second, on a real Asterisk, over real SIP.

A notice's campaign dials RATE calls a second for a minute, through all that a call goes through:
the decision, the attempt written down before it is ordered, the order over AMI, the dialplan's caps
and allow-list, the INVITE; what comes of it is heard, written, and counted. SIPp is the public
network: a fifth answers, hears the beginning of the text and hangs up, three tenths are busy, half
ring until we give up. Its own log says how often each number rang.

Beside it, in the same run, the bare anchor: orders to dial over an AMI session of the same Asterisk
at the same rate to the same telephones, with no dialler, nothing written, no dialplan before the
call. Times are from the order (ours: from the decision, before anything is written) to the INVITE.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from centre_bed import until
from sipp_phones import CallTrace, read_traces

from bench.centre import BenchCentre, Ports, bench_centre
from bench.figures import CpuMeter, Figure, load, percentile, summary
from bench.phones import SCENARIOS, Sipp, breath, play, start
from central156.settings import CHECKOUT
from terms.outcome import Tried

RATE: Final = 55
"""A little more than the goal, so that the goal can be reached."""
GOAL: Final = 50.0
WARM, SECONDS, ANCHOR_SECONDS = 5.0, 60.0, 20.0
RING, TALK, GIVE_UP = 1_000, 6_000, 10
WORD: Final = 25
"""Packets of sound that whoever answers says: a word, then they listen."""
SHOWN: Final = "1131560156"
ASKED: Final = re.compile(r"INVITE sip:\+?(\d+)@")
BUCKET: Final = re.compile(r'^central156_loop_lag_seconds_bucket\{le="([^"]+)"\} ([0-9.e+]+)', re.M)
EXAMPLE: Final = CHECKOUT / "dialplans" / "campanhas" / "aviso_de_obra.yaml"
"""Its text and keys are used: they are recorded in our voice already."""
CAMPAIGN: Final = f"""\
campanha: medida
tipo: aviso
modo: aviso
orgao: Secretaria de Teste
assunto: Medida
fila: p156_geral
mostra: {SHOWN}
rotas: [principal]
horario: {{todos os dias: 0:00 a 24:00, feriados: 0:00 a 24:00}}
toque: {GIVE_UP} s
tentativas: 1
tentativas_por_dia: 1
fala: @SPOKEN@
lista:
  telefone: Telefone
"""
EXPECTED: Final = {
    **dict.fromkeys("01", Tried.ANSWERED),
    **dict.fromkeys("234", Tried.BUSY),
    **dict.fromkeys("56789", Tried.NO_ANSWER),
}
"""What is to come of a call, by its number's last digit."""


def measure(folder: Path, ports: Ports) -> list[Figure]:
    """One row."""
    more = {
        "CENTRAL156_OUT_TRUNK": f"127.0.0.1:{ports.public}",
        "CENTRAL156_OUT_IDENTITIES": f"156={SHOWN}",
        "CENTRAL156_OUT_CHANNELS": "1000",
        "CENTRAL156_OUT_PER_SECOND": str(RATE),
        "CENTRAL156_OUT_PER_HOUR": "100000",
    }
    with bench_centre(folder / "dial-rate", ports, 0, record=False, more=more) as centre:
        theirs = asyncio.run(_bare(centre))
        ours = _dialled(centre)
    met = ours["per_second"] >= GOAL and not ours["doubled"] and not ours["missed"]
    text = "{per_second:.1f} calls/s, {doubled} doubled, order → INVITE p50 {p50:.0f} ms, p99 "
    text += "{p99:.0f}"
    return [
        Figure(
            "DIALRATE",
            f"a notice's campaign, {SECONDS:.0f} s at {RATE}/s, a fifth answered, on a real "
            "Asterisk",
            "bare orders over AMI: " + text.format(**theirs),
            text.format(**ours)
            + ", {right} of {ended} results right, event loop late p99 "
            "≤ {lag_p99:g} ms, at most {lag_most:.0f}".format(**ours),
            f"≥ {GOAL:.0f}/s, 0 doubled",
            met,
            {"ours": ours, "bare": theirs},
        )
    ]


def _numbers(first: str) -> Iterator[str]:
    return (f"{first}{number:06d}" for number in itertools.count())


def _public(centre: BenchCentre, name: str) -> Sipp:
    text = (SCENARIOS / "public.xml").read_text()
    text = text.replace("@RING@", str(RING)).replace("@TALK@", str(TALK))
    if os.geteuid() == 0:
        text = text.replace("<!--BREATH-->", play(breath(centre.folder, WORD)))
    port, media = centre.ports.public, centre.ports.citizens_media
    return start(
        centre.folder, name, text, centre.settings.trunk_port, port=port, media=media, traced=True
    )


# --- the bare anchor ---
async def _bare(centre: BenchCentre) -> dict[str, Any]:
    """Order after order, at RATE, by a session that does nothing else."""
    public, ordered = _public(centre, "bare"), dict[str, float]()
    pids = {"asterisk": centre.switch_pid(), "public": public.pid}
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", centre.settings.ami_port)
        writer.write(
            _action("Login", Username="c156-actions", Secret=centre.settings.secret("ami_actions"))
        )
        answers = asyncio.create_task(_swallow(reader))
        meter, began = CpuMeter(**pids), time.time()
        for count, number in zip(
            range(round(RATE * ANCHOR_SECONDS)), _numbers("11971"), strict=False
        ):
            await asyncio.sleep(max(0.0, began + count / RATE - time.time()))
            ordered[number] = time.time()
            writer.write(_bare_order(number))
        ended = time.time()
        cpu = meter.used()
        await asyncio.sleep(GIVE_UP + 3)
        writer.close()
        answers.cancel()
    finally:
        public.kill()
    return _seen(centre.folder / "bare.messages", ordered, began, ended) | {"cpu_seconds": cpu}


def _bare_order(number: str) -> bytes:
    return _action(
        "Originate",
        Channel=f"PJSIP/{number}@C156-out",
        Context="c156-out-nobody",
        Exten="s",
        Priority="1",
        Timeout=str(GIVE_UP * 1000),
        CallerID=SHOWN,
        Async="true",
    )


def _action(name: str, **headers: str) -> bytes:
    lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


# --- ours ---
def _dialled(centre: BenchCentre) -> dict[str, Any]:
    """The campaign, for so long; what SIPp saw and what the store has of it."""
    total = round(RATE * (WARM + SECONDS + 5.0))
    numbers = list(itertools.islice(_numbers("11972"), total))
    spoken = EXAMPLE.read_text().partition("\nfala: ")[2].partition("\nlista:")[0]
    centre.post("/v1/campaigns", name="medida", yaml=CAMPAIGN.replace("@SPOKEN@", spoken))
    csv = "Telefone\n" + "".join(f"{number}\n" for number in numbers)
    centre.post("/v1/campaigns/list", campaign="medida", file="lista.csv", csv=csv)
    public = _public(centre, "public")
    pids = {"asterisk": centre.switch_pid(), "control": centre.control_pid(), "public": public.pid}
    try:
        centre.post("/v1/campaigns/medida/start")
        messages = centre.folder / "public.messages"
        until(lambda: messages.exists() and messages.stat().st_size, 60, "the first call")
        began = time.time() + WARM
        time.sleep(WARM)
        before, meter = _late(centre), CpuMeter(**pids)
        time.sleep(SECONDS)
        ended, cpu, late, busy = time.time(), meter.used(), _late(centre), load()
        until(lambda: _left(centre) == 0, 120, "every contact done")
        centre.post("/v1/campaigns/medida/stop", because="fim da medida")
    finally:
        public.kill()
    rows = centre.rows("SELECT number, ordered_at, result FROM attempts WHERE campaign = 'medida'")
    went = [row for row in rows if Tried(row["result"]).reached_for]
    ordered = {row["number"]: _instant(row["ordered_at"]) for row in went}
    right = sum(Tried(row["result"]) is EXPECTED[row["number"][-1]] for row in went)
    (calls,) = centre.rows("SELECT count(*) AS count FROM calls WHERE campaign = 'medida'")
    return {
        **_seen(messages, ordered, began, ended),
        "ended": len(went),
        "right": right,
        "held": len(rows) - len(went),  # by the dialplan's own caps, and dialled later
        "calls_stored": calls["count"],
        "results": dict(Counter(row["result"] for row in rows)),
        "cpu_seconds": cpu,
        "load": busy,
        **_lag(before, late),
    }


def _left(centre: BenchCentre) -> int:
    """Contacts that are not done."""
    (row,) = centre.rows(
        "SELECT count(*) AS count FROM contacts WHERE campaign = 'medida' AND state != 'done'"
    )
    return int(row["count"])


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _late(centre: BenchCentre) -> dict[float, float]:
    """How often the event loop was late, by up to how many seconds: a histogram's counts."""
    url = f"{centre.settings.api_url}/metrics"
    headers = {"Authorization": f"Bearer {centre.settings.secret('admin_token')}"}
    text = httpx.get(url, headers=headers, trust_env=False, timeout=10.0).text
    return {float(edge): float(count) for edge, count in BUCKET.findall(text)}


def _lag(before: dict[float, float], after: dict[float, float]) -> dict[str, float]:
    """In ms: what 99 of 100 looks at the loop did not exceed, and what none did."""
    counts = {edge: count - before.get(edge, 0.0) for edge, count in sorted(after.items())}
    whole = max(counts.values(), default=0.0)
    found = {}
    for name, part in (("lag_p99", 0.99), ("lag_most", 1.0)):
        edges = [edge for edge, count in counts.items() if whole and count >= part * whole]
        found[name] = 1000 * min(edges, default=float("inf"))
    return found | {"lag_looks": whole}


# --- what the public network saw ---
def _seen(file: Path, ordered: dict[str, float], began: float, ended: float) -> dict[str, Any]:
    """Of the calls that came in between; doubled: numbers that rang in more than one call."""
    rang: dict[str, list[float]] = {}
    for call in read_traces(file):
        first = _invite(call)
        if first is not None:
            rang.setdefault(first[0], []).append(first[1])
    within = [at for times in rang.values() for at in times if began <= at < ended]
    took = [1000 * (rang[number][0] - at) for number, at in ordered.items() if number in rang]
    return {
        "per_second": round(len(within) / (ended - began), 2),
        "calls": sum(len(times) for times in rang.values()),
        "doubled": sum(len(times) > 1 for times in rang.values()),
        "missed": sum(number not in rang for number in ordered),
        **summary(took),
        "least_in_a_second": _least(within, began, ended),
        "p999": round(percentile(took, 0.999), 2),
    }


def _invite(call: CallTrace) -> tuple[str, float] | None:
    for message in call.messages:
        asked = ASKED.match(message.text)
        if asked is not None:
            return asked[1], message.at
    return None


def _least(within: list[float], began: float, ended: float) -> int:
    counts = Counter(int(at - began) for at in within)
    return min((counts[second] for second in range(int(ended - began))), default=0)
