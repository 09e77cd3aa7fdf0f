"""The words that values are put together from: recorded beforehand, in `sounds/recorded/words/`.

Portuguese has all that numbers, dates, hours and amounts need, in parts as long as can be: the
fewer parts, the fewer seams. English and Spanish have their digits and what is told of a wait; what
else they say of a value is spoken by the fast voice.
"""

from __future__ import annotations

from collections.abc import Iterator

from terms.limits import EXACT_PEOPLE, SPOKEN_MINUTES, SPOKEN_PEOPLE
from voice.index import PORTUGUESE
from voice.numbers import cardinal, of_things
from voice.reading import MONTHS, PAUSE, minutes_range, spoken
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
                *((language, said) for language in DIGIT_WORDS for said in _waits(language)),
            ]
        )
    )


def _waits(language: str) -> Iterator[str]:
    """All that may be told of a wait (ivr/forecast.py), each in one part: it is heard often, by
    people who have nothing else to listen to."""
    for place, least in enumerate((0, *SPOKEN_MINUTES)):
        for most in SPOKEN_MINUTES[place:]:
            yield minutes_range(least, most, language)
        if least:
            yield minutes_range(least, None, language)
    for count in SPOKEN_PEOPLE:
        value = f"~{count}" if count > EXACT_PEOPLE else f"{count}"
        yield from spoken(value, "pessoas", language).phrases
    yield from spoken(f"{SPOKEN_PEOPLE[-1]}+", "pessoas", language).phrases


def _portuguese() -> Iterator[str]:
    """An «e» goes with what follows it: the voice makes an «é» of one at the end of a part."""
    yield from (cardinal(number) for number in range(100))
    yield from (f"e {cardinal(number)}" for number in range(1, 100))
    yield from ("uma", "duas", "menos", "vírgula", "cento")
    for hundred in range(100, 1000, 100):
        yield from (cardinal(hundred), f"e {cardinal(hundred)}")
    yield from ("mil", "e mil", "um milhão", "milhões")
    yield from ("reais", "de reais", "um real", "e um real", "zero reais")
    yield from ("centavos", "um centavo", "e um centavo")
    yield from (f"de {month} de" for month in MONTHS[PORTUGUESE])
    yield from ("primeiro", *(cardinal(year) for year in YEARS))
    yield from ("meia-noite", "meio-dia")
    yield from (of_things(hour, PORTUGUESE, "hora", "horas", feminine=True) for hour in range(24))
    for minute in range(1, 60):
        yield f"e {of_things(minute, PORTUGUESE, 'minuto', 'minutos')}"
