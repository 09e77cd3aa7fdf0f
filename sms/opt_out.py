"""What a citizen's text means: whether no more messages are wanted.

    SAIR, PARE, PARAR, STOP, DESCADASTRAR …     as the first word: no more
    CANCELAR, CANCELA, REMOVER …                alone, or with words about messages: no more
    CANCELAR CONSULTA                           about something else: nothing is stopped by it

The last matters: who answers a reminder of an appointment so would lose the next reminders too.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALWAYS: Final = _words(
    "SAIR SAI PARE PARAR PARA PAREM STOP DESCADASTRAR DESCADASTRE DESCADASTRO UNSUBSCRIBE"
)
ALONE: Final = _words("CANCELAR CANCELA CANCELE CANCELEM REMOVER REMOVA EXCLUIR")
ABOUT_MESSAGES: Final = _words(
    "A AS DE DESSE DESSES DESTA ENVIAR ENVIO ESSA ESSAS ESSE ESTAS FAVOR INSCRICAO ISSO LISTA "
    "MANDAR ME MENSAGEM MENSAGENS MEU MSG MSGS NUMERO O OS POR RECEBER SMS TELEFONE TUDO"
)
PARA: Final = "PARA"


def stops(text: str) -> str:
    """The word by which the citizen wants no more; '' when none does."""
    words: list[str] = re.findall(r"[A-Z0-9]+", _plain(text))
    if not words:
        return ""
    first, rest = words[0], set(words[1:])
    if first == PARA:  # also the commonest preposition: "para amanhã pode ser"
        return first if rest <= ABOUT_MESSAGES else ""
    if first in ALWAYS or (first in ALONE and rest <= ABOUT_MESSAGES):
        return first
    return ""


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.upper())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
