"""Which Asterisk we run: the system's if it is new enough, else one of our own in a folder.

Debian 12 and 13 carry no Asterisk, so the embedded one is unpacked from Debian forky without
root, and is started by its own loader with its own libraries (`Installation.binary`).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from terms.limits import SWITCH_INSTALL_SECONDS, SWITCH_QUESTION_SECONDS

Say = Callable[[str], None]
"""Tells the person who waits how far we are, one line at a time, in Portuguese."""

LOWEST_VERSION: Final = (22, 10, 1)
"""Older ones have known holes that a caller could use."""

RELEASE: Final = "forky"
PACKAGES: Final = ("asterisk", "asterisk-moh-opsound-wav")
NEEDED: Final = {
    "mmdebstrap": ("mmdebstrap", Path("/usr/bin/mmdebstrap")),
    "debian-archive-keyring": (None, Path("/usr/share/keyrings/debian-archive-keyring.gpg")),
}
_EXPECTED_MEGABYTES = 310
_MEGABYTE = 1024 * 1024


class InstallationFailed(Exception):
    """There is no Asterisk that we can run; the message says in Portuguese what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An Asterisk on this machine. `binary` are the first words of the command that starts it."""

    binary: tuple[str, ...]
    modules: Path
    data: Path
    music: Path
    version: str
    kind: Literal["system", "embedded"]


def find_system() -> Installation | None:
    """The system's Asterisk, or None when there is none or it is older than LOWEST_VERSION."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("asterisk", path=path)
    if found is None:
        return None
    program = Path(found).resolve()
    top = program.parents[1]
    modules = _first([*top.glob("lib/*/asterisk/modules"), *top.glob("lib*/asterisk/modules")])
    data = _first([top / "share/asterisk", Path("/var/lib/asterisk")])
    if modules is None or data is None:
        return None
    return _checked((str(program),), modules, data, "system")


def find_embedded(folder: Path) -> Installation | None:
    """The Asterisk unpacked in `folder`, or None when there is none that runs and is new enough."""
    program = folder / "usr/sbin/asterisk"
    modules = _first(folder.glob("usr/lib/*/asterisk/modules"))
    loader = _first(
        [*folder.glob("usr/lib*/ld-linux*.so.*"), *folder.glob("usr/lib/*/ld-linux*.so.*")]
    )
    if not program.is_file() or modules is None or loader is None:
        return None
    libraries = modules.parents[1]
    binary = (str(loader), "--library-path", str(libraries), str(program))
    return _checked(binary, modules, folder / "usr/share/asterisk", "embedded")


def find_or_install(folder: Path, say: Say) -> Installation:
    """The system's Asterisk, else the embedded one, which is unpacked if need be.

    Raises InstallationFailed.
    """
    return find_system() or find_embedded(folder) or install_embedded(folder, say)


def install_embedded(folder: Path, say: Say) -> Installation:
    """Unpack an Asterisk into `folder`, about 20 s and 310 MB. Raises InstallationFailed.

    It is built beside and renamed at the end, so `folder` is whole or absent.
    """
    _refuse_without_tools()
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = folder.with_name(f"{folder.name}.{os.getpid()}.new")
    shutil.rmtree(building, ignore_errors=True)
    say(f"Baixando o Asterisk (Debian {RELEASE}, cerca de {_EXPECTED_MEGABYTES} MB em disco)…")
    try:
        _unpack(building, say)
        if find_embedded(building) is None:
            raise InstallationFailed("o Asterisk baixado não funciona nesta máquina")
        _put_in_place(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    found = find_embedded(folder)
    if found is None:
        raise InstallationFailed(f"o Asterisk de {folder} não funciona nesta máquina")
    say(f"Asterisk {found.version} pronto em {folder}.")
    return found


def version_of(binary: Iterable[str]) -> str | None:
    """What the program says of its version (`22.10.1`), or None when it does not run."""
    try:
        said = subprocess.run(
            [*binary, "-V"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SWITCH_QUESTION_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"Asterisk (?:certified[-/])?(\d+(?:\.\d+)+)", said)
    return found[1] if found else None


def new_enough(version: str) -> bool:
    """Whether `22.10.1` is LOWEST_VERSION or later."""
    return tuple(int(part) for part in version.split(".")) >= LOWEST_VERSION


def _checked(
    binary: tuple[str, ...], modules: Path, data: Path, kind: Literal["system", "embedded"]
) -> Installation | None:
    version = version_of(binary)
    if version is None or not new_enough(version):
        return None
    return Installation(binary, modules, data, data / "moh", version, kind)


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.exists()), None)


def _refuse_without_tools() -> None:
    missing = [
        package
        for package, (program, file) in NEEDED.items()
        if not file.exists() and (program is None or shutil.which(program) is None)
    ]
    if missing:
        names = " e ".join(missing)
        raise InstallationFailed(
            f"falta instalar {names} para baixar o Asterisk. Como administrador:\n"
            f"    apt-get install -y {' '.join(missing)}"
        )


def _unpack(building: Path, say: Say) -> None:
    """Run mmdebstrap; tell every few seconds how much is there."""
    command = [
        "mmdebstrap",
        "--variant=extract",
        "--mode=chrootless",
        f"--include={','.join(PACKAGES)}",
        '--aptopt=Apt::Install-Recommends "false"',
        '--aptopt=Acquire::Check-Valid-Until "false"',
        RELEASE,
        str(building),
    ]
    told: list[str] = []
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    assert process.stderr is not None
    reader = threading.Thread(target=told.extend, args=(process.stderr,), daemon=True)
    reader.start()
    deadline = time.monotonic() + SWITCH_INSTALL_SECONDS
    try:
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise InstallationFailed("o Asterisk não foi baixado a tempo; tente de novo")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=2.0)
            say(f"  {_megabytes(building)} MB…")
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    reader.join()
    if process.returncode != 0:
        last = "".join(told[-5:]).strip()
        raise InstallationFailed(f"não foi possível baixar o Asterisk:\n{last}")


def _megabytes(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total // _MEGABYTE


def _put_in_place(building: Path, folder: Path) -> None:
    """Rename; one that is there and did not pass is set aside and removed."""
    old = folder.with_name(f"{folder.name}.{os.getpid()}.old")
    with contextlib.suppress(FileNotFoundError):
        folder.rename(old)
    building.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
