"""The matching that follows every event: each offer that can be made is made, agents in training
are called back and lesser offers taken back for an emergency that nobody is free for, and who has
waited too long, or finds too many waiting, is sent where the queue says.

Nothing can be matched before an event, so only what it touched can be matched after: rows whose
head is new or may go further than before, and rows whose head fits a profile of whom somebody has
become idle. That is all that is looked at; tests/acd/test_routing_reference.py holds it against a
look at everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from acd import history
from acd.agents import State, Status
from acd.effects import SendAway
from acd.moves import Moves
from acd.offers import Offer
from acd.people import recall
from acd.queues import Caller, Exit, QueueRule, Where
from acd.reserve import kept_back, to_call_back, told_recall
from acd.router import Choice, House, choose, offer_to_withdraw
from acd.rows import QueueLine, Row
from terms.limits import PHONE_SETTLES
from terms.names import Instant
from terms.signals import Phone


def settle(floor: Moves, now: Instant) -> None:
    """Make every offer that can be made, then take back lesser ones for emergencies."""
    floor.deadlines.run(now)
    house, touched = house_of(floor, now), floor.standing.touched
    _touch_who_is_spare(floor, house)
    _match(floor, house)
    if floor.emergencies:
        _call_back(floor, house)
        _make_room(floor, now)
    for line in floor.lines.values():
        if line.newcomers:  # also when nobody of them had to wait: then no row is touched
            _turn_away(floor, line, now)
    for row in list(touched):
        _send_away(floor, row, now)
    while touched:
        row, _ = touched.popitem()
        _look_again(floor, row, now)
    floor.idle.touched.clear()
    floor.spare = floor.idle.emergency_idle - house.kept


def house_of(floor: Moves, now: Instant) -> House:
    """What choices are made in at this moment."""
    queues = floor.queues
    kept = kept_back(queues.reserve, len(floor.emergencies))
    return House(floor.standing, floor.lines, floor.idle, queues.rule, kept, now, floor.demand)


def what_fits(floor: Moves, now: Instant) -> Choice | None:
    """The next offer that a look at everything finds; None after `settle`."""
    return choose(_looked_at(floor.standing.rows, now), house_of(floor, now))


# --- what is looked at ---
def _touch_who_is_spare(floor: Moves, house: House) -> None:
    """Idle agents who are no longer kept back for emergencies."""
    spare = floor.idle.emergency_idle - house.kept
    if spare > 0 >= floor.spare:
        for profile in floor.idle.idle_profiles():
            if profile.emergency:
                floor.idle.touched[profile] = None


def _match(floor: Moves, house: House) -> None:
    while (choice := choose(_rows_in_question(floor, house), house)) is not None:
        floor.make_offer(choice, house.now)


def _rows_in_question(floor: Moves, house: House) -> Iterable[Row]:
    """What is touched; and rows that are not, whose heads ask for the same as at the last look."""
    idle, standing = floor.idle, floor.standing
    if not len(idle):
        return ()
    rows = dict(standing.touched)
    for row in rows:
        row.look(house.now)
    for profile in idle.touched:
        if idle.pool(profile):
            rows.update(dict.fromkeys(standing.fitting(profile)))
    return rows


def _looked_at(rows: Iterable[Row], now: Instant) -> Iterator[Row]:
    for row in rows:
        row.look(now)
        yield row


def _look_again(floor: Moves, row: Row, now: Instant) -> None:
    """What the head asks for, and the row's next deadline, if it is another one than before."""
    row.look(now)
    before, row.due = row.due, row.next_due(now)
    if row.due is not None and row.due != before:
        floor.deadlines.add(
            row.due,
            lambda at: row.due == at and row in floor.standing.rows,
            lambda now: floor.standing.touch(row),
        )


# --- for emergencies that nobody is free for ---
def _call_back(floor: Moves, house: House) -> None:
    """Whoever is in training is called back, one for each emergency that has waited too long."""
    now = house.now
    for row in _emergencies(floor) if floor.idle.recallable else ():
        while row.callers and row.rule.may_recall(waited := now - row.head.joined):
            row.look(now)
            name = to_call_back(floor.idle, row.asks)
            if name is None:
                break
            recall(floor, floor.agents[name], told_recall(row.rule, waited), now)
            _match(floor, house)


def _emergencies(floor: Moves) -> list[Row]:
    """The rows of the emergency lines, the most urgent head first."""
    rows = [row for row in floor.standing.rows if row.rule.emergency]
    return sorted(rows, key=lambda row: row.head.rank)


def _make_room(floor: Moves, now: Instant) -> None:
    for row in _emergencies(floor) if floor.lesser else ():
        _make_room_in(floor, row.rule, row, now)


def _make_room_in(floor: Moves, rule: QueueRule, row: Row, now: Instant) -> None:
    for caller in row.callers:
        if _is_made_room_for(floor, caller, now):
            continue
        offer = offer_to_withdraw(row.ask(caller, now), _least_loss_first(floor), floor.idle)
        if offer is None:
            return
        floor.claims[caller.call] = offer
        floor.withdraw(offer, f"emergência na fila {rule.name}")


def _least_loss_first(floor: Moves) -> list[Offer]:
    """What an emergency may take: the dialler's calls, since nobody waits for them; then the
    youngest."""
    return sorted(reversed(floor.lesser.values()), key=lambda offer: not offer.dialled)


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
def _send_away(floor: Moves, row: Row, now: Instant) -> None:
    if row.rule.longest is not None and not row.rule.emergency:
        _too_long(floor, row.rule.longest, row, now)


def _turn_away(floor: Moves, line: QueueLine, now: Instant) -> None:
    """Newcomers who found too many waiting; whoever has been let in once stays."""
    newcomers, line.newcomers = line.newcomers, []
    largest, queue = line.rule.largest, line.rule.name
    for caller in reversed(newcomers):
        fresh = caller.where is Where.WAITING and queue not in caller.admitted
        fresh = fresh and caller.rule.name == queue and not caller.absent
        caller.admitted |= {queue}
        if fresh and largest is not None and not line.rule.emergency and len(line) > largest.limit:
            _send(floor, caller, largest, f"já esperam {largest.limit:.0f} na fila {queue}", now)


def _too_long(floor: Moves, longest: Exit, row: Row, now: Instant) -> None:
    """Those at the head whose wait is too long, each once: who comes back waits on."""
    too_long = takewhile(lambda one: now - one.joined >= longest.limit, row.may_leave())
    for caller in list(too_long):
        because = f"espera há {longest.limit:.0f} s na fila {row.rule.name}"
        _send(floor, caller, longest, because, now)


def _send(floor: Moves, caller: Caller, way: Exit, because: str, now: Instant) -> None:
    caller.sent_from |= {caller.rule.name}
    floor.step_aside(caller)
    order = SendAway(caller.call, way.step, because)
    floor.out += (history.sent_away(order, caller.rule.name, now), order)
