"""A small folder of dialplans, and a workshop that reads it without recordings.

files = menus(note="Pediu um atendente")     # name → text, as `dialplan publish` hands it in
workshop = PaperWorkshop()                   # the real reader; what it records, it remembers
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callflow.ports import Prompt
from callflow.serving import Plans
from central156.plans import Ready, Unfit, plans_of
from reader import read_dialplans
from terms.names import Seconds

LINE_156 = """
linha: 156
comeca_em: principal
atendente: p156_geral
menu_resumido: geral
etapas:
  principal:
    tipo: menu
    fala: Rua ou árvore, tecle um. Para falar com um atendente, nove.
    teclas: {1: cidade, 9: geral}
  cidade:
    tipo: fila
    fila: p156_geral
    assunto: Rua ou árvore
  geral:
    tipo: fila
    fila: p156_geral
    assunto: NOTE
na_espera: {antes: Aguarde.}
"""
LINE_199 = """
linha: 199
comeca_em: risco
atendente: e199_risco
etapas:
  risco: {tipo: fila, fila: e199_risco, prioridade: 100, assunto: Defesa Civil}
na_espera: {antes: GREETING, a_cada: 20 s, repete: Não desligue.}
"""
LINE_153 = """
linha: 153
comeca_em: ocorrencia
atendente: e153_ocorrencia
etapas:
  ocorrencia: {tipo: fila, fila: e153_ocorrencia, prioridade: 100, assunto: Guarda Civil}
na_espera: {antes: Guarda Civil Metropolitana.}
"""
QUEUES = """
filas:
  p156_geral: {linha: 156, habilidade: p156_geral, prioridade: 30, toque: RING s}
  e199_risco: {linha: 199, habilidade: e199_risco, prioridade: 100}
  e153_ocorrencia: {linha: 153, habilidade: e153_ocorrencia, prioridade: 100}
EXTRA
"""


def menus(
    note: str = "Pediu um atendente",
    greeting: str = "Defesa Civil.",
    ring: int = 15,
    extra: str = "",
) -> dict[str, str]:
    """The folder's files. `note` and `ring` touch callers of 156 alone, `greeting` those of 199;
    `extra` is one more line of queues.yaml."""
    return {
        "156.yaml": LINE_156.replace("NOTE", note),
        "199.yaml": LINE_199.replace("GREETING", greeting),
        "153.yaml": LINE_153,
        "queues.yaml": QUEUES.replace("RING", str(ring)).replace("EXTRA", extra),
    }


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The files as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class PaperVoice:
    """Recordings of everything, and how values were read."""

    def find(self, text: str, language: str = "pt") -> Prompt | None:
        return Prompt(f"/sounds/{text}", 1.0)

    def reload(self) -> None:
        pass

    def shares(self) -> dict[str, int]:
        return {"joined": 3, "fallback": 1}


@dataclass
class PaperWorkshop:
    """Reads as the real one does; a recording lasts a second for every 15 letters. `mute`: no
    voice is installed here. `slow`: how long proving takes."""

    mute: bool = False
    slow: Seconds = 0.0
    recorded: set[tuple[str, str]] = field(default_factory=set)

    def read(self, folder: Path) -> Plans:
        return plans_of(read_dialplans(folder))

    async def prove(self, folder: Path) -> Ready:
        await asyncio.sleep(self.slow)
        return Ready(self.read(folder), ("provado no papel",))

    async def record(self, wanted: Iterable[tuple[str, str]]) -> None:
        missing = set(wanted) - self.recorded
        if missing and self.mute:
            raise Unfit("falta a voz")
        self.recorded |= missing

    def length_of(self, language: str, text: str) -> Seconds | None:
        return len(text) / 15 if (language, text) in self.recorded else None
