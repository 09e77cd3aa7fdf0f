"""What the API needs of reports. Texts are Portuguese; `by` stands in the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from terms.sight import Reveal

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Printed:
    """A report that was made. The file has no name on the disk any more: it is gone once read."""

    file: BinaryIO
    size: int
    media: str
    name: str  # for whoever keeps it


class ReportsPort(Protocol):
    """The reports, each made in a process of its own, one at a time."""

    def catalogue(self) -> Sequence[Plain]:
        """Every report: name, title, clause, and the parameters that it takes."""
        ...

    async def make(
        self, name: str, form: str, given: Mapping[str, str], by: str, reveal: Reveal
    ) -> Printed:
        """Make a report. Refusal: 404 for an unknown one, 422 for what makes no sense (all of it
        told at once), 503 when too many are asked for, 504 when it takes too long."""
        ...
