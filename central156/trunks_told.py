"""Other ways out are in force: whoever dials goes by them from the next call on.

What each operator has carried is read anew, since a trunk may be another operator's now; what this
process has counted stays where it is more, so that the count is never too low (R65).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from callflow.dialler import Dialler
from callflow.visit import Tools
from central156.trunk_figures import Carried, Trunks, operators
from dialer.hours import local_day
from dialer.trunks import CITY_AREA, Operators
from terms.names import Instant


def tell_who_dials(tools: Tools, trunks: Trunks, carried: Carried, now: Instant) -> bool:
    """Call-backs and campaigns go by these trunks; whether campaigns can (not where the process
    began without any way out, and no dialler was made)."""
    backs = tools.call_backs
    if backs is not None:
        backs.out.caps = replace(backs.out.caps, trunk=bool(trunks))
    if not isinstance(tools.dialler, Dialler):
        return False
    caps = tools.dialler.dialling.caps
    caps.rules = replace(caps.rules, trunks=trunks)
    counted_again(caps.operators, trunks, carried, local_day(now, CITY_AREA))
    return True


def counted_again(known: Operators, trunks: Trunks, carried: Carried, today: date) -> None:
    """The store's counts of this month and day, by these trunks' operators."""
    first = today.replace(day=1)
    for operator, month in operators(trunks, carried).items():
        own = known.of(operator)
        own.months[first] = max(own.months.get(first, 0), month.calls)
        own.days[today] = max(own.days.get(today, 0), month.today)
        own.short[today] = max(own.short.get(today, 0), month.short_today)
