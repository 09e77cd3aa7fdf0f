"""What others call: the store as one object, for one event loop.

What happens goes into the journal first (journal_book.py), and from there into the database by the
one writer thread (writer.py); reading goes through a few threads of its own, and sees what was
appended before it. Every question has its budget, so a slow database is an error, never a wait
without end; a caller whose number is late is served by the switch alone (ProtocolOverdue).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from protocol_store import chain, leadership, people, protocols, rescue, story
from protocol_store.answers import AgentStatus, CallStory, OpenRow, ServiceSummary, Task
from protocol_store.campaigns import CampaignBook
from protocol_store.checkpoints import Checkpoints
from protocol_store.citizen_book import CitizenBook
from protocol_store.engines import make_engine
from protocol_store.errors import StoreFailing, StoreOverdue
from protocol_store.fact_log import DIRECT, FactLog
from protocol_store.heads import HeadBook
from protocol_store.history import History
from protocol_store.journal_book import JournalBook
from protocol_store.journal_segments import journal_beside
from protocol_store.lag import Lag
from protocol_store.people import Agent, NewPerson, Person, Revocation, Role
from protocol_store.promises import PromiseBook
from protocol_store.published import Published
from protocol_store.recording_book import RecordingBook
from protocol_store.requests import Do
from protocol_store.rescue import RescueRecord
from protocol_store.sms_book import SmsBook
from protocol_store.status import PublicStatus, public_status
from protocol_store.told_numbers import ToldNumbers
from protocol_store.work_records import WorkRecords
from protocol_store.writer import Writer
from terms import limits
from terms.facts import Fact
from terms.names import AgentName, CallId, Instant, Protocol, Seconds, Skill, is_agent_name
from terms.sight import Reveal

TOKEN_BYTES: Final = 32

Answer = TypeVar("Answer")


class Store:
    """The protocol store of one run of one node. `start` it before anything else.

    Unless a method says otherwise it raises StoreOverdue after limits.STORE_BUDGET and
    StoreFailing if the database refuses.
    """

    def __init__(
        self,
        database_url: str,
        node: str,
        clock: Callable[[], Instant] = time.time,
        site: str = chain.SITE,
        numbers: range = protocols.NUMBERS,
        journal: Path | None = None,
    ) -> None:
        """`node` names this machine's control, `clock` tells instants (time.time); the facts are
        of the chain of `site`, whose protocol numbers are drawn from `numbers` alone (R82).

        `journal`: the folder of this machine's journals, on a disk that lasts. Without one (tests)
        it is beside an SQLite file, and for PostgreSQL a temporary one."""
        run = f"{node}:{secrets.token_hex(8)}"  # no two runs share it: it is half of facts' keys
        self._node, self._clock = node, clock
        self._writing = make_engine(database_url)
        self._reading = make_engine(database_url, reading=True)
        self._facts = FactLog(run + DIRECT, site)  # what is written with a request
        self._appended = FactLog(run, site)
        self._readers = ThreadPoolExecutor(limits.STORE_READERS, thread_name_prefix="store-reader")
        checkpoints = Checkpoints(self._reading, self._readers)
        self._writer = Writer(self._writing, self._appended, checkpoints.committed)
        folder = (journal or journal_beside(database_url)) / node
        about = (node, run, self._appended, self._writer, self._look_up, numbers, clock)
        self._journal = JournalBook(folder, *about)
        self.promises = PromiseBook(self._journal, self._read)
        self.recordings = RecordingBook(self._ask, self._read, self._facts)
        self.published = Published(self._ask, self._read, self._facts)
        self.work, self.history = WorkRecords(self._read), History(self._read, run)
        self.sms = SmsBook(self._ask, self._read)
        self.citizens = CitizenBook(self._ask, self._read, self._facts)
        self.campaigns = CampaignBook(self._ask, self._read, site)
        self.numbers = ToldNumbers(self._ask, self._read, self._look_up, clock)
        self.heads = HeadBook(self._ask, self._read, site, numbers, clock)

    # --- from start to end ---
    async def start(self) -> None:
        """Bring the tables up to date and begin to write.

        What earlier runs left in the journal is stored first. Raises SchemaUnknown if the tables
        are a newer release's, StoreFailing if there is no database, or the journal is in use.
        """
        try:
            await asyncio.to_thread(self.heads.prepare, self._writing)
            await asyncio.to_thread(self._journal.prepare, self._writing)
        except SQLAlchemyError as problem:
            raise _failing(problem) from problem
        await self._journal.start()

    async def close(self) -> None:
        """Store what is left, within limits.STORE_CLOSE_BUDGET, and let the database go."""
        await self._journal.close()
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._writing.dispose()
        self._reading.dispose()

    async def settled(self) -> bool:
        """Wait until all facts appended so far are stored, for at most STORE_CLOSE_BUDGET. False:
        the database fails, and `lag` says how much is waiting."""
        try:
            return await asyncio.wait_for(self._journal.settled(), limits.STORE_CLOSE_BUDGET)
        except TimeoutError:
            return False

    def lag(self) -> Lag:
        """How far the database is behind, and how the journal keeps up."""
        return self._journal.lag()

    @property
    def violations(self) -> int:
        """Facts of this run that broke a rule of the tables; each is stored and says which."""
        return self._facts.violations + self._appended.violations

    # --- calls ---
    async def take_epoch(self) -> int:
        """A number greater than any leader had before; durable, so that no two have the same."""
        epoch: int = await self._ask(self._take_epoch, None)
        self.published.epoch = epoch
        return epoch

    async def open_call(
        self,
        call: CallId,
        line: str,
        entry: str,
        caller: str,
        at: Instant,
        test: bool,
        version: str = "",
        relay: bool = False,
        campaign: str = "",
        arrived: bool = False,
    ) -> Protocol:
        """The call's protocol number, durable; the one it has already if it was asked before. It
        comes from the city's system, or from the journal: no database is needed. `version`: of the
        dialplan it begins on. `relay`: an interpreter speaks for a deaf citizen. `arrived`: that it
        did is written already. Raises ProtocolOverdue; it gets the number when it asks again.
        """
        about = entry, caller, at, test, version, relay, campaign, arrived
        opening = protocols.Opening(call, line, *about)
        return await self._journal.open_call(opening, self.numbers.of_the_city)

    async def further_protocol(self, call: CallId, most: int) -> tuple[str, int]:
        """One more number for a call, durable, and which one it is; ('', 0) when it has `most`."""
        return await self._journal.further(call, most)

    def append(self, *facts: Fact) -> None:
        """Write facts down, in this order, soon; never waits and never fails. See `lag`."""
        self._journal.append(facts)

    async def take_in(self, record: Mapping[str, Any]) -> RescueRecord:
        """Store what the rescue script wrote down of a call; harmless to repeat.

        Raises RecordBroken for a record that the script cannot have written.
        """
        read = rescue.read_record(record)
        if not await self.settled():  # the call may have another number, still on its way
            raise StoreOverdue("o banco de dados ainda não tem tudo o que houve antes")
        await self._ask(self._take_in, read)
        if read.protocol and not read.gone:
            self._journal.told_by_the_switch(read.call, read.protocol)
        return read

    async def open_calls(self, reveal: Reveal = True) -> list[OpenRow]:
        """Calls whose end is not stored, in order of arrival."""
        return await self._read(story.open_calls, reveal)

    async def story(self, protocol_or_call: str, reveal: Reveal = False) -> CallStory | None:
        """Everything stored about a call, by its protocol or its id; None if there is nothing."""
        return await self._read(story.story, protocol_or_call, reveal)

    async def public_status(
        self, protocol: str, subjects: Collection[str] = ()
    ) -> PublicStatus | None:
        """What anybody may hear of a protocol; None: never told. `subjects`: that may be told."""
        return await self._read(public_status, protocol, subjects)

    async def tasks(self, open_only: bool = True, reveal: Reveal = False) -> list[Task]:
        """What must still be done, emergencies first; all that ever was, unless `open_only`."""
        return await self._read(story.all_tasks, open_only, reveal)

    async def service_summary(self, since: Instant) -> ServiceSummary:
        """What became of the calls that arrived since then; test calls are left out."""
        return await self._read(story.service_summary, since)

    # --- people ---
    async def agents(self) -> list[Agent]:
        """Everyone who answers calls, by name."""
        return await self._read(people.all_agents)

    async def last_boot(self) -> str:
        """The switch's start that was seen last; '' if none was, or long ago."""
        return await self._read(story.last_boot)

    async def last_statuses(self) -> list[AgentStatus]:
        """What each agent chose last."""
        return await self._read(story.last_statuses)

    async def add_agent(
        self, name: str, full_name: str, skills: Mapping[Skill, int], password: str
    ) -> Agent:
        """Add someone who answers; of the password only its digest is kept.

        Raises NameTaken, and ValueError for a name that cannot be a phone account.
        """
        if not is_agent_name(name):
            raise ValueError(
                "nome de agente: de 2 a 32 letras minúsculas sem acento, algarismos, - ou _, "
                "começando por letra"
            )
        digest = people.secret_digest(name, password)
        agent = Agent(AgentName(name), full_name, dict(skills), digest, self._clock())
        await self._ask(people.add_agents, agent)
        return agent

    async def persons(self) -> list[Person]:
        """Everyone with a token, by name, the revoked ones too."""
        return await self._read(people.all_persons)

    async def add_person(self, name: str, role: Role, *scope: tuple[str, ...]) -> str:
        """A person's token, kept only as a hash. `scope`: lines, queues they see. NameTaken."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        new = NewPerson(name, Role(role), _hash(token), self._clock(), *scope)
        await self._ask(people.add_persons, new)
        return token

    async def revoke_person(self, name: str) -> None:
        """End someone's token. Raises NameUnknown."""
        await self._ask(people.revoke_persons, Revocation(name, self._clock()))

    async def person_by_token(self, token: str) -> Person | None:
        """Whose token this is; None if it is nobody's, or was revoked."""
        return await self._read(people.person_by_token_hash, _hash(token))

    # --- how it works ---
    async def _ask(self, do: Do, argument: Any, budget: Seconds = limits.STORE_BUDGET) -> Any:
        try:
            return await asyncio.wait_for(self._writer.ask(do, argument), budget)
        except TimeoutError:
            raise StoreOverdue("o banco de dados não respondeu a tempo") from None
        except SQLAlchemyError as problem:
            raise _failing(problem) from problem

    async def _read(self, question: Callable[..., Answer], *arguments: Any) -> Answer:
        await self._journal.caught_up()
        return await self._look_up(question, *arguments)

    async def _look_up(self, question: Callable[..., Answer], *arguments: Any) -> Answer:
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._readers, self._answer, question, arguments)
        try:
            return await asyncio.wait_for(asked, limits.STORE_BUDGET)
        except TimeoutError:
            raise StoreOverdue("o banco de dados não respondeu a tempo") from None
        except SQLAlchemyError as problem:
            raise _failing(problem) from problem

    def _answer(self, question: Callable[..., Answer], arguments: Sequence[Any]) -> Answer:
        with self._reading.connect() as connection:
            return question(connection, *arguments)

    # What the writer does: each must be harmless to repeat.
    def _take_epoch(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        return leadership.take(connection, self._node, self._clock(), len(asked))

    def _take_in(self, connection: Connection, records: Sequence[Any]) -> Sequence[Any]:
        return rescue.take_in_together(connection, records, self._facts, self._clock)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _failing(problem: SQLAlchemyError) -> StoreFailing:
    # The database's own words may quote what it was given: only their kind is passed on.
    return StoreFailing(f"o banco de dados recusou: {type(problem).__name__}")
