"""The recordings that are committed: all there, all sound, none too long."""

import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terms.limits import WHISPER_SECONDS
from terms.names import LINES
from voice.library import Library
from voice.texts import DIGITS, NAMED, SPOKEN, WHISPERS, system_texts

CHECKOUT = Path(__file__).resolve().parents[2]
SOUNDS = CHECKOUT / "sounds" / "pt_BR"
MEGABYTES_MAX = 10


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(SOUNDS)


@pytest.fixture(scope="module")
def said_by_dialplans() -> list[tuple[float, str]]:
    script = runpy.run_path(str(CHECKOUT / "sounds" / "texts_of_dialplans.py"))
    wanted: Callable[[], Iterator[tuple[float, str]]] = script["wanted"]
    return list(wanted())


def test_every_recording_is_sound(library: Library) -> None:
    assert library.check() == ()


def test_the_system_has_all_its_words(library: Library) -> None:
    assert [text for text in system_texts() if library.find(text) is None] == []
    assert len(library.digits("0123456789")) == len(DIGITS) == 10
    assert all(library.named(name) for name in NAMED)


def test_other_spellings_are_of_texts_that_exist_and_were_used(library: Library) -> None:
    spoken = {entry.text: entry.spoken for entry in library.entries if entry.spoken}
    assert spoken.items() <= SPOKEN.items()
    assert [text for text in SPOKEN if library.find(text) is None] == []


def test_whispers_are_short(library: Library) -> None:
    for line in LINES:
        whisper = library.whisper(line)
        assert whisper is not None
        assert whisper.seconds <= WHISPER_SECONDS, line
    assert set(WHISPERS) == set(LINES)


def test_dialplans_are_recorded_and_fit_their_time(
    library: Library, said_by_dialplans: list[tuple[float, str]]
) -> None:
    assert said_by_dialplans
    missing, long = [], []
    for bound, text in said_by_dialplans:
        recorded = library.find(text)
        if recorded is None:
            missing.append(text)
        elif recorded.seconds > bound:
            long.append((text, recorded.seconds, bound))
    assert (missing, long) == ([], [])


def test_emergency_greetings_are_among_the_short_ones(
    said_by_dialplans: list[tuple[float, str]],
) -> None:
    assert len([text for bound, text in said_by_dialplans if bound <= 3.0]) >= 2


def test_nothing_is_recorded_that_nobody_says(
    library: Library, said_by_dialplans: list[tuple[float, str]]
) -> None:
    said = {*system_texts(), *(" ".join(text.split()) for _, text in said_by_dialplans)}
    assert [entry.text for entry in library.entries if entry.text not in said] == []
    named = {entry.file for entry in library.entries}
    assert {file.name for file in SOUNDS.glob("*.wav")} == named


def test_they_stay_small() -> None:
    size = sum(file.stat().st_size for file in SOUNDS.iterdir())
    assert size < MEGABYTES_MAX * 1_000_000


def test_they_load_quickly() -> None:
    began = time.perf_counter()
    Library(SOUNDS)
    assert time.perf_counter() - began < 0.05
