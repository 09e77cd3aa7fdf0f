"""`central156 dialplan try 156`: walks through a line's menu in the terminal, by typing keys."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from central156.cli.dialplan import folder_argument, folder_of, read_or_exit
from ivr.hours import CITY
from ivr.menu import SayNode
from ivr.rehearsal import OutOfStep, Rehearsal
from ivr.script import CALLED_BACK, HUNG_UP, MESSAGE, Script
from ivr.turn import FAILED, FOUND, MISSING, Answer, JoinQueue, Listen, LookUp, Transfer
from reader import Dialplans
from reader.script_forms import ALL_KEYS, USUAL_TIME, instant_of
from terms.limits import DATA_CHARACTERS
from terms.names import LINES, Instant

QUIT: Final = "q"
ENDED: Final = {
    HUNG_UP: "Você desligou.",
    MESSAGE: "Fim da ligação, com um recado gravado.",
    CALLED_BACK: "Fim da ligação: a cidade liga de volta quando chegar a sua vez.",
}


class _Moment(click.ParamType[Instant]):
    name = "momento"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Instant:
        """A day and an hour of São Paulo, as an instant."""
        try:
            return instant_of(value)
        except ValueError:
            self.fail(f"escreva, como em '{USUAL_TIME}'", param, ctx)


class _HungUp(Exception):
    """The caller has left, or there is nobody at the keyboard any more."""


@click.command("try")
@click.argument("line", metavar="LINHA", type=click.Choice(LINES))
@folder_argument
@click.option(
    "--quando",
    "at",
    type=_Moment(),
    metavar="MOMENTO",
    help=f"Quando se liga, como em '{USUAL_TIME}' (padrão: agora).",
)
@click.option("--de", "caller", default="", metavar="NÚMERO", help="De que telefone se liga.")
@click.option("--entrada", "entry", default="", metavar="NÚMERO", help="O número discado.")
@click.option("--resumido", "short", is_flag=True, help="Com o menu resumido ligado.")
@click.option("--surdo", "relay", is_flag=True, help="Uma intermediação liga por quem não ouve.")
@click.pass_obj
def try_line(
    state_dir: Path | None,
    line: str,
    folder: Path | None,
    at: Instant | None,
    caller: str,
    entry: str,
    short: bool,
    relay: bool,
) -> None:
    """Anda pelo menu de uma linha no terminal, digitando teclas, sem telefone.

    Enter sem nada é o silêncio; várias teclas seguidas são um número; q desliga.
    """
    dialplans = read_or_exit(folder_of(state_dir, folder))
    now = datetime.now(CITY).timestamp()
    script = Script(
        "try",
        line,
        now if at is None else at,
        entry=entry,
        caller=caller,
        short=short,
        relay=relay or None,
    )
    call = Rehearsal(dialplans, script)
    while not _tell(call):
        try:
            _act(dialplans, call)
        except _HungUp:
            call.hang_up()
        except OutOfStep as wrong:
            click.echo(f"  ({wrong})")


def _tell(call: Rehearsal) -> bool:
    """What is said, and where the call is then. Whether it is over."""
    while _only_says(call) and call.text_passes():
        pass
    for text in call.heard:
        click.echo(f"  «{text}»")
    call.heard = []
    queue = call.turn.then
    if call.ended:
        click.echo(ENDED.get(call.ended, "Fim da ligação."))
    elif isinstance(queue, JoinQueue):
        note = f", assunto «{queue.note}»" if queue.note else ""
        line = f" da linha {queue.line}" if queue.line != call.script.line else ""
        needs = f", precisa: {queue.needs}" if queue.needs else ""
        click.echo(f"→ fila {queue.queue}{line}, prioridade {queue.priority}{note}{needs}")
    return bool(call.ended)


def _only_says(call: Rehearsal) -> bool:
    """Whether a text stands here that nobody has to answer."""
    then, node = call.turn.then, call.plan.nodes.get(call.turn.position.node)
    return isinstance(then, Listen) and not then.seconds and isinstance(node, SayNode)


def _act(dialplans: Dialplans, call: Rehearsal) -> None:
    """Ask what happens now, and let it happen."""
    node = call.turn.position.node
    match call.turn.then:
        case Listen():
            _keys(call, _asked(f"[{node}] tecla> "))
        case LookUp(service=name, given=given):
            told = ", ".join(f"{key} {value}" for key, value in given.items())
            call.look_up_gives(_answer(dialplans, name, told))
        case Transfer(destination=name):
            reached = _asked(f"[{node}] {name} atende? s = sim, Enter = não> ")
            call.is_transferred(reached.startswith("s"))
        case JoinQueue(keys=keys):
            more = f"; tecla {', '.join(keys)}" if keys else ""
            typed = _asked(f"[na fila] Enter = um atendente atende e desliga{more}> ")
            if typed:
                _keys(call, typed)
            else:
                call.talks()
        case _:
            _asked(f"[{node}] Enter = o recado foi gravado> ")
            call.leave_message()


def _keys(call: Rehearsal, typed: str) -> None:
    if set(typed) - set(ALL_KEYS):
        click.echo("  (use 0 a 9, * e #; Enter = silêncio; q = desligar)")
    elif typed:
        call.type_keys(typed)
    else:
        call.stay_silent()


def _answer(dialplans: Dialplans, name: str, told: str) -> Answer:
    """What a service answers: the person at the keyboard knows."""
    click.echo(f"? consulta {name}: {told or 'sem dados'}")
    how = _asked("  a = achou, n = não achou, Enter = falhou> ")
    if how.startswith("n"):
        return Answer(MISSING)
    if not how.startswith("a"):
        return Answer(FAILED)
    spec = dialplans.services.get(name)
    values = {
        answer: _asked(f"  {answer} = ")[:DATA_CHARACTERS]
        for answer in (spec.answers if spec is not None else ())
    }
    return Answer(FOUND, {answer: value for answer, value in values.items() if value})


def _asked(prompt: str) -> str:
    """A line from the keyboard. _HungUp for `q` and at the end of what was piped in."""
    click.echo(prompt, nl=False)
    line = sys.stdin.readline()
    if not sys.stdin.isatty():  # a terminal shows what is typed, a pipe does not
        click.echo(line.strip())
    if not line or line.strip() == QUIT:
        raise _HungUp
    return line.strip()
