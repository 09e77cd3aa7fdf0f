"""What the API shows, as plain values made from the rooms' own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from acd.agents import Agent, State
from acd.view import FloorView, plain
from callflow.agent_desk import LOGGED_OUT
from callflow.book import Book, OpenCall
from ivr.known import LANGUAGE, language_of
from ivr.menu import LinePlan
from ivr.texts import Texts
from protocol_store import CallStory
from protocol_store.masking import masked_number
from terms.facts import Kind
from terms.names import AgentName
from terms.recording_name import name_of
from terms.sight import Reveal, sees
from terms.signals import Phone

TALKING = "talking"


def floor(view: FloorView, book: Book, agents: Iterable[AgentName], link: bool) -> dict[str, Any]:
    """Queues, callers, agents, and under `elsewhere` the calls that are in no queue."""
    picture = plain(view)
    for caller in picture["callers"]:
        entry = book.calls.get(caller["call"])
        caller["protocol"] = entry.protocol if entry else ""
        caller["note"] = entry.note if entry else ""
        caller["test"] = bool(entry and entry.test)
    there = {caller.call for caller in view.callers}
    picture["elsewhere"] = [
        _elsewhere(entry) for entry in book.calls.values() if entry.call not in there
    ]
    known = {agent.agent for agent in view.agents}
    picture["agents"] += [absent(name) for name in agents if name not in known]
    picture["link"] = link
    return picture


def screen(name: AgentName, agent: Agent | None, book: Book, reveal: Reveal) -> dict[str, Any]:
    """What an agent sees: their own status and state, and the call that concerns them. What the
    caller typed is whole only if `reveal`."""
    if agent is None:
        return {**absent(name), "wrap_up_until": None, "shown": None}
    pause, wraps_up = agent.pause, agent.state is State.WRAP_UP
    return {
        "agent": name,
        "status": str(agent.status),
        "reason": agent.reason,
        "state": str(agent.state),
        "since": agent.since,
        "phone": str(agent.phone),
        "call": agent.call,
        "offer": agent.offer,
        "pause_since": None if pause is None else pause.began or pause.asked,
        "pause_ends": None if pause is None else pause.ends,
        "subjects": agent.subjects,
        "reserve": agent.reserve,
        "seat": agent.seat,
        "wrap_up_until": agent.wrap_up_until if wraps_up else None,
        "shown": _to_agent(book.calls.get(agent.call), reveal) if agent.call else None,
    }


def story(
    found: CallStory,
    plan: LinePlan | None,
    url_of: Callable[[str | None], str | None] | None = None,
) -> dict[str, Any]:
    """All that is stored of a call. A node's fact also says what the node says, a recording where
    it is heard (`url_of` its name)."""
    told = asdict(found)
    for one in told["recordings"]:
        one["name"] = name_of(one["file"])
        one["url"] = url_of(one["name"]) if url_of else None
    for fact in told["facts"]:
        node = plan.nodes.get(fact["details"].get("node", "")) if plan else None
        texts: Texts = getattr(node, "text", ())
        if fact["kind"] == Kind.NODE_ENTERED and texts:
            said = " ".join(text.plain() for text in texts)
            fact["details"] = {**fact["details"], "text": said}
    return told


def absent(agent: AgentName) -> dict[str, Any]:
    """An agent whom the floor has not met since the start."""
    return {
        "agent": agent,
        "status": LOGGED_OUT,
        "reason": "",
        "state": "idle",
        "since": 0.0,
        "phone": str(Phone.GONE),
        "call": None,
        "offer": None,
        "pause_since": None,
        "pause_ends": None,
        "subjects": (),
        "reserve": False,
        "seat": "",
    }


def _elsewhere(entry: OpenCall) -> dict[str, Any]:
    return {
        "call": entry.call,
        "line": entry.line,
        "protocol": entry.protocol,
        "arrived": entry.arrived,
        "node": entry.node,
        "static": entry.static,
        "test": entry.test,
    }


def _to_agent(entry: OpenCall | None, reveal: Reveal) -> dict[str, Any] | None:
    """What of a call its agent sees. The number stands on the phone, not here."""
    if entry is None:
        return None
    whole = sees(reveal, [entry.line], [entry.queue])
    return {
        "line": entry.line,
        "subject": entry.note,
        "protocol": entry.protocol,
        "queue": entry.queue,
        "path": entry.path,
        "relay": entry.relay,
        "suspect": entry.suspect,
        "language": language_of(entry.data),
        "data": {
            name: value if whole else masked_number(value)
            for name, value in entry.data.items()
            if name != LANGUAGE
        },
        "waiting_since": entry.joined,
        "answered": entry.answered,
    }
