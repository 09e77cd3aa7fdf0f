"""What every source has in common: the seconds, the places, the fuse, the counts."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from web_bed import WebBed

from outside import Answer, HttpSource, Outside, Question, Trouble
from outside.breaker import Breaker, State
from outside.threads import in_thread
from terms.limits import OUTSIDE_AT_ONCE, OUTSIDE_FAILURES, OUTSIDE_REST, OUTSIDE_WAITING
from terms.services import ServiceSpec

SPEC = ServiceSpec("s", "fonte", path="/x", answers=("a",))
GOOD = {"a": "1"}


class Scripted:
    """A source that does as it is told."""

    def __init__(self, does: Callable[[], object] = lambda: GOOD) -> None:
        self.does = does
        self.asked = 0
        self.at_once = 0
        self.most = 0

    async def ask(self, question: Question) -> Mapping[str, object] | None:
        self.asked += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            done = self.does()
            if asyncio.iscoroutine(done):
                done = await done
            return done  # type: ignore[return-value]
        finally:
            self.at_once -= 1

    async def close(self) -> None:
        pass


def raises(problem: Exception) -> Callable[[], object]:
    def do() -> object:
        raise problem

    return do


async def stubborn() -> object:
    """Does not stop when it is told to."""
    for _ in range(5):
        try:
            await asyncio.sleep(0.04)
        except asyncio.CancelledError:
            continue
    return GOOD


class Lateness:
    """The most that the loop was late while it was watched."""

    worst = 0.0

    async def __aenter__(self) -> Lateness:
        self._task = asyncio.create_task(self._watch())
        return self

    async def _watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, time.monotonic() - before - 0.005)

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()


async def timed(room: Outside, seconds: float, spec: ServiceSpec = SPEC) -> tuple[Answer, float]:
    began = time.monotonic()
    answer = await room.ask(spec, {}, seconds)
    return answer, time.monotonic() - began


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        (lambda: GOOD, Answer("achou", {"a": "1"})),
        (lambda: {"a": "1", "cpf": "2"}, Answer("achou", {"a": "1"})),
        (lambda: None, Answer("nao_achou")),
        (lambda: {}, Answer("falhou", why="falta 'a' na resposta")),
        (raises(Trouble("não deu")), Answer("falhou", why="não deu")),
        (raises(KeyError("123")), Answer("falhou", why="erro interno (KeyError)")),
        (raises(RecursionError()), Answer("falhou", why="erro interno (RecursionError)")),
        (lambda: asyncio.sleep(9), Answer("falhou", why="sem resposta no prazo")),
        (stubborn, Answer("falhou", why="sem resposta no prazo")),
    ],
)
async def test_whatever_a_source_does_there_is_an_answer(
    does: Callable[[], object], expected: Answer
) -> None:
    room = Outside({"s": SPEC}, {"fonte": Scripted(does)})
    began = time.monotonic()
    assert await room.ask("s", {}, 0.1) == expected
    assert time.monotonic() - began < 0.2
    assert room.counts()["s", expected.how].count == 1
    await room.close()


async def test_what_cannot_be_asked() -> None:
    source = Scripted()
    specs = {
        "s": SPEC,
        "com": ServiceSpec("com", "fonte", path="/{p}", given=("p",)),
        "sms": ServiceSpec("sms", "sms", path="/x"),
    }
    room = Outside(specs, {"fonte": source})
    assert (await room.ask("nada", {}, 1.0)).why == "serviço desconhecido"
    assert (await room.ask("sms", {}, 1.0)).why == "fonte não configurada"
    assert (await room.ask("com", {}, 1.0)).why == "falta o parâmetro 'p'"
    assert (await room.ask("com", {"p": ""}, 1.0)).why == "falta o parâmetro 'p'"
    for wrong in ("x" * 121, "a\nb", "a\0", "\ud800"):
        assert (await room.ask("com", {"p": wrong}, 1.0)).why == "o parâmetro 'p' não serve"
    assert not source.asked


async def test_published_services_are_known_and_old_ones_not_forgotten() -> None:
    room = Outside({"s": SPEC}, {"fonte": Scripted()})
    room.serve({"novo": SPEC})
    assert (await room.ask("novo", {}, 1.0)).how == (await room.ask("s", {}, 1.0)).how == "achou"


async def test_two_hundred_callers_and_a_source_that_hangs(web: WebBed) -> None:
    """The figures of the room: nobody waits longer than allowed, and the loop never stops. (A
    machine that is busy with other things may be late by itself: the best of three.)"""
    late = []
    while not late or (min(late) > 0.05 and len(late) < 3):
        late.append(await hanging_round(web))
    assert min(late) < 0.05


async def hanging_round(web: WebBed) -> float:
    hang, good = (ServiceSpec(name, "web", path=f"/{name}") for name in ("hang", "ok"))
    room = Outside({}, {"web": HttpSource(web.url), "fonte": Scripted()})
    async with Lateness() as lateness:
        asking = [asyncio.create_task(timed(room, 0.4, hang)) for _ in range(200)]
        await asyncio.sleep(0.1)
        elsewhere = await timed(room, 0.4)
        answers = await asyncio.gather(*asking)
    assert {answer.how for answer, _ in answers} == {"falhou"}
    assert max(seconds for _, seconds in answers) < 0.6
    assert (elsewhere[0].how, elsewhere[1] < 0.1) == ("achou", True)
    at_once = sum(answer.why == "perguntas demais ao mesmo tempo" for answer, _ in answers)
    assert at_once >= 200 - OUTSIDE_AT_ONCE - OUTSIDE_WAITING
    assert room.states() == {"web": "open", "fonte": "closed"}
    answer, seconds = await timed(room, 0.4, good)
    assert (answer.why, seconds < 0.05) == ("fonte em descanso depois de falhas seguidas", True)
    await room.close()
    return lateness.worst


async def test_a_burst_waits_its_turn_and_is_answered() -> None:
    source = Scripted(lambda: asyncio.sleep(0.01, GOOD))
    room = Outside({}, {"fonte": source})
    answers = await asyncio.gather(*(timed(room, 2.0) for _ in range(150)))
    assert {answer.how for answer, _ in answers} == {"achou"}
    assert source.most == OUTSIDE_AT_ONCE


async def test_who_does_not_stop_keeps_his_place_and_no_other() -> None:
    source = Scripted(stubborn)
    room = Outside({}, {"fonte": source})
    await asyncio.gather(*(timed(room, 0.05) for _ in range(OUTSIDE_AT_ONCE * 2)))
    assert source.asked == source.at_once == OUTSIDE_AT_ONCE
    await asyncio.sleep(0.25)
    assert source.at_once == 0


async def test_who_leaves_frees_his_place() -> None:
    source = Scripted(lambda: asyncio.sleep(9))
    room = Outside({}, {"fonte": source})
    asking = [asyncio.create_task(timed(room, 8.0)) for _ in range(OUTSIDE_AT_ONCE * 3)]
    await asyncio.sleep(0.01)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    source.does = lambda: GOOD
    assert (await timed(room, 0.1))[0].how == "achou"
    assert source.at_once == 0


async def test_closing_does_not_wait_for_what_hangs() -> None:
    room = Outside({}, {"fonte": Scripted(stubborn)})
    asking = asyncio.create_task(timed(room, 0.1))
    await asyncio.sleep(0.01)
    began = time.monotonic()
    await room.close()
    assert time.monotonic() - began < 0.1
    assert (await asking)[0].how == "falhou"


async def test_a_thread_of_ours_is_waited_for_by_nobody() -> None:
    loop_side = in_thread(lambda: threading.current_thread().daemon)
    assert await loop_side
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


# --- the fuse ---
async def test_a_source_that_fails_is_left_alone_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("outside.breaker.OUTSIDE_REST", 0.1)
    source = Scripted(raises(Trouble("x", gone=True)))
    room = Outside({}, {"fonte": source})
    for _ in range(20):
        await timed(room, 1.0)
    assert source.asked == OUTSIDE_FAILURES
    await asyncio.sleep(0.11)
    await asyncio.gather(*(timed(room, 1.0) for _ in range(20)))
    assert source.asked == OUTSIDE_FAILURES + 1
    source.does = lambda: GOOD
    await asyncio.sleep(0.11)
    answers = await asyncio.gather(*(timed(room, 1.0) for _ in range(20)))
    assert sum(answer.how == "achou" for answer, _ in answers) >= 1
    assert (await timed(room, 1.0))[0].how == "achou"


async def test_a_service_written_wrong_does_not_rest_the_source_of_others() -> None:
    source = Scripted(raises(Trouble("resposta HTTP 400")))
    room = Outside({}, {"fonte": source})
    for _ in range(3 * OUTSIDE_FAILURES):
        await timed(room, 1.0)
    assert source.asked == 3 * OUTSIDE_FAILURES


class Fuse(RuleBasedStateMachine):
    """Against the plainest reading of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.fuse, self.now, self.in_a_row = Breaker(), 100.0, 0
        self.refuses_until = 0.0

    @rule(seconds=st.floats(0, OUTSIDE_REST * 1.5))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def answered(self) -> None:
        self.fuse.succeeded()
        self.in_a_row, self.refuses_until = 0, 0.0

    @precondition(lambda self: self.fuse.state is not State.OPEN)
    @rule()
    def not_answered(self) -> None:
        self.in_a_row += 1
        opened = self.fuse.failed(self.now)
        assert opened == (self.in_a_row >= OUTSIDE_FAILURES)
        if opened:
            self.refuses_until = self.now + OUTSIDE_REST

    @precondition(lambda self: self.fuse.state is State.OPEN)
    @rule()
    def late_word_of_a_failure(self) -> None:
        self.in_a_row += 1
        assert not self.fuse.failed(self.now)

    @rule()
    def asked(self) -> None:
        resting = self.fuse.resting(self.now)
        assert resting == (self.now < self.refuses_until)
        was_closed = self.fuse.state is State.CLOSED
        assert self.fuse.admits(self.now) == (not resting)
        if not resting and not was_closed:
            self.refuses_until = self.now + OUTSIDE_REST
            assert not self.fuse.admits(self.now), "one probe at a time"

    @invariant()
    def never_shut_for_ever(self) -> None:
        assert not self.fuse.resting(self.now + OUTSIDE_REST)


test_the_fuse = Fuse.TestCase
test_the_fuse.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@given(st.text(max_size=40), st.text(max_size=40))
async def test_any_value_and_any_parameter_end_in_an_answer(value: str, typed: str) -> None:
    spec = ServiceSpec("s", "fonte", path="/{p}", given=("p",), answers=("a",))
    room = Outside({}, {"fonte": Scripted(lambda: {"a": value})})
    answer = await room.ask(spec, {"p": typed}, 1.0)
    assert answer.how in ("achou", "falhou")
    if answer.how == "achou":
        assert answer.values["a"].isprintable()
        answer.values["a"].encode()
