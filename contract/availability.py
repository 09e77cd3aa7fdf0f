"""Availability: the share of minutes in which calls were served by the whole system (4.5.6.8).

A minute was not, if in any part of it control and the switch had lost each other, or a call came
that the switch had to serve alone. Such a stretch goes on until the next sign that all is well: a
call that was served whole, or a start of control. Maintenance that was agreed on is left out.
When nobody calls and nothing is lost, nobody can tell, and the minute counts as served.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor

from contract.definitions import Window
from terms.names import Instant


class Why(StrEnum):
    """Why calls were not served by the whole system."""

    SWITCH = "switch"  # control and the switch had lost each other
    ALONE = "alone"  # the switch served alone


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch in which that was so."""

    since: Instant
    until: Instant
    why: Why


Minutes = list[tuple[int, int]]
"""Whole minutes since 1970, first in, last out; in order, none touching the next."""


def minutes_of(outages: Iterable[Outage], since: Instant, until: Instant) -> Minutes:
    """The minutes of a period that outages touch."""
    first, last = ceil(since / 60), floor(until / 60)
    touched = [
        (max(first, floor(one.since / 60)), min(last, max(ceil(one.until / 60), _after(one.since))))
        for one in outages
    ]
    return _merged([(low, high) for low, high in touched if low < high])


def _after(at: Instant) -> int:
    """An outage of no length was in some minute all the same."""
    return floor(at / 60) + 1


def _merged(stretches: Minutes) -> Minutes:
    merged: Minutes = []
    for low, high in sorted(stretches):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def windows_in(windows: Sequence[Window], since: Instant, until: Instant) -> Minutes:
    """The minutes of a period that lie whole in maintenance windows."""
    first, last = ceil(since / 60), floor(until / 60)
    whole = [
        (max(first, ceil(one.since / 60)), min(last, floor(one.until / 60))) for one in windows
    ]
    return _merged([(low, high) for low, high in whole if low < high])


def count(minutes: Minutes) -> int:
    """How many minutes these are."""
    return sum(high - low for low, high in minutes)


def common(one: Minutes, other: Minutes) -> int:
    """How many minutes are in both."""
    return sum(
        max(0, min(high, top) - max(low, bottom)) for low, high in one for bottom, top in other
    )


@dataclass(frozen=True, slots=True)
class Uptime:
    """A period's minutes: all, those in windows, those in which calls were not served whole, and
    how many of these were in windows."""

    minutes: int
    windows: int
    down: int
    down_in_windows: int

    @property
    def counted(self) -> int:
        """Minutes outside of windows."""
        return self.minutes - self.windows

    @property
    def counted_up(self) -> int:
        """… in which calls were served by the whole system."""
        return self.counted - (self.down - self.down_in_windows)


def uptime(
    outages: Sequence[Outage], windows: Sequence[Window], since: Instant, until: Instant
) -> Uptime:
    """What the minutes of a period were."""
    down, planned = minutes_of(outages, since, until), windows_in(windows, since, until)
    whole = max(0, floor(until / 60) - ceil(since / 60))
    return Uptime(whole, count(planned), count(down), common(down, planned))
