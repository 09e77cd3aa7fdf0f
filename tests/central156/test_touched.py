"""Whose callers a version touches: by what was read, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_menus import PaperWorkshop, menus, write

from acd.choice import ChoiceRule
from acd.queues import EmergencyReserve, QueueTable, Ring
from callflow.serving import Plans
from central156.touched import needs_second_person, touched
from ivr.announcements import Announcement
from ivr.hours import Calendar, Holidays, Hours
from ivr.menu import (
    Case,
    Condition,
    DecideNode,
    HandOverNode,
    LookUpNode,
    Node,
    TransferNode,
)
from ivr.texts import text_of
from terms.names import QueueName, Skill
from terms.services import ServiceSpec


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    return PaperWorkshop().read(write(tmp_path_factory.mktemp("menus") / "dialplans", menus()))


def with_node(plans: Plans, line: str, node: Node) -> Plans:
    plan = plans.lines[line]
    grown = replace(plan, nodes={**plan.nodes, node.name: node})
    return replace(plans, lines={**plans.lines, line: grown})


def with_rule(plans: Plans, name: str, **changes: object) -> Plans:
    rules = (
        replace(rule, **changes) if rule.name == name else rule  # type: ignore[arg-type]
        for rule in plans.queues.rules
    )
    return replace(plans, queues=QueueTable(tuple(rules)))


def test_what_is_the_same_touches_nobody(plans: Plans) -> None:
    assert touched(plans, replace(plans, version="outra")) == {}


def test_words_for_people_touch_nobody(plans: Plans) -> None:
    ring = Ring(8.0, (Skill("e153_ocorrencia"),))
    before = with_rule(plans, "e199_risco", rings=(ring,))
    after = with_rule(
        plans, "e199_risco", rings=(replace(ring, because="R24"),), because="24 horas"
    )
    assert touched(after, before) == {}


def test_a_rule_touches_its_own_line(plans: Plans) -> None:
    changed = with_rule(plans, "e199_risco", ring_seconds=9.0)
    assert touched(changed, plans) == {"199": ("as filas",)}
    assert needs_second_person(changed, plans) == ("199",)
    changed = with_rule(plans, "p156_geral", ring_seconds=9.0)
    assert touched(changed, plans) == {"156": ("as filas",)}
    assert needs_second_person(changed, plans) == ()


def test_how_the_choice_is_made_touches_every_line(plans: Plans) -> None:
    rules, reserve = plans.queues.rules, EmergencyReserve(4, 2, "Vêm juntas.")
    plain = replace(plans, queues=QueueTable(rules, ChoiceRule.INDEX))
    fifo = replace(plans, queues=QueueTable(rules, ChoiceRule.FIFO))
    what = "a regra que escolhe entre chamadas e atendentes"
    assert touched(fifo, plain) == {line: (what,) for line in sorted(plans.lines)}
    kept = replace(plans, queues=QueueTable(rules, ChoiceRule.INDEX, reserve))
    assert set(touched(kept, plain).values()) == {("o que se guarda para as emergências",)}
    words = replace(kept, queues=replace(kept.queues, reserve=replace(reserve, because="")))
    assert touched(words, kept) == {}


def test_a_rule_touches_the_lines_that_send_callers_there(plans: Plans) -> None:
    before = with_node(
        plans, "199", HandOverNode("passa", "156", QueueName("p156_geral"), 35, "elogio")
    )
    after = with_rule(before, "p156_geral", ring_seconds=9.0)
    assert needs_second_person(after, before) == ("199",)


def test_where_a_queue_overflows_counts(plans: Plans) -> None:
    before = with_rule(plans, "e153_ocorrencia", hours="dia", out_of_hours=QueueName("p156_geral"))
    after = with_rule(before, "p156_geral", wrap_up_seconds=1.0)
    assert touched(after, before) == {"153": ("as filas",), "156": ("as filas",)}


def test_only_the_hours_that_a_line_looks_at(plans: Plans) -> None:
    open_hours = Condition("horario", ("dia",))
    asks = DecideNode("decide", (Case((open_hours,), "risco"),), "risco")
    before = with_node(plans, "199", asks)
    day, night = Hours(week=(((0, 600),),) * 7), Hours(week=(((600, 1440),),) * 7)
    before = replace(before, calendar=Calendar({"dia": day, "noite": night}))
    other = replace(before, calendar=Calendar({"dia": day, "noite": day}))
    assert touched(other, before) == {}
    after = replace(before, calendar=Calendar({"dia": night, "noite": night}))
    assert touched(after, before) == {"199": ("o calendário",)}
    feast = Holidays(yearly={(1, 25): "aniversário"})
    after = replace(before, calendar=replace(before.calendar, holidays=feast))
    assert touched(after, before) == {}  # open as on any other day
    closed = {"dia": replace(day, holidays=()), "noite": night}
    before = replace(before, calendar=Calendar(closed))
    after = replace(before, calendar=replace(before.calendar, holidays=feast))
    assert touched(after, before) == {"199": ("o calendário",)}


def test_services_destinations_announcements_and_relay_numbers(plans: Plans) -> None:
    spec = ServiceSpec("situacao", "central")
    asks = LookUpNode("consulta", "situacao", {}, "geral", "geral", "geral")
    before = replace(with_node(plans, "156", asks), services={"situacao": spec})
    after = replace(before, services={"situacao": replace(spec, seconds=1.0), "outro": spec})
    assert touched(after, before) == {"156": ("as consultas",)}
    calls = TransferNode("liga", "bombeiros", "risco", "risco")
    before = replace(with_node(plans, "199", calls), destinations={"bombeiros": "193"})
    after = replace(before, destinations={"bombeiros": "1933", "outro": "1"})
    assert touched(after, before) == {"199": ("os destinos de transferência",)}
    told = Announcement("a", "153", "ocorrencia", text_of("Chove."), 0.0, 1.0)
    assert touched(replace(plans, announcements=(told,)), plans) == {"153": ("os avisos",)}
    everybody = touched(replace(plans, relay_numbers=("142",)), plans)
    assert set(everybody) == {"153", "156", "199"}


def test_what_another_line_hands_over_touches_the_receiving_line(plans: Plans) -> None:
    hands = HandOverNode("passa", "199", QueueName("e199_risco"), 200, "risco")
    changed = touched(with_node(plans, "156", hands), plans)
    assert changed["199"] == ("o que outras linhas lhe entregam",)


def test_a_line_that_is_new(plans: Plans) -> None:
    less = replace(plans, lines={"156": plans.lines["156"], "199": plans.lines["199"]})
    assert touched(plans, less) == {"153": ("a linha",)}
    assert touched(less, plans) == {"153": ("a linha",)}
