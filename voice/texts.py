"""The system's own texts: what is said on every line, whatever the dialplans say.

Change a text here, then `python -m voice.make` records it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from terms.notice_words import SENTENCES
from voice.spelling import CLEAR_ONE

DIGIT_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        language: MappingProxyType({str(digit): f"{word}." for digit, word in enumerate(words)})
        for language, words in (
            ("pt", "Zero Um Dois Três Quatro Cinco Seis Sete Oito Nove".split()),  # noqa: SIM905
            ("en", "Zero One Two Three Four Five Six Seven Eight Nine".split()),  # noqa: SIM905
            ("es", "Cero Uno Dos Tres Cuatro Cinco Seis Siete Ocho Nueve".split()),  # noqa: SIM905
        )
    }
)
"""For numbers read digit by digit, such as the protocol, by language."""
DIGITS: Final = DIGIT_WORDS["pt"]

UNREADABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pt": "Essa informação não pode ser lida agora. Fale com um atendente para ouvi-la.",
        "en": "This information cannot be read out now. Please ask an agent for it.",
        "es": "Esta información no se puede leer ahora. Pídala a un operador.",
    }
)
"""Said instead of a value that no recording and no voice could read in time."""

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

STORM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "156": "Estamos recebendo muito mais ligações do que o normal. A espera pode ser maior.",
        "199": "Muitas pessoas estão ligando agora. Aguarde na linha.",
        "153": "Muitas pessoas estão ligando agora. Aguarde na linha.",
    }
)
"""The message of a line's storm mode (R37), unless whoever orders it gives another."""

BLOCKED: Final = (
    "Este número está bloqueado no cento e cinquenta e seis por enquanto. "
    "Em perigo, ligue para um nove nove ou um cinco três."
)
"""Said on 156 to a number that a supervisor has blocked (R36), before the call ends."""

SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Um.": f"{CLEAR_ONE}.",
        "Linha um nove nove.": f"Linha {CLEAR_ONE} nove nove.",
        "Linha um cinco três.": f"Linha {CLEAR_ONE} cinco três.",
        "reais": "hreais",
        "de reais": "de hreais",
        "zero reais": "zero hreais",
        "Ocho.": "o-cho.",
    }
)
"""Other spellings for the voice, word for word, where it would misread a text."""


def system_texts() -> tuple[tuple[str, str], ...]:
    """All of them: (language, words)."""
    portuguese = (
        *(*DIGITS.values(), *WHISPERS.values(), *NAMED.values()),
        *(*dict.fromkeys(STORM.values()), BLOCKED, *SENTENCES.values()),
    )
    return (*(("pt", words) for words in portuguese), *UNREADABLE.items())
