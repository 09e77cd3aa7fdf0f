"""Small decisions with many cases: data as text, closed queues, relay numbers, the path."""

from __future__ import annotations

import pytest
from full_plan import ARVORE, NEVER, OUVIDORIA, TABLE
from hypothesis import given
from hypothesis import strategies as st
from line_fakes import GERAL

from acd.queues import QueueRule, QueueTable
from callflow.book import longer_path
from callflow.data import data_from_text, data_to_text
from callflow.hours import open_queue
from callflow.place import Place
from callflow.relay import is_relay
from ivr.hours import ALWAYS
from ivr.turn import JoinQueue, Position
from terms.facts import Kind
from terms.limits import DATA_BYTES
from terms.names import QueueName, Skill

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)


@given(st.dictionaries(NAMES, st.text(max_size=20), max_size=8))
def test_data_come_back_as_they_went(data: dict[str, str]) -> None:
    text = data_to_text(data)
    if len(text) < DATA_BYTES - 300:
        assert data_from_text(text) == data
    assert not set(text) & set('${}()[],;:"\\\n ')


@given(st.text())
def test_garbage_is_no_data_and_no_failure(text: str) -> None:
    assert isinstance(data_from_text(text), dict)


def test_what_does_not_fit_is_left_out() -> None:
    data = {f"dado{count}": "ç" * 120 for count in range(20)} | {"idioma": "en"}
    text = data_to_text(data)
    assert len(text) <= DATA_BYTES
    kept = data_from_text(text)
    assert kept["idioma"] == "en"
    assert kept.items() <= data.items()


def _rule(name: str, instead: str, priority: int) -> QueueRule:
    return QueueRule(
        QueueName(name), "156", Skill(name), priority, hours="h", out_of_hours=QueueName(instead)
    )


def test_closed_after_closed_ends_at_what_is_open_or_where_it_began() -> None:
    one, two = _rule("q1", "q2", 10), _rule("q2", "p156_geral", 20)
    table = QueueTable((one, two, GERAL))
    closed = type(NEVER)({"h": NEVER.hours["comercial"]})
    then = open_queue(JoinQueue(one.name, 10, "IPTU", "156"), table, closed, 0.0)
    assert (then.queue, then.priority) == (GERAL.name, GERAL.priority)
    assert then.note == "fora do horário: registrar — IPTU"
    circle = QueueTable((_rule("q1", "q2", 10), _rule("q2", "q1", 20)))
    assert open_queue(JoinQueue(one.name, 10, "", "156"), circle, closed, 0.0).queue == "q2"
    lost = QueueTable((_rule("q1", "nowhere", 10),))
    assert open_queue(JoinQueue(one.name, 10, "x", "156"), lost, closed, 0.0).queue == "q1"


def test_an_open_queue_is_joined_as_it_is() -> None:
    for name in (OUVIDORIA.name, ARVORE.name, QueueName("unknown")):
        then = JoinQueue(name, 7, "x", "156")
        assert open_queue(then, TABLE, ALWAYS, 0.0) is then


@pytest.mark.parametrize(
    ("caller", "listed", "same"),
    [
        ("142", "142", True),
        ("+551133334444", "11 3333-4444", True),
        ("01133334444", "+55 11 3333-4444", True),
        ("551133334444", "1133334444", True),
        ("33334444", "1133334444", False),
        ("anonymous", "142", False),
        ("", "", False),
        ("55991234567", "+5555991234567", True),  # region 55, not the country
    ],
)
def test_a_relay_number_however_it_is_written(caller: str, listed: str, same: bool) -> None:
    assert is_relay(caller, (listed,)) is same


def test_the_path_shows_what_was_chosen_and_never_what_was_typed() -> None:
    path = longer_path("", Kind.KEY_PRESSED, {"node": "menu", "key": "4"})
    path = longer_path(path, Kind.DIGITS_TYPED, {"node": "cpf", "digits": 11, "valid": True})
    path = longer_path(path, Kind.DIGITS_TYPED, {"node": "cpf", "digits": 0, "valid": False})
    path = longer_path(path, Kind.LOOKED_UP, {"node": "busca", "how": "achou"})
    path = longer_path(path, Kind.DATA_TYPED, {"node": "cpf", "value": "52998224725"})
    assert path == "menu:4/cpf:#/cpf:-/busca:achou"


def test_a_position_survives_the_channel() -> None:
    position = Position("nó_1", 1, 12, ("menu", "b"), "confirma", ("chuva", "na_espera"))
    place = Place(node=position.to_text(), note="fora do horário: registrar — IPTU")
    assert Place.from_text(place.to_text()) == place
