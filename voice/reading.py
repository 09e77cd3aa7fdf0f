"""How a value that is known only during the call is read aloud, as people here say it.

    spoken("012345678", "protocolo")  → Zero. Um. Dois. … Três. Quatro. Cinco. … Seis. Sete. Oito.
    spoken("2026-11-25", "data")      → vinte e cinco de novembro de dois mil e vinte e seis
    spoken("1234.5", "dinheiro")      → mil duzentos e trinta e quatro reais e cinquenta centavos

A text stays Portuguese in a call in another language: it comes from the city's own systems, and
an English voice would make nothing of a street's name.

A phrase is one recording, or is put together from recorded words (voice/joining.py), or is
spoken by the fast voice. Six is «seis», as the recorded digits say it: «meia» is quicker to tell
from «três», but it is no number to whoever learnt Portuguese elsewhere.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from num2words import num2words

from voice.index import PORTUGUESE
from voice.numbers import cardinal, money, number, of_things
from voice.spelling import from_outside
from voice.texts import DIGIT_WORDS

PAUSE: Final = "…"
"""The phrase that is a short silence: between the groups of a long number."""
GROUP: Final = 3
GROUPED_FROM: Final = 5
"""A number of this many digits and more is read in groups."""

MONTHS: Final = {
    "pt": (
        *("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto"),
        *("setembro", "outubro", "novembro", "dezembro"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
        *("septiembre", "octubre", "noviembre", "diciembre"),
    ),
}
_HERE: Final = ZoneInfo("America/Sao_Paulo")
Phrases = tuple[str, ...]


class Reading(NamedTuple):
    """What reads a value aloud: phrases, and the language that they are in."""

    language: str
    phrases: Phrases


def spoken(value: str, how: str, language: str = PORTUGUESE) -> Reading:
    """The phrases that read `value` aloud. What is not of its kind, a date that is none, is read
    as the text that it is; so is an unknown `how`. No phrases: nothing in it can be read."""
    if how in HOWS:
        with contextlib.suppress(ValueError, OverflowError):
            return Reading(language, HOWS[how](value.strip(), language))
    return Reading(PORTUGUESE, tuple(filter(None, (from_outside(value),))))


def grouped_digits(digits: str, language: str = PORTUGUESE) -> Phrases:
    """Digit by digit, in groups of three when it is long; the last group has two to four. Signs
    are passed over."""
    bare = "".join(digit for digit in digits if digit in DIGIT_WORDS[language])
    sizes = [len(bare)]
    if len(bare) >= GROUPED_FROM:
        whole, rest = divmod(len(bare), GROUP)
        sizes = [GROUP] * whole
        if rest == 1:
            sizes[-1] += 1
        elif rest:
            sizes.append(rest)
    return _in_groups(bare, sizes, language)


def _in_groups(digits: str, sizes: list[int], language: str) -> Phrases:
    phrases: list[str] = []
    for size in sizes:
        if phrases:
            phrases.append(PAUSE)
        phrases += (DIGIT_WORDS[language][digit] for digit in digits[:size])
        digits = digits[size:]
    return tuple(phrases)


def _digits(value: str, language: str) -> Phrases:
    phrases = grouped_digits(value, language)
    if not phrases:
        raise ValueError("nenhum dígito")
    return phrases


def _number(value: str, language: str) -> Phrases:
    return (number(value, language),)


def _money(value: str, language: str) -> Phrases:
    return (money(value, language),)


def _date(value: str, language: str) -> Phrases:
    day = _day(value)
    month = MONTHS[language][day.month - 1]
    if language == "en":
        year = num2words(day.year, lang="en", to="year")
        return (f"{month} {num2words(day.day, lang='en', to='ordinal')}, {year}",)
    first = {"pt": "primeiro", "es": "primero"}[language]
    numbered = first if day.day == 1 else cardinal(day.day, language)
    return (f"{numbered} de {month} de {cardinal(day.year, language)}",)


def _time(value: str, language: str) -> Phrases:
    at = _hour(value)
    if language == "en":
        if at.minute == 0 and at.hour % 12 == 0:
            return ("noon" if at.hour else "midnight",)
        half = "in the morning" if at.hour < 12 else "in the afternoon"
        half = half if at.hour < 18 else "in the evening"
        minutes = "oh " * (at.minute < 10) + cardinal(at.minute, "en") if at.minute else "o'clock"
        return (f"{cardinal(at.hour % 12 or 12, 'en')} {minutes} {half}",)
    if language == "es":
        hours = of_things(at.hour, "es", "hora", "horas", feminine=True)
    else:
        hours = {0: "meia-noite", 12: "meio-dia"}.get(
            at.hour, of_things(at.hour, "pt", "hora", "horas", feminine=True)
        )
    joint = "e" if language == "pt" else "y"
    if not at.minute:
        return (hours,)
    return (f"{hours} {joint} {of_things(at.minute, language, 'minuto', 'minutos')}",)


def _telephone(value: str, language: str) -> Phrases:
    """The area code as one number, then the number in two groups, as it is dictated."""
    digits = re.sub(r"\D", "", value)
    if digits.startswith("55") and len(digits) in (12, 13):
        digits = digits[2:]
    if not digits:
        raise ValueError("nenhum dígito")
    if digits.startswith("0800") and len(digits) == 11:
        return _in_groups(digits, [4, 3, 4], language)
    if len(digits) in (10, 11) and not digits.startswith("0"):
        area, local = digits[:2], digits[2:]
        groups = _in_groups(local, [len(local) - 4, 4], language)
        return (cardinal(int(area), language), PAUSE, *groups)
    if len(digits) in (8, 9):
        return _in_groups(digits, [len(digits) - 4, 4], language)
    return grouped_digits(digits, language)


def minutes_range(least: int, most: int | None, language: str = PORTUGUESE) -> str:
    """A wait in whole minutes as a range: «menos de um minuto», «entre três e cinco minutos»;
    `most` None: «mais de vinte minutos»."""
    one, many = {"en": ("minute", "minutes")}.get(language, ("minuto", "minutos"))
    if most is None:
        return f"{_MORE[language]} {of_things(least, language, one, many)}"
    if not least:
        return f"{_LESS[language]} {of_things(most, language, one, many)}"
    between, joint = _BETWEEN[language]
    first = cardinal(least, language)
    return f"{between} {first} {joint} {of_things(most, language, one, many)}"


def people(count: int, language: str = PORTUGUESE, *, about: str = "") -> str:
    """So many people: «ninguém», «duas pessoas», «cerca de vinte pessoas»."""
    if not count:
        return _NOBODY[language]
    one, many = _PEOPLE[language]
    words = of_things(count, language, one, many, feminine=True)
    return f"{about} {words}" if about else words


def _minutes(value: str, language: str) -> Phrases:
    """`3-5`, `0-1`, `20-`: whole minutes."""
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})?", value)
    if found is None or (found[2] and int(found[2]) <= int(found[1])):
        raise ValueError("não é um intervalo de minutos")
    return (minutes_range(int(found[1]), int(found[2]) if found[2] else None, language),)


def _people(value: str, language: str) -> Phrases:
    """`4`, `~20` (about so many), `50+` (more than so many)."""
    found = re.fullmatch(r"(~?)(\d{1,4})(\+?)", value)
    if found is None:
        raise ValueError("não é um número de pessoas")
    about = _ABOUT[language] if found[1] else _MORE[language] if found[3] else ""
    return (people(int(found[2]), language, about=about),)


_LESS: Final = {"pt": "menos de", "en": "less than", "es": "menos de"}
_MORE: Final = {"pt": "mais de", "en": "more than", "es": "más de"}
_BETWEEN: Final = {"pt": ("entre", "e"), "en": ("between", "and"), "es": ("entre", "y")}
_ABOUT: Final = {"pt": "cerca de", "en": "about", "es": "cerca de"}
_PEOPLE: Final = {
    "pt": ("pessoa", "pessoas"),
    "en": ("person", "people"),
    "es": ("persona", "personas"),
}
_NOBODY: Final = {"pt": "ninguém", "en": "nobody", "es": "nadie"}


def _day(value: str) -> date:
    """2026-11-25, 25/11/2026, or a moment, whose day is São Paulo's. ValueError otherwise."""
    if brazilian := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", value):
        day, month, year = (int(part) for part in brazilian.groups())
        return date(year, month, day)
    return _moment(value).date()


def _hour(value: str) -> time:
    """14:30, 14h30, 14h, or a moment, whose hour is São Paulo's. ValueError otherwise."""
    if clock := re.fullmatch(r"(\d{1,2})(?:[:h](\d{2})?)(?::\d{2}(?:\.\d+)?)?", value):
        return time(int(clock[1]), int(clock[2] or 0))
    if "T" not in value and " " not in value:
        raise ValueError("não é uma hora")
    return _moment(value).time()


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else moment.astimezone(_HERE)


TEXT: Final = "texto"
HOWS: Final[Mapping[str, Callable[[str, str], Phrases]]] = {
    "digitos": _digits,
    "protocolo": _digits,
    "numero": _number,
    "data": _date,
    "hora": _time,
    "dinheiro": _money,
    "telefone": _telephone,
    "minutos": _minutes,
    "pessoas": _people,
}
"""The ways to read a value, by the names that dialplans give them (ivr/texts.py), but TEXT."""
