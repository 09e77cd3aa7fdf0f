"""Something is wrong with the dialling itself: all stops, until a person says go on.

    a clock that jumped          the windows of a day and the caps of an hour are worth nothing
    the same number asked again  a loop of ours: the caps refuse it, and it asks and asks
    calls that do not complete   a broken trunk, or a list of wrong numbers
    answers that all end at once a trunk that answers by itself

The time that the caps count by goes on with the clock, but never back, and never over a jump: an
hour's cap counts an hour that has passed. Between two looks of a dialler that works there is a
second at most (`Dialling.step` says when it wants to be asked next).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from terms.limits import (
    CLOCK_BACK,
    CLOCK_JUMP,
    RUNAWAY_REFUSED,
    RUNAWAY_SAMPLE,
    RUNAWAY_SHARE,
    SHORT_CALLS_SHARE,
)
from terms.names import Instant, Seconds
from terms.outcome import Tried

IN_VAIN = frozenset({Tried.INVALID, Tried.UNREACHABLE, Tried.SHUT})


@dataclass(slots=True)
class Runaway:
    """What is watched. `because`: why all has stopped; '' while nothing is wrong."""

    because: str = ""
    passed: Seconds = 0.0  # the time that caps count by
    _now: Instant | None = None
    _refused: dict[str, int] = field(default_factory=dict)
    _vain: deque[bool] = field(default_factory=lambda: deque(maxlen=RUNAWAY_SAMPLE))
    _short: deque[bool] = field(default_factory=lambda: deque(maxlen=RUNAWAY_SAMPLE))

    def clock(self, now: Instant, idle: bool = False) -> None:
        """What time it is. `idle`: nobody had to ask since the last time, so no gap is a jump."""
        then, self._now = self._now, now
        if then is None:
            return
        gone = now - then
        if gone < -CLOCK_BACK:
            self._stop(f"o relógio voltou {-gone:.0f} s")
        elif gone > CLOCK_JUMP and not idle:
            self._stop(f"o relógio saltou {gone:.0f} s")
        elif gone > 0:
            self.passed += gone

    def found(self, at: Instant, now: Instant) -> None:
        """A start finds an attempt that was ordered at `at`: later than now, the clock went back
        while nobody looked."""
        if at > now + CLOCK_BACK:
            self._stop(f"uma tentativa guardada é de {at - now:.0f} s depois de agora")

    def refused(self, number: str) -> None:
        """The caps have refused this number again; one that is dialled begins anew."""
        self._refused[number] = self._refused.get(number, 0) + 1
        if self._refused[number] >= RUNAWAY_REFUSED:
            self._stop("o mesmo número foi pedido vezes demais")

    def admitted(self, number: str) -> None:
        """A number is dialled."""
        self._refused.pop(number, None)

    def ended(self, result: Tried, short: bool) -> None:
        """What came of a call that reached the trunk. `short`: answered, and over at once."""
        self._vain.append(result in IN_VAIN)
        self._short.append(short)
        if len(self._vain) < RUNAWAY_SAMPLE:
            return
        if sum(self._vain) >= RUNAWAY_SHARE * RUNAWAY_SAMPLE:
            self._stop(f"{sum(self._vain)} das últimas {RUNAWAY_SAMPLE} não completaram")
        elif sum(self._short) >= SHORT_CALLS_SHARE * RUNAWAY_SAMPLE:
            self._stop(f"{sum(self._short)} das últimas {RUNAWAY_SAMPLE} acabaram em até 6 s")

    def resume(self) -> None:
        """A person has looked, and says go on."""
        self.because = ""
        self._refused.clear()
        self._vain.clear()
        self._short.clear()

    def _stop(self, because: str) -> None:
        if not self.because:
            self.because = because
