"""The system's own texts: what is said on every line, whatever the dialplans say.

Change a text here, then `python -m voice.make` records it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from voice.reading import CLEAR_ONE

DIGITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "0": "Zero.",
        "1": "Um.",
        "2": "Dois.",
        "3": "Três.",
        "4": "Quatro.",
        "5": "Cinco.",
        "6": "Seis.",
        "7": "Sete.",
        "8": "Oito.",
        "9": "Nove.",
    }
)
"""For numbers read digit by digit, such as the protocol."""

WHISPERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "156": "Cento e cinquenta e seis.",
        "199": "Linha um nove nove.",
        "153": "Linha um cinco três.",
    }
)
"""What an agent hears before being joined to the citizen: which line it is, in at most 2 s. 156 is
worded unlike 153, for the two would be hard to tell apart."""

NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "login": "Você entrou. Bom trabalho.",
        "logout": "Você saiu. Até logo.",
        "pause": "Pausa iniciada.",
        "resume": "Pausa encerrada. Você está disponível.",
        "wait": "Todos os atendentes estão ocupados. Não desligue, sua ligação será atendida.",
        "message": (
            "No momento não há atendentes. Depois do sinal, diga o seu nome, o seu telefone e o"
            " que aconteceu. Ligaremos de volta para você."
        ),
        "thanks": "Recebemos a sua mensagem. Agradecemos a ligação.",
    }
)
"""What the switch says by itself: to an agent's phone codes, and to callers while control is
away (the names are asterisk-conf/'s)."""

SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Um.": f"{CLEAR_ONE}.",
        "Linha um nove nove.": f"Linha {CLEAR_ONE} nove nove.",
        "Linha um cinco três.": f"Linha {CLEAR_ONE} cinco três.",
    }
)
"""Other spellings for the voice, word for word, where it would misread a text."""


def system_texts() -> tuple[str, ...]:
    """All of them."""
    return (*DIGITS.values(), *WHISPERS.values(), *NAMED.values())
