"""Copies of the shipped dialplans, changed only in what would make a test wait."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
RING_156, RING_EMERGENCY, WRAP_UP = 6, 3, 1


def shorter_dialplans(folder: Path, wrap_up: int = WRAP_UP) -> Path:
    """The shipped dialplans, with short ring and wrap-up times in their queues."""
    shutil.copytree(CHECKOUT / "dialplans", folder)
    queues = folder / "queues.yaml"
    text = queues.read_text(encoding="utf-8")
    text = re.sub(r"toque: 15 s", f"toque: {RING_156} s", text)
    text = re.sub(r"toque: 10 s", f"toque: {RING_EMERGENCY} s", text)
    text = re.sub(r"depois_da_conversa: [23]0 s", f"depois_da_conversa: {wrap_up} s", text)
    queues.write_text(text, encoding="utf-8")
    return folder
