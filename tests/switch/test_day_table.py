"""The table of the day in miniature names every report: with numbers, or with why it has none."""

from __future__ import annotations

import pytest
from day_compare import same
from day_count import About, Between, Expected, around
from day_table import PER_MINUTE, TABLE, WITHOUT

from protocol_store.reports.catalogue import REPORTS


def test_every_report_is_compared_or_said_to_have_no_number() -> None:
    compared = {line.report for line in TABLE}
    assert compared & set(WITHOUT) == set()
    assert compared | set(WITHOUT) == set(REPORTS)
    assert {report for report, _ in PER_MINUTE} <= compared
    assert all(WITHOUT.values())


@pytest.mark.parametrize(
    ("told", "expected", "agree"),
    [
        (3, 3, True),
        (3, 4, False),
        ("sim", "não", False),
        (None, None, True),
        (0, None, False),
        (1.4, About(1.0, 0.5), True),
        (1.6, About(1.0, 0.5), False),
        (None, About(1.0, 0.5), False),
        (2, Between(2, 3), True),
        (4, Between(2, 3), False),
    ],
)
def test_agreement(told: object, expected: Expected, agree: bool) -> None:
    assert same(told, expected) is agree


def test_what_is_near_an_edge_may_be_on_either_side() -> None:
    assert around([1.0, 4.9, 5.1, 9.0], most=5.0, edge=0.4) == Between(1, 3)
    assert around([1.0, 4.9, 5.1, 9.0], most=float("inf"), least=5.0, edge=0.4) == Between(1, 3)
