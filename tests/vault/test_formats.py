"""Delivery formats: the same sound in WAV, OGG and MP3."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
import soundfile

from vault.formats import SoundBroken, rendered
from vault.sealed import Unsealed, new_key, seal

RATE, SECONDS = 8_000, 2


def _tones() -> bytes:
    """Two tones, as the switch would have recorded them."""
    at = np.arange(RATE * SECONDS) / RATE
    sound = 8_000 * np.sin(2 * np.pi * 440 * at) + 4_000 * np.sin(2 * np.pi * 1_200 * at)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.astype("<i2").tobytes())
    return made.getvalue()


def _level(sound: np.ndarray[tuple[int], np.dtype[np.float64]], hertz: float) -> float:
    at = np.arange(len(sound)) / RATE
    return float(abs(2 * np.mean(sound * np.exp(-2j * np.pi * hertz * at))))


@pytest.mark.parametrize(("form", "magic"), [("ogg", b"OggS"), ("mp3", b"\xff")])
def test_both_tones_are_there_at_their_levels(form: str, magic: bytes) -> None:
    made = rendered(io.BytesIO(_tones()), form)
    assert made.startswith(magic)
    assert len(made) < len(_tones()) / 1.8
    sound, rate = soundfile.read(io.BytesIO(made))
    assert rate == RATE
    assert abs(len(sound) / RATE - SECONDS) < 0.2
    assert _level(sound, 440) * 32_768 == pytest.approx(8_000, rel=0.06)
    assert _level(sound, 1_200) * 32_768 == pytest.approx(4_000, rel=0.06)
    assert _level(sound, 800) * 32_768 < 100


@pytest.mark.parametrize("form", ["ogg", "mp3"])
def test_a_sealed_sound_comes_out_as_a_plain_one(form: str) -> None:
    plain, key, sealed = _tones(), new_key(), io.BytesIO()
    longer = plain[:4] + b"\xff" * 4 + plain[8:40] + b"\xff" * 4 + plain[44:] * 20
    seal(io.BytesIO(longer), len(longer), sealed, key, "x-1")
    sealed.seek(0)
    opened, _ = soundfile.read(io.BytesIO(rendered(Unsealed(sealed, key, "x-1"), form)))
    direct, _ = soundfile.read(io.BytesIO(rendered(io.BytesIO(longer), form)))
    assert len(opened) == len(direct)
    assert np.array_equal(opened, direct)


def test_what_is_no_sound_is_refused() -> None:
    with pytest.raises(SoundBroken):
        rendered(io.BytesIO(b"not a sound"), "ogg")
