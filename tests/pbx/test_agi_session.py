"""A session against an Asterisk with memory: what it may ask, and every strange reply."""

import asyncio
import contextlib
import logging

import pytest
from fake_asterisk_agi import FakeAsterisk

from pbx import agi_exchange
from pbx.agi_server import AgiServer
from pbx.agi_wire import CommandFailed, CommandRefused
from terms.limits import AGI_REPLY_BYTES, PROMPT_SECONDS_MAX, STEP_REARM
from terms.signals import PromptLost, StepOver


@contextlib.asynccontextmanager
async def door(handler):
    server = AgiServer("127.0.0.1", 0, handler)
    await server.start()
    try:
        yield server
    finally:
        await server.close(0.2)


async def tell(handler, **fake_has):
    """One session of `handler` with a fake Asterisk; the fake, after the session's end."""
    async with door(handler) as server:
        fake = FakeAsterisk(server.port)
        for name, value in fake_has.items():
            setattr(fake, name, value)
        async with asyncio.timeout(5):
            await fake.session()
        assert fake.pipelined == 0
        return fake


async def write_twice(session):
    await session.set(A="1")
    await asyncio.sleep(0.05)  # for what comes behind the reply
    await session.set(A="2")


def byte_by_byte(reply):
    return [reply[at : at + 1] for at in range(len(reply))]


def armed(fake):
    """What the dead-man's switch was set to, each time."""
    return [float(value) for name, value in fake.written if name == "TIMEOUT(absolute)"]


# --- what a step may ask ---
@pytest.mark.parametrize("cut", [lambda reply: [reply], byte_by_byte], ids=["whole", "bytes"])
async def test_a_whole_step(cut):
    heard = []

    async def handler(session):
        assert session.channel == "PJSIP/trunk-00000001"
        assert session.request["line"] == "156"
        await session.set(C156_STAGE="menu", C156_PLACE='a=1;b="(,', C156_DO="")
        heard.append(await session.play("pt_BR/ola", "12", 3.0))
        await session.play_stoppable('odd, "name"', 2.0)
        heard.append(await session.wait_key(7.0))
        await session.music(True)
        await session.rearm()
        await session.music(False)
        heard.append(await session.get("C156_PLACE"))
        await session.set(C156_STAGE="ended", C156_DO="end")
        assert not session.hung_up

    fake = await tell(handler, cut=cut, pressed=["1", "9"])
    assert heard == ["1", "9", 'a=1;b="(,']
    assert fake.played == ["pt_BR/ola", 'odd, "name"']
    assert fake.written[-1] == ("C156_DO", "end")
    assert fake.verdict == "SUCCESS"
    assert 'EXEC StartMusicOnHold "default"' in fake.commands
    assert fake.music == ""


async def test_a_message_after_the_tone_and_another_line():
    file = "/gravacoes/2026-11-25/n1-b-1.7-recado-1.wav"

    async def handler(session):
        await session.tone()
        await session.record(file, 60.0, 5.0)
        await session.count_as("199")
        with pytest.raises(CommandRefused):
            await session.count_as("1)99")

    fake = await tell(handler)
    assert [command for command in fake.commands if command.startswith("EXEC")] == [
        'EXEC Playtones "1400/500"',
        "EXEC StopPlayTones",
        f'EXEC Record "{file},5,60,qk"',
    ]
    assert armed(fake)[0] == pytest.approx(60.0 + STEP_REARM, abs=0.06)
    assert fake.written[-1] == ("GROUP(line)", "199")


async def test_a_hang_up_in_a_message_is_the_steps_end():
    async def handler(session):
        with pytest.raises(StepOver):
            await session.record("/g/a.wav", 60.0, 0.0)

    await tell(handler, answers={"EXEC Record": b"HANGUP\n200 result=-1\n"})


async def test_the_switch_is_armed_for_what_lasts_and_the_rest_is_given_back():
    async def handler(session):
        await session.play("a", "", 0.01)
        await session.play("b", "1", 9.0)  # a key comes at once
        await session.wait_key(0.01)
        await session.play("c")
        await session.rearm()

    fake = await tell(handler, pressed=["", "1"])
    assert armed(fake) == [
        pytest.approx(seconds, abs=0.06)
        for seconds in (
            *(STEP_REARM, 9.0 + STEP_REARM, STEP_REARM, STEP_REARM),
            *(PROMPT_SECONDS_MAX + STEP_REARM, STEP_REARM, STEP_REARM),
        )
    ]


async def test_a_panoramisk_handler_runs_behind_the_guard():
    answers = []

    async def handler(request):
        answers.append(request.headers["agi_dnid"])
        answers.append(await request.send_command('NOOP "x"'))
        with pytest.raises(CommandRefused):
            await request.send_command('EXEC System "id"')

    fake = await tell(handler)
    assert answers == ["156", {"status_code": 200, "result": ("0", ""), "msg": ""}]
    assert fake.commands == ['NOOP "x"']


async def test_commands_of_two_tasks_go_one_after_the_other():
    async def handler(session):
        playing = asyncio.ensure_future(session.play_stoppable("long", 1.0))
        await asyncio.gather(playing, session.rearm(), session.set(A="1"), session.music(True))

    fake = await tell(handler, takes={"CONTROL": 0.1})
    assert len(fake.commands) >= 5


# --- a session that is over ---
async def test_wait_over_returns_at_the_hangup_and_never_sooner():
    order = []

    async def handler(session):
        over = asyncio.ensure_future(session.wait_over())
        await session.play_stoppable("a", 0.1)
        await session.rearm()
        other = asyncio.ensure_future(session.wait_over())
        await asyncio.sleep(0.05)
        assert not over.done()
        other.cancel()  # one who stops listening leaves the others alone
        order.append("asked")
        await over
        order.append("over")
        assert session.hung_up
        with pytest.raises(StepOver):
            await session.rearm()
        order.append("refused")

    async with door(handler) as server:
        fake = await FakeAsterisk(server.port).connect()
        serving = asyncio.ensure_future(fake.serve())
        while order != ["asked"]:
            await asyncio.sleep(0.01)
        before = len(fake.commands)
        await fake.say(b"HANGUP\n")
        assert await serving == "SUCCESS"
        assert order == ["asked", "over", "refused"]
        assert len(fake.commands) == before  # nothing is asked of a channel that is gone


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("after", [b"", b"200 res", b"520-Invalid command\nUsa", b"HANGUP\n"])
async def test_a_connection_lost_mid_reply_ends_the_step(how, after):
    told = []

    async def handler(session):
        over = asyncio.ensure_future(session.wait_over())
        with pytest.raises(StepOver):
            await session.set(A="1", B="2")
        async with asyncio.timeout(1):
            await over
        told.append(session.hung_up)

    async with door(handler) as server:
        fake = await FakeAsterisk(server.port).connect()
        await fake.reader.readline()
        await fake.say(after)
        await asyncio.sleep(0.02)
        if how == "close":
            await fake.close()
        else:
            fake.reset()
        async with asyncio.timeout(1):
            while server.open_sessions or not server.total:
                await asyncio.sleep(0.01)
        assert told == [True]
        assert server.failed == 0


@pytest.mark.parametrize("cut", [lambda reply: [reply], byte_by_byte], ids=["whole", "bytes"])
@pytest.mark.parametrize(
    "answer",
    [
        b"HANGUP\n200 result=1\n",
        b"200 result=1\nHANGUP\n",
        b"HANGUP\n511 Command Not Permitted on a dead channel\n",
        b"511 Command Not Permitted on a dead channel or intercept routine\n",
    ],
)
async def test_a_hangup_around_a_reply_ends_the_step(answer, cut):
    ended = []

    async def handler(session):
        with pytest.raises(StepOver):
            await write_twice(session)
        ended.append(True)

    await tell(handler, answers={"SET": answer}, cut=cut)
    assert ended == [True]


@pytest.mark.parametrize("reached", [0, 160, -1])
async def test_a_prompt_that_cannot_be_played_is_told_and_the_step_goes_on(reached):
    async def handler(session):
        with pytest.raises(PromptLost):
            await session.play("gone", "1", 1.0)
        with pytest.raises(PromptLost):
            await session.play_stoppable("gone", 1.0)
        await session.rearm()

    answer = b"200 result=-1 endpos=%d\n" % reached
    fake = await tell(handler, answers={"STREAM": answer, "CONTROL": answer})
    assert fake.verdict == "SUCCESS"


async def test_a_key_wait_on_a_dead_channel_ends_the_step():
    async def handler(session):
        with pytest.raises(StepOver):
            await session.wait_key(1.0)

    await tell(handler, answers={"WAIT": b"200 result=-1\n"})


# --- replies out of the ordinary ---
USAGE = (
    b"520-Invalid command syntax.  Proper usage follows:\n"
    b" Usage: SET VARIABLE <variablename> <value>\n\n"
    b"200 result=1\n"
    b"520 End of proper usage.\n"
)


@pytest.mark.parametrize("cut", [lambda reply: [reply], byte_by_byte], ids=["whole", "bytes"])
@pytest.mark.parametrize(
    "answer",
    [
        USAGE,
        b"520 Invalid command syntax.  Proper usage not available.\n",
        b"510 Invalid or unknown command\n",
        b"200 result=-1\n",
        b"200 result=-2\n",
    ],
)
async def test_a_failed_command_says_so_and_keeps_step(answer, cut):
    heard = []

    async def handler(session):
        with pytest.raises(CommandFailed):
            await session.set(A="1", B="2")
        heard.append(await session.get("STILL"))

    await tell(handler, answers={"EXEC": answer}, variables={"STILL": "in step"}, cut=cut)
    assert heard == ["in step"]


async def test_trying_is_not_yet_a_reply():
    async def handler(session):
        assert await session.play("a", "1", 1.0) == "1"

    await tell(handler, answers={"STREAM": b"100 result=0 Trying...\n200 result=49 endpos=1\n"})


@pytest.mark.parametrize("cut", [lambda reply: [reply], byte_by_byte], ids=["whole", "bytes"])
@pytest.mark.parametrize(
    ("value", "trusted"),
    [
        ("hangup", True),
        ("HANGUP", True),
        ("(a)", True),
        ("", True),
        ("Jo\u00e3o", True),
        ("a\nb", False),
        ("a)\n200 result=1 (b", False),
        ("a)\nHANGUP\nb", False),
        ("\n", False),
        ("x\n200 result=0", False),
        ("520-x\ny", False),
    ],
)
async def test_a_value_is_only_a_value(value, trusted, cut):
    heard = []

    async def handler(session):
        try:
            heard.append(await session.get("A"))
        except CommandRefused:
            heard.append(None)
        assert not session.hung_up
        heard.append(await session.get("B"))

    fake = await tell(handler, variables={"A": value, "B": "next"}, cut=cut)
    assert heard == [value if trusted else None, "next"]
    assert fake.verdict == "SUCCESS"


@pytest.mark.parametrize("where", ["before", "between", "after"])
async def test_a_hangup_around_a_value_is_a_hangup(where):
    ended = []

    async def handler(session):
        with pytest.raises(StepOver):
            await session.get("A")
        ended.append(session.hung_up)

    def answer(text):
        reply = b"200 result=1 (%s)\n" % (b"v" if "{" in text else text.split('"')[1].encode())
        first = "{" in text
        if where == "before" and first:
            return b"HANGUP\n" + reply
        if where == "between" and not first:
            return b"HANGUP\n" + reply
        return reply + b"HANGUP\n" if where == "after" and first else reply

    await tell(handler, answers={"GET FULL": answer})
    assert ended == [True]


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\n",
        b"\xff\xfe\x00\n",
        b"200 result=x\n",
        b"\n",
        b"200 result=1\n200 result=1\n",
        b"2" * (AGI_REPLY_BYTES + 10),
        b"520-x\n" + b"usage\n" * 20_000,
    ],
    ids=["words", "noise", "no result", "empty", "two", "endless row", "endless usage"],
)
async def test_out_of_step_ends_the_session(answer, caplog):
    ended = []

    async def handler(session):
        with pytest.raises(StepOver):
            await write_twice(session)
        ended.append(session.hung_up)

    fake = await tell(handler, answers={"SET": answer})
    assert ended == [True]
    assert len(fake.commands) == 1
    assert "an AGI session was ended" in caplog.text


async def test_an_endless_value_ends_the_session():
    async def handler(session):
        with pytest.raises(StepOver):
            await session.get("A")

    await tell(handler, answers={"GET": b"200 result=1 (" + b"x\n" * AGI_REPLY_BYTES})


async def test_a_reply_that_never_comes_ends_the_session(monkeypatch):
    monkeypatch.setattr(agi_exchange, "AGI_COMMAND_BUDGET", 0.15)
    took = []

    async def handler(session):
        begin = asyncio.get_running_loop().time()
        await session.play("a", "", 0.3)  # within its length and budget, although late
        await session.rearm()
        begin = asyncio.get_running_loop().time()
        with pytest.raises(StepOver):
            await session.set(A="1", B="2")
        took.append(asyncio.get_running_loop().time() - begin)

    fake = await tell(handler, answers={"EXEC": b""}, takes={"STREAM": 0.35})
    assert took == [pytest.approx(0.15, abs=0.1)]
    assert fake.verdict == "FAILURE"


async def test_a_command_that_is_cancelled_ends_the_session():
    seen = []

    async def handler(session):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await session.wait_key(3.0)
        seen.append(session.hung_up)
        with pytest.raises(StepOver):
            await session.rearm()

    await tell(handler, takes={"WAIT": 0.2})
    assert seen == [True]


async def test_nothing_personal_is_logged(caplog):
    caplog.set_level(logging.DEBUG)

    async def handler(session):
        await session.set(A="11987654321", B="2")
        raise ValueError(f"what is {await session.get('A')}")

    fake = await tell(handler)
    assert fake.verdict == "FAILURE"
    (record,) = [record for record in caplog.records if "failed" in record.message]
    assert record.error == "ValueError"
    assert record.call == "c156-1760000000.1"
    assert "test_agi_session" in record.where[-1]
    assert all("11987654321" not in str(record.__dict__) for record in caplog.records)
