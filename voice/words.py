"""The words that values are put together from: recorded beforehand, in `sounds/recorded/words/`.

Portuguese has all that numbers, dates, hours and amounts need, in parts as long as can be: the
fewer parts, the fewer seams. English and Spanish have their digits; what else they say of a value
is spoken by the fast voice.
"""

from __future__ import annotations

from collections.abc import Iterator

from voice.index import PORTUGUESE
from voice.numbers import cardinal, of_things
from voice.reading import MONTHS, PAUSE
from voice.texts import DIGIT_WORDS

YEARS = range(2020, 2036)
"""Recorded as one part; other years are put together."""


def words_to_record() -> tuple[tuple[str, str], ...]:
    """All of them, each once: (language, words); PAUSE is a silence."""
    return tuple(
        dict.fromkeys(
            [
                *((PORTUGUESE, words) for words in _portuguese()),
                *(
                    (language, word)
                    for language, digits in DIGIT_WORDS.items()
                    if language != PORTUGUESE
                    for word in digits.values()
                ),
                *((language, PAUSE) for language in DIGIT_WORDS),
            ]
        )
    )


def _portuguese() -> Iterator[str]:
    yield from (cardinal(number) for number in range(100))
    yield from ("uma", "duas", "menos", "vírgula", "e")
    for hundred in range(100, 1000, 100):
        yield cardinal(hundred)
        yield f"{'cento' if hundred == 100 else cardinal(hundred)} e"
    yield from ("mil", "mil e", "milhão", "milhão e", "milhões", "milhões e")
    yield from ("de reais", "real", "reais", "um real", "real e", "reais e", "um real e")
    yield from ("um centavo", "centavo", "centavos", "zero reais")
    yield from (f"de {month} de" for month in MONTHS[PORTUGUESE])
    yield from (f"de {month}" for month in MONTHS[PORTUGUESE])
    yield "primeiro"
    yield from (cardinal(year) for year in YEARS)
    yield from ("meia-noite", "meia-noite e", "meio-dia", "meio-dia e", "minuto", "minutos")
    for hour in range(24):
        hours = of_things(hour, PORTUGUESE, "hora", "horas", feminine=True)
        yield from (hours, f"{hours} e")
    yield from (of_things(minute, PORTUGUESE, "minuto", "minutos") for minute in range(1, 60))
