"""The words and figures in which the terminal tells things."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from terms.names import Instant, Protocol, Seconds
from terms.needs import Needs
from terms.protocol_number import is_protocol, shown

CITY: Final = ZoneInfo("America/Sao_Paulo")

STATUSES: Final = {"logged_out": "fora", "available": "disponível", "paused": "em pausa"}
STATES: Final = {
    "idle": "livre",
    "offered": "tocando",
    "talking": "em conversa",
    "wrap_up": "pós-atendimento",
}
PHONES: Final = {
    "idle": "no gancho",
    "ringing": "tocando",
    "busy": "ocupado",
    "gone": "sem registro",
}
MIRRORS: Final = {
    "absent": "o Redis não está no ar",
    "silent": "o Redis não responde",
    "refused": "o Redis não aceita a senha",
    "full": "o Redis está sem memória",
    "broken": "o Redis recusa o que se escreve; veja control.jsonl",
    "newer": "outra central, mais nova, escreve nele",
}
SILENCES: Final = {
    "agent": "não se ouve o agente",
    "citizen": "não se ouve o cidadão",
    "both": "não se ouve ninguém",
}
PLACES: Final = {
    "waiting": "na fila",
    "away": "na fila",
    "offered": "tocando",
    "talking": "em conversa",
}
STAGES: Final = {
    "arrived": "na entrada",
    "menu": "no menu",
    "waiting": "na espera",
    "offered": "com um agente",
    "held": "com o agente, em espera",
    "conference": "em conversa com um agente",
    "outside": "com um número de fora",
    "after": "depois da conversa",
    "static": "com o Asterisk sozinho",
    "ended": "no fim do roteiro",
    "switch": "quando o Asterisk caiu",
}
"""Where a call ended; a menu's node stands after a colon."""

CALL_OUTCOMES: Final = {
    "served": "atendida",
    "ended_in_menu": "resolvida no menu",
    "left_in_menu": "desligou no menu",
    "abandoned": "desistiu na espera",
    "message_left": "deixou recado",
    "refused": "recusada",
    "interrupted": "interrompida",
    "promised": "retorno prometido",
}
TASK_CAUSES: Final = {"expired": "o retorno prometido passou do prazo"}
OFFER_OUTCOMES: Final = {
    "answered": "atendida",
    "ring_no_answer": "tocou e ninguém atendeu",
    "refused": "recusada no telefone",
    "unreachable": "telefone fora do ar",
    "gate_closed": "o agente já estava em outra ligação",
    "withdrawn": "retirada",
    "caller_left": "o cidadão desligou",
    "lost": "perdida",
    "not_reached": "o cidadão chamado de volta não atendeu",
}
BLAMES: Final = {
    "nobody": "ninguém",
    "citizen": "cidadão",
    "agent": "agente",
    "carrier": "operadora",
    "us": "central",
}
LOOK_UPS: Final = {"achou": "achou", "nao_achou": "não achou", "falhou": "falhou"}
RECORDING_PROBLEMS: Final = {
    "missing": "não foi encontrada",
    "empty": "está vazia",
    "short": "é mais curta que a conversa",
}
ROLES: Final = {
    "agent": "agente",
    "supervisor": "supervisor",
    "admin": "administrador",
    "auditor": "auditor",
}


REFUSALS: Final = {
    "403": "recusada",
    "404": "este número não existe aqui",
    "486": "ocupado",
    "503": "a central não aceita ligações novas agora: está parando, ou cheia",
    "603": "recusada",
}
"""What a SIP answer means for a citizen's call."""


def refusal(said: str) -> str:
    """Why a call was not answered; `said` is what the phone tells, in SIP's English."""
    code = said[:3]
    return f"{REFUSALS[code]} (SIP {code})" if code in REFUSALS else said


def seconds(value: Seconds | None) -> str:
    """`12,3 s`."""
    return "?" if value is None else f"{value:.1f} s".replace(".", ",")


def program() -> str:
    """What a person types here to call us again."""
    called = Path(sys.argv[0])
    if called.stem == "__main__":
        return "python -m central156.cli"
    if called.stem != "central156":
        return "central156"
    with contextlib.suppress(ValueError):
        return str(called.absolute().relative_to(Path.cwd()))
    return str(called)


def clock(value: Seconds) -> str:
    """`2:05`, or `1:02:05`."""
    minutes, rest = divmod(max(0, int(value)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(at: Instant) -> str:
    """`24/11/2026 10:12:33`, in the city's time."""
    return datetime.fromtimestamp(at, CITY).strftime("%d/%m/%Y %H:%M:%S")


def hours_of(value: Seconds) -> str:
    """`2h05`: hours at work, in which seconds are of no interest."""
    hours, minutes = divmod(max(0, int(value)) // 60, 60)
    return f"{hours}h{minutes:02}"


def task_because(because: str | None) -> str:
    """Why a task is there: how the call ended, and what may stand behind it after a colon."""
    ending, colon, more = (because or "").partition(":")
    known = {**CALL_OUTCOMES, **TASK_CAUSES}.get(ending, ending or "?")
    return f"{known}{colon}{more}"


def hour(at: Instant) -> str:
    """`10:12:33`, in the city's time."""
    return datetime.fromtimestamp(at, CITY).strftime("%H:%M:%S")


def counted(count: int, one: str, many: str) -> str:
    """`1 oferta`, `2 ofertas`."""
    return f"{count} {one if count == 1 else many}"


def where(place: str | None, outcome: str = "") -> str:
    """Where a call ended, and so ended."""
    stage, _, node = (place or "").partition(":")
    known = STAGES.get(stage, stage or "em lugar desconhecido")
    if stage == "offered" and outcome == "abandoned":
        known = "enquanto o telefone de um agente tocava"
    return f"{known} («{node}»)" if node else known


def number(protocol: str | None) -> str:
    """A protocol as people read it."""
    if protocol and is_protocol(protocol):
        return shown(Protocol(protocol))
    return protocol or "sem protocolo"


FOREIGN: Final = {"en": "inglês", "es": "espanhol"}
"""The languages that an agent has to be told of."""


def needed(said: Mapping[str, Any]) -> str:
    """What a queued call needs beside what its queue needs, behind the rest; '' for nothing."""
    needs = Needs.from_text(str(said.get("needs") or ""))
    return f", precisa também de {needs}" if needs else ""
