"""What is asked, of whom, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from terms.names import Seconds
from terms.services import ServiceSpec


@dataclass(frozen=True, slots=True)
class Answer:
    """How a look-up ended: `how` is achou, nao_achou or falhou; `values` are those that the
    service promises, as texts fit to be spoken (only when found). `why` it failed, in Portuguese
    and without a word of what was asked or answered; '' when it did not."""

    how: str
    values: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a source. `given` holds all the service's parameters, and `chamada`."""

    spec: ServiceSpec
    given: Mapping[str, str]
    seconds: Seconds  # left, from now


class Trouble(Exception):
    """A source cannot answer. `why` is as in Answer; `gone`: it would not answer others either."""

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.gone = gone


class Source(Protocol):
    """Somewhere to ask."""

    async def ask(self, question: Question) -> Mapping[str, object] | None:
        """The values found, perhaps more than the service promises; None: there is no such thing.

        Raises Trouble. Cancelled when its time is over; what it still does then (a thread that
        cannot be stopped) holds its place among the source's questions until it returns.
        """
        ...

    async def close(self) -> None:
        """Let connections go; nothing is asked any more."""
        ...
