"""What is served: versions that calls stand on, and orders that end by themselves."""

from __future__ import annotations

from dataclasses import replace

from acd.queues import QueueRule, QueueTable
from callflow.serving import Plans, Serving, ShortOrder
from ivr.announcements import INSTITUTIONAL, WHILE_WAITING, Announcement
from ivr.hours import Calendar, Hours
from ivr.menu import Case, Condition, DecideNode, EndNode, LinePlan
from ivr.texts import text_of
from terms.limits import VERSIONS_KEPT
from terms.names import QueueName, Skill

TABLE = QueueTable((QueueRule(QueueName("q"), "156", Skill("q")),))
NIGHT = Calendar({"noite": Hours(week=(((0, 360),),) * 7)})
NOON, AT_NIGHT = 1_790_002_800.0, 1_789_959_600.0  # 12:00 and 0:00 in the city


def plans(version: str, short_start: str = "", short_when: str = "") -> Plans:
    nodes = {name: EndNode(name) for name in ("inicio", "meio", "curto")}
    plan = LinePlan(
        "156", "inicio", nodes, TABLE.rules[0].name, short_start=short_start, short_when=short_when
    )
    standing = Announcement("fixo", "156", "meio", text_of("Fixo."), 0.0, 1e12, INSTITUTIONAL)
    return Plans({"156": plan}, version, NIGHT, announcements=(standing,), queues=TABLE)


def said(name: str, node: str, since: float = 0.0, until: float = 1e12) -> Announcement:
    return Announcement(name, "156", node, text_of(name), since, until, by="sofia")


def names(serving: Serving, at: float = NOON, line: str = "156") -> dict[str, list[str]]:
    found = serving.notices(line, at)
    return {node: [one.name for one in notices] for node, notices in sorted(found.items())}


def test_a_call_stays_on_the_version_that_it_began_on() -> None:
    first, second = plans("v1"), plans("v2")
    serving = Serving(first)
    serving.serve(second)
    assert serving.current is second
    assert serving.of("v1") is first
    assert serving.of("v9") is second
    assert serving.of("") is second
    assert serving.knows("v1")
    assert not serving.knows("v9")


def test_versions_that_nobody_asks_for_are_forgotten() -> None:
    serving = Serving(plans("v0"))
    for number in range(1, VERSIONS_KEPT + 10):
        serving.of("v0")  # somebody still waits on it
        serving.serve(plans(f"v{number}"))
    assert serving.of("v0").version == "v0"
    assert not serving.knows("v1")
    assert sum(serving.knows(f"v{n}") for n in range(VERSIONS_KEPT + 10)) == VERSIONS_KEPT + 1


def test_the_current_version_is_never_forgotten() -> None:
    serving = Serving(plans("v0"))
    for number in range(1, VERSIONS_KEPT + 10):
        serving.keep(plans(f"v{number}"))
    assert serving.of("v0") is serving.current


def test_versions_of_an_earlier_process() -> None:
    serving = Serving(plans("v2"), [plans("v0"), plans("v1")])
    assert [serving.of(version).version for version in ("v0", "v1", "v2")] == ["v0", "v1", "v2"]


def test_an_announcement_is_said_from_its_begin_to_its_end() -> None:
    serving = Serving(plans("v1"))
    serving.announce(said("chuva", "meio", NOON, NOON + 60))
    assert names(serving, NOON - 0.1) == {"meio": ["fixo"]}
    assert names(serving, NOON) == {"meio": ["chuva", "fixo"]}
    assert names(serving, NOON + 59.9) == {"meio": ["chuva", "fixo"]}
    assert names(serving, NOON + 60) == {"meio": ["fixo"]}
    assert names(serving, NOON, "199") == {}


def test_an_announcement_that_is_taken_back() -> None:
    serving = Serving(plans("v1"))
    serving.announce(said("chuva", WHILE_WAITING))
    assert names(serving) == {"meio": ["fixo"], WHILE_WAITING: ["chuva"]}
    serving.end_announcement("chuva")
    serving.end_announcement("chuva")
    assert names(serving) == {"meio": ["fixo"]}


def test_what_is_said_at_the_start_is_said_at_the_short_start_too() -> None:
    serving = Serving(plans("v1", short_start="curto"))
    serving.announce(said("chuva", "inicio"))
    assert names(serving) == {"curto": ["chuva"], "inicio": ["chuva"], "meio": ["fixo"]}


def test_an_announcement_for_a_node_that_was_published_away() -> None:
    serving = Serving(plans("v1"))
    serving.announce(said("chuva", "sumiu"))
    assert names(serving) == {"inicio": ["chuva"], "meio": ["fixo"]}


def test_an_announcement_at_a_decision_is_said_by_what_speaks_behind_it() -> None:
    case = Case((Condition("resumido", ("sim",)),), "curto")
    found = plans("v1")
    plan = found.lines["156"]
    nodes = {**plan.nodes, "inicio": DecideNode("inicio", (case,), "meio")}
    lines = {"156": replace(plan, nodes=nodes)}
    serving = Serving(replace(found, lines=lines))
    serving.announce(said("chuva", "sumiu"))
    assert names(serving) == {"curto": ["chuva"], "meio": ["chuva", "fixo"]}


def test_the_short_menu_by_order_and_by_hours() -> None:
    serving = Serving(plans("v1", "curto", "noite"))
    assert serving.short("156", AT_NIGHT)
    assert not serving.short("156", NOON)
    assert not serving.short("199", AT_NIGHT)
    serving.order_short(ShortOrder("156", NOON, NOON + 60, "sofia"))
    assert [serving.short("156", NOON + late) for late in (-1, 0, 59, 60)] == [
        False,
        True,
        True,
        False,
    ]
    serving.end_short("156")
    serving.end_short("156")
    assert not serving.short("156", NOON)
    assert serving.short_by_hours("156", AT_NIGHT)


def test_no_hours_make_no_menu_short() -> None:
    """Hours without a name would always be open."""
    assert not Serving(plans("v1", "curto")).short("156", AT_NIGHT)
