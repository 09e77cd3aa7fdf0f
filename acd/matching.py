"""The matching that follows every event: each offer that can be made is made, and lesser ones are
taken back for an emergency that nobody is free for.
"""

from __future__ import annotations

from acd.agents import State, Status
from acd.moves import Moves
from acd.queues import Caller, QueueLine
from acd.router import choose, offer_to_withdraw
from terms.limits import PHONE_SETTLES
from terms.names import Instant
from terms.signals import Phone


def settle(floor: Moves, now: Instant) -> None:
    """Make every offer that can be made, then take back lesser ones for emergencies."""
    while (choice := choose(floor.lines.values(), floor.idle, now)) is not None:
        floor.make_offer(choice, now)
    for line in floor.lines.values():
        if line.rule.emergency and len(line):
            _make_room_for(floor, line, now)


def _make_room_for(floor: Moves, line: QueueLine, now: Instant) -> None:
    for caller in line.callers():
        if _is_made_room_for(floor, caller, now):
            continue
        offer = offer_to_withdraw(caller, floor.offers.values(), floor.agents, now)
        if offer is None:
            return
        floor.claims[caller.call] = offer
        floor.withdraw(offer, f"emergência na fila {line.rule.name}")


def _is_made_room_for(floor: Moves, caller: Caller, now: Instant) -> bool:
    """An offer is being taken back for this caller, or was and its phone still rings."""
    claim = floor.claims.get(caller.call)
    if claim is None or claim.offer in floor.offers:
        return claim is not None
    agent = floor.agents[claim.agent]
    settles = agent.status is Status.AVAILABLE and agent.state is State.IDLE
    settles = settles and agent.phone in (Phone.RINGING, Phone.BUSY)
    settles = settles and now < claim.over + PHONE_SETTLES
    if settles:
        floor.deadlines.add(
            claim.over + PHONE_SETTLES,
            lambda at: floor.claims.get(caller.call) is claim,
            lambda now: None,  # to look again is all
        )
    return settles
