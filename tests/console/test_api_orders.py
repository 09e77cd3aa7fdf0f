"""Storms, a queue's rules and marked numbers over the API, and what the terminal says of them."""

from __future__ import annotations

import time

from api_bed import CALLER, GERAL, Bed
from click.testing import CliRunner

from central156.cli import main


def said(bed: Bed, *words: str, token: str = "") -> str:
    """What the command line says."""
    options = ["--pasta", str(bed.settings.state_dir)]
    if token:
        file = bed.settings.state_dir / "token"
        file.write_text(bed.tokens[token])
        options += ["--token", str(file)]
    done = CliRunner().invoke(main, [*options, *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_storm_over_the_api_and_by_command(bed: Bed) -> None:
    with bed.client("supervisor") as sofia:
        body = {"on": True, "reason": "chuva", "until": time.time() + 60}
        made = sofia.put("/v1/lines/156/storm", json=body).json()
        assert (made["on"], made["by"]) == (True, "sofia")
        (listed,) = sofia.get("/v1/orders").json()["storms"]
        assert listed["reason"] == "chuva"
        assert sofia.put("/v1/lines/190/storm", json=body).status_code == 404
        assert sofia.put("/v1/lines/156/storm", json=body | {"reason": ""}).status_code == 422
        wrong = sofia.put("/v1/lines/156/storm", json=body | {"reason": "x" * 201})
        assert "motivo" in wrong.json()["erro"]
    assert "modo tempestade até" in said(bed, "storm")
    assert "desligado" in said(bed, "storm", "off", "156")
    assert bed.keeper.storms == set()
    told = said(bed, "storm", "on", "156", "--motivo", "de novo", "--until", "2h")
    assert "por local (motivo: de novo)" in told
    said(bed, "storm", "off", "156")
    assert "Nenhuma tempestade" in said(bed, "storm")


def test_a_queue_s_rules_over_the_api_and_by_command(bed: Bed) -> None:
    with bed.client("supervisor") as sofia:
        path = f"/v1/queues/{GERAL.name}/rules"
        body = {"priority": 90, "reason": "fila cheia"}
        assert sofia.put(path, json=body).json()["priority"] == 90
        assert bed.keeper.floor.queues.rule_for(GERAL.name, "156").priority == 90
        assert sofia.put("/v1/queues/nenhuma/rules", json=body).status_code == 404
        assert sofia.put(path, json=body | {"priority": 101}).status_code == 422
        assert sofia.delete(path).json() == {"queue": GERAL.name, "ended": True}
        assert sofia.delete(path).status_code == 409
    words = ("queue", "set", GERAL.name, "--priority", "5", "--wide", "--motivo", "teste")
    assert "prioridade 5, todos os anéis já" in said(bed, *words)
    assert "motivo: teste" in said(bed, "queue", "list")
    assert "publicadas" in said(bed, "queue", "reset", GERAL.name)
    assert "seguem o publicado" in said(bed, "queue", "list")


def test_numbers_over_the_api_and_by_command(bed: Bed) -> None:
    bed.enrol("nina")
    with bed.client() as client:
        client.post("/v1/agents/nina/login")
    call, _ = bed.served_call("nina")
    with bed.client() as client:
        client.post("/v1/agents/nina/logout")
    with bed.client("supervisor") as sofia, bed.client("agent") as ana:
        body = {"phone": CALLER, "mark": "block", "reason": "trotes", "until": time.time() + 60}
        made = sofia.post("/v1/numbers", json=body)
        assert (made.status_code, made.json()["blocked"]) == (201, True)
        assert CALLER not in made.text
        assert ana.post(f"/v1/calls/{call}/suspicion", json={"reason": "x"}).status_code == 404
        told = sofia.post(f"/v1/calls/{call}/suspicion", json={"reason": "riu"}).json()
        assert (told["suspicions"], told["blocked"]) == (1, True)
        (listed,) = sofia.get("/v1/numbers").json()["numbers"]
        assert {one["reason"] for one in listed["marks"]} == {"trotes", "riu"}
        wrong = sofia.post("/v1/numbers", json=body | {"phone": "dois"})
        assert "um número de telefone" in wrong.json()["erro"]
    assert "*******4321" in said(bed, "numbers", "list")
    assert "desbloqueado" in said(bed, "numbers", "unblock", listed["id"])
    assert "2 suspeitas" in said(bed, "numbers", "flag", "--call", call, "--motivo", "de novo")
    assert "sem suspeitas" in said(bed, "numbers", "unflag", CALLER)
    words = ("numbers", "block", CALLER, "--motivo", "trotes", "--until", "2h")
    assert "bloqueado na linha 156 até" in said(bed, *words, token="supervisor")
    said(bed, "numbers", "unblock", CALLER)
    assert bed.orders.numbers.marked() == []


def test_why_over_the_api_and_by_command(bed: Bed) -> None:
    bed.enrol("ana")  # whose person has the agent's token of this bed
    with bed.client() as client:
        client.post("/v1/agents/ana/login")
    _, protocol = bed.served_call("ana")
    waiting, _ = bed.do(bed.arrive)
    bed.do(bed.queue, waiting)
    with bed.client("agent") as ana, bed.client("supervisor") as sofia:
        theirs = ana.get(f"/v1/protocols/{protocol}/why").json()
        assert [step["kind"] for step in theirs["steps"]].count("choice") == 1
        assert ana.get(f"/v1/calls/{waiting}/why").status_code == 404  # never offered to ana
        assert ana.get("/v1/calls/n1-none-1.1/why").status_code == 404
        assert sofia.get("/v1/protocols/123456789/why").status_code == 404
        found = sofia.get(f"/v1/calls/{waiting}/why").json()
    assert CALLER not in str(theirs) + str(found)
    now = found["now"]
    assert (now["where"], now["queue"], now["position"]) == ("waiting", GERAL.name, 1)
    assert {"agents": 1, "status": "available", "state": "wrap_up", "reason": ""} in now["agents"]
    told = said(bed, "why", protocol)
    assert "oferecida a ana: fila p156_geral" in told
    assert "Regra: " in told
    assert "Agora: na fila p156_geral (prioridade 30), 1ª da fila" in said(bed, "why", waiting)
    bed.do(bed.end, waiting, "waiting")
    with bed.client() as client:
        client.post("/v1/agents/ana/logout", json={"because": "fim do turno"})
