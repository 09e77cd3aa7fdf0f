"""Recordings that a studio has made: which texts it is to read, and what it sent.

    python -m voice.studio --list [TEXTS …] > sounds/estudio/textos.csv    the texts, for the studio
    sounds/estudio/<language>/<file>.wav                                   what it sends back

The list stays beside the recordings: it says which words each file was read for. A file whose
words have changed since, or that cannot be heard well, is refused with the reason, and speech
synthesis says the text. What is taken is converted: any rate and width, one or more channels.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import wave
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import numpy as np

from terms.limits import PROMPT_RATE, PROMPT_SECONDS_MAX, STUDIO_FILE_BYTES
from terms.names import Seconds
from voice.index import LANGUAGES, Entry, plain
from voice.recording import AFTER, Words, file_name, keep, present
from voice.sound import NotAPrompt, Sound, complaints, measure
from voice.telephone import pcm, prompt, wav
from voice.texts import system_texts

STUDIO = Path(__file__).resolve().parents[1] / "sounds" / "estudio"
LIST = "textos.csv"
STUDIO_VOICE = "estúdio"
COLUMNS = ("arquivo", "idioma", "texto", "segundos")
CLIPPED_RUN = 4
"""This many samples in a row at full scale: the sound was cut off, and cannot be mended."""
CLIPPED = 0.999
QUIETEST = -45.0
"""dB: what is recorded more quietly would bring its noise along."""
SECONDS_MIN: Seconds = 0.2


def adopt(
    wanted: Iterable[Words],
    studio: Path,
    folder: Path,
    longest: Mapping[Words, Seconds] = MappingProxyType({}),
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Take what the studio sent for `wanted` texts into `folder`: the new entries, and why each
    refused file was refused, in Portuguese. A file taken before is not converted again.
    PromptsBroken when the folder's index cannot be read."""
    taken: list[Entry] = []
    refused: list[str] = []
    if not studio.is_dir():
        return (), ()
    listed, problems = _listed(studio / LIST)
    refused += problems
    keys = {(language, plain(text)) for language, text in wanted}
    had = {entry.key: entry for entry in present(folder)}
    for file in sorted(studio.glob("*/*.wav")):
        try:
            key = _key_of(file, listed, keys)
            content = _content(file)
            digest = sha256(content).hexdigest()
            if key not in had or had[key].source != digest:
                entry = _converted(key, content, digest, longest.get(key, PROMPT_SECONDS_MAX))
                keep(folder, entry[0], entry[1])
                taken.append(entry[0])
        except NotAPrompt as wrong:
            refused.append(f"{file}: {wrong}")
    return tuple(taken), tuple(refused)


def to_read(wanted: Iterable[Words], longest: Mapping[Words, Seconds]) -> str:
    """The texts as the list for the studio: file name, language, text, seconds it may last."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for language, text in dict.fromkeys((language, plain(text)) for language, text in wanted):
        seconds = longest.get((language, text), PROMPT_SECONDS_MAX)
        writer.writerow((f"{language}/{file_name(text, language)}", language, text, f"{seconds:g}"))
    return written.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """The command line; what it prints is Portuguese."""
    from voice.make import read_texts  # noqa: PLC0415  (which imports this module)

    parser = argparse.ArgumentParser(
        prog="python -m voice.studio", description="Escreve a lista dos textos para o estúdio."
    )
    parser.add_argument("--list", action="store_true", required=True, help="escreve a lista (CSV)")
    parser.add_argument("textos", nargs="*", help="arquivos com um texto por linha (-: entrada)")
    asked = parser.parse_args(arguments)
    longest: dict[Words, Seconds] = {}
    try:
        for file in asked.textos:
            whole = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
            longest |= read_texts(whole)
    except (ValueError, OSError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    sys.stdout.write(to_read((*longest, *system_texts()), longest))
    return 0


def _listed(file: Path) -> tuple[Mapping[str, Words], list[str]]:
    """What each file was read for, and what is wrong with the list."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except FileNotFoundError:
        return {}, []  # each recording is then refused by name
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        return {}, [f"{file}: a lista não pode ser lida ({wrong})"]
    if rows and not set(COLUMNS[:3]) <= set(rows[0]):
        return {}, [f"{file}: faltam as colunas {', '.join(COLUMNS[:3])}"]
    return {
        row["arquivo"].strip(): (row["idioma"].strip(), plain(row["texto"]))
        for row in rows
        if row["arquivo"] and row["idioma"] and row["texto"]
    }, []


def _key_of(file: Path, listed: Mapping[str, Words], wanted: set[Words]) -> Words:
    """The text that this file says. NotAPrompt when that is not sure, or nobody says it."""
    language = file.parent.name
    if language not in LANGUAGES:
        raise NotAPrompt(f"a pasta deveria ser um idioma: {', '.join(LANGUAGES)}")
    key = listed.get(f"{language}/{file.name}")
    if key is None:
        raise NotAPrompt(f"não está em {LIST}: não se sabe que texto foi lido")
    if key[0] != language or file_name(key[1], language) != file.name:
        raise NotAPrompt(f"o texto mudou depois da gravação; ela diz outra coisa que «{key[1]}»")
    if key not in wanted:
        raise NotAPrompt(f"nenhum plano diz mais «{key[1]}»; o texto mudou ou foi retirado")
    return key


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(STUDIO_FILE_BYTES + 1)
    except OSError as wrong:
        raise NotAPrompt(f"não pode ser lido ({wrong.strerror})") from None
    if len(content) > STUDIO_FILE_BYTES:
        raise NotAPrompt(f"maior que {STUDIO_FILE_BYTES} bytes")
    return content


def _converted(key: Words, content: bytes, digest: str, most: Seconds) -> tuple[Entry, bytes]:
    """The studio's file as a prompt: its entry and the new file's content."""
    sound, rate = _decoded(content)
    heard = measure(sound, rate)
    if heard.level < QUIETEST:
        raise NotAPrompt(f"baixo demais ou mudo: {heard.level:.0f} dB (mínimo {QUIETEST:g})")
    if _is_clipped(sound):
        raise NotAPrompt("som cortado: gravado alto demais")
    ready = prompt(sound, rate)
    seconds = len(ready) / PROMPT_RATE
    if not SECONDS_MIN <= seconds <= most:
        raise NotAPrompt(f"dura {seconds:.1f} s; o máximo é {most:g} s")
    ready = np.pad(ready, (0, int(min(AFTER, most - seconds) * PROMPT_RATE)))
    spoken = measure(ready)
    if problems := complaints(spoken):
        raise NotAPrompt("; ".join(problems))
    made = wav(pcm(ready))
    entry = Entry(
        text=key[1],
        file=file_name(key[1], key[0]),
        seconds=round(spoken.seconds, 3),
        sha256=sha256(made).hexdigest(),
        voice=STUDIO_VOICE,
        language=key[0],
        source=digest,
    )
    return entry, made


def _decoded(content: bytes) -> tuple[Sound, int]:
    """The samples, channels mixed, and their rate. NotAPrompt when it is no such wav file."""
    try:
        with wave.open(io.BytesIO(content)) as sound:
            rate, width, channels = (
                sound.getframerate(),
                sound.getsampwidth(),
                sound.getnchannels(),
            )
            data = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError, ValueError) as wrong:
        raise NotAPrompt(f"não é um arquivo wav de PCM ({wrong})") from None
    if rate < PROMPT_RATE:
        raise NotAPrompt(f"tem {rate} Hz; o mínimo é {PROMPT_RATE} Hz")
    data = data[: len(data) - len(data) % (width * channels)]
    match width:
        case 1:
            samples = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
        case 3:
            raw = np.frombuffer(data, np.uint8).reshape(-1, 3)
            padded = np.pad(raw, ((0, 0), (1, 0)))
            samples = padded.reshape(-1).view("<i4").astype(np.float32) / 2**31
        case 2 | 4:
            samples = np.frombuffer(data, f"<i{width}").astype(np.float32) / 2 ** (8 * width - 1)
        case _:
            raise NotAPrompt(f"tem {8 * width} bits por amostra")
    return np.asarray(samples.reshape(-1, channels).mean(axis=1), np.float32), rate


def _is_clipped(sound: Sound) -> bool:
    """Several samples in a row at full scale."""
    full = (np.abs(sound) >= CLIPPED).astype(np.int8)
    return bool(np.convolve(full, np.ones(CLIPPED_RUN, np.int8)).max(initial=0) >= CLIPPED_RUN)


if __name__ == "__main__":
    sys.exit(main())
