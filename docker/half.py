"""Runs one half of the centre in a container of its own: `half.py switch` or `half.py control`.

`central156 run` does both in one parent. Here each container has its half, and this small process
starts it again when it dies or falls silent, so the container itself need not end for that. The
halves meet in the state folder (a volume of both) and on one network address.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
import time
from pathlib import Path

from central156.log import write_logs_to
from central156.settings import Settings, SettingsMistakes, load_settings
from central156.state_folder import prepare_state
from central156.supervisor import ControlProcess
from central156.switch import DIALPLAN_MODULE, PHONES_MODULE, SwitchProcess, switch_settings
from pbx.configuration import AGENTS_FILE
from pbx.out_trunks import TRUNKS_DIALPLAN, TRUNKS_PJSIP
from pbx.switch_process import SwitchFailed
from terms.limits import RESTART_WAIT_FIRST, RESTART_WAIT_LAST

log = logging.getLogger("docker.half")

LOOK_EVERY = 0.25


class Rest:
    """The pause before something is started again: longer while it keeps dying young."""

    def __init__(self) -> None:
        self._next = RESTART_WAIT_FIRST
        self._born = time.monotonic()

    def born(self) -> None:
        """It was started."""
        self._born = time.monotonic()

    def seconds(self) -> float:
        """It died: how long to wait."""
        if time.monotonic() - self._born > RESTART_WAIT_LAST:
            self._next = RESTART_WAIT_FIRST
        now, self._next = self._next, min(self._next * 2, RESTART_WAIT_LAST)
        return now


def keep_switch(settings: Settings) -> None:
    """Asterisk, its phones and its ways out: control writes their files, in a container that has no
    Asterisk."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    switch, rest = SwitchProcess(settings), Rest()
    etc = switch_settings(settings).etc
    watched = {  # in the order in which they are read
        etc / AGENTS_FILE: PHONES_MODULE,
        etc / TRUNKS_PJSIP: PHONES_MODULE,
        etc / TRUNKS_DIALPLAN: DIALPLAN_MODULE,
    }
    read: dict[Path, int] = {}
    while not stopping.is_set():
        try:
            if not switch.alive():
                switch.start()
                rest.born()
                read = {file: file.stat().st_mtime_ns for file in watched}
            else:
                now = {file: file.stat().st_mtime_ns for file in watched}
                changed = [file for file in watched if now[file] != read.get(file)]
                read = now
                for module in dict.fromkeys(watched[file] for file in changed):
                    switch.reload(module)
        except SwitchFailed as failed:
            log.error("the switch failed", extra={"why": str(failed)})
            stopping.wait(rest.seconds())
        stopping.wait(LOOK_EVERY)
    switch.refuse_new_calls()
    deadline = time.monotonic() + settings.drain_seconds
    while time.monotonic() < deadline and switch.calls_in_course():
        time.sleep(LOOK_EVERY)
    switch.stop()


async def keep_control(settings: Settings) -> None:
    """Control; silent for too long, it is killed, as by the parent of `central156 run`."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    control, rest = ControlProcess(settings), Rest()
    stop = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        await control.start()
        rest.born()
        life = asyncio.create_task(control.dies())
        await asyncio.wait({life, stop}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            control.send(signal.SIGTERM)
        await life
        if not stopping.is_set():
            log.error("control died; starting it again")
            await asyncio.wait({stop}, timeout=rest.seconds())


def main(half: str) -> None:
    """Run until SIGTERM. Ends with a sentence in Portuguese when the settings are wrong."""
    if half not in ("switch", "control"):
        sys.exit("diga qual metade: switch ou control")
    try:
        settings = load_settings()
    except SettingsMistakes as wrong:
        sys.exit("\n".join(wrong.mistakes))
    prepare_state(settings)
    write_logs_to(settings.logs_dir / f"{half}-half.jsonl", settings.log_level)
    if half == "switch":
        keep_switch(settings)
    else:
        asyncio.run(keep_control(settings))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
