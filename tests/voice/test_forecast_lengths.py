"""However long the wait and the line, what 156 says of it lasts 8 s at most, from recordings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from ivr.forecast import AHEAD, WAIT, people_of, range_of
from ivr.proofs.lengths import GAP_SECONDS
from ivr.texts import LANGUAGES, Filled, Text, fill
from reader import read_dialplans
from terms.limits import FORECAST_SPEECH_MAX, SPOKEN_MINUTES, SPOKEN_PEOPLE
from voice.library import Library

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(CHECKOUT / "sounds" / "recorded")


def ranges() -> Iterator[str]:
    ends = [0.0, *(minutes * 60.0 for minutes in SPOKEN_MINUTES), 90_000.0]
    for low, high in product(ends, ends):
        if low <= high and (found := range_of(low, high)) is not None:
            yield found.value


def people() -> Iterator[str]:
    yield from (people_of(ahead) for ahead in range(SPOKEN_PEOPLE[-1] + 2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_range_and_number_is_one_recording(library: Library, language: str) -> None:
    for values, how in ((set(ranges()), "minutos"), (set(people()), "pessoas")):
        for value in values:
            (read,) = library.read(value, how, language)
            assert read.seconds <= GAP_SECONDS[how], value


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_forecast_and_the_offer_are_short(library: Library, language: str) -> None:
    waiting = read_dialplans(CHECKOUT / "dialplans").lines["156"].waiting

    def seconds(texts: tuple[Text, ...], **values: str) -> float:
        total = 0.0
        for part in (part for text in texts for part in fill(text, language, values)):
            if isinstance(part, Filled):
                total += sum(one.seconds for one in library.read(part.value, part.how, language))
            else:
                found = library.find(part, language)
                assert found is not None, part
                total += found.seconds
        return total

    longest = max(seconds(waiting.forecast.wait_text, **{WAIT: value}) for value in ranges())
    longest += max(seconds(waiting.forecast.ahead_text, **{AHEAD: value}) for value in people())
    assert 3.0 < longest <= FORECAST_SPEECH_MAX
    assert 2.0 < seconds(waiting.call_back.offer_text) <= FORECAST_SPEECH_MAX
