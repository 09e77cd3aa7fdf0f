"""What Asterisk must have before a call may depend on it. Asked by `central156 doctor`.

An application that is not loaded ends a call on the spot, and a function that is not loaded does
nothing but write an error, so every name in our dialplan and in our AGI commands is asked for.
When no Asterisk of ours runs, a short-lived one on free ports and in a folder of its own answers.
"""

from __future__ import annotations

import contextlib
import re
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pbx.agi_wire import EXEC_ALLOWED
from pbx.configuration import TEMPLATES, ConfigurationRefused
from pbx.switch_install import LOWEST_VERSION, Installation
from pbx.switch_process import Switch, SwitchFailed
from pbx.switch_settings import SwitchSettings

APPLICATION: Final = re.compile(
    r"^(?:exten\s*=>\s*[^,]+,[^,]+,|\s*same\s*=>\s*[^,]+,)(\w+)\(", re.MULTILINE
)
INNER_APPLICATION: Final = re.compile(r"\?([A-Z]\w+)\(")
FUNCTION: Final = re.compile(r"(?:\$\{|Set\()([A-Z][A-Z0-9_]*)\(")
AGI_NEEDS: Final = frozenset(
    {"answer", "set variable", "get full variable", "exec", "stream file", "control stream file",
     "wait for digit"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. All texts are Portuguese; `advice` is empty when it is ok."""

    ok: bool
    what: str
    detail: str
    advice: str = ""


def check_switch(settings: SwitchSettings, installation: Installation) -> list[Finding]:
    """Everything about Asterisk itself; blocking, about a second."""
    findings = [_version(installation), _module_files(installation)]
    try:
        with _answering(settings, installation) as switch:
            findings += _loaded(switch)
    except (SwitchFailed, ConfigurationRefused, OSError) as failed:
        advice = f"Veja {settings.log}/messages.log e console.log."
        findings.append(Finding(False, "Asterisk responde", str(failed), advice))
    return findings


def modules_wanted() -> list[str]:
    """The modules of modules.conf, in its order."""
    text = (TEMPLATES / "modules.conf").read_text(encoding="utf-8")
    return re.findall(r"^load = (\S+)", text, re.MULTILINE)


def applications_wanted() -> set[str]:
    """Every application that our dialplan or our AGI steps call."""
    text = _dialplan()
    return {*APPLICATION.findall(text), *INNER_APPLICATION.findall(text), *EXEC_ALLOWED}


def functions_wanted() -> set[str]:
    """Every function that our dialplan or our AGI steps call."""
    return {*FUNCTION.findall(_dialplan()), "TIMEOUT"}


def _dialplan() -> str:
    files = sorted(TEMPLATES.glob("extensions*.conf"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    # A comment begins with `;`; `\;` is a character of an argument.
    lines = (re.split(r"(?<!\\);", line)[0] for line in text.splitlines())
    return re.sub(r"@[A-Z0-9_]+@", "", "\n".join(lines))


def _version(installation: Installation) -> Finding:
    where = {"system": "do sistema", "embedded": "embutido"}[installation.kind]
    lowest = ".".join(str(part) for part in LOWEST_VERSION)
    # find_system and find_embedded have refused older ones.
    return Finding(True, "versão do Asterisk", f"{installation.version} ({where}; mínimo {lowest})")


def _module_files(installation: Installation) -> Finding:
    what = "módulos do Asterisk em disco"
    wanted = modules_wanted()
    missing = [name for name in wanted if not (installation.modules / name).is_file()]
    if missing:
        advice = (
            "Instale os pacotes do Asterisk que faltam, ou apague a pasta do Asterisk embutido "
            "e rode `make run` para baixá-lo de novo."
        )
        return Finding(False, what, f"faltam: {', '.join(missing)}", advice)
    return Finding(True, what, f"{len(wanted)} de {len(wanted)} em {installation.modules}")


@contextlib.contextmanager
def _answering(settings: SwitchSettings, installation: Installation) -> Iterator[Switch]:
    """The Asterisk of these settings if it runs, else one that lives as long as the block."""
    ours = Switch(settings, installation)
    if ours.adopt():
        yield ours
        return
    with tempfile.TemporaryDirectory(prefix="central156-doctor-") as folder:
        trial = Switch(_elsewhere(settings, Path(folder)), installation)
        try:
            trial.start()
            yield trial
        finally:
            trial.stop()


def _elsewhere(settings: SwitchSettings, folder: Path) -> SwitchSettings:
    """The same settings, writing into `folder` and listening on ports that are free now."""
    with contextlib.ExitStack() as open_sockets:
        ports = []
        for kind in (socket.SOCK_DGRAM, socket.SOCK_DGRAM, socket.SOCK_STREAM):
            probe = open_sockets.enter_context(socket.socket(socket.AF_INET, kind))
            probe.bind((settings.bind, 0))
            ports.append(int(probe.getsockname()[1]))
    return replace(
        settings,
        folder=folder / "asterisk",
        recordings_dir=folder / "recordings",
        rescue_dir=folder / "rescue",
        trunk_port=ports[0],
        agents_port=ports[1],
        ami_port=ports[2],
    )


def _loaded(switch: Switch) -> list[Finding]:
    running = set(re.findall(r"^(\S+\.so)\s.*\bRunning\b", switch.ask("module show"), re.M))
    known_applications = set(
        re.findall(r"^\s+(\w+):", switch.ask("core show applications"), re.MULTILINE)
    )
    known_functions = set(re.findall(r"^(\w+)\s", switch.ask("core show functions"), re.MULTILINE))
    commands = {
        " ".join(words.lower().split())
        for words in re.findall(r"^ *(?:Yes|No) +([a-z ]+?)  +", switch.ask("agi show commands"),
                                re.MULTILINE)
    }  # fmt: skip
    return [
        _all_there("módulos carregados", set(modules_wanted()), running),
        _all_there("aplicações do plano de discagem", applications_wanted(), known_applications),
        _all_there("funções do plano de discagem", functions_wanted(), known_functions),
        _all_there("comandos AGI", set(AGI_NEEDS), commands),
        _quiet_start(switch),
    ]


def _all_there(what: str, wanted: set[str], found: set[str]) -> Finding:
    there = {name.lower() for name in found}  # Asterisk does not mind the case of applications
    missing = sorted(name for name in wanted if name.lower() not in there)
    if missing:
        advice = "Confira asterisk-conf/modules.conf e messages.log: sem isso, chamadas caem."
        return Finding(False, what, f"faltam: {', '.join(missing)}", advice)
    return Finding(True, what, f"{len(wanted)} de {len(wanted)}")


def _quiet_start(switch: Switch) -> Finding:
    """No error while it started: what its first thread wrote. (It holds no number, no name.)"""
    what = "início do Asterisk"
    with contextlib.suppress(OSError):
        text = (switch.settings.log / "messages.log").read_text(errors="replace")
        # 3 lines say enough; the advice says where the others are.
        errors = [line for line in text.splitlines() if f"] ERROR[{switch.pid}]" in line]
        if errors:
            detail = "; ".join(line.partition(": ")[2] or line for line in errors[:3])
            advice = f"Veja {switch.settings.log}/messages.log."
            return Finding(False, what, f"{len(errors)} erros: {detail}", advice)
    return Finding(True, what, "sem erros")
