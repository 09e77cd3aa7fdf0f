"""What requests must look like, and what the shorter answers look like (for OpenAPI)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from console.ports import Role
from terms.limits import DIALPLAN_FILES, NAME_CHARACTERS, NOTE_OF_VERSION, SPOKEN_CHARACTERS
from terms.names import AGENT_NAME, CALL_ID

NAME = f"^(?:{AGENT_NAME.pattern})$"
SKILL = r"^[a-z0-9][a-z0-9_-]{0,31}$"
PROSE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""Lines of text. No database is asked to keep what nobody can see."""
LAST_MOMENT = 253_402_300_799.0  # the end of the year 9999

Name = Annotated[str, StringConstraints(pattern=NAME)]
Skill = Annotated[str, StringConstraints(pattern=SKILL)]
Words = Annotated[
    str, StringConstraints(max_length=NAME_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
]
AgentInPath = Annotated[str, Path(pattern=NAME, description="Nome do agente", examples=["ana"])]
PersonInPath = Annotated[str, Path(pattern=NAME, description="Nome da pessoa")]
CallInPath = Annotated[str, Path(pattern=f"^(?:{CALL_ID.pattern})$", description="Id da chamada")]
ProtocolInPath = Annotated[
    str,
    Path(
        pattern=r"^[0-9][0-9 .-]{0,19}$",
        description="Número do protocolo, com ou sem pontuação",
        examples=["1234 5678-9"],
    ),
]


VersionInPath = Annotated[
    str,
    Path(
        pattern=r"^(?:[0-9a-f]{8,64}|atual)$",
        description="Versão dos menus; «atual»: a que está no ar",
        examples=["0123456789ab"],
    ),
]
LineInPath = Annotated[str, Path(pattern=r"^[0-9]{3}$", description="Linha", examples=["156"])]
OrderInPath = Annotated[str, Path(pattern=SKILL, description="Nome do aviso")]
Moment = Annotated[float, Field(ge=0, le=LAST_MOMENT, description="segundos desde 1970")]


class Body(BaseModel):
    """A request's body: nothing that is not written here."""

    model_config = ConfigDict(extra="forbid")


class NewAgent(Body):
    """Um agente novo. Nível de cada habilidade: 1 é o melhor."""

    name: Name
    full_name: Words = ""
    skills: dict[Skill, Annotated[int, Field(ge=1, le=9)]] = Field(min_length=1, max_length=32)
    subjects: list[Skill] = Field(default=[], max_length=3)
    reserve: bool = False


class NewPhone(BaseModel):
    """A conta do telefone do agente novo. A senha só aparece aqui."""

    agent: str
    password: str
    server: str
    port: int


class Pause(Body):
    """Uma pausa, por um dos motivos de `/v1/pause-reasons`."""

    reason: Words = "banheiro"


class Logout(Body):
    """Por quê, se não é o próprio agente que sai."""

    because: Words = ""


class Login(Body):
    """A posição em que o agente se senta; vazia: a de antes."""

    seat: Annotated[str, StringConstraints(pattern=f"{SKILL}|^$")] = ""


class NewPerson(Body):
    """Uma pessoa nova. Linhas e filas: de quem ela vê números e ouve gravações; sem nada: todas."""

    name: Name
    role: Role
    lines: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]] = Field(
        default=[], max_length=16
    )
    queues: list[Skill] = Field(default=[], max_length=64)


class NewToken(BaseModel):
    """O token da pessoa nova. Só aparece aqui."""

    name: str
    role: Role
    token: str


class NewVersion(Body):
    """Uma pasta de menus: nome do arquivo → texto. Roteiros de teste: `tests/nome.yaml`."""

    files: dict[str, str] = Field(min_length=1, max_length=DIALPLAN_FILES)
    note: Annotated[str, StringConstraints(max_length=NOTE_OF_VERSION, pattern=PROSE)] = ""


class GoBack(Body):
    """A versão a que voltar; vazia: a anterior."""

    version: Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{8,64})?$")] = ""


class ShortMenu(Body):
    """O menu resumido de uma linha, até quando (sem isso: 12 horas)."""

    on: bool
    until: Moment | None = None


class NewAnnouncement(Body):
    """Um aviso: o que se diz, em que linha, antes de que etapa (vazia: o começo), até quando."""

    line: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
    text: Annotated[str, StringConstraints(min_length=1, max_length=SPOKEN_CHARACTERS)]
    until: Moment
    node: Annotated[str, StringConstraints(max_length=NAME_CHARACTERS)] = ""
    name: Annotated[str, StringConstraints(pattern=f"{SKILL}|^$")] = ""
    kind: Literal["emergencia", "institucional"] = "emergencia"


class HealthAnswer(BaseModel):
    """O que está de pé."""

    ready: bool
    floor: bool
    store: bool
    link: bool
    node: str
    epoch: int
    mirror: str


class Problem(BaseModel):
    """O que deu errado, em português."""

    erro: str


REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"model": Problem, "description": "Recusado"},
    "503": {"model": Problem, "description": "Tente de novo"},
}
"""What every route may answer besides."""
