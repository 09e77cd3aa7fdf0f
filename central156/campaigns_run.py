"""The dialler, plugged into one control process, and read from the store at its start.

    open_dialler      made, and told to whoever must know of it; nothing is known yet
    remember_dialler  what the store has: trunks' counts, attempts, campaigns at work

Nothing of it may keep a citizen who calls from being served: a store that cannot be read leaves the
campaigns standing, with an error in the log, and control goes on.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from datetime import date

from callflow.campaign_ports import Setting
from callflow.dialler import Dialler
from callflow.hear import Ear
from callflow.holding import Holding
from callflow.in_call import InCall
from callflow.visit import Tools
from central156.campaign_store import StoredCampaigns, attempt_of, contact_name, contact_of
from central156.settings import Settings
from central156.trunks import trunks_of
from dialer.attempt import Attempt
from dialer.campaign import CampaignState, KeyMeans
from dialer.caps import CapRules, Caps
from dialer.dialling import Dialling, Past
from dialer.eligible import World
from dialer.hours import Holidays, local_day
from dialer.pacing import HOUR
from dialer.trunks import CITY_AREA, Operators, Trunk
from ivr.hours import Calendar
from pbx.ami_link import AmiLink
from protocol_store import Store
from reader.calling_days import calling_holidays
from terms.limits import TRIES_KEPT
from terms.names import AgentName, CampaignName, Instant, TrunkName
from terms.outcome import Tried

log = logging.getLogger(__name__)

AT_WORK = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.DRAINING)


def open_dialler(
    settings: Settings, store: Store, link: AmiLink, tools: Tools, ear: Ear, holding: Holding
) -> Dialler | None:
    """The dialler of this process; None while there is no way out."""
    trunks = trunks_of(settings)
    backs = tools.call_backs
    if not trunks or backs is None:
        return None
    rules = CapRules(
        trunks=trunks,
        channels=settings.out_channels,
        per_second=settings.out_per_second,
        per_hour=settings.out_per_hour,
        per_number=settings.out_per_number,
    )
    in_call = InCall(backs.out.live, settings.out_area)
    holidays = CallingHolidays(tools)
    world = World(holidays(), in_call=in_call)
    campaigns = StoredCampaigns(store, settings.out_area)
    dialler = Dialler(
        Dialling(Caps(rules), world),
        tools.keeper,
        campaigns,
        backs.out,
        time.time,
        lambda: tools.plans.current.version,
        book=tools.book,
        present=tools.present,
        look=link.look,
        holding=holding,
        holidays=holidays,
    )
    in_call.arrived = dialler.calls_in
    tools.keeper.watch(in_call.read)
    tools.dialler, tools.wishes = dialler, campaigns
    ear.dialler = dialler
    return dialler


class CallingHolidays:
    """The holidays of the calendar in force, worked out anew when another is published."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._of: tuple[Calendar, Holidays] | None = None

    def __call__(self) -> Holidays:
        """On which days, and where, nobody is called."""
        calendar = self._tools.plans.current.calendar
        if self._of is None or self._of[0] is not calendar:
            self._of = (calendar, calling_holidays(calendar))
        return self._of[1]


async def remember_dialler(store: Store, dialler: Dialler, tools: Tools) -> None:
    """What the store knows, before the first signal and the first step."""
    in_call = dialler.dialling.world.in_call
    if isinstance(in_call, InCall):
        in_call.restore(tools.book.calls.values())
    try:
        await _remember(store, dialler)
        _what_they_said(dialler, tools)
    except Exception:
        log.exception("what the store has of campaigns cannot be read")
        dialler.give_up(NOT_READ)


def _what_they_said(dialler: Dialler, tools: Tools) -> None:
    """What citizens who are in a call have answered by keys: its story knows, the attempt does not
    until its end."""
    said = {entry.caller: entry.said for entry in tools.book.calls.values() if entry.campaign}
    for course in dialler.courses.of.values():
        for word in said.get(course.number, ()):
            course.pressed(KeyMeans(word))


NOT_READ = "o banco de dados não deixou ler as campanhas: reinicie a central (central156 doctor)"


async def _remember(store: Store, dialler: Dialler) -> None:
    now = time.time()
    campaigns = store.campaigns
    caps = dialler.dialling.caps
    await _carried(store, caps.operators, caps.rules.trunks, now)
    await dialler.read_lists()
    opened = await campaigns.open_attempts()
    tried = await campaigns.tried_since(now - TRIES_KEPT)
    stopped = await campaigns.stopped()
    past = [Past(attempt_of(one), None) for one in opened]
    without_end = {one.attempt for one in opened}
    past += [
        Past(
            Attempt(attempt, contact_name(attempt), CampaignName(""), number, ANY, at, 0.0),
            Tried.LOST,  # it reached for the citizen, or may have
        )
        for number, attempt, at in tried
        if attempt not in without_end
    ]
    for setting in await _at_work(store, dialler, {one.campaign for one in opened}):
        dialler.know(setting)
    dialler.restore(past, stopped.because)
    dialler.found_hours(await campaigns.hours(now - now % HOUR))
    rows = [await campaigns.contact(one.contact) for one in opened]
    dialler.found([contact_of(row) for row in rows if row is not None])
    for call in await campaigns.calls_of(opened):
        agent = call.agent or AgentName("")
        dialler.found_call(call.attempt, call.call, call.arrived, agent, call.ended)


ANY = TrunkName("")
"""Of attempts whose trunk does not matter any more."""


async def _at_work(store: Store, dialler: Dialler, named: set[CampaignName]) -> list[Setting]:
    """The campaigns that are not over, or have an attempt without an end."""
    found = []
    for row in await store.campaigns.campaigns():
        if row.state not in AT_WORK and row.name not in named:
            continue
        with contextlib.suppress(ValueError):
            setting = await dialler.store.campaign(row.name)
            if setting is not None:
                found.append(setting)
                continue
        log.error("a campaign's file is not read by this release", extra={"campaign": row.name})
    return found


async def _carried(
    store: Store, operators: Operators, trunks: Mapping[TrunkName, Trunk], now: Instant
) -> None:
    """What each operator has carried this month, and in the last days."""
    today = local_day(now, CITY_AREA)
    first = today.replace(day=1)
    for month in await store.campaigns.trunk_months(f"{first:%Y-%m}"):
        if (trunk := trunks.get(month.trunk)) is not None:
            carried = operators.of(trunk.operator)
            carried.months[first] = carried.months.get(first, 0) + month.attempts
    for one in await store.campaigns.trunk_days(f"{today:%Y-%m-%d}"):
        if (trunk := trunks.get(one.trunk)) is not None:
            carried, day = operators.of(trunk.operator), date.fromisoformat(one.day)
            carried.days[day] = carried.days.get(day, 0) + one.attempts
            carried.short[day] = carried.short.get(day, 0) + one.short
