"""How texts are written, cut, read; what receipts and citizens' words mean; which numbers serve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sms_bed import account

from central156.sms_file import decoded, read
from sms import alphabet, smpp_pdus
from sms.alphabet import GSM, UCS2, TooLong, header, is_gsm, without_accents, write
from sms.numbers import mobile
from sms.opt_out import stops
from sms.smpp_account import Long
from sms.smpp_words import meaning, receipt_of
from terms.limits import SMS_CHARACTERS, SMS_PARTS
from terms.text_message import How, Inbound, Outgoing, TextId, Told


@pytest.mark.parametrize(
    ("text", "coding", "sizes"),
    [
        ("Protocolo 123", GSM, [13]),
        ("às 9h é Ç ñ ü", GSM, [13]),
        ("ç", UCS2, [2]),
        ("Olá", UCS2, [6]),
        ("a" * 160, GSM, [160]),
        ("a" * 161, GSM, [153, 8]),
        ("€" * 80, GSM, [160]),
        ("€" * 81, GSM, [152, 10]),  # none is cut in the middle
        ("ã" * 70, UCS2, [140]),
        ("ã" * 71, UCS2, [134, 8]),
        ("😀" * 35, UCS2, [140]),
        ("😀" * 36, UCS2, [132, 12]),
    ],
)
def test_how_texts_are_cut(text: str, coding: int, sizes: list[int]) -> None:
    written = write(text)
    assert (written.coding, [len(part) for part in written.parts]) == (coding, sizes)


@given(st.text(min_size=1, max_size=400))
def test_what_is_written_can_be_read(text: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    try:
        written = write(text)
    except TooLong:
        return
    assert len(written.parts) <= SMS_PARTS
    parts = [alphabet.read(part, written.coding) for part in written.parts]
    assert "".join(parts) == text
    limit = 153 if written.coding == GSM else 134
    assert len(written.parts) == 1 or all(len(part) <= limit for part in written.parts)


@pytest.mark.parametrize("text", ["", "a" * (SMS_CHARACTERS + 1), "ã" * (67 * SMS_PARTS + 1)])
def test_what_is_no_message(text: str) -> None:
    with pytest.raises(TooLong):
        write(text)


@given(st.text(alphabet="ãõáâçêíóôúÁÃÉ“”–… abc9", max_size=60))
def test_portuguese_without_accents_is_gsm(text: str) -> None:
    assert is_gsm(without_accents(text))


@given(st.binary(max_size=200), st.integers(0, 255))
def test_whatever_octets_come_are_read(octets: bytes, coding: int) -> None:
    assert isinstance(alphabet.read(octets, coding), str)


def test_headers_and_fields() -> None:
    assert header(0x1234, 2, 3) == bytes([5, 0, 3, 0x34, 3, 2])
    whole = Outgoing(TextId("a"), "11987654321", "ã" * 100, 1_800_000_000.0, 7)
    cut = smpp_pdus.submits(account(1), whole)
    assert [one["esm_class"] for one in cut] == [0x40, 0x40]
    assert all(len(one["short_message"]) <= 140 for one in cut)
    assert cut[0]["destination_addr"] == "5511987654321"
    assert cut[0]["validity_period"] == "270115080000000+"
    (payload,) = smpp_pdus.submits(account(1, Long.PAYLOAD), whole)
    assert len(payload["message_payload"]) == 200


@pytest.mark.parametrize(
    ("text", "receipted", "state", "found"),
    [
        ("id:x1 sub:001 dlvrd:001 submit date:2611251200 done date:2611251201 stat:DELIVRD err:000",
         "", None, ("x1", Told.DELIVERED, "")),
        ("id:0A done date:261125120000 stat:UNDELIV err:0F2 text:oi", "", None,
         ("0A", Told.FAILED, "recibo da operadora: UNDELIV erro 0F2")),
        ("stat:REJECTD id:9", "", None, ("9", Told.REJECTED, "recibo da operadora: REJECTD")),
        ("", "77", 2, ("77", Told.DELIVERED, "")),
        ("id:5 stat:DELIVRD", "77", 5, ("77", Told.FAILED, "recibo da operadora: DELIVRD")),
        ("id:5 stat:ENROUTE", "", None, ("5", Told.ON_ITS_WAY, "")),
        ("bom dia", "", None, None),
    ],
)  # fmt: skip
def test_receipts(
    text: str, receipted: str, state: int | None, found: tuple[str, Told, str] | None
) -> None:
    assert receipt_of(text, receipted, state) == found


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (0, How.ACCEPTED),
        (0x58, How.THROTTLED),
        (0x14, How.THROTTLED),
        (0x0B, How.IMPOSSIBLE),
        (0x08, How.REFUSED),
        (0x0401, How.REFUSED),  # a carrier's own
    ],
)
def test_answers(status: int, how: How) -> None:
    assert meaning(status)[0] is how


@given(st.binary(max_size=120))
def test_whatever_octets_come_are_no_crash(octets: bytes) -> None:
    whole = (16 + len(octets)).to_bytes(4, "big") + b"\0\0\0\5" + bytes(8) + octets
    pdu = smpp_pdus.parsed(whole)
    if pdu is not None:
        smpp_pdus.delivered(pdu)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SAIR", "SAIR"),
        ("sair.", "SAIR"),
        ("  Pare de me mandar mensagem!", "PARE"),
        ("Cancelar", "CANCELAR"),
        ("cancelar o envio de SMS", "CANCELAR"),
        ("CANCELAR CONSULTA", ""),
        ("Não quero sair", ""),
        ("para amanhã pode ser", ""),
        ("Para", "PARA"),
        ("para de enviar", "PARA"),
        ("SIM", ""),
        ("", ""),
        ("😀", ""),
        ("DESCADASTRAR meu número", "DESCADASTRAR"),
    ],
)
def test_who_wants_no_more(text: str, word: str) -> None:
    assert stops(text) == word


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("11987654321", "11987654321"),
        ("+55 (11) 98765-4321", "11987654321"),
        ("011987654321", "11987654321"),
        ("5511987654321", "11987654321"),
        ("98765-4321", "11987654321"),
        ("1131560000", ""),  # no mobile
        ("190", ""),
        ("+14155552671", ""),
        ("abc", ""),
        ("", ""),
    ],
)
def test_which_numbers_get_a_text(written: str, digits: str) -> None:
    assert mobile(written, "11") == digits


def test_a_text_file_is_read_with_every_mistake_by_its_line() -> None:
    found = read(
        "Numero;texto;id\n11 98765-4321;Olá;A1\n\n1131560000;Oi;A2\n11987654321;Olá;A3\n"
        "11987654322;;A4\n"
    )
    assert [(one.place, one.number, one.text, one.ref) for one in found.texts] == [
        (2, "11987654321", "Olá", "A1")
    ]
    assert [one.line for one in found.mistakes] == [4, 5, 6]
    assert "11987654321" not in " ".join(one.text for one in found.mistakes)


def test_one_text_for_all() -> None:
    found = read("celular,nome\n11987654321,Ana\n", "Olá, {nome}!", plain=True)
    assert [one.text for one in found.texts] == ["Ola, Ana!"]


@pytest.mark.parametrize(
    ("text", "template"),
    [("a;b\n1;2\n", ""), ("numero\n1\n", ""), ("numero\n1\n", "{dia}"), ("", "")],
)
def test_what_is_no_file_of_messages(text: str, template: str) -> None:
    with pytest.raises(ValueError, match="coluna"):
        read(text, template)


def test_windows_letters() -> None:
    assert decoded("ção".encode("cp1252")) == "ção"
    assert decoded("ção".encode("utf-8-sig")) == "ção"


def test_a_text_told_twice_is_one_and_the_same_words_later_are_another() -> None:
    """Who refused, was let in again by a person, and refuses again, has refused."""
    fields = {"source_addr": "5511987654321", "destination_addr": "156", "short_message": b"SAIR"}
    pdu = smpp_pdus.parsed(smpp_pdus.made("deliver_sm", 1, esm_class=0, **fields).generate())
    first, again, later = (smpp_pdus.delivered(pdu, at) for at in (6_000.0, 6_060.0, 9_000.0))
    assert isinstance(first, Inbound)
    assert isinstance(later, Inbound)
    assert first == again
    assert (first.number, first.text) == ("5511987654321", "SAIR")
    assert later.key != first.key
