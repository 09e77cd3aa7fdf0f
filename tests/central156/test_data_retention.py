"""The job that lets old data go: at night, when it is quiet, and when an auditor wants it; and what
it would do, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from api_bed import Bed, api_bed
from click.testing import CliRunner
from seeded import CPF

from central156.cli import main
from central156.data_retention import CITY, DAY, DataRetention
from central156.settings import SettingsMistakes, load_settings
from protocol_store.attempt_rows import Ended, Ordered
from protocol_store.campaign_rows import CampaignRow, ListRow
from protocol_store.campaigns import CampaignBook
from terms.facts import Fact, Kind
from terms.names import AttemptId, CallId, CampaignName, Instant, TrunkName

OLD = "n1-old-1.1"


@pytest.fixture
def bed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bed]:
    monkeypatch.setattr("central156.data_retention.limits.DATA_RETENTION_PAUSE", 0.0)
    with api_bed(tmp_path / "state", port_base=23900) as running:
        running.do(_old_call, running)
        yield running


async def _old_call(bed: Bed) -> None:
    """A call of six years ago, in which a CPF was typed."""
    call, at = CallId(OLD), bed.centre.now() - 6 * 365 * DAY
    await bed.store.open_call(call, "156", "156", "11987654321", at, False)
    typed = {"node": "cpf", "variable": "cpf", "value": CPF}
    ended = {"outcome": "ended_in_menu", "where": "menu", "seconds": 9.0}
    bed.store.append(
        Fact(at + 1, Kind.DATA_TYPED, call, details=typed),
        Fact(at + 9, Kind.CALL_ENDED, call, details=ended),
    )
    await bed.store.settled()
    await _old_contact(bed.store.campaigns, at)


async def _old_contact(book: CampaignBook, at: Instant) -> None:
    """A contact of a campaign of then, whom one attempt reached."""
    name = CampaignName("velha")
    said = ("aviso", "progressivo", "Saúde", "Vacina", 5, "", "campanha: velha\n", "draft")
    await book.make(CampaignRow(name, *said, at, "ana", at, "ana"))
    row = ListRow.of(name, "velha.csv", b"1", at, "ana")
    await book.begin_list(row)
    await book.load(row, [(2, "11987654322", {"nome": "Zoé"})], at)
    await book.finish_list(replace(row, contacts=1, loaded_at=at))
    (contact,) = await book.due(name, at + 1, 10)
    attempt = AttemptId(f"{contact.contact}-1")
    trunk = TrunkName("principal")
    await book.order(Ordered(attempt, contact.contact, 1, contact.number, trunk, at))
    over = replace(contact, state="done", due_at=None, ending="reached", results=("answered",))
    await book.end(Ended(attempt, at + 60, "answered", True, over, "", at + 20))


def _at(bed: Bed, text: str) -> DataRetention:
    """The job, at this hour of the city's clock."""
    job = bed.centre.citizens.retention
    at = datetime.fromisoformat(text).replace(tzinfo=CITY).timestamp()
    job.keeper.clock = lambda: at
    return job


def _caller(bed: Bed) -> str:
    return str(bed.do(bed.store.story, OLD, True).call.caller)


def _run(bed: Bed, *words: str) -> Any:
    return CliRunner().invoke(main, ["--pasta", str(bed.settings.state_dir), *words])


def test_at_night_and_when_it_is_quiet(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    job = _at(bed, "2099-01-01 12:00")
    bed.do(job.look)
    assert _caller(bed) == "11987654321"
    monkeypatch.setattr("central156.data_retention.limits.DATA_RETENTION_CALLS", -1)
    job = _at(bed, "2099-01-01 02:00")
    bed.do(job.look)
    assert _caller(bed) == "11987654321"
    monkeypatch.undo()
    bed.do(job.look)
    assert _caller(bed).startswith("apagado-")
    assert job._walked == "2099-01-01"  # not again before the next night


def test_rehearsed_and_done(bed: Bed, tmp_path: Path) -> None:
    told = _run(bed, "store", "retention", "--ensaio", "--json")
    wanted = {"numbers": 1, "typed": 1, "facts": 0, "kept": 0}
    wanted |= {"contacts": 1, "attempts": 1, "texts": 0}
    assert json.loads(told.output) == wanted, told.output
    assert _caller(bed) == "11987654321"
    shown = _run(bed, "store", "retention", "--ensaio").output
    assert "Números: sairiam os de 1 ligação" in shown
    assert "Campanhas: sairiam os números de 1 contato. SMS: sairiam os de 0 mensagens." in shown
    refused = _run(bed, "store", "retention")
    assert refused.exit_code == 1
    token = tmp_path / "aurora.token"
    token.write_text(bed.tokens["auditor"])
    done = _run(bed, "--token", str(token), "store", "retention")
    assert "Números: saíram os de 1 ligação" in done.output, done.output
    assert _caller(bed).startswith("apagado-")
    assert "Campanhas: saíram os números de 1 contato" in done.output
    again = json.loads(_run(bed, "store", "retention", "--ensaio", "--json").output)
    assert not any(again.values())
    with bed.client("auditor") as auditor:
        report = auditor.get("/v1/reports/auditoria-dados").json()
    assert any("prazo" in str(row) for row in report["rows"])
    assert any("1 contatos e 0 mensagens" in str(row) for row in report["rows"])


def test_zero_keeps_for_ever_and_other_numbers_are_refused(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert (settings.typed_days, settings.number_days) == (730, 1_825)
    assert (settings.contact_days, settings.text_days) == (730, 730)
    assert load_settings(tmp_path, typed_days=0).typed_days == 0
    with pytest.raises(SettingsMistakes):
        load_settings(tmp_path, number_days=-1)
