"""The ears find what was played and nothing else, through the line's own distortion."""

import numpy as np

from phones.ears import RATE, level_of, prompts_heard, silences
from phones.phone import loudness, tone


def _noise(seed: int, seconds: float) -> np.ndarray:
    """Something like speech: noise in bursts, unlike any other seed's."""
    source = np.random.default_rng(seed)
    count = int(seconds * RATE)
    smooth = np.convolve(source.normal(size=count), np.ones(4) / 4, "same")
    bursts = np.repeat(source.uniform(0.2, 1.0, size=count // 400 + 1), 400)[:count]
    return smooth * bursts * 6_000


def _alaw(sound: np.ndarray) -> np.ndarray:
    """About what eight bits a sample leave."""
    step = np.maximum(np.abs(sound) / 16, 8)
    return np.round(sound / step) * step


def test_prompts_are_found_in_their_order() -> None:
    first, second, never = _noise(1, 2.0), _noise(2, 1.5), _noise(3, 2.0)
    silence = np.zeros(RATE)
    line = _alaw(np.concatenate([silence, first, silence, second[:RATE], silence, first]))
    found = prompts_heard(line, [("first", first), ("second", second), ("never", never)])
    assert [one.name for one in found] == ["first", "second", "first"]
    assert [round(one.at) for one in found] == [1, 4, 6]
    assert all(one.alike > 0.8 for one in found)


def test_silence_is_measured() -> None:
    line = np.concatenate([_noise(1, 1.0), np.zeros(3 * RATE), _noise(2, 1.0), np.zeros(RATE)])
    found = silences(line, longer_than=2.0)
    assert [(round(one.at), round(one.seconds)) for one in found] == [(1, 3)]


def test_a_tone_is_told_from_noise() -> None:
    pcm = np.frombuffer(tone(440, 1.0), dtype="<i2").astype(float)
    assert level_of(pcm, 440) > 0.9
    assert level_of(pcm, 880) < 0.01
    assert level_of(_noise(4, 1.0), 440) < 0.1
    assert loudness(tone(440, 0.1)) > 4_000
