"""What is paid in a month: calls, each number once in 15 minutes, times the factor (R74).

Repeated calls are left out here and nowhere else: for load, every call counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from contract.bands import Flag, factor_of
from contract.definitions import Billing, Terms, months_on
from terms.names import Instant, Seconds

PaidCall = tuple[str, Instant]
"""A number and the instant of one of its calls; whose it is matters only while it is counted."""


def repeats(calls: Iterable[PaidCall], apart: Seconds, since: Instant) -> int:
    """How many of these calls, of those from `since` on, are not paid: they came less than
    `apart` after one of the same number that was. Calls of a little before `since` tell which
    one that is."""
    found, number, paid_at = 0, "", 0.0
    for whose, at in sorted(calls):
        if whose != number or at - paid_at >= apart:
            number, paid_at = whose, at
        elif at >= since:
            found += 1
    return found


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's bill. `calls_in`, `repeated`: what came in and would be paid, and how much of it
    is a repeat; `calls_out`: calls of ours that a citizen answered; `chats` None: not counted.
    `charged` False: one of the months that are measured only, and paid whole."""

    calls_in: int
    repeated: int
    calls_out: int
    chats: int | None
    points: Fraction
    factor: Fraction
    flag: Flag
    charged: bool
    rule: Billing

    @property
    def units(self) -> Fraction:
        """What is paid, in calls."""
        chats = self.rule.chat * (self.chats or 0)
        return self.calls_in - self.repeated + self.calls_out + chats

    @property
    def applied(self) -> Fraction:
        """The factor that is applied: none in a month that is not charged."""
        return self.factor if self.charged else Fraction(1)

    @property
    def price(self) -> Fraction | None:
        """In reais; None when the contract's file has no price."""
        return None if self.rule.price is None else self.units * self.rule.price * self.applied


def is_charged(month: date, terms: Terms) -> bool:
    """Whether points of a month cost money: not in the first months that are measured."""
    return months_on(terms.measured_from, terms.free_months) <= months_on(month, 0)


def bill(
    month: date,
    terms: Terms,
    points: Fraction,
    calls_in: int,
    repeated: int,
    calls_out: int,
    chats: int | None = None,
) -> Bill:
    """The bill of a month."""
    factor, flag = factor_of(points, terms)
    charged = is_charged(month, terms)
    rule = terms.billing
    return Bill(calls_in, repeated, calls_out, chats, points, factor, flag, charged, rule)
