"""The list of recordings, `prompts.json`: which file says which text, and how long it lasts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from terms.limits import PROMPT_INDEX_BYTES
from terms.names import Seconds

INDEX = "prompts.json"
PORTUGUESE = "pt"
LANGUAGES = ("pt", "en", "es")
LEFT_OUT = {"spoken": "", "speed": 1.0, "language": PORTUGUESE, "source": ""}
"""What an entry is when its item in the index does not say it."""


class PromptsBroken(Exception):
    """Recordings that cannot be trusted; `problems` says all of them, in Portuguese."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording as the index lists it. `seconds` is its length, `sha256` of the whole file."""

    text: str
    file: str
    seconds: Seconds
    sha256: str
    voice: str
    spoken: str = ""
    """What the voice was given instead of `text`, where spelling alone would mislead it."""
    speed: float = 1.0
    """How much faster than the voice's own pace it speaks."""
    language: str = PORTUGUESE
    source: str = ""
    """Of a studio's recording: the sha256 of the file that the studio sent."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the recording that is looked for: its language and its words."""
        return self.language, plain(self.text)


def plain(text: str) -> str:
    """The text with every run of white space as one blank: how texts are compared."""
    return " ".join(text.split())


def read_index(folder: Path) -> tuple[Entry, ...]:
    """The entries in the file's order. PromptsBroken when it cannot be read or says nonsense."""
    file = folder / INDEX
    try:
        with file.open("rb") as opened:
            data = opened.read(PROMPT_INDEX_BYTES + 1)
        if len(data) > PROMPT_INDEX_BYTES:
            raise PromptsBroken([f"{file}: maior que {PROMPT_INDEX_BYTES} bytes"])
        listed = json.loads(data)
    except FileNotFoundError:
        raise PromptsBroken([f"{file}: o índice das mensagens gravadas não existe"]) from None
    except OSError as wrong:
        raise PromptsBroken([f"{file}: não pode ser lido ({wrong.strerror})"]) from None
    except (ValueError, RecursionError) as wrong:
        raise PromptsBroken([f"{file}: não é JSON válido ({wrong})"]) from None
    if not isinstance(listed, list):
        raise PromptsBroken([f"{file}: deveria ser uma lista de mensagens"])
    entries: list[Entry] = []
    problems: list[str] = []
    keys: set[tuple[str, str]] = set()
    for place, item in enumerate(listed, start=1):
        entry, why = _entry(item)
        if entry is None:
            problems.append(f"{file}: mensagem {place}: {why}")
        elif entry.key in keys:
            problems.append(f"{file}: mensagem {place}: texto repetido: «{plain(entry.text)}»")
        else:
            keys.add(entry.key)
            entries.append(entry)
    if problems:
        raise PromptsBroken(problems)
    return tuple(entries)


def write_index(folder: Path, entries: Iterable[Entry]) -> None:
    """Write by rename, sorted by file, so that a change shows as few lines."""
    listed = []
    for entry in sorted(entries, key=lambda entry: entry.file):
        item = asdict(entry)
        listed.append({key: item[key] for key in item if item[key] != LEFT_OUT.get(key)})
    fresh = folder / (INDEX + ".new")
    with fresh.open("w", encoding="utf-8") as opened:
        json.dump(listed, opened, ensure_ascii=False, indent=1)
        opened.write("\n")
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(folder / INDEX)


def _entry(item: Any) -> tuple[Entry | None, str]:
    """The item as an entry, or None and what is wrong with it."""
    if not isinstance(item, dict):
        return None, "deveria ter text, file, seconds, sha256 e voice"
    for key in ("text", "file", "sha256", "voice"):
        if not isinstance(item.get(key), str) or not item[key].strip():
            return None, f"falta o campo {key}"
    for key in ("seconds", "speed"):
        value = item.get(key, 1.0 if key == "speed" else None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 3600:
            return None, f"o campo {key} deveria ser um número maior que zero"
    for key in ("spoken", "source"):
        if not isinstance(item.get(key, ""), str):
            return None, f"o campo {key} deveria ser um texto"
    if item.get("language", PORTUGUESE) not in LANGUAGES:
        return None, f"o campo language deveria ser um destes: {', '.join(LANGUAGES)}"
    file = item["file"]
    if Path(file).name != file or not file.endswith(".wav"):
        return None, f"{file!r} não é o nome de um arquivo .wav desta pasta"
    known = {key: item[key] for key in Entry.__dataclass_fields__ if key in item}
    return Entry(**known), ""
