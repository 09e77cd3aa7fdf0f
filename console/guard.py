"""What every request passes before any route: size, origin, and what is said of it afterwards.

A state-changing request must be addressed to us by a name that no foreign page could have had
resolved to us (an address, or a name without a dot), and, when a browser sends it, must come from
a page of ours. Answers are never cached: most of them tell of persons.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from terms.limits import HTTP_BODY_BYTES, HTTP_BODY_TIMEOUT, PUBLISH_BODY_BYTES

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGER = {
    ("POST", "/v1/dialplans"): PUBLISH_BODY_BYTES,
    ("POST", "/v1/contract/carrier"): PUBLISH_BODY_BYTES,
    ("POST", "/v1/sms/file"): PUBLISH_BODY_BYTES,
    ("POST", "/v1/alerts"): PUBLISH_BODY_BYTES,
    ("POST", "/v1/campaigns"): PUBLISH_BODY_BYTES,
    ("POST", "/v1/campaigns/list"): PUBLISH_BODY_BYTES,
}
"""The requests that may be larger than others: a whole folder of menus, a carrier's file,
a campaign's list."""


class Guard:
    """The middleware; see the file's top."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            refusal = _refused(scope)
            body = b""
            if refusal is None and scope["method"] not in SAFE_METHODS:
                body, refusal = await _read(receive, _most(scope))
            if refusal is not None:
                await _refuse(answer, *refusal)
            else:
                await self._app(scope, _replayed(body, receive), answer)
        finally:
            _note(scope, status, time.monotonic() - began)


def _refused(scope: Scope) -> tuple[int, str] | None:
    headers = Headers(scope=scope)
    size = headers.get("content-length", "0")
    if not size.isdigit() or int(size) > _most(scope):
        return 413, "pedido grande demais"
    if scope["method"] in SAFE_METHODS:
        return None
    host = headers.get("host", "")
    if not _names_us(host):
        return 421, "este endereço não é o desta central"
    origin = headers.get("origin")
    if origin is not None and origin != f"{scope['scheme']}://{host}":
        return 403, "pedido vindo de outra página"
    return None


def _names_us(host: str) -> bool:
    """An address, or a name that the public name system cannot have pointed at us."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and "." not in name
    return True


def _most(scope: Scope) -> int:
    """How many bytes this request's body may have."""
    return LARGER.get((scope["method"], scope["path"]), HTTP_BODY_BYTES)


async def _read(receive: Receive, most: int) -> tuple[bytes, tuple[int, str] | None]:
    """The whole body, if it is small enough and comes in time."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(HTTP_BODY_TIMEOUT):
            while True:
                message = await receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > most:
                    return b"", (413, "pedido grande demais")
                if not message.get("more_body", False):
                    return b"".join(parts), None
    except TimeoutError:
        return b"", (408, "o pedido não chegou inteiro a tempo")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read already; then what comes, such as the disconnection."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


async def _refuse(send: Send, status: int, text: str) -> None:
    body = json.dumps({"erro": text}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    headers.append((b"connection", b"close"))  # what was not read must not be the next request
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _note(scope: Scope, status: int, seconds: float) -> None:
    """Who asked for what. The route's own text, not the path: that may hold a protocol."""
    route = scope.get("route")
    person = scope.get("state", {}).get("person")
    log.info(
        "request",
        extra={
            "method": scope["method"],
            "route": getattr(route, "path", ""),
            "status": status,
            "person": person.name if person else "",
            "milliseconds": round(seconds * 1000, 1),
        },
    )
