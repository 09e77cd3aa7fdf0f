"""What we put into PDUs, and what we take from them; smpplib does the octets. Pure but for the log.

smpplib is asked to pass over optional parameters that it does not know: carriers have their own.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import Any, Final

from smpplib import smpp

from sms import alphabet
from sms.smpp_account import Long, SmppAccount
from sms.smpp_words import receipt_of
from terms.text_message import Inbound, Outgoing, Receipt

log = logging.getLogger(__name__)

logging.getLogger("smpplib").setLevel(logging.ERROR)  # it writes whole PDUs: numbers and texts

VERSION: Final = 0x34
TOLD_AGAIN: Final = 600.0  # seconds
HAS_HEADER: Final = 0x40  # esm_class: the text begins with a user data header
RECEIPTS: Final = 0b0011_1100  # esm_class: what kind of delivery …
A_RECEIPT: Final = 0b0000_0100
INTERNATIONAL, ISDN, ALPHANUMERIC, UNKNOWN = 1, 1, 5, 0
SHORT_CODE_MOST: Final = 8  # digits; longer senders are whole numbers


class _Numbered:
    """What smpplib asks for a sequence when it makes a PDU, before it reads the real one."""

    sequence = 0

    def next_sequence(self) -> int:
        """Any number."""
        return self.sequence


_NUMBERED: Final = _Numbered()


def binding(account: SmppAccount) -> dict[str, Any]:
    """The fields of bind_transceiver."""
    return {
        "system_id": account.system_id,
        "password": account.password,
        "system_type": account.system_type,
        "interface_version": VERSION,
    }


def submits(account: SmppAccount, message: Outgoing) -> list[dict[str, Any]]:
    """The fields of each submit_sm of a message. TooLong as in alphabet.write."""
    written = alphabet.write(message.text)
    common = {
        **_sender(account.sender),
        "dest_addr_ton": INTERNATIONAL,
        "dest_addr_npi": ISDN,
        "destination_addr": account.prefix + message.number,
        "data_coding": written.coding,
        "registered_delivery": 1,  # a receipt, whatever comes of it
        "validity_period": moment(message.valid_until),
        "user_message_reference": message.reference,
    }
    if len(written.parts) == 1:
        return [{**common, "short_message": written.parts[0], "esm_class": 0}]
    if account.long is Long.PAYLOAD:
        whole = b"".join(written.parts)
        return [{**common, "short_message": b"", "message_payload": whole, "esm_class": 0}]
    of = len(written.parts)
    return [
        {
            **common,
            "esm_class": HAS_HEADER,
            "short_message": alphabet.header(message.reference, part, of) + octets,
        }
        for part, octets in enumerate(written.parts, 1)
    ]


def moment(at: float) -> str:
    """An instant as SMPP's absolute time (3.4, 7.1.1), in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M%S") + "000+"


def made(command: str, sequence: int, status: int = 0, **fields: Any) -> Any:
    """A PDU to be written."""
    pdu = smpp.make_pdu(command, client=_NUMBERED, **fields)
    pdu.sequence, pdu.status = sequence, status
    return pdu


def parsed(octets: bytes) -> Any:
    """A PDU; None for one that cannot be understood."""
    try:
        return smpp.parse_pdu(octets, allow_unknown_opt_params=True, client=_NUMBERED)
    except Exception as trouble:  # whatever a stranger's octets bring it to
        log.warning("a PDU that is not understood", extra={"why": type(trouble).__name__})
        return None


def delivered(pdu: Any, now: float = 0.0) -> Receipt | Inbound | None:
    """What a deliver_sm is: a receipt, a citizen's text, or nothing that is understood. The same
    text of one number within TOLD_AGAIN is one text, told twice."""
    octets = getattr(pdu, "short_message", None) or getattr(pdu, "message_payload", None) or b""
    esm, number = pdu.esm_class or 0, text_of(pdu.source_addr)
    coding = pdu.data_coding or 0
    if esm & RECEIPTS:
        if esm & RECEIPTS != A_RECEIPT:
            return None  # of a phone, or of a carrier on the way: no receipt
        receipted = text_of(getattr(pdu, "receipted_message_id", None))
        state = getattr(pdu, "message_state", None)
        found = receipt_of(octets.decode("latin-1"), receipted, state)
        if found is None:
            return None
        carrier_id, told, why = found
        reference = getattr(pdu, "user_message_reference", None) or 0
        return Receipt(carrier_id, told, number, reference, why)
    if esm & HAS_HEADER and octets:
        octets = octets[octets[0] + 1 :]
    reference = getattr(pdu, "user_message_reference", None) or 0
    about = f"{number} {reference} {now // TOLD_AGAIN:.0f} ".encode()
    key = hashlib.sha256(about + octets).hexdigest()[:32]
    return Inbound(number, alphabet.read(octets, coding), key)


def text_of(octets: Any) -> str:
    """A C-octet string, without what no id or number contains."""
    if not octets:
        return ""
    text = octets.decode("latin-1") if isinstance(octets, bytes) else str(octets)
    return "".join(one for one in text if one.isascii() and one.isprintable())[:65]


def _sender(sender: str) -> dict[str, Any]:
    if not sender.isdigit():
        return {"source_addr_ton": ALPHANUMERIC, "source_addr_npi": UNKNOWN, "source_addr": sender}
    short = len(sender) <= SHORT_CODE_MOST
    ton, npi = (UNKNOWN, UNKNOWN) if short else (INTERNATIONAL, ISDN)
    return {"source_addr_ton": ton, "source_addr_npi": npi, "source_addr": sender}
