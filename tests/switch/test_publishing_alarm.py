"""A version whose menu makes callers fail: the alarm rings, and with the setting for it the centre
goes back by itself. The callers all do the same; only the menu changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from centre_bed import Centre, centre_bed, until
from publishing_bed import PORTS, RTP, RTP_PORTS, Files, admin, old_version, serving, write
from sipp_phones import start_calls

from ivr.comparison import LOOKS

pytestmark = pytest.mark.switch

HABIT = "3"
"""The key that everybody presses: whoever knows a menu does not hear it out."""

RIGHT = (
    "Para confirmar, tecle um. Para desmarcar, dois. Ouvir de novo, três. "
    "Falar com um atendente, nove."
)
WRONG = (
    "Voltar ao início, tecle um. Se já terminou, desligue ou tecle dois. "
    "Falar com um atendente, nove."
)
WRONG_TOO = "Ouvir de novo, tecle um. Voltar ao início, dois. Falar com um atendente, nove."
CALLS, RATE = LOOKS[0] + 10, 30.0


def _asking(text: str, keys: str) -> Files:
    """156 with one menu, whose keys all lead to a person."""
    options = ", ".join(f"{key}: geral" for key in keys)
    menu = f"""
linha: 156
comeca_em: principal
atendente: p156_geral
etapas:
  principal: {{tipo: menu, fala: "{text}", teclas: {{{options}}}}}
  geral: {{tipo: fila, fila: p156_geral, assunto: Pediu um atendente}}
na_espera: {{antes: Aguarde um momento. Você será atendido por ordem de chegada.}}
"""
    return old_version() | {"156.yaml": menu}


@pytest.fixture
def centre(tmp_path: Any) -> Iterator[Centre]:
    with centre_bed(
        tmp_path / "centre",
        PORTS,
        RTP,
        CENTRAL156_DIALPLANS_DIR=str(write(tmp_path / "dialplans", _asking(RIGHT, "1239"))),
        CENTRAL156_RTP_LAST=str(RTP + RTP_PORTS - 1),
    ) as running:
        yield running


def _call(centre: Centre, caller: str) -> None:
    """So many callers that a version is looked at."""
    start_calls(
        centre,  # type: ignore[arg-type]
        "156",
        caller=caller,
        keys={0.6: HABIT},
        hang_up_after=0.8,
        times=CALLS,
        rate=RATE,
        sound=False,
    ).wait(40)
    question = "SELECT count(*) AS over FROM calls WHERE caller = ? AND ended_at IS NOT NULL"
    until(lambda: centre.rows(question, caller)[0]["over"] == CALLS, 10, "all ends")


def test_the_alarm_rings_and_the_centre_goes_back_by_itself(centre: Centre) -> None:
    boss = admin(centre)
    first = serving(centre)
    _call(centre, "1130001000")
    second = boss.publish(_asking(WRONG, "129"))["version"]
    _call(centre, "1130002000")
    alarm = until(lambda: centre.get("/v1/dialplans")["alarm"], 5, "the alarm")
    assert (alarm["version"], alarm["before"], alarm["line"]) == (second, first, "156")
    assert "100,0 % dos cidadãos, contra 0,0 % na versão anterior" in alarm["because"]
    code, told = boss.run("dialplan", "versions")
    assert (code, f"Alarme: {alarm['because']}." in told) == (0, True), told
    until(lambda: alarm["because"] in boss.run("doctor")[1], 5, "the alarm in doctor")
    assert serving(centre) == second  # only whoever set it so is taken back

    centre.stop()
    centre.environment["CENTRAL156_ROLLBACK_ON_ALARM"] = "true"
    centre.start()
    until(lambda: serving(centre) == first, 5, "going back after the start")
    third = boss.publish(_asking(WRONG_TOO, "129"))["version"]
    _call(centre, "1130003000")
    until(lambda: serving(centre) == first, 5, "going back")
    found = centre.get("/v1/dialplans")
    assert [(one["version"], one["how"]) for one in found["served"]] == [
        (first, "alarm"),
        (third, "publish"),
        (first, "alarm"),
        (second, "publish"),
        (first, "start"),
    ]
    assert found["alarm"] is None
    assert "dos cidadãos" not in boss.run("doctor")[1]
    rung = centre.rows("SELECT details FROM facts WHERE kind = 'dialplan_alarm'")
    assert len(rung) == 2
