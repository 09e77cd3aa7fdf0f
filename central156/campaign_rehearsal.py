"""What a campaign would come to: who would be called when, who is left out and by which rule, how
many attempts and agents it takes. Nothing is dialled and nothing is written.

The rules are the dialler's own (dialer/eligible.py), asked of every contact; how far the agents
come is reckoned hour by hour with mean values, which the answer says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dialer.areas import area_of
from dialer.campaign import Campaign, Mode
from dialer.contacts import Contact
from dialer.eligible import Rule, World, may_be_called
from dialer.hours import is_open
from ivr.hours import CITY
from terms.limits import (
    ANSWERS_FIRST,
    DROPS_SHARE,
    REHEARSAL_DAYS,
    REHEARSAL_SHORT,
    REHEARSAL_TALK,
    SPOKEN_A_SECOND,
    TRUNK_CHANNELS,
    WRAP_UP_SECONDS,
)
from terms.names import Instant, Seconds
from terms.outcome import Tried

HOUR: Final = 3_600.0
LEAST: Final = 0.005
"""Expected contacts below which nobody is left."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed of the calls. `answers`: share of attempts that a person answers; `talk` and
    `after`: an agent's mean times; `short`: share of answered calls that are over within 6 s."""

    agents: int = 10
    answers: float = ANSWERS_FIRST
    talk: Seconds = REHEARSAL_TALK
    after: Seconds = WRAP_UP_SECONDS
    short: float = REHEARSAL_SHORT
    channels: int = TRUNK_CHANNELS


@dataclass(slots=True)
class Hourly:
    """Expected numbers of one hour: attempts, answers, contacts that are done with."""

    attempts: float = 0.0
    answered: float = 0.0
    done: float = 0.0


@dataclass(slots=True)
class Rehearsed:
    """The answer. `first`: when each contact's first attempt is expected, by the contact's place;
    `left_out`: rule → contacts, `why`: its words; `waiting`: contacts that are still to be called
    at the end of `hours`, which is the end of the campaign or of limits.REHEARSAL_DAYS."""

    contacts: int = 0
    callable: int = 0
    left_out: dict[Rule, int] = field(default_factory=dict)
    why: dict[Rule, str] = field(default_factory=dict)
    because: dict[int, str] = field(default_factory=dict)
    first: dict[int, Instant] = field(default_factory=dict)
    hours: dict[Instant, Hourly] = field(default_factory=dict)
    waiting: float = 0.0
    agents_needed: int | None = None

    @property
    def attempts(self) -> float:
        """All that are expected."""
        return sum(one.attempts for one in self.hours.values())

    @property
    def answered(self) -> float:
        """Of them, by a person."""
        return sum(one.answered for one in self.hours.values())

    def days(self) -> dict[date, Hourly]:
        """The hours, day by day on the city's clock."""
        days: dict[date, Hourly] = defaultdict(Hourly)
        for at, one in self.hours.items():
            day = days[datetime.fromtimestamp(at, UTC).astimezone(CITY).date()]
            day.attempts += one.attempts
            day.answered += one.answered
            day.done += one.done
        return dict(days)


def rehearse(
    campaign: Campaign,
    contacts: Iterable[Contact],
    now: Instant,
    world: World,
    supposed: Supposed,
) -> Rehearsed:
    """See the file's top. `now`: when it would begin."""
    found = Rehearsed()
    walk = _Walk(campaign, world, supposed, found)
    for place, contact in enumerate(contacts):
        found.contacts += 1
        verdict = may_be_called(campaign, contact, now, world)
        if verdict.for_good:
            found.left_out[verdict.rule] = found.left_out.get(verdict.rule, 0) + 1
            found.why.setdefault(verdict.rule, verdict.because)
            found.because[place] = verdict.because
            continue
        found.callable += 1
        area = area_of(contact.number)
        if verdict.yes or verdict.rule is Rule.HOURS or verdict.not_before is None:
            walk.new[area].append(place)
        else:
            walk.later[area].append((verdict.not_before, place))
    for some in walk.later.values():
        some.sort()
    walk.go(now)
    found.agents_needed = _agents_needed(found, campaign, supposed)
    return found


def cost(campaign: Campaign, supposed: Supposed) -> Seconds:
    """How long one attempt keeps an agent (or, in a notice, a channel) on the average."""
    ringing = campaign.ring_seconds * (1 - supposed.answers) + _ANSWERED_AFTER * supposed.answers
    if campaign.mode is Mode.AGENTLESS:
        return ringing + supposed.answers * supposed.talk
    if campaign.mode is Mode.PREDICTIVE:
        ringing = 0.0  # nobody waits for the ringing
    return ringing + supposed.answers * (supposed.talk + supposed.after)


_ANSWERED_AFTER: Final = 12.0
"""Seconds that a phone rings before it is answered, where it is."""


def spoken_seconds(text: str) -> Seconds:
    """How long a notice lasts."""
    return len(text) / SPOKEN_A_SECOND


def drops(campaign: Campaign, answered: float) -> float:
    """Answered calls for which nobody is there: none where an agent is reserved (R63)."""
    return answered * DROPS_SHARE if campaign.mode is Mode.PREDICTIVE else 0.0


# --- the hours ---
@dataclass(slots=True)
class _Walk:
    """Hour after hour. Who waits: `new` contacts by area in their order, `later` those that wait
    for a moment of their own, and `again` the expected numbers of those that were tried: (area,
    tries) → from when, and how many."""

    campaign: Campaign
    world: World
    supposed: Supposed
    found: Rehearsed
    new: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, list[tuple[Instant, int]]] = field(default_factory=lambda: defaultdict(list))
    again: dict[tuple[str, int], list[tuple[Instant, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    at: Instant = 0.0
    left: float = 0.0
    """Attempts that this hour still takes."""
    hour: Hourly = field(default_factory=Hourly)

    def waiting(self) -> float:
        """How many contacts are still to be called."""
        return (
            sum(map(len, self.new.values()))
            + sum(map(len, self.later.values()))
            + sum(count for some in self.again.values() for _, count in some)
        )

    def go(self, now: Instant) -> None:
        """From now to the end."""
        for new in self.new.values():
            new.reverse()  # the next one is the last: taken without moving the others
        for later in self.later.values():
            later.reverse()
        end = now + REHEARSAL_DAYS * 24 * HOUR
        if self.campaign.until is not None:
            end = min(end, self.campaign.until)
        areas = sorted({*self.new, *self.later})
        an_hour = workers(self.campaign, self.supposed) * HOUR / cost(self.campaign, self.supposed)
        self.at = now
        while self.at < end and self.waiting() > LEAST:
            step = HOUR - self.at % HOUR
            self.left, self.hour = an_hour * step / HOUR, Hourly()
            opened = [area for area in areas if self._is_open(area)]
            for area in opened:
                self._once_more(area)
            for area in opened:
                self._first(area)
            if self.hour.attempts:
                self.found.hours[self.at] = self.hour
            self.at += step
        self.found.waiting = self.waiting()

    def _is_open(self, area: str) -> bool:
        if self.at < self.campaign.since:
            return False
        if self.campaign.life_safety:
            return True
        return is_open(self.campaign.windows, self.world.holidays, area, self.at)

    def _first(self, area: str) -> None:
        """First attempts, in the list's order."""
        new, later = self.new[area], self.later[area]
        ready = []
        while later and later[-1][0] <= self.at:
            ready.append(later.pop()[1])
        new[:0] = reversed(ready)
        count = min(len(new), int(self.left))
        for _ in range(count):
            self.found.first[new.pop()] = self.at
        self._made(area, 1, float(count))

    def _once_more(self, area: str) -> None:
        """Further attempts, before first ones: who was tried is not forgotten."""
        for tries in range(1, self.campaign.attempts):
            waiting = self.again.pop((area, tries), [])
            for when, count in waiting:
                now = min(count, self.left) if when <= self.at else 0.0
                self._made(area, tries + 1, now)
                if count - now > 0:
                    self.again[area, tries].append((when, count - now))

    def _made(self, area: str, tries: int, count: float) -> None:
        if not count:
            return
        self.left -= count
        answered = count * self.supposed.answers
        self.hour.attempts += count
        self.hour.answered += answered
        pause = mean_pause(self.campaign)
        if tries < self.campaign.attempts and pause:
            self.hour.done += answered
            self.again[area, tries].append((self._next(tries, pause), count - answered))
        else:
            self.hour.done += count

    def _next(self, tries: int, pause: Seconds) -> Instant:
        """When who was tried so often is tried again: not on a day that has had its attempts."""
        when = self.at + pause
        if tries % self.campaign.attempts_a_day:
            return when
        today = datetime.fromtimestamp(self.at, UTC).astimezone(CITY)
        tomorrow = (today + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return max(when, tomorrow.timestamp())


def workers(campaign: Campaign, supposed: Supposed) -> int:
    """Who makes the attempts: agents, or the channels of a notice."""
    return supposed.channels if campaign.mode is Mode.AGENTLESS else supposed.agents


def mean_pause(campaign: Campaign) -> Seconds:
    """How long a contact rests after an attempt that failed: mostly nobody answers. 0: for good."""
    retry = campaign.retry(Tried.NO_ANSWER) or campaign.retry(Tried.BUSY)
    return retry.after if retry is not None else 0.0


def _agents_needed(found: Rehearsed, campaign: Campaign, supposed: Supposed) -> int | None:
    """Agents (channels of a notice) with which it would be done in the time that it has; None
    without an end that could be missed."""
    if campaign.until is None or not found.callable:
        return None
    share = (1 - (1 - supposed.answers) ** campaign.attempts) / max(supposed.answers, 0.01)
    wanted = found.callable * share * cost(campaign, supposed)
    open_hours = max(len(found.hours), 1)
    return max(1, -(-int(wanted) // int(open_hours * HOUR)))
