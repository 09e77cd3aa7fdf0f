"""Where a number's area lies: its states, and the clocks that may hold there.

The area is the number's first two digits (the national codes of Anatel's numbering plan,
Resolução 749/2022). The zones are those of the IANA time zone database for Brazil (zone1970.tab:
Noronha -2, the coast and Brasília -3, Amazonas and the west -4, Acre and Amazonas' far west -5).
A portable number does not say more than its area, and two areas hold two clocks: 81 has Fernando
de Noronha beside Pernambuco, 97 the west of Amazonas beside its middle. There a call must be
allowed by both. Likewise 61 is Brasília and the part of Goiás around it, and 42 has one town of
Santa Catarina: a holiday of either counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

DIALLED: Final = re.compile(r"[1-9][1-9](9[0-9]{8}|[2-5][0-9]{7})")
"""Fixed and mobile numbers of the country with their area: no 0900, no other country, no 190.
callflow/dial_out.py and asterisk-conf/extensions_out.conf hold the same."""

COAST: Final = ("America/Sao_Paulo",)
WEST: Final = ("America/Manaus",)

STATES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), ("SP",)),
    **dict.fromkeys(("21", "22", "24"), ("RJ",)),
    **dict.fromkeys(("27", "28"), ("ES",)),
    **dict.fromkeys(("31", "32", "33", "34", "35", "37", "38"), ("MG",)),
    **dict.fromkeys(("41", "43", "44", "45", "46"), ("PR",)),
    "42": ("PR", "SC"),
    **dict.fromkeys(("47", "48", "49"), ("SC",)),
    **dict.fromkeys(("51", "53", "54", "55"), ("RS",)),
    "61": ("DF", "GO"),
    **dict.fromkeys(("62", "64"), ("GO",)),
    "63": ("TO",),
    **dict.fromkeys(("65", "66"), ("MT",)),
    "67": ("MS",),
    "68": ("AC",),
    "69": ("RO",),
    **dict.fromkeys(("71", "73", "74", "75", "77"), ("BA",)),
    "79": ("SE",),
    **dict.fromkeys(("81", "87"), ("PE",)),
    "82": ("AL",),
    "83": ("PB",),
    "84": ("RN",),
    **dict.fromkeys(("85", "88"), ("CE",)),
    **dict.fromkeys(("86", "89"), ("PI",)),
    **dict.fromkeys(("91", "93", "94"), ("PA",)),
    **dict.fromkeys(("92", "97"), ("AM",)),
    "95": ("RR",),
    "96": ("AP",),
    **dict.fromkeys(("98", "99"), ("MA",)),
}
"""The states of each area; an area that is not here does not exist."""

_ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "65": ("America/Cuiaba",),
    "66": ("America/Cuiaba",),
    "67": ("America/Campo_Grande",),
    "68": ("America/Rio_Branco",),
    "69": ("America/Porto_Velho",),
    "81": ("America/Recife", "America/Noronha"),
    "92": WEST,
    "95": ("America/Boa_Vista",),
    "97": (*WEST, "America/Eirunepe"),
}

ZONES: Final[Mapping[str, tuple[ZoneInfo, ...]]] = {
    area: tuple(ZoneInfo(name) for name in _ZONES.get(area, COAST)) for area in STATES
}
"""The clocks of each area; the first is that of most people there."""


def area_of(number: str) -> str:
    """The area of a number in national digits; '' for what is never dialled."""
    known = DIALLED.fullmatch(number) is not None and number[:2] in STATES
    return number[:2] if known else ""
