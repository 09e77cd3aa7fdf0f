"""A call that a campaign made, from the citizen's answer to its end or to an agent.

    notice       a text with the contact's fields, and keys (dialer/notice.py says what follows)
    predictive   an agent within two seconds, or one sentence that says who called (R63)

The call has its protocol before anything is said. Where it stands is written on its channel before
each thing is said, what a key decided is durable before it is confirmed aloud, and each answer is
told once; so a step may break off, and the citizen hang up, anywhere. Whoever asks for a person
joins the campaign's queue, before those who wait there with their own calls (never before an
emergency): they were called, and are owed one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from acd.queues import QueueRule
from callflow.after import ASKED
from callflow.campaign_ports import Running, is_campaign
from callflow.door import opened
from callflow.floor_keeper import Waiter
from callflow.join import join, take_place
from callflow.offer import put_through
from callflow.place import Place
from callflow.speak import say, wait_key
from callflow.visit import Do, Visit
from callflow.wait import wait
from dialer import notice as hearing
from dialer.campaign import KeyMeans
from dialer.notice import TEXT, Hearing, Keys, Next
from ivr.texts import PORTUGUESE, text_of
from ivr.turn import JoinQueue, Position, Say, Turn
from terms.facts import Kind
from terms.limits import (
    DROP_AFTER,
    NOTICE_PRIORITY_ABOVE,
    NOTICE_WRITE_WAIT,
    NOTICE_WRONG_KEYS,
    PAUSE_BEFORE_HANGING_UP,
    QUEUE_PRIORITY_MAX,
)
from terms.names import EMERGENCY_LINES, Instant, Seconds
from terms.notice_words import SENTENCES, Sentence, dropped_text
from terms.outcome import CallOutcome
from terms.signals import StepOver
from terms.stages import Stage

log = logging.getLogger(__name__)

PREDICTIVE: Final = "preditivo"
"""What `place.node` says of a citizen for whom an agent is looked for."""

BY: Final = "o próprio cidadão"
"""Who wishes not to be called, as the list says it; and why:"""
BECAUSE: Final = "tecla na ligação da campanha {}"


def speaks(visit: Visit) -> bool:
    """Whether this step is told here: a campaign's call that has only just been answered, hears a
    notice, or waits for the agent whom the dialler is to find."""
    place = visit.place
    if not is_campaign(visit.entry):
        return False
    return not place.protocol or place.node.partition(":")[0] in (hearing.MARK, PREDICTIVE)


# --- a notice ---
async def notice(visit: Visit) -> Stage | Do:
    """Say the campaign's text and hear the keys, until the call ends or wants a person."""
    about = await _begun(visit)
    if about is None:
        return await _unknown(visit)
    campaign = about.campaign
    keys = Keys.of(campaign.keys, bool(campaign.queue))
    now: Hearing | None = await _where(visit, about)
    while now is not None:
        visit.place = visit.place.but(node=now.to_text())
        await visit.mark(Stage.MENU, visit.place, C156_PROTOCOL=visit.place.protocol)
        if now.saying == Sentence.PERSON:
            return await _to_a_person(visit, about)
        key = await _say(visit, about, now, keys)
        now = await _done(visit, about, now, hearing.heard(now, key, keys))
    visit.place = visit.place.but(outcome=str(CallOutcome.ENDED_IN_MENU))
    return Stage.ENDED


async def _begun(visit: Visit) -> Running | None:
    """What the call is about; from the first step on it has its protocol, durable."""
    tools = visit.tools
    about = tools.dialler.campaign_of(visit.attempt) if tools.dialler is not None else None
    if visit.place.protocol:
        return about
    visit.place = Place(version=tools.plans.current.version, arrived=tools.clock())
    protocol = await tools.store.open_call(
        visit.call,
        visit.line,
        visit.entry,
        visit.caller,
        visit.place.arrived,
        bool(visit.test),
        visit.place.version,
        visit.relay,
        about.campaign.name if about is not None else visit.campaign,
    )
    # whoever is called is asked nothing after the talk: the survey is of 156's own callers (R62)
    visit.place = visit.place.but(protocol=protocol).hearing(ASKED)
    opened(visit)
    if about is not None:
        visit.data = dict(about.fields)
    return about


async def _where(visit: Visit, about: Running) -> Hearing:
    """How far the citizen is. An answer that the step before took down, and could not write on the
    channel any more, stands; one that only the channel knows is told to the dialler."""
    now = Hearing.from_text(visit.place.node)
    said = _said_before(visit)
    if now.answer is None and (known := [one for one in hearing.ANSWERS if one in said]):
        return hearing.answered(now, known[0])
    if now.answer is not None and now.answer not in said:
        await _tell(visit, about, now.answer)
    return now


def _said_before(visit: Visit) -> tuple[str, ...]:
    entry = visit.tools.book.calls.get(visit.call)
    return entry.said if entry is not None else ()


async def _say(visit: Visit, about: Running, now: Hearing, keys: Keys) -> str:
    """Say it, and wait for a key; '' is silence."""
    heeded = keys.heeded(now)
    if key := await say(visit, _says(about, now, heeded)):
        return key
    waits: Seconds = PAUSE_BEFORE_HANGING_UP
    if now.saying in (TEXT, Sentence.WRONG_KEY):
        waits = visit.plan.defaults.key_seconds
    for _ in range(NOTICE_WRONG_KEYS + 1):
        key = await wait_key(visit, waits)
        if not key or key in heeded:
            return key
    return ""


def _says(about: Running, now: Hearing, heeded: str) -> tuple[Say, ...]:
    text = Say.of(text_of(about.spoken), PORTUGUESE, about.fields, heeded)
    if now.saying == TEXT:
        return (text,)
    sentence = _sentence(Sentence(now.saying), heeded)
    return (sentence, text) if now.saying == Sentence.WRONG_KEY else (sentence,)


def _sentence(which: Sentence, heeded: str = "") -> Say:
    return Say((SENTENCES[which],), PORTUGUESE, heeded)


async def _done(visit: Visit, about: Running, now: Hearing, then: Next) -> Hearing | None:
    """Do what follows the key, if anything, before it is told of."""
    if then.act is None:
        return then.now
    if then.act is KeyMeans.DO_NOT_CALL and not await _barred(visit, about):
        return hearing.not_written(now)
    await _tell(visit, about, then.act)
    return then.now


async def _barred(visit: Visit, about: Running) -> bool:
    """Whether the wish not to be called any more is durable."""
    wishes = visit.tools.wishes
    if wishes is None:
        return False
    because = BECAUSE.format(about.campaign.name)
    bar = wishes.bar(about.number, visit.tools.clock(), BY, because)
    return await _in_time(bar, "a wish not to be called could not be written")


async def _tell(visit: Visit, about: Running, means: KeyMeans) -> None:
    """What the citizen decided, once: to the call's story and to the dialler."""
    if means in _said_before(visit):
        return
    visit.note(Kind.CAMPAIGN_ANSWER, campaign=str(about.campaign.name), said=means.value)
    if visit.tools.dialler is not None:
        telling = visit.tools.dialler.pressed(visit.attempt, means)
        await _in_time(telling, "an answer to a notice could not be told")


async def _in_time(act: Awaitable[Any], complaint: str) -> bool:
    """Whether it was done, in time. It goes on to its end though the step be over: the citizen has
    pressed the key."""
    doing = asyncio.ensure_future(act)
    done, _ = await asyncio.wait({doing}, timeout=NOTICE_WRITE_WAIT)
    if not done:
        log.warning(complaint, extra={"why": "late"})
        return False
    if (wrong := doing.exception()) is not None:
        log.warning(complaint, extra={"why": type(wrong).__name__})
    return wrong is None


async def _unknown(visit: Visit) -> Stage:
    """Nobody knows any more why this citizen was called: who we are, and how to reach us."""
    log.warning("a call of a campaign that nobody knows", extra={"call": visit.call})
    node = Hearing(Sentence.UNKNOWN).to_text()
    visit.place = visit.place.but(node=node, outcome=str(CallOutcome.INTERRUPTED))
    await visit.mark(visit.stage, visit.place, C156_PROTOCOL=visit.place.protocol)
    await say(visit, (_sentence(Sentence.UNKNOWN),))
    return Stage.ENDED


# --- to an agent ---
def person_priority(rule: QueueRule) -> int:
    """The priority of whoever was called and wants a person: above a queue's own callers; among
    emergencies like everybody, for whoever called 199 or 153 may be in danger now."""
    if rule.line in EMERGENCY_LINES:
        return rule.priority
    return min(rule.priority + NOTICE_PRIORITY_ABOVE, QUEUE_PRIORITY_MAX)


async def _to_a_person(visit: Visit, about: Running) -> Stage:
    return await join(visit, _turn(visit, about, (_sentence(Sentence.PERSON),)))


def _turn(visit: Visit, about: Running, says: tuple[Say, ...] = ()) -> Turn:
    """The place in the campaign's queue; in the line's own for people, if that is gone."""
    rules = {rule.name: rule for rule in visit.plans.queues.rules}
    rule = rules.get(about.campaign.queue) or rules[visit.plan.person]
    then = JoinQueue(rule.name, person_priority(rule), about.campaign.subject, rule.line)
    return Turn(Position(), visit.data, says, (), then)


async def predictive(visit: Visit) -> Stage | Do:
    """An agent is looked for while nobody speaks; then it is one or the sentence."""
    place = visit.place
    if place.waits_from or place.outcome:  # a talk has been; this is a wait as any other
        return await wait(visit)
    about = await _begun(visit)
    if about is None:
        return await _unknown(visit)
    if not visit.place.queue:
        turn = _turn(visit, about)
        assert isinstance(turn.then, JoinQueue)
        take_place(visit, turn.then, visit.tools.clock(), turn)
        visit.place = visit.place.but(node=PREDICTIVE)
    await visit.mark(Stage.WAITING, visit.place, C156_PROTOCOL=visit.place.protocol)
    visit.tools.book.know(visit.call, visit.data)
    waiter = _join(visit)
    try:
        if await _found(visit, waiter):
            return await put_through(visit, waiter, until=_drops_at(visit))
    finally:
        visit.tools.keeper.leave(waiter)
    visit.place = visit.place.but(outcome=str(CallOutcome.INTERRUPTED))
    await visit.mark(Stage.WAITING, visit.place)
    await say(visit, (Say((dropped_text(about.campaign.body),)),))
    return Stage.ENDED


def _drops_at(visit: Visit) -> Instant:
    """Until when a citizen who has answered waits for an agent's voice."""
    return visit.arrived + DROP_AFTER


def _join(visit: Visit) -> Waiter:
    place, dialler = visit.place, visit.tools.dialler
    assert dialler is not None
    where = (place.queue, place.priority, place.joined, visit.line)
    agent = dialler.agent_for(visit.attempt)
    return visit.tools.keeper.join(visit.call, *where, agent, called=True)


async def _found(visit: Visit, waiter: Waiter) -> bool:
    """Whether an agent was found in time. StepOver when the citizen has hung up."""
    assert visit.tools.dialler is not None
    dropped = asyncio.ensure_future(visit.tools.dialler.dropped(visit.attempt).wait())
    over = asyncio.ensure_future(visit.session.wait_over())
    left = max(0.0, _drops_at(visit) - visit.tools.clock())
    either: set[asyncio.Future[Any]] = {waiter.offer, dropped, over}
    try:
        await asyncio.wait(either, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if over.done() and not waiter.offer.done():
            raise StepOver
        return waiter.offer.done()
    finally:
        dropped.cancel()
        over.cancel()


TELLERS: Final[Mapping[Stage, Callable[[Visit], Awaitable[Stage | Do]]]] = {
    Stage.MENU: notice,
    Stage.WAITING: predictive,
}
"""What is told here, where `speaks` says so."""
