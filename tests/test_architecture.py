"""Who may import whom. The imports are read, not run, so a wrong one is found wherever it hides:
in a function, under TYPE_CHECKING, in a file that nothing else loads."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from house import CHECKOUT, NO_ROOMS, ROOMS, built_rooms, room_files, shown, tree


def _names(text: str = "") -> frozenset[str]:
    return frozenset(text.split())


PURE_STANDARD = _names(
    "__future__ abc bisect collections dataclasses decimal difflib enum fractions functools "
    "hashlib heapq itertools json math operator re statistics string textwrap types typing "
    "unicodedata"
)
"""What a thinking room may take from Python itself: nothing that knows the time, chance, the disk
or the network."""

PURE_LIBRARIES = frozenset(
    {"holidays", "phonenumbers", "validate_docbr", "num2words", "sortedcontainers"}
)
CALENDAR = frozenset({"datetime", "zoneinfo"})
"""Pure as long as nobody asks them what time it is; see CLOCKS."""

ACTS = _names("asyncio multiprocessing random secrets socket subprocess threading time")
"""What a room that only reads files has no business with."""

CLOCKS = frozenset({"now", "utcnow", "today"})
DOORS = frozenset({"open", "print", "input", "exec", "eval", "__import__", "breakpoint"})
"""Built-in functions that reach out of the process, or hide an import from this test."""


@dataclass(frozen=True)
class Rule:
    """What one room may import beside itself. `standard` None: all of Python's own library."""

    rooms: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()
    standard: frozenset[str] | None = None
    never: frozenset[str] = frozenset()
    pure: bool = False


THINKS = Rule(_names("terms"), PURE_LIBRARIES, PURE_STANDARD | CALENDAR, pure=True)

RULES: dict[str, Rule] = {
    "terms": Rule(standard=PURE_STANDARD, pure=True),
    "ivr": THINKS,
    "acd": THINKS,
    "contract": THINKS,
    "dialer": THINKS,
    "reader": Rule(
        _names("terms ivr acd contract dialer"),
        _names("yaml pydantic holidays phonenumbers python_calamine"),
        never=ACTS,
    ),
    "pbx": Rule(_names("terms"), _names("panoramisk asterisk six")),
    "protocol_store": Rule(_names("terms acd.measures"), _names("sqlalchemy alembic psycopg")),
    "vault": Rule(_names("terms"), _names("cryptography soundfile numpy")),
    "papers": Rule(_names("terms"), _names("xlsxwriter odfdo docx defusedcsv")),
    "floor_mirror": Rule(_names("terms"), _names("asyncio_redis")),
    "outside": Rule(_names("terms"), _names("httpx sqlalchemy")),
    "sms": Rule(_names("terms"), _names("smpplib phonenumbers")),
    "voice": Rule(_names("terms"), _names("numpy onnxruntime num2words")),
    "phones": Rule(_names("terms"), _names("baresip numpy")),
    "console": Rule(
        _names("terms acd.measures"),
        _names("fastapi starlette pydantic prometheus_client uvicorn jinja2"),
    ),
    "callflow": Rule(
        _names("terms ivr acd dialer"),
        standard=PURE_STANDARD
        | CALENDAR
        | _names("asyncio contextlib logging pathlib urllib.parse"),
    ),
    "central156": Rule(
        frozenset(ROOMS),
        _names("click rich httpx uvloop uvicorn pydantic pydantic_settings fastapi graphviz"),
    ),
}
"""The table of ARCHITECTURE.md. YAML is in one row, SQL in one (and in the look-ups), and so on:
a library that two rooms need is a sign that a word is missing in terms/."""


def _imports(module: ast.Module, room: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield node.lineno, room
            else:
                # `from acd import measures` is an import of acd.measures.
                source = node.module or ""
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def offences(room: str, module: ast.Module) -> list[str]:
    """What a file of `room` imports or calls against the table, a sentence each."""
    rule, found = RULES[room], []
    for line, name in _imports(module, room):
        top = name.partition(".")[0]
        if top in ROOMS:
            if top != room and not _allowed(name, rule.rooms):
                found.append(f"line {line}: {room} may not import {name}")
        elif top in sys.stdlib_module_names:
            known = rule.standard is None or _allowed(name, rule.standard)
            if top in rule.never or not known:
                found.append(f"line {line}: {room} may not import {name}")
        elif top not in rule.libraries:
            found.append(f"line {line}: {room} may not import {name}")
    return found + (_impurities(room, module) if rule.pure else [])


def _allowed(name: str, allowed: frozenset[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def _impurities(room: str, module: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and node.id in DOORS:
            found.append(f"line {node.lineno}: {room} is pure and may not use {node.id}()")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if node.func.attr in CLOCKS and owner.rpartition(".")[2] in ("datetime", "date"):
                found.append(f"line {node.lineno}: {room} is pure and may not ask for the time")
    return found


def test_every_room_keeps_to_the_table() -> None:
    found = [
        f"{shown(file)}, {offence}"
        for room, file in room_files()
        for offence in offences(room, tree(file))
    ]
    assert not found, "\n".join(found)


def test_every_room_has_a_rule_and_every_package_is_a_room() -> None:
    assert set(RULES) == set(ROOMS)
    packages = {
        folder.name
        for folder in CHECKOUT.iterdir()
        if folder.is_dir() and not folder.name.startswith(".") and any(folder.glob("*.py"))
    }
    assert packages - NO_ROOMS <= set(ROOMS), "a folder that architecture.md does not name"
    assert {"terms", "acd", "callflow", "pbx", "protocol_store", "central156"} <= set(built_rooms())


def test_the_rooms_that_touch_the_world_do_not_meet() -> None:
    """Said twice on purpose: here without the table, so that a slip in the table is seen."""
    world = _names("pbx protocol_store vault papers floor_mirror outside sms voice phones console")
    thinking = {"ivr", "acd", "contract", "dialer"}
    for room in world:
        tops = {name.partition(".")[0] for name in RULES[room].rooms}
        assert not tops & (world | {"callflow", "central156", "reader"})
    for room in thinking | {"terms", "callflow"}:
        assert not RULES[room].rooms & (world | {"reader", "central156"})
    assert all("central156" not in rule.rooms for room, rule in RULES.items() if room in thinking)


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("terms", "import acd"),
        ("terms", "from callflow.place import Place"),
        ("terms", "import logging"),
        ("acd", "from ivr.menu import LinePlan"),
        ("acd", "def f():\n    import time\n    return time.time()"),
        ("acd", "from asyncio import sleep"),
        ("acd", "import random"),
        ("acd", "import os.path"),
        ("acd", "import socket as s"),
        ("acd", "import sqlalchemy"),
        ("acd", "import importlib"),
        ("acd", "x = __import__('time')"),
        ("acd", "from datetime import datetime\nx = datetime.now()"),
        ("ivr", "import datetime\nx = datetime.date.today()"),
        ("ivr", "text = open('menu.yaml').read()"),
        ("ivr", "import yaml"),
        ("ivr", "import logging"),
        ("reader", "import asyncio"),
        ("reader", "from protocol_store.store import Store"),
        ("pbx", "from protocol_store import Store"),
        ("pbx", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import callflow.ports"),
        ("pbx", "import yaml"),
        ("protocol_store", "from acd.floor import Floor"),
        ("protocol_store", "from acd import floor"),
        ("voice", "from pbx.configuration import PROMPT_NAMES"),
        ("console", "import sqlalchemy"),
        ("console", "from central156.settings import Settings"),
        ("callflow", "from pbx.agi_server import AgiServer"),
        ("callflow", "import time"),
        ("callflow", "import httpx"),
        ("central156", "import sqlalchemy"),
        ("central156", "import requests"),
    ],
)
def test_the_check_finds_what_is_forbidden(room: str, source: str) -> None:
    assert offences(room, ast.parse(source)), f"{source!r} passed in {room}"


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("terms", "from terms.names import CallId\nimport re"),
        ("acd", "from terms.names import CallId\nfrom acd.queues import Caller\nimport heapq"),
        ("ivr", "from datetime import time\nimport holidays"),
        ("reader", "import yaml\nfrom pydantic import BaseModel\nfrom ivr.menu import LinePlan"),
        ("pbx", "import asyncio, socket\nfrom panoramisk import Manager\nfrom . import ami"),
        ("protocol_store", "from acd.measures import mean\nfrom acd import measures"),
        ("callflow", "import asyncio\nfrom ivr import interpreter\nfrom acd.floor import Floor"),
        ("central156", "from pbx.agi_server import AgiServer\nimport uvloop"),
    ],
)
def test_the_check_lets_pass_what_is_allowed(room: str, source: str) -> None:
    assert offences(room, ast.parse(source)) == []
