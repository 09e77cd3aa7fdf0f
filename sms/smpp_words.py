"""What an SMSC's numbers and receipts mean. Pure.

Receipts are no standard: SMPP 3.4 only shows an example (appendix B). What is read here is what
carriers have in common: `id:… stat:… err:…` in any order, dates of 10 or 12 digits left alone, and
the optional parameters receipted_message_id and message_state, which count more than the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from terms.text_message import How, Told

OK: Final = 0x00
THROTTLED: Final = frozenset({0x58, 0x14})  # ESME_RTHROTTLED, ESME_RMSGQFUL
NEVER: Final[Mapping[int, str]] = {
    0x01: "mensagem comprida demais",  # ESME_RINVMSGLEN
    0x0A: "remetente inválido",  # ESME_RINVSRCADR
    0x0B: "número inválido",  # ESME_RINVDSTADR
    0x33: "destinos demais",  # ESME_RINVNUMDESTS
    0x43: "formato não aceito",  # ESME_RINVESMCLASS
    0x48: "remetente inválido",  # ESME_RINVSRCTON
    0x49: "remetente inválido",  # ESME_RINVSRCNPI
    0x50: "número inválido",  # ESME_RINVDSTTON
    0x51: "número inválido",  # ESME_RINVDSTNPI
    0x61: "horário inválido",  # ESME_RINVSCHED
    0x62: "prazo inválido",  # ESME_RINVEXPIRY
    0x66: "recusada pela operadora",  # ESME_RX_R_APPN: permanent
    0xC1: "parâmetro não aceito",  # ESME_ROPTPARNOTALLWD
    0xC4: "parâmetro inválido",  # ESME_RINVOPTPARAMVAL
}
"""Refusals that another try would meet again. All others (a system error, a carrier's own numbers)
may pass, and are tried again."""

STATES: Final[Mapping[str, Told]] = {
    **dict.fromkeys(("ENROUTE", "ACCEPTD", "SCHEDULED"), Told.ON_ITS_WAY),
    "DELIVRD": Told.DELIVERED,
    **dict.fromkeys(("UNDELIV", "EXPIRED", "UNKNOWN"), Told.FAILED),
    **dict.fromkeys(("REJECTD", "DELETED", "SKIPPED"), Told.REJECTED),
}
BY_NUMBER: Final[Mapping[int, Told]] = {
    **dict.fromkeys((0, 1, 6), Told.ON_ITS_WAY),
    2: Told.DELIVERED,
    **dict.fromkeys((3, 5, 7), Told.FAILED),
    **dict.fromkeys((4, 8, 9), Told.REJECTED),
}
"""message_state: 1 enroute, 2 delivered, 3 expired, 4 deleted, 5 undeliverable, 6 accepted,
7 unknown, 8 rejected."""

_ID: Final = re.compile(r"(?:^|\s)id:\s*([^\s]{1,64})", re.IGNORECASE)
_STAT: Final = re.compile(r"(?:^|\s)stat:\s*([A-Za-z]{4,9})", re.IGNORECASE)
_ERR: Final = re.compile(r"(?:^|\s)err:\s*([0-9A-Za-z]{1,8})", re.IGNORECASE)


def meaning(status: int) -> tuple[How, str]:
    """What a submit_sm_resp says, and why in Portuguese."""
    if status == OK:
        return How.ACCEPTED, ""
    if status in THROTTLED:
        return How.THROTTLED, "a operadora pediu calma"
    if status in NEVER:
        return How.IMPOSSIBLE, f"{NEVER[status]} (SMPP {status:#06x})"
    return How.REFUSED, f"a operadora não aceitou (SMPP {status:#06x})"


def receipt_of(text: str, receipted: str, state: int | None) -> tuple[str, Told, str] | None:
    """A receipt's carrier id, what it says, and why; None if it says nothing that is understood."""
    found, stat, error = _ID.search(text), _STAT.search(text), _ERR.search(text)
    told = BY_NUMBER.get(state) if state is not None else None
    if told is None and stat:
        told = STATES.get(stat[1].upper()[:9])
    carrier_id = receipted or (found[1] if found else "")
    if told is None:
        return None
    why = ""
    if told in (Told.FAILED, Told.REJECTED):
        words = [stat[1].upper()] if stat else []
        words += [f"erro {error[1]}"] if error and error[1].strip("0") else []
        why = f"recibo da operadora: {' '.join(words) or told.value}"
    return carrier_id, told, why
