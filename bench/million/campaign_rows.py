"""What the dialler did, as rows: campaigns, a list a day, its contacts, and every attempt at one.

As many attempts as the contract asks for (550,000 a month beside half a million calls), in the
hours in which campaigns may call, with answers, engaged tones and mailboxes as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from bench.million.bulk import Block, Words
from bench.million.rows import minutes
from protocol_store.campaign_rows import LIST_DIGITS, contact_id
from protocol_store.campaign_tables import (
    attempts,
    campaigns,
    contact_lists,
    contacts,
    trunk_days,
    trunk_months,
    trunk_operators,
)
from protocol_store.trunk_rows import day_of, month_of

PER_CALL: Final = 1.1
"""Attempts for each call that comes in."""

TRIES: Final = 1.6  # attempts at a contact
NAMES: Final = tuple(f"campanha_{number:02}" for number in range(20))
TRUNKS: Final = ("alfa", "beta", "gama")
AGENTS: Final = tuple(f"ativo{number:03}" for number in range(60))
RESULTS: Final = ("answered", "no_answer", "busy", "machine", "invalid", "unreachable", "held")
SHARES: Final = (0.30, 0.34, 0.10, 0.14, 0.04, 0.04, 0.04)
SAID: Final = ("", "confirma", "nao_ligar", "atendente")
SAID_SHARES: Final = (0.7, 0.24, 0.02, 0.04)
HOURS: Final = (9, 21)
SHORT: Final = 0.06


def campaign_blocks(calls: int, days: int, begins: float, seed: int) -> Iterator[Block]:
    """All tables of campaigns."""
    rng = np.random.default_rng(seed + 1)
    a_day = max(2, round(calls * PER_CALL / days))
    people = max(1, round(a_day / TRIES))
    lists = [f"{day:0{LIST_DIGITS}x}" for day in range(days)]
    whose = [NAMES[day % len(NAMES)] for day in range(days)]
    starts = begins + np.arange(days) * 86_400.0
    yield _campaigns(begins)
    yield Block(contact_lists, days, {
        "list": lists, "campaign": whose, "file": [f"{name}.csv" for name in lists],
        "digest": lists, "at": starts + 3_600.0, "by_whom": "bench", "contacts": people,
        "loaded_at": starts + 3_700.0,
    })  # fmt: skip
    carried: dict[tuple[str, int], list[int]] = {}
    for day in range(days):
        yield from _day(rng, lists[day], whose[day], starts[day], (a_day, people), carried)
    yield from _carried(carried)


def _campaigns(begins: float) -> Block:
    return Block(campaigns, len(NAMES), {
        "name": list(NAMES), "kind": "aviso", "mode": "progressivo",
        "body": [f"órgão {number % 7}" for number in range(len(NAMES))],
        "subject": [f"assunto {number % 5}" for number in range(len(NAMES))],
        "priority": 5, "file": "campanha: x", "state": "running",
        "made_at": np.full(len(NAMES), begins), "made_by": "bench",
        "changed_at": np.full(len(NAMES), begins), "changed_by": "bench",
    })  # fmt: skip


def _day(
    rng: np.random.Generator,
    list_name: str,
    campaign: str,
    start: float,
    sizes: tuple[int, int],
    carried: dict[tuple[str, int], list[int]],
) -> Iterator[Block]:
    """A list's contacts, each tried as often as it happens, on the list's day."""
    many, people = sizes
    who = np.sort(rng.integers(0, people, many))
    first = np.searchsorted(who, who, side="left")
    nth = np.arange(many) - first + 1
    at = np.round(start + (HOURS[0] + (HOURS[1] - HOURS[0]) * rng.random(many)) * 3_600.0, 3)
    result = rng.choice(len(RESULTS), many, p=SHARES)
    spoke = (result == 0) | (result == 3)
    short = spoke & (rng.random(many) < SHORT)
    talk = np.where(short, 4.0, np.round(10.0 + rng.exponential(90.0, many), 3))
    talk = np.where(spoke, talk, np.nan)
    over = np.round(at + 18.0 + np.where(spoke, talk, 0.0), 3)
    trunk = rng.integers(0, len(TRUNKS), many)
    names = [str(contact_id(list_name, int(line))) for line in range(people)]
    numbers = [f"119{int(list_name, 16) % 100:02}{line:06}" for line in range(people)]
    said = np.where(result == 0, rng.choice(len(SAID), many, p=SAID_SHARES), 0)
    yield _contacts(names, numbers, list_name, campaign, over, who, result, nth)
    yield Block(attempts, many, {
        "attempt": [f"{names[one]}-{count}" for one, count in zip(who, nth, strict=True)],
        "contact": [names[one] for one in who], "campaign": campaign,
        "number": [numbers[one] for one in who], "trunk": Words(TRUNKS, trunk),
        "agent": Words(AGENTS, rng.integers(0, len(AGENTS), many)), "ordered_at": at,
        "ordered_minute": minutes(at), "answered_at": np.where(spoke, at + 18.0, np.nan),
        "ended_at": over, "result": Words(RESULTS, result), "because": "", "talk_seconds": talk,
        "short": short, "said": Words(SAID, said), "advice": "",
    })  # fmt: skip
    for number, name in enumerate(TRUNKS):
        here = trunk == number
        carried[name, int(start)] = [
            int(np.count_nonzero(here)),
            int(np.count_nonzero(here & (result == 0))),
            int(np.count_nonzero(here & short)),
        ]


def _contacts(
    names: list[str], numbers: list[str], list_name: str, campaign: str, over: Any, who: Any,
    result: Any, nth: Any,
) -> Block:  # fmt: skip
    people = len(names)
    reached = np.zeros(people, dtype=bool)
    reached[who[result == 0]] = True
    tries = np.zeros(people, dtype=np.int64)
    np.maximum.at(tries, who, nth)
    changed = np.full(people, over.min())
    np.maximum.at(changed, who, over)
    return Block(contacts, people, {
        "contact": names, "campaign": campaign, "list": list_name,
        "line": np.arange(people), "number": numbers,
        "fields": '{"nome": "Fulano"}', "state": Words(("done", "again"), np.where(reached, 0, 1)),
        "ordered": tries, "results": "", "because": "", "changed_at": changed,
        "ending": Words(("reached",), np.where(reached, 0, -1)),
    })  # fmt: skip


def _carried(carried: dict[tuple[str, int], list[int]]) -> Iterator[Block]:
    months: dict[tuple[str, str], list[int]] = {}
    for (trunk, start), counts in carried.items():
        there = months.setdefault((trunk, month_of(start)), [0, 0, 0])
        months[trunk, month_of(start)] = [a + b for a, b in zip(there, counts, strict=True)]
    days = {(trunk, day_of(start)): counts for (trunk, start), counts in carried.items()}
    for table, span, found in ((trunk_months, "month", months), (trunk_days, "day", days)):
        rows = list(found.items())
        yield Block(table, len(rows), {
            "counted": [f"bench/{trunk}/{at}" for (trunk, at), _ in rows], "site": "bench",
            "trunk": [trunk for (trunk, _), _ in rows], span: [at for (_, at), _ in rows],
            "attempts": [one[0] for _, one in rows], "answered": [one[1] for _, one in rows],
            "short": [one[2] for _, one in rows],
        })  # fmt: skip
    yield Block(trunk_operators, len(TRUNKS), {
        "trunk": list(TRUNKS), "operator": ["Operadora A", "Operadora B", "Operadora B"],
    })  # fmt: skip
