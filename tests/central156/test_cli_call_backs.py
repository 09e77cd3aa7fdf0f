"""Every fact and word of call-backs is told in Portuguese, and tasks say how they were closed."""

from __future__ import annotations

from typing import Any

import pytest

from central156.cli.story_call_backs import CALL_BACKS, HOW, OVER, RESULTS, goes_on
from central156.cli.tasks import _standing
from terms.facts import Kind
from terms.outcome import Kept, Tried


def test_every_word_has_its_portuguese() -> None:
    assert set(RESULTS) == {str(one) for one in Tried}
    assert set(OVER) == {str(one) for one in Kept}
    assert set(HOW) == {"redial", "returned", "call_back"}
    ours = {str(kind) for kind in Kind if str(kind).startswith("call_back_")}
    assert set(CALL_BACKS) == ours | {"call_resumed", "task_closed"}


@pytest.mark.parametrize("kind", sorted(CALL_BACKS))
def test_every_fact_is_told_whatever_it_lacks(kind: str) -> None:
    said = {"how": "x", "result": "x", "on": True, "queue": "q", "mark": "m", "of_call": "c"}
    assert "None" not in CALL_BACKS[kind]("ana", said)


def test_where_the_case_went_on() -> None:
    one = {"arrived_at": 1_790_000_000.0, "outcome": "served", "call": "boot-2"}
    (line,) = goes_on({"goes_on": [one]})
    assert "boot-2" in line
    assert list(goes_on({})) == []


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"done_at": None, "due_at": None}, "aberta"),
        ({"done_at": None, "due_at": 4e9}, "aberta"),
        ({"done_at": None, "due_at": 1_790_000_000.0}, "vencida"),
        ({"done_at": 1.0, "due_at": 0.5, "result": "falou", "done_by": "sofia"}, "falou (sofia)"),
    ],
)
def test_what_is_overdue_is_told(task: dict[str, Any], said: str) -> None:
    assert _standing(task) == said
