"""What people do with campaigns, for the API (console.ports_campaigns): keep, start, pause, stop,
go on after all had stopped.

Who may is told by the route (a role) and here: a campaign outside one's lines and queues is as if
it were not there; calls that save lives pass over hours and wishes, so a supervisor answers for
their start by name (R64), with a token of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from callflow.agent_words import AgentWords
from callflow.campaign_ports import Refused
from callflow.dialler import CampaignRefused, Dialler
from callflow.floor_keeper import FloorKeeper
from callflow.shift_desk import ShiftDesk
from central156.campaign_agents import NOT_HERE, CampaignAgents
from central156.campaign_check import Found, reread, why_not
from central156.campaign_lists import pages, row_of
from central156.campaign_views import CampaignViews
from central156.refusals import asked
from console.ports import Plain, Refusal
from console.ports_campaigns import Asker, DiallerGauges, Scope
from dialer.campaign import CampaignState
from protocol_store import Store
from protocol_store.campaign_rows import DRAFT, ListRow
from reader import DialplanMistakes
from reader.campaign_file import CampaignFile, read_campaign
from reader.contact_list import ContactList, Listed
from reader.contact_sheets import ListUnreadable, as_text
from terms.limits import CONTACT_MISTAKES_SHOWN
from terms.names import CampaignName

BY_NAME = (
    "uma campanha de risco à vida só se começa por um supervisor, com o seu próprio token: ele "
    "responde por ligar fora do horário e a quem não quer ser chamado"
)


Speaks = Callable[[CampaignFile], Awaitable[str]]
"""Records what a campaign says, if it is not recorded yet; a sentence for what could not be."""


@contextmanager
def refusing() -> Iterator[None]:
    """What the dialler refuses, as HTTP says it."""
    try:
        yield
    except (CampaignRefused, Refused) as refused:
        raise Refusal(409, str(refused)) from None


class CampaignActs(CampaignAgents):
    """See the file's top; console.ports_campaigns.CampaignsPort."""

    def __init__(self, views: CampaignViews, store: Store, speaks: Speaks) -> None:
        """Without `plug` nothing is dialled."""
        self._store, self._clock = store, views.clock
        self.views, self.speaks = views, speaks
        self.dialler: Dialler | None = None

    def plug(self, dialler: Dialler, keeper: FloorKeeper, shifts: ShiftDesk) -> None:
        """Calls are made: people order them here, agents speak of them here and by phone."""
        self.dialler = self.views.dialler = dialler
        self.words = AgentWords(dialler, keeper, self._store.promises.caller_of)
        shifts.campaign = self.words.coded

    # --- questions ---
    async def campaigns(self, scope: Scope) -> Sequence[Plain]:
        """Every campaign that is theirs."""
        return await self.views.campaigns(scope)

    async def campaign(self, name: CampaignName, scope: Scope) -> Plain:
        """One of them."""
        return await self.views.campaign(name, scope)

    async def progress(self, name: CampaignName, scope: Scope) -> Plain:
        """How far it is."""
        return await self.views.progress(name, scope)

    def gauges(self) -> DiallerGauges:
        """Figures of this moment, for /metrics."""
        return self.views.gauges()

    async def standing(self) -> Plain:
        """Whether all has stopped, since when and why, and what each trunk carried."""
        said = await asked(self._store.campaigns.stopped())
        because = said.because if self.dialler is None else self.dialler.dialling.stopped
        return {
            "dials": self.dialler is not None,
            "stopped": because,
            "since": said.at or None,
            "by": said.by,
            "ways": await self.views.ways(),
        }

    # --- keeping ---
    async def make(self, name: CampaignName, file: str, by: Asker) -> Plain:
        """Keep a draft. Refusal 422, 409."""
        content = file.encode()
        try:
            queues = self._queues()
            read = await asyncio.to_thread(read_campaign, content, f"{name}.yaml", queues)
        except DialplanMistakes as wrong:
            raise Refusal(422, "; ".join(map(str, wrong.mistakes))) from None
        if not by.scope.has(*self.views.whose(read)):
            raise Refusal(403, "a fila desta campanha está fora do seu recorte")
        row = row_of(read, content, self._clock(), by.name)
        await asked(self._store.campaigns.make(row))
        self.views.changed(name)
        return await self.views.campaign(name, by.scope)

    async def load(self, name: CampaignName, file: str, csv: str, by: Asker) -> Plain:
        """Keep a contact list; a line that is wrong is left out, and told."""
        row, read = await self.views.row(name, by.scope)
        if read is None:
            raise Refusal(409, "o arquivo da campanha não se lê nesta versão: guarde-a de novo")
        if row.state == CampaignState.DONE:
            raise Refusal(409, "a campanha já terminou")
        book = self._store.campaigns
        try:
            content = as_text(csv)
            wish = ListRow.of(name, file, content, self._clock(), by.name)
            # numbers take long to read, and this process has calls to answer
            listed = await asyncio.to_thread(ContactList, content, read.mapped)
            known = await asked(book.begin_list(wish))
            left_out: list[int] = []
            rows, over = pages(listed), list[Listed]()
            while known.loaded_at is None and (page := await asyncio.to_thread(next, rows, over)):
                left_out += await asked(book.load(wish, page, wish.at))
        except ListUnreadable as wrong:
            raise Refusal(422, f"{file}: {wrong}") from None
        if known.loaded_at is not None:
            return {"list": known.name, "contacts": known.contacts, "already": True, "wrong": []}
        done = ListRow(
            *(wish.name, wish.campaign, wish.file, wish.digest, wish.at, wish.by),
            contacts=listed.read - len(left_out),
            wrong=listed.wrong,
            repeated=listed.repeated,
            there_before=len(left_out),
            loaded_at=self._clock(),
        )
        await asked(book.finish_list(done))
        self.views.changed(name)
        wrong_lines = [str(one) for one in listed.mistakes]
        wrong_lines += [f"linha {line}: o número já está na campanha" for line in left_out]
        shown = wrong_lines[:CONTACT_MISTAKES_SHOWN]
        return {"list": done.name, "contacts": done.contacts, "already": False, "wrong": shown}

    # --- orders ---
    async def start(self, name: CampaignName, by: Asker) -> Plain:
        """Dial, from now on. Refusal 404, 403, 409."""
        row, read = await self.views.row(name, by.scope)
        dials = self._dials()
        if row.life_safety and not by.named:
            raise Refusal(403, BY_NAME)
        book = self._store.campaigns
        found = Found(
            row,
            await asked(book.counts(name)),
            await asked(book.lists(name)),
            self._queues(),
            self.views.trunks(),
            self._clock(),
        )
        because = why_not(found)
        if not because and read is not None:
            because = await self.speaks(read)
        if because:
            raise Refusal(409, because)
        with refusing():
            await asked(dials.start(name, by.name))
        return await self._now(name, by)

    async def pause(self, name: CampaignName, because: str, by: Asker) -> Plain:
        """Order nothing more for now."""
        row, _ = await self.views.row(name, by.scope)
        if row.state != CampaignState.RUNNING:
            raise Refusal(409, f"a campanha {name} não está em curso")
        with refusing():
            await asked(self._dials().pause(name, by.name, because))
        return await self._now(name, by, because)

    async def stop(self, name: CampaignName, because: str, by: Asker) -> Plain:
        """For good."""
        row, _ = await self.views.row(name, by.scope)
        if row.state == CampaignState.DONE:
            raise Refusal(409, f"a campanha {name} já terminou")
        if row.state == DRAFT:
            raise Refusal(409, f"a campanha {name} não começou")
        with refusing():
            await asked(self._dials().stop(name, by.name, because))
        return await self._now(name, by, because)

    async def go_on(self, because: str, by: Asker) -> Plain:
        """A person has looked at why all had stopped. With a life-safety campaign in course, a
        supervisor does so by name; whoever has a scope, only where it has all that would go on."""
        dials = self._dials()
        if not dials.dialling.stopped:
            raise Refusal(409, "o discador não está parado")
        rows = await asked(self._store.campaigns.campaigns())
        running = [one for one in rows if one.state == CampaignState.RUNNING]
        if not by.named and any(one.life_safety for one in running):
            raise Refusal(403, BY_NAME)
        if not all(by.scope.has(*self.views.whose(reread(one))) for one in running):
            raise Refusal(403, "há campanhas em curso fora do seu recorte de linhas e filas")
        with refusing():
            await asked(dials.go_on(by.name, because))
        return await self.standing()

    # --- how it works ---
    async def _now(self, name: CampaignName, by: Asker, because: str = "") -> Plain:
        """How far it is, and the change itself: it holds at once, and is written down beside."""
        found = await self.views.progress(name, by.scope)
        if not because:
            return found
        changed = {"changed_at": self._clock(), "changed_by": by.name, "because": because}
        return {**found, **changed}

    def _dials(self) -> Dialler:
        if self.dialler is None:
            raise Refusal(409, NOT_HERE)
        return self.dialler

    def _queues(self) -> frozenset[str]:
        rules = self.views.serving.current.queues.rules
        return frozenset(str(rule.name) for rule in rules)
