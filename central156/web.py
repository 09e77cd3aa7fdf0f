"""The HTTP server of the API, inside the control process's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from central156.settings import Settings
from console.app import build_app, close_app
from console.ports import Centre
from terms.limits import HTTP_CLOSE_BUDGET, HTTP_CONNECTIONS

log = logging.getLogger(__name__)


class ServerFailed(Exception):
    """The API's port cannot be had; the text is Portuguese."""


class _Server(uvicorn.Server):
    """uvicorn, but the process's signals stay ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and SIGINT to whoever handles them."""
        yield


@dataclass(slots=True)
class Api:
    """The running API."""

    app: FastAPI
    server: _Server
    task: asyncio.Task[None]

    async def close(self) -> None:
        """End the live streams, let open requests finish, close the port."""
        close_app(self.app)
        self.server.should_exit = True
        await self.task


async def serve_api(settings: Settings, centre: Centre) -> Api:
    """Open the API on the settings' address and port. ServerFailed when that cannot be had."""
    app = build_app(centre)
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.bind,
            port=settings.http_port,
            log_config=None,
            access_log=False,  # the guard notes who asked for what, without what is personal
            server_header=False,
            lifespan="off",
            ws="none",
            limit_concurrency=HTTP_CONNECTIONS,
            timeout_graceful_shutdown=round(HTTP_CLOSE_BUDGET),
        )
    )
    task = asyncio.get_running_loop().create_task(_serve(server), name="api")
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    if not server.started:
        close_app(app)
        task.result()
        raise ServerFailed(f"a porta {settings.http_port} da API não pôde ser aberta")
    return Api(app, server, task)


async def _serve(server: _Server) -> None:
    try:
        await server.serve()
    except SystemExit:
        # uvicorn leaves the process when its port is taken; we say so instead.
        log.error("the API's port cannot be opened")
