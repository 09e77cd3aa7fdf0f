"""How many channels and sessions of the IVR were in use, and how many were not.

    ura-recursos-ativos     in use: the fewest, the mean, the most, in each interval
    ura-recursos-inativos   what the cap of a line left free

In use is counted at the turn of every minute: a call that has come before it and not gone. A call
holds a channel from its arrival to its end, and a session of the IVR until its first queue.
Only 156 has a cap, so that 199 and 153 always find a channel (R31, R32); `canais` says which, if it
is not the usual one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Integer, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from protocol_store.reports.acd_visits import NO_TESTS
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import TOTAL
from protocol_store.reports.ivr_calls import IN_IVR, IVR_LEFT_AT, SOURCE
from protocol_store.reports.report import Report, WrongQuestion
from protocol_store.tables import calls
from terms import limits
from terms.names import EMERGENCY_LINES
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

CHANNELS: Final = "canais"
AT_THE_TURN: Final = (
    "Em uso: contado na virada de cada minuto, as chamadas que já chegaram e ainda não terminaram; "
    "a média e os extremos são dessas contagens. As chamadas que a Central faz usam outros canais."
)
_CAPPED: Final = "156"


class minute_of(FunctionElement[int]):
    """The whole minute since 1970 in UTC that a moment lies in."""

    type = Integer()
    inherit_cache = True
    name = "minute_of"


@compiles(minute_of, "postgresql")
def _minute_in_postgres(element: Any, compiler: Any, **more: Any) -> str:
    moment = compiler.process(element.clauses, **more)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {moment}) / 60) AS BIGINT)"


@compiles(minute_of, "sqlite")
def _minute_in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    moment = compiler.process(element.clauses, **more)
    return f"(CAST(strftime('%s', {moment}) AS INTEGER) / 60)"


@dataclass(frozen=True, slots=True)
class Used:
    """What the counts of an interval's minutes come to."""

    least: int
    mean: float
    most: int


def in_use(
    connection: Connection, asked: Asked, spans: Buckets, *, sessions: bool = False
) -> list[int]:
    """How many channels (or `sessions` of the IVR) were in use at the turn of each minute.

    Who came up to limits.REPORT_LOOKS_BACK before the period may still be there in it.
    """
    wanted = [
        calls.c.arrived_minute >= spans.first - limits.REPORT_LOOKS_BACK,
        calls.c.arrived_minute < spans.last,
        calls.c.direction == "in",
        calls.c.test.is_(False),
    ]
    if asked.line:
        wanted.append(calls.c.line == asked.line)
    if sessions:
        wanted.append(calls.c.static.is_(False))
    came = _by_minute(connection, calls, calls.c.arrived_minute, wanted)
    if sessions:
        gone = _by_minute(connection, SOURCE, minute_of(IVR_LEFT_AT), [*wanted, IN_IVR])
    else:
        ended = [*wanted, calls.c.ended_at.is_not(None)]
        gone = _by_minute(connection, calls, minute_of(calls.c.ended_at), ended)
    there = sum(count for minute, count in came.items() if minute < spans.first)
    there -= sum(count for minute, count in gone.items() if minute < spans.first)
    found = []
    for minute in range(spans.first, spans.last):
        found.append(there)
        there += came.get(minute, 0) - gone.get(minute, 0)
    return found


def _by_minute(
    connection: Connection, source: Any, minute: ColumnElement[int], wanted: Sequence[Any]
) -> dict[int, int]:
    by = minute.label("by_minute")
    question = select(by, func.count()).select_from(source).where(*wanted).group_by("by_minute")
    return {int(row[0]): int(row[1]) for row in connection.execute(question)}


def by_interval(spans: Buckets, counts: Sequence[int]) -> list[tuple[str, list[int]]]:
    """The counts of each interval's minutes, under the interval's label."""
    edges = [round(spans.begins(key) / 60) for key in spans.keys] + [spans.last]
    return [
        (spans.label(key), list(counts[begin - spans.first : end - spans.first]))
        for key, (begin, end) in zip(spans.keys, pairwise(edges), strict=True)
    ]


def used(counts: Sequence[int]) -> Used:
    """The fewest, the mean and the most."""
    return Used(min(counts), sum(counts) / len(counts), max(counts))


# --- in use (4.3.1.3.2) ---
_USED: Final = (
    Column("mean", "Canais em uso, média", Shape.NUMBER),
    Column("least", "… mínimo", Shape.COUNT),
    Column("most", "… máximo", Shape.COUNT),
    Column("mean_ivr", "Sessões da URA em uso, média", Shape.NUMBER),
    Column("least_ivr", "… mínimo na URA", Shape.COUNT),
    Column("most_ivr", "… máximo na URA", Shape.COUNT),
)


def _active(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    channels = in_use(connection, asked, spans)
    sessions = in_use(connection, asked, spans, sessions=True)
    rows = [
        {"interval": label, **_use(mine, ours)}
        for (label, mine), (_, ours) in zip(
            by_interval(spans, channels), by_interval(spans, sessions), strict=True
        )
    ]
    return Sheet(
        "ura-recursos-ativos",
        "URA: recursos ativos",
        (Column("interval", "Intervalo"), *_USED),
        rows,
        totals={"interval": TOTAL, **_use(channels, sessions)},
        chart=Chart(Drawn.LINES, "interval", ("most", "most_ivr"), "Canais e sessões em uso"),
        notes=(
            AT_THE_TURN,
            "Sessões da URA: até a primeira fila. O total é do período inteiro, e não uma soma.",
            NO_TESTS,
        ),
    )


def _use(channels: Sequence[int], sessions: Sequence[int]) -> Row:
    mine, ours = used(channels), used(sessions)
    return {
        **{"mean": mine.mean, "least": mine.least, "most": mine.most},
        **{"mean_ivr": ours.mean, "least_ivr": ours.least, "most_ivr": ours.most},
    }


# --- free (4.3.1.3.3) ---
_FREE: Final = (
    Column("cap", "Canais", Shape.COUNT),
    Column("mean", "Inativos, média", Shape.NUMBER),
    Column("most", "… máximo", Shape.COUNT),
    Column("least", "… mínimo", Shape.COUNT),
    Column("share", "Inativos ÷ canais", Shape.SHARE),
    Column("full", "Minutos sem canal livre", Shape.COUNT),
)


def _inactive(connection: Connection, asked: Asked) -> Sheet:
    cap = _cap(asked)
    spans = buckets(asked)
    line = asked.line or _CAPPED
    wanted = Asked(asked.since, asked.until, asked.interval, line)
    counts = in_use(connection, wanted, spans)
    rows = [{"interval": label, **_free(one, cap)} for label, one in by_interval(spans, counts)]
    return Sheet(
        "ura-recursos-inativos",
        "URA: recursos inativos",
        (Column("interval", "Intervalo"), *_FREE),
        rows,
        totals={"interval": TOTAL, **_free(counts, cap)},
        chart=Chart(Drawn.LINES, "interval", ("mean", "least"), "Canais inativos"),
        notes=(
            f"Linha {line}: {cap} canais. Se esta instalação usa outro limite (calls_156), diga "
            "qual em «canais».",
            "Só o 156 tem limite de chamadas ao mesmo tempo; o 199 e o 153 não têm, para que "
            "sempre achem canal (R31, R32).",
            "Inativos: os canais menos os que estavam em uso, e nunca menos de zero.",
            *(AT_THE_TURN, NO_TESTS),
        ),
    )


def _cap(asked: Asked) -> int:
    text = asked.more.get(CHANNELS, "")
    if not text and asked.line in EMERGENCY_LINES:
        raise WrongQuestion(
            f"a linha {asked.line} não tem limite de canais: diga «canais» para comparar com um"
        )
    if text and not (text.isdecimal() and int(text) > 0):
        raise WrongQuestion("«canais» é um número inteiro, maior que zero")
    return int(text) if text else limits.CALLS_156


def _free(counts: Sequence[int], cap: int) -> Row:
    free = used([max(0, cap - one) for one in counts])
    return {
        **{"cap": cap, "mean": free.mean, "most": free.most, "least": free.least},
        "share": free.mean / cap,
        "full": sum(one >= cap for one in counts),
    }


_TAKES: Final = frozenset({"interval", "line"})

REPORTS: Final = (
    Report("ura-recursos-ativos", "URA: recursos ativos", "4.3.1.3.2", _TAKES, _active),
    Report(
        "ura-recursos-inativos",
        "URA: recursos inativos",
        "4.3.1.3.3",
        _TAKES | {CHANNELS},
        _inactive,
    ),
)
