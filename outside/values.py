"""What a source found, as texts that can be spoken and carried by a call."""

from __future__ import annotations

import math
import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from outside.port import Trouble
from terms.limits import DATA_CHARACTERS
from terms.services import ServiceSpec

_SPACES = re.compile(r"\s+")


def promised(spec: ServiceSpec, found: Mapping[str, object]) -> dict[str, str]:
    """The values that the service promises, and no others. Trouble if one is not there."""
    values = {}
    for name in spec.answers:
        if name not in found:
            raise Trouble(f"falta {name!r} na resposta")
        values[name] = _told(name, found[name])
    return values


def _told(name: str, value: object) -> str:
    if isinstance(value, str):
        return clean(value)[:DATA_CHARACTERS].rstrip()
    text = plain(value)
    if text is None or len(text) > DATA_CHARACTERS:  # half a number would be another number
        raise Trouble(f"{name!r} não é um texto nem um número")
    return text


def plain(value: object) -> str | None:
    """A value that is not a text, as one: dates and times by ISO 8601, numbers without exponent,
    yes and no as `sim` and `nao`, nothing as ''. None if it is not one value."""
    match value:
        case None:
            return ""
        case bool():
            return "sim" if value else "nao"
        case int():
            # Python refuses to write numbers of thousands of digits.
            return str(value) if value.bit_length() < 4 * DATA_CHARACTERS else None
        case float():
            return _number(Decimal(repr(value))) if math.isfinite(value) else None
        case Decimal():
            return _number(value) if value.is_finite() else None
        case datetime() | time():
            short = not value.second and not value.microsecond
            return value.isoformat(timespec="minutes" if short else "seconds")
        case date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case _:
            return None


def _number(value: Decimal) -> str | None:
    if value.adjusted() > DATA_CHARACTERS or value.adjusted() < -DATA_CHARACTERS:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text and value == value.to_integral() else text


def clean(text: str) -> str:
    """Without what cannot be seen or spoken (control, format and private characters, halves of
    surrogate pairs); line ends and runs of spaces become one space."""
    spaced = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    return unicodedata.normalize("NFC", _SPACES.sub(" ", spaced)).strip()
