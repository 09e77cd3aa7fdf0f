"""The contract: what the carrier's own file says of calls that it did not deliver (INR, R75)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Plain, Role
from console.shapes import PROSE, REFUSED, Body
from terms.limits import CARRIER_FILE_BYTES, NAME_CHARACTERS

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Admin = Annotated[Person, Depends(Admits(Role.ADMIN))]


class CarrierFile(Body):
    """O arquivo da operadora: o nome dele e o texto, em CSV."""

    file: Annotated[str, StringConstraints(max_length=NAME_CHARACTERS, pattern=PROSE)]
    csv: Annotated[str, StringConstraints(min_length=1, max_length=CARRIER_FILE_BYTES)]


@routes.post("/contract/carrier", summary="O arquivo da operadora com o que ela não entregou")
async def import_carrier(body: CarrierFile, who: Admin, request: Request) -> Plain:
    """Tudo ou nada: com qualquer erro, nada é guardado, e cada um vem com a sua linha. Um dia dito
    de novo substitui o que havia dele."""
    centre: Centre = request.app.state.centre
    return await centre.contract.import_carrier(body.file, body.csv, who.name)
