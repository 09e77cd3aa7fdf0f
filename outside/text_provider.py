"""Text messages through a provider that speaks HTTP: small, dull JSON, asked by us alone.

    POST <address>/messages           {"id", "to", "from", "text", "valid_until", "reference"}
                                      + Idempotency-Key: <id>      ─► 2xx {"id": "<the provider's>"}
    GET  <address>/events?after=<c>   ─► {"cursor": "<c>", "events": [
                                           {"kind": "receipt", "id", "state", "to", "error"},
                                           {"kind": "text", "id", "from", "text"}]}

Receipts and citizens' texts are asked for, so no door of the centre is open to the internet. They
are asked for again from the last cursor whose events are all safe; after a start, from the first:
what was heard before is known by its id.

It lives here, not in sms/: how we speak HTTP to others (no redirect, no proxy of the environment,
nothing compressed, bounded answers) is this room's, and so is its library.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx

from outside.http_source import SAYS_TOO_MUCH, http_address
from terms.limits import (
    OUTSIDE_CONNECT_TIMEOUT,
    OUTSIDE_REPLY_BYTES,
    TEXT_PROVIDER_EVENTS,
    TEXT_PROVIDER_LOOK,
    TEXT_PROVIDER_WAIT,
)
from terms.names import Seconds
from terms.text_message import Hears, How, Inbound, Outgoing, PartAnswer, Receipt, Told

log = logging.getLogger(__name__)

STATES: Final = {
    **dict.fromkeys(("accepted", "sent", "pending"), Told.ON_ITS_WAY),
    "delivered": Told.DELIVERED,
    **dict.fromkeys(("failed", "undelivered", "expired"), Told.FAILED),
    **dict.fromkeys(("rejected", "blocked"), Told.REJECTED),
}
REPLY_BYTES: Final = max(OUTSIDE_REPLY_BYTES, TEXT_PROVIDER_EVENTS * 2_048)


class TextProvider:
    """terms.text_message.Carrier over HTTP. ValueError, in Portuguese, for a bad address.

    `keeps_ids`: the provider promised to take an id once, however often it is sent.
    """

    name = "http"

    def __init__(
        self,
        address: str,
        sender: str,
        token: str = "",
        keeps_ids: bool = False,
        prefix: str = "55",
        look_every: Seconds = TEXT_PROVIDER_LOOK,
    ) -> None:
        self._address = http_address(address)
        self._sender, self._prefix, self._look_every = sender, prefix, look_every
        self.repeats_safely = keeps_ids
        self.up = False
        for name in SAYS_TOO_MUCH:
            logging.getLogger(name).setLevel(logging.WARNING)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._web = httpx.AsyncClient(
            headers={**headers, "User-Agent": "central156"},
            verify=ssl.create_default_context() if self._address.scheme == "https" else False,
            timeout=httpx.Timeout(TEXT_PROVIDER_WAIT, connect=OUTSIDE_CONNECT_TIMEOUT),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
            follow_redirects=False,
        )

    async def send(self, message: Outgoing) -> tuple[PartAnswer, ...]:
        """See terms.text_message.Carrier; the provider cuts the text, so there is one part."""
        if message.already:
            return ()
        key = f"{message.id}-{message.attempt}"  # what is lost is asked again by the same
        body = {
            "id": key,
            "to": self._prefix + message.number,
            "from": self._sender,
            "text": message.text,
            "valid_until": datetime.fromtimestamp(message.valid_until, UTC).isoformat(),
            "reference": message.reference,
        }
        try:
            status, found = await self._ask("POST", "/messages", key, body)
        except httpx.ConnectError:
            self.up = False
            return (PartAnswer(1, 1, How.NOT_SENT, why="sem conexão com o provedor"),)
        except (httpx.HTTPError, ValueError, TimeoutError) as trouble:
            # Something may have arrived: what came back, if anything, tells nothing.
            why = f"o provedor não respondeu ({type(trouble).__name__})"
            return (PartAnswer(1, 1, How.LOST, why=why),)
        return (_answer(status, found),)

    async def run(self, hears: Hears) -> None:
        """Ask for receipts and texts, until cancelled."""
        cursor = ""
        try:
            while True:
                try:
                    cursor = await self._look(cursor, hears)
                    self.up = True
                except (httpx.HTTPError, ValueError, TimeoutError) as trouble:
                    self.up = False
                    log.warning("no text provider", extra={"why": type(trouble).__name__})
                except Exception as trouble:  # what was heard is not safe: heard again
                    log.warning("not taken", extra={"why": type(trouble).__name__})
                await asyncio.sleep(self._look_every)
        finally:
            await self._web.aclose()

    async def _look(self, cursor: str, hears: Hears) -> str:
        status, found = await self._ask("GET", f"/events?after={_plain(cursor)}")
        events = found.get("events")
        if status != httpx.codes.OK or not isinstance(events, list):
            raise ValueError("no events")
        for event in events[:TEXT_PROVIDER_EVENTS]:
            if isinstance(event, dict):
                await _tell(hears, {key: str(value) for key, value in event.items()})
        return str(found.get("cursor", cursor))

    async def _ask(
        self, method: str, path: str, key: str = "", body: Any = None
    ) -> tuple[int, dict[str, Any]]:
        request = self._web.build_request(
            method,
            str(self._address).rstrip("/") + path,
            headers={"Idempotency-Key": key} if key else None,
            json=body,
        )
        async with asyncio.timeout(TEXT_PROVIDER_WAIT + OUTSIDE_CONNECT_TIMEOUT):
            response = await self._web.send(request, stream=True)
            try:
                octets = b""
                async for chunk in response.aiter_raw():
                    octets += chunk
                    if len(octets) > REPLY_BYTES:
                        raise ValueError("too much")
            finally:
                await response.aclose()
        return response.status_code, _object(octets)


def _answer(status: int, found: dict[str, Any]) -> PartAnswer:
    carrier_id = str(found.get("id", ""))[:64]
    if 200 <= status < 300 and carrier_id:
        return PartAnswer(1, 1, How.ACCEPTED, carrier_id)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return PartAnswer(1, 1, How.THROTTLED, why="o provedor pediu calma")
    if status in (400, 403, 404, 410, 422):
        return PartAnswer(1, 1, How.IMPOSSIBLE, why=f"o provedor recusou (HTTP {status})")
    if 300 <= status < 500 or status == httpx.codes.SERVICE_UNAVAILABLE:
        return PartAnswer(1, 1, How.REFUSED, why=f"o provedor não aceitou (HTTP {status})")
    return PartAnswer(1, 1, How.LOST, why=f"o provedor falhou (HTTP {status})")


async def _tell(hears: Hears, event: dict[str, str]) -> None:
    told = STATES.get(event.get("state", "").lower())
    if event.get("kind") == "receipt" and told is not None:
        failed = told in (Told.FAILED, Told.REJECTED)
        why = f"recibo do provedor: {event.get('error', told.value)[:60]}" if failed else ""
        receipt = Receipt(event.get("id", ""), told, event.get("to", ""), why=why)
        await hears.receipt(receipt)
    elif event.get("kind") == "text":
        text = event.get("text", "")
        await hears.inbound(Inbound(event.get("from", ""), text, f"http:{event.get('id', '')}"))


def _plain(cursor: str) -> str:
    return "".join(one for one in cursor if one.isascii() and (one.isalnum() or one in "-_."))[:200]


def _object(octets: bytes) -> dict[str, Any]:
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
