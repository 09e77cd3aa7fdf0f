"""Who may ask: every route states it, or cannot be built.

    @routes.get("/tasks", dependencies=[...])        refused: GuardedRoute finds no Admits
    async def tasks(who: Annotated[Person, Depends(Admits(Role.SUPERVISOR))])

The token stands in `Authorization: Bearer`; there are no cookies, so no other page can make a
browser ask in a person's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from console.ports import Centre, Person, Refusal, Role

EVERYBODY: Final = frozenset(Role)


class Admits:
    """A dependency: the person who asks, if their role is one of these."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Person:
        """The person. 401 without a good token, 403 for another role."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal(401, "falta o token: Authorization: Bearer …")
        centre: Centre = request.app.state.centre
        person = await centre.person_with(token.strip())
        if person is None:
            raise Refusal(401, "token desconhecido ou revogado")
        request.state.person = person
        if person.role not in self.roles:
            role = "agente" if person.role is Role.AGENT else person.role  # the others are the same
            raise Refusal(403, f"o papel «{role}» não pode fazer isto")
        return person


class Open(Admits):
    """A dependency for the few routes that ask for no token: they tell nothing of anybody."""

    async def __call__(self, request: Request) -> Person:
        """Nobody in particular."""
        return Person("", Role.AGENT)


class GuardedRoute(APIRoute):
    """A route that says whom it admits. TypeError when it does not: nothing is open by mistake."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        found = list(_admissions(self.dependant))
        if len(found) != 1:
            raise TypeError(f"{path}: a route must state once whom it admits")
        self.admits = found[0]


def own_or_above(person: Person, agent: str) -> None:
    """Agents act for themselves alone. Refusal 403 otherwise."""
    if person.role is Role.AGENT and person.name != agent:
        raise Refusal(403, "um agente só pode agir por si mesmo")


def _admissions(dependant: Dependant) -> Iterator[Admits]:
    for one in dependant.dependencies:
        if isinstance(one.call, Admits):
            yield one.call
        yield from _admissions(one)
