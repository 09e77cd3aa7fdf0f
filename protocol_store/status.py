"""What anybody who holds a protocol number may hear of it: a subject, a day, how it stands (R53).

No name, number, place or typed digit comes out of here, and nothing that would tell a third
person what a delicate call was about. A subject is told only if it is one of those named as
public; for all others, and for calls of 199 and 153, it is only that there was a call.

A case may be several calls with one number: a citizen who called again, or was called back. How it
stands is how the last of them that is more than an attempt stands; a task of any of them is open
until it is done. It is what this store knows, no more: what became of the city's work (a hole, a
tree) is known to the city's own systems.

    a call-back task is open                 aguardando nosso retorno
    a call-back task is done                 retorno feito
    the call is not over: joined             em atendimento
                          queued             na fila de atendimento
                          else               ligação em andamento
    served, or cut after it was answered     atendido
    ended_in_menu                            respondido na própria ligação
    message_left                             recado recebido
    refused                                  não atendido
    promised                                 aguardando nosso retorno
      … and nobody was reached, or it was cancelled: ligação encerrada antes do atendimento
    left_in_menu, abandoned                  ligação encerrada antes do atendimento
    interrupted, anything else               ligação interrompida
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from protocol_store.promise_tables import promises
from protocol_store.tables import calls, facts, protocols, tasks
from terms.facts import Kind
from terms.names import EMERGENCY_LINES
from terms.outcome import CallOutcome, Kept

CITY: Final = ZoneInfo("America/Sao_Paulo")
ONLY_A_CALL: Final = "uma ligação"
NOTE_JOINT: Final = " — "

_BY_OUTCOME: Final = {
    CallOutcome.SERVED: "atendido",
    CallOutcome.ENDED_IN_MENU: "respondido na própria ligação",
    CallOutcome.MESSAGE_LEFT: "recado recebido",
    CallOutcome.REFUSED: "não atendido",
    CallOutcome.LEFT_IN_MENU: "ligação encerrada antes do atendimento",
    CallOutcome.ABANDONED: "ligação encerrada antes do atendimento",
    CallOutcome.INTERRUPTED: "ligação interrompida",
    CallOutcome.PROMISED: "aguardando nosso retorno",
}
_ATTEMPTS: Final = (CallOutcome.LEFT_IN_MENU, CallOutcome.ABANDONED, CallOutcome.REFUSED)
_IN_VAIN: Final = (Kept.NO_CONTACT, Kept.CANCELLED)
_CALL_BACK_DUE, _CALLED_BACK = "aguardando nosso retorno", "retorno feito"
_TALKS, _WAITS = "em atendimento", "na fila de atendimento"
_BEGINS: Final = "ligação em andamento"
SITUATIONS: Final = tuple(
    dict.fromkeys((_CALL_BACK_DUE, _CALLED_BACK, _TALKS, _WAITS, _BEGINS, *_BY_OUTCOME.values()))
)
"""All that may be told: what has to be recorded, so that it is heard without a voice."""


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """What may be told about a protocol. `opened` is the day in São Paulo."""

    subject: str
    opened: date
    situation: str


def public_status(
    connection: Connection, protocol: str, public: Collection[str]
) -> PublicStatus | None:
    """How this protocol stands; None if it was never told to a citizen.

    `public`: the subjects that may be told; any other is nobody else's business.
    """
    found = connection.execute(
        select(calls, protocols.c.given_at)
        .join(protocols, protocols.c.call_id == calls.c.call_id)
        .where(protocols.c.protocol == protocol, protocols.c.ordinal.is_not(None))
    ).first()
    if found is None:
        return None
    case = connection.execute(
        select(calls, promises.c.over_how)
        .outerjoin(promises, promises.c.call_id == calls.c.call_id)
        .where((calls.c.protocol == protocol) | (calls.c.call_id == found.call_id))
        .order_by(calls.c.arrived_at, calls.c.of_call.is_not(None))
    ).all()
    call_backs = connection.execute(
        select(tasks.c.done_at).where(tasks.c.call_id.in_([one.call_id for one in case]))
    ).scalars()
    return PublicStatus(
        subject=_subject(connection, case, public),
        opened=datetime.fromtimestamp(found.given_at, CITY).date(),
        situation=_situation(_tells(case), list(call_backs)),
    )


def _tells(case: Sequence[Row[Any]]) -> Row[Any]:
    """The call that tells how the case stands: the last, but a citizen who was served, or is
    waited for, is so still when a later call was only an attempt."""
    weighty = [one for one in case if one.ended_at is None or one.outcome not in _ATTEMPTS]
    return (weighty or case)[-1]


def _situation(call: Row[Any], call_backs: list[float | None]) -> str:
    if call_backs:
        return _CALL_BACK_DUE if None in call_backs else _CALLED_BACK
    if call.ended_at is None:
        if call.answered_at is not None:
            return _TALKS
        return _BEGINS if call.queued_at is None else _WAITS
    outcome = call.outcome
    if outcome == CallOutcome.PROMISED and call.over_how in _IN_VAIN:
        outcome = CallOutcome.ABANDONED
    if outcome == CallOutcome.INTERRUPTED and call.answered_at is not None:
        outcome = CallOutcome.SERVED
    return _BY_OUTCOME.get(outcome, _BY_OUTCOME[CallOutcome.INTERRUPTED])


def _subject(connection: Connection, case: Sequence[Row[Any]], public: Collection[str]) -> str:
    """The last public subject that a call of the case was queued with."""
    if any(call.line in EMERGENCY_LINES for call in case):
        return ONLY_A_CALL
    said = connection.execute(
        select(facts.c.details)
        .where(
            facts.c.call_id.in_([call.call_id for call in case]),
            facts.c.kind.in_([Kind.QUEUED.value, Kind.HANDED_OVER.value]),
        )
        .order_by(facts.c.id)
    ).scalars()
    subject = ONLY_A_CALL
    for details in said:
        if details.get("to_line") in EMERGENCY_LINES:
            return ONLY_A_CALL
        subject = _public_part(str(details.get("note") or ""), public) or subject
    return subject


def _public_part(note: str, public: Collection[str]) -> str:
    """What agents read has more in front (`fora do horário: registrar — Buraco na rua`)."""
    while note and note not in public:
        note = note.partition(NOTE_JOINT)[2]
    return note
