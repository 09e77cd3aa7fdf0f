"""Which announcements a line's callers hear at an instant, and in which order."""

from __future__ import annotations

from ivr.announcements import EMERGENCY, INSTITUTIONAL, Announcement, in_force
from ivr.texts import text_of


def one(name: str, kind: str, since: float, until: float, line: str = "156") -> Announcement:
    return Announcement(name, line, "principal", text_of(name), since, until, kind)


ALL = (
    one("vacina", INSTITUTIONAL, 0.0, 100.0),
    one("chuva", EMERGENCY, 50.0, 60.0),
    one("frio", EMERGENCY, 10.0, 60.0),
    one("outra", EMERGENCY, 0.0, 100.0, line="199"),
)


def heard(at: float) -> list[str]:
    return [notice.name for notice in in_force(ALL, "156", at).get("principal", ())]


def test_from_the_beginning_and_before_the_end() -> None:
    assert heard(9.9) == ["vacina"]
    assert heard(10.0) == ["frio", "vacina"]
    assert heard(59.9) == ["frio", "chuva", "vacina"]
    assert heard(60.0) == ["vacina"]
    assert heard(100.0) == []


def test_emergencies_go_first_and_lines_do_not_mix() -> None:
    assert in_force(ALL, "199", 55.0)["principal"][0].name == "outra"
    assert in_force(ALL, "153", 55.0) == {}
