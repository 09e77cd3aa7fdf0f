"""The recordings that are committed: all there, all sound, even, none too long."""

import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terms.limits import WHISPER_SECONDS
from terms.names import LINES
from voice.library import WORDS, Library
from voice.reading import PAUSE
from voice.sound import measure, read_samples
from voice.texts import DIGIT_WORDS, NAMED, SPOKEN, UNREADABLE, WHISPERS, system_texts
from voice.words import words_to_record

CHECKOUT = Path(__file__).resolve().parents[2]
SOUNDS = CHECKOUT / "sounds" / "recorded"
MEGABYTES_MAX = 30
SPREAD_MAX = 2.0
"""dB between the loudest and the quietest recording."""

Wanted = list[tuple[float, str, str]]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(SOUNDS)


@pytest.fixture(scope="module")
def said_by_dialplans() -> Wanted:
    script = runpy.run_path(str(CHECKOUT / "sounds" / "texts_of_dialplans.py"))
    wanted: Callable[[], Iterator[tuple[float, str, str]]] = script["wanted"]
    return list(wanted())


def test_every_recording_is_sound(library: Library) -> None:
    assert library.check() == ()


def test_all_are_equally_loud() -> None:
    """No caller reaches for the volume between two sentences."""
    heard = [measure(read_samples(file)) for file in SOUNDS.rglob("*.wav")]
    levels = [one.level for one in heard if one.level > -100]
    assert len(heard) - len(levels) == len(DIGIT_WORDS)  # the pauses
    assert max(levels) - min(levels) <= SPREAD_MAX


def test_the_system_has_all_its_words(library: Library) -> None:
    assert [key for key in system_texts() if library.find(key[1], key[0]) is None] == []
    assert [key for key in words_to_record() if library.find(key[1], key[0]) is None] == []
    for language in DIGIT_WORDS:
        assert len(library.digits("0123", language)) == 4
        assert len(library.digits("0123456789", language)) == 10 + 2
        assert library.find(UNREADABLE[language], language)
    assert all(library.named(name) for name in NAMED)


@pytest.mark.parametrize(
    ("value", "how", "most"),
    [
        ("123456782", "protocolo", 9.0),
        ("2026-11-25", "data", 4.0),
        ("14:30", "hora", 2.5),
        ("1234,56", "dinheiro", 6.0),
        ("+5511987654321", "telefone", 10.0),
    ],
)
def test_values_are_read_from_recordings(
    library: Library, value: str, how: str, most: float
) -> None:
    read = library.read(value, how)
    assert read
    assert sum(one.seconds for one in read) <= most


def test_other_spellings_are_of_texts_that_exist_and_were_used(library: Library) -> None:
    entries = [*library.entries, *Library(SOUNDS / WORDS).entries]
    assert {entry.text: entry.spoken for entry in entries if entry.spoken} == SPOKEN


def test_whispers_are_short(library: Library) -> None:
    for line in LINES:
        whisper = library.whisper(line)
        assert whisper is not None
        assert whisper.seconds <= WHISPER_SECONDS, line
    assert set(WHISPERS) == set(LINES)


def test_dialplans_are_recorded_and_fit_their_time(
    library: Library, said_by_dialplans: Wanted
) -> None:
    assert said_by_dialplans
    missing, long = [], []
    for bound, language, text in said_by_dialplans:
        recorded = library.find(text, language)
        if recorded is None:
            missing.append((language, text))
        elif recorded.seconds > bound:
            long.append((text, recorded.seconds, bound))
    assert (missing, long) == ([], [])


def test_emergency_greetings_are_among_the_short_ones(said_by_dialplans: Wanted) -> None:
    assert len([text for bound, _, text in said_by_dialplans if bound <= 3.0]) >= 2


def test_nothing_is_recorded_that_nobody_says(library: Library, said_by_dialplans: Wanted) -> None:
    said = {
        *system_texts(),
        *((language, " ".join(text.split())) for _, language, text in said_by_dialplans),
    }
    assert [entry.text for entry in library.entries if entry.key not in said] == []
    named = {entry.file for entry in library.entries}
    assert {file.name for file in SOUNDS.glob("*.wav")} == named
    words = Library(SOUNDS / WORDS).entries
    assert {entry.key for entry in words} == set(words_to_record())
    assert {file.name for file in (SOUNDS / WORDS).glob("*.wav")} == {one.file for one in words}
    assert [entry for entry in library.entries if entry.text == PAUSE] == []


def test_they_stay_small() -> None:
    size = sum(file.stat().st_size for file in SOUNDS.rglob("*"))
    assert size < MEGABYTES_MAX * 1_000_000


def test_they_load_quickly() -> None:
    began = time.perf_counter()
    Library(SOUNDS)
    assert time.perf_counter() - began < 0.1
