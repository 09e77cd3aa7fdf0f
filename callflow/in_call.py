"""Numbers that are in a call now, whoever called: nobody is called who is on the line already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from callflow.book import OpenCall
from callflow.relay import national
from terms.facts import Fact, Kind
from terms.names import CallId
from terms.telephones import as_dialled


@dataclass(eq=False, repr=False, slots=True)
class InCall:
    """A container of national numbers. `calling`: attempts at numbers by the road out, whoever
    ordered them. `area`: of numbers that come in without theirs. `arrived` hears of each number
    that calls in."""

    calling: Mapping[str, str]
    area: str = "11"
    arrived: Callable[[str], None] = lambda number: None
    _of: dict[CallId, str] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)

    def __contains__(self, number: object) -> bool:
        return number in self._numbers or number in self.calling.values()

    def restore(self, calls: Iterable[OpenCall]) -> None:
        """At a start: the calls that are open."""
        for entry in calls:
            self._note(entry.call, entry.caller)

    def read(self, facts: tuple[Fact, ...]) -> None:
        """Calls begin and end."""
        for fact in facts:
            if fact.call is None:
                continue
            if fact.kind is Kind.CALL_ARRIVED:
                self._note(fact.call, str(fact.details.get("caller", "")))
                number = self._of.get(fact.call)
                if number and not fact.details.get("campaign"):  # else it was we who called
                    self.arrived(number)
            elif fact.kind is Kind.CALL_ENDED:
                self._forget(fact.call)

    def _note(self, call: CallId, caller: str) -> None:
        number = as_dialled(national(caller), self.area)
        if number and call not in self._of:
            self._of[call] = number
            self._numbers[number] += 1

    def _forget(self, call: CallId) -> None:
        number = self._of.pop(call, "")
        if not number:
            return
        self._numbers[number] -= 1
        if self._numbers[number] <= 0:
            del self._numbers[number]
