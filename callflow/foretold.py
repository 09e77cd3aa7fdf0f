"""What a caller was told of the wait, and whether it came true.

The first forecast of a call is its promise: it is what the citizen decides by, to stay or to hang
up. It stands on the channel (place.py), so that a step that finds the call goes on holding us to
it, and is judged once:

    answered                          kept if the answer came within the range that was told
    hung up later than the range      broken: nobody came in time
    sent away later than the range    broken likewise: the queue's limit came before an agent
    hung up before, or called back    not judged: nobody can say; nor can they of who went to
                                      another queue

Ranges are judged as they were spoken, in whole minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ivr.forecast import Range
from terms.facts import Fact, Kind
from terms.names import CallId, Instant
from terms.outcome import CallOutcome


@dataclass(frozen=True, slots=True)
class Foretold:
    """A forecast that was heard: when its last word was said, the range, and how many people were
    told of (None = none)."""

    at: Instant
    range: Range
    ahead: int | None = None

    def to_text(self) -> str:
        """The text that a channel carries."""
        return f"{self.at!r}:{self.range.value}:{'' if self.ahead is None else self.ahead}"

    @staticmethod
    def from_text(text: str) -> Foretold | None:
        """Read it back; None when there is none that can be read."""
        at, _, rest = text.partition(":")
        value, _, ahead = rest.partition(":")
        try:
            return Foretold(float(at), Range.from_value(value), int(ahead) if ahead else None)
        except ValueError:
            return None


ENDS = (Kind.ANSWERED, Kind.SENT_AWAY, Kind.CALL_ENDED)
"""The facts that end a wait."""


@dataclass(slots=True)
class Promises:
    """The first forecasts of the calls that still wait."""

    told: dict[CallId, Foretold] = field(default_factory=dict)

    def note(self, call: CallId, foretold: Foretold | None) -> None:
        """What a call was told first; told again by every step that finds it."""
        if foretold is not None:
            self.told.setdefault(call, foretold)

    def forget(self, call: CallId) -> None:
        """The call waits for something else now."""
        self.told.pop(call, None)

    def judged(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """The same facts, and with each that ends a wait what became of its promise."""
        for fact in facts:
            promise = self.told.get(fact.call) if fact.call and self.told else None
            if promise is None or fact.kind not in ENDS:
                yield fact
                continue
            del self.told[fact.call]  # type: ignore[arg-type]
            if fact.kind is Kind.ANSWERED:
                yield fact
                yield _kept(promise, fact)
            else:
                if _is_broken(promise, fact):
                    yield _kept(promise, fact)
                yield fact


def _is_broken(promise: Foretold, ended: Fact) -> bool:
    high = promise.range.high
    late = high is not None and ended.at - promise.at > high
    left = ended.kind is Kind.SENT_AWAY or ended.details.get("outcome") == CallOutcome.ABANDONED
    return late and left


def _kept(promise: Foretold, over: Fact) -> Fact:
    waited = max(0.0, over.at - promise.at)
    answered = over.kind is Kind.ANSWERED
    return Fact(
        over.at,
        Kind.WAIT_KEPT,
        call=over.call,
        details={
            "low": promise.range.low,
            "high": promise.range.high,
            "waited": round(waited, 3),
            "answered": answered,
            "held": answered and promise.range.holds(waited),
        },
    )
