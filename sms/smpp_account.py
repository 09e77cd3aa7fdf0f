"""What a carrier must know of us, and how it wants texts: one account at one SMSC."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Long(StrEnum):
    """How a text of several parts is handed over."""

    UDH = "udh"  # cut by us, each part with its header: every SMSC knows it
    PAYLOAD = "payload"  # whole, in message_payload: the SMSC cuts it


@dataclass(frozen=True, slots=True)
class SmppAccount:
    """`sender`: the short code or name that the phone shows. `prefix`: before national numbers."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    sender: str
    name: str = "smpp"
    system_type: str = ""
    prefix: str = "55"
    long: Long = Long.UDH
    tls: bool = False
