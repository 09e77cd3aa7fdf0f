"""Who may use the centre: known by their tokens, each with a role and, if it has one, a scope."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict

from callflow.agent_desk import AgentDesk
from callflow.floor_keeper import FloorKeeper
from central156.refusals import asked
from central156.settings import Settings
from console.ports import LOCAL, Person, Plain, Refusal, Role
from protocol_store import Role as StoredRole
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import LINES

RESERVED = frozenset({LOCAL, "restart", "system"})


class Admitted:
    """The part of console.ports.Centre that is about persons."""

    _settings: Settings
    _store: Store
    _keeper: FloorKeeper
    _desk: AgentDesk

    async def person_with(self, token: str) -> Person | None:
        """Whose token this is."""
        if hmac.compare_digest(token.encode(), self._settings.secret("admin_token").encode()):
            return Person(LOCAL, Role.ADMIN, owner=True)
        found = await asked(self._store.person_by_token(token))
        if found is None:
            return None
        given = (self._settings.discreet_queues, self._settings.complaint_queues)
        named = map(str.strip, ",".join(given).split(","))
        discreet = tuple(one for one in named if one)
        role, scope = Role(found.role.value), (found.lines, found.queues)
        return Person(found.name, role, False, *scope, discreet)

    async def persons(self) -> Sequence[Plain]:
        """All persons, the revoked ones too."""
        return [asdict(one) for one in await asked(self._store.persons())]

    async def add_person(
        self, name: str, role: Role, by: str, lines: Sequence[str] = (), queues: Sequence[str] = ()
    ) -> str:
        """A new person's token."""
        refuse_reserved(name)
        self._refuse_unknown("linha", lines, LINES)
        self._refuse_unknown(
            "fila", queues, [rule.name for rule in self._keeper.floor.queues.rules]
        )
        scope = (tuple(sorted(set(lines))), tuple(sorted(set(queues))))
        token = await asked(self._store.add_person(name, StoredRole(role.value), *scope))
        details = {"person": name, "role": str(role), "lines": list(scope[0])}
        details["queues"] = list(scope[1])
        fact = Fact(self._keeper.clock(), Kind.PERSON_ADDED, by=by, details=details)
        self._keeper.record(fact)
        return token

    async def revoke_person(self, name: str, by: str) -> None:
        """End a person's token, and all that they watch."""
        await asked(self._store.revoke_person(name))
        details = {"person": name}
        fact = Fact(self._keeper.clock(), Kind.PERSON_REVOKED, by=by, details=details)
        self._keeper.record(fact)

    @staticmethod
    def _refuse_unknown(what: str, given: Sequence[str], known: Sequence[str]) -> None:
        if strange := sorted(set(given) - set(known)):
            text = f"{what} desconhecida: {', '.join(strange)}; há: {', '.join(sorted(known))}"
            raise Refusal(422, text)


def refuse_reserved(name: str) -> None:
    """Some names stand for the system itself."""
    if name in RESERVED:
        raise Refusal(409, f"o nome {name} é reservado")
