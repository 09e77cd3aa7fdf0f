"""Asks the running centre over its HTTP API; what goes wrong is told in Portuguese."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import httpx

from central156.cli import TOKEN_FILE
from central156.cli.words import program
from central156.settings import Settings, load_settings
from terms.limits import API_TIMEOUT, WATCHER_HEARTBEAT
from terms.names import Seconds

RETRY_WAIT = 1.0  # seconds, while a centre that was there is away


def route(*parts: str) -> str:
    """The path of a request, from its parts: whatever a person typed stays one part."""
    return "/".join(("/v1", *(quote(part, safe="") for part in parts)))


def open_api(state_dir: Path | None) -> Api:
    """The API of this state folder, with the token of the command's options."""
    token_file: Path | None = click.get_current_context().meta.get(TOKEN_FILE)
    settings = load_settings(state_dir)
    if token_file is None:
        return Api(settings)
    try:
        token = token_file.read_text(encoding="utf-8").strip()
    except (PermissionError, UnicodeDecodeError):
        raise click.ClickException(f"o arquivo {token_file} não pode ser lido") from None
    if not re.fullmatch("[!-~]+", token):
        raise click.ClickException(f"o arquivo {token_file} precisa ter só o token, numa linha")
    return Api(settings, token)


class CentreAway(click.ClickException):
    """Nobody listens at the centre's address."""


class Api:
    """Requests to the centre of these settings. Raises click.ClickException, in Portuguese."""

    def __init__(self, settings: Settings, token: str = "") -> None:
        """`token`: a person's; without, the installation's own."""
        self._settings = settings
        try:
            self._token = token or settings.secret("admin_token")
        except PermissionError:
            raise click.ClickException(
                f"sem permissão de ler o token da central em {settings.secrets_dir}; use o "
                "usuário que a ligou, ou um token seu: --token ARQUIVO"
            ) from None
        except OSError:
            raise click.ClickException(
                f"não há o token da central em {settings.secrets_dir}; ligue a central uma vez "
                "(central156 run), ou diga a pasta dela com --pasta"
            ) from None

    def get(self, path: str, **parameters: Any) -> Any:
        """What a GET answers."""
        return self._ask("GET", path, params=parameters)

    def fetch(self, path: str, seconds: Seconds, **parameters: Any) -> bytes:
        """What a GET answers within `seconds`, as it came. Raises CentreAway if nobody is there."""
        patience = httpx.Timeout(API_TIMEOUT, read=seconds)
        try:
            with self._client(patience) as client:
                answer = client.get(path, params=parameters)
        except httpx.ConnectError as error:
            raise CentreAway(self._away(error)) from None
        except httpx.TransportError as error:
            raise click.ClickException(self._away(error)) from None
        if not answer.is_success:
            _value(answer)
        return answer.content

    def post(self, path: str, body: Any = None, seconds: Seconds = API_TIMEOUT) -> Any:
        """What a POST answers, within `seconds`."""
        return self._ask("POST", path, seconds, json=body)

    def put(self, path: str, body: Any, seconds: Seconds = API_TIMEOUT) -> Any:
        """What a PUT answers, within `seconds`."""
        return self._ask("PUT", path, seconds, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """What a PATCH answers."""
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        """What a DELETE answers."""
        return self._ask("DELETE", path)

    def events(self, path: str) -> Iterator[tuple[str, Any]]:
        """Server-sent events as (name, value), for ever; ("away", None) while the centre is away.

        Raises click.ClickException when the first try fails, and for what is refused.
        """
        heard = False
        while True:
            try:
                for event in self._listen(path):
                    heard = True
                    yield event
            except httpx.TransportError as error:
                if not heard:
                    raise click.ClickException(self._away(error)) from None
            yield "away", None
            time.sleep(RETRY_WAIT)

    def _ask(self, method: str, path: str, seconds: Seconds = API_TIMEOUT, **more: Any) -> Any:
        try:
            with self._client(seconds) as client:
                answer = client.request(method, path, **more)
        except httpx.TransportError as error:
            raise click.ClickException(self._away(error)) from None
        return _value(answer)

    def _listen(self, path: str) -> Iterator[tuple[str, Any]]:
        patience = httpx.Timeout(API_TIMEOUT, read=WATCHER_HEARTBEAT * 2)
        with self._client(patience) as client, client.stream("GET", path) as answer:
            if not answer.is_success:
                answer.read()
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    _value(answer)
                return
            name = ""
            for line in answer.iter_lines():
                field, _, text = line.partition(": ")
                if field == "event":
                    name = text
                elif field == "data":
                    yield name, json.loads(text)

    def _client(self, patience: float | httpx.Timeout) -> httpx.Client:
        return httpx.Client(
            base_url=self._settings.api_url,
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=patience,
            trust_env=False,
        )

    def _away(self, error: httpx.TransportError) -> str:
        url = self._settings.api_url
        if isinstance(error, httpx.TimeoutException):
            return f"a central em {url} não respondeu a tempo; veja: {program()} doctor"
        return f"a central não está no ar em {url}; para ligar: {program()} run"


def _value(answer: httpx.Response) -> Any:
    try:
        value = answer.json()
    except ValueError:
        value = None
    if answer.is_success:
        return value
    text = value.get("erro") if isinstance(value, dict) else None
    raise click.ClickException(text or f"a central respondeu {answer.status_code}")
