"""From the settings and the shipped servicos.yaml to answers, over the example database."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from web_bed import WebBed

from central156.settings import CHECKOUT, Settings, SettingsMistakes, load_settings
from central156.sources import (
    SourcesMistake,
    configured_sources,
    open_outside,
    public_subjects,
    unanswered,
    unconfigured,
)
from central156.state_folder import documented_file, prepare_state
from ivr.menu import HandOverNode, LinePlan, QueueNode
from outside import create_example
from protocol_store import Store
from reader.dialplans import read_dialplans
from terms.facts import Fact, Kind
from terms.names import CallId, QueueName
from terms.services import ServiceSpec, refusal

EXAMPLE = "sqlite:///exemplo.sqlite"


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CENTRAL156_SOURCES", raising=False)


@pytest.fixture(scope="module")
def specs() -> dict[str, ServiceSpec]:
    return dict(read_dialplans(CHECKOUT / "dialplans").services)


def made(folder: Path, **given: object) -> Settings:
    found = load_settings(folder, **given)
    prepare_state(found)
    return found


def test_every_shipped_service_may_be_asked(specs: dict[str, ServiceSpec]) -> None:
    assert not {name: refusal(spec) for name, spec in specs.items() if refusal(spec)}
    assert {spec.source for spec in specs.values()} == {"central", "exemplo", "sms"}


def test_what_is_not_configured_is_named(tmp_path: Path, specs: dict[str, ServiceSpec]) -> None:
    settings = load_settings(tmp_path)
    assert configured_sources(settings) == {"central", "exemplo"}
    assert unconfigured(settings, specs) == {"sms_protocolo"}
    more = load_settings(tmp_path, sources={"exemplo": EXAMPLE, "sms": "https://sms.exemplo/v1"})
    assert unconfigured(more, specs) == frozenset()


async def test_what_asks_in_the_wrong_language_is_told(
    tmp_path: Path, specs: dict[str, ServiceSpec]
) -> None:
    assert unanswered(load_settings(tmp_path), specs) == (
        "serviço 'sms_protocolo': nenhuma fonte se chama 'sms' (há central, exemplo)",
    )
    slip = {"ver": replace(specs["consulta_ver"], source="exenplo")}
    assert unanswered(load_settings(tmp_path), slip) == (
        "serviço 'ver': nenhuma fonte se chama 'exenplo'; você quis dizer 'exemplo'?",
    )
    swapped = made(tmp_path, sources={"exemplo": "http://127.0.0.1:45197", "sms": EXAMPLE})
    told = unanswered(swapped, specs)
    assert "serviço 'consulta_ver': a fonte 'exemplo' é HTTP; escreva caminho" in told
    assert "serviço 'sms_protocolo': a fonte 'sms' é um banco; escreva sql" in told
    async with open_outside(swapped, Store(swapped.store_url, "n1"), specs) as outside:
        for name in ("consulta_ver", "sms_protocolo"):
            given = dict.fromkeys(specs[name].given, "1")
            assert "e o serviço não tem" in (await outside.ask(name, given, 1.0, "c")).why


async def test_the_shipped_services_answer(tmp_path: Path, specs: dict[str, ServiceSpec]) -> None:
    settings = made(tmp_path)
    store = Store(settings.store_url, "n1")
    await store.start()
    at = 1_790_000_000.0
    protocol = await store.open_call(CallId("b-1"), "156", "156", "11987654321", at, False)
    queued = {"queue": "p156_zeladoria", "priority": 40, "note": "Buraco na rua"}
    store.append(Fact(at + 1, Kind.QUEUED, CallId("b-1"), details=queued))
    await store.settled()
    async with open_outside(settings, store, specs, lambda: {"Buraco na rua"}) as outside:

        async def ask(name: str, call: str = "c-1", **given: str) -> tuple[str, dict[str, str]]:
            answer = await outside.ask(name, given, 2.0, call)
            return answer.how, dict(answer.values)

        assert await ask("protocolo", protocolo=protocol) == (
            "achou",
            {
                "assunto": "Buraco na rua",
                "aberto_em": "2026-09-21",
                "situacao": "na fila de atendimento",
            },
        )
        for wrong in ("123456789", "9", "x", "999999994"):
            assert await ask("protocolo", protocolo=wrong) == ("nao_achou", {})
        how, seen = await ask("consulta_ver", codigo="482915")
        assert how == "achou"
        assert date.fromisoformat(seen.pop("data"))
        assert seen == {"hora": "08:30", "unidade": "UBS Vila Mariana", "situacao": "marcada"}
        for _ in range(2):
            assert (await ask("consulta_confirma", codigo="482915"))[0] == "achou"
        assert (await ask("consulta_ver", codigo="482915"))[1]["situacao"] == "confirmada"
        assert (await ask("consulta_desmarca", codigo="482915"))[0] == "achou"
        assert (await ask("consulta_confirma", codigo="482915"))[0] == "nao_achou"
        assert (await ask("consulta_ver", codigo="482915"))[0] == "nao_achou"
        for code in ("0", "' OR 1=1 --"):
            assert (await ask("consulta_desmarca", codigo=code))[0] == "nao_achou"
        how, seen = await ask("pedido_ver", pedido="3104871")
        assert (how, seen["assunto"], seen["endereco"]) == (
            "achou",
            "buraco na rua",
            "Rua Vergueiro, 120",
        )
        how, seen = await ask("pedido_no_endereco", cep="04014000", numero="120")
        assert (how, seen["pedido"]) == ("achou", "3104871")
        assert (await ask("pedido_no_endereco", cep="01310100", numero="900"))[0] == "nao_achou"
        for call in ("c-1", "c-1", "c-2"):
            assert (await ask("pedido_reforca", call, pedido="3104871"))[0] == "achou"
        assert (await ask("pedido_reforca", pedido="1"))[0] == "nao_achou"
        assert (await ask("aviso_onibus"))[1]["mensagem"].startswith("As linhas")
        assert (await ask("aviso_vacinacao"))[0] == "achou"
        assert await ask("sms_protocolo", telefone="11987654321", protocolo=protocol) == (
            "falhou",
            {},
        )
        assert outside.counts()["pedido_reforca", "achou"].count == 3
    with closing(sqlite3.connect(tmp_path / "exemplo.sqlite")) as example:
        assert example.execute("SELECT count(*) FROM reforcos").fetchone() == (2,)
    await store.close()


def test_only_subjects_of_common_queues_may_be_told(tmp_path: Path) -> None:
    def queue(name: str, to: str, note: str) -> QueueNode:
        return QueueNode(name, QueueName(to), note=note)

    in_156 = (
        queue("a", "p156_zeladoria", "Buraco na rua"),
        queue("b", "p156_mulher", "Violência contra a mulher"),
        queue("c", "p156_geral", "Ajuda"),
        queue("d", "p156_social", "Ajuda"),
        queue("e", "p156_geral", ""),
        HandOverNode("f", "199", QueueName("e199_risco"), note="Enchente"),
    )
    in_199 = (queue("a", "e199_arvore", "Árvore caída"),)
    lines = {
        line: LinePlan(line, "a", {node.name: node for node in nodes}, QueueName("p156_geral"))
        for line, nodes in (("156", in_156), ("199", in_199))
    }
    assert public_subjects(lines, load_settings(tmp_path).discreet_queues) == {"Buraco na rua"}
    open_to_all = load_settings(tmp_path, discreet_queues="")
    assert "Violência contra a mulher" in public_subjects(lines, open_to_all.discreet_queues)


def test_no_shipped_subject_of_a_delicate_queue_may_be_told(tmp_path: Path) -> None:
    lines = read_dialplans(CHECKOUT / "dialplans").lines
    told = public_subjects(lines, load_settings(tmp_path).discreet_queues)
    assert not {one for one in told if re.search("viol|mulher|criança|agress|abus", one.lower())}


async def test_a_store_that_is_closed_is_a_failure(
    tmp_path: Path, specs: dict[str, ServiceSpec]
) -> None:
    settings = made(tmp_path, sources={})
    store = Store(settings.store_url, "n1")
    await store.start()
    async with open_outside(settings, store, specs) as outside:
        await store.close()
        answer = await outside.ask("protocolo", {"protocolo": "000010008"}, 1.0)
        assert answer.how == "falhou"
    assert not (tmp_path / "exemplo.sqlite").exists()


async def test_a_token_of_the_secrets_is_sent(tmp_path: Path, web: WebBed) -> None:
    settings = made(tmp_path, sources={"um": web.url, "dois": f"{web.url}/ok"})
    (settings.secrets_dir / "source_um").write_text("abc\n")
    (settings.secrets_dir / "source_dois").write_text("X-Api-Key: def\n")
    specs = {
        "um": ServiceSpec("um", "um", path="/ok"),
        "dois": ServiceSpec("dois", "dois", path="/mais"),
    }
    store = Store(settings.store_url, "n1")
    async with open_outside(settings, store, specs) as outside:
        assert (await outside.ask("um", {}, 1.0)).how == "achou"
        assert (await outside.ask("dois", {}, 1.0)).how == "achou"
    assert [one.path for one in web.heard] == ["/ok", "/ok/mais"]
    assert web.heard[0].headers["Authorization"] == "Bearer abc"
    assert web.heard[1].headers["X-Api-Key"] == "def"


@pytest.mark.parametrize(
    ("sources", "secret", "told"),
    [
        ({"a": "http://x/?y=1"}, "", "sources: a: use http://servidor/caminho"),
        ({"a": "sqlite://"}, "", "sources: a: use sqlite:///arquivo"),
        ({"a": "http://x"}, "duas\nlinhas", "sources: a: "),
    ],
)
async def test_a_source_that_cannot_be_used_is_told(
    tmp_path: Path, sources: dict[str, str], secret: str, told: str
) -> None:
    settings = made(tmp_path, sources=sources)
    if secret:
        (settings.secrets_dir / "source_a").write_text(secret)
    store = Store(settings.store_url, "n1")
    with pytest.raises(SourcesMistake) as wrong:
        async with open_outside(settings, store, {}):
            pass
    assert str(wrong.value).startswith(told)


def test_sources_are_written_in_the_file_and_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(tmp_path).sources == {"exemplo": EXAMPLE}
    (tmp_path / "settings.toml").write_text('[sources]\nsaude = "https://saude.exemplo/"\n')
    assert load_settings(tmp_path).sources == {"saude": "https://saude.exemplo/"}
    monkeypatch.setenv("CENTRAL156_SOURCES", json.dumps({"b": "sqlite:////srv/b.sqlite"}))
    found = load_settings(tmp_path)
    assert found.sources == {"b": "sqlite:////srv/b.sqlite"}
    (tmp_path / "settings.toml").write_text(documented_file(found), encoding="utf-8")
    monkeypatch.delenv("CENTRAL156_SOURCES")
    assert load_settings(tmp_path).sources == found.sources


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{", 'no ambiente é JSON, como {"saude": "https://…"}'),
        ("[1]", "sources"),
        ('{"A": "http://x"}', "não serve de nome"),
        ('{"central": "http://x"}', "não serve de nome"),
        ('{"a": "mysql://x"}', "a: o endereço começa com sqlite"),
        ('{"a": 1}', "deve ser um texto"),
    ],
)
def test_wrong_sources_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, told: str
) -> None:
    monkeypatch.setenv("CENTRAL156_SOURCES", value)
    with pytest.raises(SettingsMistakes) as wrong:
        load_settings(tmp_path)
    assert told in str(wrong.value)


def test_the_example_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "exemplo.sqlite"
    create_example(path)
    assert path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(path)) as example:
        example.execute("DELETE FROM avisos")
        example.commit()
    create_example(path)
    with closing(sqlite3.connect(path)) as example:
        assert example.execute("SELECT count(*) FROM avisos").fetchone() == (0,)
    assert [one.name for one in tmp_path.iterdir()] == ["exemplo.sqlite"]
