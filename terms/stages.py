"""Where a call stands, as a table with each stage's successors.

The stage is written on the call's own channel before the act it announces, so that any process
can take the call over from any point. `offered` carries the offer and the agent:
`offered:<offer>:<agent>`.
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """A call's stage; the text is what stands on the channel (before the first colon)."""

    ARRIVED = "arrived"
    MENU = "menu"
    WAITING = "waiting"
    OFFERED = "offered"
    HELD = "held"
    CONFERENCE = "conference"
    OUTSIDE = "outside"
    AFTER = "after"
    STATIC = "static"
    ENDED = "ended"


# `offered` covers the ringing and the talk: the dial command holds the channel through both, and
# the next step tells them apart by what the dial left behind.
# `held` and `conference` carry the offer and the agent, too: on hold, and talking in the call's own
# room (with one agent or more). `outside` carries its name: with somebody on the city's list.
SUCCESSORS: dict[Stage, frozenset[Stage]] = {
    Stage.ARRIVED: frozenset({Stage.MENU, Stage.WAITING, Stage.STATIC, Stage.ENDED}),
    Stage.MENU: frozenset({Stage.MENU, Stage.WAITING, Stage.OUTSIDE, Stage.STATIC, Stage.ENDED}),
    Stage.WAITING: frozenset({Stage.MENU, Stage.WAITING, Stage.OFFERED, Stage.STATIC, Stage.ENDED}),
    Stage.OFFERED: frozenset(
        {Stage.WAITING, Stage.HELD, Stage.AFTER, Stage.MENU, Stage.OUTSIDE}
        | {Stage.STATIC, Stage.ENDED}
    ),
    Stage.HELD: frozenset(
        {Stage.CONFERENCE, Stage.OUTSIDE, Stage.WAITING, Stage.AFTER, Stage.MENU, Stage.ENDED}
    ),
    Stage.CONFERENCE: frozenset(
        {Stage.HELD, Stage.CONFERENCE, Stage.WAITING, Stage.AFTER, Stage.MENU, Stage.OUTSIDE}
        | {Stage.STATIC, Stage.ENDED}
    ),
    Stage.OUTSIDE: frozenset(
        {Stage.MENU, Stage.WAITING, Stage.AFTER, Stage.OUTSIDE, Stage.STATIC, Stage.ENDED}
    ),
    Stage.AFTER: frozenset({Stage.AFTER, Stage.WAITING, Stage.OUTSIDE, Stage.STATIC, Stage.ENDED}),
    Stage.STATIC: frozenset({Stage.ENDED}),
    Stage.ENDED: frozenset(),
}


def may_follow(now: Stage, then: Stage) -> bool:
    """Whether `then` is a successor of `now` in the table."""
    return then in SUCCESSORS[now]
