"""The ways out of a running centre: looked at while calls go on, and rotas.yaml taken in anew.

Order of a reload: the file is read whole, then kept as what is in force, then written for the
switch and read there, then told to whoever dials. If the switch does not read it, the one that was
in force is put back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from callflow.dialler import Dialler
from callflow.floor_keeper import FloorKeeper
from callflow.visit import Tools
from central156.refusals import asked
from central156.settings import Settings
from central156.switch import write_trunks
from central156.trunk_counts import OtherCalls
from central156.trunk_figures import Carried, Trunks, operators, plain
from central156.trunks import out_trunks_of, put_back, take, trunks_of
from central156.trunks_told import tell_who_dials
from console.ports import Plain, Refusal
from console.ports_trunks import TrunkGauges
from dialer.trunks import Operators, Trunk
from pbx.ami_wire import AmiFault
from pbx.configuration import ConfigurationRefused
from pbx.switch_process import SwitchFailed
from protocol_store import Store, StoreError
from protocol_store.trunk_rows import day_of, month_of
from reader import DialplanMistakes
from terms.facts import Fact, Kind
from terms.limits import TRUNK_LOOK_EVERY
from terms.names import TrunkName

log = logging.getLogger(__name__)

CallsBy = Callable[[str], Awaitable[int]]


def settle_trunks(settings: Settings) -> None:
    """At a start of control: take in rotas.yaml, and have a switch that runs read it. A file that
    is wrong changes nothing, and stops nobody. Blocking."""
    try:
        take(settings)
    except DialplanMistakes as wrong:
        first = str(wrong.mistakes[0])
        told = f"Atenção: rotas.yaml não serve, e vale o que valia ({first})."
        log.error("rotas.yaml is not taken in", extra={"why": first, "told": told})
    except OSError as trouble:
        log.error("rotas.yaml cannot be kept", extra={"why": type(trouble).__name__})
    try:
        write_trunks(settings)
    except (ConfigurationRefused, SwitchFailed) as failed:
        log.warning("the switch reads the ways out at its next start", extra={"why": str(failed)})


class TrunkActs:
    """console.ports_trunks.TrunksPort."""

    def __init__(self, settings: Settings, store: Store, keeper: FloorKeeper) -> None:
        self._settings, self._store, self._keeper = settings, store, keeper
        self.current: Trunks = trunks_of(settings)
        self._calls_by: CallsBy | None = None
        self._calls: Mapping[str, int] = {}
        self._carried = Carried({}, {})
        self._named: dict[TrunkName, str] = {}  # whose each is, as the store has it
        self._tools: Tools | None = None
        self._reloading = asyncio.Lock()

    def begin(
        self, stack: contextlib.AsyncExitStack, calls_by: CallsBy, tools: Tools | None = None
    ) -> None:
        """Look at them until the stack is closed. `calls_by`: how many calls a trunk carries;
        `tools`: who dials is told when other trunks are in force."""
        self._calls_by, self._tools = calls_by, tools
        others = OtherCalls(self._store, self._first, self._counted_by_the_dialler)
        stack.callback(self._keeper.watch(others.read))
        stack.callback(asyncio.create_task(others.run_for_ever()).cancel)
        stack.callback(asyncio.create_task(self._look_for_ever()).cancel)

    # --- console.ports_trunks ---
    def gauges(self) -> TrunkGauges:
        """As they were at the last look."""
        return TrunkGauges(
            calls={name: self._calls[name] for name in self.current if name in self._calls},
            channels={name: one.channels for name, one in self.current.items()},
            operators=operators(self.current, self._carried),
        )

    async def standing(self) -> Plain:
        """Each trunk and each operator, now."""
        carried = await asked(self._carried_now())
        self._carried, self._calls = carried, await self._calls_now()
        addresses = {one.name: one.address for one in out_trunks_of(self._settings)}
        return plain(self.current, addresses, self._calls, carried)

    async def reload(self, by: str) -> Plain:
        """Take in rotas.yaml. Refusal 422 with all its mistakes, 503 when the switch does not read
        it."""
        async with self._reloading:
            before = dict(self.current)
            self._carried = await asked(self._carried_now())
            changed = await asyncio.to_thread(self._taken)
            self.current = await asyncio.to_thread(trunks_of, self._settings)
            told = self._tools is not None and tell_who_dials(
                self._tools, self.current, self._carried, self._keeper.clock()
            )
            if changed or before != self.current:
                details = {"trunks": list(self.current)}
                fact = Fact(self._keeper.clock(), Kind.TRUNKS_CHANGED, by=by, details=details)
                self._keeper.record(fact)
            return {
                "changed": changed or before != self.current,
                "added": [name for name in self.current if name not in before],
                "removed": [name for name in before if name not in self.current],
                "trunks": list(self.current),
                "campaigns": told,
                "counted": [
                    name for name in before if name not in self.current and self._counts(name)
                ],
            }

    # --- how it works ---
    def _first(self) -> Trunk | None:
        return next(iter(self.current.values()), None)

    def _counted_by_the_dialler(self) -> Operators | None:
        dialler = self._tools.dialler if self._tools is not None else None
        return dialler.dialling.caps.operators if isinstance(dialler, Dialler) else None

    def _taken(self) -> bool:
        try:
            kept = take(self._settings)
        except DialplanMistakes as wrong:
            raise Refusal(422, "\n".join(map(str, wrong.mistakes))) from None
        except OSError as trouble:
            why = trouble.strerror or type(trouble).__name__
            raise Refusal(503, f"a pasta de estado não pode ser escrita ({why})") from None
        try:
            return write_trunks(self._settings)
        except (ConfigurationRefused, SwitchFailed) as failed:
            put_back(self._settings, kept)
            with contextlib.suppress(ConfigurationRefused, SwitchFailed):
                write_trunks(self._settings)
            raise Refusal(503, f"vale o que valia: {failed}") from None

    def _counts(self, name: TrunkName) -> bool:
        """Whether a trunk has carried anything this month; the count goes by its name."""
        return self._carried.months.get(name, (0, 0, 0))[0] > 0

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self._name_operators()
                self._carried = await self._carried_now()
            except StoreError as trouble:
                log.warning(
                    "the trunks' counts are not read", extra={"why": type(trouble).__name__}
                )
            self._calls = await self._calls_now()
            await asyncio.sleep(TRUNK_LOOK_EVERY)

    async def _name_operators(self) -> None:
        """Reports say whose each trunk is, also when it is there no more."""
        named = {name: trunk.operator for name, trunk in self.current.items()}
        if named != self._named:
            await self._store.campaigns.set_operators(named)
            self._named = named

    async def _carried_now(self) -> Carried:
        now, book = self._keeper.clock(), self._store.campaigns
        day = day_of(now)
        return Carried.of(await book.trunk_months(month_of(now)), await book.trunk_days(day, day))

    async def _calls_now(self) -> dict[str, int]:
        found: dict[str, int] = {}
        if self._calls_by is None:
            return found
        for name in self.current:
            with contextlib.suppress(AmiFault):
                found[name] = await self._calls_by(name)
        return found
