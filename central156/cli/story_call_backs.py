"""What the story of a call says of call-backs, and of calls that go on with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from central156.cli.words import CALL_OUTCOMES, moment

Plain = Mapping[str, Any]

RESULTS: Final = {
    "answered": "atendeu",
    "busy": "estava ocupado",
    "no_answer": "não atendeu",
    "invalid": "o número não existe",
    "unreachable": "não foi possível completar",
    "agent": "o atendente não estava",
    "held": "nada foi discado agora",
    "shut": "a operadora não completou a ligação; o cidadão não perde tentativa",
    "lost": "não se sabe como acabou",
    "machine": "caixa postal",
    "fax": "era um fax",
    "silent": "atendeu, e ninguém falou",
    "dropped": "atendeu, e não havia quem o atendesse",
}
OVER: Final = {
    "reached": "o cidadão foi atendido",
    "returned": "o cidadão ligou antes e ficou com a vez",
    "expired": "o prazo acabou",
    "no_contact": "sem contato",
    "cancelled": "cancelado por uma pessoa",
}
HOW: Final = {
    "redial": "a ligação anterior tinha caído",
    "returned": "tinha guardado a vez",
    "call_back": "a central ligou de volta",
}


def _promised(agent: str, said: Plain) -> str:
    why = "caiu de uma emergência" if said.get("how") == "emergency" else "pediu para receber"
    return f"{why}: a central liga de volta, sem perder a vez na fila {said.get('queue')}"


def _tried(agent: str, said: Plain) -> str:
    return f"chegou a vez: {agent} é reservado, e a central liga"


def _result(agent: str, said: Plain) -> str:
    result = str(said.get("result"))
    return f"retorno: {RESULTS.get(result, result)} (tentativas: {said.get('tries', 0)})"


def _over(agent: str, said: Plain) -> str:
    how = str(said.get("how"))
    return f"fim do retorno: {OVER.get(how, how)}"


def _barred(agent: str, said: Plain) -> str:
    if not said.get("on"):
        return "ligações automáticas a este número voltam a ser permitidas"
    return f"só um supervisor decide ligar para este número ({said.get('mark')})"


def _resumed(agent: str, said: Plain) -> str:
    how = str(said.get("how") or "redial")
    return f"continua a chamada {said.get('of_call')}, com o mesmo protocolo: {HOW.get(how, how)}"


def _closed(agent: str, said: Plain) -> str:
    return f"tarefa encerrada: {said.get('how')}"


CALL_BACKS: Final[dict[str, Callable[[str, Plain], str]]] = {
    "call_back_promised": _promised,
    "call_back_tried": _tried,
    "call_back_result": _result,
    "call_back_over": _over,
    "call_back_barred": _barred,
    "call_resumed": _resumed,
    "task_closed": _closed,
}


def goes_on(story: Plain) -> Iterator[str]:
    """The calls of the same protocol on other channels."""
    for one in story.get("goes_on", ()):
        outcome = CALL_OUTCOMES.get(one["outcome"], one["outcome"] or "em curso")
        yield f"Continua em {moment(one['arrived_at'])}: {outcome} (chamada {one['call']})."
