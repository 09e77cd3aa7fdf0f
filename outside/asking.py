"""What others call: a question by its service's name, an answer within its seconds.

    ask ─► known? ─► parameters? ─► resting? ─► a place among the source's questions ─► Source
            falhou     falhou        falhou      falhou (all taken, or none in time)    ─► Answer

A source that hangs holds its own places and nobody else's. Whoever asks gets `falhou` when the
seconds are over, whatever the source is still doing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from outside.breaker import Breaker
from outside.port import Answer, Question, Source, Trouble
from outside.values import promised
from terms.limits import (
    DATA_CHARACTERS,
    LOOK_UP_SECONDS_MAX,
    OUTSIDE_AT_ONCE,
    OUTSIDE_CLOSE_BUDGET,
    OUTSIDE_WAITING,
)
from terms.names import Instant, Seconds
from terms.services import CALL, FAILED, FOUND, MISSING, ServiceSpec

log = logging.getLogger(__name__)

OVERDUE = "sem resposta no prazo"
BUSY = "perguntas demais ao mesmo tempo"
RESTING = "fonte em descanso depois de falhas seguidas"
NOT_CONFIGURED = "fonte não configurada"
UNKNOWN = "serviço desconhecido"

_Found = Mapping[str, object] | None


@dataclass(slots=True)
class Asked:
    """What became of one service's questions, since the start."""

    count: int = 0
    seconds: Seconds = 0.0  # all of them together


@dataclass(slots=True)
class _Desk:
    """A source with its fuse and its places."""

    source: Source
    breaker: Breaker = field(default_factory=Breaker)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(OUTSIDE_AT_ONCE))
    waiting: int = 0
    working: set[asyncio.Task[_Found]] = field(default_factory=set)


class Outside:
    """Asks the services of `specs` at the sources of their names. For one event loop."""

    def __init__(self, specs: Mapping[str, ServiceSpec], sources: Mapping[str, Source]) -> None:
        self._specs = dict(specs)
        self._desks = {name: _Desk(source) for name, source in sources.items()}
        self._counts: dict[tuple[str, str], Asked] = {}

    def serve(self, specs: Mapping[str, ServiceSpec]) -> None:
        """From now on these services. One that is gone is still known, for calls under way."""
        self._specs |= specs

    async def ask(
        self, service: str | ServiceSpec, given: Mapping[str, str], seconds: Seconds, call: str = ""
    ) -> Answer:
        """The answer, after at most `seconds` (and LOOK_UP_SECONDS_MAX). Never raises.

        `given`: the service's parameters; others are ignored. `call`: the call's id, for services
        that write: it makes asking again harmless. A service that writes and whose answer is
        late may have written all the same.
        """
        began = time.monotonic()
        spec = self._specs.get(service) if isinstance(service, str) else service
        if spec is None:
            return Answer(FAILED, why=UNKNOWN)
        until = began + min(seconds, LOOK_UP_SECONDS_MAX)
        try:
            answer = await self._ask(spec, given, until, call)
        except Trouble as trouble:
            answer = Answer(FAILED, why=trouble.why)
        if answer.how == FAILED:
            log.info("a look-up failed", extra={"service": spec.name, "why": answer.why})
        asked = self._counts.setdefault((spec.name, answer.how), Asked())
        asked.count += 1
        asked.seconds += time.monotonic() - began
        return answer

    def counts(self) -> Mapping[tuple[str, str], Asked]:
        """(service, achou | nao_achou | falhou) → how many and how long. Only ever grows."""
        return self._counts

    def states(self) -> Mapping[str, str]:
        """Each source's fuse: closed (it works), open or probing."""
        return {name: desk.breaker.state.value for name, desk in self._desks.items()}

    async def close(self) -> None:
        """Give up what is under way and let the sources go, within OUTSIDE_CLOSE_BUDGET."""
        ending: list[asyncio.Task[object]] = []
        for desk in self._desks.values():
            for task in desk.working:
                task.cancel()
            ending.append(asyncio.create_task(_close(desk.source)))
        if ending:
            await asyncio.wait(ending, timeout=OUTSIDE_CLOSE_BUDGET)

    # --- how it works ---
    async def _ask(
        self, spec: ServiceSpec, given: Mapping[str, str], until: Instant, call: str
    ) -> Answer:
        desk = self._desks.get(spec.source)
        if desk is None:
            raise Trouble(NOT_CONFIGURED)
        parameters = _parameters(spec, given, call)
        if desk.breaker.resting(time.monotonic()):
            raise Trouble(RESTING)
        await _take_place(desk, until)
        if not desk.breaker.admits(time.monotonic()):
            desk.places.release()
            raise Trouble(RESTING)
        question = Question(spec, parameters, until - time.monotonic())
        found = await self._within(desk, question, until)
        return Answer(MISSING) if found is None else Answer(FOUND, promised(spec, found))

    async def _within(self, desk: _Desk, question: Question, until: Instant) -> _Found:
        """What the source says, or Trouble when the time is over: a source that does not even
        stop when told to is left behind, with the place that it holds."""
        task = asyncio.create_task(_put(desk.source, question))
        desk.working.add(task)
        task.add_done_callback(lambda done: _leave(desk, done))
        try:
            await asyncio.wait({task}, timeout=max(0.0, until - time.monotonic()))
        except asyncio.CancelledError:
            task.cancel()
            raise
        name = question.spec.source
        if not task.done():
            task.cancel()
            self._blame(desk, name, OVERDUE)
            raise Trouble(OVERDUE, gone=True)
        try:
            found = task.result()
        except Trouble as trouble:
            if trouble.gone:
                self._blame(desk, name, trouble.why)
            else:
                desk.breaker.succeeded()
            raise
        except asyncio.CancelledError:
            raise Trouble("a central está parando") from None
        desk.breaker.succeeded()
        return found

    def _blame(self, desk: _Desk, name: str, why: str) -> None:
        if desk.breaker.failed(time.monotonic()):
            log.warning("a source is left alone for a while", extra={"source": name, "why": why})


def _parameters(spec: ServiceSpec, given: Mapping[str, str], call: str) -> dict[str, str]:
    parameters = {name: given[name] for name in spec.given if name in given}
    for name in spec.given:
        if not parameters.get(name):
            raise Trouble(f"falta o parâmetro {name!r}")
        if len(parameters[name]) > DATA_CHARACTERS or not parameters[name].isprintable():
            raise Trouble(f"o parâmetro {name!r} não serve")
    if spec.writes and not call:
        raise Trouble(f"falta o parâmetro {CALL!r}")
    return parameters | {CALL: call}


async def _take_place(desk: _Desk, until: Instant) -> None:
    if desk.places.locked() and desk.waiting >= OUTSIDE_WAITING:
        raise Trouble(BUSY)
    desk.waiting += 1
    try:
        async with asyncio.timeout(until - time.monotonic()):
            await desk.places.acquire()
    except TimeoutError:
        raise Trouble(BUSY) from None
    finally:
        desk.waiting -= 1


async def _put(source: Source, question: Question) -> _Found:
    try:
        return await source.ask(question)
    except Trouble:
        raise
    except Exception as problem:
        # A flaw of ours or of a library: its own words may quote what was asked.
        log.error("a source raised %s", type(problem).__name__)
        raise Trouble(f"erro interno ({type(problem).__name__})", gone=True) from None


def _leave(desk: _Desk, task: asyncio.Task[_Found]) -> None:
    desk.working.discard(task)
    desk.places.release()
    if not task.cancelled():
        task.exception()  # looked at, so that nobody reports it as forgotten


async def _close(source: Source) -> None:
    try:
        await source.close()
    except Exception as problem:
        log.warning("a source closed badly: %s", type(problem).__name__)
