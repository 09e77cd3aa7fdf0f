"""The ways out of an installation: what is in force, what Anatel counts, and what people see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from api_bed import Bed, api_bed
from click.testing import CliRunner, Result
from trunk_folders import THREE, TWO, folder_with

import central156.trunk_acts
from central156.cli import main
from central156.clock import now
from central156.settings import Settings
from central156.state_folder import prepare_state
from central156.trunk_acts import settle_trunks
from central156.trunks import IN_FORCE, named_in, out_trunks_of, put_back, take, trunks_of
from dialer.trunks import Trunk
from pbx.switch_process import SwitchUnreachable
from reader import DialplanMistakes
from terms.names import TrunkName

PORT = 24700
WRONG = "rotas:\n  principal: {operadora: X, destino: nada}\n"


# --- what is in force ---
def test_without_a_file_the_settings_own_trunk_is_the_only_one(tmp_path: Path) -> None:
    settings = folder_with(tmp_path, None, out_trunk="10.0.0.9:5060", out_prefix="0")
    (only,) = trunks_of(settings).values()
    assert (only.name, only.operator, only.channels) == (
        *("principal", "principal"),
        settings.out_channels,
    )
    (out,) = out_trunks_of(settings)
    assert (out.address, out.prefix, out.per_second) == (
        *("10.0.0.9:5060", "0"),
        settings.out_per_second,
    )
    assert trunks_of(folder_with(tmp_path, None)) == {}
    assert named_in(settings.dialplans_dir) == {"principal"}


def test_a_trunk_without_an_address_has_the_settings_own_or_is_shut(tmp_path: Path) -> None:
    text = TWO.replace("    destino: 10.0.0.5:5060\n", "")
    own = {"out_trunk": "10.0.0.9:5060", "out_prefix": "0", "out_channels": "30"}
    settings = folder_with(tmp_path, text, **own)
    first, second = out_trunks_of(settings)
    assert (first.name, first.address, first.prefix) == ("principal", "10.0.0.9:5060", "0")
    assert (first.channels, first.per_second) == (settings.out_channels, settings.out_per_second)
    assert (settings.out_channels, second.channels) == (30, 7)
    assert (second.name, second.address, second.prefix) == ("reserva", "10.0.0.6:5060", "021")
    shut = folder_with(tmp_path, text)
    assert list(trunks_of(shut)) == ["reserva"]
    assert named_in(shut.dialplans_dir) == {"principal", "reserva"}


def test_both_know_the_same_of_each_trunk(tmp_path: Path) -> None:
    settings = folder_with(tmp_path, TWO)
    ours, switchs = trunks_of(settings), out_trunks_of(settings)
    assert ours[TrunkName("reserva")] == Trunk(
        TrunkName("reserva"), "Segunda", True, 7, 2, 500_000, ("11", "12")
    )
    assert [(one.name, one.channels, one.per_second, one.prefixes) for one in ours.values()] == [
        (one.name, one.channels, one.per_second, one.allowed) for one in switchs
    ]


def test_an_edited_file_holds_only_once_it_is_taken(tmp_path: Path) -> None:
    settings = folder_with(tmp_path, TWO)
    file = settings.dialplans_dir / "rotas.yaml"
    assert take(settings) is None
    file.write_text(THREE)
    assert len(trunks_of(settings)) == 2
    before = take(settings)
    assert before == TWO.encode()
    assert len(trunks_of(settings)) == 3
    put_back(settings, before)
    assert len(trunks_of(settings)) == 2
    file.write_text(WRONG)
    with pytest.raises(DialplanMistakes):
        take(settings)
    assert len(trunks_of(settings)) == 2
    prepare_state(settings)
    settle_trunks(settings)  # at a start: what held holds, and nobody is stopped
    assert len(trunks_of(settings)) == 2
    file.unlink()
    take(settings)
    assert trunks_of(settings) == {}  # no out_trunk either
    file.write_text(THREE)
    assert trunks_of(settings) == {}
    (settings.state_dir / IN_FORCE).write_bytes(b"\xff\xfe")
    assert trunks_of(settings) == {}  # nothing goes out rather than anything


def test_a_first_start_with_a_wrong_file_lets_nothing_out(tmp_path: Path) -> None:
    settings = folder_with(tmp_path, WRONG, out_trunk="10.0.0.9:5060")
    prepare_state(settings)
    settle_trunks(settings)
    assert trunks_of(settings) == {}
    assert out_trunks_of(settings) == ()


# --- what people see ---
@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    folder = tmp_path_factory.mktemp("trunks")
    folder_with(folder, TWO, node="n1")
    with api_bed(folder, PORT) as running:
        yield running


def central(bed: Bed, *words: str) -> Result:
    arguments = ["--pasta", str(bed.settings.state_dir), "trunk", *words]
    return CliRunner(env={"CENTRAL156_PORT_BASE": str(PORT), "COLUMNS": "160"}).invoke(
        main, arguments
    )


def test_what_each_carries_and_what_people_must_know(bed: Bed) -> None:
    for _ in range(3):
        bed.do(bed.store.campaigns.count_outside, TrunkName("principal"), now(), 300, 100, 50)
    shown = central(bed, "list")
    assert shown.exit_code == 0, shown.output
    assert "10.0.0.5:5060" in shown.output
    assert "Segunda (autenticada)" in shown.output
    assert "Primeira: 900 de 1000 ligações no mês (90,0%); 17% das de hoje" in shown.output
    assert "Atenção: Primeira: 900 ligações no mês, 90% do limite de 1000." in shown.output
    with bed.client("auditor") as client:
        found = client.get("/v1/trunks").json()
    assert [one["name"] for one in found["trunks"]] == ["principal", "reserva"]
    assert found["trunks"][0]["month"] == {"attempts": 900, "answered": 300, "short": 150}
    text = httpx.get(f"{bed.settings.api_url}/metrics", trust_env=False).text
    assert 'central156_operator_month_calls{operator="Primeira"} 900.0' in text
    assert 'central156_operator_month_limit{operator="Primeira"} 1000.0' in text
    assert 'central156_operator_authenticated{operator="Segunda"} 1.0' in text
    assert 'central156_trunk_channels{trunk="reserva"} 7.0' in text


def test_check_and_reload(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bed.settings.dialplans_dir / "rotas.yaml"
    assert "nada mudou" in central(bed, "reload").output
    file.write_text(WRONG)
    for words in (("check",), ("reload",)):
        refused = central(bed, *words)
        assert refused.exit_code == 1
        assert "menus/rotas.yaml:2:38: destino inválido 'nada'" in refused.output
    assert list(bed.centre.trunks.current) == ["principal", "reserva"]
    file.write_text(THREE.replace("principal", "primeira"))
    checked = central(bed, "check")
    assert "primeira: Primeira, 10.0.0.5:5060; 60 canais, 5 por segundo" in checked.output
    assert "3 rotas: nenhum erro." in checked.output
    assert "Ainda não está em vigor: " in checked.output

    def unreachable(settings: Settings) -> bool:
        raise SwitchUnreachable("o Asterisk não está no ar")

    with monkeypatch.context() as patch:
        patch.setattr(central156.trunk_acts, "write_trunks", unreachable)
        refused = central(bed, "reload")
        assert "vale o que valia: o Asterisk não está no ar" in refused.output
        assert list(trunks_of(bed.settings)) == ["principal", "reserva"]
    done = central(bed, "reload").output
    assert "Ainda não" not in central(bed, "check").output
    assert "Em vigor: primeira, reserva, terceira." in done
    assert "Novas: primeira, terceira." in done
    assert "Retiradas: principal." in done
    assert "principal já levou ligações neste mês" in done
    assert list(bed.centre.trunks.current) == ["primeira", "reserva", "terceira"]
