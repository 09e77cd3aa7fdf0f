"""Nothing that a test run writes may tell whose data it was (R83): the one place that looks.

Every folder of every test is looked through when the test is over (conftest.py), a centre's, an
API bed's and a switch's as soon as they are closed, and so is what pytest caught of logs and of
standard output. Nothing has to be asked for: a new test is looked at like the others.

Looked for are the numbers and CPFs of seeded.py, however they are punctuated, in all files but
those of KEPT, inside of office files too, and keys that a switch wrote down one by one.
"""

from __future__ import annotations

import contextlib
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import httpx
import seeded

KEPT: Final = {
    "*.sqlite*": "the protected store, and copies of it",
    "*.sqlite3": "the switch's own registrations, of agents",
    "*.dump": "a copy of it",
    "*.journal": "what is on its way to the store, for two days",
    "rescue/spool/*": "who called while control was dead, until it is stored; CEL has no number",
    "secrets/*": "keys",
    "recordings/*": "what was said",
    "archive/*": "what was said",
    "sounds/*": "what the menus say",
    "vozes/*": "what the menus say",
    "dialplans*": "the city's own texts",
    "*.so": "programs",
    "*.wav": "sound",
    "*.sln": "sound",
    "*.alaw": "sound",
    "*.ogg": "sound",
    "*.mp3": "sound",
    "*.c156": "sealed sound",
    # what stands for the world outside
    "*scenario.xml": "a SIPp phone's, which is the citizen",
    "*.messages": "a SIPp phone's, which is the citizen",
    "*.errors": "a SIPp phone's, which is the citizen",
    "*.csv.in": "a SIPp phone's, which is the citizen",
    "*.yaml": "what a test wrote for the product to read",
    "*.toml": "what a test wrote for the product to read",
    "handed-over/*": "what a test saved as somebody who may see it whole",
}
"""What may hold a citizen's data, and why: everything else must not."""

OPEN_TO_ALL: Final = ("/metrics", "/v1/openapi.json", "/v1/health")
"""What a centre tells whoever asks."""

OFFICE: Final = (".xlsx", ".ods", ".docx", ".odt")
MOST_BYTES: Final = 64 * 1024 * 1024
_RUN: Final = re.compile(rb"\d(?:[ .()/-]{0,2}\d){9,}")
_SEPARATORS: Final = re.compile(rb"\D")
_KEYS_ONE_BY_ONE: Final = re.compile(rb"DTMF (?:begin|end)", re.IGNORECASE)
_LISTED: Final = tuple(value.encode() for value in sorted(seeded.PHONES | seeded.CPFS))


@dataclass(frozen=True, slots=True)
class Leak:
    """Where something stands; what it is, is not told again."""

    place: str
    line: int

    def __str__(self) -> str:
        return f"{self.place}:{self.line}"


class Leaked(AssertionError):
    """A run wrote down whose data it was."""


def refuse(*places: Path) -> None:
    """Look through files and folders; Leaked tells every place at once."""
    if found := [leak for place in places for leak in leaks_under(place)]:
        raise Leaked(f"a citizen's data stands in {', '.join(map(str, found[:20]))}")


def refuse_text(what: str, text: str) -> None:
    """The same for a text that is in no file."""
    if found := list(lines_that_tell(text.encode(errors="replace"))):
        raise Leaked(f"a citizen's data stands in {what}, line {found[0]}")


def told_openly(address: str) -> str:
    """What a centre tells whoever asks, without a token; nothing when it is not up."""
    told = []
    with contextlib.suppress(httpx.HTTPError):
        for path in OPEN_TO_ALL:
            told.append(httpx.get(f"{address}{path}", trust_env=False, timeout=2.0).text)
    return "\n".join(told)


def leaks_under(place: Path) -> Iterator[Leak]:
    """Every leak in a file or a folder."""
    for file in _files(place):
        for line in _lines(file):
            yield Leak(str(file), line)


def lines_that_tell(text: bytes) -> Iterator[int]:
    """The lines, from 1, in which somebody's number or CPF stands, or keys one by one."""
    runs = ((found.start(), _SEPARATORS.sub(b"", found[0])) for found in _RUN.finditer(text))
    places = {start for start, digits in runs if any(value in digits for value in _LISTED)}
    for pattern in (seeded.COUNTED, _KEYS_ONE_BY_ONE):
        places |= {found.start() for found in pattern.finditer(text)}
    yield from sorted({text.count(b"\n", 0, place) + 1 for place in places})


def is_kept(parts: Iterable[str]) -> bool:
    """Whether a file, by the parts of its path, is one of KEPT."""
    parts = tuple(parts)
    for pattern in KEPT:
        folder, slash, _ = pattern.rpartition("/*")
        if slash and f"/{folder}/" in f"/{'/'.join(parts[:-1])}/":
            return True
        if not slash and any(fnmatch(part, pattern) for part in parts):
            return True
    return False


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for folder, folders, names in os.walk(place):
        folders[:] = [one for one in folders if not is_kept((Path(folder).name, one, ""))]
        for name in names:
            file = Path(folder, name)
            if not is_kept(file.relative_to(place.parent).parts) and file.is_file():
                yield file


def _lines(file: Path) -> Iterator[int]:
    try:
        if file.suffix in OFFICE and zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as parts:
                for name in parts.namelist():
                    yield from lines_that_tell(parts.read(name))
        elif 0 < file.stat().st_size <= MOST_BYTES:
            yield from lines_that_tell(file.read_bytes())
    except FileNotFoundError:  # a process that is still at work removed it
        return
