"""Where look-ups ask: each source of the settings as a room of `outside/`, the store as the source
`central`, and our own text messages as the source `sms`.

    settings.sources ─► SqlSource | HttpSource ─┐
    the protocol store ─► StoreSource ──────────┼─► Outside
    texts, where a carrier is set ─► SmsSource ─┘
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from central156.clock import now
from central156.setting_values import EXAMPLE_SOURCE
from central156.settings import Settings
from central156.sms_protocol import SOURCE as SMS
from central156.sms_protocol import SmsSource
from ivr.checker import nearest
from ivr.menu import HandOverNode, LinePlan, QueueNode
from outside import HttpSource, Outside, Question, Source, SqlSource, Trouble, create_example
from protocol_store import Store, StoreError
from terms.names import EMERGENCY_LINES
from terms.protocol_number import may_be_told
from terms.services import CENTRAL, ServiceSpec

log = logging.getLogger(__name__)

EXAMPLE = next(iter(EXAMPLE_SOURCE))
SQLITE = "sqlite:///"
WEB = ("http://", "https://")


class SourcesMistake(Exception):
    """A source of the settings cannot be used; the text says which and why, in Portuguese."""


class StoreSource:
    """The protocol store, asked by a service. It answers what anybody may hear (R53)."""

    def __init__(self, store: Store, public: Callable[[], Collection[str]]) -> None:
        self._store = store
        self._public = public

    async def ask(self, question: Question) -> Mapping[str, object] | None:
        """`protocolo`: the subject, the day and how it stands."""
        protocol = question.given["protocolo"]
        if not may_be_told(protocol):
            return None
        try:
            found = await self._store.public_status(protocol, self._public())
        except StoreError as problem:
            raise Trouble(f"registro: {type(problem).__name__}", gone=True) from None
        if found is None:
            return None
        return {
            "assunto": found.subject,
            "aberto_em": found.opened,
            "situacao": found.situation,
        }

    async def close(self) -> None:
        """The store is closed by who opened it."""


def configured_sources(settings: Settings) -> frozenset[str]:
    """The names that a service may have as its source."""
    texts = {SMS} if settings.sms_smpp or settings.sms_http else set()
    return frozenset({CENTRAL, *texts, *settings.sources})


def unconfigured(settings: Settings, specs: Mapping[str, ServiceSpec]) -> frozenset[str]:
    """The services that nobody would answer: what a menu offers of them is to be hidden."""
    known = configured_sources(settings)
    return frozenset(name for name, spec in specs.items() if spec.source not in known)


def unanswered(settings: Settings, specs: Mapping[str, ServiceSpec]) -> tuple[str, ...]:
    """Services that nobody would answer, a sentence each: whose source the settings lack, and
    who ask it in a language that it does not speak."""
    known, found = configured_sources(settings), []
    for name, spec in specs.items():
        address = settings.sources.get(spec.source, "")
        if spec.source not in known:
            hint = nearest(spec.source, known) or f" (há {', '.join(sorted(known))})"
            found.append(f"serviço {name!r}: nenhuma fonte se chama {spec.source!r}{hint}")
        elif spec.sql and address.startswith(WEB):
            found.append(f"serviço {name!r}: a fonte {spec.source!r} é HTTP; escreva caminho")
        elif spec.path and address and not address.startswith(WEB):
            found.append(f"serviço {name!r}: a fonte {spec.source!r} é um banco; escreva sql")
    return tuple(found)


@asynccontextmanager
async def open_outside(
    settings: Settings,
    store: Store,
    specs: Mapping[str, ServiceSpec],
    public: Callable[[], Collection[str]] = frozenset,
) -> AsyncIterator[Outside]:
    """The room with its sources, closed at the end. Nothing is connected before it is asked.

    `public`: the subjects that may be told of a protocol now, as `public_subjects` finds them;
    without it none is.
    Raises SourcesMistake for an address or a secret that cannot be used.
    """
    prepare_example(settings)
    sources: dict[str, Source] = {CENTRAL: StoreSource(store, public)}
    if SMS in configured_sources(settings):
        sources[SMS] = SmsSource(store, now, settings.out_area)
    sources.update(_sources(settings))
    outside = Outside(specs, sources)
    try:
        yield outside
    finally:
        await outside.close()


def public_subjects(lines: Mapping[str, LinePlan], discreet_queues: str) -> frozenset[str]:
    """The subjects (`assunto`) that may be told to whoever knows the protocol: those written at
    queues of 156 that are not discreet, and nowhere else."""
    discreet = frozenset(filter(None, map(str.strip, discreet_queues.split(","))))
    told: dict[bool, set[str]] = {True: set(), False: set()}
    for line, plan in lines.items():
        for node in plan.nodes.values():
            if isinstance(node, QueueNode | HandOverNode):
                to = node.line if isinstance(node, HandOverNode) else line
                may = node.queue not in discreet and not EMERGENCY_LINES & {line, to}
                told[may].add(node.note)
    return frozenset(told[True] - told[False] - {""})


def prepare_example(settings: Settings) -> None:
    """Make the example database, while the settings still name it. What is not there only fails
    when it is asked: a full disk must not keep the centre from starting."""
    if settings.sources.get(EXAMPLE) != EXAMPLE_SOURCE[EXAMPLE]:
        return
    try:
        create_example(_file(settings, EXAMPLE_SOURCE[EXAMPLE]))
    except (OSError, sqlite3.Error) as problem:
        log.warning("no example database", extra={"why": type(problem).__name__})


def _sources(settings: Settings) -> Iterator[tuple[str, Source]]:
    for name, address in settings.sources.items():
        try:
            yield name, _source(settings, address, _secret(settings, name))
        except ValueError as wrong:
            raise SourcesMistake(f"sources: {name}: {wrong}") from None


def _source(settings: Settings, address: str, secret: str) -> Source:
    if address.startswith(WEB):
        return HttpSource(address, _header(secret) if secret else None)
    if address.startswith(SQLITE):
        address = f"{SQLITE}{_file(settings, address)}"
    return SqlSource(address, secret)


def _file(settings: Settings, address: str) -> Path:
    """The file of a SQLite address; one without a leading / lies in the state folder."""
    return settings.state_dir / address.removeprefix(SQLITE)


def _secret(settings: Settings, name: str) -> str:
    """The password or token of a source; '' if it needs none."""
    path = settings.secrets_dir / f"source_{name}"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"não consigo ler {path}") from None
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"{path} deve ter uma só linha, sem acentos")
    return text


def _header(secret: str) -> tuple[str, str]:
    """`Nome: valor` as it stands; a bare token as a bearer's."""
    name, colon, value = secret.partition(": ")
    return (name, value) if colon else ("Authorization", f"Bearer {secret}")
