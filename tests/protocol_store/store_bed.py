"""What the store's tests share: calls and facts to store, and a look past the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from seeded import CALLER as CALLER
from sqlalchemy import text

from protocol_store import Store
from protocol_store.engines import make_engine
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Protocol

NewStore = Callable[..., Awaitable[Store]]
"""Starts a store; see conftest.py."""

AT = 1_790_000_000.25
"""An instant that both databases give back exactly."""


async def open_call(
    store: Store, call: str, line: str = "156", caller: str = CALLER, test: bool = False
) -> Protocol:
    """A call that has just come in."""
    return await store.open_call(CallId(call), line, line, caller, AT, test)


def node(call: str, number: int) -> Fact:
    """A fact that can be told from all others of its call."""
    return about(Kind.NODE_ENTERED, call, number, node=str(number))


def about(kind: Kind, call: str, after: float = 0.0, agent: str = "", **details: Any) -> Fact:
    """A fact of a call, some seconds after it arrived."""
    who = AgentName(agent) if agent else None
    return Fact(AT + after, kind, CallId(call), who, details=details)


def offered(call: str, offer: str, agent: str, after: float = 0.0) -> Fact:
    """An agent's phone rings."""
    details = {"offer": offer, "queue": "q", "because": "longest idle", "ring_seconds": 15.0}
    return about(Kind.OFFER_MADE, call, after, agent, **details)


def offer_ended(call: str, offer: str, agent: str, outcome: str, after: float = 0.0) -> Fact:
    """And rings no more."""
    return about(Kind.OFFER_ENDED, call, after, agent, offer=offer, outcome=outcome, blame="us")


def rows(url: str, question: str) -> list[tuple[Any, ...]]:
    """What the database says to somebody who is not the store."""
    engine = make_engine(url, reading=True)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question))]
    finally:
        engine.dispose()


def execute(url: str, statement: str) -> None:
    """What somebody else does to the database."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
