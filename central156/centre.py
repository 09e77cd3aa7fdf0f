"""The running centre as the API sees it: one object over the store, the floor and the desk.

It decides nothing. It turns questions into the rooms' own, and their answers into plain values.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from acd.agents import Status
from acd.events import WrapUpDone
from acd.measures import Measures
from acd.queues import QueueTable
from acd.view import FloorView
from callflow.agent_desk import AgentDesk
from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from callflow.hear import Ear
from callflow.serving import Plans
from callflow.shift_desk import ShiftDesk
from central156 import figures_now, shown
from central156.admitted import Admitted, refuse_reserved
from central156.alert_acts import AlertActs
from central156.call_back_acts import CallBackActs
from central156.campaign_acts import CampaignActs
from central156.campaign_views import CampaignViews
from central156.campaign_voice import CampaignVoice
from central156.contract_acts import ContractActs
from central156.floor_picture import FloorPicture
from central156.orders import Orders
from central156.people_at_work import PeopleAtWork, refusing
from central156.plugs import VoicePlug
from central156.publishing import Publishing
from central156.recordings_open import RecordingRooms
from central156.refusals import asked
from central156.reports import Reports
from central156.settings import Settings
from central156.sms_open import open_sms
from central156.standing import standing
from central156.subject_data import open_subject_data
from central156.switch import write_agents
from central156.talks import TalkActs
from central156.trunk_acts import TrunkActs
from console.ports import Gauges, Health, Labels, PhoneAccount, Plain, Refusal
from pbx.agi_server import AgiServer
from pbx.configuration import AgentAccount
from protocol_store import Store
from protocol_store.why import why
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant, Skill
from terms.sight import Reveal

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
PASSWORD_LENGTH = 16


class RunningCentre(Admitted):
    """console.ports.Centre over the real rooms."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        keeper: FloorKeeper,
        desk: AgentDesk,
        book: Book,
        ear: Ear,
        door: AgiServer,
        publishing: Publishing,
        orders: Orders,
        voice: VoicePlug,
        recordings: RecordingRooms,
        picture: FloorPicture | None = None,
    ) -> None:
        """`voice`: says how often each way of reading a value aloud was taken, and is told of what
        campaigns have to say."""
        self._settings = settings
        self._store, self._keeper, self._desk = store, keeper, desk
        self._book, self._ear, self._door = book, ear, door
        self.dialplans = publishing
        self.orders = orders
        self.work = PeopleAtWork(store, ear.shifts or ShiftDesk(desk), keeper.clock)
        self.reports = Reports(settings.store_url, settings.papers_dir, keeper.clock, keeper.record)
        self._live_texts = voice.shares
        if ear.talks is not None:
            self.talks = TalkActs(ear.talks, desk)
        self.recordings, self._sealing = recordings.acts, recordings.sealing
        self.citizens = open_subject_data(settings, store, keeper, book, recordings.acts.erase)
        self.call_backs = CallBackActs(store, keeper, ear.call_backs)
        self.contract = ContractActs(store, keeper)
        self.sms = open_sms(settings, store, keeper.clock, ear.epoch, publishing.serving)
        self.trunks = TrunkActs(settings, store, keeper)
        clock, ways = keeper.clock, self.trunks
        views = CampaignViews(store, publishing.serving, clock, lambda: ways.current)
        self.campaigns = CampaignActs(views, store, CampaignVoice(settings, voice))
        self.alerts = AlertActs(settings, store, self.campaigns)
        if ear.dialler is not None:
            self.campaigns.plug(ear.dialler, keeper, ear.shifts or ShiftDesk(desk))
        self._picture = picture or FloorPicture(keeper, book, desk, ear)
        self._labels: tuple[Plans, QueueTable, Labels] | None = None  # and what they are of
        self._writing_accounts = asyncio.Lock()

    async def write_phone_accounts(self) -> None:
        """Make the store's agents the phones that may register."""
        # one after the other: an older list must not be written over a newer one, and the switch
        # passes over a reload while it reloads
        async with self._writing_accounts:
            agents = await self._store.agents()
            accounts = [AgentAccount(one.name, one.secret_digest) for one in agents]
            await asyncio.to_thread(write_agents, self._settings, accounts)

    # --- how it is ---
    def now(self) -> Instant:
        """This instant."""
        return self._keeper.clock()

    def health(self) -> Health:
        """Which parts are up."""
        lag = self._store.lag()
        return Health(
            floor=True,
            store=not lag.failing,
            link=self._ear.link_up,
            node=self._settings.node,
            epoch=self._ear.epoch,
            mirror=self._picture.mirror_state,
        )

    @property
    def measures(self) -> Measures:
        """The figures of queues and lines."""
        return self._picture.measures

    def gauges(self) -> Gauges:
        """Figures of this moment; test calls are left out."""
        lag, sealing = self._store.lag(), self._sealing
        return Gauges(
            **figures_now.hall(self._keeper, self._book),
            marked=figures_now.marked_by_kind(self.orders.numbers.marked()),
            store_pending=lag.count,
            store_lag=lag.oldest_seconds,
            store_refused=lag.refused,
            store_violations=self._store.violations,
            chain_broken=self._store.heads.broken,
            chain_signed_at=self._store.heads.signed_at,
            store_up=not lag.failing,
            journal=figures_now.journal(lag),
            link_up=self._ear.link_up,
            agi_sessions=self._door.open_sessions,
            live_texts=self._live_texts(),
            mirror=self._picture.mirror_state,
            mirror_age=self._picture.mirror.age if self._picture.mirror else 0.0,
            recordings_waiting=sealing.waiting,
            recordings_oldest=sealing.oldest,
            trunks=self.trunks.gauges(),
            sms=self.sms.gauges(),
        )

    def labels(self) -> Labels:
        """What may be a label; asked at every fact, made anew only when something else serves."""
        plans, queues = self.dialplans.serving.current, self._keeper.floor.queues
        if self._labels is None or self._labels[0] is not plans or self._labels[1] is not queues:
            self._labels = (plans, queues, figures_now.labels_of(plans, self._keeper.floor))
        return self._labels[2]

    def line_of(self, call: CallId) -> tuple[str, bool] | None:
        """An open call's line, and whether it is a test call."""
        entry = self._book.calls.get(call)
        return None if entry is None else (entry.line, entry.test)

    def watch(self, hear: Callable[[tuple[Fact, ...]], None]) -> Callable[[], None]:
        """Call `hear` with all new facts, until the answer is called."""
        return self._keeper.watch(hear)

    # --- calls ---
    def floor(self) -> Plain:
        """Queues, callers, agents, and the calls that are in no queue."""
        return self._picture.plain()

    def screen(self, agent: AgentName, reveal: Reveal = False) -> Plain:
        """The agent's status and state, and the call that rings or is talked on."""
        self._must_be_known(agent)
        found = shown.screen(agent, self._keeper.floor.agents.get(agent), self._book, reveal)
        return self.campaigns.on_screen(agent, found, reveal)

    async def story(self, protocol_or_call: str, reveal: Reveal) -> Plain | None:
        """All that is stored of a call; nodes come with what they say, if that is known."""
        found = await asked(self._store.story(protocol_or_call, reveal))
        if found is None:
            return None
        plans = self.dialplans.serving.of(found.call.dialplan_version or "")
        return shown.story(found, plans.lines.get(found.call.line), self.recordings.url_of)

    async def why(self, protocol_or_call: str, only: AgentName | None) -> Plain | None:
        """How the call was distributed, and where it stands if it is in course."""
        found = await asked(self._store.story(protocol_or_call))
        if found is None or (only and all(offer.agent != only for offer in found.offers)):
            return None
        now = standing(self._keeper.floor, found.call.call, self.now())
        if now is not None and only not in (None, now["agent"]):
            now["agent"] = None
        return {**why(found, only), "now": now}

    async def open_calls(self, reveal: Reveal) -> Sequence[Plain]:
        """Calls whose end is not stored."""
        return [asdict(row) for row in await asked(self._store.open_calls(reveal))]

    async def tasks(self, open_only: bool, reveal: Reveal) -> Sequence[Plain]:
        """What is to be done."""
        return [asdict(task) for task in await asked(self._store.tasks(open_only, reveal))]

    # --- agents ---
    async def agents(self) -> Sequence[Plain]:
        """All agents of the store, each with what the floor knows of them now."""
        there = {agent.agent: asdict(agent) for agent in self._view().agents}
        return [
            {
                **(there.get(one.name) or shown.absent(one.name)),
                "full_name": one.full_name,
                "skills": dict(one.skills),
                "subjects": list(one.subjects),
                "reserve": one.reserve,
                "blocked": one.blocked,
                "added_at": one.added_at,
            }
            for one in await asked(self._store.agents())
        ]

    async def add_agent(
        self, agent: AgentName, full_name: str, skills: Mapping[str, int], by: str
    ) -> PhoneAccount:
        """A new agent, known to the store, to the desk and to the switch."""
        refuse_reserved(agent)
        unknown = sorted(set(skills) - set(self._desk.lines_of))
        if unknown:
            known = ", ".join(sorted(self._desk.lines_of))
            text = f"habilidade desconhecida: {', '.join(unknown)}; há: {known}"
            raise Refusal(422, text)
        levels = {Skill(skill): level for skill, level in skills.items()}
        password = "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(PASSWORD_LENGTH))
        await asked(self._store.add_agent(agent, full_name, levels, password))
        self._desk.enroll(agent, levels)
        details = {"skills": dict(skills)}
        self._keeper.record(Fact(self.now(), Kind.AGENT_ADDED, agent=agent, by=by, details=details))
        await self.write_phone_accounts()
        return PhoneAccount(agent, password, self._settings.sip_address, self._settings.agents_port)

    def log_out(self, agent: AgentName, by: str, because: str = "") -> None:
        """The agent gets no more calls. Refusal 409 when a pause would be cut."""
        with refusing():
            self._desk.log_out(agent, by, because)

    def pause(self, agent: AgentName, reason: str, by: str) -> None:
        """The agent rests. Refusal 409 when logged out, or not for this reason."""
        self._must_be_in(agent)
        with refusing():
            self._desk.pause(agent, reason, by)

    def resume(self, agent: AgentName, by: str) -> None:
        """The agent is back. Refusal 409 when logged out, or when nobody may end the pause."""
        self._must_be_in(agent)
        with refusing():
            self._desk.resume(agent, by)

    def end_wrap_up(self, agent: AgentName, by: str) -> None:
        """The agent is done with what follows a talk. Refusal 409 when logged out."""
        self._must_be_in(agent)
        self._keeper.tell(WrapUpDone(agent), by=by)

    # --- how it works ---
    def _view(self) -> FloorView:
        return self._keeper.floor.view(self.now())

    def _must_be_known(self, agent: AgentName) -> None:
        if agent not in self._desk.profiles:
            raise Refusal(404, f"não há agente com o nome {agent}")

    def _must_be_in(self, agent: AgentName) -> None:
        self._must_be_known(agent)
        found = self._keeper.floor.agents.get(agent)
        if found is None or found.status is Status.LOGGED_OUT:
            raise Refusal(409, f"{agent} não está disponível: falta entrar (login)")
