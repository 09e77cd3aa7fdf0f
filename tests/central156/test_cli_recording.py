"""`central156 recording …` as a person uses it, against a running API."""

from __future__ import annotations

import csv
import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_bed import CALLER, Bed, api_bed
from click.testing import CliRunner, Result

from callflow.book import OpenCall
from central156.cli import main
from central156.cli.story_recordings import RECORDINGS
from terms.facts import Kind
from terms.names import AgentName

RATE, SECONDS = 8_000, 5
ANA = AgentName("ana")


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with api_bed(tmp_path_factory.mktemp("listened"), port_base=23230) as running:
        running.enrol("ana")
        running.do(running.desk.log_in, ANA, "ana")
        running.keeping.check.recording = True
        for role, token in running.tokens.items():
            (running.settings.state_dir / f"token-{role}").write_text(f"{token}\n")
        yield running


@pytest.fixture(scope="module")
def names(bed: Bed) -> list[str]:
    """Three recordings, the newest first; the second file is missing."""
    found = []
    for number in range(3):
        call, _ = bed.served_call("ana")
        bed.do(bed.centre.end_wrap_up, ANA, "ana")
        if number != 1:
            folder = bed.keeping.sealing.files.folder / "2026-11-25"
            folder.mkdir(exist_ok=True)
            with wave.open(str(folder / f"{call}.wav"), "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(RATE)
                sound.writeframes(b"\1\2" * RATE * SECONDS)
        bed.do(bed.keeping.check.look, OpenCall(call, "156", bed.centre.now()), bed.centre.now())
        bed.do(bed.store.settled)
        bed.do(bed.keeping.sealing.seal_call, call)
        found.insert(0, str(call))
    return found


def run(bed: Bed, *words: str, role: str = "auditor", said: str = "") -> Result:
    token = str(bed.settings.state_dir / f"token-{role}")
    given = ["--pasta", str(bed.settings.state_dir), "--token", token, "recording", *words]
    return CliRunner().invoke(main, given, input=said)


def test_listed_by_page_and_by_problem(bed: Bed, names: list[str]) -> None:
    told = run(bed, "list", "--de", "hoje")
    assert told.exit_code == 0, told.output
    assert [name in told.output for name in names] == [True, False, True]
    assert "não foi encontrada" in told.output
    first = run(bed, "list", "--quantas", "1")
    assert "Há mais: --mais " in first.output
    after = first.output.rpartition("--mais ")[2].strip()
    second = json.loads(run(bed, "list", "--mais", after, "--json").output)
    assert [one["call"] for one in second["recordings"]] == names[1:]
    bad = json.loads(run(bed, "list", "--problema", "--json").output)["recordings"]
    assert [(one["problem"], one["url"], one["caller"]) for one in bad] == [
        ("missing", None, CALLER)
    ]
    assert "Nenhuma gravação." in run(bed, "list", "--linha", "199").output
    assert "não é um período" in run(bed, "list", "--de", "nunca").output


def test_played_with_a_reason_by_a_person(bed: Bed, names: list[str], tmp_path: Path) -> None:
    target = tmp_path / "x.ogg"
    words = ("play", names[0], "--saida", str(target))
    assert "--motivo" in run(bed, *words).output
    told = run(bed, *words, "--motivo", "conferir", role="supervisor")
    assert told.exit_code == 0, told.output
    assert target.read_bytes()[:4] == b"OggS"
    assert target.stat().st_mode & 0o077 == 0
    assert "não está cifrado" in told.output
    refused = run(bed, "play", names[0], "--motivo", "conferir", role="local")
    assert (refused.exit_code, "login pessoal" in refused.output) == (1, True)
    piped = run(bed, "play", names[0], "--motivo", "conferir")
    assert piped.stdout_bytes[:4] == b"RIFF"


def test_exported_with_an_index(bed: Bed, names: list[str], tmp_path: Path) -> None:
    told = run(bed, "export", "--motivo", "entrega", "--formato", "mp3", "--saida", str(tmp_path))
    assert told.exit_code == 0, told.output
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["indice.csv", f"{names[2]}.mp3", f"{names[0]}.mp3"]
    assert not [file for file in tmp_path.iterdir() if file.stat().st_mode & 0o077]
    text = (tmp_path / "indice.csv").read_text(encoding="utf-8-sig")
    assert all(name in text for name in (names[0], names[2], "missing"))
    assert list(csv.reader(text.splitlines()))


def test_held_released_erased_and_kept_by_the_policy(bed: Bed, names: list[str]) -> None:
    why = ("--motivo", "processo 17")
    held = run(bed, "hold", names[2], *why, role="supervisor")
    assert held.output.startswith("Retenção 1: 1 gravações")
    assert f"1  {names[2]}" in run(bed, "hold").output
    refused = run(bed, "erase", names[2], *why, "--yes")
    assert "uma retenção legal vence" in refused.output
    assert "atendimento (90 dias no ar" in run(bed, "retention", "--ensaio").output
    assert "0 arquivadas, 0 apagadas" in run(bed, "retention").output
    assert run(bed, "release", "1", *why).exit_code == 0
    assert "Nenhuma retenção" in run(bed, "hold").output
    assert run(bed, "erase", names[2], *why, said="n\n").exit_code == 1
    assert "apagada" in run(bed, "erase", names[2], *why, said="talvez\ns\n").output
    assert "a pedido" in run(bed, "play", names[2], "--motivo", "conferir").output
    assert f"{names[2]} (apagada)" in run(bed, "list").output


def test_the_master_key_is_changed(bed: Bed, names: list[str]) -> None:
    assert "não pode" in run(bed, "rekey", role="supervisor").output
    assert "guardadas:" in run(bed, "rekey", role="admin").output
    assert "guardadas:" not in run(bed, "rekey", "--descartar", role="local").output
    assert run(bed, "play", names[0], "--motivo", "conferir").stdout_bytes[:4] == b"RIFF"


@pytest.mark.parametrize("kind", sorted(RECORDINGS))
def test_every_fact_is_told_whatever_it_lacks(kind: str) -> None:
    assert "None" not in RECORDINGS[kind]("?", {})


def test_every_fact_of_a_call_has_its_words() -> None:
    assert set(RECORDINGS) == {str(one) for one in Kind if str(one).startswith("recording_")}
