"""What a waiting caller may be told of the wait: an estimate in seconds becomes an honest range.

    range_of(190, 280)   → Range(3, 5)    «entre três e cinco minutos»
    range_of(0, 50)      → Range(0, 1)    «menos de um minuto»
    range_of(900, 2000)  → Range(15)      «mais de quinze minutos»
    range_of(0, 2000)    → None           nothing can be said: then nothing is

A range is only ever made wider, never narrower: its ends stand in SPOKEN_MINUTES, at or outside of
the estimate's own. So a promise holds at least as often as the estimate does, and ranges that are
told one after the other differ only when something has changed that a person would call a change.

How many people stand ahead is told in words that can only fall: whoever was told of three is never
told of four. Somebody with a higher priority may come between; then the time alone is told, in
which that is reckoned already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from terms.limits import EXACT_PEOPLE, SPOKEN_MINUTES, SPOKEN_PEOPLE
from terms.names import Seconds

WAIT, AHEAD = "espera", "na_frente"
"""The gaps of a forecast's texts: the range, and how many people stand ahead."""
MINUTES, PEOPLE = "minutos", "pessoas"
"""How they are read (ivr.texts.HOWS)."""
EXAMPLES: Final[Mapping[str, str]] = {WAIT: "entre 3 e 5 minutos", AHEAD: "2 pessoas"}
"""What a rehearsed call hears in them: nobody waits there."""


@dataclass(frozen=True, slots=True)
class Range:
    """A wait of `least` to `most` whole minutes; `most` None: longer than `least`."""

    least: int
    most: int | None = None

    @property
    def low(self) -> Seconds:
        """The shortest wait that keeps the promise."""
        return self.least * 60.0

    @property
    def high(self) -> Seconds | None:
        """The longest; None when there is none."""
        return None if self.most is None else self.most * 60.0

    @property
    def value(self) -> str:
        """As the voice takes it: `3-5`, `0-1`, `20-`."""
        return f"{self.least}-{'' if self.most is None else self.most}"

    def holds(self, waited: Seconds) -> bool:
        """Whether a wait that was this long is what was told."""
        return self.low <= waited and (self.high is None or waited <= self.high)

    @staticmethod
    def from_value(value: str) -> Range:
        """Read `value` back. ValueError when it is none."""
        least, dash, most = value.partition("-")
        if not dash:
            raise ValueError(f"no range: {value!r}")
        return Range(int(least), int(most) if most else None)


def range_of(low: Seconds, high: Seconds) -> Range | None:
    """The narrowest range that can be spoken and has `low` to `high` in it; None when it would
    say nothing. Seconds; they may stand in either order."""
    low, high = min(low, high), max(low, high)
    least = max((one for one in SPOKEN_MINUTES if one * 60 <= low), default=0)
    most = min((one for one in SPOKEN_MINUTES if one * 60 >= high), default=None)
    if most is None:
        return Range(least) if least else None
    if least == most:  # both ends on the very mark
        least = max((one for one in (0, *SPOKEN_MINUTES) if one < most), default=0)
    return Range(least, most)


def people_of(ahead: int) -> str:
    """How many people stand ahead, as the voice takes it: `4`, `~20` (about so many, rounded up),
    `50+` (more than that)."""
    rounded = min((one for one in SPOKEN_PEOPLE if one >= ahead), default=None)
    if rounded is None:
        return f"{SPOKEN_PEOPLE[-1]}+"
    return f"~{rounded}" if rounded > EXACT_PEOPLE else f"{rounded}"


def number_of(people: str) -> int:
    """The number in what `people_of` says; the more people, the larger."""
    return int(people.strip("~+")) + people.endswith("+")
