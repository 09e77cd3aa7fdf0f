"""What the house tests (architecture, tidy) look at: the rooms and the files of the checkout."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

ROOMS = (
    "terms",
    "ivr",
    "acd",
    "contract",
    "dialer",
    "reader",
    "pbx",
    "protocol_store",
    "vault",
    "papers",
    "floor_mirror",
    "outside",
    "sms",
    "voice",
    "phones",
    "console",
    "callflow",
    "central156",
)
"""All rooms of the plan; one that is not built yet has no folder."""

NO_ROOMS = frozenset({"tests", "bench", "docs", "docker", "build", "setup", "sounds"})
"""Folders with Python files that are not part of the running system."""


def built_rooms() -> tuple[str, ...]:
    """The rooms that exist."""
    return tuple(room for room in ROOMS if any((CHECKOUT / room).glob("*.py")))


@cache
def files_under(folder: str, pattern: str = "*.py") -> tuple[Path, ...]:
    """The files of a folder, in a fixed order."""
    found = (CHECKOUT / folder).rglob(pattern)
    return tuple(sorted(file for file in found if "__pycache__" not in file.parts))


def room_files() -> Iterator[tuple[str, Path]]:
    """Every Python file of every room."""
    for room in built_rooms():
        for file in files_under(room):
            yield room, file


def shown(file: Path) -> str:
    """A file's path as people write it."""
    return file.relative_to(CHECKOUT).as_posix()


@cache
def tree(file: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=shown(file))
