"""`central156 call`: be a citizen for one call. And the proof call of a starting centre."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from central156.citizen import Visit, Wish, recognise, visit
from central156.cli.api import Api
from central156.cli.story import tell
from central156.proof import PROOF_AGENT
from central156.settings import Settings, load_settings
from phones.phone import AgentPhone, Line, Phones, tone
from voice.library import Library

TEST_HEADER = "X-Central156-Test"
PROOF_CALLER = "1100000156"
PROOF_TALK_SECONDS = 4.0  # the whisper included
LINES = ("156", "199", "153", "08000110156")


@click.command("call")
@click.argument("number", type=click.Choice(LINES), metavar="NÚMERO")
@click.option("--keys", default="", help="Teclas, na ordem, separadas por vírgula. Ex.: 1,2")
@click.option("--caller", default="11900000000", show_default=True, help="Número de quem liga.")
@click.option("--hang-up-after", type=float, help="Desligar tantos segundos depois de atendida.")
@click.option("--test", is_flag=True, help="Marcar: figuras e relatórios deixam esta ligação fora.")
@click.option("--json", "as_json", is_flag=True, help="Contar em JSON.")
@click.pass_obj
def call(
    state_dir: Path | None,
    number: str,
    keys: str,
    caller: str,
    hang_up_after: float | None,
    test: bool,
    as_json: bool,
) -> None:
    """Faz uma ligação SIP de verdade, como um cidadão, e conta como foi."""
    settings = load_settings(state_dir)
    wish = Wish(
        number=number,
        caller=caller,
        trunk=f"{settings.sip_address}:{settings.trunk_port}",
        keys=[key.strip() for key in keys.split(",") if key.strip()],
        hang_up_after=hang_up_after,
        headers={TEST_HEADER: settings.secret("test_mark")} if test else {},
    )

    async def alone(_phones: Phones) -> None:
        """Nobody helps: whoever is on duty answers."""

    told, story = asyncio.run(_live(settings, wish, alone))
    _show(told, story, as_json)
    sys.exit(0 if told.answered else 1)


@click.command("prove", hidden=True)
@click.pass_obj
def prove(state_dir: Path | None) -> None:
    """Prova: uma ligação pelo menu até um agente de roteiro, que atende e desliga."""
    settings = load_settings(state_dir)
    wish = Wish(
        number="156",
        caller=PROOF_CALLER,
        trunk=f"{settings.sip_address}:{settings.trunk_port}",
        keys=["1"],
        hang_up_after=45.0,
        headers={TEST_HEADER: settings.secret("proof_mark")},
    )
    api = Api(settings)

    async def with_agent(phones: Phones) -> None:
        server = f"{settings.sip_address}:{settings.agents_port}"
        phone = await phones.agent(PROOF_AGENT, settings.secret("proof_agent"), server)
        phone.on_ring = _answer_and_talk
        await asyncio.to_thread(api.post, f"/v1/agents/{PROOF_AGENT}/login")
        _leave_at_the_end.append(phone)

    try:
        told, story = asyncio.run(_live(settings, wish, with_agent))
    finally:
        api.post(f"/v1/agents/{PROOF_AGENT}/logout")
    _show(told, story, as_json=False)
    served = story is not None and story["call"]["agent"] == PROOF_AGENT
    sys.exit(0 if served else 1)


_leave_at_the_end: list[AgentPhone] = []


async def _answer_and_talk(line: Line) -> None:
    await asyncio.sleep(0.5)
    await line.pick_up()
    await line.answered(5)
    line.say(tone(440, PROOF_TALK_SECONDS))
    await asyncio.sleep(PROOF_TALK_SECONDS)
    await line.hang_up()


async def _live(
    settings: Settings, wish: Wish, prepare: Callable[[Phones], Awaitable[None]]
) -> tuple[Visit, dict[str, Any] | None]:
    """The visit, and what the centre stored of it (None: it has no such call)."""
    api = Api(settings)

    def find_call(caller: str, since: float) -> str | None:
        for row in reversed(api.get("/v1/calls")["calls"]):
            if row["caller"] == caller and row["arrived_at"] >= since:
                return str(row["call"])
        return None

    async with Phones(settings.sip_address) as phones:
        await prepare(phones)
        told = await visit(phones, wish, find_call)
        for phone in _leave_at_the_end:
            await phone.unregister()
    library = Library(settings.sounds_dir)
    prompts = [(entry.text, library.folder / entry.file) for entry in library.entries]
    recognise(told, prompts)
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
        click.echo("A central não mostrou esta ligação enquanto ela durou (caminho estático?).")


def _lived(told: Visit) -> str:
    """The citizen's side, in words."""
    if not told.answered:
        return f"A ligação para o {told.dialled} não foi atendida: {told.why}"
    lines = [
        f"Ligou para o {told.dialled}; atendida em {told.answer_seconds * 1000:.0f} ms; "
        f"durou {told.seconds:.1f} s.",
        "O que o cidadão ouviu (reconhecido pelo som, s desde o atendimento):",
        *(f"  {one.at:6.1f}  {one.name}" for one in told.heard),
    ]
    if told.pressed:
        lines.append(f"Teclas: {', '.join(told.pressed)}")
    lines += [f"Silêncio de {one.seconds:.1f} s aos {one.at:.1f} s." for one in told.silences]
    return "\n".join(lines)
