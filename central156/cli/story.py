"""Tells what is stored of a call, in Portuguese, line by line, for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from central156.cli.story_call_backs import CALL_BACKS, goes_on
from central156.cli.story_recordings import RECORDINGS
from central156.cli.why_steps import ALSO_IN_THE_STORY, TELLERS
from central156.cli.words import (
    BLAMES,
    CALL_OUTCOMES,
    LOOK_UPS,
    OFFER_OUTCOMES,
    RECORDING_PROBLEMS,
    STATUSES,
    counted,
    moment,
    needed,
    number,
    seconds,
    task_because,
    where,
)

Plain = Mapping[str, Any]


def tell(story: Plain) -> str:
    """The story of a call as GET /v1/calls/{call} answers it."""
    return "\n".join(_lines(story))


def _lines(story: Plain) -> Iterator[str]:
    call = story["call"]
    began = call["arrived_at"]
    marks = [
        mark
        for mark, there in (("teste", call["test"]), ("servida sem o controle", call["static"]))
        if there
    ]
    yield (
        f"Protocolo {number(call['protocol'])} · linha {call['line'] or '?'} · "
        f"de {call['caller'] or 'número desconhecido'} · {moment(began)}"
        + "".join(f" · {mark}" for mark in marks)
    )
    for fact in sorted(story["facts"], key=lambda fact: fact["at"]):
        text = _fact(fact)
        if text:
            after = f"{max(0.0, fact['at'] - began):8.1f} s".replace(".", ",")
            wrong = f"  [fato com problema: {fact['violation']}]" if fact["violation"] else ""
            yield f"{after}  {text}{wrong}"
    yield _ending(call)
    yield from (_recording(one) for one in story["recordings"])
    yield from (_task(one) for one in story["tasks"])
    yield from goes_on(story)
    kept = (
        counted(len(story["facts"]), "fato", "fatos"),
        counted(len(story["offers"]), "oferta", "ofertas"),
        counted(len(story["recordings"]), "gravação", "gravações"),
    )
    yield f"No banco: {', '.join(kept)}."


def _ending(call: Plain) -> str:
    if call["ended_at"] is None:
        return "A ligação ainda está em curso."
    outcome = CALL_OUTCOMES.get(call["outcome"], call["outcome"])
    to_blame = call["blame"] not in (None, "nobody")
    blame = f" (por conta de: {BLAMES.get(call['blame'], call['blame'])})" if to_blame else ""
    parts = [f"Fim: {outcome}{blame}"]
    if call["agent"]:
        parts.append(f"atendeu {call['agent']}")
    for name, key in (("espera", "wait_seconds"), ("conversa", "talk_seconds"), ("ao todo", "")):
        value = call[key or "seconds"]
        if value is not None:
            parts.append(f"{name} {seconds(value)}")
    return ", ".join(parts) + "."


def _recording(one: Plain) -> str:
    what = "Recado" if one["kind"] == "message" else "Gravação"
    if one["problem"]:
        return f"{what}: {RECORDING_PROBLEMS.get(one['problem'], one['problem'])}. {one['file']}"
    length = "" if one["seconds"] is None else f" ({seconds(one['seconds'])}"
    if length and one["talk_seconds"] is not None:
        length += f"; a conversa durou {seconds(one['talk_seconds'])}"
    there = one.get("url") or one["file"]
    return f"{what}: {there}{length + ')' if length else ''}"


def _task(one: Plain) -> str:
    what = "ligar de volta para o cidadão" if one["kind"] == "call_back" else one["kind"]
    because = task_because(one["because"])
    by = f"por {one['done_by']}" if one["done_by"] else "pela central"
    done = f"feita {by}" if one["done_at"] else "a fazer"
    done += f": {one['result']}" if one.get("result") else ""
    return f"Tarefa: {what} (porque: {because}), {done}."


def _fact(fact: Plain) -> str:
    teller = _TELLERS.get(fact["kind"])
    if teller is None:
        return str(fact["kind"])
    return teller(fact["agent"] or "?", fact["details"])


def _arrived(agent: str, said: Plain) -> str:
    if said.get("campaign"):
        return f"a central ligou, pela campanha {said['campaign']} (linha {said.get('line')})"
    menus = f", menus na versão {said['version']}" if said.get("version") else ""
    return f"chegou pela linha {said.get('line')} (discou {said.get('entry') or '?'}){menus}"


def _protocol(agent: str, said: Plain) -> str:
    reserve = " (da faixa de reserva)" if said.get("issuer") == "rescue" else ""
    return f"recebeu o protocolo {number(said.get('protocol'))}{reserve}"


def _node(agent: str, said: Plain) -> str:
    text = said.get("text")
    says = f", que diz: «{text}»" if text else ""
    return f"passou por «{said.get('node')}»{says}"


def _key(agent: str, said: Plain) -> str:
    node = said.get("node")
    if not said.get("key"):
        return f"não teclou nada em «{node}»"
    valid = "" if said.get("valid") else " (não era opção)"
    return f"teclou {said['key']} em «{node}»{valid}"


def _digits(agent: str, said: Plain) -> str:
    valid = "" if said.get("valid") else ", que não serviram"
    return f"digitou {said.get('digits', 0)} algarismos em «{said.get('node')}»{valid}"


def _data(agent: str, said: Plain) -> str:
    return f"confirmou o que digitou em «{said.get('node')}» ({said.get('variable')})"


def _looked_up(agent: str, said: Plain) -> str:
    how = LOOK_UPS.get(said.get("how", ""), said.get("how"))
    return f"consulta {said.get('where')} em «{said.get('node')}»: {how}"


def _marked(agent: str, said: Plain) -> str:
    mark = f"nota {said['mark']}" if said.get("mark") else "sem resposta"
    return f"pesquisa, pergunta «{said.get('question')}»: {mark}"


def _handed_over(agent: str, said: Plain) -> str:
    return (
        f"entregue da linha {said.get('from_line')} à linha {said.get('to_line')}, fila "
        f"{said.get('queue')} (prioridade {said.get('priority', 0)})"
    )


def _transferred(agent: str, said: Plain) -> str:
    reached = "atendeu" if said.get("reached") else "não atendeu"
    return f"transferência para {said.get('destination')}: {reached}"


def _queued(agent: str, said: Plain) -> str:
    note = f", assunto: {said['note']}" if said.get("note") else ""
    about = f"prioridade {said.get('priority', 0)}{note}{needed(said)}"
    return f"entrou na fila {said.get('queue')} ({about})"


def _offered(agent: str, said: Plain) -> str:
    ring = f", toca até {seconds(said['ring_seconds'])}" if said.get("ring_seconds") else ""
    return f"oferecida a {agent} porque {said.get('because') or '?'}{ring}"


def _offer_ended(agent: str, said: Plain) -> str:
    outcome = OFFER_OUTCOMES.get(said.get("outcome", ""), said.get("outcome"))
    because = f" ({said['because']})" if said.get("because") else ""
    return f"oferta a {agent}: {outcome}{because}"


def _answered(agent: str, said: Plain) -> str:
    return f"{agent} atendeu, depois de {seconds(said.get('waited'))} de espera"


def _talked(agent: str, said: Plain) -> str:
    return f"acabou a conversa com {agent} ({seconds(said.get('talk_seconds'))})"


def _message(agent: str, said: Plain) -> str:
    return "convite para deixar recado"


def _ended(agent: str, said: Plain) -> str:
    outcome = CALL_OUTCOMES.get(said.get("outcome", ""), said.get("outcome"))
    return f"a ligação acabou {where(said.get('where'), said.get('outcome', ''))}: {outcome}"


def _recorded(agent: str, said: Plain) -> str:
    problem = RECORDING_PROBLEMS.get(said.get("problem", ""), said.get("problem"))
    return f"gravação com problema: {problem}" if problem else "gravação conferida com a conversa"


def _task_opened(agent: str, said: Plain) -> str:
    return "tarefa aberta: ligar de volta"


def _taken_in(agent: str, said: Plain) -> str:
    return "o controle soube desta ligação, que o Asterisk serviu sozinho"


def _status(agent: str, said: Plain) -> str:
    return f"{agent}: {STATUSES.get(said.get('status', ''), said.get('status'))}"


def _as_step(kind: str) -> Callable[[str, Plain], str]:
    """What a step of the distribution is called, in the story too."""
    return lambda agent, said: TELLERS[kind](agent, said, kind)


_TELLERS: Final[dict[str, Callable[[str, Plain], str]]] = {
    "call_arrived": _arrived,
    "protocol_given": _protocol,
    "node_entered": _node,
    "key_pressed": _key,
    "digits_typed": _digits,
    "data_typed": _data,
    "looked_up": _looked_up,
    "survey_answered": _marked,
    "handed_over": _handed_over,
    "transfer_tried": _transferred,
    "queued": _queued,
    "offer_made": _offered,
    "offer_ended": _offer_ended,
    "answered": _answered,
    "talk_ended": _talked,
    "message_left": _message,
    "call_ended": _ended,
    "recorded": _recorded,
    "task_opened": _task_opened,
    **CALL_BACKS,
    **RECORDINGS,
    "static_taken_in": _taken_in,
    "agent_status": _status,
    **{kind: _as_step(kind) for kind in ALSO_IN_THE_STORY},
}
