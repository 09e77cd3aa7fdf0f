"""Persons who may use the centre, and the agents who answer.

A person's token is 256 random bits, so its SHA-256 is enough to keep: nobody can try that many,
and a slow password hash would only slow every request. An agent's password is not kept either:
`secret_digest` is what SIP's digest needs (RFC 2617, 3.2.2.2). Whoever reads it can register as
that agent in our realm, so it is still a secret, but it opens nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from protocol_store.errors import NameTaken, NameUnknown
from protocol_store.tables import agents, persons
from terms.names import OURSELVES, AgentName, Instant, Skill

SIP_REALM: Final = "central156"


class Role(StrEnum):
    """What a person may do; console/ says which doors each opens."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token. The token's hash stays in the store."""

    name: str
    role: Role
    created_at: Instant
    revoked_at: Instant | None = None
    lines: tuple[str, ...] = ()  # whose callers they see; with `queues` empty too: all
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers calls. Skill levels: 1 is the best."""

    name: AgentName
    full_name: str
    skills: Mapping[Skill, int]
    secret_digest: str
    added_at: Instant
    subjects: tuple[Skill, ...] = ()  # in order of rank
    reserve: bool = False
    blocked: str = ""  # why a supervisor keeps them from working


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to add."""

    name: str
    role: Role
    token_hash: str
    at: Instant
    lines: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revocation:
    """A person whose token ends."""

    name: str
    at: Instant


def secret_digest(name: str, password: str, realm: str = SIP_REALM) -> str:
    """What the switch needs to check an agent's password without knowing it (`md5_cred`)."""
    return hashlib.md5(f"{name}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def add_agents(connection: Connection, new: Sequence[Agent]) -> list[NameTaken | None]:
    """Add agents; NameTaken stands in the place of one whose name is somebody else's."""
    return [_add_agent(connection, agent) for agent in new]


def _add_agent(connection: Connection, agent: Agent) -> NameTaken | None:
    there = connection.execute(
        select(agents.c.secret_digest).where(agents.c.name == agent.name)
    ).first()
    if there is not None:
        # The same digest: our own first try, whose commit we never heard of.
        same = there.secret_digest == agent.secret_digest
        return None if same else NameTaken(f"já existe agente com o nome {agent.name}")
    if agent.name in OURSELVES:
        return NameTaken(f"o nome {agent.name} é da própria central")
    connection.execute(
        insert(agents).values(
            name=agent.name,
            full_name=agent.full_name,
            skills=dict(agent.skills),
            secret_digest=agent.secret_digest,
            added_at=agent.added_at,
        )
    )
    return None


def all_agents(connection: Connection) -> list[Agent]:
    """Every agent, by name."""
    rows = connection.execute(select(agents).order_by(agents.c.name))
    return [
        Agent(
            name=AgentName(row.name),
            full_name=row.full_name,
            skills={Skill(skill): int(level) for skill, level in row.skills.items()},
            secret_digest=row.secret_digest,
            added_at=row.added_at,
            subjects=tuple(Skill(one) for one in row.subjects or ()),
            reserve=row.reserve,
            blocked=row.blocked,
        )
        for row in rows
    ]


def add_persons(connection: Connection, new: Sequence[NewPerson]) -> list[NameTaken | None]:
    """Add persons; a name whose token was revoked may be given a new one."""
    return [_add_person(connection, person) for person in new]


def _add_person(connection: Connection, person: NewPerson) -> NameTaken | None:
    if person.name in OURSELVES:  # acts are told apart by names
        return NameTaken(f"o nome {person.name} é da própria central")
    there = connection.execute(select(persons).where(persons.c.name == person.name)).first()
    row = {
        "name": person.name,
        "role": person.role.value,
        "token_hash": person.token_hash,
        "created_at": person.at,
        "revoked_at": None,
        "scope": {"lines": list(person.lines), "queues": list(person.queues)},
    }
    if there is None:
        connection.execute(insert(persons).values(row))
    elif there.revoked_at is not None:
        connection.execute(update(persons).where(persons.c.name == person.name).values(row))
    elif there.token_hash != person.token_hash:
        return NameTaken(f"já existe pessoa com o nome {person.name}")
    return None


def revoke_persons(
    connection: Connection, revocations: Sequence[Revocation]
) -> list[NameUnknown | None]:
    """End persons' tokens. Revoked twice, the first instant stays."""
    return [_revoke(connection, one) for one in revocations]


def _revoke(connection: Connection, revocation: Revocation) -> NameUnknown | None:
    there = connection.execute(
        select(persons.c.revoked_at).where(persons.c.name == revocation.name)
    ).first()
    if there is None:
        return NameUnknown(f"não há pessoa com o nome {revocation.name}")
    if there.revoked_at is None:
        connection.execute(
            update(persons)
            .where(persons.c.name == revocation.name)
            .values(revoked_at=revocation.at)
        )
    return None


def all_persons(connection: Connection) -> list[Person]:
    """Every person, by name, the revoked ones too."""
    rows = connection.execute(select(persons).order_by(persons.c.name))
    return [_person(row) for row in rows]


def person_by_token_hash(connection: Connection, token_hash: str) -> Person | None:
    """Whose token this is, if it is still good."""
    row = connection.execute(
        select(persons).where(persons.c.token_hash == token_hash, persons.c.revoked_at.is_(None))
    ).first()
    return None if row is None else _person(row)


def _person(row: Row[Any]) -> Person:
    scope = row.scope or {}
    lines, queues = (tuple(scope.get(name, ())) for name in ("lines", "queues"))
    return Person(row.name, Role(row.role), row.created_at, row.revoked_at, lines, queues)
