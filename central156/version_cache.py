"""Versions of the dialplans as folders of the state folder, beside the store.

    dialplans-em-uso/<version>/156.yaml …    one folder a version, complete or not there
    dialplans-em-uso/serving                 the name of the one that serves

The store is the truth. This is what a person can look at, what `doctor` compares with while the
centre is down, and what serves when the store was replaced by an empty one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from central156.settings import Settings
from reader.folder import ROUTES
from terms.limits import DIALPLAN_BYTES, DIALPLAN_FILES, VERSIONS_ON_DISK

FOLDER: Final = "dialplans-em-uso"
SCRIPTS: Final = "tests"
FILE_NAME: Final = re.compile(r"(?:tests/)?[a-z0-9][a-z0-9_-]{0,63}\.yaml")
VERSION: Final = re.compile(r"[0-9a-f]{8,64}")


class NotDialplans(Exception):
    """What was handed in cannot be a folder of dialplans; the text is Portuguese."""


class VersionCache:
    """See the file's top. Everything here blocks, and is quick."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.state_dir / FOLDER

    @contextlib.contextmanager
    def staged(self, files: Mapping[str, str]) -> Iterator[Path]:
        """The files as a folder named dialplans, as mistakes name it, for as long as it lasts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="prova-", dir=self.folder) as above:
            yield _write(Path(above) / "dialplans", files)

    def tidy(self) -> None:
        """Away with what a process left behind that was killed while it proved or kept a version.
        For whoever is the only one at work here."""
        for left in (*self.folder.glob("prova-*"), *self.folder.glob("*.new")):
            shutil.rmtree(left, ignore_errors=True)

    def keep(self, version: str, files: Mapping[str, str]) -> Path:
        """The version's folder, written whole. Of others the newest VERSIONS_ON_DISK stay."""
        kept = self.folder / version
        if not kept.is_dir():
            fresh = self.folder / f"{version}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            _write(fresh, files)
            fresh.rename(kept)
        self._prune(version)
        return kept

    def find(self, version: str) -> Path | None:
        """The version's folder; None when it is not here."""
        kept = self.folder / version
        return kept if VERSION.fullmatch(version) and kept.is_dir() else None

    def drop(self, version: str) -> None:
        """Its folder is not what its name says: away with it."""
        if VERSION.fullmatch(version):
            shutil.rmtree(self.folder / version, ignore_errors=True)

    def mark(self, version: str) -> None:
        """This one serves."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / "serving.new"
        fresh.write_text(version + "\n", encoding="utf-8")
        os.replace(fresh, self.folder / "serving")

    def marked(self) -> str:
        """What served last; '' when that is not known."""
        try:
            version = (self.folder / "serving").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return version if VERSION.fullmatch(version) else ""

    def _prune(self, version: str) -> None:
        here = [one for one in self.folder.iterdir() if VERSION.fullmatch(one.name)]
        here.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        kept = {version, self.marked(), *(one.name for one in here[:VERSIONS_ON_DISK])}
        for one in here:
            if one.name not in kept:
                shutil.rmtree(one, ignore_errors=True)


def files_of(folder: Path) -> dict[str, str]:
    """A folder of dialplans with its call scripts, by name, byte for byte; the ways out are no
    part of a version.

    NotDialplans names the file that is no UTF-8 text, is too large, or one file too many.
    """
    here = (path for path in sorted(folder.glob("*.yaml")) if path.name != ROUTES)
    found = [*here, *sorted((folder / SCRIPTS).glob("*.yaml"))]
    files: dict[str, str] = {}
    for path in found:
        name = str(path.relative_to(folder))
        with path.open("rb") as opened:
            content = opened.read(DIALPLAN_BYTES + 1)
        try:
            files[name] = content.decode("utf-8")
        except UnicodeDecodeError as wrong:
            line = content[: wrong.start].count(b"\n") + 1
            raise NotDialplans(f"{name}:{line}: isto não é texto em UTF-8") from None
    look_over(files)
    return files


def look_over(files: Mapping[str, str]) -> None:
    """NotDialplans for names and sizes that no folder of dialplans has."""
    if not files:
        raise NotDialplans("nenhum arquivo .yaml")
    if len(files) > DIALPLAN_FILES:
        raise NotDialplans(f"são {len(files)} arquivos; no máximo {DIALPLAN_FILES}")
    for name, text in files.items():
        if not FILE_NAME.fullmatch(name):
            raise NotDialplans(
                f"nome de arquivo não aceito: {name[:80]!r} (letras minúsculas sem acento, "
                "algarismos, - ou _, e .yaml no fim; roteiros de teste em tests/)"
            )
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise NotDialplans(f"{name}: há nele um caractere que não é texto")
        if len(text.encode()) > DIALPLAN_BYTES:
            raise NotDialplans(f"{name}: maior que {DIALPLAN_BYTES // 1024} KiB")


def _write(folder: Path, files: Mapping[str, str]) -> Path:
    (folder / SCRIPTS).mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return folder
