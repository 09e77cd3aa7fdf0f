"""The real API over a real store and a real floor, without Asterisk, in a thread of its own.

    with api_bed(folder, port_base=16500) as bed:
        bed.client("supervisor").get("/v1/floor")
        call = bed.do(bed.arrive, "156")          # what the switch and the steps would have told

Tests are plain functions: `do` runs something on the centre's loop and waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import leaks
import pytest
from seeded import CALLER
from small_menus import PaperVoice, PaperWorkshop

import central156.centre
from acd.events import AgentPhone, OfferAnswered, TalkEnded
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from callflow.agent_desk import AgentDesk
from callflow.book import Book, OpenCall
from callflow.floor_keeper import FloorKeeper, Waiter
from callflow.hear import Ear
from callflow.mend import Mender
from callflow.record import RecordingCheck
from callflow.serving import Plans, Serving
from callflow.talk import Talks
from central156.centre import RunningCentre
from central156.clock import now
from central156.orders import Orders
from central156.plugs import StoreSpool
from central156.publishing import Publishing
from central156.recordings_open import open_recordings
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from central156.version_cache import VersionCache
from central156.version_watch import VersionWatch
from central156.web import serve_api
from central156.work_left import open_shift_desk
from console.ports import Role
from ivr.menu import LinePlan, MenuNode, QueueNode, WaitingPlan
from ivr.texts import text_of
from pbx.configuration import AgentAccount
from pbx.recordings import Recordings
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Protocol, QueueName, Skill
from terms.signals import CallEnded, LastWords, Phone, SwitchSeen

GERAL = QueueRule(QueueName("p156_geral"), "156", Skill("p156_geral"), 30, wrap_up_seconds=20.0)
RISCO = QueueRule(QueueName("e199_risco"), "199", Skill("e199_risco"), 100)
PLAN_156 = LinePlan(
    line="156",
    start="menu",
    nodes={
        "menu": MenuNode("menu", (text_of("Para outros assuntos, tecle um."),), {"1": "geral"}),
        "geral": QueueNode("geral", GERAL.name, 30, "outro assunto"),
    },
    person=GERAL.name,
    waiting=WaitingPlan((text_of("aguarde"),), True, (), 60.0, ()),
)


@dataclass
class QuietSwitch:
    """A switch with memory and no telephones."""

    hung_up: list[str] = field(default_factory=list)
    queues: dict[tuple[str, AgentName], bool] = field(default_factory=dict)

    async def set_global(self, name: str, value: str) -> None: ...

    async def hang_up(self, channel: str) -> None:
        self.hung_up.append(channel)

    async def stop_playback(self, channel: str) -> None: ...

    async def contingency_add(self, queue: str, agent: AgentName) -> None:
        self.queues[queue, agent] = False

    async def contingency_remove(self, queue: str, agent: AgentName) -> None:
        self.queues.pop((queue, agent), None)

    async def contingency_pause(self, agent: AgentName, paused: bool, reason: str) -> None:
        for key in self.queues:
            if key[1] == agent:
                self.queues[key] = paused

    async def contingency_list(self) -> dict[tuple[str, AgentName], bool]:
        return dict(self.queues)

    async def contingency_reasons(self) -> dict[AgentName, str]:
        return {}

    async def hear_all(self, call: CallId) -> None: ...

    async def look(self) -> SwitchSeen:
        return SwitchSeen(now(), "boot", ())


@dataclass
class PaperDiary:
    """The switch's diary as a test wrote it."""

    words: dict[CallId, LastWords] = field(default_factory=dict)

    def last_words(self, calls: Iterable[CallId]) -> dict[CallId, LastWords]:
        return {call: self.words[call] for call in calls if call in self.words}


class NoDoor:
    """The AGI door of a centre without Asterisk."""

    open_sessions = 0


class Bed:
    """The running API and what lies under it. `tokens`: one for each role; ana is an agent."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.switch = QuietSwitch()
        self.diary = PaperDiary()
        self.accounts: list[AgentAccount] = []
        self.tokens: dict[str, str] = {}
        self._count = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    # --- from start to end ---
    def start(self) -> None:
        self._thread.start()
        self.do(self._start)

    def stop(self) -> None:
        told = leaks.told_openly(self.settings.api_url)
        self.do(self._stop)
        leaks.refuse_text("an answer to anybody", told)
        leaks.refuse(self.settings.state_dir)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def do(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function or coroutine function on the centre's loop; its result."""

        async def run() -> Any:
            result = act(*arguments)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)

    async def _start(self) -> None:
        self.store = Store(self.settings.store_url, "n1")
        await self.store.start()
        epoch = await self.store.take_epoch()
        floor = Floor(QueueTable((GERAL, RISCO)), epoch)
        self.keeper = FloorKeeper(floor, self.store, self.switch, now, lambda: None)
        self.book = Book()
        lines = {rule.skill: rule.line for rule in (GERAL, RISCO)}
        self.desk = AgentDesk(self.keeper, lines)
        files = Recordings(self.settings.recordings_dir)
        self.keeping = open_recordings(self.settings, self.store, self.keeper, files)
        recordings = RecordingCheck(self.keeper, files, False)
        spool = StoreSpool(self.store, self.settings.rescue_dir / "spool")
        self.mender = Mender(self.keeper, self.book, self.diary, spool, recordings, {})
        self.ear = Ear(self.keeper, self.desk, self.book, self.mender, epoch)
        self.ear.shifts = open_shift_desk(self.desk, self.settings)
        self.keeper.watch(self.book.read)
        self.keeper.watch(self.desk.read)
        self.ear.hear(SwitchSeen(now(), "boot", ()))
        plans = Plans({"156": PLAN_156}, "v1", queues=floor.queues)
        serving, self.workshop = Serving(plans), PaperWorkshop()
        self.ear.talks = Talks(self.keeper, self.book, serving, self.store, {})
        cache = VersionCache(self.settings)
        publishing = Publishing(self.store, serving, self.keeper, self.desk, cache, self.workshop)
        self.orders = Orders(self.store, serving, self.keeper, self.workshop)
        publishing.alarm = self.watch = VersionWatch(self.settings, self.keeper)
        self.keeper.watch(self.watch.read)
        self.centre = RunningCentre(
            self.settings,
            self.store,
            self.keeper,
            self.desk,
            self.book,
            self.ear,
            NoDoor(),  # type: ignore[arg-type]
            publishing,
            self.orders,
            PaperVoice(),  # type: ignore[arg-type]
            self.keeping,
        )
        self.api = await serve_api(self.settings, self.centre)
        for name, role in PERSONS.items():
            self.tokens[role] = await self.centre.add_person(name, Role(role), by="test")
        self.tokens["local"] = self.settings.secret("admin_token")

    async def _stop(self) -> None:
        await self.api.close()
        self.keeper.close()
        await self.store.close()

    # --- who asks ---
    def client(self, role: str = "local", **more: Any) -> httpx.Client:
        """A client with the token of this role ('' = none)."""
        token = self.tokens.get(role, "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=self.settings.api_url, headers=headers, timeout=5, trust_env=False, **more
        )

    def write_accounts(self, _settings: Settings, accounts: Iterable[AgentAccount]) -> None:
        self.accounts = list(accounts)

    # --- what happens to a citizen ---
    async def arrive(
        self, line: str = "156", caller: str = CALLER, test: bool = False
    ) -> tuple[CallId, Protocol]:
        """A call comes in and gets its number."""
        call, at = CallId(f"n1-t-{next(self._count)}.1"), now()
        protocol = await self.store.open_call(call, line, line, caller, at, test)
        self.book.open(OpenCall(call, line, at, caller, protocol, test))
        details = {"line": line, "entry": line, "caller": caller, "test": test}
        self.keeper.publish(
            Fact(at, Kind.CALL_ARRIVED, call, details=details),
            Fact(at, Kind.PROTOCOL_GIVEN, call, details={"protocol": protocol, "issuer": "block"}),
        )
        return call, protocol

    def queue(self, call: CallId, rule: QueueRule = GERAL) -> Waiter:
        """It presses 1 and waits."""
        note = {"queue": rule.name, "priority": rule.priority, "note": "outro assunto"}
        pressed = {"node": "menu", "key": "1", "valid": True}
        self.keeper.record(
            Fact(now(), Kind.NODE_ENTERED, call, details={"node": "menu"}),
            Fact(now(), Kind.KEY_PRESSED, call, details=pressed),
            Fact(now(), Kind.QUEUED, call, details=note),
        )
        return self.keeper.join(call, rule.name, rule.priority, now(), rule.line)

    def answer(self, waiter: Waiter) -> None:
        """The agent who is rung for it picks up."""
        waiter.taken = True
        self.keeper.tell(OfferAnswered(waiter.offer.result().offer))

    def hang_up_agent(self, waiter: Waiter) -> None:
        """The agent leaves the talk."""
        self.keeper.tell(TalkEnded(waiter.offer.result().offer))

    async def end(self, call: CallId, stage: str) -> None:
        """The citizen's channel is gone."""
        self.mender.call_ended(CallEnded(call, now(), stage))
        for _ in range(100):  # how it ended may have to be read from the switch's diary
            if call not in self.book.calls:
                break
            await asyncio.sleep(0.01)
        await self.store.settled()

    # --- who answers ---
    def enrol(self, name: str, skill: str = "p156_geral") -> None:
        """An agent of the store, with a registered phone."""
        with self.client() as client:
            body = {"name": name, "skills": {skill: 1}}
            assert client.post("/v1/agents", json=body).status_code == 201
        self.do(self.keeper.tell, AgentPhone(AgentName(name), Phone.IDLE))

    def served_call(self, agent: str) -> tuple[CallId, Protocol]:
        """A call that this agent, who is the only one there, has served to its end."""
        call, protocol = self.do(self.arrive)
        waiter = self.do(self.queue, call)
        assert waiter.offer.result().agent == agent
        self.do(self.answer, waiter)
        self.do(self.hang_up_agent, waiter)
        self.do(self.end, call, "after")
        return call, protocol


PERSONS = {"ana": "agent", "sofia": "supervisor", "adao": "admin", "aurora": "auditor"}


@contextlib.contextmanager
def api_bed(folder: Path, port_base: int) -> Iterator[Bed]:
    """A running bed in this state folder."""
    settings = load_settings(folder, port_base=port_base)
    prepare_state(settings)
    bed = Bed(settings)
    with pytest.MonkeyPatch.context() as patch:
        # There is no Asterisk to read the accounts: the bed keeps them.
        patch.setattr(central156.centre, "write_agents", bed.write_accounts)
        bed.start()
        try:
            yield bed
        finally:
            bed.stop()
