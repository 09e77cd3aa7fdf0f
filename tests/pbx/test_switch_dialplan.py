"""The dialplan's door, loop and gate, with a control that does as the test says."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator

import pytest
from fake_ami import Listener
from scripted_control import Step, scripted_control
from sipp_phones import AgentPhone, sipp_call, start_calls
from switchbed import (
    ACTIONS_SECRET,
    EVENTS_SECRET,
    LOOPBACK,
    PROOF_MARK,
    TEST_MARK,
    Bed,
    switch_bed,
)

from pbx.ami_link import AmiLink
from terms.signals import CallRefused

pytestmark = pytest.mark.switch

EPOCH = "7"
COLLECT = "P-Asserted-Service-Info: Backward collect call"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    folder = tmp_path_factory.mktemp("dialplan")
    with switch_bed(folder, 16320, 31800, cap_156=2, ring_seconds=2.0) as bed:
        bed.ask(f"dialplan set global C156_EPOCH {EPOCH}")
        yield bed


@pytest.fixture
def ana(bed: Bed) -> Iterator[AgentPhone]:
    phone = AgentPhone(bed, "ana")
    phone.register()
    yield phone
    bed.wait_until_quiet(10.0)


def ends(_: Step) -> dict[str, str]:
    return {"C156_DO": "end"}


def dials(agent: str = "ana", epoch: str = EPOCH, **more: str) -> dict[str, str]:
    return {"C156_AGENT": agent, "C156_EPOCH": epoch, "C156_SHOW": "156 teste 123",
            "C156_STAGE": f"offered:7-1:{agent}", **more, "C156_DO": "dial"}  # fmt: skip


def dials_once(step: Step) -> dict[str, str]:
    """Dial ana on the first knock of a call; end on the next."""
    return ends(step) if step.told["stage"].startswith("offered") else dials()


def one_call(bed: Bed, number: str = "199", **how: object) -> list[dict[str, str]]:
    """The knocks of one call that is dialled to ana once."""
    with scripted_control(bed.settings.agi_port, dials_once) as control:
        sipp_call(bed, number, **how)
        return control.steps


# --- the door ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "code"),
    [("90156", 403), ("90199", 403), ("90153", 403), ("9008000110156", 403), ("157", 404),
     ("s", 404), ("1560", 404), ("*11", 404), ("ana", 404), ("c156-156", 404), ("T", 404)],
)  # fmt: skip
def test_what_may_not_be_dialled(bed: Bed, number: str, code: int) -> None:
    assert sipp_call(bed, number, expect=code).code == code


@pytest.mark.parametrize("number", ["156", "199"])
def test_a_collect_call_marked_by_header_is_refused(bed: Bed, number: str) -> None:
    assert sipp_call(bed, number, headers=[COLLECT], expect=403).code == 403
    assert sipp_call(bed, number, headers=[COLLECT.upper()], expect=403).code == 403


@pytest.mark.parametrize(
    ("number", "line"), [("156", "156"), ("08000110156", "156"), ("199", "199"), ("153", "153")]
)
def test_the_number_dialled_chooses_the_line(bed: Bed, number: str, line: str) -> None:
    with scripted_control(bed.settings.agi_port, ends) as control:
        call = sipp_call(bed, number, caller="1133334444")
    (told,) = control.steps
    assert (call.code, told["line"], told["entry"]) == (200, line, number)
    assert (told["caller"], told["test"], told["stage"]) == ("1133334444", "", "arrived")
    assert re.fullmatch(r"n1-[0-9a-z]+-\d+\.\d+", told["call"])


@pytest.mark.parametrize(
    ("mark", "test"),
    [(TEST_MARK, "1"), (PROOF_MARK, "proof"), ("other", ""), (TEST_MARK + "0", "")],
)
def test_our_own_calls_show_a_secret(bed: Bed, mark: str, test: str) -> None:
    with scripted_control(bed.settings.agi_port, ends) as control:
        sipp_call(bed, "156", headers=[f"X-Central156-Test: {mark}"])
    assert control.steps[0]["test"] == test


def test_156_has_a_cap_and_199_has_none(bed: Bed) -> None:
    def holds(_: Step) -> dict[str, str]:
        time.sleep(1.5)
        return {"C156_DO": "end"}

    with scripted_control(bed.settings.agi_port, holds) as control:
        two = start_calls(bed, "156", times=2)
        control.wait_for(2)
        assert bed.switch.calls_in_course() == 2
        assert sipp_call(bed, "156", expect=503).code == 503
        assert sipp_call(bed, "199").code == 200
        two.wait(10.0)


async def test_whom_the_cap_turns_away_is_told_apart_from_our_own_trials(bed: Bed) -> None:
    """R75: what the carrier could not deliver is another thing."""

    def holds(_: Step) -> dict[str, str]:
        time.sleep(2.5)
        return {"C156_DO": "end"}

    users = (("c156-events", EVENTS_SECRET), ("c156-actions", ACTIONS_SECRET))
    link = AmiLink(LOOPBACK, bed.settings.ami_port, *users, time.time)
    trial = [f"X-Central156-Test: {TEST_MARK}"]
    async with Listener(link) as listener:
        heard = await listener.up()
        with scripted_control(bed.settings.agi_port, holds) as control:
            two = start_calls(bed, "156", times=2)
            await asyncio.to_thread(control.wait_for, 2)
            await asyncio.to_thread(sipp_call, bed, "156", expect=503)
            await asyncio.to_thread(sipp_call, bed, "156", expect=503, headers=trial)
            await heard.until(CallRefused, 2)
            await asyncio.to_thread(two.wait, 10.0)
        told = [one for one in heard.of(CallRefused) if isinstance(one, CallRefused)]
    assert [(one.line, one.because, one.test) for one in told] == [
        ("156", "cap", False),
        ("156", "cap", True),
    ]


NUMBERS = [
    ("<sip:11987654321@h>", "11987654321"),
    ("sip:+5511987654321@127.0.0.1", "+5511987654321"),
    ("<tel:+5511999998888>", "+5511999998888"),
    ("<sip:11987654321;phone-context=+55@h>", "11987654321"),
    ('"um nome" <sip:1133334444@h;user=phone>', "1133334444"),
    ('"a <sip:123@x>" <sip:1133334444@h>', "1133334444"),
    ('"${EPOCH}" <sip:1122223333@h>;x="<sip:190@q>"', "1122223333"),
]
HOSTILE = [
    '"ana" <sip:ana@h>',
    "<sip:1198765%0d%0aAction%3aHangup@h>",
    '"x?y:z" <sip:123?Hangup:456@h>',
    "<sip:12@h>",
    "<sip:1234567890123456@h>",
    "<sip:anonymous@anonymous.invalid>",
    "<sip:119,87@h>",
    "<sip:h>",
    '"\\"q <sip:123@h>" <sip:1&2@h>',
    "<sip:$%7bSHELL(id)%7d@h>",
    "<sip:hangup@h>",
    "<sip:%31%39%30%00@h>",
    "<sip:" + "1" * 200 + "@h>",
    '"' + "n" * 500 + '" <sip:nome%22%3e@h>',
]


@pytest.mark.parametrize(
    ("header", "caller"), [*NUMBERS, *((header, "anonymous") for header in HOSTILE)]
)
def test_a_caller_is_a_number_or_nobody(bed: Bed, header: str, caller: str) -> None:
    with scripted_control(bed.settings.agi_port, ends) as control:
        assert sipp_call(bed, "153", from_header=header).code == 200
    assert [step["caller"] for step in control.steps] == [caller]


def test_what_is_no_sip_at_all_harms_nobody(bed: Bed) -> None:
    junk = [b"", b"\0" * 1000, b"INVITE sip:156@h SIP/2.0\r\n\r\n", b"\xff" * 60_000,
            b"INVITE sip:156@h SIP/2.0\r\nFrom: <sip:${SHELL(id)}@h>\r\n\r\n"]  # fmt: skip
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in junk * 20:
            sender.sendto(packet, (LOOPBACK, bed.settings.trunk_port))
    assert bed.channels() == 0
    with scripted_control(bed.settings.agi_port, ends):
        assert sipp_call(bed, "199").code == 200


def test_an_agent_dials_codes_and_nothing_else(bed: Bed, ana: AgentPhone) -> None:
    assert ana.dial("*11").code == 200
    assert "ana" in bed.ask("queue show c156-199")
    assert ana.dial("*13").code == 200
    assert "paused" in bed.ask("queue show c156-156")
    assert ana.dial("*14").code == 200
    assert "paused" not in bed.ask("queue show c156-156")
    assert ana.dial("*12").code == 200
    assert "ana" not in bed.ask("queue show c156-199")
    for number in ("0", "011987654321", "bia", "*10", "*19"):
        assert ana.dial(number).code == 404


# --- the loop and the gate --------------------------------------------------------------------


def test_an_agent_is_rung_and_the_loop_goes_on(bed: Bed, ana: AgentPhone) -> None:
    with ana.listening(talk=1.0) as run:
        first, second = one_call(bed, caller="1133334444")
        (rung,) = run.calls()
    assert first["call"] == second["call"]
    assert (second["stage"], second["dialstatus"]) == ("offered:7-1:ana", "ANSWER")
    assert 900 <= int(second["answered_ms"]) <= 1500
    assert rung.invite.header("From").startswith('"156 teste 123" <sip:1133334444@')
    bed.wait_until_quiet()
    assert bed.recording(first["call"])


PREDICTIVE = {"C156_BY_ITSELF": "1", "C156_ENTRY": "campanha", "C156_OUT_KIND": "preditivo"}


@pytest.mark.parametrize("missing", ["", *PREDICTIVE])
def test_no_phone_is_asked_to_answer_a_citizens_call(
    bed: Bed, ana: AgentPhone, missing: str
) -> None:
    """Only if all three say that it is a predictive call: no one mistake of control's is enough."""
    more = {name: value for name, value in PREDICTIVE.items() if name != missing}

    def script(step: Step) -> dict[str, str]:
        again = step.told["stage"].startswith("offered")
        return ends(step) if again else dials(C156_RING="1.5", **more)

    with ana.listening(talk=0.3) as run, scripted_control(bed.settings.agi_port, script):
        sipp_call(bed, "199")
        (rung,) = run.calls()
    assert ("answer-after=0" in rung.invite.header("Call-Info")) is (not missing)
    assert ("info=alert-autoanswer" in rung.invite.header("Alert-Info")) is (not missing)


@pytest.mark.parametrize(
    ("phone", "status"),
    [({"answer": 486}, "BUSY"), ({"answer": 603}, "BUSY"), ({"answer": 480}, "NOANSWER"),
     ({"answer": 503}, "CONGESTION"), ({"ring": 60.0}, "NOANSWER")],
)  # fmt: skip
def test_how_a_dial_can_fail(
    bed: Bed, ana: AgentPhone, phone: dict[str, object], status: str
) -> None:
    with ana.listening(**phone):
        assert [step["dialstatus"] for step in one_call(bed)] == ["", status]


def test_an_agent_without_a_phone_is_told_at_once(bed: Bed, ana: AgentPhone) -> None:
    ana.register(0)
    began = time.monotonic()
    assert [step["dialstatus"] for step in one_call(bed)] == ["", "CHANUNAVAIL"]
    assert time.monotonic() - began < 2


def test_the_gate_is_shut_for_another_epoch(bed: Bed, ana: AgentPhone) -> None:
    def old(step: Step) -> dict[str, str]:
        return ends(step) if step.told["stage"].startswith("offered") else dials(epoch="6")

    with ana.listening() as run, scripted_control(bed.settings.agi_port, old) as control:
        sipp_call(bed, "199")
        assert [step["dialstatus"] for step in control.steps] == ["", "GATE"]
        assert run.calls() == []


def test_an_agent_is_never_rung_for_two_at_once(bed: Bed, ana: AgentPhone) -> None:
    with ana.listening(ring=0.5, talk=1.0) as run:
        with scripted_control(bed.settings.agi_port, dials_once) as control:
            start_calls(bed, "199", times=6, rate=1000.0).wait(15.0)
        rung = run.calls()
    results = [step["dialstatus"] for step in control.steps if step["dialstatus"]]
    assert len(rung) <= 1
    assert sorted(results) == ["ANSWER"] * len(rung) + ["GATE"] * (6 - len(rung))


def test_a_gate_that_was_passed_opens_again(bed: Bed, ana: AgentPhone) -> None:
    for _ in range(3):
        with ana.listening(talk=0.3):
            assert one_call(bed)[-1]["dialstatus"] == "ANSWER"


def test_a_caller_who_leaves_while_it_rings_stops_the_ringing(bed: Bed, ana: AgentPhone) -> None:
    with ana.listening(ring=30.0) as run:
        one_call(bed, hang_up_after=0.7)
        bed.wait_until_quiet(1.0)
        assert any(message.is_request("CANCEL") for message in run.calls()[0].messages)


# --- control that fails -----------------------------------------------------------------------


def test_a_step_that_broke_off_is_tried_again(bed: Bed) -> None:
    def breaks_off_thrice(step: Step) -> dict[str, str] | None:
        return ends(step) if step.told["fails"] == "3" else None

    with scripted_control(bed.settings.agi_port, breaks_off_thrice) as control:
        call = sipp_call(bed, "156")
    assert [step["fails"] for step in control.steps] == ["0", "1", "2", "3"]
    assert call.bye is not None
    assert call.bye.at - call.answered_at < 2.0


def test_a_step_that_hangs_once_is_left_and_knocked_again(bed: Bed) -> None:
    knocks: list[float] = []

    def hangs_once(step: Step) -> dict[str, str]:
        knocks.append(time.monotonic())
        if len(knocks) == 1:
            time.sleep(20)
        return ends(step)

    with scripted_control(bed.settings.agi_port, hangs_once) as control:
        sipp_call(bed, "156")
    assert len(control.steps) == 2
    assert 2.5 <= knocks[1] - knocks[0] <= 3.6


def test_a_step_that_says_it_lives_is_left_alone(bed: Bed) -> None:
    def lives(step: Step) -> dict[str, str]:
        for _ in range(4):
            step.command('SET VARIABLE TIMEOUT(absolute) "4.0"')
            time.sleep(2.0)
        return ends(step)

    with scripted_control(bed.settings.agi_port, lives) as control:
        call = sipp_call(bed, "156")
    assert len(control.steps) == 1
    assert call.bye is not None
    assert call.bye.at - call.answered_at >= 7.5


def test_control_may_ask_for_the_static_path(bed: Bed) -> None:
    with scripted_control(
        bed.settings.agi_port, lambda _: {"C156_PROTOCOL": "123456789", "C156_DO": "static"}
    ) as control:
        sipp_call(bed, "199", hang_up_after=1.5)
        call = control.steps[0]["call"]
    # It has its number already.
    assert not (bed.settings.rescue_dir / "spool" / f"{call}.number.json").exists()
    note = json.loads((bed.settings.rescue_dir / "spool" / f"{call}.message.json").read_text())
    assert note["line"] == "199"


def test_no_error_was_logged(bed: Bed) -> None:
    bed.wait_until_quiet()
    errors = [line for line in bed.log().splitlines() if "] ERROR[" in line]
    # That of an offer to an agent without a phone is to be there.
    assert [line for line in errors if not line.endswith("'ana'") and "dialog" not in line] == []
    assert re.search(r"119\d{8}|1133334444", bed.log()) is None


def test_all_that_a_call_may_carry_comes_back_with_the_next_knock(bed: Bed) -> None:
    """The longest data, as callflow/data.py writes them, beside a long place."""
    data = "&".join(f"dado{count}={'%C3%A7' * 14}" for count in range(20))[:1_800]
    place = "protocol=000010005;" + "note=" + "n" * 60 + ";node=" + "abertura/" * 60

    def carries(step: Step) -> dict[str, str]:
        if step.told["stage"] == "menu":
            return ends(step)
        return {"C156_STAGE": "menu", "C156_DATA": data, "C156_PLACE": place, "C156_DO": "again"}

    with scripted_control(bed.settings.agi_port, carries) as control:
        sipp_call(bed, "156")
        first, second = control.wait_for(2)
    assert first["data"] == ""
    assert (second["data"], second["place"]) == (data, place)
