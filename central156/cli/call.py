"""`central156 call`: be a citizen for one call. And the proof call of a starting centre."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import click

from central156.citizen import Visit, Wish, recognise, visit
from central156.cli.api import Api
from central156.cli.story import tell
from central156.cli.words import number as protocol_shown
from central156.cli.words import refusal, seconds
from central156.proof import PROOF_AGENT
from central156.settings import Settings, load_settings
from phones.phone import AgentPhone, Line, Phones, tone
from voice.library import RECORDED_HERE, Library

TEST_HEADER = "X-Central156-Test"
PROOF_CALLER = "1100000156"
PROOF_KEYS = ("1", "9")  # a subject of the main menu, then its people
PROOF_TALK_SECONDS = 4.0  # the whisper included
PROOF_STAYS_SECONDS = 3.0  # after the agent has left, to hear that the menu goes on
PROOF_SECONDS = 60.0
LINES = ("156", "199", "153", "08000110156")
LOOK_EVERY = 1.0  # seconds between looks at a call that goes on


def _keys(ctx: click.Context, option: click.Parameter, text: str) -> list[str]:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    wrong = [key for key in keys if not re.fullmatch("[0-9*#]+", key)]
    if wrong:
        raise click.BadParameter(
            f"{wrong[0]!r} não são teclas; são 0 a 9, * e #, separadas por vírgula, como 1,2; "
            "sem vírgula, seguidas, como um código ou um número: *17,4071#"
        )
    return keys


def _caller(ctx: click.Context, option: click.Parameter, text: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{3,15}", text):
        raise click.BadParameter("um número de telefone tem só algarismos, com o DDD: 11987654321")
    return text


@click.command("call")
@click.argument("number", type=click.Choice(LINES), metavar="NÚMERO")
@click.option(
    "--keys",
    default="",
    callback=_keys,
    metavar="TECLAS",
    help="Teclas, separadas por vírgula: 1,2. Sem vírgula, seguidas: *17,4071#.",
)
@click.option(
    "--caller",
    default="11900000000",
    callback=_caller,
    metavar="NÚMERO",
    show_default=True,
    help="Número de quem liga.",
)
@click.option(
    "--hang-up-after",
    type=click.FloatRange(min=0),
    metavar="SEGUNDOS",
    help="Desligar tantos segundos depois de atendida.",
)
@click.option("--test", is_flag=True, help="Marcar: os números e relatórios não a contam.")
@click.option("--json", "as_json", is_flag=True, help="Contar em JSON.")
@click.pass_obj
def call(
    state_dir: Path | None,
    number: str,
    keys: list[str],
    caller: str,
    hang_up_after: float | None,
    test: bool,
    as_json: bool,
) -> None:
    """Faz uma ligação SIP de verdade, como um cidadão, e conta como foi.

    Dura até que a central ou o agente desligue, ou até --hang-up-after. Ctrl-C desliga antes, e a
    história é contada do mesmo modo.
    """
    settings = load_settings(state_dir)
    wish = Wish(
        number=number,
        caller=caller,
        trunk=f"{settings.sip_address}:{settings.trunk_port}",
        keys=keys,
        hang_up_after=hang_up_after,
        headers={TEST_HEADER: settings.secret("test_mark")} if test else {},
    )

    async def alone(_phones: Phones, _leave: asyncio.Event) -> None:
        """Nobody helps: whoever is on duty answers."""

    is_up = _say_if_away(Api(settings))
    follow = _in_silence if as_json or not sys.stderr.isatty() else _follow
    told, story = asyncio.run(_live(settings, wish, alone, follow))
    _show(told, story, as_json)
    if not told.answered and not is_up:
        click.echo("Para ligar a central: central156 run; para examiná-la: central156 doctor")
    sys.exit(0 if told.answered else 1)


def _say_if_away(api: Api) -> bool:
    """Whether control answers. When it does not, Asterisk may still serve callers alone."""
    try:
        api.get("/v1/health")
    except click.ClickException as away:
        click.echo(f"Aviso: {away.message}", err=True)
        click.echo("Tentando mesmo assim: o Asterisk pode atender sozinho…", err=True)
        return False
    return True


async def _follow(api: Api, told: Visit) -> None:
    """Say what the call is at, each time that it changes: a queue may be long."""
    click.echo(f"Ligando para o {told.dialled}… (Ctrl-C desliga)", err=True)
    last = ""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if told.call is None:
            continue
        with contextlib.suppress(click.ClickException):
            found = await asyncio.to_thread(api.get, f"/v1/calls/{told.call}")
            now = _at(found["call"])
            if now != last:
                click.echo(now, err=True)
                last = now


def _at(call: dict[str, Any]) -> str:
    if call["answered_at"] is not None:
        return f"Atendida por {call['agent']}."
    if call["queue"]:
        return f"Na fila {call['queue']}, à espera de um agente (veja: central156 floor)."
    return f"No menu, com o protocolo {protocol_shown(call['protocol'])}."


@click.command("prove", hidden=True)
@click.pass_obj
def prove(state_dir: Path | None) -> None:
    """Prova: uma ligação pelo menu até um agente de roteiro, que atende e desliga."""
    settings = load_settings(state_dir)
    wish = Wish(
        number="156",
        caller=PROOF_CALLER,
        trunk=f"{settings.sip_address}:{settings.trunk_port}",
        keys=PROOF_KEYS,
        hang_up_after=PROOF_SECONDS,
        headers={TEST_HEADER: settings.secret("proof_mark")},
    )
    api = Api(settings)

    async def with_agent(phones: Phones, leave: asyncio.Event) -> None:
        server = f"{settings.sip_address}:{settings.agents_port}"
        phone = await phones.agent(PROOF_AGENT, settings.secret("proof_agent"), server)

        async def serve(line: Line) -> None:
            await _answer_and_talk(line)
            await asyncio.sleep(PROOF_STAYS_SECONDS)
            leave.set()

        phone.on_ring = serve
        await asyncio.to_thread(api.post, f"/v1/agents/{PROOF_AGENT}/login")
        _leave_at_the_end.append(phone)

    try:
        told, story = asyncio.run(_live(settings, wish, with_agent, _in_silence))
    finally:
        api.post(f"/v1/agents/{PROOF_AGENT}/logout")
    _show(told, story, as_json=False)
    served = story is not None and story["call"]["agent"] == PROOF_AGENT
    sys.exit(0 if served else 1)


async def _in_silence(_api: Api, _told: Visit) -> None:
    """Nobody is watching, or all is told at the end."""


_leave_at_the_end: list[AgentPhone] = []


async def _answer_and_talk(line: Line) -> None:
    await asyncio.sleep(0.5)
    await line.pick_up()
    await line.answered(5)
    line.say(tone(440, PROOF_TALK_SECONDS))
    await asyncio.sleep(PROOF_TALK_SECONDS)
    await line.hang_up()


async def _live(
    settings: Settings,
    wish: Wish,
    prepare: Callable[[Phones, asyncio.Event], Awaitable[None]],
    follow: Callable[[Api, Visit], Coroutine[Any, Any, None]],
) -> tuple[Visit, dict[str, Any] | None]:
    """The visit, and what the centre stored of it (None: it has no such call)."""
    api, told, leave = Api(settings), Visit(wish.number), asyncio.Event()

    def find_call(caller: str, since: float) -> str | None:
        with contextlib.suppress(click.ClickException):  # the switch may serve without control
            for row in reversed(api.get("/v1/calls")["calls"]):
                if row["caller"] == caller and row["arrived_at"] >= since:
                    return str(row["call"])
        return None

    async with Phones(settings.sip_address) as phones:
        await prepare(phones, leave)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, leave.set)
        following = asyncio.create_task(follow(api, told))
        await visit(phones, wish, find_call, told, leave)
        following.cancel()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        for phone in _leave_at_the_end:
            await phone.unregister()
    library = Library(settings.sounds_dir, settings.state_dir / RECORDED_HERE)
    recognise(told, library.recordings())
    return told, await _story(api, told.call)


async def _story(api: Api, call_id: str | None) -> dict[str, Any] | None:
    """What is stored, once the end of the call and its recording are stored too."""
    if call_id is None:
        return None
    story: dict[str, Any] = {}
    for _ in range(40):
        story = await asyncio.to_thread(api.get, f"/v1/calls/{call_id}")
        talked = story["call"]["answered_at"] is not None
        if story["call"]["ended_at"] is not None and (not talked or story["recordings"]):
            break
        await asyncio.sleep(0.1)
    return story


def _show(told: Visit, story: dict[str, Any] | None, as_json: bool) -> None:
    if as_json:
        lived = {
            "answered": told.answered,
            "why": told.why,
            "answer_seconds": round(told.answer_seconds, 3),
            "seconds": round(told.seconds, 3),
            "pressed": told.pressed,
            "heard": [{"text": one.name, "at": one.at, "alike": one.alike} for one in told.heard],
            "silences": [{"at": one.at, "seconds": one.seconds} for one in told.silences],
        }
        click.echo(json.dumps({"citizen": lived, "centre": story}, ensure_ascii=False, indent=2))
        return
    click.echo(_lived(told))
    if story is not None:
        click.echo(tell(story))
    elif told.answered:
        click.echo(
            "A central não mostrou esta ligação enquanto ela durou: foi curta demais, ou o "
            "Asterisk a atendeu sozinho."
        )


def _lived(told: Visit) -> str:
    """The citizen's side, in words."""
    if not told.answered:
        return f"A ligação para o {told.dialled} não foi atendida: {refusal(told.why)}"
    lines = [
        f"Ligou para o {told.dialled}; atendida em {told.answer_seconds * 1000:.0f} ms; "
        f"durou {seconds(told.seconds)}.",
        "O que o cidadão ouviu (reconhecido pelo som):",
        *(f"{seconds(one.at):>10}  {one.name}" for one in told.heard),
    ]
    if told.pressed:
        lines.append(f"Teclas: {', '.join(told.pressed)}")
    lines += [f"Silêncio de {seconds(one.seconds)} aos {seconds(one.at)}." for one in told.silences]
    return "\n".join(lines)
