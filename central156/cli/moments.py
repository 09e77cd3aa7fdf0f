"""When, or until when: what a person types → an instant, on the city's clock."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

import click

from central156.cli.words import CITY
from terms.names import Instant

_LENGTH: Final = re.compile(r"(\d{1,4})\s*(min|m|h|d|dias?|horas?|minutos?)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(\d{1,2})[:h](\d{2})")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2})[:h](\d{2}))?")
_BRAZILIAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2})[:h](\d{2}))?")

EXAMPLES: Final = "ex.: 2h, 30min, 3d, 20:00, 2026-11-25 20:00, 25/11/2026 20:00"


def instant_of(written: str, now: datetime) -> Instant:
    """The instant meant; a time of day is the next one. ValueError with what it should look like.

    A day without a time lasts until its end.
    """
    text = written.strip()
    try:
        if found := _LENGTH.fullmatch(text):
            unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2][0].lower()]
            return (now + timedelta(**{unit: int(found[1])})).timestamp()
        if found := _CLOCK.fullmatch(text):
            at = now.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
            return (at if at > now else at + timedelta(days=1)).timestamp()
        if found := _DAY.fullmatch(text):
            return _on_day(found[1], found[2], found[3], found[4], found[5])
        if found := _BRAZILIAN.fullmatch(text):
            return _on_day(found[3], found[2], found[1], found[4], found[5])
    except (ValueError, OverflowError):
        pass  # the 30th of February, 25 o'clock, the end of the last year
    raise ValueError(f"«{written}» não é uma hora nem um dia; {EXAMPLES}")


def _on_day(year: str, month: str, day: str, hour: str | None, minute: str | None) -> Instant:
    midnight = datetime(int(year), int(month), int(day), tzinfo=CITY)
    if hour is None or minute is None:
        return (midnight + timedelta(days=1)).timestamp()
    return midnight.replace(hour=int(hour), minute=int(minute)).timestamp()


class Until(click.ParamType[Instant]):
    """A value of `--until`."""

    name = "until"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The instant."""
        if not isinstance(value, str):
            return value
        try:
            return instant_of(value, datetime.now(CITY))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)
