"""A campaign: who calls, why, when, how often, and by which way of dialling. And its states.

    draft ─► running ⇄ paused        a pause lets talks end and orders nothing new
                │         │
                └► draining ◄┘ ─► done      no new attempt; done when the last one has ended

A campaign is what a file of the city says (dialplans/campanhas/), so the words that it may use
are Portuguese; reader/ makes this value of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dialer.hours import Windows
from terms.limits import (
    CAMPAIGN_ATTEMPTS,
    CAMPAIGN_ATTEMPTS_A_DAY,
    CAMPAIGN_ATTEMPTS_MAX,
    OUT_RING_SECONDS,
    RING_SECONDS_MAX,
)
from terms.names import CampaignName, Instant, QueueName, Seconds, TrunkName
from terms.outcome import Tried


class Kind(StrEnum):
    """What a campaign is for (4.2.9.4.2)."""

    NOTICE = "aviso"
    SURVEY = "pesquisa"
    CALL_BACK = "retorno"
    COMPLETION = "complemento"
    REMINDER = "lembrete"
    ALERT = "alerta"


class Mode(StrEnum):
    """How it dials."""

    PROGRESSIVE = "progressivo"  # an agent is reserved, then the citizen is dialled (R63)
    PREVIEW = "previa"  # the agent looks first
    PREDICTIVE = "preditivo"  # more calls than idle agents; drops are capped
    AGENTLESS = "aviso"  # a spoken text, with keys

    @property
    def reserves(self) -> bool:
        """Whether an agent is reserved before the citizen is dialled."""
        return self in (Mode.PROGRESSIVE, Mode.PREVIEW)


class KeyMeans(StrEnum):
    """What a key does to a citizen who hears a notice."""

    CONFIRM = "confirma"
    PERSON = "atendente"
    REPEAT = "repete"
    REFUSE = "recusa"
    DO_NOT_CALL = "nao_ligar"


class CampaignState(StrEnum):
    """Where a campaign stands; see the file's top."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    DONE = "done"


CAMPAIGN_SUCCESSORS: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING, CampaignState.DONE}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.DRAINING}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.DRAINING}),
    CampaignState.DRAINING: frozenset({CampaignState.DONE}),
    CampaignState.DONE: frozenset(),
}


def may_become(now: CampaignState, then: CampaignState) -> bool:
    """Whether `then` is a successor of `now` in the table."""
    return then in CAMPAIGN_SUCCESSORS[now]


@dataclass(frozen=True, slots=True)
class Retry:
    """After this result: again after so long (s), at most so many times for one contact."""

    after: Seconds
    times: int


RETRIES: Final[Mapping[Tried, Retry]] = {
    Tried.BUSY: Retry(15 * 60.0, 3),
    Tried.NO_ANSWER: Retry(2 * 3_600.0, 3),
    Tried.MACHINE: Retry(4 * 3_600.0, 2),
    Tried.SILENT: Retry(3_600.0, 1),
    Tried.UNREACHABLE: Retry(3_600.0, 2),
    Tried.DROPPED: Retry(24 * 3_600.0, 1),
    Tried.LOST: Retry(3_600.0, 2),
}
"""What holds where a campaign says nothing. A result that is not here is the last one."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What does not change while it runs. ValueError for one that could not be.

    `priority`: lower goes first. `attempts`: at one contact, in all; `attempts_a_day`: at one
    number, together with all other campaigns. `since`/`until`: nothing is dialled outside.
    `life_safety`: the supervisor who answers for calling outside hours and although somebody is
    on the do-not-call list (R64); '' for none. `caller_id`: the number that is shown, always the
    same (R67). `keys`: of a notice.
    """

    name: CampaignName
    kind: Kind
    mode: Mode
    body: str
    subject: str
    caller_id: str
    trunks: tuple[TrunkName, ...]
    queue: QueueName = QueueName("")
    windows: Windows = field(default_factory=Windows)
    attempts: int = CAMPAIGN_ATTEMPTS
    attempts_a_day: int = CAMPAIGN_ATTEMPTS_A_DAY
    retries: Mapping[Tried, Retry] = field(default_factory=lambda: RETRIES)
    priority: int = 5
    script: str = ""
    keys: Mapping[str, KeyMeans] = field(default_factory=dict)
    life_safety: str = ""
    ring_seconds: Seconds = OUT_RING_SECONDS
    since: Instant = 0.0
    until: Instant | None = None

    def __post_init__(self) -> None:
        if not self.trunks:
            raise ValueError("uma campanha precisa de ao menos uma rota")
        if not self.caller_id.isdecimal():
            raise ValueError("uma campanha precisa do número que mostra a quem é chamado")
        if not self.body or not self.subject:
            raise ValueError("uma campanha precisa do órgão que a pede e do assunto")
        if not 1 <= self.attempts <= CAMPAIGN_ATTEMPTS_MAX or self.attempts_a_day < 1:
            raise ValueError(f"as tentativas vão de 1 a {CAMPAIGN_ATTEMPTS_MAX}")
        if not 0 < self.ring_seconds <= RING_SECONDS_MAX:
            raise ValueError(f"o toque dura até {RING_SECONDS_MAX:.0f} s")
        if self.mode is Mode.AGENTLESS:
            if KeyMeans.PERSON in self.keys.values() and not self.queue:
                raise ValueError("a tecla que leva a um atendente precisa de uma fila")
        elif not self.queue:
            raise ValueError("uma campanha com atendentes precisa de uma fila")

    def retry(self, result: Tried) -> Retry | None:
        """What follows this result; None when it was the last attempt."""
        return self.retries.get(result)
