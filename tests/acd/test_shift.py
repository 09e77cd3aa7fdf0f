"""Shifts and the pauses planned in them (R41): what is refused and why, and what is proposed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work_scene import ANA, EIGHT, HOUR, MINUTE, Work

from acd import work_events as we
from acd.shift import Plan, Planned, faults, hour, propose
from terms.limits import SHORT_SHIFT
from terms.names import AgentName

LAWFUL = (("NR17-10a", 105), ("lanche-20", 180), ("NR17-10b", 270))


def _plan(*pauses: tuple[str, float], hours: float = 6.0) -> Plan:
    planned = sorted(Planned(EIGHT + minutes * MINUTE, reason) for reason, minutes in pauses)
    return Plan(EIGHT, EIGHT + hours * HOUR, tuple(planned))


def test_a_lawful_plan_has_no_fault() -> None:
    assert faults(_plan(*LAWFUL)) == []


WRONG = [
    (_plan(*LAWFUL[:2]), "falta a pausa NR17-10b"),
    (_plan(*LAWFUL[::2]), "falta a pausa lanche-20"),
    (_plan(("NR17-10a", 59), *LAWFUL[1:]), "das 08:59 fica nos primeiros 60 minutos"),
    (_plan(*LAWFUL[:2], ("NR17-10b", 291)), "das 12:51 fica nos últimos 60 minutos"),
    (_plan(*LAWFUL[:2], ("NR17-10b", 195)), "se sobrepõem"),
    (_plan(("NR17-10b", 105), ("lanche-20", 180), ("NR17-10a", 270)), "vem antes da NR17-10a"),
    (_plan(*LAWFUL, ("NR17-10a", 130)), "aparece mais de uma vez"),
    (_plan(*LAWFUL, ("banheiro", 130)), "não faz parte de um plano"),
    (_plan(*LAWFUL[::2], ("lanche-20", 345)), "fica fora do turno"),
    (_plan(*LAWFUL, hours=6.5), "mais de 6 horas"),
    (_plan(hours=0), "termina antes de começar"),
    (_plan(hours=4), "falta a pausa NR17-10a"),
]


@pytest.mark.parametrize(("plan", "told"), WRONG, ids=[told for _, told in WRONG])
def test_an_unlawful_plan_is_refused_with_its_reason(plan: Plan, told: str) -> None:
    assert any(told in one for one in faults(plan))
    work = Work()
    work.agent()
    assert told in work.refused(we.ShiftPlanned(ANA, plan))
    assert work.floor.agents[ANA].plans == ()


@pytest.mark.parametrize("minutes", [60, 290])
def test_the_edges_of_the_window_are_lawful(minutes: float) -> None:
    if minutes == 60:
        assert faults(_plan(("NR17-10a", 60), *LAWFUL[1:])) == []
    else:
        assert faults(_plan(*LAWFUL[:2], ("NR17-10b", 290))) == []


def test_a_plan_that_is_over_or_too_far_ahead_is_refused() -> None:
    work = Work()
    work.agent()
    plan = _plan(*LAWFUL)
    work.now += 7 * HOUR
    assert "já terminou" in work.refused(we.ShiftPlanned(ANA, plan))
    far = Plan(EIGHT + 40 * 24 * HOUR, EIGHT + 40 * 24 * HOUR + 4 * HOUR)
    far = propose({ANA: (far.begins, far.ends)})[ANA]
    assert "dias à frente" in work.refused(we.ShiftPlanned(ANA, far))


def test_tomorrows_plan_leaves_todays_and_todays_new_one_replaces_it() -> None:
    work = Work()
    ana = work.agent()
    today = _plan(*LAWFUL)
    tomorrow = propose({ANA: (EIGHT + 24 * HOUR, EIGHT + 30 * HOUR)})[ANA]
    work.tell(we.ShiftPlanned(ANA, tomorrow))
    work.tell(we.ShiftPlanned(ANA, today))
    assert ana.plans == (today, tomorrow)
    earlier = today.moved("NR17-10b", today.pauses[2].at - 600)
    work.tell(we.ShiftPlanned(ANA, earlier))
    assert ana.plans == (earlier, tomorrow)


shifts = st.dictionaries(
    st.integers(0, 999).map(lambda number: AgentName(f"a{number:03}")),
    st.tuples(st.integers(0, 48), st.sampled_from([2.75, 3.5, 4.0, 4.5, 5.0, 6.0])),
    min_size=1,
    max_size=40,
)


@given(shifts)
def test_every_proposal_is_lawful(found: dict[AgentName, tuple[int, float]]) -> None:
    wanted = {
        name: (EIGHT + begins * 30 * MINUTE, EIGHT + begins * 30 * MINUTE + hours * HOUR)
        for name, (begins, hours) in found.items()
    }
    plans = propose(wanted)
    assert set(plans) == set(wanted)
    for name, plan in plans.items():
        assert (plan.begins, plan.ends) == wanted[name]
        assert faults(plan) == []
        assert len(plan.pauses) == (1 if plan.ends - plan.begins <= SHORT_SHIFT else 3)
    assert propose(wanted) == plans


def test_pauses_are_staggered() -> None:
    team = {AgentName(f"a{number:02}"): (EIGHT, EIGHT + 6 * HOUR) for number in range(60)}
    plans = propose(team).values()
    resting = Counter(
        minute
        for plan in plans
        for one in plan.pauses
        for minute in range(int(one.at // 60), int(one.ends // 60))
    )
    # 60 × 40 minutes of rest in six hours: 6,7 at once if spread without a gap
    assert max(resting.values()) <= 12
    assert len({one.at for plan in plans for one in plan.pauses}) >= 15


def test_a_shift_that_no_plan_makes_lawful_is_told() -> None:
    with pytest.raises(ValueError, match="ana: o turno tem mais de 6 horas"):
        propose({ANA: (EIGHT, EIGHT + 7 * HOUR)})


def test_hours_are_the_citys() -> None:
    assert hour(EIGHT) == "08:00"
