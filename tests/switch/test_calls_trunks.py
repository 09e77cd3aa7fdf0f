"""`central156 trunk reload` on a whole centre, beside a citizen who talks with an agent: the switch
has the new trunks, and nobody's call has noticed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_bed import Centre, ask, centre_bed, until
from dialplan_copies import shorter_dialplans
from sipp_phones import start_calls

from pbx.switch_process import SwitchFailed

pytestmark = pytest.mark.switch

PORTS, RTP = 24600, 43500
ROUTES = f"""rotas:
  antiga: {{operadora: Primeira, destino: "127.0.0.1:{PORTS + 50}"}}
  fora: {{operadora: Segunda, destino: "127.0.0.1:{PORTS + 52}"}}
"""
CHANGED = f"""rotas:
  nova: {{operadora: Segunda, destino: "127.0.0.1:{PORTS + 54}", prefixo: 015}}
  antiga: {{operadora: Primeira, destino: "127.0.0.1:{PORTS + 50}", canais: 9}}
"""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("trunks")
    menus = shorter_dialplans(folder / "dialplans")
    (menus / "rotas.yaml").write_text(ROUTES)
    with centre_bed(folder, PORTS, RTP, CENTRAL156_DIALPLANS_DIR=str(menus)) as running:
        yield running


def routes_of(centre: Centre) -> Path:
    """The centre's own rotas.yaml."""
    return Path(centre.environment["CENTRAL156_DIALPLANS_DIR"]) / "rotas.yaml"


def trunk(centre: Centre, *words: str) -> tuple[int, str]:
    """`central156 trunk …`: its exit code and what it told."""
    done = subprocess.run(
        [*centre.command(), "trunk", *words],
        capture_output=True,
        text=True,
        check=False,
        env=centre.environment | {"COLUMNS": "160"},
        timeout=30,
    )
    return done.returncode, done.stdout + done.stderr


def ways(centre: Centre) -> dict[str, str]:
    """The switch's ways out, and where each goes."""
    found = {}
    for line in ask(centre, "pjsip show contacts").splitlines():
        words = line.split()
        if len(words) > 1 and words[1].startswith("C156-out"):
            name, _, address = words[1].partition("/")
            found[name] = address.removeprefix("sip:")
    return found


def test_a_reload_beside_a_call(centre: Centre) -> None:
    assert ways(centre) == {
        "C156-out": f"127.0.0.1:{PORTS + 50}",
        "C156-out-fora": f"127.0.0.1:{PORTS + 52}",
    }
    ana = centre.agent("ana", "e199_risco")
    with ana.listening(talk=None) as rung:
        citizen = start_calls(centre, "199", hang_up_after=30.0)  # type: ignore[arg-type]
        until(lambda: centre.state_of("ana") == "talking", 20, "the talk")

        routes_of(centre).write_text(CHANGED.replace("operadora: Segunda", "canais: muitos"))
        code, told = trunk(centre, "reload")
        assert (code, "dialplans/rotas.yaml:2:18: número inválido 'muitos'" in told) == (1, True)
        assert "C156-out-fora" in ways(centre)

        routes_of(centre).write_text(CHANGED)
        began = time.monotonic()
        code, told = trunk(centre, "reload")
        assert code == 0, told
        assert time.monotonic() - began < 10.0
        assert "Em vigor: nova, antiga." in told
        assert ways(centre) == {
            "C156-out": f"127.0.0.1:{PORTS + 54}",
            "C156-out-antiga": f"127.0.0.1:{PORTS + 50}",
        }
        # the dialplan that transfers dial by has the first trunk's prefix, too
        assert "PJSIP/${IF($[${LEN(${C156_NUMBER})} > 4]?015)}" in ask(
            centre, "dialplan show consult@c156-desk"
        )
        code, told = trunk(centre, "list")
        assert (code, "0 de 9" in told, "0 de 60" in told) == (0, True, True), told

        time.sleep(1.0)  # the talk has noticed nothing
        assert centre.state_of("ana") == "talking"
        assert [call.bye for call in (*citizen.calls(), *rung.calls())] == [None, None]
        (fact,) = centre.rows("SELECT * FROM facts WHERE kind = 'trunks_changed'")
        assert "nova" in str(fact["details"])
        assert "nada mudou" in trunk(centre, "reload")[1]
        citizen.kill()


def test_what_is_in_force_outlives_both_halves(centre: Centre) -> None:
    """A switch that dies comes back with the trunks that control has, whatever the file says."""
    routes_of(centre).write_text(ROUTES)
    pid = centre.switch_pid()
    ask(centre, "core stop now")
    until(lambda: _other_switch(centre, pid), 30, "another Asterisk")
    until(centre.is_ready, 30, "serving")
    assert sorted(ways(centre)) == ["C156-out", "C156-out-antiga"]


def _other_switch(centre: Centre, pid: int) -> bool:
    try:
        return centre.switch_pid() != pid and bool(ways(centre))
    except (OSError, ValueError, SwitchFailed):
        return False
