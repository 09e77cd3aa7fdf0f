"""Calls' stories as facts, such as the centre records them, for the tests of what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

START = 1_790_000_000.25
QUEUES = {"156": ("p156_geral", "p156_social"), "199": ("e199_risco",), "153": ("e153_apoio",)}
AGENTS = ("ana", "bia", "caio")


@dataclass
class Story:
    """Facts of one call, one after another."""

    call: str
    at: float = START
    facts: list[Fact] = field(default_factory=list)
    talking: float = 0.0  # since when

    def then(self, kind: Kind, agent: str = "", *, after: float = 0.0, **details: Any) -> Story:
        """One fact more, so many seconds after the last one."""
        self.at = round(self.at + after, 6)
        whom = AgentName(agent) if agent else None
        if kind in (Kind.ANSWERED, Kind.TALK_MOVED):
            self.talking = self.at
        self.facts.append(Fact(self.at, kind, CallId(self.call), whom, details=details))
        return self

    def arrives(
        self, line: str = "156", test: bool = False, entry: str = "", caller: str = "11987654321"
    ) -> Story:
        """It comes in, and gets its number."""
        self.then(Kind.CALL_ARRIVED, line=line, entry=entry or line, caller=caller,
                  test=test, version="v1", relay=False)  # fmt: skip
        return self.then(Kind.PROTOCOL_GIVEN, protocol="000000019", issuer="block")

    def presses(self, node: str, key: str, valid: bool = True, after: float = 3.0) -> Story:
        """A key in a node that it is in; '' is silence."""
        return self.then(Kind.KEY_PRESSED, after=after, node=node, key=key, valid=valid)

    def enters(self, node: str, after: float = 0.0) -> Story:
        """The next node."""
        return self.then(Kind.NODE_ENTERED, after=after, node=node)

    def queues(self, queue: str, after: float = 0.0, joined: float | None = None) -> Story:
        """Into a queue."""
        since = round(self.at + after, 6) if joined is None else joined
        return self.then(
            Kind.QUEUED, after=after, queue=queue, priority=30, note="buraco", joined=since
        )

    def rings(self, agent: str, offer: str, after: float = 5.0) -> Story:
        """An agent is rung."""
        return self.then(Kind.OFFER_MADE, agent, after=after, offer=offer, queue="p156_geral",
                         because="livre há mais tempo", ring_seconds=15.0)  # fmt: skip

    def answers(self, agent: str, offer: str, waited: float, after: float = 2.0) -> Story:
        """The agent picks up."""
        self.then(Kind.ANSWERED, agent, after=after, offer=offer, waited=waited)
        return self.then(
            Kind.OFFER_ENDED, agent, offer=offer, outcome="answered", blame="nobody", because=""
        )

    def talks(self, agent: str, offer: str, seconds: float = 200.0) -> Story:
        """The talk ends, so much later."""
        talked = round(self.at + seconds - self.talking, 3)
        return self.then(Kind.TALK_ENDED, agent, after=seconds, offer=offer, talk_seconds=talked)

    def ends(self, outcome: str, where: str = "waiting", after: float = 1.0) -> Story:
        """The call ends."""
        began = self.facts[0].at
        seconds = round(self.at + after - began, 3)
        return self.then(Kind.CALL_ENDED, after=after, outcome=outcome, blame="nobody",
                         where=where, seconds=seconds)  # fmt: skip


def served(call: str, agent: str = "ana", offer: str = "", at: float = START) -> Story:
    """Menu, queue, an agent, the survey."""
    offer = offer or f"1-{call}"
    story = Story(call, at).arrives().enters("abertura").enters("principal", after=4.0)
    story.presses("principal", "1").enters("fila")
    story.queues("p156_geral").rings(agent, offer).answers(agent, offer, 7.0)
    story.talks(agent, offer).enters("pesquisa", after=1.0)
    story.then(Kind.SURVEY_ANSWERED, after=4.0, node="pesquisa", question="clareza", mark="5")
    story.then(Kind.SURVEY_ANSWERED, after=9.0, node="pesquisa", question="nota", mark="")
    return story.ends("served", "ended")


def at_random(rng: Random, calls: int) -> list[Fact]:
    """Many calls at once, their facts in the order of time; some still go on at the end."""
    facts = [fact for number in range(calls) for fact in _any(rng, f"c-{number}")]
    facts += _at_work(rng)
    facts.sort(key=lambda fact: fact.at)
    return facts[: len(facts) - rng.randrange(0, max(1, len(facts) // 10))]


def _any(rng: Random, call: str) -> Iterator[Fact]:
    line = rng.choice(("156", "156", "156", "199", "153"))
    story = Story(call, round(START + rng.uniform(0, 7_200), 6))
    entry = "retorno" if rng.random() < 0.05 else line
    story.arrives(line, test=rng.random() < 0.05, entry=entry)
    queue = rng.choice(QUEUES[line])
    story.enters("abertura").enters("principal", after=rng.uniform(0, 9))
    for _ in range(rng.randrange(3)):
        wrong = rng.choice(("", "7"))
        story.presses("principal", wrong, valid=False, after=rng.uniform(0, 9))
    if rng.random() < 0.1:
        story.then(Kind.LOOKED_UP, after=1.0, node="principal", where="protocolos",
                   how=rng.choice(("achou", "nao_achou", "falhou")))  # fmt: skip
    if rng.random() < 0.15:
        yield from story.ends(*rng.choice((("left_in_menu", "menu:principal"),
                                           ("ended_in_menu", "ended"),
                                           ("interrupted", "switch")))).facts  # fmt: skip
        return
    if rng.random() < 0.1:
        story.then(Kind.HANDED_OVER, from_line=line, to_line="199", queue="e199_risco", priority=9)
        queue = "e199_risco"
    story.queues(queue, after=rng.uniform(0, 3))
    joined = story.at
    while rng.random() < 0.3:
        story.queues(rng.choice(QUEUES["156"]), after=rng.uniform(1, 60), joined=joined)
    if rng.random() < 0.1:
        story.then(Kind.SENT_AWAY, after=30.0, queue=queue, exit="recado", because="limite")
    if rng.random() < 0.3:
        end = rng.choice(("abandoned", "promised", "message_left", "interrupted", "ended_in_menu"))
        yield from story.ends(end, after=rng.uniform(0, 90)).facts
        return
    agent = rng.choice(AGENTS) + call
    if rng.random() < 0.2:
        story.rings(agent, f"0-{call}").then(
            Kind.OFFER_ENDED, agent, after=15.0, offer=f"0-{call}", outcome="ring_no_answer"
        )
    offer = f"1-{call}"
    waited = round(story.at + 2.0 - joined, 3)
    story.rings(agent, offer, after=rng.uniform(0, 40)).answers(agent, offer, waited)
    if rng.random() < 0.3:
        asked = f"q-{call}"
        story.then(Kind.CONSULT_ASKED, f"duda{call}", after=9.0, consult=asked, offer=offer)
        story.then(Kind.CONSULT_ANSWERED, f"duda{call}", after=3.0, consult=asked)
        if rng.random() < 0.5:
            story.talks(agent, offer, 30.0)
            story.then(Kind.TALK_MOVED, agent, offer=offer, consult=asked, to=f"duda{call}")
            agent, offer = f"duda{call}", asked
        else:
            story.then(
                Kind.CONSULT_OVER, f"duda{call}", after=9.0, consult=asked, outcome="answered"
            )
    story.talks(agent, offer, rng.uniform(1, 300))
    if rng.random() < 0.5:
        story.enters("pesquisa")
        story.then(Kind.SURVEY_ANSWERED, after=3.0, node="pesquisa", question="clareza",
                   mark=rng.choice(("", "1", "5")))  # fmt: skip
    yield from story.ends("served", rng.choice(("ended", "after"))).facts


def _at_work(rng: Random) -> Iterator[Fact]:
    for agent in map(AgentName, AGENTS):
        at = START + rng.uniform(0, 60)
        yield Fact(at, Kind.AGENT_LOGIN, agent=agent, details={"seat": "p1"})
        for state in rng.choices(("idle", "offered", "talking", "wrap_up"), k=rng.randrange(40)):
            at = round(at + rng.choice((0.0, rng.uniform(0, 200))), 6)
            yield Fact(at, Kind.AGENT_STATE, agent=agent, details={"state": state})
        if rng.random() < 0.7:
            details = {"seat": "p1", "because": "", "since": START, "seconds": 1.0}
            yield Fact(at + 1.0, Kind.AGENT_LOGOUT, agent=agent, details=details)
    if rng.random() < 0.5:
        details = {"epoch": 2, "version": "v1"}
        yield Fact(START + rng.uniform(0, 7_200), Kind.CONTROL_STARTED, details=details)
