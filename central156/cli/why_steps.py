"""One step of a call's distribution in Portuguese, for `central156 why`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from central156.cli.words import (
    BLAMES,
    CALL_OUTCOMES,
    OFFER_OUTCOMES,
    needed,
    number,
    seconds,
    task_because,
    where,
)

Plain = Mapping[str, Any]

RULES: Final = {
    "fifo": "quem chegou antes e o agente livre há mais tempo",
    "index": "o índice: quantos esperam na fila e há quanto tempo espera o primeiro",
    "indice": "o índice: quantos esperam na fila e há quanto tempo espera o primeiro",
    "qir": "a proporção entre filas e entre grupos de agentes",
}
WHO: Final = {"agent": "do agente", "citizen": "do cidadão", "both": "dos dois lados"}
TRIED: Final = {
    "answered": "atendeu",
    "busy": "ocupado",
    "no_answer": "não atendeu",
    "invalid": "o número não existe",
    "unreachable": "a operadora não completou",
    "agent": "o agente não estava ao telefone",
    "held": "adiada: emergência à espera, ou limite de saída",
    "shut": "adiada: a operadora não aceitou a ligação",
    "lost": "perdida",
}
CONSULTS: Final = {
    "answered": "os dois falaram",
    "ring_no_answer": "ninguém atendeu",
    "refused": "recusada",
    "unreachable": "não foi possível chamar",
    "gate_closed": "já estava em outra ligação",
    "withdrawn": "desfeita",
    "caller_left": "o cidadão desligou",
    "lost": "perdida",
}
KEPT: Final = {
    "reached": "o cidadão foi atendido",
    "returned": "o cidadão ligou antes e retomou o lugar",
    "expired": "passou do prazo",
    "no_contact": "todas as tentativas foram feitas",
    "cancelled": "cancelado por uma pessoa",
}
BARRED: Final = {
    "nao_pode_falar": "não pode falar: só um supervisor decide ligar de volta",
    "retorno_nao_seguro": "retorno não seguro: só um supervisor decide ligar de volta",
}
ANSWERS: Final = {
    "confirma": "confirmou",
    "recusa": "recusou",
    "nao_ligar": "pediu para não ser mais chamado",
    "atendente": "pediu para falar com uma pessoa",
}
RESUMED: Final = {
    "redial": "ligou de novo",
    "returned": "ligou antes do retorno",
    "call_back": "foi chamado de volta",
}


def _arrived(agent: str, said: Plain, kind: str) -> str:
    if said.get("campaign"):
        return f"a central ligou, pela campanha {said['campaign']} (linha {said.get('line')})"
    return f"chegou pela linha {said.get('line')}"


def _queued(agent: str, said: Plain, kind: str) -> str:
    note = f"; assunto: {said['note']}" if said.get("note") else ""
    about = f"com prioridade {said.get('priority', 0)}{note}{needed(said)}"
    return f"entrou na fila {said.get('queue')} {about}"


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
    return f"ouviu que esperaria {told_range(said)}{place}"


def _wait_kept(agent: str, said: Plain, kind: str) -> str:
    if not said.get("answered"):
        return f"não esperou até o fim do que ouviu ({told_range(said)})"
    verdict = "cumpriu-se" if said.get("held") else "não se cumpriu"
    waited = seconds(said.get("waited"))
    return f"o que ouviu da espera ({told_range(said)}) {verdict}: esperou {waited}"


def told_range(said: Plain) -> str:
    """`de 10,0 s a 60,0 s`, or `mais de 60,0 s`."""
    if said.get("high") is None:
        return f"mais de {seconds(said.get('low'))}"
    return f"de {seconds(said.get('low'))} a {seconds(said['high'])}"


def _handed_over(agent: str, said: Plain, kind: str) -> str:
    return f"entregue da linha {said.get('from_line')} à linha {said.get('to_line')}"


def _transferred(agent: str, said: Plain, kind: str) -> str:
    to = f"{said.get('goal') or ''} {said.get('to') or '?'}".strip()
    back = ", e volta a quem transferiu" if said.get("returns") else ""
    return f"transferida para {to}{back}"


def _moved(agent: str, said: Plain, kind: str) -> str:
    return f"{agent} saiu da conversa, que segue com {said.get('to') or '?'}"


def _transfer_tried(agent: str, said: Plain, kind: str) -> str:
    reached = "atendeu" if said.get("reached") else "não atendeu"
    return f"transferência para {said.get('destination')}: {reached}"


def _held(agent: str, said: Plain, kind: str) -> str:
    if said.get("on"):
        return f"{agent} pôs o cidadão em espera"
    return f"{agent} e o cidadão se ouvem de novo"


def _consult(agent: str, said: Plain, kind: str) -> str:
    asked = said.get("outside") or (agent if agent != "?" else "")
    if kind == "consult_asked":
        return f"{said.get('from') or 'o agente'} consulta {asked or '?'}"
    if kind == "consult_answered":
        return f"{asked or 'quem foi consultado'} atendeu a consulta"
    ended = CONSULTS.get(said.get("outcome", ""), said.get("outcome") or "?")
    return f"fim da consulta{f' a {asked}' if asked else ''}: {ended}"


def _sent_away(agent: str, said: Plain, kind: str) -> str:
    because = f": {said['because']}" if said.get("because") else ""
    return f"saiu da fila {said.get('queue')} para «{said.get('exit')}»{because}"


def _promised(agent: str, said: Plain, kind: str) -> str:
    return f"retorno prometido; guarda o lugar na fila {said.get('queue')}"


def _tried(agent: str, said: Plain, kind: str) -> str:
    return f"{agent} reservado para o retorno: o telefone dele toca, depois o do cidadão"


def _tried_with(agent: str, said: Plain, kind: str) -> str:
    result = TRIED.get(said.get("result", ""), said.get("result"))
    return f"tentativa de retorno: {result} (tentativas: {said.get('tries')})"


def _kept(agent: str, said: Plain, kind: str) -> str:
    return f"retorno encerrado: {KEPT.get(said.get('how', ''), said.get('how'))}"


def _resumed(agent: str, said: Plain, kind: str) -> str:
    how = RESUMED.get(said.get("how", ""), said.get("how"))
    return f"{how}: continua a chamada {said.get('of_call')}, com o protocolo e o lugar dela"


def _silent(agent: str, said: Plain, kind: str) -> str:
    who = WHO.get(said.get("who", ""), said.get("who"))
    return f"sem som {who} na conversa com {agent} há {seconds(said.get('seconds'))}"


def _suspect(agent: str, said: Plain, kind: str) -> str:
    refused = "; bloqueado na linha 156: recusada" if said.get("blocked") else ""
    return f"número com suspeita de trote (marcas: {said.get('marks')}){refused}"


def _ended(agent: str, said: Plain, kind: str) -> str:
    outcome = CALL_OUTCOMES.get(said.get("outcome", ""), said.get("outcome"))
    return f"a ligação acabou {where(said.get('where'), said.get('outcome', ''))}: {outcome}"


def _task(agent: str, said: Plain, kind: str) -> str:
    return f"tarefa aberta: ligar de volta (porque: {task_because(said.get('because'))})"


def _protocol(agent: str, said: Plain, kind: str) -> str:
    note = f" ({said['note']})" if said.get("note") else ""
    return f"recebeu mais um protocolo na mesma ligação: {number(said.get('protocol'))}{note}"


def _supervised(agent: str, said: Plain, kind: str) -> str:
    mode = f"{said.get('mode')}, na conversa de {agent}"
    if kind == "supervision_ended":
        return f"fim da supervisão ({mode}, {seconds(said.get('seconds'))})"
    return f"supervisão: {mode}; motivo: {said.get('because') or '?'}"


def _barred(agent: str, said: Plain, kind: str) -> str:
    mark = BARRED.get(said.get("mark", ""), said.get("mark"))
    return f"marcada: {mark}" if said.get("on") else f"marca tirada: {mark}"


def _task_closed(agent: str, said: Plain, kind: str) -> str:
    return f"tarefa encerrada: ligar de volta ({said.get('how') or '?'})"


def _marked(agent: str, said: Plain, kind: str) -> str:
    return f"{agent} marcou a chamada: {said.get('mark')}"


def _disposed(agent: str, said: Plain, kind: str) -> str:
    return f"resultado registrado por {agent}: {said.get('code')}"


def _campaign(agent: str, said: Plain, kind: str) -> str:
    answer = ANSWERS.get(said.get("said", ""), said.get("said") or "?")
    return f"campanha {said.get('campaign') or '?'}: o cidadão {answer}"


def unknown(agent: str, said: Plain, kind: str) -> str:
    """A step that this release has no words for."""
    told = ", ".join(f"{name}: {value}" for name, value in said.items() if value not in ("", None))
    return f"{kind.replace('_', ' ')}{f' ({told})' if told else ''}"


TELLERS: Final[dict[str, Callable[[str, Plain, str], str]]] = {
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
    "sent_away": _sent_away,
    "call_back_promised": _promised,
    "call_back_tried": _tried,
    "call_back_result": _tried_with,
    "call_back_over": _kept,
    "call_resumed": _resumed,
    "dead_air": _silent,
    "number_suspect": _suspect,
    "call_ended": _ended,
    "campaign_answer": _campaign,
    "task_opened": _task,
    "talk_moved": _moved,
    "protocol_added": _protocol,
    "supervision_began": _supervised,
    "supervision_ended": _supervised,
    "call_back_barred": _barred,
    "task_closed": _task_closed,
    "call_marked": _marked,
    "disposition": _disposed,
    "message_left": lambda agent, said, kind: "convite para deixar recado",
    "static_taken_in": lambda agent, said, kind: "servida pelo Asterisk sozinho",
}

ALSO_IN_THE_STORY: Final = (
    *("wait_told", "wait_kept", "sent_away", "dead_air", "number_suspect", "disposition"),
    *("consult_asked", "consult_answered", "consult_over", "talk_held", "talk_moved"),
    *("transferred", "protocol_added", "supervision_began", "supervision_ended", "call_marked"),
    *("call_back_promised", "call_back_tried", "call_back_result", "call_back_over"),
    *("call_back_barred", "call_resumed", "task_closed", "campaign_answer"),
)
"""The kinds of step that the whole story of a call (story.py) tells in the same words."""
