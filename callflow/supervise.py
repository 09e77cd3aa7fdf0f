"""A supervisor beside a talk: listens, whispers to the agent, or comes in. Each with a reason.

    begin ─► the supervisor's own phone rings (through the gate) ─► up: a fact ─► over: a fact

Listening and whispering hang on the agent's leg and go with the talk to whoever it moves to; a talk
that is over ends them. Who comes in is one more in the call's room, heard by all and in the
recording; a whisper reaches the agent alone and is not in it: the recording holds what citizen and
agent said to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callflow.goal import Refused
from callflow.talk import Talks
from terms.facts import Fact, Kind
from terms.limits import SPY_RING
from terms.names import AgentName, CallId, Instant
from terms.signals import Phone, TalkNews

LISTEN, WHISPER, BARGE = "ouvir", "sussurrar", "entrar"
MODES = (LISTEN, WHISPER, BARGE)


@dataclass(slots=True)
class Beside:
    """One supervisor beside one talk."""

    name: str
    call: CallId
    agent: AgentName
    phone: AgentName
    mode: str
    because: str
    by: str
    began: Instant = 0.0
    channel: str = ""


@dataclass(slots=True)
class Supervision:
    """Who is beside which talk now."""

    talks: Talks
    open: dict[str, Beside] = field(default_factory=dict)
    _made: int = 0

    def __post_init__(self) -> None:
        self.talks.on_supervised = self.hear
        self.talks.keeper.watch(self.read)

    async def begin(
        self, agent: AgentName, phone: AgentName, mode: str, because: str, by: str
    ) -> str:
        """Ring the supervisor's phone; the supervision's name. Refused without a reason, a talk,
        or a free phone."""
        if not because.strip():
            raise Refused("diga por quê: toda escuta fica registrada com o seu motivo")
        talk = self.talks.talk_of(agent)
        self._must_be_free(phone)
        keeper = self.talks.keeper
        if mode == BARGE:
            await self.talks.share(agent)
        self._made += 1
        name = f"{keeper.floor.epoch}-s{self._made}"
        one = Beside(name, talk.call, agent, phone, mode, because.strip(), by)
        leg = await self.talks.leg_channel(agent)
        self.open[name] = one
        try:
            await keeper.switch.ring_beside(
                phone, mode, f"{name}:{mode}:{agent}:{by}", talk.call, leg, SPY_RING
            )
        except Exception:
            del self.open[name]
            raise
        return name

    async def end(self, name: str) -> None:
        """The supervisor leaves. Refused when there is no such supervision."""
        one = self.open.get(name)
        if one is None:
            raise Refused(f"não há acompanhamento {name} em curso")
        if one.channel:
            await self.talks.keeper.switch.hang_up(one.channel)

    def hear(self, news: TalkNews) -> None:
        """`<name>:<mode>:<agent>:<by>:up:<channel>`, `…:over:<seconds>`, `…:unheard`."""
        name, mode, agent, by, what, *rest = (*news.detail.split(":"), "", "", "", "", "")
        one = self.open.get(name)
        details = {"supervision": name, "mode": mode}
        if what == "up" and one is not None:
            one.began, one.channel = news.at, rest[0]
            self._record(Kind.SUPERVISION_BEGAN, news, agent, by, because=one.because, **details)
        elif what == "unheard":
            self.open.pop(name, None)  # nobody was beside the talk: nothing to record
        elif what == "over":
            self.open.pop(name, None)
            seconds = int(rest[0]) if rest[0].isdigit() else 0
            self._record(Kind.SUPERVISION_ENDED, news, agent, by, seconds=seconds, **details)

    def read(self, facts: tuple[Fact, ...]) -> None:
        """A talk that moved takes its listeners along, to the leg of whoever has it now."""
        for fact in facts:
            if fact.kind is not Kind.TALK_MOVED:
                continue
            for one in self.open.values():
                if one.call == fact.call and one.channel and one.mode != BARGE:
                    to = AgentName(str(fact.details["to"]))
                    self.talks.follow(one.channel, CallId(str(fact.call)), to)

    def _must_be_free(self, phone: AgentName) -> None:
        found = self.talks.keeper.floor.agents.get(phone)
        if found is None or found.phone is not Phone.IDLE or found.offer is not None:
            raise Refused(f"o telefone de {phone} não está registrado, ou está ocupado")

    def _record(self, kind: Kind, news: TalkNews, agent: str, by: str, **details: object) -> None:
        self.talks.keeper.record(Fact(news.at, kind, news.call, AgentName(agent), by, details))
