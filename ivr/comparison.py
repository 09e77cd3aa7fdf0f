"""Does a version of the menus make more callers fail than the version before it, beyond chance?

A call counts once for each way of failing (FAILURES) that it met before it reached a queue, so
that the counts are of independent trials. For each way and line the two versions are compared
with Fisher's exact test, one-sided: given how many calls of both versions failed together, how
likely is it that so many of them, or more, fell on the new version by chance?

    p = Σ_{x ≥ failed} C(K, x)·C(N−K, n−x) / C(N, n)     n, failed: calls of the new version
                                                         N, K: of both

(R. A. Fisher, "The logic of inductive inference", J. R. Stat. Soc. 98, 1935.) The usual z-test of
two proportions would be shorter, but rings far too often where failures are rare: there the
normal curve is no picture of the tail that an alarm looks at. The exact test never does.

One version is looked at again and again while its calls come in. It is looked at only at
WATCH_LOOKS fixed numbers of calls, each double the one before, and p must be below WATCH_ALPHA
divided by the number of all tests that a version will ever see (ways × lines × looks; Bonferroni):
the chance that a version no worse than the last rings any alarm is then below WATCH_ALPHA. An
alarm also needs a rise of WATCH_RISE, so that what nobody would notice rings nothing.

What the test cannot know: the days differ. A storm that makes callers hang up does it to the
version of that day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp, lgamma
from typing import Any, Final

from terms.facts import Fact, Kind
from terms.limits import (
    WATCH_ALPHA,
    WATCH_CALLS_FIRST,
    WATCH_CALLS_MAX,
    WATCH_LOOKS,
    WATCH_OPEN_CALLS,
    WATCH_RISE,
)
from terms.names import LINES, CallId
from terms.outcome import CallOutcome

FAILURES: Final = {
    "hung_up": "desligou no menu",
    "wrong": "teclou errado",
    "silent": "ficou em silêncio",
    "gave_up": "não conseguiu escolher",
}
"""The ways of failing, and how they are told."""

LOOKS: Final = tuple(WATCH_CALLS_FIRST << doubled for doubled in range(WATCH_LOOKS))
"""At how many calls a version is looked at."""

P_MAX: Final = WATCH_ALPHA / (len(FAILURES) * len(LINES) * len(LOOKS))
"""What one test may put down to chance."""


@dataclass(slots=True)
class Counts:
    """Calls of one version and line that are over, and how many of them met each failure. `ever`:
    the calls that were counted in all, those too that were halved away."""

    calls: int = 0
    failed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAILURES, 0))
    ever: int = 0

    def add(self, met: Iterable[str]) -> None:
        """One more call. Beyond WATCH_CALLS_MAX all counts are halved: what is compared is
        what callers met lately."""
        if self.calls >= WATCH_CALLS_MAX:
            self.calls //= 2
            self.failed = {what: count // 2 for what, count in self.failed.items()}
        self.calls += 1
        self.ever += 1
        for what in met:
            self.failed[what] += 1

    def share(self, what: str) -> float:
        """The share of calls that met this failure."""
        return self.failed[what] / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Worse:
    """More callers fail: in which way, which shares, and the chance that it is none."""

    what: str
    share: float
    share_before: float
    chance: float

    @property
    def because(self) -> str:
        """In words for a person."""
        return (
            f"{FAILURES[self.what]}: {_percent(self.share)} dos cidadãos, contra "
            f"{_percent(self.share_before)} na versão anterior"
        )


def is_look(counts: Counts) -> bool:
    """Whether this version is looked at now: at each number of LOOKS once, halved or not."""
    return counts.ever in LOOKS


def worse(new: Counts, before: Counts) -> Worse | None:
    """The failure that is beyond chance more frequent than before, the least likely one; None when
    there is none, or too few calls to tell."""
    if min(new.calls, before.calls) < WATCH_CALLS_FIRST:
        return None
    found = [
        Worse(what, new.share(what), before.share(what), _chance(what, new, before))
        for what in FAILURES
        if new.share(what) - before.share(what) >= WATCH_RISE
    ]
    least = min(found, key=lambda one: one.chance, default=None)
    return least if least is not None and least.chance < P_MAX else None


def _chance(what: str, new: Counts, before: Counts) -> float:
    return fisher(new.failed[what], new.calls, before.failed[what], before.calls)


def fisher(failed: int, calls: int, failed_before: int, calls_before: int) -> float:
    """The one-sided p of Fisher's exact test; see the file's top."""
    every, marked = calls + calls_before, failed + failed_before
    whole = _log_choose(every, calls)
    total = 0.0
    for count in range(failed, min(marked, calls) + 1):
        if calls - count > every - marked:
            continue
        ways = _log_choose(marked, count) + _log_choose(every - marked, calls - count)
        part = exp(ways - whole)
        total += part
        if part < total * NEGLIGIBLE and count * every > marked * calls:
            break  # beyond the middle the terms only fall
    return min(1.0, total)


NEGLIGIBLE: Final = 1e-12


def _log_choose(among: int, taken: int) -> float:
    return lgamma(among + 1) - lgamma(taken + 1) - lgamma(among - taken + 1)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace(".", ",")


@dataclass(slots=True)
class _Course:
    """An open call: what it began on, and what it met so far."""

    version: str
    line: str
    met: set[str] = field(default_factory=set)
    failing: bool = False  # its last input was none that the node could use
    queued: bool = False


@dataclass(slots=True)
class Trials:
    """Counts by (version, line), folded from facts. Test calls are left out."""

    counts: dict[tuple[str, str], Counts] = field(default_factory=dict)
    _open: dict[CallId, _Course] = field(default_factory=dict)

    def read(self, facts: Iterable[Fact]) -> list[tuple[str, str]]:
        """Fold new facts in; the (version, line) that each call which ended now belongs to."""
        ended = []
        for fact in facts:
            if fact.call is None:
                continue
            if fact.kind is Kind.CALL_ARRIVED:
                self._arrived(fact.call, fact.details)
            elif (course := self._open.get(fact.call)) is not None:
                if fact.kind is Kind.CALL_ENDED:
                    del self._open[fact.call]
                    ended.append(self._ended(course, str(fact.details.get("outcome"))))
                else:
                    _happened(course, fact)
        return ended

    def of(self, version: str, line: str) -> Counts:
        """The counts of a version and line; zeros when there are none."""
        return self.counts.get((version, line)) or Counts()

    def keep(self, versions: Iterable[str]) -> None:
        """Forget the counts of all other versions."""
        kept = set(versions)
        self.counts = {key: counts for key, counts in self.counts.items() if key[0] in kept}

    def _arrived(self, call: CallId, told: Any) -> None:
        version, line = str(told.get("version") or ""), str(told.get("line") or "")
        if not version or not line or told.get("test"):
            return
        if len(self._open) >= WATCH_OPEN_CALLS:
            del self._open[next(iter(self._open))]  # whose end was never told
        self._open[call] = _Course(version, line)

    def _ended(self, course: _Course, outcome: str) -> tuple[str, str]:
        if outcome == CallOutcome.LEFT_IN_MENU:
            course.met.add("hung_up")
        key = (course.version, course.line)
        self.counts.setdefault(key, Counts()).add(course.met)
        return key


def _happened(course: _Course, fact: Fact) -> None:
    """What a call met; nothing counts once it has reached a queue."""
    if course.queued:
        return
    match fact.kind:
        case Kind.KEY_PRESSED | Kind.DIGITS_TYPED:
            silent = fact.details.get("key") == "" or fact.details.get("digits") == 0
            course.failing = not fact.details.get("valid")
            if course.failing:
                course.met.add("silent" if silent else "wrong")
        case Kind.NODE_ENTERED | Kind.QUEUED | Kind.HANDED_OVER:
            if course.failing:  # it goes on, and not by a choice
                course.met.add("gave_up")
            course.failing = False
            course.queued = fact.kind is not Kind.NODE_ENTERED
        case _:
            pass
