"""Where a call in course stands now, and what those do who could take it: the last lines of
`central156 why`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from acd.floor import Floor
from acd.queues import Where
from terms.names import CallId, Instant


def standing(floor: Floor, call: CallId, now: Instant) -> dict[str, Any] | None:
    """None when the call is in no queue and in no talk. No agent is named but the one who talks."""
    caller = floor.callers.get(call)
    if caller is None:
        return None
    waited, rule = max(0.0, now - caller.joined), caller.rule
    offer = floor.offers.get(caller.offer) if caller.offer else None
    expected = floor.expected(call, now) if caller.where is not Where.TALKING else None
    could = (
        agent
        for agent in floor.agents.values()
        if rule.fits(agent.skills, waited, caller.needs, agent.reserve)
    )
    doing = Counter((str(one.status), str(one.state), one.reason) for one in could)
    return {
        "where": str(caller.where),
        "queue": rule.name,
        "priority": caller.priority,
        "waited": round(waited, 1),
        "position": _position(floor, call, now),
        "agent": offer.agent if offer is not None and caller.where is Where.TALKING else None,
        "expected": expected and {"low": expected.low, "high": expected.high},
        "agents": [
            {"agents": count, "status": status, "state": state, "reason": reason}
            for (status, state, reason), count in sorted(doing.items())
            if status != "logged_out"
        ],
    }


def _position(floor: Floor, call: CallId, now: Instant) -> int:
    """Which of its queue's waiting callers it is; 0 when it cannot be offered just now."""
    callers = floor.view(now).callers
    queue = next((one.queue for one in callers if one.call == call), None)
    waiting = [one.call for one in callers if one.queue == queue and one.where == Where.WAITING]
    return waiting.index(call) + 1 if call in waiting else 0
