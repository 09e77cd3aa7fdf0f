"""Who may call at all: carriers by address, agents by password, nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sipp_phones import AgentPhone, sipp_call
from switchbed import Bed, switch_bed

pytestmark = pytest.mark.switch

ELSEWHERE = "192.0.2.0/24, 198.51.100.7"  # networks that exist in no test (RFC 5737)


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    folder = tmp_path_factory.mktemp("trunk")
    with switch_bed(folder, 16360, 31500, trunk_peers=ELSEWHERE) as bed:
        yield bed


@pytest.mark.parametrize("number", ["156", "199", "90156", "157"])
def test_whoever_is_no_carrier_is_asked_for_a_password(bed: Bed, number: str) -> None:
    call = sipp_call(bed, number, expect=401)
    assert call.code == 401
    assert bed.channels() == 0


def test_agents_are_known_by_their_password_wherever_they_are(bed: Bed) -> None:
    phone = AgentPhone(bed, "ana")
    phone.register()
    assert phone.dial("*11").code == 200


@pytest.mark.parametrize("name", ["zoe", "C156-trunk", "C156-any", "C156-agent"])
def test_who_has_no_account_does_not_register(bed: Bed, name: str) -> None:
    with pytest.raises(AssertionError):
        AgentPhone(bed, name).register()
    assert f"{name}/sip" not in bed.ask("pjsip show contacts")


def test_asterisk_listens_where_it_was_told_and_nowhere_else(bed: Bed) -> None:
    transports = bed.ask("pjsip show transports")
    assert transports.count("127.0.0.1:") == 2
    assert "0.0.0.0" not in transports.split("Transport:", 2)[2]
    assert "Server Disabled" in bed.ask("http show status") or "disabled" in bed.ask(
        "http show status"
    )
