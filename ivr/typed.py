"""Whether digits that a caller typed can be what was asked for. Only their form is judged here:
length and check digits; whether such a person or protocol exists is a service's to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from validate_docbr import CNPJ, CPF

from terms.protocol_number import is_protocol

NUMBER: Final = "numero"

CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "cpf": lambda digits: bool(CPF().validate(digits)),
    "cnpj": lambda digits: bool(CNPJ().validate(digits)),
    "protocolo": is_protocol,
}
"""The kinds of number with check digits. CPF and CNPJ: Receita Federal's modulo 11."""

LENGTHS: Final[Mapping[str, int]] = {"cpf": 11, "cnpj": 14, "protocolo": 9}
KINDS: Final = (*CHECKS, NUMBER)


def fits(kind: str, digits: str, least: int, most: int) -> bool:
    """Whether the digits can be a number of this kind; `least` and `most` count for `numero`."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    if kind in CHECKS:
        return len(digits) == LENGTHS[kind] and CHECKS[kind](digits)
    return least <= len(digits) <= most
