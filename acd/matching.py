"""The matching that follows every event: each offer that can be made is made, agents in training
are called back and lesser offers taken back for an emergency that nobody is free for, and who has
waited too long, or finds too many waiting, is sent where the queue says.

Nothing can be matched before an event, so only what it touched can be matched after: rows whose
head is new or may go further than before, and rows whose head fits a profile of whom somebody has
become idle. That is all that is looked at; tests/acd/test_routing_reference.py holds it against a
look at everything.
"""

from __future__ import annotations

from collections.abc import Iterator

from acd import history
from acd.agents import State, Status
from acd.effects import SendAway
from acd.moves import Moves
from acd.offers import Offer
from acd.queues import Caller, Exit, QueueRule, Where
from acd.reserve import kept_back, to_call_back, told_recall
from acd.router import Choice, House, choose, offer_to_withdraw, rows_of
from acd.rows import QueueLine, Row
from terms.limits import PHONE_SETTLES
from terms.names import Instant
from terms.signals import Phone


def settle(floor: Moves, now: Instant) -> None:
    """Make every offer that can be made, then take back lesser ones for emergencies."""
    house = house_of(floor, now)
    _touch_what_is_due(floor, house)
    _match(floor, house)
    if floor.idle.recallable:
        _call_back(floor, house)
    _send_away(floor, now)
    if floor.lesser:
        _make_room(floor, now)
    for _, row in rows_of(floor.lines.values()):
        if row.touched:
            row.touched = False
            _look_again(floor, row, now)
    floor.idle.touched.clear()


def house_of(floor: Moves, now: Instant) -> House:
    """What choices are made in at this moment."""
    queues = floor.queues
    kept = kept_back(queues.reserve, len(floor.emergencies))
    return House(floor.lines, floor.idle, queues.rule, kept, now)


def what_fits(floor: Moves, now: Instant) -> Choice | None:
    """The next offer that a look at everything finds; None after `settle`."""
    return choose(rows_of(floor.lines.values()), house_of(floor, now))


# --- what is looked at ---
def _touch_what_is_due(floor: Moves, house: House) -> None:
    """Rows whose time has come; and who is no longer kept back for emergencies."""
    now = house.now
    for _, row in rows_of(floor.lines.values()):
        if row.due is not None and row.due <= now:
            row.touched = True
    spare = floor.idle.emergency_idle - house.kept
    if spare > 0 >= floor.spare:
        for profile in floor.idle.idle_profiles():
            if profile.emergency:
                floor.idle.touched[profile] = None


def _match(floor: Moves, house: House) -> None:
    while (choice := choose(_rows_in_question(floor, house), house)) is not None:
        floor.make_offer(choice, house.now)
        house = house_of(floor, house.now)
    floor.spare = floor.idle.emergency_idle - house.kept


def _rows_in_question(floor: Moves, house: House) -> Iterator[tuple[QueueLine, Row]]:
    idle = floor.idle
    fresh = [profile for profile in idle.touched if idle.pool(profile)]
    for line, row in rows_of(floor.lines.values()):
        if row.touched:
            yield line, row
        elif fresh:
            fit = row.ask(row.head, house.now).fit
            if any(fit(profile) is not None for profile in fresh):
                yield line, row


def _look_again(floor: Moves, row: Row, now: Instant) -> None:
    """The row's next deadline, if it is another one than before."""
    due = row.next_due(now)
    if due is None or due == row.due:
        row.due = due
        return
    row.due = due
    floor.deadlines.add(due, lambda at: row.due == at, lambda now: None)  # to look again is all


# --- for emergencies that nobody is free for ---
def _call_back(floor: Moves, house: House) -> None:
    """Whoever is in training is called back, one for each emergency that has waited too long."""
    now = house.now
    for line, row in list(rows_of(floor.lines.values())):
        while row.callers and line.rule.may_recall(now - row.head.joined):
            waited = now - row.head.joined
            name = to_call_back(floor.idle, row.ask(row.head, now))
            if name is None:
                break
            agent = floor.agents[name]
            floor.set_status(agent, Status.AVAILABLE, told_recall(line.rule, waited), now)
            _match(floor, house_of(floor, now))
            if agent.state is State.IDLE:
                break  # resting, or taken by nobody: the next look is for the next event


def _make_room(floor: Moves, now: Instant) -> None:
    for line, row in rows_of(floor.lines.values()):
        if line.rule.emergency:
            _make_room_in(floor, line.rule, row, now)


def _make_room_in(floor: Moves, rule: QueueRule, row: Row, now: Instant) -> None:
    for caller in row.callers:
        if _is_made_room_for(floor, caller, now):
            continue
        offer = offer_to_withdraw(row.ask(caller, now), reversed(floor.lesser.values()), floor.idle)
        if offer is None:
            return
        floor.claims[caller.call] = offer
        floor.withdraw(offer, f"emergência na fila {rule.name}")


def _is_made_room_for(floor: Moves, caller: Caller, now: Instant) -> bool:
    """An offer is being taken back for this caller, or was and its phone still rings."""
    claim = floor.claims.get(caller.call)
    if claim is None or claim.offer in floor.offers:
        return claim is not None
    settles = _settles(floor, claim) and now < claim.over + PHONE_SETTLES
    if settles:
        floor.deadlines.add(
            claim.over + PHONE_SETTLES,
            lambda at: floor.claims.get(caller.call) is claim,
            lambda now: None,  # to look again is all
        )
    return settles


def _settles(floor: Moves, claim: Offer) -> bool:
    agent = floor.agents[claim.agent]
    settles = agent.status is Status.AVAILABLE and agent.state is State.IDLE
    return settles and agent.phone in (Phone.RINGING, Phone.BUSY)


# --- whoever leaves by themselves ---
def _send_away(floor: Moves, now: Instant) -> None:
    for line in floor.lines.values():
        if line.rule.emergency:
            continue
        if line.newcomers:
            _turn_away(floor, line, now)
        if line.rule.longest is not None:
            for row in list(line.rows()):
                if row.touched:
                    _too_long(floor, line.rule.longest, row, now)


def _turn_away(floor: Moves, line: QueueLine, now: Instant) -> None:
    """Newcomers who found too many waiting; whoever has been let in once stays."""
    newcomers, line.newcomers = line.newcomers, []
    largest = line.rule.largest
    for caller in reversed(newcomers):
        fresh = (
            caller.where is Where.WAITING
            and caller.admitted != line.rule.name
            and not caller.absent
        )
        caller.admitted = line.rule.name
        if fresh and largest is not None and len(line) > largest.limit:
            because = f"já esperam {largest.limit:.0f} na fila {line.rule.name}"
            _send(floor, caller, largest, because, now)


def _too_long(floor: Moves, longest: Exit, row: Row, now: Instant) -> None:
    """Those at the head whose wait is too long, each once: who comes back waits on."""
    sent = []
    for caller in row.may_leave():
        if now - caller.joined < longest.limit:
            break
        sent.append(caller)
    for caller in sent:
        because = f"espera há {longest.limit:.0f} s na fila {row.rule.name}"
        _send(floor, caller, longest, because, now)


def _send(floor: Moves, caller: Caller, way: Exit, because: str, now: Instant) -> None:
    caller.sent_from = caller.rule.name
    floor.step_aside(caller)
    order = SendAway(caller.call, way.step, because)
    floor.out += (history.sent_away(order, caller.rule.name, now), order)
