"""Text messages over HTTP and the command line: ordered, imported, followed, stopped, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_bed import Bed
from click.testing import CliRunner

from central156.cli import main, sms
from central156.sms_acts import SmsActs
from central156.sms_sender import SmsSender
from sms.smpp_account import SmppAccount
from sms.smpp_link import SmppLink
from terms.names import CallId, Protocol

NUMBER, OTHER = "11987654321", "11987654322"
ABOUT = {"kind": "protocolo", "body": "SMS", "subject": "teste"}


@pytest.fixture
def acts(bed: Bed) -> Iterator[SmsActs]:
    """Orders are taken; the link is never up, so that nothing goes out."""
    link = SmppLink(SmppAccount("127.0.0.1", 24_290, "central", "segredo", "156"))
    never = ("p156_mulher",)
    sender = SmsSender(bed.store, link, bed.keeper.clock, 1, lambda _: False, lambda: never)
    before = bed.centre.sms
    bed.centre.sms = SmsActs(bed.store, bed.keeper.clock, sender, lambda: never, "11")
    yield bed.centre.sms
    bed.centre.sms = before


def test_without_a_carrier_nothing_is_taken(bed: Bed) -> None:
    with bed.client("supervisor") as sofia:
        body = {**ABOUT, "messages": [{"number": NUMBER, "text": "oi"}]}
        refused = sofia.post("/v1/sms/orders", json=body)
        assert refused.status_code == 409
        assert "sms_smpp" in refused.json()["erro"]
        assert sofia.get("/v1/sms").json()["carrier"] == ""


def test_an_order_is_taken_once_followed_and_stopped(bed: Bed, acts: SmsActs) -> None:
    body = {**ABOUT, "order": "pedido-1", "messages": [{"number": NUMBER, "text": "oi"}]}
    body["messages"] += [{"number": OTHER, "text": "olá", "ref": "A-17"}]  # type: ignore[operator]
    with bed.client("supervisor") as sofia:
        first = sofia.post("/v1/sms/orders", json=body).json()
        assert (first["order"], first["messages"], first["new"]) == ("pedido-1", 2, 2)
        assert sofia.post("/v1/sms/orders", json=body).json()["new"] == 0
        (order,) = sofia.get("/v1/sms/orders").json()["orders"]
        assert order["by_status"] == {"aguarda": 2}
        found = sofia.get("/v1/sms/messages/A-17").json()
        assert (found["number"], found["text"], found["body"]) == (OTHER, "olá", "SMS")
        assert sofia.get("/v1/sms/messages", params={"order": "pedido-1"}).json()["messages"]
        assert sofia.post("/v1/sms/orders/pedido-1/stop").json()["stopped"] == 2
        assert sofia.post("/v1/sms/orders/none/stop").status_code == 404
    with bed.client("admin") as admin:
        masked = admin.get("/v1/sms/messages/A-17").json()
        assert OTHER not in str(masked)
        assert "olá" not in str(masked)


@pytest.mark.parametrize(
    "change",
    [
        {"messages": [{"number": "1131560000", "text": "oi"}]},
        {"messages": [{"number": NUMBER, "text": "ã" * 500}]},
        {"messages": []},
        {"deadline": 5.0},
        {"deadline": 4e9},
        {"life_safety": True},
        {"repeats": True},
        {"kind": "propaganda"},
        {"body": ""},
    ],
)
def test_what_cannot_be_sent_is_refused(bed: Bed, acts: SmsActs, change: dict[str, object]) -> None:
    body = {**ABOUT, "messages": [{"number": NUMBER, "text": "oi"}], **change}
    with bed.client("supervisor") as sofia:
        refused = sofia.post("/v1/sms/orders", json=body)
        assert refused.status_code == 422
        assert NUMBER not in refused.text


def test_a_number_that_wants_none(bed: Bed, acts: SmsActs) -> None:
    with bed.client("supervisor") as sofia:
        asked = {"number": "(11) 98765-0001"}
        assert sofia.post("/v1/sms/refusals", json=asked).status_code == 200
        (one,) = sofia.get("/v1/sms/refusals").json()["refusals"]
        assert (one["number"], one["how"]) == ("11987650001", "pessoa")
        body = {**ABOUT, "messages": [{"number": "11987650001", "text": "oi"}]}
        assert sofia.post("/v1/sms/orders", json=body).json()["not_to_be_sent"] == 1
        undone = {**asked, "on": False}
        assert sofia.post("/v1/sms/refusals", json=undone).status_code == 200
        assert sofia.post("/v1/sms/refusals", json=undone).status_code == 404
        assert sofia.get("/v1/sms/received").json() == {"received": []}


def test_a_calls_protocol_is_sent_once_to_whoever_agreed(bed: Bed, acts: SmsActs) -> None:
    protocol = Protocol("123456780")
    assert bed.do(acts.after_call, "boot-9", NUMBER, [protocol], False)
    assert bed.do(acts.after_call, "boot-9", "1131560000", [protocol], True)
    for _ in range(2):
        assert bed.do(acts.after_call, "boot-9", NUMBER, [protocol], True) == ""
    found = bed.do(bed.store.sms.message, "123456780")
    assert (found["call_id"], found["kind"], found["attempts"]) == ("boot-9", "protocolo", 0)
    assert "1234" in found["text"]


def test_a_text_file_by_the_command_line(
    bed: Bed, acts: SmsActs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "PIECE", 10_000)  # several requests
    file = tmp_path / "handed-over" / "lembretes.yaml"
    file.parent.mkdir()
    rows = [f"119876{place:05};Consulta {place};C-{place}" for place in range(1_200)]
    file.write_text("\n".join(["numero;texto;id", *rows, "190;errado;X"]), encoding="cp1252")
    about = ("--tipo", "protocolo", "--orgao", "SMS", "--assunto", "consultas")
    refused = _run(bed, "sms", "import", str(file), *about)
    assert "linha 1202: não é um celular" in refused
    assert "Nada foi pedido" in refused
    done = _run(bed, "sms", "import", str(file), *about, "--pular-erros")
    assert "1200 mensagens, 1200 que ainda não havia; 1 linha com erro" in done
    again = _run(bed, "sms", "import", str(file), *about, "--pular-erros")
    assert "1200 mensagens, 0 que ainda não havia" in again
    order = done.partition("Pedido ")[2].partition(":")[0]
    assert "aguarda 1200" in _run(bed, "sms", "list")
    assert "C-7" not in _run(bed, "sms", "list", order, "--situacao", "incerta")
    assert "Assunto: consultas (protocolo)" in _run(bed, "sms", "show", "C-7")
    assert "1200 mensagens sem enviar" in _run(bed, "sms", "stop", order)
    sent = _run(bed, "sms", "send", NUMBER, "oi", *about, "--prazo", "2h")
    assert sent.startswith("Pedida: ")


def _run(bed: Bed, *words: str) -> str:
    told = CliRunner().invoke(
        main, ["--pasta", str(bed.settings.state_dir), *words], env={"COLUMNS": "180"}
    )
    assert told.exception is None or isinstance(told.exception, SystemExit), told.output
    return " ".join(told.output.split())


def test_an_agent_says_that_the_citizen_wants_the_number(bed: Bed, acts: SmsActs) -> None:
    heard = []
    acts.call_of = lambda agent: CallId("c9") if agent == "ana" else None
    acts.citizen_agreed = lambda call, by: (heard.append((call, by)), len(heard) == 1)[1]
    with bed.client("agent") as ana:
        assert ana.post("/v1/sms/agreed/ana").json() == {"call": "c9"}
        assert ana.post("/v1/sms/agreed/ana").status_code == 409  # one message a call
        assert ana.post("/v1/sms/agreed/bia").status_code == 403
    with bed.client("supervisor") as sofia:
        assert sofia.post("/v1/sms/agreed/bia").status_code == 404
    assert heard == [("c9", "ana")] * 2
