"""A question that a menu may put to a service of the city: what is asked, of whom, how long it may
take. Read from servicos.yaml, asked by `outside/`; the menu sees only names and texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from terms.limits import LOOK_UP_SECONDS
from terms.names import Seconds

CENTRAL: Final = "central"
"""The source that is ourselves: the protocol store."""


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service. `source` is CENTRAL or the name that the settings give to a database or an
    HTTP address; exactly one of `sql` and `path` says what to ask there. `given` are the
    parameters that a menu must hand over, `answers` the values that come back."""

    name: str
    source: str
    sql: str = ""
    path: str = ""
    method: str = "GET"
    given: tuple[str, ...] = ()
    answers: tuple[str, ...] = field(default=())
    seconds: Seconds = LOOK_UP_SECONDS
