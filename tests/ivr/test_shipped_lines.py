"""The city's own three lines as they are shipped: every branch of every tree is walked by a call
script that goes as it is written, and what the city asks of the texts holds."""

from __future__ import annotations

from functools import cache
from itertools import chain

import pytest
from house import CHECKOUT

from ivr.hiding import hide
from ivr.menu import LinePlan, MenuNode, Node, SurveyNode
from ivr.rehearsed import Rehearsed, coverage, rehearse
from ivr.texts import LANGUAGES, PORTUGUESE, Texts
from ivr.ways import branches, spoken
from reader import Dialplans, read_dialplans
from reader.script_file import Written, read_scripts
from terms.limits import SUBJECTS_MAX

DIALPLANS = CHECKOUT / "dialplans"
LETTERS_IN_25_SECONDS = 400
LETTERS_IN_7_SECONDS = 110


@cache
def shipped() -> Dialplans:
    return read_dialplans(DIALPLANS)


@cache
def rehearsed() -> tuple[tuple[Written, Rehearsed], ...]:
    scripts = read_scripts(DIALPLANS, shipped())
    return tuple((one, rehearse(shipped(), one.script)) for one in scripts)


def line(number: str) -> LinePlan:
    return shipped().lines[number]


def letters(texts: Texts, language: str = PORTUGUESE) -> int:
    return sum(len(text.plain(language)) for text in texts)


def test_every_call_goes_as_its_script_says() -> None:
    assert len(rehearsed()) > 150
    wrong = [
        f"{written.place(failure.part)}: {failure.message}"
        for written, done in rehearsed()
        for failure in done.failures
    ]
    assert wrong == []


def test_every_branch_of_every_tree_is_walked() -> None:
    found = coverage(shipped().lines, [done for _, done in rehearsed()])
    assert found.untaken == ()
    assert found.unreachable == ()
    every = {
        (number, name, branch)
        for number, plan in shipped().lines.items()
        for name, node in plan.nodes.items()
        for branch in branches(node)
    }
    assert found.taken == every


def test_every_direct_code_is_dialled_by_some_script() -> None:
    dialled = {
        step.keys
        for written, _ in rehearsed()
        for step in written.script.steps
        if hasattr(step, "keys")
    }
    assert set(line("156").codes) <= dialled


@pytest.mark.parametrize("number", ["156", "199", "153"])
def test_no_text_is_long(number: str) -> None:
    for part, texts in spoken(line(number)):
        if part[0] == "nodes":
            for language in LANGUAGES:
                assert letters(texts, language) <= LETTERS_IN_25_SECONDS, part


@pytest.mark.parametrize("number", ["199", "153"])
def test_who_is_in_danger_hears_little_before_a_person(number: str) -> None:
    plan = line(number)
    first = plan.nodes[plan.start]
    before = (*plan.waiting.before, *getattr(first, "text", ()))
    assert letters(before) <= LETTERS_IN_7_SECONDS
    assert "gravada" in plan.waiting.before[0].plain()
    assert not plan.waiting.speak_protocol
    assert not plan.defaults.protocol_key
    assert not plan.after


def test_156_says_that_it_records_why_and_where_to_read_more() -> None:
    for name in (line("156").start, line("156").short_start):
        words = said(line("156").nodes[name])
        assert "gravada para registrar o seu pedido" in words
        assert "aviso de privacidade está no portal" in words


def said(node: Node) -> str:
    texts: Texts = getattr(node, "text", ())
    return " ".join(text.plain() for text in texts)


def test_a_person_is_offered_in_words_at_every_menu_of_156() -> None:
    menus = [node for node in line("156").nodes.values() if isinstance(node, MenuNode)]
    assert len(menus) > 20
    for menu in menus:
        assert "9" in menu.options, menu.name
        assert {"nove", "nine."} & set(said(menu).replace("nove.", "nove").split()), menu.name
        assert len([key for key in menu.options if key not in "89"]) <= SUBJECTS_MAX


def test_the_survey_has_four_questions_in_every_language() -> None:
    survey = line("156").nodes[line("156").after]
    assert isinstance(survey, SurveyNode)
    assert len(survey.questions) == 4
    every = chain(survey.text, *(question.text for question in survey.questions))
    assert all(set(text.words) == set(LANGUAGES) for text in every)


def test_what_is_not_configured_is_not_offered() -> None:
    configured = frozenset(shipped().services) - {"sms_protocolo"}
    smaller, told = hide(line("156"), configured)
    menu = smaller.nodes["protocolo_situacao"]
    assert isinstance(menu, MenuNode)
    assert set(menu.options) == {"2", "9"}
    assert "mensagem" not in said(menu)
    assert "protocolo_mensagem" not in smaller.nodes
    assert len(told) == 1
