"""How much goes out: per second, per hour, per number, per channel, and per trunk. Nothing that
happens breaks a cap: a repeat is one call, a word that is lost keeps its channel until the attempt
is over for good, a clock that jumps stops all (dialer/runaway.py).

An attempt is counted when it is ordered, before anybody knows what comes of it. The dialplan holds
caps of its own (asterisk-conf/extensions_out.conf), so that this file's mistake is not a city's.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dialer.runaway import Runaway
from dialer.trunks import Operators, Trunk
from terms.limits import (
    CALL_BACK_HELD,
    DIALER_TICK,
    OUT_CHANNELS,
    OUT_FULL,
    OUT_PER_HOUR,
    OUT_PER_NUMBER,
    OUT_PER_SECOND,
    OUT_SHUT,
)
from terms.names import AttemptId, Instant, Seconds, TrunkName
from terms.outcome import Tried

SECOND: Final[Seconds] = 1.0
HOUR: Final[Seconds] = 3_600.0
PACE_MARGIN: Final[Seconds] = 0.01
PARTS: Final = 10
"""A second's calls are spread over it in so many parts. All at once, the last would wait for all
others in the store and in the switch, and come there in the next second, whose cap is full."""
BURST: Final = 5
"""So many may always be ordered at once."""


@dataclass(frozen=True, slots=True)
class CapRules:
    """How much may go out, all campaigns together."""

    trunks: Mapping[TrunkName, Trunk]
    channels: int = OUT_CHANNELS
    per_second: int = OUT_PER_SECOND
    per_hour: int = OUT_PER_HOUR
    per_number: int = OUT_PER_NUMBER  # an hour


@dataclass(frozen=True, slots=True)
class Admitted:
    """It may go out by this trunk, and is counted. `warnings` are for people."""

    trunk: TrunkName
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not, now. `again`: when to ask again (s from now). `own`: because of this number
    alone; other numbers may be asked."""

    because: str
    again: Seconds
    own: bool = False


@dataclass(slots=True)
class Window:
    """What was ordered in the last so many seconds."""

    lasts: Seconds
    _at: deque[tuple[Seconds, str]] = field(default_factory=deque)
    _numbers: Counter[str] = field(default_factory=Counter)

    def count(self, passed: Seconds, number: str) -> None:
        """One more."""
        self._at.append((passed, number))
        self._numbers[number] += 1

    def of(self, passed: Seconds, number: str = "") -> int:
        """How many; of one number, if it is given."""
        while self._at and self._at[0][0] <= passed - self.lasts:
            old = self._at.popleft()[1]
            self._numbers[old] -= 1
            if not self._numbers[old]:
                del self._numbers[old]
        return self._numbers[number] if number else len(self._at)

    def room_in(self, passed: Seconds) -> Seconds:
        """How long it takes until the oldest is forgotten: so a full window is used to its last."""
        return max(PACE_MARGIN, self._at[0][0] + self.lasts - passed + PACE_MARGIN)


@dataclass(slots=True)
class Caps:
    """See the file's top. `live`: attempts that hold a channel, with their trunk and number."""

    rules: CapRules
    operators: Operators = field(default_factory=Operators)
    runaway: Runaway = field(default_factory=Runaway)
    live: dict[AttemptId, tuple[TrunkName, str, Instant]] = field(default_factory=dict)
    shut: dict[TrunkName, Instant] = field(default_factory=dict)  # takes no calls until then
    _second: Window = field(default_factory=lambda: Window(SECOND))
    _part: Window = field(default_factory=lambda: Window(SECOND / PARTS))
    _hour: Window = field(default_factory=lambda: Window(HOUR))
    _of_trunks: dict[TrunkName, Window] = field(default_factory=dict)

    @property
    def remembers(self) -> bool:
        """Whether anything was ordered in the last hour."""
        return self._hour.of(self.runaway.passed) > 0

    def admit(
        self, attempt: AttemptId, number: str, trunks: Iterable[TrunkName], now: Instant
    ) -> Admitted | Refused:
        """Whether this attempt may be ordered; if so it is counted, and holds a channel until
        `over`. The caller has told the clock (`runaway.clock`) what time it is."""
        if self.runaway.because:
            return Refused(f"tudo parado: {self.runaway.because}", CALL_BACK_HELD)
        refused = self._full(number, attempt)
        if refused is not None:
            if refused.own:
                self.runaway.refused(number)
            return refused
        why = "nenhuma rota da campanha disca este número"
        full: list[Seconds] = []
        for name in trunks:
            trunk = self.rules.trunks.get(name)
            if trunk is None or not trunk.dials(number):
                continue
            why = self.operators.refuses(trunk, now)
            if why:
                continue
            if (shut := self.shut.get(name, 0.0)) > now:
                full.append(min(shut - now, OUT_SHUT))
                continue
            if not (wait := self._room_in(trunk)):
                return self._counted(trunk, attempt, number, now)
            full.append(wait)
        if full:
            return Refused("as rotas estão cheias", min(full))
        return Refused(why, OUT_FULL, own="disca este" in why)

    def _full(self, number: str, attempt: AttemptId) -> Refused | None:
        passed = self.runaway.passed
        if attempt in self.live:
            return Refused("esta tentativa já está em curso", OUT_FULL, own=True)
        if any(number == other for _, other, _ in self.live.values()):
            return Refused("o número está em outra tentativa", OUT_FULL, own=True)
        if self._hour.of(passed, number) >= self.rules.per_number:
            return Refused("o número foi chamado vezes demais nesta hora", OUT_FULL, own=True)
        if len(self.live) >= self.rules.channels:
            return Refused("todos os canais estão em uso", DIALER_TICK)
        if self._second.of(passed) >= self.rules.per_second:
            return Refused("chamadas demais neste segundo", self._second.room_in(passed))
        if self._part.of(passed) >= max(BURST, math.ceil(self.rules.per_second / PARTS) + 1):
            return Refused("chamadas demais de uma vez", self._part.room_in(passed))
        if self._hour.of(passed) >= self.rules.per_hour:
            return Refused("chamadas demais nesta hora", OUT_FULL)
        return None

    def _room_in(self, trunk: Trunk) -> Seconds:
        """When this trunk is to be asked again (s from now); 0 when it has room."""
        lately = self._of_trunks.setdefault(trunk.name, Window(SECOND))
        if sum(name == trunk.name for name, _, _ in self.live.values()) >= trunk.channels:
            return DIALER_TICK
        passed = self.runaway.passed
        return 0.0 if lately.of(passed) < trunk.per_second else lately.room_in(passed)

    def _counted(self, trunk: Trunk, attempt: AttemptId, number: str, now: Instant) -> Admitted:
        passed = self.runaway.passed
        for window in (self._part, self._second, self._hour, self._of_trunks[trunk.name]):
            window.count(passed, number)
        self.live[attempt] = (trunk.name, number, now)
        self.runaway.admitted(number)
        return Admitted(trunk.name, self.operators.count(trunk, now))

    def over(self, attempt: AttemptId, result: Tried, short: bool = False) -> tuple[str, ...]:
        """The attempt has ended, for whoever says so first; what is to be told to people.
        `short`: it was answered, by whomever, and lasted up to SHORT_CALL."""
        held = self.live.pop(attempt, None)
        if held is None:
            return ()
        trunk, _, ordered_at = held
        if result not in (Tried.AGENT, Tried.HELD):
            self.runaway.ended(result, short)
        known = self.rules.trunks.get(trunk)
        return self.operators.short(known, ordered_at) if short and known is not None else ()

    def restored(
        self, attempt: AttemptId, number: str, trunk: TrunkName, at: Instant, now: Instant
    ) -> None:
        """A start finds an attempt of the last hour in the store, the oldest first. The
        operators' counts, which hold it already, are put in by themselves."""
        self.runaway.found(at, now)
        age = max(0.0, now - at)
        for window in (self._second, self._hour, self._of_trunks.setdefault(trunk, Window(SECOND))):
            window.count(self.runaway.passed - age, number)

    def still_live(self, attempt: AttemptId, number: str, trunk: TrunkName, at: Instant) -> None:
        """It had no end yet: it holds its channel until somebody tells of one."""
        self.live[attempt] = (trunk, number, at)
