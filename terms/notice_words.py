"""What a citizen who was called hears beside the campaign's own text: fixed sentences, recorded
with the system's others (voice/texts.py), and the one sentence of a call that found no agent.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Sentence(StrEnum):
    """One of the fixed sentences; the text is what stands on the channel."""

    CONFIRMED = "confirma"
    REFUSED = "recusa"
    NOT_CALLED = "nao_ligar"
    NOT_WRITTEN = "nao_gravou"
    PERSON = "atendente"
    WRONG_KEY = "tecla"
    GOODBYE = "fim"
    UNKNOWN = "sem_texto"


SENTENCES: Final[Mapping[Sentence, str]] = MappingProxyType(
    {
        Sentence.CONFIRMED: "Obrigado. A sua resposta foi registrada.",
        Sentence.REFUSED: "Entendido. A sua resposta foi registrada.",
        Sentence.NOT_CALLED: "Pronto. Este número não vai mais receber estas ligações.",
        Sentence.NOT_WRITTEN: (
            "Não foi possível registrar o seu pedido agora. Ligue para o cento e cinquenta e seis."
        ),
        Sentence.PERSON: "Aguarde na linha. Um atendente vai falar com o senhor ou a senhora.",
        Sentence.WRONG_KEY: "Essa tecla não tem função nesta ligação.",
        Sentence.GOODBYE: "Fim da mensagem. Obrigado por ouvir.",
        Sentence.UNKNOWN: (
            "Esta é uma ligação da Prefeitura de São Paulo. Para saber mais, ligue para o cento e"
            " cinquenta e seis."
        ),
    }
)


def dropped_text(body: str) -> str:
    """What somebody hears who answered and for whom no agent was there in time: who called, in
    one sentence (R63)."""
    return (
        f"Esta ligação foi da Prefeitura de São Paulo, {' '.join(body.split()).rstrip('.')}, "
        "e não havia atendente livre agora."
    )
