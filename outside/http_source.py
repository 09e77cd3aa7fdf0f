"""An HTTP address as a source: one request, one JSON object, of bounded size.

    404 ─► there is no such thing      2xx ─► the values      all else ─► falhou

No redirect is followed, no cookie kept, no proxy of the environment used, nothing compressed
accepted: what is asked goes where the settings say, and what comes back is as big as it looks.
"""

from __future__ import annotations

import hashlib
import json
import logging
import ssl
from collections.abc import Mapping
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import quote

import httpx

from outside.addresses import HostAddresses
from outside.port import Question, Trouble
from terms.limits import (
    LOOK_UP_SECONDS_MAX,
    OUTSIDE_AT_ONCE,
    OUTSIDE_CONNECT_TIMEOUT,
    OUTSIDE_REPLY_BYTES,
    OUTSIDE_WEB_IDLE_KEPT,
)
from terms.services import CALL, ServiceSpec, filled, refusal

SAYS_TOO_MUCH = ("httpx", "httpcore")
"""Loggers that write whole addresses, and with them what citizens typed."""

NO_CONNECTION = "não há conexão com o servidor"


class HttpSource:
    """One HTTP address. ValueError, in Portuguese, for an address that is not accepted."""

    def __init__(self, address: str, header: tuple[str, str] | None = None) -> None:
        """`header` is sent with every request: a token, from the secrets."""
        self._address = http_address(address)
        self._hosts = HostAddresses(self._address.host)
        for name in SAYS_TOO_MUCH:
            logging.getLogger(name).setLevel(logging.WARNING)
        own = {"Accept": "application/json", "Accept-Encoding": "identity"}
        self._web = httpx.AsyncClient(
            headers={**own, "User-Agent": "central156", **dict([header] if header else [])},
            # The system's own authorities, so that a city's own can be added there.
            verify=ssl.create_default_context() if self._address.scheme == "https" else False,
            timeout=httpx.Timeout(LOOK_UP_SECONDS_MAX, connect=OUTSIDE_CONNECT_TIMEOUT),
            limits=httpx.Limits(
                max_connections=OUTSIDE_AT_ONCE, keepalive_expiry=OUTSIDE_WEB_IDLE_KEPT
            ),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
            follow_redirects=False,
        )

    async def ask(self, question: Question) -> Mapping[str, object] | None:
        """See port.Source."""
        if why := _not_for_http(question.spec):
            raise Trouble(why)
        for address in await self._hosts.find():
            try:
                return await self._ask_at(address, question)
            except httpx.ConnectError:
                continue  # nothing was sent: the next address may be asked
            except httpx.HTTPError as problem:
                # Its own words may hold the address asked for.
                raise Trouble(f"conexão falhou ({type(problem).__name__})", gone=True) from None
        raise Trouble(NO_CONNECTION, gone=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._web.aclose()

    async def _ask_at(self, address: str, question: Question) -> Mapping[str, object] | None:
        request = self._request(address, question)
        response = await self._web.send(request, stream=True)
        try:
            if response.status_code == httpx.codes.NOT_FOUND:
                return None
            if not response.is_success:
                code = response.status_code
                raise Trouble(f"resposta HTTP {code}", gone=code >= 500)
            if not question.spec.answers:
                return {}
            return _object(await _body(response))
        finally:
            await response.aclose()

    def _request(self, address: str, question: Question) -> httpx.Request:
        spec, given = question.spec, question.given
        path = filled(spec.path, lambda name: _encoded(given[name]))
        url = httpx.URL(str(self._address).rstrip("/") + path)
        headers = {"Host": self._address.netloc.decode("ascii")}
        body = None
        if spec.method == "POST":
            body = json.dumps({name: given[name] for name in spec.given}).encode()
            headers["Content-Type"] = "application/json"
            what = hashlib.sha256(spec.name.encode() + b" " + body).hexdigest()[:16]
            headers["Idempotency-Key"] = f"{given[CALL]}-{what}"
        return self._web.build_request(
            spec.method,
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": self._address.host},
        )


def http_address(address: str) -> httpx.URL:
    """The parsed address. ValueError, in Portuguese, for one that is not accepted."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, UnicodeError):
        raise ValueError("não é um endereço HTTP") from None
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise ValueError("use http://servidor/caminho ou https://servidor/caminho")
    return url


def _encoded(value: str) -> str:
    """Percent-encoded, so that a value stays one part of a path. Trouble for `.` and `..`, which
    would climb it however they are written."""
    if not value.strip("."):
        raise Trouble("um parâmetro não serve para um caminho")
    return quote(value, safe="")


async def _body(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Trouble("resposta comprimida")
    if int(response.headers.get("Content-Length", "0")) > OUTSIDE_REPLY_BYTES:
        raise Trouble("resposta grande demais")
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > OUTSIDE_REPLY_BYTES:
            raise Trouble("resposta grande demais")
    return body


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Trouble("a resposta não é JSON") from None
    if not isinstance(found, dict):
        raise Trouble("a resposta não é um objeto JSON")
    return found


@lru_cache(maxsize=256)
def _not_for_http(spec: ServiceSpec) -> str:
    return refusal(spec) if spec.path else "a fonte é um endereço HTTP e o serviço não tem caminho"
