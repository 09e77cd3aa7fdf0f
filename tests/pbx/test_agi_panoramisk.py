"""Why there is a guard: each fault of panoramisk 1.4's FastAGI, shown on it, and absent here.

Each test ends with what our door does in the same place. When a new panoramisk passes the first
half, that half fails, and a part of the guard may go.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys

import pytest
from fake_asterisk_agi import STEP, FakeAsterisk, header
from panoramisk.fast_agi import Application

from pbx.agi_server import AgiServer
from pbx.agi_wire import CommandRefused
from terms.signals import StepOver

BARE = """
import asyncio
from panoramisk.fast_agi import Application
async def step(request):
    await request.send_command("NOOP")
async def main():
    door = Application(loop=asyncio.get_running_loop())
    door.add_route("step", step)
    server = await asyncio.start_server(door.handler, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def bare(handler):
    """panoramisk as it is, in this loop: only for what does not freeze it."""
    application = Application(loop=asyncio.get_running_loop())
    application.add_route("step", handler)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    server.port = server.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.close()


@contextlib.asynccontextmanager
async def guarded(handler):
    server = AgiServer("127.0.0.1", 0, handler)
    await server.start()
    try:
        yield server
    finally:
        await server.close(0.1)


async def outcomes(door, handler, opening=STEP, **fake_has):
    """What `handler(session, found)` found in one session; `found` may be cut short."""
    found = []

    async def run(session):
        try:
            await handler(session, found)
        except Exception as error:
            found.append(type(error))
            raise

    async with door(run) as server:
        fake = FakeAsterisk(server.port, opening)
        for name, value in fake_has.items():
            setattr(fake, name, value)
        async with asyncio.timeout(5):
            await fake.session()
        return found, fake


async def bare_reads(session, found):
    for name in ("A", "B"):
        answer = await session.send_command(f'GET FULL VARIABLE "${{{name}}}"')
        found.append(answer.get("result", answer.get("error")))


async def guarded_reads(session, found):
    for name in ("A", "B"):
        try:
            found.append(await session.get(name))
        except CommandRefused:
            found.append("refused")


ENDLESS = b"agi_network: yes\n" + b"agi_x: " + b"y" * 100_000


@pytest.fixture
def bare_port():
    """panoramisk in a process of its own, which may freeze."""
    process = subprocess.Popen(
        [sys.executable, "-c", BARE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def knock(port, said):
    with socket.create_connection(("127.0.0.1", port), 1) as knocker:
        knocker.settimeout(1.0)
        knocker.sendall(said)
        return knocker.recv(100)


def test_one_who_connects_and_closes_freezes_panoramisk(bare_port):
    assert knock(bare_port, STEP) == b"NOOP\n"
    socket.create_connection(("127.0.0.1", bare_port)).close()
    with pytest.raises(TimeoutError):
        knock(bare_port, STEP)


def test_panoramisk_takes_a_header_without_end(bare_port):
    with pytest.raises(TimeoutError):
        knock(bare_port, ENDLESS)


async def test_one_who_connects_and_closes_is_nothing_here():
    async def handler(session):
        await session.rearm()

    async with guarded(handler) as server:
        for _ in range(5):
            await (await FakeAsterisk(server.port, b"").connect()).close()
        assert await FakeAsterisk(server.port).session() == "SUCCESS"
        assert server.refused == 5


async def test_a_header_without_end_is_over_at_16_kib():
    async def handler(session):
        raise AssertionError

    async with guarded(handler) as server:
        fake = await FakeAsterisk(server.port, ENDLESS).connect()
        async with asyncio.timeout(1):
            await fake.serve()
        assert (server.total, server.refused) == (0, 1)


async def test_a_value_that_reads_hangup():
    has = {"variables": {"A": "hangup", "B": "b"}}
    found, _ = await outcomes(bare, bare_reads, **has)
    assert found[0] == "AGIResultHangup"
    found, _ = await outcomes(guarded, guarded_reads, **has)
    assert found == ["hangup", "b"]


async def test_a_value_with_a_newline():
    has = {"variables": {"A": "x)\n200 result=1 (forged", "B": "b"}}
    found, _ = await outcomes(bare, bare_reads, **has)
    assert found == [("1", "x"), ("1", "forged")]
    found, _ = await outcomes(guarded, guarded_reads, **has)
    assert found == ["refused", "b"]


async def test_bytes_that_are_no_text():
    has = {"answers": {'GET FULL VARIABLE "${A}"': b"200 result=1 (Jo\xe3o)\n"}}
    found, _ = await outcomes(bare, bare_reads, **has)
    assert found == [UnicodeDecodeError]
    has["variables"] = {"B": "b"}
    found, _ = await outcomes(guarded, guarded_reads, **has)
    assert found == ["Jo\ufffdo", "b"]


async def test_a_usage_reply_of_several_rows():
    usage = b"520-Invalid command syntax.  Proper usage follows:\n Usage: x\n y\n520 End of it.\n"

    async def reads(session, found):
        for command in ("FOO", 'NOOP "x"'):
            try:
                found.append((await session.send_command(command)).get("status_code"))
            except Exception as error:
                found.append(type(error).__name__)

    has = {"answers": {"FOO": usage}}
    found, _ = await outcomes(bare, reads, **has)
    assert found != [520, 200]
    assert found[1] != 200  # one reply behind from here on
    found, _ = await outcomes(guarded, reads, **has)
    assert found == ["CommandFailed", 200]


async def test_a_hangup_before_a_reply():
    has = {"answers": {"NOOP": b"HANGUP\n200 result=5\n", "ANSWER": b"200 result=7\n"}}

    async def reads(session, found):
        for command in ('NOOP "x"', "ANSWER"):
            found.append((await session.send_command(command)).get("result"))

    found, _ = await outcomes(bare, reads, **has)
    assert found == [None, ("5", "")]  # the answer to the command before
    found, fake = await outcomes(guarded, reads, **has)
    assert found == [StepOver]
    assert fake.commands == ['NOOP "x"']


async def test_a_newline_in_a_command():
    forged = 'NOOP "x"\nEXEC System "id"'

    async def sends(session, found):
        await session.send_command(forged)

    _, fake = await outcomes(bare, sends)
    assert 'EXEC System "id"' in fake.commands
    found, fake = await outcomes(guarded, sends)
    assert (found, fake.commands) == ([CommandRefused], [])


async def test_a_header_that_was_tampered_with():
    opening = header("call=c", calleridname="x\nagi_arg_2: call=other")

    async def reads(session, found):
        found.append(session.headers.get("agi_arg_2"))

    found, _ = await outcomes(bare, reads, opening)
    assert found == ["call=other"]
    found, fake = await outcomes(guarded, reads, opening)
    assert (found, fake.verdict) == ([], "FAILURE")


async def test_a_connection_lost_in_the_middle():
    async def lost(door):
        found = []

        async def handler(session):
            try:
                await session.send_command('NOOP "x"')
            except Exception as error:
                found.append(type(error))
                raise

        async with door(handler) as server:
            fake = await FakeAsterisk(server.port).connect()
            await fake.reader.readline()
            await fake.close()
            async with asyncio.timeout(2):
                while not found:
                    await asyncio.sleep(0.01)
        return found

    assert await lost(bare) == [ValueError]
    assert await lost(guarded) == [StepOver]


async def test_a_handler_that_fails_is_seen_by_the_dialplan():
    async def fails(session, found):
        raise RuntimeError

    _, fake = await outcomes(bare, fails)
    assert fake.verdict == "SUCCESS"
    _, fake = await outcomes(guarded, fails)
    assert fake.verdict == "FAILURE"


async def test_cancellation_passes_through():
    async def cancelled(door):
        tasks = []

        async def handler(session):
            tasks.append(asyncio.current_task())
            await asyncio.sleep(10)

        async with door(handler) as server:
            serving = asyncio.ensure_future(FakeAsterisk(server.port).session())
            while not tasks:
                await asyncio.sleep(0.01)
            tasks[0].cancel()
            await serving
            await asyncio.wait(tasks, timeout=1)
        return tasks[0].cancelled()

    assert not await cancelled(bare)
    assert await cancelled(guarded)
