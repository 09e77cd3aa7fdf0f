"""The conditions that a `decisao` may ask for: one row each of CONDITIONS.

A condition holds when what it looks at is one of its values; several conditions of one case must
all hold. Values are texts as the dialplan has them; the reader has checked their form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.known import Known
from ivr.menu import Condition
from terms.names import ANONYMOUS

YES, NO = "sim", "nao"
DAYS: Final = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
MOBILE, LANDLINE, HIDDEN = "movel", "fixo", "oculto"
PHONES: Final = (MOBILE, LANDLINE, HIDDEN)


def holds(condition: Condition, known: Known, data: Mapping[str, str]) -> bool:
    """Whether the condition holds. One that nobody knows does not."""
    test = CONDITIONS.get(condition.what)
    return test is not None and test(_Look(condition, known, data))


@dataclass(frozen=True, slots=True)
class _Look:
    """A condition and what it looks at."""

    condition: Condition
    known: Known
    data: Mapping[str, str]

    def says(self, truth: bool) -> bool:
        """For conditions that are `sim` or `nao`."""
        return (YES if truth else NO) in self.condition.values

    @property
    def datum(self) -> str:
        """The value of the variable that is asked about."""
        return self.known.values(self.data).get(self.condition.of, "")


def _hours(look: _Look) -> bool:
    calendar, at = look.known.calendar, look.known.at
    return any(calendar.is_open(name, at) for name in look.condition.values)


def _time(look: _Look) -> bool:
    """Spans `HH:MM-HH:MM` of the day; one that ends before it begins goes over midnight."""
    now = f"{look.known.calendar.local(look.known.at):%H:%M}"
    for span in look.condition.values:
        start, _, end = span.partition("-")
        inside = start <= now < end if start < end else now >= start or now < end
        if inside:
            return True
    return False


def _day(look: _Look) -> bool:
    return DAYS[look.known.calendar.local(look.known.at).weekday()] in look.condition.values


def _region(look: _Look) -> bool:
    number = _number(look.known.caller)
    national = phonenumbers.national_significant_number(number) if number else ""
    return number is not None and number.country_code == 55 and national[:2] in _values(look)


def _prefix(look: _Look) -> bool:
    """Against the number as +55…, or as it came when it is no telephone number."""
    number = _number(look.known.caller)
    caller = look.known.caller
    if number is not None:
        caller = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return caller.startswith(look.condition.values)


def _phone(look: _Look) -> bool:
    if look.known.caller in ("", ANONYMOUS):
        return HIDDEN in _values(look)
    number = _number(look.known.caller)
    kind = phonenumbers.number_type(number) if number else PhoneNumberType.UNKNOWN
    names = {PhoneNumberType.MOBILE: MOBILE, PhoneNumberType.FIXED_LINE: LANDLINE}
    return names.get(kind, "") in _values(look)


def _values(look: _Look) -> tuple[str, ...]:
    return look.condition.values


def _number(caller: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(caller, "BR")
    except phonenumbers.NumberParseException:
        return None


CONDITIONS: Final[Mapping[str, Callable[[_Look], bool]]] = {
    "horario": _hours,  # names of calendar.yaml
    "feriado": lambda look: look.says(bool(look.known.calendar.holiday(look.known.at))),
    "hora": _time,  # HH:MM-HH:MM
    "dia": _day,  # DAYS
    "entrada": lambda look: look.known.entry in look.condition.values,
    "ddd": _region,  # two digits
    "chamador": _prefix,
    "telefone": _phone,  # PHONES
    "dado_igual": lambda look: look.datum in look.condition.values,
    "dado_comeca_com": lambda look: look.datum.startswith(look.condition.values),
    "dado_existe": lambda look: look.says(bool(look.datum)),
    "resumido": lambda look: look.says(look.known.short),
    "surdo": lambda look: look.says(look.known.relay),
}
