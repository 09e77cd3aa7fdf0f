"""May this contact be called now? Asked when a list is loaded, and again in the moment of dialling.

    rule          what it says                                            life-safety campaigns
    number        national digits with an area that exists                too
    done          the contact is not done, and no attempt is in course    too
    barred        «não pode falar», «retorno não seguro»: never by itself too
    in_call       a number is never in two calls at once                  too
    campaign      between the campaign's first and last moment            too
    pause         the contact's own next time                             too
    attempts      so many at one contact                                  too
    do_not_call   the citizen's wish                                      not asked
    a_day         so many at one number a day, all campaigns together     not asked
    hours         windows and holidays, on the callee's own clock         not asked

The first rule that says no answers, in this order, so «by which rule» has one answer. Life safety
needs a supervisor's name in the campaign (R64); the verdict tells it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dialer.areas import ZONES, area_of
from dialer.campaign import Campaign
from dialer.contacts import Contact, ContactState
from dialer.hours import Holidays, is_open, local, local_day, opens
from dialer.tries import Tries
from terms.limits import RING_SECONDS
from terms.names import Instant, Seconds


class Rule(StrEnum):
    """Which rule has answered."""

    NUMBER = "number"
    DONE = "done"
    BARRED = "barred"
    IN_CALL = "in_call"
    CAMPAIGN = "campaign"
    PAUSE = "pause"
    ATTEMPTS = "attempts"
    DO_NOT_CALL = "do_not_call"
    A_DAY = "a_day"
    HOURS = "hours"
    NONE = "none"  # nothing stands in the way


@dataclass(frozen=True, slots=True)
class Verdict:
    """`not_before`: when to ask again, if it is no only for now; None with a no is for good."""

    yes: bool
    because: str
    not_before: Instant | None = None
    rule: Rule = Rule.NONE

    @property
    def for_good(self) -> bool:
        """Whether the contact is left out."""
        return not self.yes and self.not_before is None


@dataclass(slots=True)
class World:
    """What is known beside the campaign and the contact. Numbers are national digits.

    `barred`: number → the mark it bears, in words. `in_call`: numbers in a call now, whoever
    called. The owner changes these as it learns; nothing here does.
    """

    holidays: Holidays = field(default_factory=Holidays)
    do_not_call: Container[str] = frozenset()
    barred: Mapping[str, str] = field(default_factory=dict)
    tries: Tries = field(default_factory=Tries)
    in_call: Container[str] = frozenset()


IN_CALL_AGAIN = 60.0
"""A number that talks is looked at again after this (s)."""


def may_be_called(campaign: Campaign, contact: Contact, now: Instant, world: World) -> Verdict:
    """Whether this contact may be dialled at this instant, and why, or why not and when."""
    number, area = contact.number, area_of(contact.number)
    if not area:
        return _never(Rule.NUMBER, "não é um número do país com o seu DDD")
    if contact.state in (ContactState.DONE, ContactState.ORDERED):
        return _never(Rule.DONE, "o contato está encerrado ou em chamada")
    if number in world.barred:
        return _never(Rule.BARRED, f"número marcado: {world.barred[number]}")
    if number in world.in_call:
        return _later(Rule.IN_CALL, now + IN_CALL_AGAIN, "o número está em outra chamada")
    if campaign.until is not None and now >= campaign.until:
        return _never(Rule.CAMPAIGN, "o prazo da campanha terminou")
    if now < campaign.since:
        return _later(Rule.CAMPAIGN, campaign.since, "a campanha ainda não começou")
    if now < contact.not_before:
        return _later(Rule.PAUSE, contact.not_before, contact.because or "espera a sua hora")
    if contact.tries >= campaign.attempts:
        return _never(Rule.ATTEMPTS, f"as {campaign.attempts} tentativas foram feitas")
    if campaign.life_safety:
        return Verdict(True, f"risco à vida, responde {campaign.life_safety}")
    if number in world.do_not_call:
        return _never(Rule.DO_NOT_CALL, "está na lista de quem não quer ser chamado")
    return _by_the_clock(campaign, number, area, now, world)


def stops_being(campaign: Campaign, number: str, now: Instant, world: World) -> str:
    """Why a number that was allowed a moment ago is not dialled now all the same; '' if it is. Its
    attempt is counted already, so what counts attempts is not asked again."""
    if number in world.barred:
        return f"número marcado: {world.barred[number]}"
    if number in world.in_call:
        return "o número está em outra chamada"
    if campaign.life_safety:
        return ""
    if number in world.do_not_call:
        return "está na lista de quem não quer ser chamado"
    return "" if _rings_in_time(campaign, area_of(number), now, world) else "fora do horário"


def _by_the_clock(
    campaign: Campaign, number: str, area: str, now: Instant, world: World
) -> Verdict:
    day = local_day(now, area)
    if world.tries.on(number, day) >= campaign.attempts_a_day:
        tomorrow = _tomorrow(now, area)
        when = opens(campaign.windows, world.holidays, area, tomorrow)
        because = f"o número já teve {campaign.attempts_a_day} tentativas hoje"
        return _later(Rule.A_DAY, tomorrow if when is None else when, because)
    if _rings_in_time(campaign, area, now, world):
        return Verdict(True, "dentro do horário, no relógio de quem é chamado")
    open_now = is_open(campaign.windows, world.holidays, area, now)
    later = now + _agent_first(campaign)
    when = opens(campaign.windows, world.holidays, area, later if open_now else now)
    holiday = world.holidays.name(day, area)
    because = f"feriado ({holiday})" if holiday else "fora do horário, no relógio de quem é chamado"
    if when is None:
        return _never(Rule.HOURS, "não há horário em que esta campanha possa chamar")
    return _later(Rule.HOURS, when, because)


def _agent_first(campaign: Campaign) -> Seconds:
    """Where an agent's phone rings first, the citizen's may ring only so much later."""
    return RING_SECONDS if campaign.mode.reserves else 0.0


def _rings_in_time(campaign: Campaign, area: str, now: Instant, world: World) -> bool:
    return all(
        is_open(campaign.windows, world.holidays, area, at)
        for at in (now, now + _agent_first(campaign))
    )


def _tomorrow(now: Instant, area: str) -> Instant:
    """The first instant that is tomorrow on every clock of the area."""
    days = [
        (local(now, zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        for zone in ZONES[area]
    ]
    return max(day.timestamp() for day in days)


def _never(rule: Rule, because: str) -> Verdict:
    return Verdict(False, because, None, rule)


def _later(rule: Rule, not_before: Instant, because: str) -> Verdict:
    return Verdict(False, because, not_before, rule)
