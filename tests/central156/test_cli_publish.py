"""`dialplan publish` and what follows it, and `announce`, against a running API."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from api_bed import Bed
from click.testing import CliRunner, Result
from small_menus import menus, write

from central156.cli import main
from central156.cli.moments import instant_of
from central156.cli.words import CITY


@pytest.fixture(autouse=True)
def _settings_of_the_bed(bed: Bed) -> None:
    file = bed.settings.settings_file
    file.write_text(f"port_base = {bed.settings.port_base}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def sofia(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a supervisor's token."""
    file = tmp_path_factory.mktemp("tokens") / "sofia"
    file.write_text(bed.tokens["supervisor"])
    return file


def central156(bed: Bed, *words: str, token: Path | None = None) -> Result:
    whose = ["--token", str(token)] if token else []
    return CliRunner().invoke(main, ["--pasta", str(bed.settings.state_dir), *whose, *words])


def version_of(output: str) -> str:
    found = re.search(r"Versão ([0-9a-f]{12})", output)
    assert found is not None, output
    return found[1]


def test_from_proposal_to_rollback(bed: Bed, tmp_path: Path, sofia: Path) -> None:
    folder = write(tmp_path / "menus", {**menus(), "tests/um.yaml": "#\n"})
    proposed = central156(bed, "dialplan", "publish", str(folder), "--note", "tudo novo")
    assert proposed.exit_code == 0, proposed.output
    assert "proposta: muda o 153 e o 199, e espera que outra pessoa aprove" in proposed.output
    version = version_of(proposed.output)
    own = central156(bed, "dialplan", "approve", version)
    assert "quem publicou não aprova" in own.output
    assert "à espera de aprovação (153, 199)" in _table(bed)
    approved = central156(bed, "dialplan", "approve", version, token=sofia)
    assert f"Versão {version} no ar" in approved.output

    write(folder, menus(note="Outro assunto"))
    second = central156(bed, "dialplan", "publish", str(folder))
    assert "Linha 156: muda o menu." in second.output
    assert "provado no papel" in second.output
    assert "Para desfazer: central156 dialplan rollback" in second.output
    back = central156(bed, "dialplan", "rollback").output
    assert version in back
    undone = version_of(second.output)
    assert f"Para desfazer: central156 dialplan rollback {undone}" in back
    listed = json.loads(central156(bed, "dialplan", "versions", "--json").output)
    assert listed["serving"] == version
    assert [one["how"] for one in listed["served"][:2]] == ["rollback", "publish"]
    assert re.search(r"no ar \(volta \d\d/\d\d/\d{4}", _table(bed))
    assert "já está no ar" in central156(bed, "dialplan", "rollback", version).output


def _table(bed: Bed) -> str:
    """What `versions` shows, its broken lines put together again."""
    shown = central156(bed, "dialplan", "versions").output
    rows = [line.split("│")[1:-1] for line in shown.splitlines() if line.startswith("│")]
    return " ".join(" ".join(row[1].strip() for row in rows if len(row) > 1).split())


def test_a_rejection(bed: Bed, tmp_path: Path, sofia: Path) -> None:
    folder = write(tmp_path / "menus", menus(greeting="Bom dia."))
    version = version_of(central156(bed, "dialplan", "publish", str(folder)).output)
    told = central156(bed, "dialplan", "reject", version, token=sofia)
    assert f"Versão {version} rejeitada" in told.output
    assert "não espera aprovação" in central156(bed, "dialplan", "reject", version).output


def test_mistakes_stand_at_their_places(bed: Bed, tmp_path: Path) -> None:
    folder = write(tmp_path / "menus", {**menus(), "199.yaml": "linha: 199\n"})
    told = central156(bed, "dialplan", "publish", str(folder))
    assert told.exit_code == 1
    assert "nada foi publicado:\ndialplans/199.yaml:" in told.output


def test_folders_that_are_none(bed: Bed, tmp_path: Path) -> None:
    assert "nenhum arquivo .yaml" in central156(bed, "dialplan", "publish", str(tmp_path)).output
    (tmp_path / "156.yaml").write_bytes(b"linha: 156\ncomeca_em: \xe9\n")
    told = central156(bed, "dialplan", "publish", str(tmp_path)).output
    assert "156.yaml:2: isto não é texto em UTF-8" in told
    missing = central156(bed, "dialplan", "publish", str(tmp_path / "nada"))
    assert missing.exit_code == 2


def test_only_admins_publish(bed: Bed, tmp_path: Path, sofia: Path) -> None:
    folder = write(tmp_path / "menus", menus(note="Da Sofia"))
    for words in (("publish", str(folder)), ("rollback",)):
        told = central156(bed, "dialplan", *words, token=sofia)
        assert "o papel «supervisor» não pode fazer isto" in told.output


def test_an_announcement_until_it_is_ended(bed: Bed, sofia: Path) -> None:
    words = ("announce", "156", "Chove forte.", "--until", "2h", "--name", "chuva")
    told = central156(bed, *words, token=sofia)
    assert told.exit_code == 0, told.output
    assert re.search(r"O aviso chuva está no ar na linha 156, antes de \w+, até \d\d/", told.output)
    listed = json.loads(central156(bed, "announce", "--list", "--json").output)
    assert (listed[0]["name"], listed[0]["by"], listed[0]["on_air"]) == ("chuva", "sofia", True)
    assert "no ar" in central156(bed, "announce", "--list").output
    assert "O aviso chuva saiu do ar." in central156(bed, "announce", "--end", "chuva").output
    assert "encerrado" in central156(bed, "announce", "--list").output
    gone = central156(bed, "announce", "--end", "chuva")
    assert "não há no ar aviso com o nome chuva" in gone.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("announce", "199", "Chove."), "diga até quando, com --until; ex.: 2h"),
        (("announce", "--until", "2h"), "diga a linha e o texto"),
        (
            ("announce", "199", "Chove.", "--until", "logo"),
            "«logo» não é uma hora nem um dia; ex.: 2h",
        ),
        (("announce", "199", "Chove.", "--until", "2020-01-01"), "o fim já passou"),
        (("announce", "190", "Chove.", "--until", "2h"), "'190' não é um de: '156', '199', '153'"),
        (("announce", "156", "A {b}.", "--until", "2h"), "sem {lacunas}"),
        (("dialplan", "short", "156", "talvez"), "'talvez' não é um de: 'on', 'off'"),
        (("dialplan", "approve", "x"), "version (a versão como `dialplan versions` a mostra"),
        (("dialplan", "rollback", "0123456789ab"), "não há a versão 0123456789ab"),
    ],
)
def test_what_cannot_be_ordered(bed: Bed, words: tuple[str, ...], told: str) -> None:
    result = central156(bed, *words)
    assert result.exit_code != 0
    assert told in " ".join(result.output.split())


def test_the_short_menu(bed: Bed, sofia: Path) -> None:
    on = central156(bed, "dialplan", "short", "156", "on", "--until", "30min", token=sofia)
    assert re.search(r"Linha 156: menu resumido até \d\d/\d\d/\d{4} \d\d:\d\d", on.output)
    listed = json.loads(central156(bed, "announce", "--list", "--json").output)
    assert (listed[0]["kind"], listed[0]["on_air"]) == ("short", True)
    assert "resumido" in central156(bed, "announce", "--list").output
    off = central156(bed, "dialplan", "short", "156", "off", token=sofia)
    assert "Linha 156: menu inteiro." in off.output


NOW = datetime(2026, 11, 25, 14, 30, 15, tzinfo=CITY)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2h", "2026-11-25 16:30:15"),
        ("30min", "2026-11-25 15:00:15"),
        ("30 minutos", "2026-11-25 15:00:15"),
        ("1 hora", "2026-11-25 15:30:15"),
        ("3d", "2026-11-28 14:30:15"),
        ("20:00", "2026-11-25 20:00:00"),
        ("20h00", "2026-11-25 20:00:00"),
        ("8:00", "2026-11-26 08:00:00"),  # the next one
        ("2026-11-25 20:00", "2026-11-25 20:00:00"),
        ("2026-11-25T20:00", "2026-11-25 20:00:00"),
        ("25/11/2026 20:00", "2026-11-25 20:00:00"),
        ("2026-11-25", "2026-11-26 00:00:00"),  # to the day's end
        ("25/11/2026", "2026-11-26 00:00:00"),
    ],
)
def test_until_when(written: str, meant: str) -> None:
    found = datetime.fromtimestamp(instant_of(written, NOW), CITY)
    assert found.strftime("%Y-%m-%d %H:%M:%S") == meant


@pytest.mark.parametrize(
    "written", ["", "logo", "25:00", "2026-02-30", "2 semanas", "-2h", "99999h", "9999-12-31"]
)
def test_what_says_no_end(written: str) -> None:
    with pytest.raises(ValueError, match="não é uma hora nem um dia"):
        instant_of(written, NOW)
