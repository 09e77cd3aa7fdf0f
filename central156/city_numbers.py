"""The city's own system gives the protocol numbers, if servicos.yaml has services for it (R51).

    protocolo_emitir      a number for this call: ligacao, linha, aberto_em → numero
    protocolo_registrar   a number that we gave: ligacao, linha, aberto_em, numero, emitido_por

A caller never waits for the city longer than limits.ISSUER_BUDGET: then the number is ours, from
the block that is always at hand, and the city is told of it as soon as it listens again. Both are
told which call it is (`ligacao`), so that asking twice is harmless there: a system that answered
too late finds the same call again when it is told the number that the citizen really has.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from callflow.serving import Serving
from outside import Outside
from protocol_store import Store, StoreError
from protocol_store.told_numbers import Untold
from terms.limits import ISSUER_BUDGET, NUMBERS_TOLD_AT_ONCE, NUMBERS_TOLD_EVERY, TELLING_BUDGET
from terms.names import CallId, Instant
from terms.protocol_number import CITY_NUMBER, is_citys
from terms.services import FOUND, ServiceSpec

log = logging.getLogger(__name__)

ISSUE: Final = "protocolo_emitir"
TELL: Final = "protocolo_registrar"
NUMBER: Final = "numero"
CITY: Final = ZoneInfo("America/Sao_Paulo")


@contextlib.contextmanager
def ask_the_city(outside: Outside, store: Store, serving: Serving, pattern: str) -> Iterator[None]:
    """As long as this lasts, numbers that fit `pattern` may be the city's, and it is told of
    ours."""
    city = CityNumbers(outside, store, lambda: serving.current.services, pattern)
    store.numbers.issue = city.issue
    telling = asyncio.create_task(city.run())
    try:
        yield
    finally:
        store.numbers.issue = None
        telling.cancel()


@dataclass(slots=True)
class CityNumbers:
    """See the file's top. `specs`: the services in force; `issue` is for the store."""

    outside: Outside
    store: Store
    specs: Callable[[], Mapping[str, ServiceSpec]]
    pattern: str = CITY_NUMBER.pattern
    late: int = 0  # calls whose number had to be ours
    strange: int = 0  # answers that were no number

    async def issue(self, call: CallId, line: str, at: Instant) -> str:
        """The city's number for this call; '' when it must be ours. Never raises."""
        if ISSUE not in self.specs():
            return ""
        given = {"ligacao": call, "linha": line, "aberto_em": _written(at)}
        answer = await self.outside.ask(ISSUE, given, ISSUER_BUDGET, call)
        if answer.how != FOUND:
            self.late += 1
            log.warning("the city gave no number", extra={"call": call, "why": answer.why})
            return ""
        number = answer.values.get(NUMBER, "").strip()
        if not is_citys(number) or re.fullmatch(self.pattern, number) is None:
            self.strange += 1
            log.error("what the city gave is no number", extra={"call": call})
            return ""
        return number

    async def run(self) -> None:
        """Tell the city of the numbers that we gave, until cancelled."""
        while True:
            try:
                told = await self.tell_some()
            except StoreError as trouble:
                log.warning("the store does not answer", extra={"why": type(trouble).__name__})
                told = 0
            await asyncio.sleep(0.0 if told == NUMBERS_TOLD_AT_ONCE else NUMBERS_TOLD_EVERY)

    async def tell_some(self) -> int:
        """Tell the oldest that it does not know; how many it took."""
        if TELL not in self.specs():
            return 0
        untold = await self.store.numbers.untold(NUMBERS_TOLD_AT_ONCE)
        told = []
        for one in untold:
            answer = await self.outside.ask(TELL, _about(one), TELLING_BUDGET, one.call)
            if answer.how != FOUND:
                break  # it does not listen: the others can wait as well
            told.append(one.protocol)
        if told:
            await self.store.numbers.told(told)
        return len(told)


def _about(one: Untold) -> dict[str, str]:
    return {
        NUMBER: one.protocol,
        "ligacao": one.call,
        "linha": one.line,
        "aberto_em": _written(one.given_at),
        "emitido_por": one.issuer,
    }


def _written(at: Instant) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(CITY).isoformat(timespec="seconds")
