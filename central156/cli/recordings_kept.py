"""`central156 recording hold|release|retention|erase|rekey`: what is kept, and for how long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from central156.cli.api import open_api, route
from central156.cli.asking import make_sure
from central156.cli.motives import motive
from central156.cli.words import moment

PATIENCE: Final = 120.0  # seconds: a long recording, or a job over many


@click.command("hold")
@click.argument("call", metavar="CHAMADA", required=False)
@motive("reason", said="Por que se retém, como o número do processo.")
@click.pass_obj
def hold(state_dir: Path | None, call: str | None, reason: str) -> None:
    """Retém as gravações de uma chamada (id ou protocolo): nada as apaga. Sem chamada: lista.

    Pedidos: POST /v1/recordings/holds, GET /v1/recordings/holds
    """
    api = open_api(state_dir)
    if call is not None:
        held = api.post("/v1/recordings/holds", {"call": call, "reason": reason})
        click.echo(f"Retenção {held['hold']}: {held['recordings']} gravações de {held['call']}.")
        return
    found = api.get("/v1/recordings/holds")["holds"]
    for one in found:
        since = moment(one["since"])
        click.echo(f"{one['hold']}  {one['call']}  {since}  {one['by']}: {one['reason']}")
    if not found:
        click.echo("Nenhuma retenção em vigor.")


@click.command("release")
@click.argument("hold_number", metavar="NÚMERO", type=int)
@motive("reason", required=True, said="Por que se libera.")
@click.pass_obj
def release(state_dir: Path | None, hold_number: int, reason: str) -> None:
    """Libera uma retenção, pelo número que `recording hold` mostra.

    Pedido: POST /v1/recordings/holds/{hold}/release
    """
    path = route("recordings", "holds", str(hold_number), "release")
    open_api(state_dir).post(path, {"reason": reason})
    click.echo(f"Retenção {hold_number} liberada.")


@click.command("retention")
@click.option("--ensaio", "rehearse", is_flag=True, help="Só mostra o que seria feito.")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def retention(state_dir: Path | None, rehearse: bool, as_json: bool) -> None:
    """Aplica a política de guarda: arquiva o que é antigo, apaga o que venceu.

    A central o faz sozinha de hora em hora. Pedidos: GET, POST /v1/recordings/retention
    """
    api = open_api(state_dir)
    path = "/v1/recordings/retention"
    found = api.get(path) if rehearse else api.post(path, {}, PATIENCE)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found["classes"]:
        if not rehearse:
            click.echo(f"{one['class']}: {one['archived']} arquivadas, {one['erased']} apagadas")
            continue
        days = "até o fim do contrato" if one["days"] is None else f"{one['days']} dias"
        click.echo(
            f"{one['class']} ({one['online_days']} dias no ar, {days} ao todo): "
            f"{one['to_archive']} para o arquivo, {one['to_erase']} por apagar, "
            f"{one['held']} retidas"
        )
    if found.get("erased_first"):
        click.echo(f"As primeiras: {', '.join(found['erased_first'])}")


@click.command("erase")
@click.argument("name", metavar="GRAVAÇÃO")
@motive("reason", required=True, said="Por que se apaga, como o pedido do titular.")
@click.option("--sim", "--yes", "sure", is_flag=True, help="Não pergunta antes.")
@click.pass_obj
def erase(state_dir: Path | None, name: str, reason: str, sure: bool) -> None:
    """Apaga uma gravação a pedido: destrói a chave. A chamada e os totais ficam.

    Pedido: POST /v1/recordings/{name}/erase
    """
    if not sure:
        make_sure("Ninguém mais poderá ouvi-la. Apagar?")
    open_api(state_dir).post(route("recordings", name, "erase"), {"reason": reason})
    click.echo(f"{name}: apagada.")


@click.command("rekey")
@click.option("--descartar", "drop", is_flag=True, help="Esquece as chaves-mestras antigas.")
@click.pass_obj
def rekey(state_dir: Path | None, drop: bool) -> None:
    """Troca a chave-mestra das gravações, sem reler nenhum som.

    Com --descartar, cópias de segurança mais velhas que a troca não abrem mais nenhuma gravação.
    Pedido: POST /v1/recordings/master-key
    """
    found = open_api(state_dir).post("/v1/recordings/master-key", {"drop": drop}, PATIENCE)
    kept = f"; guardadas: {', '.join(found['kept'])}" if found["kept"] else ""
    click.echo(f"Chave-mestra {found['master']} em uso{kept}. Guarde uma cópia dela fora daqui.")


KEPT: Final[tuple[click.Command, ...]] = (hold, release, retention, erase, rekey)
