"""The commands, against a running API."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import click
import httpx
import pytest
from api_bed import CALLER, Bed
from click.testing import CliRunner, Result
from house import CHECKOUT

from central156.cli import Commands, main
from central156.cli.api import Api
from central156.settings import load_settings
from central156.state_folder import prepare_state
from terms.protocol_number import protocol_of, shown


def central156(bed: Bed, *words: str) -> Result:
    return CliRunner().invoke(main, ["--pasta", str(bed.settings.state_dir), *words])


@pytest.fixture(autouse=True)
def _settings_of_the_bed(bed: Bed) -> None:
    file = bed.settings.settings_file
    file.write_text(f"port_base = {bed.settings.port_base}\n", encoding="utf-8")


def test_an_agent_from_the_account_to_the_logout(bed: Bed) -> None:
    added = central156(bed, "agent", "add", "ana", "--skills", "p156_geral:2, e199_risco")
    assert added.exit_code == 0, added.output
    assert f"127.0.0.1:{bed.settings.agents_port}" in added.output
    password = re.search(r"senha +(\S{16})", added.output)
    assert password is not None
    login = central156(bed, "agent", "login", "ana")
    assert "ana: disponível, livre" in login.output
    assert "ainda não está registrado" in login.output
    listed = central156(bed, "agent", "list", "--json")
    ana = next(one for one in json.loads(listed.output) if one["agent"] == "ana")
    assert (ana["status"], ana["skills"]) == ("available", {"p156_geral": 2, "e199_risco": 1})
    assert "ana" in central156(bed, "agent", "list").output
    assert "ana: fora" in central156(bed, "agent", "logout", "ana").output
    assert password[1] not in listed.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("agent", "add", "Ana", "--skills", "p156_geral"), "name (de 2 a 32 letras minúsculas"),
        (("agent", "add", "beto", "--skills", "nada"), "habilidade desconhecida: nada"),
        (("agent", "add", "beto", "--skills", "p156_geral:x"), "nível inválido em 'p156_geral:x'"),
        (
            ("agent", "add", "beto", "--skills", ","),
            "skills (ao menos uma, cada uma com nível de 1",
        ),
        (("agent", "add", "beto", "--skills", "p156_geral:0"), "nível de 1, o melhor, a 9"),
        (("call", "156", "--keys", "x"), "'x' não são teclas"),
        (("call", "156", "--keys", "1;2"), "separadas por vírgula, como 1,2"),
        (("call", "156", "--caller", "abc"), "um número de telefone tem só algarismos"),
        (("call", "156", "--hang-up-after", "-1"), "--hang-up-after"),
        (("agent", "login", "ninguem"), "não há agente com o nome ninguem"),
        (("agent", "watch", "ninguem"), "não há agente com o nome ninguem"),
        (("person", "add", "lia", "--role", "rei"), "'rei' não é um de: 'agent', 'supervisor'"),
        (("person", "revoke", "ninguem"), "não há pessoa com o nome ninguem"),
        (("protocol", "1234 5678-0"), "o dígito verificador não confere"),
        (("protocol", "../floor"), "um protocolo tem só algarismos"),
        (("protocol", "12345"), "o dígito verificador não confere"),
        (("agent", "login", "../../floor"), "não há nada neste endereço"),
        (("agent", "logout", "a b"), "valor inválido ou ausente: name"),
    ],
)
def test_what_cannot_be_done_is_said_in_portuguese(
    bed: Bed, words: tuple[str, ...], told: str
) -> None:
    result = central156(bed, *words)
    assert result.exit_code != 0
    assert "Erro: " in result.output
    assert told in " ".join(result.output.split())


def test_persons_and_their_own_tokens(bed: Bed, tmp_path: Path) -> None:
    added = central156(bed, "person", "add", "sonia", "--role", "auditor")
    token = added.output.splitlines()[1]
    file = tmp_path / "token"
    file.write_text(added.output)  # with the words around it
    wrong = central156(bed, "--token", str(file), "person", "list")
    assert "precisa ter só o token" in wrong.output
    file.write_text(token + "\n")
    assert "sonia" in central156(bed, "--token", str(file), "person", "list").output
    refused = central156(bed, "--token", str(file), "person", "add", "leo", "--role", "admin")
    assert "o papel «auditor» não pode fazer isto" in refused.output
    assert "não vale mais" in central156(bed, "person", "revoke", "sonia").output
    gone = central156(bed, "--token", str(file), "person", "list")
    assert "token desconhecido ou revogado" in gone.output
    assert token not in central156(bed, "person", "list", "--json").output


def test_a_protocol_tells_its_story(bed: Bed) -> None:
    bed.enrol("clara")
    central156(bed, "agent", "login", "clara")
    _, protocol = bed.served_call("clara")
    central156(bed, "agent", "logout", "clara")
    told = central156(bed, "protocol", shown(protocol)).output
    for words in (
        f"Protocolo {shown(protocol)} · linha 156 · de {CALLER}",
        "que diz: «Para outros assuntos, tecle um.»",
        "teclou 1 em «menu»",
        "entrou na fila p156_geral (prioridade 30, assunto: outro assunto)",
        "oferecida a clara porque ",
        "clara atendeu, depois de ",
        "Fim: atendida, atendeu clara",
    ):
        assert words in told
    story = json.loads(central156(bed, "protocol", protocol, "--json").output)
    assert story["call"]["protocol"] == protocol
    unknown = central156(bed, "protocol", protocol_of(77_777_777))
    assert "não há chamada com este número" in unknown.output


def test_the_floor_once(bed: Bed) -> None:
    call, protocol = bed.do(bed.arrive)
    bed.do(bed.queue, call)
    drawn = CliRunner(env={"COLUMNS": "120"}).invoke(
        main, ["--pasta", str(bed.settings.state_dir), "floor", "--once"]
    )
    assert shown(protocol) in drawn.output
    assert "p156_geral" in drawn.output
    picture = json.loads(central156(bed, "floor", "--json").output)
    assert [caller["call"] for caller in picture["callers"]] == [call]
    bed.do(bed.end, call, "waiting")


def test_an_agents_screen_live(bed: Bed) -> None:
    bed.enrol("davi")
    central156(bed, "agent", "login", "davi")
    command = [sys.executable, "-m", "central156.cli", "--pasta", str(bed.settings.state_dir)]
    with subprocess.Popen(
        [*command, "agent", "watch", "davi", "--json"], stdout=subprocess.PIPE, cwd=CHECKOUT
    ) as watching:
        assert watching.stdout is not None
        impatience = threading.Timer(20, watching.kill)
        impatience.start()
        assert json.loads(watching.stdout.readline())["status"] == "available"
        call, protocol = bed.do(bed.arrive)
        bed.do(bed.queue, call)
        ringing = json.loads(watching.stdout.readline())
        impatience.cancel()
        watching.kill()
    assert ringing["state"] == "offered"
    assert ringing["shown"]["protocol"] == protocol
    bed.do(bed.end, call, "offered")
    central156(bed, "agent", "logout", "davi")


def test_a_centre_that_is_not_there(tmp_path: Path) -> None:
    nowhere = CliRunner().invoke(main, ["--pasta", str(tmp_path / "nada"), "floor"])
    assert "ligue a central uma vez (central156 run)" in nowhere.output
    settings = load_settings(tmp_path, port_base=16590)
    prepare_state(settings)
    down = CliRunner().invoke(main, ["--pasta", str(tmp_path), "floor"])
    assert down.exit_code == 1
    assert "a central não está no ar em http://127.0.0.1:16596" in down.output
    with pytest.raises(click.ClickException, match="não está no ar"):
        next(Api(settings).events("/v1/floor/events"))


def test_mistakes_in_the_settings_are_told_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('port_base = 80\nnode = "Nó"\ncor = "azul"\n')
    result = CliRunner().invoke(main, ["--pasta", str(tmp_path), "floor"])
    assert result.exit_code == 1
    assert result.output.startswith("Erro: a configuração não serve:\n")
    for name in ("port_base", "node", "cor"):
        assert f"  {name}: " in result.output


def test_every_command_is_a_documented_request(bed: Bed) -> None:
    with httpx.Client(base_url=bed.settings.api_url, trust_env=False) as client:
        paths = client.get("/v1/openapi.json").json()["paths"]
    told = set()
    for command in _commands(main):
        for method, path in re.findall(
            r"(GET|POST|PUT|PATCH|DELETE) (/v1/[a-z{}/-]+)", command.help or ""
        ):
            assert method.lower() in paths[path], f"{command.name}: {method} {path}"
            told.add(command.name)
    silent = {command.name for command in _commands(main)} - told
    on_files = {"check", "test", "try", "draw", "schema"}
    on_the_database = {"verify", "head", "merge", "backup", "restore", "balance", "rebuild"}
    on_the_database |= {"blocked", "rehearse"}  # of campaigns …
    on_the_database |= {"make", "hear"}  # … and alerts
    wanted = {"run", "install", "call", "prove", "doctor"} | on_files | on_the_database
    assert silent == wanted, silent ^ wanted


def _commands(group: click.Group) -> list[click.Command]:
    """All commands that do something."""
    context = click.Context(group)
    names = group.where if isinstance(group, Commands) else group.commands
    found: list[click.Command] = []
    for name in names:
        command = group.get_command(context, name)
        assert command is not None
        found += _commands(command) if isinstance(command, click.Group) else [command]
    return found
