"""The city's own three lines as they are shipped: keys in, turns out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import reader
from ivr import interpreter
from ivr.interpreter import JoinQueue, Listen, Turn
from ivr.menu import LinePlan, texts

DIALPLANS = Path(__file__).parents[2] / "dialplans"

OPENING = "SP156, Prefeitura de São Paulo. Esta ligação é gravada para registrar seu pedido."


@cache
def shipped() -> reader.Dialplans:
    return reader.read_dialplans(DIALPLANS)


def line(number: str) -> LinePlan:
    return shipped().lines[number]


def after(plan: LinePlan, keys: list[str]) -> Turn:
    turn = interpreter.enter(plan)
    for key in keys:
        assert isinstance(turn.then, Listen)
        turn = interpreter.heard(plan, turn.position, key)
    return turn


def test_156_opens_with_its_words_then_asks() -> None:
    opening, menu = after(line("156"), []), after(line("156"), [""])
    assert [say.text for say in opening.says] == [OPENING]
    assert len(menu.says) == 1
    assert menu.says[0].text.startswith("Rua, árvore, lixo ou barulho, tecle um.")
    assert menu.says[0].keys == "0123456789*"
    assert menu.then == Listen(7.0)


@pytest.mark.parametrize(
    ("keys", "queue", "priority", "note"),
    [
        (["", "1"], "p156_zeladoria", 40, "Rua, árvore, lixo ou barulho"),
        (["", "2"], "p156_transporte", 40, "Ônibus, Bilhete Único e trânsito"),
        (["", "3"], "p156_saude_animais", 45, "Saúde e animais"),
        (["", "9"], "p156_geral", 30, "Pediu um atendente"),
        (["1"], "p156_zeladoria", 40, "Rua, árvore, lixo ou barulho"),
        (["9"], "p156_geral", 30, "Pediu um atendente"),
        (["", "", ""], "p156_geral", 30, "não escolheu no menu"),
        (["", "7", "8"], "p156_geral", 30, "não escolheu no menu"),
        (["", "", "0"], "p156_geral", 30, "não escolheu no menu"),
        (["", "7", "2"], "p156_transporte", 40, "Ônibus, Bilhete Único e trânsito"),
        (["", "*", "3"], "p156_saude_animais", 45, "Saúde e animais"),
    ],
)
def test_156_leads_to_its_queues(keys: list[str], queue: str, priority: int, note: str) -> None:
    assert after(line("156"), keys).then == JoinQueue(queue, priority, note)


@pytest.mark.parametrize(
    ("number", "queue", "greeting", "again"),
    [
        (
            "199",
            "e199_risco",
            "Defesa Civil de São Paulo. Ligação gravada.",
            "Sua chamada está na frente. Não desligue. Se houver fogo, ligue 193.",
        ),
        (
            "153",
            "e153_ocorrencia",
            "Guarda Civil Metropolitana. Ligação gravada.",
            "Sua chamada está na frente. Não desligue. Se há arma ou ferido, ligue também 190 ou "
            "192.",
        ),
    ],
)
def test_emergencies_are_in_their_queue_from_the_answer_on(
    number: str, queue: str, greeting: str, again: str
) -> None:
    turn = after(line(number), [])
    assert isinstance(turn.then, JoinQueue)
    assert (turn.says, turn.then.queue, turn.then.priority) == ((), queue, 100)
    waiting = line(number).waiting
    assert waiting.before == (greeting,)
    assert waiting.repeat == (again,)
    assert waiting.every_seconds == 20.0
    assert not waiting.speak_protocol
    assert line(number).after == ()


def test_156_speaks_the_protocol_while_waiting_and_thanks_after() -> None:
    waiting = line("156").waiting
    assert (waiting.speak_protocol, waiting.protocol_text) == (True, ("Seu protocolo é",))
    assert "número do protocolo" in " ".join(line("156").after)


def test_every_queue_of_the_city_has_its_rule() -> None:
    rules = {rule.name: rule for rule in shipped().queues.rules}
    assert {name for name, rule in rules.items() if rule.emergency} == {
        "e199_risco",
        "e153_ocorrencia",
    }
    assert (rules["prova"].skill, rules["prova"].line) == ("prova", "156")
    assert shipped().queues.rule_for("nobody knows", "156").name == "p156_geral"


@pytest.mark.parametrize("number", ["156", "199", "153"])
def test_what_is_spoken_is_in_one_line_each(number: str) -> None:
    for text in texts(line(number)):
        assert text == " ".join(text.split())
        assert text


def test_the_version_is_that_of_the_contents(tmp_path: Path) -> None:
    for file in DIALPLANS.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    copied = reader.read_dialplans(tmp_path)
    assert copied.version == shipped().version
    assert len(copied.version) == 12
    with (tmp_path / "153.yaml").open("a") as file:
        file.write("# um comentário\n")
    assert reader.read_dialplans(tmp_path).version != copied.version
