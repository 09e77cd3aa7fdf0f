"""A day whose figures are known: 14 calls, three agents, all that became of them, as facts.

call  line  arrived   queue, entered              ended
a1    156   10:00:00  geral  10:00:10             answered by ana after 10 s, 100 s of talk
a2    156   10:30:00  geral  10:30:10             answered by bia after 20 s, 200 s of talk
a3    156   10:58:50  geral  10:59:00             gave up after 90 s, at 11:00:30; task overdue
a4    156   11:10:00  geral  11:10:10             gave up after 10 s
a5    156   11:20:00  geral  11:20:10, social     answered by ana after 75 s, 50 s of talk
                             at 11:21:10
a6    156   11:40:00  -                           left in the menu
a7    156   11:50:00  -                           ended in the menu
a8    199   12:00:00  e199   12:00:05             answered by caio after 3 s, 60 s; sent outside
a9    156   12:05:00  geral  12:05:10             a test call: counted nowhere
a10   156   12:30:00  geral  12:30:10             promised a call-back after 120 s
a11   156   13:00:00  geral  13:00:00             the call-back: answered by bia, 30 s of talk
a12   156   11:24:00  -                           a4's number again, 14 min later: in the menu
a13   156   11:26:00  geral  11:26:10             a4's again, 16 min after a4: gave up after 31 s;
                                                  its task was closed at noon
a14   156   23:59:30  geral  23:59:40             still waits

ana   logged in 09:00–15:00 (planned 08:55), pauses 10:10–10:20 and, for the bathroom,
      12:00–12:05
bia   logged in from 10:00 on, in training 14:00–14:30
caio  logged in 11:30–12:30
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Skill

CITY = ZoneInfo("America/Sao_Paulo")
DAY = datetime(2026, 11, 23, tzinfo=CITY).timestamp()
HOUR = 3_600.0
GERAL, SOCIAL, RISCO = "p156_geral", "p156_social", "e199_risco"
AGAIN = "11955554444"
"""The number that calls three times."""


def at(clock: str) -> float:
    """An instant of the day, `10:00` or `10:00:20`."""
    hours, minutes, *seconds = map(int, clock.split(":"))
    return DAY + hours * HOUR + minutes * 60 + (seconds[0] if seconds else 0)


def fact(kind: Kind, clock: str, call: str = "", agent: str = "", **details: Any) -> Fact:
    """One fact."""
    by = str(details.pop("by_", ""))
    whose, whom = CallId(call) if call else None, AgentName(agent) if agent else None
    return Fact(at(clock), kind, whose, whom, by, details)


_numbers = count(1)


def arrives(
    call: str, clock: str, line: str = "156", caller: str = "", entry: str = "", test: bool = False
) -> Iterator[Fact]:
    number = caller or f"1198765{next(_numbers):04d}"
    yield fact(Kind.CALL_ARRIVED, clock, call, line=line, entry=entry or line, caller=number,
               test=test, version="v1", relay=False)  # fmt: skip
    yield fact(Kind.PROTOCOL_GIVEN, clock, call, protocol=f"P{call}", issuer="block")


def queues(
    call: str, clock: str, queue: str = GERAL, joined: str = "", note: str = "Buraco"
) -> Fact:
    since = at(joined or clock)
    return fact(Kind.QUEUED, clock, call, queue=queue, priority=30, note=note, joined=since)


def rings(
    call: str, agent: str, clock: str, until: str, outcome: str = "answered", queue: str = GERAL
) -> Iterator[Fact]:
    offer = f"1-{call}"
    yield fact(Kind.OFFER_MADE, clock, call, agent, offer=offer, queue=queue, because="livre",
               ring_seconds=15.0)  # fmt: skip
    yield fact(Kind.OFFER_ENDED, until, call, agent, offer=offer, outcome=outcome, blame="nobody",
               because="")  # fmt: skip


def talks(call: str, agent: str, clock: str, waited: float, until: str) -> Iterator[Fact]:
    seconds = at(until) - at(clock)
    yield fact(Kind.ANSWERED, clock, call, agent, offer=f"1-{call}", waited=waited)
    yield fact(Kind.TALK_ENDED, until, call, agent, offer=f"1-{call}", talk_seconds=seconds)
    yield ends(call, until, "served")


def ends(call: str, clock: str, outcome: str) -> Fact:
    return fact(Kind.CALL_ENDED, clock, call, outcome=outcome, blame="nobody", where="waiting",
                seconds=60.0)  # fmt: skip


def states(agent: str, *moves: tuple[str, str]) -> Iterator[Fact]:
    for clock, state in moves:
        yield fact(Kind.AGENT_STATE, clock, agent=agent, state=state)


def pause(agent: str, reason: str, began: str, ended: str) -> Iterator[Fact]:
    yield fact(Kind.PAUSE_BEGAN, began, agent=agent, reason=reason, planned=None, ends=None)
    yield fact(Kind.PAUSE_ENDED, ended, agent=agent, reason=reason, began=at(began), seconds=0,
               because="cumprida")  # fmt: skip


def _calls() -> Iterator[Fact]:
    yield from arrives("a1", "10:00", caller="11911112222")
    yield queues("a1", "10:00:10")
    yield from rings("a1", "ana", "10:00:12", "10:00:20")
    yield from talks("a1", "ana", "10:00:20", 10.0, "10:02")
    yield fact(Kind.DISPOSITION, "10:02:10", "a1", "ana", code="resolvido")
    yield fact(Kind.RECORDED, "10:02:05", "a1", file="a1.wav", seconds=0.0, talk_seconds=100.0,
               ok=False, problem="vazia")  # fmt: skip
    yield from arrives("a2", "10:30")
    yield queues("a2", "10:30:10", note="Árvore")
    yield from rings("a2", "bia", "10:30:20", "10:30:30")
    yield from talks("a2", "bia", "10:30:30", 20.0, "10:33:50")
    yield fact(Kind.RECORDED, "10:34", "a2", file="a2.wav", seconds=200.0, talk_seconds=200.0,
               ok=True, problem="")  # fmt: skip
    yield fact(Kind.DISPOSITION, "10:34", "a2", "bia", code="resolvido")
    yield fact(Kind.CALL_MARKED, "10:34", "a2", "bia", mark="abusiva", offer="1-a2")
    yield from arrives("a3", "10:58:50")
    yield queues("a3", "10:59")
    yield from rings("a3", "ana", "10:59:10", "10:59:20", "ring_no_answer")
    yield ends("a3", "11:00:30", "abandoned")
    yield fact(Kind.TASK_OPENED, "11:00:30", "a3", task="call_back", due=at("18:00"),
               because="abandoned")  # fmt: skip
    yield from arrives("a4", "11:10", caller=AGAIN)
    yield queues("a4", "11:10:10")
    yield from rings("a4", "bia", "11:10:15", "11:10:20", "caller_left")
    yield ends("a4", "11:10:20", "abandoned")
    yield from arrives("a5", "11:20")
    yield queues("a5", "11:20:10")
    yield queues("a5", "11:21:10", SOCIAL, joined="11:20:10", note="Bolsa")
    yield from rings("a5", "ana", "11:21:15", "11:21:25", queue=SOCIAL)
    yield from talks("a5", "ana", "11:21:25", 75.0, "11:22:15")
    yield fact(Kind.DISPOSITION, "11:22:20", "a5", "ana", code="engano")
    yield from arrives("a6", "11:40")
    yield ends("a6", "11:40:15", "left_in_menu")
    yield from arrives("a7", "11:50")
    yield ends("a7", "11:50:30", "ended_in_menu")
    yield from arrives("a8", "12:00", line="199")
    yield queues("a8", "12:00:05", RISCO, note="")
    yield from rings("a8", "caio", "12:00:05", "12:00:08", queue=RISCO)
    yield from talks("a8", "caio", "12:00:08", 3.0, "12:01:08")
    yield fact(
        Kind.TRANSFERRED, "12:01:08", "a8", goal="externo", to="samu", returns=False, by="caio"
    )


def _more_calls() -> Iterator[Fact]:
    yield from arrives("a9", "12:05", test=True)
    yield queues("a9", "12:05:10")
    yield from rings("a9", "ana", "12:05:11", "12:05:12")
    yield from talks("a9", "ana", "12:05:12", 2.0, "12:06")
    yield from arrives("a10", "12:30")
    yield queues("a10", "12:30:10", note="Buraco")
    place: dict[str, Any] = {
        "line": "156",
        "queue": GERAL,
        "priority": 30,
        "place": "",
        "value": "",
    }
    yield fact(Kind.CALL_BACK_PROMISED, "12:32:10", "a10", how="key", **place,
               joined=at("12:30:10"), expires=at("16:30"))  # fmt: skip
    yield ends("a10", "12:32:10", "promised")
    yield fact(Kind.CALL_BACK_TRIED, "12:59:50", "a10", "bia", attempt="1-a11")
    yield fact(Kind.CALL_BACK_RESULT, "13:00", "a10", attempt="1-a11", result="answered", tries=1)
    yield fact(Kind.CALL_BACK_OVER, "13:00", "a10", how="reached", to_call="a11")
    yield from arrives("a11", "13:00", entry="retorno")
    yield fact(Kind.CALL_RESUMED, "13:00", "a11", of_call="a10", protocol="Pa10", how="call_back")
    yield queues("a11", "13:00", joined="12:30:10")
    yield from rings("a11", "bia", "13:00:10", "13:00:20")
    yield from talks("a11", "bia", "13:00:20", 1_810.0, "13:00:50")
    yield from arrives("a12", "11:24", caller=AGAIN)
    yield ends("a12", "11:24:10", "left_in_menu")
    yield from arrives("a13", "11:26", caller=AGAIN)
    yield queues("a13", "11:26:10")
    yield ends("a13", "11:26:41", "abandoned")
    yield fact(Kind.TASK_OPENED, "11:26:41", "a13", task="call_back", due=at("20:00"),
               because="abandoned")  # fmt: skip
    yield fact(Kind.TASK_CLOSED, "12:00", "a13", task="call_back", how="ligou de novo")
    yield from arrives("a14", "23:59:30")
    yield queues("a14", "23:59:40")


def _agents() -> Iterator[Fact]:
    yield fact(Kind.AGENT_SKILLS, "08:00", agent="ana", skills={SOCIAL: 1, GERAL: 2},
               subjects=[SOCIAL, GERAL], reserve=False, because="")  # fmt: skip
    yield fact(Kind.SHIFT_PLANNED, "08:00", agent="ana", begins=at("08:55"), ends=at("15:00"),
               pauses=[{"reason": "NR17-10a", "at": at("10:10"), "seconds": 600.0}])  # fmt: skip
    for agent, came, left in (("ana", "09:00", "15:00"), ("caio", "11:30", "12:30")):
        yield fact(Kind.AGENT_LOGIN, came, agent=agent, seat="pa-1")
        yield fact(
            Kind.AGENT_LOGOUT, left, agent=agent, seat="pa-1", since=at(came), because="saiu"
        )
    yield fact(Kind.AGENT_LOGIN, "10:00", agent="bia", seat="pa-2")
    yield from pause("ana", "NR17-10a", "10:10", "10:20")
    yield from pause("ana", "banheiro", "12:00", "12:05")
    yield from pause("bia", "treinamento", "14:00", "14:30")
    for agent, *clocks in (
        ("ana", "10:00:12", "10:00:20", "10:02", "10:02:30"),
        ("ana", "11:21:15", "11:21:25", "11:22:15", "11:22:35"),
        ("bia", "10:30:20", "10:30:30", "10:33:50", "10:34:20"),
        ("bia", "13:00:10", "13:00:20", "13:00:50", "13:01"),
        ("caio", "12:00:05", "12:00:08", "12:01:08", "12:01:38"),
    ):
        moves = zip(clocks, ("offered", "talking", "wrap_up", "idle"), strict=True)
        yield from states(agent, *moves)
    yield fact(Kind.OFFER_ENDED, "15:00", "a1", "ana", outcome="answered")  # lacks its offer


async def store_the_day(url: str) -> None:
    """Write the day into a new database, in the order in which it happened."""
    store = Store(url, "a")
    await store.start()
    for name in ("ana", "bia", "caio"):
        await store.add_agent(name, name.title(), {Skill(GERAL): 1}, "segredo")
    found = sorted((*_calls(), *_more_calls(), *_agents()), key=lambda one: one.at)
    store.append(*found)
    assert await store.settled()
    await store.close()
