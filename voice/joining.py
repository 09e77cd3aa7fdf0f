"""Which recorded words, put in a row, say a phrase."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

PART_WORDS_MAX = 12
"""No recorded part that a value could need is longer."""

_WORD = re.compile(r"[\w'’-]+")


def bare(text: str) -> str:
    """The words alone, in small letters: how parts are compared."""
    return " ".join(_WORD.findall(text.lower()))


def fewest(words: Sequence[str], recorded: Callable[[str], bool]) -> tuple[str, ...]:
    """The words as the fewest parts that are all recorded, in order: the fewer, the fewer seams
    a listener hears. () when they cannot be put together, or there are none."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(words) + 1):
        found: tuple[str, ...] | None = None
        for start in range(max(0, end - PART_WORDS_MAX), end):
            before = best[start]
            if before is None or (found is not None and len(found) <= len(before) + 1):
                continue
            part = " ".join(words[start:end])
            if recorded(part):
                found = (*before, part)
        best.append(found)
    return best[-1] or ()
