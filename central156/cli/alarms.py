"""What of the floor wants somebody to act now, in words: a colour alone tells nobody anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from central156.cli.words import MIRRORS, SILENCES, clock, counted
from terms.names import PROOF_QUEUE, Instant

Picture = Mapping[str, Any]
FINE_MIRRORS = frozenset({"off", "up", "starting"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """One sentence. `grave`: somebody may be waiting for help because of it."""

    grave: bool
    text: str


def alarms(picture: Picture, now: Instant) -> list[Alarm]:
    """The gravest first. `now` may be later than the picture: waits go on."""
    queues = [queue for queue in picture["queues"] if queue["queue"] != PROOF_QUEUE]
    found = [
        *_emergencies(queues, now),
        *_late(queues, now),
        *_nobody_there(queues),
        *_silent(picture),
        *_links(picture),
        *_others(picture, queues),
    ]
    return sorted(found, key=lambda alarm: not alarm.grave)


def _emergencies(queues: list[Picture], now: Instant) -> Iterator[Alarm]:
    for line in dict.fromkeys(queue["line"] for queue in queues if queue["emergency"]):
        there = [queue for queue in queues if queue["line"] == line and queue["unserved"]]
        if there:
            waiting = sum(queue["unserved"] for queue in there)
            oldest = min(queue["oldest"] for queue in there)
            yield Alarm(True, f"{line}: {waiting} esperando há {_ago(now - oldest)}")


def _links(picture: Picture) -> Iterator[Alarm]:
    if not picture["link"]:
        yield Alarm(True, "sem ligação com o Asterisk: as chamadas seguem com ele sozinho")
    if (mirror := picture.get("mirror", "off")) not in FINE_MIRRORS:
        yield Alarm(False, f"espelho parado: {MIRRORS.get(mirror, mirror)}")


def _nobody_there(queues: list[Picture]) -> Iterator[Alarm]:
    for emergency in (True, False):
        empty = [
            queue["queue"]
            for queue in queues
            if queue["emergency"] is emergency and not queue["crew"]
        ]
        if empty:
            yield Alarm(emergency, f"ninguém logado em {', '.join(empty)}")


def _late(queues: list[Picture], now: Instant) -> Iterator[Alarm]:
    late = [queue for queue in queues if queue["late"] and not queue["emergency"]]
    for queue in sorted(late, key=lambda queue: queue["oldest"]):
        longest, target = clock(now - queue["oldest"]), round(queue["target"])
        over = f"{queue['late']} além de {target} s"
        yield Alarm(False, f"{queue['queue']}: {over}; a maior espera, {longest}")


def _silent(picture: Picture) -> Iterator[Alarm]:
    for caller in picture["callers"]:
        if side := caller.get("dead_air", ""):
            agent = caller["agent"] or "um agente"
            yield Alarm(False, f"conversa muda com {agent}: {SILENCES.get(side, side)}")


def _others(picture: Picture, queues: list[Picture]) -> Iterator[Alarm]:
    for line in dict.fromkeys(queue["line"] for queue in queues if queue["storm"]):
        yield Alarm(False, f"{line} em modo tempestade")
    gone = [
        agent["agent"]
        for agent in picture["agents"]
        if agent["status"] == "available" and agent["phone"] == "gone"
    ]
    if gone:
        yield Alarm(False, f"disponível com o telefone sem registro: {', '.join(gone)}")
    if bad := picture.get("bad_recordings", 0):
        faulty = counted(
            bad, "gravação faltando ou com defeito", "gravações faltando ou com defeito"
        )
        yield Alarm(False, f"{faulty} na última hora")


def _ago(seconds: float) -> str:
    return f"{max(0, int(seconds))} s" if seconds < 60 else clock(seconds)
