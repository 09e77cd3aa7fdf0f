"""Versions of the shipped menus, and traffic on them, for the tests that publish under it.

files = old_version(tmp_path)              # the shipped menus, with short ring and wrap-up times
with Traffic(centre) as traffic: …         # 20 calls a second, until the block ends
traffic.check({version: lines, …})         # nobody was disturbed, each call kept its version
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from calls_bed import heard_on, prompt_sounds, soon
from centre_bed import Centre, centre_bed
from dialplan_copies import CHECKOUT

from central156.version_cache import files_of
from ivr.menu import LinePlan
from phones.phone import Line
from reader import read_dialplans

Files = dict[str, str]

PORTS = int(os.environ.get("C156_PUBLISH_PORTS", "18800"))
RTP = int(os.environ.get("C156_PUBLISH_RTP", "55000"))
RTP_PORTS = 900
PUBLISH_SECONDS = 60.0
OLD_TEXT = (
    "SP156, Prefeitura de São Paulo. Esta ligação é gravada para registrar o seu pedido. "
    "O aviso de privacidade está no portal SP156."
)
NEW_TEXT = (
    "Não temos aviso de paralisação dos ônibus. O horário de cada linha está no site da SPTrans."
)
"""What a citizen of 156 hears first, on the old version and on the new one."""

OLD_RING, NEW_RING, WRAP_UP = 8, 3, 1
NEW_QUEUE = "p156_campanha"
RENAMED = {"um_atendente": "pessoa_ja", "pesquisa": "pesquisa_nova"}
"""Nodes that every call of the traffic passes, old name → new: they tell on which version it is."""


# --- versions ---
def old_version() -> Files:
    """The shipped menus, with short ring and wrap-up times, and without the call scripts of 156,
    which know the greeting and the names that the new version changes."""
    shipped = files_of(CHECKOUT / "dialplans")
    files = {name: text for name, text in shipped.items() if not name.startswith("tests/156")}
    queues = re.sub(r"toque: 1[05] s", f"toque: {OLD_RING} s", files["queues.yaml"])
    queues = re.sub(r"depois_da_conversa: [236]0 s", f"depois_da_conversa: {WRAP_UP} s", queues)
    return files | {"queues.yaml": queues}


def new_version(old: Files) -> Files:
    """Another greeting of 156, one queue more, some nodes of other names, a shorter ring."""
    menu = _instead(old["156.yaml"], r"(abertura:[^#]*?fala:) >-[^:]*(?= segue: inicio)",
                    r"\1 mensagem_do_dia_transporte\n   ")  # fmt: skip
    menu = _instead(
        menu,
        r"(um_atendente:\n    tipo: fila\n    fila:) p156_geral",
        rf"\1 {NEW_QUEUE}",
    )
    for was, becomes in RENAMED.items():
        menu = _instead(menu, rf"(?<!tipo: )\b{was}\b", becomes)
    queues = _instead(old["queues.yaml"], r"(p156_social:[^#]*?toque:) \d+ s", rf"\1 {NEW_RING} s")
    queues += (
        f"\n  {NEW_QUEUE}:\n    linha: 156\n    habilidade: p156_geral\n    prioridade: 30\n"
        f"    horario: sempre\n    toque: {NEW_RING} s\n    depois_da_conversa: {WRAP_UP} s\n"
    )
    return old | {"156.yaml": menu, "queues.yaml": queues}


def _instead(text: str, pattern: str, instead: str) -> str:
    changed, count = re.subn(pattern, instead, text)
    assert count, f"nothing like {pattern!r}"
    return changed


def write(folder: Path, files: Files) -> Path:
    """The files as a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


# --- the centre ---
@dataclass(frozen=True)
class Town:
    """A centre that was started on the old version; the new one; what each of them asks."""

    centre: Centre
    old: Files
    new: Files
    plans: dict[str, dict[str, LinePlan]]
    old_name: str
    new_name: str


@contextlib.contextmanager
def town_bed(folder: Path, **environment: str) -> Iterator[Town]:
    """See the file's top."""
    old = old_version()
    new = new_version(old)
    read = [read_dialplans(write(folder / n, f)) for n, f in (("old", old), ("new", new))]
    plans = {one.version: dict(one.lines) for one in read}
    environment |= {
        "CENTRAL156_DIALPLANS_DIR": str(folder / "old"),
        "CENTRAL156_WHISPER": "false",
        "CENTRAL156_RESUME_SECONDS": "0",  # a stream's calls share a number, and are no redials
        "CENTRAL156_RTP_LAST": str(RTP + RTP_PORTS - 1),
    }
    with centre_bed(folder / "centre", PORTS, RTP, **environment) as centre:
        yield Town(centre, old, new, plans, *(one.version for one in read))


def serving(centre: Centre) -> str:
    """The version that serves, by the API."""
    return str(centre.get("/v1/dialplans")["serving"])


async def heard_first(centre: Centre, line: Line, *texts: str, seconds: float = 8.0) -> str:
    """Which of these texts a citizen hears first, as soon as its beginning was heard."""
    prompts = prompt_sounds(centre, texts)

    def first() -> str:
        found = heard_on(line, prompts)
        return found[0].name if found else ""

    return str(await soon(first, seconds, "one of the texts"))


# --- persons, and what they ask of the centre ---
@dataclass(frozen=True)
class Asker:
    """A person with a token of their own, over the API and the command line."""

    centre: Centre
    token: str

    def ask(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        """The status and the answer."""
        answer = httpx.request(
            method,
            f"{self.centre.settings.api_url}/v1/{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=PUBLISH_SECONDS,
        )
        return answer.status_code, answer.json()

    def publish(self, files: Files, note: str = "") -> Any:
        """A version that serves now."""
        status, answer = self.ask("POST", "dialplans", files=files, note=note)
        assert (status, answer.get("state")) == (200, "serving"), answer
        return answer

    def go_back(self, version: str = "") -> tuple[int, Any]:
        """An earlier version serves again."""
        return self.ask("POST", "dialplans/rollback", version=version)

    def run(self, *words: str) -> tuple[int, str]:
        """A command with this person's token: its exit code, and all that it printed."""
        file = self.centre.folder / "person.token"
        file.write_text(self.token)
        command = [*self.centre.command(), "--token", str(file), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, env=self.centre.environment, check=False
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())


def admin(centre: Centre) -> Asker:
    """Who installed the centre."""
    return Asker(centre, centre.settings.secret("admin_token"))


def person(centre: Centre, name: str, role: str) -> Asker:
    """Somebody who gets a token now."""
    return Asker(centre, str(centre.post("/v1/persons", name=name, role=role)["token"]))
