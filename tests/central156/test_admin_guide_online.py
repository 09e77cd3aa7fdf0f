"""docs/guia-do-administrador.md: the commands to a running centre are given to one, as they come.

The guide names versions by an example; here that is a version that is really there. What its texts
say has tones instead of a voice, which a machine of tests need not have.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import copytree

import pytest
from centre_bed import Centre, centre_bed
from house import CHECKOUT
from test_admin_guide import TO_THE_CENTRE
from tone_prompts import tones_for

pytestmark = pytest.mark.switch

PORTS = int(os.environ.get("C156_GUIDE_PORTS", "19200"))
RTP = int(os.environ.get("C156_GUIDE_RTP", "56000"))
EXAMPLE = "e62e993d2b31"
TOKEN = "outra_pessoa.token"
VERSION = re.compile(r"\b[0-9a-f]{12}\b")

TOLD = {
    "dialplan publish": "muda as filas. Versão VERSION no ar: a próxima chamada já a ouve.",
    "dialplan versions": "VERSION │ no ar (publicada",
    "dialplan approve": "Versão VERSION no ar: a próxima chamada já a ouve.",
    "dialplan reject": "Versão VERSION rejeitada: não vai ao ar.",
    "dialplan rollback": "Versão VERSION no ar: a próxima chamada já a ouve.",
    "dialplan diff": "Um cidadão não notaria diferença nenhuma.",
    "announce 199": "está no ar na linha 199, antes de risco, até",
    "announce 156": "O aviso greve está no ar na linha 156, antes de linhas, até",
    "announce --list": "greve",
    "announce --end": "O aviso greve saiu do ar.",
    "dialplan short": "Linha 156: menu ",
}
"""What each command answers, by its first words."""


@dataclass
class Admin:
    """Who follows the guide: a centre, the folder of its menus, and a second person's token."""

    centre: Centre
    folder: Path
    approved: str = ""
    _proposals: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, *words: str) -> str:
        """A command, in the folder above the menus; what it printed. It must do."""
        done = subprocess.run(
            [*self.centre.command(), *words],
            cwd=self.folder,
            env={**self.centre.environment, "COLUMNS": "200", "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            check=False,
        )
        told = " ".join(done.stdout.split())
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return told

    def proposed(self) -> str:
        """A version that waits for a second person: another ring of 199."""
        self.change("e199_risco", next(self._proposals))
        (version,) = set(VERSION.findall(self.run("dialplan", "publish", "dialplans")))
        return version

    def change(self, queue: str, number: int) -> None:
        """Edit the menus: this queue rings for another time."""
        file = self.folder / "dialplans" / "queues.yaml"
        text = file.read_text(encoding="utf-8")
        pattern = rf"(\n  {queue}:\n(?:    .*\n)*?    toque:) \d+ s"
        text, changes = re.subn(pattern, rf"\1 {5 + number} s", text)
        assert changes == 1
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    folder = tmp_path_factory.mktemp("guide")
    copytree(CHECKOUT / "dialplans", folder / "dialplans")
    _record(
        folder, [words[2] for words in _guide() if words[0] == "announce" and "--until" in words]
    )
    with centre_bed(
        folder, PORTS, RTP, CENTRAL156_DIALPLANS_DIR=str(folder / "dialplans")
    ) as centre:
        token = centre.post("/v1/persons", name="outra", role="supervisor")["token"]
        (folder / TOKEN).write_text(token)
        yield Admin(centre, folder)


def _guide() -> list[list[str]]:
    """The guide's commands, without the program's name."""
    return [words[1:] for words in TO_THE_CENTRE]


def _record(folder: Path, texts: list[str]) -> None:
    """Tones for what is announced, as if a line said it."""
    said = copytree(CHECKOUT / "dialplans", folder / "said") / "199.yaml"
    lines = "".join(f"    - {shlex.quote(text)}\n" for text in texts)
    menu = said.read_text(encoding="utf-8")
    menu, changes = re.subn(r"  repete: .*\n", f"  repete:\n{lines}", menu)
    assert changes == 1
    said.write_text(menu, encoding="utf-8")
    tones_for(folder / "said", folder / "state")


def test_every_command_does_what_the_guide_says(admin: Admin) -> None:
    assert len(_guide()) >= len(TOLD)
    for words in _guide():
        named = " ".join([word for word in words if word not in ("--token", TOKEN)][:2])
        expected = next(told for start, told in TOLD.items() if named.startswith(start))
        if named == "dialplan publish":
            admin.change("p156_zeladoria", 2)
        version = ""
        if named in ("dialplan approve", "dialplan reject"):
            version = admin.proposed()
        elif EXAMPLE in words:
            version = admin.approved  # what a rollback without a name has gone back from
        told = admin.run(*(version if word == EXAMPLE else word for word in words))
        version = version or _told_of(told)
        assert expected.replace("VERSION", version) in told, (words, told)
        if named == "dialplan approve":
            admin.approved = version
    orders = admin.centre.get("/v1/announcements")["announcements"]
    assert [(one["line"], one["on_air"]) for one in orders] == [
        ("156", False),
        ("156", False),
        ("199", True),
    ]


def _told_of(told: str) -> str:
    """The version that a command names first; '' when it names none."""
    found = VERSION.search(told)
    return found[0] if found else ""
