"""`central156 why`: why a call went where it went, choice by choice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.api import open_api
from central156.cli.words import (
    BLAMES,
    CALL_OUTCOMES,
    OFFER_OUTCOMES,
    STATES,
    STATUSES,
    hour,
    moment,
    number,
    seconds,
    where,
)
from terms.names import CALL_ID

Plain = Mapping[str, Any]

PUNCTUATION: Final = re.compile(r"[\s.-]")

RULES: Final = {
    "fifo": "quem chegou antes e o agente livre há mais tempo",
    "index": "o índice: a espera do primeiro e o que a fila ainda tem pela frente",
    "indice": "o índice: a espera do primeiro e o que a fila ainda tem pela frente",
    "qir": "a proporção entre filas e entre grupos de agentes",
}
WHO: Final = {"agent": "do agente", "citizen": "do cidadão", "both": "dos dois lados"}
TRANSFERS: Final = {"fila": "fila", "agente": "agente", "etapa": "etapa", "externo": "número"}


@click.command("why")
@click.argument("which", metavar="PROTOCOLO", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def why(state_dir: Path | None, which: tuple[str, ...], as_json: bool) -> None:
    """Diz por que uma ligação foi para quem foi: quem foi chamado, quem ficou de fora e por quê.

    Vale para ligações antigas e em curso; PROTOCOLO ou id da chamada.
    Pedidos: GET /v1/protocols/{number}/why e GET /v1/calls/{call}/why
    """
    digits = PUNCTUATION.sub("", "".join(which))
    if digits.isascii() and digits.isdigit():
        path = f"/v1/protocols/{digits}/why"
    elif len(which) == 1 and CALL_ID.fullmatch(which[0]):
        path = f"/v1/calls/{which[0]}/why"
    else:
        raise click.BadParameter("um protocolo tem só algarismos", param_hint="PROTOCOLO")
    found = open_api(state_dir).get(path)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else tell(found))


def tell(found: Plain) -> str:
    """The answer of the API, line by line."""
    return "\n".join(_lines(found))


def _lines(found: Plain) -> Iterator[str]:
    test = " · teste" if found["test"] else ""
    yield (
        f"Protocolo {number(found['protocol'])} · linha {found['line'] or '?'} · "
        f"{moment(found['arrived_at'])}{test}"
    )
    for step in found["steps"]:
        text = _told(step)
        if text:
            yield f"{hour(step['at'])} {_after(step['after'])}  {text}"
            yield from (f"{'':20}{line}" for line in _passed_over(step))
    yield from _now(found.get("now"))
    if found["ended_at"] is not None:
        wait = f" Espera: {seconds(found['wait_seconds'])}." if found["wait_seconds"] else ""
        outcome = CALL_OUTCOMES.get(found["outcome"], found["outcome"])
        yield f"Fim: {outcome}.{wait}"


def _after(value: float) -> str:
    return f"{value:9.1f} s".replace(".", ",")


def _told(step: Plain) -> str:
    teller = _TELLERS.get(step["kind"], _unknown)
    by = f" (por {step['by']})" if step["by"] and step["by"] != step["agent"] else ""
    text = teller(step["agent"] or "?", step["details"], step["kind"])
    return f"{text}{by}" if text else ""


def _passed_over(step: Plain) -> Iterator[str]:
    for one in step["details"].get("skipped") or ():
        who = f"agente {one['agent']}" if "agent" in one else f"chamada {one.get('caller', '?')}"
        yield f"de fora: {who}: {one.get('reason', '?')}"


def _now(now: Plain | None) -> Iterator[str]:
    """Where a call in course stands, and who could take it."""
    if not now:
        return
    if now["where"] == "talking":
        yield f"Agora: em conversa com {now['agent']}."
        return
    place = f"{now['position']}ª da fila" if now["position"] else "fora da fila por um instante"
    yield (
        f"Agora: na fila {now['queue']} (prioridade {now['priority']}), {place}, espera há "
        f"{seconds(now['waited'])}."
    )
    expected = now.get("expected")
    if expected:
        yield f"Espera prevista: {_range(expected)}."
    if not now["agents"]:
        yield "Ninguém que possa atendê-la está trabalhando."
    for one in now["agents"]:
        what = _doing(one)
        yield f"{'':20}{one['agents']} que poderiam atendê-la: {what}"


def _doing(one: Plain) -> str:
    status = STATUSES.get(one["status"], one["status"])
    if one["status"] == "available":
        return str(STATES.get(one["state"], one["state"]))
    return f"{status} ({one['reason']})" if one["reason"] else str(status)


# --- each kind of step ---
def _arrived(agent: str, said: Plain, kind: str) -> str:
    return f"chegou pela linha {said.get('line')}"


def _queued(agent: str, said: Plain, kind: str) -> str:
    note = f"; assunto: {said['note']}" if said.get("note") else ""
    return f"entrou na fila {said.get('queue')} com prioridade {said.get('priority', 0)}{note}"


def _chosen(agent: str, said: Plain, kind: str) -> str:
    rule = said.get("rule")
    by_rule = f" Regra: {RULES.get(rule, rule)}." if rule else ""
    return f"oferecida a {agent}: {said.get('because') or 'sem motivo gravado'}.{by_rule}"


def _offer_ended(agent: str, said: Plain, kind: str) -> str:
    outcome = OFFER_OUTCOMES.get(said.get("outcome", ""), said.get("outcome"))
    because = f": {said['because']}" if said.get("because") else ""
    blame = said.get("blame")
    whose = f", por conta de: {BLAMES.get(blame, blame)}" if blame not in (None, "nobody") else ""
    return f"a oferta a {agent} acabou: {outcome}{because}{whose}"


def _answered(agent: str, said: Plain, kind: str) -> str:
    return f"{agent} atendeu, depois de {seconds(said.get('waited'))} de espera"


def _talked(agent: str, said: Plain, kind: str) -> str:
    return f"acabou a conversa com {agent} ({seconds(said.get('talk_seconds'))})"


def _wait_told(agent: str, said: Plain, kind: str) -> str:
    place = f", posição {said['position']}" if said.get("position") else ""
    return f"ouviu que esperaria {_range(said)}{place}"


def _wait_kept(agent: str, said: Plain, kind: str) -> str:
    if not said.get("answered"):
        return f"não esperou até o fim do que ouviu ({_range(said)})"
    verdict = "cumpriu-se" if said.get("held") else "não se cumpriu"
    waited = seconds(said.get("waited"))
    return f"o que ouviu da espera ({_range(said)}) {verdict}: esperou {waited}"


def _range(said: Plain) -> str:
    if said.get("high") is None:
        return f"mais de {seconds(said.get('low'))}"
    return f"de {seconds(said.get('low'))} a {seconds(said['high'])}"


def _handed_over(agent: str, said: Plain, kind: str) -> str:
    return f"entregue da linha {said.get('from_line')} à linha {said.get('to_line')}"


def _transferred(agent: str, said: Plain, kind: str) -> str:
    to = f"{TRANSFERS.get(said.get('kind', ''), said.get('kind') or '')} {said.get('to') or '?'}"
    back = ", e volta a quem transferiu" if said.get("returns") else ""
    return f"{agent} transferiu para {to.strip()}{back}"


def _transfer_tried(agent: str, said: Plain, kind: str) -> str:
    reached = "atendeu" if said.get("reached") else "não atendeu"
    return f"transferência para {said.get('destination')}: {reached}"


def _held(agent: str, said: Plain, kind: str) -> str:
    return f"{agent} pôs o cidadão em espera" if said.get("on") else f"{agent} voltou à conversa"


def _consult(agent: str, said: Plain, kind: str) -> str:
    what = {"consult_asked": "consultado", "consult_answered": "atendeu a consulta"}
    return f"{said.get('outside') or agent}: {what.get(kind, 'fim da consulta')}"


def _silent(agent: str, said: Plain, kind: str) -> str:
    who = WHO.get(said.get("who", ""), said.get("who"))
    return f"sem som {who} na conversa com {agent} há {seconds(said.get('seconds'))}"


def _suspect(agent: str, said: Plain, kind: str) -> str:
    refused = "; bloqueado na linha 156: recusada" if said.get("blocked") else ""
    return f"número com suspeita de trote (marcas: {said.get('marks')}){refused}"


def _ended(agent: str, said: Plain, kind: str) -> str:
    outcome = CALL_OUTCOMES.get(said.get("outcome", ""), said.get("outcome"))
    return f"a ligação acabou {where(said.get('where'))}: {outcome}"


def _task(agent: str, said: Plain, kind: str) -> str:
    because = CALL_OUTCOMES.get(said.get("because", ""), said.get("because"))
    return f"tarefa aberta: ligar de volta (porque: {because})"


def _unknown(agent: str, said: Plain, kind: str) -> str:
    told = ", ".join(f"{name}: {value}" for name, value in said.items() if value not in ("", None))
    return f"{kind.replace('_', ' ')}{f' ({told})' if told else ''}"


_TELLERS: Final[dict[str, Callable[[str, Plain, str], str]]] = {
    "call_arrived": _arrived,
    "queued": _queued,
    "choice": _chosen,
    "offer_ended": _offer_ended,
    "answered": _answered,
    "talk_ended": _talked,
    "wait_told": _wait_told,
    "wait_kept": _wait_kept,
    "handed_over": _handed_over,
    "transferred": _transferred,
    "transfer_tried": _transfer_tried,
    "talk_held": _held,
    "consult_asked": _consult,
    "consult_answered": _consult,
    "consult_over": _consult,
    "dead_air": _silent,
    "number_suspect": _suspect,
    "call_ended": _ended,
    "task_opened": _task,
    "message_left": lambda agent, said, kind: "convite para deixar recado",
    "static_taken_in": lambda agent, said, kind: "servida pelo Asterisk sozinho",
}
