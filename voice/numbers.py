"""Numbers in words, in the three languages, as they are said over the telephone."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from num2words import num2words

MOST: Final = 1_000_000_000
_LANGUAGE: Final = {"pt": "pt_BR", "en": "en", "es": "es"}
_POINT: Final = {"pt": "vírgula", "en": "point", "es": "coma"}
_THOUSANDS: Final = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+")
_MINUS: Final = {"pt": "menos", "en": "minus", "es": "menos"}


def cardinal(number: int, language: str = "pt") -> str:
    """A whole number from 0 to 999,999,999 in words, without commas: it is said in one breath.
    ValueError outside."""
    if not 0 <= number < MOST:
        raise ValueError(f"{number} fora de 0 a {MOST - 1}")
    words: str = num2words(number, lang=_LANGUAGE[language])
    words = words.replace(",", "")
    if language == "es":  # veintiuno mil, uno millones: shortened before another word
        for thing in ("mil", "millones"):
            words = words.replace(f"veintiuno {thing}", f"veintiún {thing}")
            words = words.replace(f" y uno {thing}", f" y un {thing}")
            words = words.replace(f"ciento uno {thing}", f"ciento un {thing}")
    return words


def of_things(number: int, language: str, one: str, many: str, *, feminine: bool = False) -> str:
    """A number of things: «um real», «duas horas», «vinte e um reais», «un minuto»."""
    words = cardinal(number, language)
    last = words.rsplit(" ", 1)[-1]
    head = words[: len(words) - len(last)]
    if language == "pt" and feminine:
        last = {"um": "uma", "dois": "duas"}.get(last, last)
    if language == "es":
        short = "una" if feminine else "un"
        last = {"uno": short, "veintiuno": "veintiuna" if feminine else "veintiún"}.get(last, last)
    joint = " de " if language != "en" and last in _MILLIONS else " "
    return f"{head}{last}{joint}{one if number == 1 else many}"


_MILLIONS: Final = ("milhão", "milhões", "millón", "millones")


def decimal(text: str) -> Decimal:
    """A number as people and machines write it: 1234.5, 1.234,50, R$ 12. A point before exactly
    three digits stands between thousands, as Brazilians write. ValueError when it is none."""
    bare = text.strip().removeprefix("R$").strip().replace("\u00a0", "").replace(" ", "")
    if "," in bare or _THOUSANDS.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    try:
        number = Decimal(bare) if bare.isascii() else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) >= MOST or "e" in bare.lower() or "_" in bare:
        raise ValueError("não é um número")
    return number


def number(text: str, language: str = "pt") -> str:
    """A number in words; decimals are read as one number when they are short: «três vírgula
    cinco». ValueError when it is none."""
    value = decimal(text)
    sign = f"{_MINUS[language]} " if value < 0 else ""
    whole, _, rest = format(abs(value), "f").partition(".")
    words = sign + cardinal(int(whole), language)
    rest = rest.rstrip("0")
    if not rest:
        return words
    zeros = [cardinal(0, language)] * (len(rest) - len(rest.lstrip("0")))
    if language == "en":
        decimals = " ".join(cardinal(int(digit), language) for digit in rest)
    else:
        decimals = " ".join([*zeros, cardinal(int(rest), language)])
    return f"{words} {_POINT[language]} {decimals}"


def money(text: str, language: str = "pt") -> str:
    """Reais and centavos: «doze reais e cinquenta centavos». ValueError when it is no amount."""
    value = decimal(text)
    cents = int((abs(value) * 100).to_integral_value())
    reais, centavos = divmod(cents, 100)
    parts = []
    if reais or not centavos:
        many = {"pt": "reais", "en": "reais", "es": "reales"}[language]
        parts.append(of_things(reais, language, "real", many))
    if centavos:
        parts.append(of_things(centavos, language, "centavo", "centavos"))
    joint = {"pt": " e ", "en": " and ", "es": " con "}[language]
    return (f"{_MINUS[language]} " if value < 0 else "") + joint.join(parts)
