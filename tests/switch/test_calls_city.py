"""A hundred contacts and ten agents beside callers; the stop; an emergency; who picks up: counted
by the public network's own log (R63–R67). A thousand are in tests/soak."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from call_back_bed import calling_centre
from calls_bed import instant_of
from campaign_bed import SHOWN, Campaign, campaign, number
from centre_bed import Centre, until
from city_bed import WAYS, Subscriber, city, hall, hire
from city_checks import (
    as_the_network_says,
    as_the_reports_say,
    callers_went_first,
    dialled_of_month,
    heard_in_time,
    never_too_often,
    of_number,
    quiet_since,
)
from house import CHECKOUT
from public_network import NEVER

from bench import phones
from reader.campaign_file import read_campaign

pytestmark = pytest.mark.switch

PORTS, RTP = 20400, 35000
AGENTS = 10
IN_TEN = (0, 1, 2, 3, 4, 5, 0, 1, 6, 8)
ONCE = (7, 7, 7, 7, 9)
"""Who is in every ten contacts; and those of whom few are enough, for they take long."""

STOPS_WITHIN = 1.0
BEHIND = 0.1
"""Seconds by which what was decided before a caller came may be written down after it."""

EXAMPLE = CHECKOUT / "dialplans" / "campanhas" / "aviso_de_obra.yaml"
ROADWORKS = read_campaign(EXAMPLE.read_bytes(), EXAMPLE.name)
NOTICE = (
    f"fala: '{ROADWORKS.spoken}'\n"
    "teclas: {1: confirma, 2: repete, 9: atendente, 0: nao_ligar}\ntentativas: 1\n"
)
ALL_RING = {7: Subscriber(ring=NEVER)}
LISTENED = {
    0: Subscriber(says="alo", talk=6.0),
    1: Subscriber(ring=0.02, says="alo", talk=0.6),
    2: Subscriber(ring=2.5, says="alo", talk=6.0),
    3: Subscriber(says="recado", talk=9.0),
    4: Subscriber(says="fax", after=1.0),
    5: Subscriber(says="nada", talk=9.0),
    6: WAYS[6],
    7: WAYS[7],
    8: WAYS[8],
    9: WAYS[9],
}
"""Who speaks, and who does not: a person, one in a hurry, one who is slow, a mailbox, a fax, and
somebody who says nothing."""

RESULTS = {
    **{0: "answered", 1: "answered", 2: "answered", 3: "machine", 4: "fax", 5: "silent"},
    **{6: "busy", 7: "no_answer", 8: "invalid", 9: "shut"},
}
SPOKEN_TO = (0, 2, 3, 5)
"""Who has heard something of the text: theirs is a call with a protocol."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    given = {"CENTRAL156_WHISPER": "false", "CENTRAL156_OUT_PER_SECOND": "10"}
    with calling_centre(tmp_path_factory.mktemp("city"), PORTS, RTP, **given) as running:
        yield running


@pytest.fixture(scope="module")
def agents(centre: Centre) -> list[str]:
    return hire(centre, AGENTS)


def _callers(centre: Centre, line: str, count: int, stay: float, rate: float) -> phones.Sipp:
    """Citizens who call in, one after the other, and hang up after so long."""
    return phones.citizens_call(
        centre.folder,
        f"citizens-{line}-{time.monotonic_ns()}",
        line,
        centre.settings.trunk_port,
        PORTS + 100,
        PORTS + 110,
        rate=rate,
        at_once=count,
        total=count,
        key=("9", 800) if line == "156" else None,
        leave=round(stay * 1000),
    )


def test_a_hundred_contacts_beside_callers(
    centre: Centre, agents: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    digits = IN_TEN * 10
    numbers = [number(last) for last in (*ONCE, *digits[len(ONCE) :])]
    since, before = time.time(), dialled_of_month(centre)
    with city(centre) as town, hall(centre, agents):
        made = campaign(centre, numbers)
        made.act("start")
        inbound = _callers(centre, "156", 12, 3.0, 0.5)
        until(made.over, 60, "every contact tried")
        took = time.time() - since
        made.act("stop", because="fim do teste")
        inbound.wait(15)
        rings, delays = town.rings(), town.delays()
    never_too_often(made, rings)
    as_the_network_says(made, rings)
    as_the_reports_say(made, rings, since)
    assert all(SHOWN in one.trace.invite.header("From") for one in rings)
    reached_for = sum(one.code != 503 for one in rings)
    assert dialled_of_month(centre) - before == reached_for
    heard = heard_in_time(delays)
    most = callers_went_first(made, BEHIND, 12)
    with capsys.disabled():
        print(f"\n{len(rings)} calls in {took:.0f} s; the agent is heard after {heard} s; "
              f"a caller found an agent after {most:.1f} s at most")  # fmt: skip


def test_stop_and_an_emergency_while_telephones_ring(centre: Centre, agents: list[str]) -> None:
    with city(centre, ALL_RING) as town, hall(centre, agents):
        made = campaign(centre, [number(7) for _ in range(2 * AGENTS)])
        made.act("start")
        until(lambda: town.ringing() == AGENTS, 10, "all agents at work")
        caller, asked = _callers(centre, "199", 1, 3.0, 1.0), time.time()
        row = until(lambda: _of_line(centre, "199", asked), 5, "the emergency's place")
        waits = instant_of(row["queued_at"])
        time.sleep(STOPS_WITHIN + 0.5)
        _, rang = quiet_since(town.rings(), waits, within=STOPS_WITHIN)
        assert rang == AGENTS
        caller.wait(10)
        until(lambda: town.ringing() == AGENTS, 15, "the campaign goes on")
        began = instant_of(_of_line(centre, "199", asked)["ended_at"])
        assert not [one for one in town.rings() if waits < one.at < began]
        stopped = time.time()
        made.act("stop", because="fim do teste")
        assert time.time() - stopped < STOPS_WITHIN
        time.sleep(STOPS_WITHIN + 0.5)
        _, rang = quiet_since(town.rings(), stopped, within=STOPS_WITHIN)
        assert rang == AGENTS
    assert {row["result"] for row in made.attempts()} == {"lost"}
    assert all(len(several) == 1 for several in of_number(town.rings()).values())


def _of_line(centre: Centre, line: str, since: float) -> dict[str, str]:
    rows = centre.rows("SELECT * FROM calls WHERE line = ? AND entry = ?", line, line)
    found = [row for row in rows if row["queued_at"] and instant_of(row["queued_at"]) > since]
    return found[-1] if found else {}


def test_notices_stop_while_thirty_ring(centre: Centre) -> None:
    with city(centre, ALL_RING) as town:
        made = campaign(
            centre, [number(7) for _ in range(60)], mode="aviso", kind="aviso", more=NOTICE
        )
        made.act("start")
        until(lambda: town.ringing() >= 30, 10, "thirty ring")
        stopped = time.time()
        made.act("stop", because="fim do teste")
        assert time.time() - stopped < STOPS_WITHIN
        time.sleep(STOPS_WITHIN + 0.5)
        _, rang = quiet_since(town.rings(), stopped, within=STOPS_WITHIN)
        assert rang >= 30
    state = centre.get(f"/v1/campaigns/{made.name}")["state"]
    assert state == "done"
    assert not [row for row in made.attempts() if row["ended_at"] is None]


def test_who_picks_up_is_told_apart(centre: Centre) -> None:
    numbers = [number(last) for last in (0, 3, 1, 6, 4, 7, 5, 8, 2, 0, 3, 4, 5, 9)]
    with city(centre, LISTENED) as town:
        made = campaign(centre, numbers, mode="aviso", kind="aviso", more=NOTICE)
        made.act("start")
        until(made.over, 45, "every contact tried")
        made.act("stop", because="fim do teste")
        rings = town.rings()
    never_too_often(made, rings)
    found = {row["number"]: row["result"] for row in made.attempts()}
    assert found == {one: RESULTS[int(one[-1])] for one in numbers}
    for row in made.attempts():
        if int(row["number"][-1]) in SPOKEN_TO:
            (call,) = centre.rows("SELECT * FROM calls WHERE call_id = ?", row["call_id"])
            assert (call["campaign"], bool(call["protocol"])) == (made.name, True)
    _in_the_file(made)


def _in_the_file(made: Campaign) -> None:
    """What becomes of each contact."""
    for one, row in made.contacts().items():
        last = int(one[-1])
        if RESULTS[last] == "answered":
            assert row["ending"] == "reached"
        elif RESULTS[last] in ("invalid", "fax"):
            assert row["ending"] == "wrong_number"
        elif RESULTS[last] == "shut":
            assert row["state"] == "again"
        else:
            assert row["ending"] == "exhausted"  # one attempt is all that this campaign makes
