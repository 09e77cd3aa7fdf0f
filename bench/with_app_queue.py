"""The centre's parent process, whose Asterisk serves one more number: by app_queue alone.

Everything else is `central156` as it is; so both are measured on the same Asterisk, in the same
run. The templates of asterisk-conf/ are copied and what stands in bench/asterisk/ is added.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from central156.cli import main
from pbx import configuration

TEMPLATES_VARIABLE = "C156_BENCH_TEMPLATES"
ADDED = Path(__file__).parent / "asterisk"
TWO_QUEUES = ("appqueue1", "appqueue2")
"""Numbers served by app_queue whose agents have two skills: bench/calibration.py."""


def write_templates(folder: Path, agents: list[str]) -> None:
    """Asterisk's side with app_queue's number; its queue rings these agents' phones."""
    shutil.copytree(configuration.TEMPLATES, folder)
    for added in ADDED.glob("*.conf"):
        with (folder / added.name).open("a") as file:
            file.write(added.read_text())
    with (folder / "queues.conf").open("a") as file:
        file.writelines(_serves(name, 0) for name in agents)
        for number, queue in enumerate(TWO_QUEUES):
            file.write(f"\n[{queue}](bench-settings)\n")
            half = len(agents) // len(TWO_QUEUES)
            file.writelines(
                _serves(name, int(min(place // max(1, half), 1) != number))
                for place, name in enumerate(agents)
            )


def _serves(agent: str, penalty: int) -> str:
    return f"member = PJSIP/{agent},{penalty},{agent},PJSIP/{agent}\n"


if __name__ == "__main__":
    configuration.TEMPLATES = Path(os.environ[TEMPLATES_VARIABLE])
    main()
