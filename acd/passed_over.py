"""Why this caller and this agent: the reason of a choice in Portuguese, and who was passed over.

Only those are told of who could complain: callers who came earlier, agents who have been idle
longer. A few of each are enough for whoever asks why (SKIPPED_TOLD).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from acd.choice import ChoiceRule
from acd.needs import Ask, Fit, Profile
from acd.queues import Caller
from acd.rows import Row
from terms.limits import SKIPPED_LOOKED_AT, SKIPPED_TOLD
from terms.names import AgentName, Instant, Seconds

if TYPE_CHECKING:
    from acd.router import House

Skipped = dict[str, str]
"""`{"caller" or "agent": who, "reason": why}`."""

BY_RULE = {
    ChoiceRule.FIFO: "a regra da fila: quem chegou antes",
    ChoiceRule.INDEX: "o índice: quantos esperam na fila e há quanto tempo espera o primeiro",
    ChoiceRule.QIR: "a proporção entre as filas e entre os grupos",
}


def callers_passed(chosen: Caller, profile: Profile, house: House) -> list[Skipped]:
    """Heads of other rows who came earlier than the chosen one."""
    found: list[Skipped] = []
    for row in islice(house.standing.rows, SKIPPED_LOOKED_AT):
        if row.head.joined < chosen.joined:
            reason = _why_not_caller(chosen, row, profile, house)
            found.append({"caller": row.head.call, "reason": reason})
            if len(found) == SKIPPED_TOLD // 2:
                break
    return found


def _why_not_caller(chosen: Caller, row: Row, profile: Profile, house: House) -> str:
    head, rule, now = row.head, row.rule, house.now
    waits = f"na fila {rule.name}, espera há {seconds(now - head.joined)}"
    if row.asks.fit(profile) is None:
        return f"{waits}: o atendente não tem o que esta chamada pede agora"
    if not house.may_serve(profile, rule.emergency):
        return f"{waits}: o atendente está guardado para emergências"
    if head.urgency(now) > chosen.urgency(now):
        if chosen.rule.emergency and not rule.emergency:
            return f"{waits}: emergências passam à frente"
        return f"{waits}: prioridade menor"
    return f"{waits}: {BY_RULE[house.rule]}"


def agents_passed(
    chosen: tuple[Fit, Instant, AgentName],
    fitting: Iterable[tuple[Fit, Profile]],
    house: House,
    preferred: bool,
) -> list[Skipped]:
    """Of each profile that fits, who has been idle longer than the chosen one."""
    fit, since, agent = chosen
    found: list[Skipped] = []
    for other, profile in fitting:
        if len(found) == SKIPPED_TOLD // 2:
            break
        idle_since, name = house.idle.pool(profile)[0]
        if name != agent and (idle_since, name) < (since, agent):
            known = "outro atendente conhece este cidadão"
            reason = known if preferred else _why_not_agent(fit, other, house)
            found.append(
                {"agent": name, "reason": f"livre há {seconds(house.now - idle_since)}: {reason}"}
            )
    return found


def _why_not_agent(chosen: Fit, other: Fit, house: House) -> str:
    if other.reserve > chosen.reserve:
        return "é da reserva"
    if other.way > chosen.way:
        return "só atende por um anel mais largo"
    if other.subject > chosen.subject:
        return f"este é o seu {other.subject + 1}º assunto"
    if house.rule is ChoiceRule.QIR:
        return "o seu grupo tem menos gente livre do que a sua parte"
    return "as suas outras habilidades fazem mais falta agora"


def whose_turn(preferred: bool, passed: Sequence[Skipped]) -> str:
    """What the chosen agent is to those who are idle as well; `passed`: who was so for longer."""
    if preferred:
        return "agente que conhece o cidadão, livre"
    return "agente que mais convém agora, livre" if passed else "agente livre há mais tempo:"


def told(caller: Caller, idle_since: Instant, fit: Fit, ask: Ask, house: House, who: str) -> str:
    """The reason in words; `who`: `whose_turn`'s."""
    rule, way, now = caller.rule, ask.ways[fit.way], house.now
    priority = -caller.urgency(now)[1]
    aged = f", era {caller.priority}" if priority != caller.priority else ""
    urgency = "emergência" if rule.emergency else f"prioridade {priority}{aged}"
    ring = f", de um anel mais largo ({way.ring}º)" if way.ring else ""
    ring += ", da reserva" if fit.reserve else ""
    beside = f" e {way.beside}" if way.beside else ""
    heads = (row.head for row in house.lines[rule.name].rows())
    turn = min(heads, key=lambda one: (one.urgency(now), one.joined, one.order), default=caller)
    first = turn is caller
    place = "primeiro da fila" if first else "primeiro da fila que alguém livre pode atender"
    return (
        f"fila {rule.name} ({urgency}), {place}, espera há {seconds(now - caller.joined)}; "
        f"{who} há {seconds(now - idle_since)}, com a habilidade {way.need}{beside}{ring}"
    )


def seconds(length: Seconds) -> str:
    """`12,3 s`, as Portuguese writes it."""
    return f"{max(0.0, length):.1f} s".replace(".", ",")
