"""What each way out and each operator has carried, against Anatel's limits: told to people before
the dialler stops by itself (dialer/trunks.py holds the limits)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.ports_trunks import Month
from dialer.trunks import Trunk
from protocol_store.trunk_rows import TrunkDay, TrunkMonth
from terms.limits import (
    SHORT_CALLS_DAY,
    SHORT_CALLS_SHARE,
    SHORT_CALLS_WARN,
    TRUNK_MONTH_WARN,
)
from terms.names import TrunkName

Trunks = Mapping[TrunkName, Trunk]


@dataclass(frozen=True, slots=True)
class Carried:
    """Counts of a month and of its last day, by trunk, all sites together."""

    months: Mapping[str, tuple[int, int, int]]  # attempts, answered, short
    days: Mapping[str, tuple[int, int, int]]

    @classmethod
    def of(cls, months: Sequence[TrunkMonth], days: Sequence[TrunkDay]) -> Carried:
        """The store's rows, added up."""
        return cls(_added(months), _added(days))


def _added(rows: Sequence[TrunkMonth] | Sequence[TrunkDay]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for row in rows:
        attempts, answered, short = found.get(row.trunk, (0, 0, 0))
        found[row.trunk] = (attempts + row.attempts, answered + row.answered, short + row.short)
    return found


def operators(trunks: Trunks, carried: Carried) -> dict[str, Month]:
    """Each operator's counts. Its limit is one, whichever of its trunks says it."""
    found = {}
    for operator in dict.fromkeys(trunk.operator for trunk in trunks.values()):
        own = [trunk for trunk in trunks.values() if trunk.operator == operator]
        days = [carried.days.get(trunk.name, (0, 0, 0)) for trunk in own]
        found[operator] = Month(
            calls=sum(carried.months.get(trunk.name, (0, 0, 0))[0] for trunk in own),
            limit=min(trunk.month for trunk in own),
            authenticated=any(trunk.authenticated for trunk in own),
            today=sum(attempts for attempts, _, _ in days),
            short_today=sum(short for _, _, short in days),
        )
    return found


def warnings(months: Mapping[str, Month]) -> Iterator[str]:
    """What people must know, an operator each."""
    for operator, one in months.items():
        share = one.calls / one.limit
        if share >= max(TRUNK_MONTH_WARN):
            rest = (
                "só as rotas autenticadas discam" if one.authenticated else "nada mais sai por ela"
            )
            yield f"{operator}: {one.calls} ligações no mês, o limite de {one.limit}; {rest}"
        elif share >= min(TRUNK_MONTH_WARN):
            yield f"{operator}: {one.calls} ligações no mês, {share:.0%} do limite de {one.limit}"
        near = one.today >= SHORT_CALLS_DAY * SHORT_CALLS_WARN
        if near and one.short_today >= SHORT_CALLS_SHARE * SHORT_CALLS_WARN * one.today:
            yield f"{operator}: {one.short_today} de {one.today} ligações do dia duraram até 6 s"


def plain(
    trunks: Trunks, addresses: Mapping[str, str], calls: Mapping[str, int], carried: Carried
) -> dict[str, Any]:
    """All of it for the API. `calls`: those in course, of the trunks of which it is known."""
    months = operators(trunks, carried)
    return {
        "trunks": [
            {
                "name": one.name,
                "operator": one.operator,
                "address": addresses.get(one.name, ""),
                "authenticated": one.authenticated,
                "channels": one.channels,
                "per_second": one.per_second,
                "starts": list(one.prefixes),
                "calls": calls.get(one.name),
                "month": _counts(carried.months.get(one.name)),
                "today": _counts(carried.days.get(one.name)),
            }
            for one in trunks.values()
        ],
        "operators": [
            {
                "name": name,
                "month": one.calls,
                "limit": one.limit,
                "authenticated": one.authenticated,
                "today": one.today,
                "short_today": one.short_today,
            }
            for name, one in months.items()
        ],
        "warnings": list(warnings(months)),
    }


def _counts(found: tuple[int, int, int] | None) -> dict[str, int]:
    return dict(zip(("attempts", "answered", "short"), found or (0, 0, 0), strict=True))
