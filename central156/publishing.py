"""Publishing: a folder of dialplans becomes a version, and a version becomes what serves.

    files ─► proved (workshop) ─► kept and decided (store) ─► served (callflow.serving, the floor)
                                        │
                       199 or 153 touched: proposed, until a second person approves

The order of the writes is the state folder, the store, memory. The store decides: a process that
dies after its write comes back with the new version, one that dies before it with the old one.
Memory is changed in one go between two steps of any call; calls in course stay on the version
that they began on. What the store says is looked at every PUBLISHING_LOOK_EVERY, so that an answer
that came too late is obeyed all the same.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

from acd.events import ConfigurationChanged
from callflow.agent_desk import AgentDesk
from callflow.beside import Beside
from callflow.floor_keeper import FloorKeeper
from callflow.serving import Plans, Serving
from central156.plans import Ready, Unfit
from central156.refusals import asked, no_disk
from central156.touched import needs_second_person, touched
from central156.version_cache import NotDialplans, VersionCache, look_over
from central156.what_serves import PUBLISH, Workshop, plans_of_version, served_before
from console.ports import LOCAL, Plain, Refusal
from protocol_store import Served, Store, StoreError, Version, VersionState
from reader import DialplanMistakes
from reader.folder import FILES
from terms.facts import Fact, Kind
from terms.limits import NOTE_OF_VERSION, OLD_QUEUES_STAY
from terms.names import Instant
from terms.services import ServiceSpec

log = logging.getLogger(__name__)

AskOf = Callable[[Mapping[str, ServiceSpec]], None]

ROLLBACK, ALARM = "rollback", "alarm"


class Alarm(Protocol):
    """What the watch over versions has to say (version_watch.py)."""

    def told(self) -> Plain | None:
        """The alarm about the version that serves; None when there is none."""
        ...


class Publishing:
    """See the file's top. Refusal (409, 422, 503) when what is asked cannot be done."""

    def __init__(
        self,
        store: Store,
        serving: Serving,
        keeper: FloorKeeper,
        desk: AgentDesk,
        cache: VersionCache,
        workshop: Workshop,
        ask_of: AskOf = lambda specs: None,
    ) -> None:
        """`ask_of`: tells whoever asks services which there are from now on."""
        self._store = store
        self.serving = serving
        self._keeper = keeper
        self._desk = desk
        self._cache = cache
        self._workshop = workshop
        self._ask_of = ask_of
        self.alarm: Alarm | None = None
        self._proving = asyncio.Lock()
        self._deciding = asyncio.Lock()
        self._on_floor = serving.every_queue()
        self._old_queues_until = self._old_queues_end()
        self._beside = Beside("the contingency queues are not in step yet", logging.WARNING)

    # --- what a person asks for ---
    async def publish(self, files: Mapping[str, str], note: str, by: str) -> Plain:
        """Prove these files and serve them, or propose them where a second person has to agree."""
        if len(note) > NOTE_OF_VERSION:
            raise Refusal(422, f"a nota tem mais de {NOTE_OF_VERSION} caracteres")
        try:
            async with self._proving:
                ready = await self._prove(files)
            async with self._deciding:
                return await self._hand_in(ready, dict(files), note, by)
        except OSError as trouble:
            raise no_disk(trouble) from None

    async def approve(self, version: str, by: str) -> Plain:
        """The second person's word: a proposed version serves."""
        async with self._deciding:
            found = await self._proposed(version)
            if found.author == by:
                raise Refusal(409, "quem publicou não aprova: peça a outra pessoa")
            if by == LOCAL:
                raise Refusal(409, "quem aprova é alguém com nome: use o token da pessoa (--token)")
            current = self.serving.current.version
            if found.before != current:
                raise Refusal(
                    409,
                    f"desde a proposta passou a valer a versão {current}, que esta desfaria; "
                    "publique de novo a partir dela, ou rejeite esta",
                )
            plans = await self._read(version)
            serve = self._act(version, PUBLISH, by)
            fact = self._fact(serve, approved_by=by)
            await asked(self._store.published.approve(version, by, serve, fact))
            self._switch(plans, fact)
            return self._answer("serving", plans)

    async def reject(self, version: str, by: str) -> Plain:
        """A proposed version will not serve."""
        async with self._deciding:
            await self._proposed(version)
            now = self._keeper.clock()
            fact = Fact(now, Kind.DIALPLAN_REJECTED, by=by, details={"version": version})
            await asked(self._store.published.reject(version, by, now, fact))
            self._keeper.publish(fact)
            return {"version": version, "state": str(VersionState.REJECTED)}

    async def rollback(self, version: str, by: str, how: str = ROLLBACK) -> Plain:
        """An approved version serves again, at once: this one, or the one before what serves."""
        async with self._deciding:
            if how == ALARM and (self.alarm is None or self.alarm.told() is None):
                raise Refusal(409, "o alarme já não toca: outra versão está no ar")
            served = await asked(self._store.published.served())
            wanted = version or served_before(served)
            if not wanted:
                raise Refusal(409, "não há versão anterior a que voltar")
            if wanted == self.serving.current.version:
                raise Refusal(409, f"a versão {wanted} já está no ar")
            return await self._serve_again(wanted, how, by)

    async def versions(self) -> Plain:
        """The versions, what serves and since when, and the alarm if one rings."""
        served = await asked(self._store.published.served())
        found = await asked(self._store.published.versions())
        return {
            "serving": self.serving.current.version,
            "served": [asdict(one) for one in served],
            "versions": [asdict(one) for one in found],
            "alarm": self.alarm.told() if self.alarm else None,
        }

    async def files(self, version: str) -> Plain | None:
        """A version's files as they were handed in; '' = the version that serves."""
        wanted = version or self.serving.current.version
        files = await asked(self._store.published.files(wanted))
        return None if files is None else {"version": wanted, "files": files}

    # --- what time brings ---
    async def look(self) -> None:
        """Obey the store's word of what serves; let queues go that no version has any more."""
        until = self._old_queues_until
        if until is not None and self._keeper.clock() >= until:
            self._old_queues_until = None
            self._on_floor = self.serving.in_force(self.serving.current.queues)
            self._keeper.tell(ConfigurationChanged(self._on_floor))
        async with self._deciding:
            try:
                served = await self._store.published.served()
                if served and served[0].version != self.serving.current.version:
                    plans = await self._read(served[0].version)
                    self._switch(plans, self._fact(served[0]))  # the store has the fact already
            except (StoreError, Refusal) as trouble:
                log.warning("what serves cannot be looked up", extra={"why": str(trouble)})

    # --- how it works ---
    async def _prove(self, files: Mapping[str, str]) -> Ready:
        try:
            look_over(files)
            with self._cache.staged(files) as folder:
                return await self._workshop.prove(folder)
        except (DialplanMistakes, NotDialplans, Unfit) as wrong:
            raise Refusal(422, f"nada foi publicado:\n{wrong}") from None

    async def _hand_in(self, ready: Ready, files: dict[str, str], note: str, by: str) -> Plain:
        plans, current = ready.plans, self.serving.current
        if plans.version == current.version:
            raise Refusal(409, f"é a versão {plans.version}, que já está no ar")
        known = await asked(self._store.published.version(plans.version))
        if known is not None and not await self._are(plans.version, files):
            raise Refusal(409, f"outra pasta já se chama {plans.version}: mude um comentário nesta")
        if known is not None and known.state is VersionState.APPROVED:
            return await self._serve_again(plans.version, PUBLISH, by)
        if known is not None and known.state is VersionState.PROPOSED:
            raise Refusal(409, f"a versão {plans.version} já espera a aprovação de outra pessoa")
        await asyncio.to_thread(self._cache.keep, plans.version, files)
        changes, lines = touched(plans, current), needs_second_person(plans, current)
        now = self._keeper.clock()
        made = Version(
            version=plans.version,
            author=by,
            note=note,
            created_at=now,
            before=current.version,
            state=VersionState.PROPOSED if lines else VersionState.APPROVED,
            needs_approval=lines,
        )
        if lines:
            details = {"version": plans.version, "lines": list(lines)}
            proposed = Fact(now, Kind.DIALPLAN_PROPOSED, by=by, details=details)
            await asked(self._store.published.hand_in(made, files, None, proposed))
            self._keeper.publish(proposed)
            return self._answer("proposed", plans, ready.notes, changes, lines)
        serve = self._act(plans.version, PUBLISH, by)
        fact = self._fact(serve)
        await asked(self._store.published.hand_in(made, files, serve, fact))
        self._switch(plans, fact)
        return self._answer("serving", plans, ready.notes, changes)

    async def _serve_again(self, version: str, how: str, by: str) -> Plain:
        """A version that was approved once needs no second person."""
        before = self.serving.current
        plans = await self._read(version)
        serve = self._act(version, how, by)
        fact = self._fact(serve)
        await asked(self._store.published.serve(serve, fact))
        self._switch(plans, fact)
        return self._answer("serving", plans, (), touched(plans, before))

    async def _are(self, version: str, files: Mapping[str, str]) -> bool:
        """Whether the version of that name is these menus: it is too short to be sure of that."""
        kept = await asked(self._store.published.files(version)) or {}
        return all(kept.get(name) == files.get(name) for name in FILES)

    async def _proposed(self, version: str) -> Version:
        found: Version | None = await asked(self._store.published.version(version))
        if found is None:
            raise Refusal(404, f"não há versão {version}")
        if found.state is not VersionState.PROPOSED:
            raise Refusal(409, f"a versão {version} não espera aprovação")
        return found

    async def _read(self, version: str) -> Plans:
        """The version's plans: from memory, or read again."""
        if self.serving.knows(version):
            return self.serving.of(version)
        try:
            return await plans_of_version(version, self._store, self._cache, self._workshop)
        except (LookupError, DialplanMistakes, Unfit) as wrong:
            raise Refusal(409, f"a versão {version} não pode ser servida:\n{wrong}") from None
        except StoreError as trouble:
            raise Refusal(503, f"tente de novo: {trouble}") from None

    def _act(self, version: str, how: str, by: str) -> Served:
        self._keeper.lease()  # whoever does not own the floor any more decides nothing
        before, now = self.serving.current.version, self._keeper.clock()
        return Served(secrets.token_hex(8), version, before, now, how, by)

    @staticmethod
    def _fact(serve: Served, approved_by: str = "") -> Fact:
        details = {"version": serve.version, "before": serve.before, "how": serve.how}
        details["approved_by"] = approved_by
        return Fact(serve.since, Kind.DIALPLAN_PUBLISHED, by=serve.by, details=details)

    def _switch(self, plans: Plans, *facts: Fact) -> None:
        """From here on new calls begin on this version; nobody who waits loses a place."""
        old = self.serving.current
        self._ask_of(plans.services)
        self.serving.serve(plans)
        self._on_floor = self.serving.in_force(plans.queues.still_serving(self._on_floor.rules))
        self._old_queues_until = self._old_queues_end()
        self._keeper.tell(ConfigurationChanged(self._on_floor))
        self._desk.lines_of = {rule.skill: rule.line for rule in plans.queues.rules}
        self._beside.do(self._desk.sync_contingency())
        self._beside.do(asyncio.to_thread(self._cache.mark, plans.version))
        self._keeper.publish(*facts)
        log.info("another version serves", extra={"version": plans.version, "was": old.version})

    def _old_queues_end(self) -> Instant | None:
        """Until when the floor keeps queues that only older versions have; None: it has none."""
        if self._on_floor == self.serving.current.queues:
            return None
        return self._keeper.clock() + OLD_QUEUES_STAY

    @staticmethod
    def _answer(
        state: str,
        plans: Plans,
        notes: tuple[str, ...] = (),
        changes: Mapping[str, tuple[str, ...]] | None = None,
        lines: tuple[str, ...] = (),
    ) -> Plain:
        return {
            "version": plans.version,
            "state": state,
            "notes": list(notes),
            "touched": {line: list(what) for line, what in (changes or {}).items()},
            "needs_approval": list(lines),
        }
