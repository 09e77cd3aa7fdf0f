"""`central156 why`: why a call went where it went, choice by choice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.api import open_api
from central156.cli.why_steps import TELLERS, told_range, unknown
from central156.cli.words import CALL_OUTCOMES, STATES, STATUSES, hour, moment, number, seconds
from terms.names import CALL_ID

Plain = Mapping[str, Any]

PUNCTUATION: Final = re.compile(r"[\s.-]")


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
    teller = TELLERS.get(step["kind"], unknown)
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
        yield f"Espera prevista: {told_range(expected)}."
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
