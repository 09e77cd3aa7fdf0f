"""Call-back tasks: due, overdue, concluded and how; promises of a call-back (4.4.2, R60, R61).

ICB is in call_back_icb.py. A task is of the interval in which it was opened. What is overdue is so
at the last thing that the store knows of, or at the period's end if that is sooner.

Asked of the tables: `tasks_opened`, `promises_made`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, literal, or_, select

from protocol_store.masking import masked_number
from protocol_store.promise_tables import promises
from protocol_store.reports.acd_visits import NO_TESTS, about
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.attendance_areas import known_until
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    count_if,
    of_calls,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.sights import seen
from protocol_store.tables import calls, tasks
from terms import limits
from terms.names import Instant
from terms.outcome import CallOutcome, Kept
from terms.sheet import Asked, Column, Row, Shape, Sheet

OF_TASKS: Final = frozenset({"line", "queue", "phone", "protocol", "keyword"})
SOURCE: Final = tasks.join(calls, calls.c.call_id == tasks.c.call_id)
ONE_A_NUMBER: Final = "Há no máximo uma tarefa aberta por número (R60)."


def moment(at: Instant) -> ColumnElement[Any]:
    """An instant, as a question needs it."""
    return literal(at, tasks.c.due_at.type)


def in_time() -> ColumnElement[bool]:
    """That a task was concluded, and when it was due at the latest."""
    kept = or_(tasks.c.due_at.is_(None), tasks.c.done_at <= tasks.c.due_at)
    return tasks.c.done_at.is_not(None) & kept


def too_late() -> ColumnElement[bool]:
    """That a task was concluded after it was due."""
    return tasks.c.done_at.is_not(None) & (tasks.c.done_at > tasks.c.due_at)


def task_figures(now: Instant) -> tuple[Figure, ...]:
    """Tasks by how they stand at an instant: every one is in exactly one of the last four."""
    waits = tasks.c.done_at.is_(None)
    over = waits & (tasks.c.due_at < moment(now))
    due = waits & or_(tasks.c.due_at.is_(None), tasks.c.due_at >= moment(now))
    return (
        Count("opened", "Abertas", lambda _: func.count()),
        Count("kept", "Concluídas no prazo", lambda _: count_if(in_time())),
        Count("late", "Concluídas depois do prazo", lambda _: count_if(too_late())),
        Count("due", "Pendentes no prazo", lambda _: count_if(due)),
        Count("overdue", "Vencidas", lambda _: count_if(over)),
    )


def tasks_asked(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The tasks that were asked for: opened in the period, of calls that are no tests."""
    found = [
        tasks.c.opened_at >= moment(asked.since),
        tasks.c.opened_at < moment(asked.until),
        calls.c.test.is_(False),
    ]
    for column, wanted in ((calls.c.line, asked.line), (calls.c.queue, asked.queue)):
        if wanted:
            found.append(column == wanted)
    if asked.keyword:
        found.append(about(asked, spans, calls.c.call_id))
    return found + of_calls(asked, spans, calls.c.call_id)


# --- the list ---
_SITUATIONS: Final = {
    "pendente": "pendente",
    "vencida": "vencida",
    "concluida": "concluída no prazo",
    "atrasada": "concluída depois do prazo",
}


_BECAUSE: Final = {
    CallOutcome.ABANDONED: "desistiu na espera",
    CallOutcome.INTERRUPTED: "ligação cortada por nós",
    CallOutcome.MESSAGE_LEFT: "deixou recado",
    CallOutcome.LEFT_IN_MENU: "desligou no menu",
}


def because_text(because: str) -> str:
    """Why a task was opened, as people read it; what comes behind the word is theirs already."""
    word, colon, more = because.partition(":")
    return _BECAUSE.get(CallOutcome(word), word) + colon + more if word in _OUTCOMES else because


_OUTCOMES: Final = frozenset(one.value for one in CallOutcome)


def _situation(now: Instant) -> ColumnElement[str]:
    return case(
        (in_time(), literal("concluida")),
        (too_late(), literal("atrasada")),
        (tasks.c.due_at < moment(now), literal("vencida")),
        else_=literal("pendente"),
    )


def _listed(connection: Connection, asked: Asked) -> Sheet:
    """Each task; what is overdue first, then what is due soonest."""
    spans, now = buckets(asked), known_until(connection, asked)
    situation = _situation(now)
    where = tasks_asked(asked, spans)
    if wanted := asked.more.get("situacao", ""):
        where.append(situation == wanted)
    count = connection.execute(select(func.count()).select_from(SOURCE).where(*where)).scalar_one()
    question = (
        select(tasks, situation.label("situation"))
        .add_columns(calls.c.line, calls.c.queue, calls.c.caller, calls.c.protocol)
        .add_columns(seen(asked.reveal).label("seen"))
        .select_from(SOURCE)
        .where(*where)
        .order_by(tasks.c.done_at.is_not(None), tasks.c.due_at, tasks.c.id)
        .limit(limits.SHEET_ROWS)
    )
    rows: list[Row] = [
        {
            "situation": _SITUATIONS[row.situation],
            "due": row.due_at,
            "opened": row.opened_at,
            "line": row.line,
            "queue": row.queue,
            "protocol": row.protocol,
            "phone": row.caller if row.seen else masked_number(row.caller),
            "because": because_text(row.because),
            "done": row.done_at,
            "result": row.result,
            "by": row.done_by,
        }
        for row in connection.execute(question)
    ]
    return Sheet(
        "retorno-tarefas",
        "Retornos a fazer e feitos",
        (
            Column("situation", "Situação"),
            Column("due", "Prazo", Shape.INSTANT),
            Column("opened", "Aberta em", Shape.INSTANT),
            Column("line", "Linha"),
            Column("queue", "Fila"),
            Column("protocol", "Protocolo"),
            Column("phone", "Telefone"),
            Column("because", "Motivo"),
            Column("done", "Concluída em", Shape.INSTANT),
            Column("result", "Resultado"),
            Column("by", "Por"),
        ),
        rows,
        notes=(
            "Situação (parâmetro situacao): pendente, vencida, concluida ou atrasada.",
            ONE_A_NUMBER,
            NO_TESTS,
        ),
        cut=count - len(rows),
    )


# --- how many, and how they ended ---
def _results(connection: Connection, asked: Asked) -> Sheet:
    figures = task_figures(known_until(connection, asked))
    said = func.coalesce(tasks.c.result, "")
    result = case((tasks.c.done_at.is_(None), literal("ainda aberta")), else_=said)
    groups = {"because": tasks.c.because, "result": result}
    sums = sums_by(connection, asked, SOURCE, figures, groups, tasks_asked(asked, buckets(asked)))
    sums = {(because_text(because), how): row for (because, how), row in sums.items()}
    title = "Retornos por motivo e resultado"
    sheet = Sheet("retorno-resultados", title, (), (), notes=(ONE_A_NUMBER, NO_TESTS))
    columns = (Column("because", "Motivo"), Column("result", "Resultado"))
    return sheet_by_names(sheet, columns, figures, sums)


# --- promises ---
def _kept(name: str, title: str, how: Kept) -> Count:
    return Count(name, title, lambda _: count_if(promises.c.over_how == how.value))


_PROMISES: Final[tuple[Figure, ...]] = (
    Count("made", "Prometidos", lambda _: func.count()),
    _kept("reached", "Pessoa atendida", Kept.REACHED),
    _kept("returned", "Ligou de novo", Kept.RETURNED),
    _kept("no_contact", "Sem contato", Kept.NO_CONTACT),
    _kept("expired", "Vencidos", Kept.EXPIRED),
    _kept("cancelled", "Cancelados", Kept.CANCELLED),
    Count("open", "Em aberto", lambda _: count_if(promises.c.over_at.is_(None))),
    Count("tries", "Tentativas", lambda _: func.coalesce(func.sum(promises.c.tries), 0)),
    Ratio(
        "kept_share",
        "Atendidos ou voltaram ÷ terminados",
        lambda row: (
            (row["reached"] + row["returned"]) / (row["made"] - row["open"])
            if row["made"] > row["open"]
            else None
        ),
    ),
)


def _promised(connection: Connection, asked: Asked) -> Sheet:
    where = [
        promises.c.promised_at >= moment(asked.since),
        promises.c.promised_at < moment(asked.until),
        calls.c.test.is_not(True),
    ]
    for column, wanted in ((promises.c.line, asked.line), (promises.c.queue, asked.queue)):
        if wanted:
            where.append(column == wanted)
    source = promises.outerjoin(calls, calls.c.call_id == promises.c.call_id)
    groups = {"line": promises.c.line, "queue": promises.c.queue}
    sums = sums_by(connection, asked, source, _PROMISES, groups, where)
    title = "Retornos prometidos por fila"
    notes = (
        "Prometido a quem pediu por tecla, ou a quem caiu no 199 ou no 153 (R26, R34).",
        "Tentativa: cada vez que se procurou a pessoa.",
        NO_TESTS,
    )
    sheet = Sheet("retorno-promessas", title, (), (), notes=notes)
    columns = (Column("line", "Linha"), Column("queue", "Fila"))
    return sheet_by_names(sheet, columns, _PROMISES, sums)


REPORTS: Final = [
    Report(
        "retorno-tarefas",
        "Retornos a fazer e feitos",
        "4.4.2",
        OF_TASKS | {"situacao"},
        _listed,
    ),
    Report("retorno-resultados", "Retornos por motivo e resultado", "4.4.2", OF_TASKS, _results),
    Report(
        "retorno-promessas",
        "Retornos prometidos por fila",
        "4.4.2",
        frozenset({"line", "queue"}),
        _promised,
    ),
]
