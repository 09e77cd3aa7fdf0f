"""Asterisk started, found again, asked and stopped: nothing of it is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sipp_phones import AgentPhone, sipp_call
from switchbed import Bed, password_of, switch_bed

from pbx.configuration import AGENTS_FILE, AgentAccount, secret_digest, write_agents
from pbx.switch_process import Switch, SwitchFailed, SwitchUnreachable, new_boot_name

pytestmark = pytest.mark.switch


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    with switch_bed(tmp_path, 16300, 31000) as bed:
        yield bed


def processes_of(bed: Bed) -> list[int]:
    """Every living process that was started with this bed's configuration."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(bed.settings.folder) in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_starts_fast_and_quiet_and_leaves_no_process(bed: Bed) -> None:
    assert processes_of(bed) == [bed.switch.pid]
    assert [line for line in bed.log().splitlines() if "WARNING" in line or "ERROR" in line] == []
    began = time.monotonic()
    bed.switch.stop()
    assert time.monotonic() - began < 5
    assert processes_of(bed) == []
    assert not bed.switch.alive()
    bed.switch.stop()  # once more does no harm


def test_outlives_who_started_it_and_is_adopted(bed: Bed) -> None:
    heir = Switch(bed.settings, bed.switch.installation)
    assert heir.adopt()
    assert heir.pid == bed.switch.pid
    before = (bed.settings.etc / "asterisk.conf").read_text()
    heir.start()  # a start of one that runs changes nothing
    assert (bed.settings.etc / "asterisk.conf").read_text() == before
    heir.stop()
    assert not bed.switch.alive()
    assert processes_of(bed) == []


def test_a_parent_that_dies_leaves_it_serving(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\nimport switchbed\n"
        "kept = switchbed.switch_bed(Path(sys.argv[1]), 16306, 31000)\nbed = kept.__enter__()\n"
        "print(bed.switch.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(root), str(root / "tests")],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    with switch_bed(tmp_path, 16306, 31000) as bed:  # adopts it, and ends it
        assert bed.switch.pid == int(told)
        assert bed.ask("core show uptime")
    assert processes_of(bed) == []


def test_a_pid_file_that_lies_harms_nobody(bed: Bed) -> None:
    bed.switch.stop()
    with subprocess.Popen(["sleep", "60"]) as bystander:
        (bed.settings.run / "asterisk.pid").write_text(str(bystander.pid))
        heir = Switch(bed.settings, bed.switch.installation)
        assert not heir.adopt()
        heir.stop()
        assert bystander.poll() is None
        bystander.kill()


def test_one_that_is_frozen_is_ended_and_another_started(bed: Bed) -> None:
    frozen = bed.switch.pid
    assert frozen is not None
    os.kill(frozen, 19)  # SIGSTOP
    heir = Switch(bed.settings, bed.switch.installation)
    heir.start()
    assert heir.pid not in (None, frozen)
    assert processes_of(bed) == [heir.pid]
    heir.stop()


def test_killed_is_seen_and_the_next_start_has_a_name_of_its_own(bed: Bed) -> None:
    names = {bed.ask("core show settings").split("System name:")[1].split()[0]}
    assert bed.switch.pid is not None
    os.kill(bed.switch.pid, 9)
    deadline = time.monotonic() + 2
    while bed.switch.alive():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(SwitchUnreachable):
        bed.ask("core show uptime")
    began = time.monotonic()
    bed.switch.start()
    assert time.monotonic() - began < 5
    names.add(bed.ask("core show settings").split("System name:")[1].split()[0])
    assert len(names) == 2


def test_boot_names_are_never_the_same() -> None:
    first = new_boot_name()
    time.sleep(0.002)
    assert first < new_boot_name()
    assert first.isalnum()


def test_a_configuration_that_cannot_be_loaded_is_an_error(bed: Bed) -> None:
    other = Switch(bed.settings, bed.switch.installation)
    bed.switch.stop()
    (bed.settings.db / "astdb.sqlite3").unlink()
    (bed.settings.db / "astdb.sqlite3").mkdir()  # Asterisk gives up without its database
    with pytest.raises(SwitchFailed):
        other.start()
    assert processes_of(bed) == []


def test_new_calls_are_refused_while_it_drains(bed: Bed) -> None:
    bed.switch.refuse_new_calls()
    for number in ("156", "199"):
        assert sipp_call(bed, number, expect=503).code == 503
    assert bed.switch.calls_in_course() == 0
    bed.switch.stop()
    bed.switch.start()
    assert sipp_call(bed, "199", hang_up_after=0.1).code == 200


def test_enough_open_files(bed: Bed) -> None:
    limits = Path(f"/proc/{bed.switch.pid}/limits").read_text()
    soft = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    assert int(soft.split()[3]) >= 20_000


def test_agents_come_and_go_without_a_restart(bed: Bed) -> None:
    dora = AgentAccount("dora", secret_digest("dora", password_of("dora")))
    assert write_agents(bed.settings, [dora])
    assert not write_agents(bed.settings, [dora])
    bed.switch.reload("res_pjsip.so")
    phone = AgentPhone(bed, "dora")
    deadline = time.monotonic() + 5
    while "dora" not in bed.ask("pjsip show endpoints"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    phone.register()
    with pytest.raises(AssertionError):
        AgentPhone(bed, "ana").register()  # no longer there
    bed.switch.stop()
    bed.switch.start()  # keeps who was there
    phone.register()
    assert "dora" in (bed.settings.etc / AGENTS_FILE).read_text()


def test_a_wrong_password_does_not_register(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = AgentPhone(bed, "ana")
    monkeypatch.setattr("sipp_phones.password_of", lambda _: "errada")
    with pytest.raises(AssertionError):
        phone.register()
    assert "ana/sip" not in bed.ask("pjsip show contacts")
