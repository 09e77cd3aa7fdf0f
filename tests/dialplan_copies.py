"""Copies of the shipped dialplans, changed only in what would make a test wait, or make what it
sees depend on the hour at which it runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
RING_156, RING_EMERGENCY, WRAP_UP = 6, 3, 1
REPEAT_156 = 15
"""The seconds between two texts to those who wait on 156."""
CALL_BACK_FROM = 60
"""The seconds of an expected wait from which on a call-back is offered."""


def shorter_dialplans(folder: Path, wrap_up: int = WRAP_UP) -> Path:
    """The shipped dialplans, with short ring and wrap-up times in their queues, less music between
    two waiting texts of 156, a call-back offered for shorter waits, and every hour of every day a
    working hour."""
    shutil.copytree(CHECKOUT / "dialplans", folder)
    _change(
        folder / "queues.yaml",
        (r"toque: 15 s", f"toque: {RING_156} s"),
        (r"toque: 10 s", f"toque: {RING_EMERGENCY} s"),
        (r"depois_da_conversa: [236]0 s", f"depois_da_conversa: {wrap_up} s"),
    )
    _change(
        folder / "156.yaml",
        (r"a_cada: 60 s", f"a_cada: {REPEAT_156} s"),
        (r"espera_maior_que: 5 min", f"espera_maior_que: {CALL_BACK_FROM} s"),
    )
    _change(
        folder / "calendar.yaml",
        (r"(segunda a sexta|todos os dias): \d+:00 a \d+:00", "todos os dias: 0:00 a 24:00"),
        (r"\n    feriados: fechado", ""),
    )
    return folder


def _change(file: Path, *changes: tuple[str, str]) -> None:
    """Rewrite a file; each change must find something to change."""
    text = file.read_text(encoding="utf-8")
    for pattern, instead in changes:
        text, count = re.subn(pattern, instead, text)
        assert count, f"{file.name}: nothing like {pattern!r}"
    file.write_text(text, encoding="utf-8")
