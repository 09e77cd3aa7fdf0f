"""A centre that calls a small city for a campaign: SIPp's telephones, whose last digit says what
becomes of a call, and agents who take whatever rings.

    …0 to …5  answers, and hangs up after `talk`     …6  busy     …7  rings, and nobody is there
    …8        no such number (404)                   …9  out of order (503)
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from call_back_bed import City
from calls_bed import OnTheLine
from centre_bed import Centre
from sipp_phones import NO_BODY, OK_TO_LAST, _scenario, _sdp, _send, start_sipp

from phones.phone import AgentPhone, Line

SHOWN = "1131560156"
ANY_HOUR = "{todos os dias: 0:00 a 24:00, feriados: 0:00 a 24:00}"
_names = itertools.count(1)
_numbers = itertools.count(100_000)

RESPONSES = {6: (486, "Busy Here"), 8: (404, "Not Found"), 9: (503, "Service Unavailable")}


def number(last: int, mobile: bool = True) -> str:
    """A new number of the city that ends in this digit."""
    return f"119{next(_numbers):07d}{last}"


def _answering_by_digit(ring: float, talk: float) -> str:
    tag = "[pid]SIPpTag01[call_number]"

    def response(status: str, sequence: str = "[last_CSeq:]", via: str = "[last_Via:]") -> str:
        return (
            f"SIP/2.0 {status}\n{via}\n[last_From:]\n[last_To:];tag={tag}\n[last_Call-ID:]\n"
            f"{sequence}\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
        )

    saved = {"sequence": "CSeq: [$6] INVITE", "via": "Via:[$5]"}
    ways = "".join(
        f'<ereg regexp="^INVITE sip:[0-9]*{last}@" search_in="msg" assign_to="1{last}"/>'
        for last in (6, 7, 8, 9)
    )
    refusals = "".join(
        f'<label id="1{last}"/>'
        + _send(response(f"{code} {why}", **saved) + NO_BODY)
        + '<recv request="ACK" next="3"/>'
        for last, (code, why) in RESPONSES.items()
    )
    return _scenario(
        '<recv request="INVITE"><action>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="1"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="2"/>'
        '<ereg regexp="&lt;(.*)&gt;" search_in="hdr" header="Contact:" assign_to="3,4"/>'
        '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="5"/>'
        '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="6"/>'
        + ways
        + "</action></recv>"
        + "".join(f'<nop next="1{last}" test="1{last}"/>' for last in (8, 9))
        + _send(response("180 Ringing") + NO_BODY)
        + '<nop next="16" test="16"/><nop next="7" test="17"/>'
        + f'<recv request="CANCEL" timeout="{max(1, round(ring * 1000))}" ontimeout="1" next="8"/>'
        + '<label id="7"/><recv request="CANCEL"/>'
        + '<label id="8"/>'
        + _send(response("200 OK") + NO_BODY)
        + _send(response("487 Cancelled", **saved) + NO_BODY)
        + '<recv request="ACK" next="3"/>'
        + refusals
        + '<label id="1"/>'
        + _send(response("200 OK", **saved) + _sdp(False), retrans=True)
        + '<recv request="ACK"/>'
        + f'<recv request="BYE" timeout="{round(talk * 1000)}" ontimeout="2"/>'
        + _send(OK_TO_LAST)
        + '<nop next="3"/><label id="2"/>'
        + _send(
            "BYE [$4] SIP/2.0\n"
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
            f"From:[$2];tag={tag}\nTo:[$1]\nCall-ID: [call_id]\nCSeq: 1 BYE\n"
            "Max-Forwards: 70\n" + NO_BODY,
            retrans=True,
        )
        + '<recv response="200"/><label id="3"/>'
        + '<Reference variables="1,2,3,4,5,6,16,17,18,19"/>'
    )


@contextlib.contextmanager
def telephones(centre: Centre, *, ring: float = 0.3, talk: float = 2.0) -> Iterator[City]:
    """All telephones of the city, until the block ends."""
    settings = centre.settings
    scenario = _answering_by_digit(ring, talk)
    bed: Any = centre
    port = settings.port_base + 50
    run = start_sipp(bed, scenario, settings.trunk_port, "-rtp_echo", port=port)
    try:
        yield City(run)
    finally:
        run.kill()


@dataclass
class Campaign:
    """A campaign of this centre."""

    centre: Centre
    name: str
    numbers: list[str]

    def act(self, what: str, **body: Any) -> Any:
        return self.centre.post(f"/v1/campaigns/{self.name}/{what}", **body)

    def contacts(self) -> dict[str, dict[str, Any]]:
        """By number."""
        rows = self.centre.rows("SELECT * FROM contacts WHERE campaign = ?", self.name)
        return {row["number"]: row for row in rows}

    def attempts(self) -> list[dict[str, Any]]:
        return self.centre.rows(
            "SELECT * FROM attempts WHERE campaign = ? ORDER BY ordered_at", self.name
        )

    def over(self) -> bool:
        """Whether every contact has had an attempt that ended, and none is in course."""
        ended = {row["contact"] for row in self.attempts() if row["ended_at"] is not None}
        going = any(row["ended_at"] is None for row in self.attempts())
        return not going and ended == {row["contact"] for row in self.contacts().values()}


def campaign(centre: Centre, numbers: list[str], *, queue: str = "p156_geral", more: str = "",
             mode: str = "progressivo", kind: str = "pesquisa") -> Campaign:  # fmt: skip
    """A new one with these contacts, loaded and not started."""
    name = f"teste_{next(_names)}"
    yaml = (
        f"campanha: {name}\ntipo: {kind}\nmodo: {mode}\norgao: Secretaria de Teste\n"
        f"assunto: Pesquisa de teste\nfila: {queue}\nmostra: {SHOWN}\nrotas: [principal]\n"
        f"horario: {ANY_HOUR}\ntoque: 10 s\n{more}lista:\n  campos:\n    nome: Nome\n"
    )
    centre.post("/v1/campaigns", name=name, yaml=yaml)
    rows = "".join(f"{one};Pessoa {n}\n" for n, one in enumerate(numbers))
    centre.post("/v1/campaigns/list", campaign=name, file="lista.csv", csv=f"Telefone;Nome\n{rows}")
    return Campaign(centre, name, numbers)


@dataclass(eq=False)
class Hand:
    """An agent who picks up whatever rings, and lets the citizen hang up."""

    phone: AgentPhone
    taken: list[Line] = field(default_factory=list)

    async def work(self) -> None:
        while True:
            if len(self.phone.lines) > len(self.taken):
                line = self.phone.lines[len(self.taken)]
                self.taken.append(line)
                with contextlib.suppress(Exception):
                    await line.pick_up()
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def hands(
    line: OnTheLine, *names: str, queue: str = "p156_geral"
) -> AsyncIterator[list[Hand]]:
    """Agents at work until the block ends."""
    found = [Hand(await line.agent(name, queue)) for name in names]
    tasks = [asyncio.create_task(one.work()) for one in found]
    try:
        yield found
    finally:
        for task in tasks:
            task.cancel()
