"""Who works and who calls on the day in miniature, and how each call is to end.

A group of citizens does the same: it dials, presses its keys, stays so long. From the menus
(day/156.yaml) follows by which nodes it goes, in which queues it waits, and how that ends: that is
written here beside the keys, by hand, and never looked up in the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

TALK = 2.5
"""Seconds after which an agent hangs up who does so first."""
WRAP_UP = 1.0
X = 5.0
"""Of "up to X s / more than X s": no wait of the day is near it."""
LIMIT = 30.0
"""Seconds after which the queue p156_protocolo sends its callers away."""

ANSWERS: Mapping[str, float] = MappingProxyType({"talk": TALK})
LISTENS: Mapping[str, float] = MappingProxyType({"talk": 60.0})
"""The citizen hangs up first, or is sent on."""


@dataclass(frozen=True)
class Agent:
    """One agent: skill, and what the phone does. `paused`: from the login on, for a while.
    `sends`: where this agent sends every caller, as kind and name."""

    name: str
    skill: str
    phone: Mapping[str, float]
    paused: bool = False
    sends: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Step:
    """A stay in a node of the menu: how it ends, the last key there, and what was wrong there."""

    node: str
    how: str
    key: str = ""
    silences: int = 0
    invalids: int = 0


@dataclass(frozen=True)
class Stay:
    """A stay in a queue: its subject, and how it ends."""

    queue: str
    how: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Citizens who do the same. `keys`: (seconds after the answer, or the key before; the key).
    `stay`: s from the last key on until they hang up; None: until the centre does. `start`: s after
    the day began; `as_group`: they have the numbers of that group."""

    name: str
    number: str
    calls: int
    rate: float
    start: float
    keys: tuple[tuple[float, str], ...]
    stay: float | None
    outcome: str = ""
    steps: tuple[Step, ...] = ()
    stays: tuple[Stay, ...] = ()
    marks: tuple[tuple[str, int | None], ...] = ()
    refused: int = 0
    hidden: bool = False
    area: str = "11"
    as_group: str = ""
    silent: bool = False
    """Nobody sends a sound during their talks: of that a recording is empty."""
    queue_key: int = 0
    """Which of the keys leads into the queue …"""
    queue_after: float = 0.0
    """… and how many seconds after it that is."""

    def numbers(self) -> list[str]:
        """The numbers that its citizens have, in the order in which they call."""
        if self.as_group:
            return NUMBERS[self.as_group][: self.calls]
        return NUMBERS[self.name]

    @property
    def line(self) -> str:
        """The line that the dialled number belongs to."""
        return "156" if self.number == FREE else self.number


FIRST_KEY = 1.6
"""Seconds after the answer. Every key is pressed in the midst of a text (SAID): between a text and
the wait after it a switch under load may swallow one."""
SAID = 3.0
"""Seconds that each text of the day lasts."""
FREE = "08000110156"
COLLECT = "90156"


def key(*pressed: str) -> tuple[tuple[float, str], ...]:
    """Keys, the first when the menu surely listens, each after what the one before leads to."""
    return tuple((FIRST_KEY if not place else 0.9, one) for place, one in enumerate(pressed))


def by(node: str, pressed: str) -> Step:
    """A menu left by a key."""
    return Step(node, "key", pressed)


def to_queue(node: str) -> Step:
    """A queue's own node."""
    return Step(node, "queue")


MENU = "principal"
END = Step("fim", "on")
SURVEY, GOODBYE = Step("pesquisa", "on"), Step("despedida", "on")
HUNG_UP_IN_SURVEY = Step("pesquisa", "hangup")
TO_GENERAL = (by(MENU, "9"), to_queue("geral"))
ASKED_FOR_A_PERSON = Stay("p156_geral", "answered", "Pediu um atendente")


def _people(
    name: str, many: int, skill: str, phone: Mapping[str, float], **more: Any
) -> list[Agent]:
    return [Agent(f"{name}{n}", skill, phone, **more) for n in range(many)]


PEOPLE: tuple[Agent, ...] = (
    *_people("risco", 4, "e199_risco", ANSWERS),
    *_people("guarda", 3, "e153_ocorrencia", {"talk": 3.0}, paused=True),
    *_people("geral", 8, "p156_geral", ANSWERS),
    *_people("nota", 7, "p156_social", ANSWERS),
    *_people("zela", 4, "p156_zeladoria", LISTENS),
    *_people("toca", 2, "p156_transporte", {"ring": 60.0}),
    *_people("adiante", 2, "p156_ouvidoria", LISTENS, sends=("fila", "p156_financas_docs")),
    *_people("ura", 2, "p156_limpeza", LISTENS, sends=("etapa", "fim")),
    *_people("docs", 2, "p156_financas_docs", ANSWERS),
    *_people("mulher", 2, "p156_mulher", LISTENS, paused=True),
    Agent("dorme", "p156_saude_animais", {"ring": 60.0}),
    Agent("recusa", "p156_saude_animais", {"answer": 486}),
    Agent("honesta", "p156_saude_animais", ANSWERS),
)

GUARDS_BACK, CALL_BACKS = 14.0, 36.0
"""Seconds after the beginning at which those who began on pause are free."""

GROUPS: tuple[Group, ...] = (
    # --- the emergency lines: in the queue at once ---
    Group("de_199", "199", 30, 0.8, 1, (), None, "served",
          (to_queue("risco"),), (Stay("e199_risco", "answered", "Defesa Civil"),)),
    Group("cai_153", "153", 4, 2.0, 1, (), 3.0, "abandoned",
          (to_queue("ocorrencia"),),
          (Stay("e153_ocorrencia", "abandoned", "Guarda Civil Metropolitana"),)),
    Group("de_153", "153", 20, 0.5, 26, (), None, "served",
          (to_queue("ocorrencia"),),
          (Stay("e153_ocorrencia", "answered", "Guarda Civil Metropolitana"),)),
    # --- served on 156 ---
    Group("atendida", "156", 35, 0.8, 2, key("9"), 7.0, "served",
          (*TO_GENERAL, HUNG_UP_IN_SURVEY), (ASKED_FOR_A_PERSON,)),
    Group("gratuita", FREE, 10, 0.3, 3, key("9"), 7.0, "served",
          (*TO_GENERAL, HUNG_UP_IN_SURVEY), (ASKED_FOR_A_PERSON,)),
    Group("sem_nota", "156", 8, 0.5, 4, key("9"), None, "served",
          (*TO_GENERAL, SURVEY, GOODBYE), (ASKED_FOR_A_PERSON,),
          (("clareza", None), ("nota", None))),
    Group("nota_boa", "156", 20, 0.5, 2, (*key("3", "1"), (4.0, "4"), (1.3, "5")), None, "served",
          (by(MENU, "3"), by("assuntos", "1"), to_queue("fila_notas"), SURVEY, GOODBYE),
          (Stay("p156_social", "answered", "Dá notas"),),
          (("clareza", 4), ("nota", 5)), queue_key=1, silent=True),
    Group("nota_ma", "156", 12, 0.3, 3, (*key("3", "1"), (4.0, "2"), (1.3, "1")), None, "served",
          (by(MENU, "3"), by("assuntos", "1"), to_queue("fila_notas"), SURVEY, GOODBYE),
          (Stay("p156_social", "answered", "Dá notas"),),
          (("clareza", 2), ("nota", 1)), queue_key=1, silent=True),
    Group("meia_nota", "156", 6, 0.3, 4, (*key("3", "1"), (4.0, "3")), None, "served",
          (by(MENU, "3"), by("assuntos", "1"), to_queue("fila_notas"), SURVEY, GOODBYE),
          (Stay("p156_social", "answered", "Dá notas"),),
          (("clareza", 3), ("nota", None)), queue_key=1, silent=True),
    Group("conversa", "156", 30, 0.6, 2, key("3", "2"), 5.0, "served",
          (by(MENU, "3"), by("assuntos", "2"), to_queue("fila_conversa")),
          (Stay("p156_zeladoria", "answered", "Desliga primeiro"),), queue_key=1),
    Group("calada", "156", 6, 0.5, 1, key("6"), 31.0, "served",
          (by(MENU, "6"), Step("calado", "silence", silences=2), to_queue("fila_calados"),
           HUNG_UP_IN_SURVEY),
          (Stay("p156_geral", "answered", "Nada teclou"),), queue_after=20.0),
    # --- sent on by agents ---
    Group("outra_fila", "156", 8, 0.25, 3, key("3", "3"), 12.0, "served",
          (by(MENU, "3"), by("assuntos", "3"), to_queue("fila_adiante"), HUNG_UP_IN_SURVEY),
          (Stay("p156_ouvidoria", "answered", "Vai a outra fila"),
           Stay("p156_financas_docs", "answered", "Vai a outra fila")), queue_key=1),
    Group("para_a_ura", "156", 8, 0.25, 4, key("3", "4"), None, "served",
          (by(MENU, "3"), by("assuntos", "4"), to_queue("fila_para_a_ura"), END),
          (Stay("p156_limpeza", "answered", "Volta à URA"),), queue_key=1),
    # --- agents who do not answer ---
    Group("insiste", "156", 8, 0.4, 8, key("2", "4"), 12.0, "served",
          (by(MENU, "2"), by("pessoas", "4"), to_queue("fila_dificil"), HUNG_UP_IN_SURVEY),
          (Stay("p156_saude_animais", "answered", "Entre quem não atende"),), queue_key=1),
    Group("toca", "156", 10, 0.4, 2, key("2", "3"), 1.6, "abandoned",
          (by(MENU, "2"), by("pessoas", "3"), to_queue("fila_toca")),
          (Stay("p156_transporte", "abandoned", "Só toca"),), queue_key=1),
    # --- given up in the queue: soon, after X, after what makes a task ---
    Group("cedo", "156", 28, 1.0, 1, key("2", "1"), 1.6, "abandoned",
          (by(MENU, "2"), by("pessoas", "1"), to_queue("fila_ninguem")),
          (Stay("p156_idiomas", "abandoned", "Ninguém atende"),), queue_key=1),
    Group("tarde", "156", 20, 0.5, 2, key("2", "1"), 8.0, "abandoned",
          (by(MENU, "2"), by("pessoas", "1"), to_queue("fila_ninguem")),
          (Stay("p156_idiomas", "abandoned", "Ninguém atende"),), queue_key=1),
    Group("com_tarefa", "156", 20, 1.5, 1, key("2", "1"), 18.0, "abandoned",
          (by(MENU, "2"), by("pessoas", "1"), to_queue("fila_ninguem")),
          (Stay("p156_idiomas", "abandoned", "Ninguém atende"),), queue_key=1),
    # --- sent away by the queue, promised a call ---
    Group("limite", "156", 8, 0.5, 1, key("2", "2"), None, "ended_in_menu",
          (by(MENU, "2"), by("pessoas", "2"), to_queue("fila_limite"), END),
          (Stay("p156_protocolo", "redirected", "Espera máxima"),), queue_key=1),
    Group("retorno", "156", 6, 0.5, 2,
          (*key("3", "5"), *(((2.0, "1"),) * 8)), None, "promised",
          (by(MENU, "3"), by("assuntos", "5"), to_queue("fila_retorno")),
          (Stay("p156_mulher", "promised", "Pede retorno"),), queue_key=1),
    # --- in the menus alone ---
    Group("no_menu", "156", 32, 0.8, 1, (), 1.5, "left_in_menu", (Step(MENU, "hangup"),)),
    Group("no_submenu", "156", 30, 0.8, 2, key("1"), 1.5, "left_in_menu",
          (by(MENU, "1"), Step("servicos", "hangup")), area="21"),
    Group("no_terceiro", "156", 20, 0.5, 3, key("1", "2"), 1.0, "left_in_menu",
          (by(MENU, "1"), by("servicos", "2"), Step("enderecos", "hangup"))),
    Group("errada", "156", 10, 0.4, 4, key("7"), 6.0, "left_in_menu",
          (Step(MENU, "hangup", "7", invalids=1),)),
    Group("encerrada", "156", 45, 1.0, 2, key("5"), None, "ended_in_menu", (by(MENU, "5"), END)),
    Group("informada", "156", 25, 0.6, 3, key("1", "1"), None, "ended_in_menu",
          (by(MENU, "1"), by("servicos", "1"), Step("horarios", "on"), END), area="19"),
    Group("anonima", "156", 6, 0.4, 4, key("5"), None, "ended_in_menu", (by(MENU, "5"), END),
          hidden=True, area=""),
    Group("recado", "156", 5, 0.4, 5, key("4"), 4.0, "message_left",
          (by(MENU, "4"), Step("recado", "hangup"))),
    # --- who calls again, and who calls collect ---
    Group("de_novo", "156", 15, 0.6, 40, key("5"), None, "ended_in_menu", (by(MENU, "5"), END),
          as_group="cedo"),
    Group("servida", "156", 10, 0.6, 44, key("9"), 7.0, "served",
          (*TO_GENERAL, HUNG_UP_IN_SURVEY), (ASKED_FOR_A_PERSON,), as_group="com_tarefa"),
    Group("a_cobrar", COLLECT, 5, 2.0, 5, (), None, refused=403),
)  # fmt: skip

NUMBERS: Mapping[str, list[str]] = {
    one.name: [f"{one.area or '11'}98{place + 10}{n + 1:05d}" for n in range(one.calls)]
    for place, one in enumerate(GROUPS)
    if not one.as_group
}
"""A number for every citizen: eleven digits, of which two are the group's."""
