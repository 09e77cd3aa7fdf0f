"""What is known of a call when its menu decides: who, where to, when, and what it has told us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.announcements import Notice
from ivr.hours import ALWAYS, Calendar
from ivr.menu import BUILT_IN
from ivr.texts import PORTUGUESE
from terms.names import Instant

LANGUAGE = "idioma"
"""The datum that holds the language spoken with the caller, once a node has set one."""


@dataclass(frozen=True, slots=True)
class Known:
    """One moment of one call. `data`: what was typed and looked up, by the names of the dialplan.

    `notices`: the announcements in force, by the node before which they are said. `short`: the
    short menu is on. `relay`: an interpreter types for a deaf citizen (R85). `talked`: an agent
    has spoken with the caller already.
    """

    at: Instant
    entry: str = ""
    caller: str = ""
    protocol: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    calendar: Calendar = ALWAYS
    notices: Mapping[str, tuple[Notice, ...]] = field(default_factory=dict)
    short: bool = False
    relay: bool = False
    talked: bool = False

    def values(self, data: Mapping[str, str]) -> dict[str, str]:
        """All that texts and services may be given: the data and what is built in."""
        return dict(zip(BUILT_IN, (self.caller, self.entry, self.protocol), strict=True)) | {**data}


def language_of(data: Mapping[str, str]) -> str:
    """The language spoken with the caller."""
    return data.get(LANGUAGE) or PORTUGUESE
