"""How long a caller of 156 will wait, told once at entry and then at intervals (R25).

Nothing is told that nobody knows: while no agent on duty could take the call, and while the
estimate reaches from less than a minute to beyond all bounds, the caller hears music. Nothing is
told twice: a forecast whose words would be the same is left out, and looked at again later. The
number of people ahead is told while it falls; see ivr/forecast.py.

Beside it, while the wait may be longer than the line's limit, the offer to be called back (R26).
"""

from __future__ import annotations

from dataclasses import dataclass

from acd.agents import Status
from acd.estimate import Expected
from callflow.foretold import Foretold
from callflow.speak import says_of
from callflow.visit import Visit
from ivr.forecast import AHEAD, WAIT, Range, number_of, people_of, range_of
from ivr.menu import NO_KEY, YES_KEY
from ivr.reachable import callable_number
from ivr.turn import Say
from terms.facts import Kind
from terms.names import EMERGENCY_LINES, Instant, Seconds

CONFIRM_KEYS = YES_KEY + NO_KEY


@dataclass(frozen=True, slots=True)
class Forecast:
    """What may be told now."""

    says: tuple[Say, ...]
    range: Range
    ahead: int | None  # as told; None = not told
    position: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected now: the longest wait, and what of it is news to the caller."""

    high: Seconds
    news: Forecast | None = None


def foretells(visit: Visit) -> bool:
    """Whether the line tells its callers of their wait. 199 and 153 never do, whatever a plan
    says."""
    return bool(visit.plan.waiting.forecast.wait_text) and visit.line not in EMERGENCY_LINES


def forecast_due(visit: Visit) -> Instant:
    """When the caller is to be told (again)."""
    last = _last(visit)
    return 0.0 if last is None else last.at + visit.plan.waiting.forecast.forecast_seconds


def outlook(visit: Visit) -> Outlook | None:
    """What is expected now; None when nobody knows."""
    found = _expected(visit)
    if found is None:
        return None
    spoken, last = range_of(found.low, found.high), _last(visit)
    if spoken is None:
        return Outlook(found.high)
    people = people_of(found.position - 1)
    ahead = number_of(people) if visit.plan.waiting.forecast.ahead_text else None
    lowest = last.ahead if last is not None else None
    if ahead is not None and lowest is not None and ahead > lowest:
        ahead = None  # somebody came between: what was told stays the most that is told
    if last is not None and last.range == spoken and ahead in (None, lowest):
        return Outlook(found.high)
    says: tuple[Say, ...] = ()
    if ahead is not None:
        says += says_of(visit, visit.plan.waiting.forecast.ahead_text, {AHEAD: people})
    says += says_of(visit, visit.plan.waiting.forecast.wait_text, {WAIT: spoken.value})
    return Outlook(found.high, Forecast(says, spoken, ahead, found.position))


def _last(visit: Visit) -> Foretold | None:
    """What was told last, of this wait: none after a talk."""
    last = Foretold.from_text(visit.place.told_last)
    entry = visit.tools.book.calls.get(visit.call)
    talked = entry.answered if entry is not None else None
    return None if last is not None and talked is not None and last.at <= talked else last


def was_told(visit: Visit, told: Forecast) -> None:
    """The caller has heard it to its end: kept on the place, for the record and for the promise."""
    now, place, last = visit.tools.clock(), visit.place, _last(visit)
    ahead = told.ahead if told.ahead is not None or last is None else last.ahead
    text = Foretold(now, told.range, ahead).to_text()
    visit.place = place.but(told=place.told or text, told_last=text)
    visit.tools.keeper.promises.note(visit.call, Foretold.from_text(visit.place.told))
    visit.note(
        Kind.WAIT_TOLD,
        position=told.position,
        low=told.range.low,
        high=told.range.high,
    )


def _expected(visit: Visit) -> Expected | None:
    """What the floor expects; None when it cannot know: nobody on duty could take the call."""
    floor = visit.tools.keeper.floor
    caller = floor.callers.get(visit.call)
    if caller is None:
        return None
    rule, needs = caller.rule, caller.needs
    ask = rule.ask(len(rule.widens(needs)), needs)
    somebody = any(
        agent.status is not Status.LOGGED_OUT and ask.way_of(agent.skills) is not None
        for agent in floor.agents.values()
    )
    return floor.expected(visit.call, visit.tools.clock()) if somebody else None


# --- the offer to be called back ---
def number_to_call(visit: Visit) -> str:
    """The number at which this caller can be called back; '' when nobody can promise that. A deaf
    citizen's interpreter is not sent away, and nobody is offered what the way out does not give."""
    backs = visit.tools.call_backs
    never = visit.relay or (backs is not None and not backs.may_promise(visit.caller))
    return "" if never else callable_number(visit.caller)


def offers_call_back(visit: Visit) -> bool:
    """Whether this caller may be offered to be called back at all: on a line that does it, from a
    number that we can call, and that nobody has barred."""
    wanted = bool(visit.plan.waiting.call_back.call_back_key) and visit.line not in EMERGENCY_LINES
    backs, number = visit.tools.call_backs, number_to_call(visit)
    return wanted and bool(number) and backs is not None and backs.may_promise(visit.caller)


def call_back_is_due(visit: Visit, high: Seconds) -> bool:
    """Whether it is to be offered now, the longest wait expected being this long."""
    plan, offered = visit.plan.waiting.call_back, visit.place.offered_at
    again = not offered or visit.tools.clock() >= offered + plan.offer_seconds
    return again and high > plan.longer_than and offers_call_back(visit)


def offer_says(visit: Visit) -> tuple[Say, ...]:
    """That one key is enough to be called back."""
    return says_of(visit, visit.plan.waiting.call_back.offer_text)


def confirm_says(visit: Visit) -> tuple[Say, ...]:
    """Which number is called, and the keys for yes and no."""
    number = {"telefone": number_to_call(visit)}
    return says_of(visit, visit.plan.waiting.call_back.confirm_text, number)
