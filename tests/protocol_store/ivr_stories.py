"""A day at the IVR, written by hand and stored through the real store: what every report must tell
of it is worked out in test_reports_ivr.py, call by call. The clock is São Paulo's, 22/09/2026.

call  came      line  what happened                                                 IVR seconds
a     10:00:10  156   three menus, key 1, key 2; ended there after 40 s                      40
b     10:01:00  156   same caller; key 9, ana answers, hands over to bia; survey             10
c     10:02:30  156   silence at the menu, hangs up after 20 s                               20
d     10:59:50  156   hangs up in the greeting after 8 s; number hidden                       8
e     11:00:30  156   key 7 (wrong), silence; queue, given up                                16
f     11:10:00  199   rui answers, sends into the tree, a look-up fails; ana answers          2
g     11:15:00  156   a test call: counted nowhere                                            -
h     12:00:00  156   cut before any node                                                     5
i     12:30:00  156   two look-ups, ended there                                              50
j     12:40:00  156   still at the menu                                                       -
k     12:50:00  156   served by the switch alone                                              -
l     12:55:00  156   left a message                                                         30
m     12:56:00  156   we called: no call to the IVR                                           -
n     12:57:00  156   a number outside does not answer; hangs up after 15 s                  15
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
SOMEBODY, MINEIRO, TWICE = "11987654321", "31912345678", "11900000001"


def at(hour: int, minute: int = 0, second: int = 0, day: int = 22) -> float:
    """An instant of that day on the city's clock."""
    return datetime(2026, 9, day, hour, minute, second, tzinfo=SAO_PAULO).timestamp()


NOON = at(12, 10)


class Story:
    """One call: facts by their seconds after it arrived."""

    def __init__(self, store: Store, call: str, arrived: float) -> None:
        self.store, self.call, self.arrived = store, CallId(call), arrived

    def tell(self, after: float, kind: Kind, agent: str = "", **details: Any) -> None:
        """One fact more."""
        who = AgentName(agent) if agent else None
        self.store.append(Fact(self.arrived + after, kind, self.call, who, details=details))

    def walk(self, *steps: tuple[float, str]) -> None:
        """Nodes entered, and `=` keys pressed in them (`=` alone: silence; `!`: a wrong one)."""
        here = ""
        for after, step in steps:
            if step.startswith("="):
                key = step[1:].removesuffix("!")
                valid = bool(key) and not step.endswith("!")
                self.tell(after, Kind.KEY_PRESSED, node=here, key=key, valid=valid)
            else:
                here = step
                self.tell(after, Kind.NODE_ENTERED, node=step)

    def served(self, queued: float, answered: float, over: float, agent: str, queue: str) -> None:
        """Queued, rung, answered, talked."""
        offer = f"{self.call}-{agent}"
        about: dict[str, Any] = {
            "offer": offer,
            "queue": queue,
            "because": "x",
            "ring_seconds": 15.0,
        }
        self.tell(queued, Kind.QUEUED, queue=queue, priority=40, note="")
        self.tell(answered - 2, Kind.OFFER_MADE, agent, **about)
        ended = {"offer": offer, "outcome": "answered", "blame": "nobody"}
        self.tell(answered, Kind.OFFER_ENDED, agent, **ended)
        self.tell(answered, Kind.ANSWERED, agent, offer=offer, waited=answered - queued)
        self.tell(over, Kind.TALK_ENDED, agent, offer=offer, talk_seconds=over - answered)

    def marked(self, after: float, **marks: str) -> None:
        """The survey, question by question; '' is no answer."""
        for question, mark in marks.items():
            said = {"node": "pesquisa", "question": question, "mark": mark}
            self.tell(after, Kind.SURVEY_ANSWERED, **said)

    def end(self, after: float, outcome: str, where: str = "ended", blame: str = "nobody") -> None:
        """The call is over."""
        said: dict[str, Any] = {"outcome": outcome, "blame": blame, "where": where}
        said["seconds"] = after
        self.tell(after, Kind.CALL_ENDED, **said)


async def arrive(
    store: Store,
    call: str,
    arrived: float,
    line: str = "156",
    caller: str = SOMEBODY,
    test: bool = False,
    entry: str = "",
) -> Story:
    """A call comes in."""
    await store.open_call(CallId(call), line, entry or line, caller, arrived, test)
    return Story(store, call, arrived)


async def the_day(store: Store) -> None:
    """All that stands in the table at the top."""
    await _morning(store)
    await _eleven(store)
    await _noon(store)


async def _morning(store: Store) -> None:
    a = await arrive(store, "a", at(10, 0, 10), caller=TWICE)
    a.walk((1, "abertura"), (5, "principal"), (14, "=1"), (15, "cidade"), (24, "=2"), (25, "info"))
    a.end(40, "ended_in_menu")
    b = await arrive(store, "b", at(10, 1), caller=TWICE)
    b.walk((1, "abertura"), (5, "principal"), (9, "=9"), (10, "atendente"))
    b.served(10, 30, 90, "ana", "p156_geral")
    moved = {"offer": "b-ana", "consult": "b-1", "to": "bia"}
    b.tell(60, Kind.TALK_MOVED, "ana", **moved)
    b.walk((91, "pesquisa"))
    b.marked(100, clareza="5", cortesia="4", rapidez="")
    b.end(120, "served")
    c = await arrive(store, "c", at(10, 2, 30), caller=MINEIRO)
    c.walk((1, "abertura"), (5, "principal"), (15, "="))
    c.end(20, "left_in_menu", "menu:principal", "citizen")
    d = await arrive(store, "d", at(10, 59, 50), caller="anonymous")
    d.walk((1, "abertura"))
    d.end(8, "left_in_menu", "menu:abertura", "citizen")


async def _eleven(store: Store) -> None:
    e = await arrive(store, "e", at(11, 0, 30))
    e.walk((1, "abertura"), (5, "principal"), (8, "=7!"), (16, "="))
    e.tell(16, Kind.QUEUED, queue="p156_geral", priority=40, note="")
    e.end(40, "abandoned", "waiting", "citizen")
    f = await arrive(store, "f", at(11, 10), line="199")
    f.walk((1, "s199"))
    f.served(2, 12, 60, "rui", "e199_risco")
    sent: dict[str, Any] = {"goal": "etapa", "to": "protocolo", "returns": True, "by": "rui"}
    f.tell(60, Kind.TRANSFERRED, **sent)
    f.walk((61, "protocolo"))
    f.tell(65, Kind.LOOKED_UP, node="protocolo", where="sigrc", how="falhou")
    f.served(70, 80, 100, "ana", "e199_risco")
    f.end(101, "served", "after")
    g = await arrive(store, "g", at(11, 15), test=True)
    g.walk((1, "abertura"), (5, "principal"))
    g.end(9, "ended_in_menu")
    store.append(
        Fact(at(11, 20), Kind.SWITCH_LOST, details={"why": "fechou"}),
        Fact(at(11, 20, 30), Kind.SWITCH_SEEN, details={"boot": "x", "calls": 0}),
        Fact(at(11, 30), Kind.CALL_REFUSED, details={"line": "156", "because": "cap"}),
        Fact(at(11, 30, 5), Kind.CALL_REFUSED, details={"line": "156", "because": "cap"}),
    )


async def _noon(store: Store) -> None:
    h = await arrive(store, "h", at(12))
    h.end(5, "interrupted", "arrived", "us")
    await store.take_epoch()
    i = await arrive(store, "i", at(12, 30))
    i.walk((1, "abertura"), (5, "consulta"))
    i.tell(10, Kind.LOOKED_UP, node="consulta", where="sigrc", how="achou")
    i.walk((11, "outra"))
    i.tell(20, Kind.LOOKED_UP, node="outra", where="sigrc", how="nao_achou")
    i.end(50, "ended_in_menu")
    j = await arrive(store, "j", at(12, 40))
    j.walk((1, "abertura"), (5, "principal"))
    k = await arrive(store, "k", at(12, 50))
    k.tell(0, Kind.STATIC_TAKEN_IN, protocol="x")
    k.tell(20, Kind.ANSWERED, "bia", offer="", waited=20.0)
    k.tell(60, Kind.TALK_ENDED, "bia", offer="", talk_seconds=40.0)
    k.end(60, "served", "static")
    left = await arrive(store, "l", at(12, 55))
    left.walk((1, "abertura"), (5, "recado"))
    left.tell(28, Kind.MESSAGE_LEFT, file="l.wav")
    left.end(30, "message_left")
    m = await arrive(store, "m", at(12, 56), entry="retorno")
    m.end(20, "served", "after")
    n = await arrive(store, "n", at(12, 57))
    n.walk((1, "abertura"), (5, "externo"))
    tried: dict[str, Any] = {
        "node": "externo",
        "destination": "samu",
        "reached": False,
        "because": "busy",
    }
    n.tell(10, Kind.TRANSFER_TRIED, **tried)
    n.end(15, "left_in_menu", "menu:externo", "citizen")


async def the_day_after(store: Store) -> None:
    """A long way through the tree, two surveys, two chats, a call that is handed over at 15:00."""
    p = await arrive(store, "p", at(9, day=23))
    p.walk(*((number, f"n{number}") for number in range(1, 15)))
    p.end(60, "ended_in_menu")
    q = await arrive(store, "q", at(10, day=23))
    q.served(5, 10, 100, "ana", "p156_social")
    q.marked(110, clareza="5", cortesia="2", rapidez="3")
    q.end(120, "served", "after")
    r = await arrive(store, "r", at(11, day=23))
    r.served(5, 10, 100, "bia", "p156_geral")
    r.marked(110, clareza="", cortesia="", rapidez="")
    r.end(120, "served", "after")
    s = await arrive(store, "s", at(14, day=23), line="chat")
    s.served(0, 30, 330, "ana", "chat_geral")
    s.end(331, "served", "after")
    t = await arrive(store, "t", at(14, 30, day=23), line="chat")
    t.tell(0, Kind.QUEUED, queue="chat_geral", priority=40, note="")
    t.end(80, "abandoned", "waiting", "citizen")
    u = await arrive(store, "u", at(15, day=23))
    u.walk((1, "abertura"), (5, "urgente"), (19, "=2"), (20, "defesa_civil"))
    lines = {"from_line": "156", "to_line": "199"}
    u.tell(20, Kind.HANDED_OVER, **lines, queue="e199_risco", priority=100)
    u.tell(20, Kind.QUEUED, queue="e199_risco", priority=100, note="", joined=u.arrived)
    u.end(50, "abandoned", "waiting", "citizen")
