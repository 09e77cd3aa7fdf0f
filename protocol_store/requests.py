"""What is asked of the writer: done together where it can be, by itself where it must.

A request that breaks a rule of the tables, or meets another node's request for the same thing,
must not take its neighbours down with it: the batch is then done again, one request at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from protocol_store.errors import StoreFailing
from protocol_store.fact_log import is_failing

log = logging.getLogger(__name__)

Do = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Does requests of one kind together; gives an answer for each, an exception if it is refused."""

COLLISIONS: Final = 3  # tries of a request that meets another node's in the same instant


@dataclass(slots=True, eq=False)
class Request:
    """Something to do, who waits for the answer, and whether they still do."""

    do: Do
    argument: Any
    answer: asyncio.Future[Any]
    abandoned: bool = False


Answers = list[tuple[Request, Any]]


def do_together(connection: Connection, requests: Sequence[Request]) -> Answers:
    """All requests, those of one kind in one go. Raises whatever goes wrong with any of them."""
    kinds: dict[Do, list[Request]] = {}
    for request in requests:
        kinds.setdefault(request.do, []).append(request)
    answers: Answers = []
    for do, alike in kinds.items():
        found = do(connection, [request.argument for request in alike])
        answers += zip(alike, found, strict=True)
    return answers


def do_one_by_one(connection: Connection, requests: Sequence[Request]) -> Answers:
    """Each request by itself; what goes wrong is that request's answer.

    Raises only if the database is failing.
    """
    return [(request, _do_alone(connection, request)) for request in requests]


def _do_alone(connection: Connection, request: Request) -> Any:
    refusal: Exception = StoreFailing("nada foi gravado")
    for _ in range(COLLISIONS):
        try:
            with connection.begin_nested():
                return request.do(connection, [request.argument])[0]
        except Exception as problem:
            if is_failing(problem):
                raise
            refusal = problem
            if not isinstance(problem, IntegrityError):
                break
    log.error("the store refused a request: %s", type(refusal).__name__)
    return refusal


def deliver(answers: Answers) -> None:
    """Give the answers to those who wait, on their loop."""
    for request, answer in answers:
        if request.answer.done():  # given up meanwhile
            continue
        if isinstance(answer, Exception):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)


def resolve(futures: Iterable[asyncio.Future[bool]], value: bool) -> None:
    """Tell all who wait for `settled`, on their loop."""
    for future in futures:
        if not future.done():
            future.set_result(value)
