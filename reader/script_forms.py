"""What a call script may say: the forms of tests/*.yaml, as tables."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from ivr.announcements import Notice
from ivr.hours import CITY
from ivr.menu import BACK_KEY, DIGITS, END_KEY, MARKS, Part
from ivr.script import (
    ENDS,
    UNANSWERED,
    HangsUp,
    Hears,
    IsSilent,
    IsTransferred,
    LeavesMessage,
    LookUpGives,
    Step,
    Talks,
    Types,
    Wanted,
)
from ivr.texts import LANGUAGES
from ivr.turn import FAILED, FOUND, MISSING, Answer
from reader.forms import (
    Form,
    Key,
    Read,
    Reading,
    Schema,
    Sheet,
    list_of,
    names_to,
    read_form,
    record,
    shown,
)
from reader.readings import (
    digits_like,
    matching,
    name,
    one_of,
    one_text,
    text_of_at_most,
    whole,
    yes_no,
)
from reader.spoken import single
from reader.yaml_text import Entries, Tree
from terms.limits import (
    DATA_CHARACTERS,
    NOTE_CHARACTERS,
    QUEUE_PRIORITY_MAX,
    SCRIPT_CALLS,
    SCRIPT_NAME_CHARACTERS,
    SCRIPT_STEPS,
    SPOKEN_CHARACTERS,
)
from terms.names import ANONYMOUS, LINES, Instant

USUAL_TIME: Final = "2026-11-25 10:00"
"""A Wednesday that is no holiday, in the hours of every office."""

HIDDEN: Final = "oculto"
ALL_KEYS: Final = DIGITS + BACK_KEY + END_KEY
REACHED, NOT_REACHED = "atendeu", "nao_atendeu"

_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}\s+[0-9]{1,2}:[0-9]{2}"


def _moment(sheet: Sheet, tree: Tree, part: Part) -> Instant:
    text = one_text(sheet, tree, part)
    try:
        if text is not None and re.fullmatch(_TIME, text):
            return instant_of(text)
    except ValueError:
        pass
    if text is not None:
        sheet.wrong_at(part, f"momento inválido '{shown(text)}'; escreva, como em {USUAL_TIME}")
    return 0.0


def instant_of(text: str) -> Instant:
    """On São Paulo's clock. ValueError when there is no such day or hour."""
    local = datetime.strptime(" ".join(text.split()), "%Y-%m-%d %H:%M")
    return local.replace(tzinfo=CITY).timestamp()


def _keys(sheet: Sheet, tree: Tree, part: Part) -> str:
    text = one_text(sheet, tree, part) or ""
    if set(text) - set(ALL_KEYS):
        sheet.wrong_at(part, f'teclas inválidas \'{shown(text)}\'; use 0 a 9, "*" e "#"')
        return ""
    return text


def _key(sheet: Sheet, tree: Tree, part: Part) -> str:
    keys = _keys(sheet, tree, part)
    if len(keys) > 1:
        sheet.wrong_at(part, f"uma só tecla aqui, não '{shown(keys)}'; para várias: digita")
    return keys[:1]


def _caller(sheet: Sheet, tree: Tree, part: Part) -> str:
    text = one_text(sheet, tree, part)
    if text == HIDDEN:
        return ANONYMOUS
    return _CALLER.read(sheet, tree, part) if text is not None else ""


_CALLER: Final = digits_like(r"\+?[0-9]{3,15}", f"um número de telefone, nem '{HIDDEN}'")
_CALLER_SCHEMA: Final = {"anyOf": [{"enum": [HIDDEN]}, _CALLER.schema]}


def _answer(sheet: Sheet, tree: Tree, part: Part) -> LookUpGives | None:
    if isinstance(tree, Entries):
        values = read_form(sheet, tree, part, {FOUND: Key("values", _DATA, neutral={})}, "consulta")
        return LookUpGives(Answer(FOUND, values["values"]))
    how = _HOW(sheet, tree, part)
    return LookUpGives(Answer(how)) if how else None


_HOW: Final = one_of((FOUND, MISSING, FAILED))
_DATA: Final = names_to(text_of_at_most(DATA_CHARACTERS), "os dados")
_FIELDS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {FOUND: _DATA.schema},
    "required": [FOUND],
    "additionalProperties": False,
}


def _does(step: Step) -> Reading:
    """A step that needs no more words: `silencio: sim`."""

    def read(sheet: Sheet, tree: Tree, part: Part) -> Step:
        text = one_text(sheet, tree, part)
        if text is not None and text != "sim":
            sheet.wrong_at(part, f"esperava-se sim, e não '{shown(text)}'; ou tire o passo")
        return step

    return Reading(read, yes_no.schema)


def _typing(reading: Read, schema: Schema, at_once: bool = False) -> Reading:
    def read(sheet: Sheet, tree: Tree, part: Part) -> Types:
        return Types(reading(sheet, tree, part), at_once)

    return Reading(read, schema)


def _hears(sheet: Sheet, tree: Tree, part: Part) -> Hears:
    return Hears(_WORDS(sheet, tree, part))


def _transfer(sheet: Sheet, tree: Tree, part: Part) -> IsTransferred:
    return IsTransferred(_OUTSIDE(sheet, tree, part) == REACHED)


_WORDS: Final = text_of_at_most(SPOKEN_CHARACTERS)
_OUTSIDE: Final = one_of((REACHED, NOT_REACHED))
_KEYS_SCHEMA: Final = {"anyOf": [matching("[0-9*#]+"), {"type": "integer", "minimum": 0}]}

STEP: Final[Form] = {
    "ouve": Key("hears", Reading(_hears, _WORDS.schema), None, says="O que se ouve agora."),
    "tecla": Key("key", _typing(_key, _KEYS_SCHEMA), None, says="Depois de ouvir a fala."),
    "interrompe": Key("cuts", _typing(_key, _KEYS_SCHEMA, True), None, says="No meio da fala."),
    "digita": Key("keys", _typing(_keys, _KEYS_SCHEMA), None, says="Várias teclas seguidas."),
    "silencio": Key("silent", _does(IsSilent()), None, says="Não tecla nada: sim"),
    "desliga": Key("hangs_up", _does(HangsUp()), None, says="O cidadão desliga: sim"),
    "consulta": Key(
        "answer", Reading(_answer, {"anyOf": [_HOW.schema, _FIELDS]}), None, says="O que responde."
    ),
    "grava_recado": Key("message", _does(LeavesMessage()), None, says="Fala após o sinal: sim"),
    "transfere": Key("reached", Reading(_transfer, _OUTSIDE.schema), None),
    "conversa": Key("talks", _does(Talks()), None, says="Um atendente atende e desliga: sim"),
}


def _step(sheet: Sheet, part: Part, values: dict[str, Any]) -> Step | None:
    written = [step for step in values.values() if step is not None]
    if len(written) > 1:
        sheet.wrong_at(part, "há mais de um passo neste item; ponha cada um no seu, com '-'")
    return written[0] if written else None


_NAMES: Final = list_of(name, "etapas", SCRIPT_STEPS)
WANTED: Final[Form] = {
    "etapas": Key("nodes", _NAMES, (), (), "Por onde passou, nesta ordem; outras entre elas."),
    "fila": Key("queue", name, None),
    "prioridade": Key("priority", whole(0, QUEUE_PRIORITY_MAX), None),
    "assunto": Key("note", text_of_at_most(NOTE_CHARACTERS), None),
    "linha": Key("line", one_of(LINES), None, says="A linha da fila: outra, quando se entregou."),
    "fim": Key("ended", one_of(ENDS), None),
    "dados": Key("data", _DATA, {}, {}),
    "notas": Key("marks", names_to(one_of((*MARKS, UNANSWERED)), "as notas"), {}, {}),
    "idioma": Key("language", one_of(LANGUAGES), None),
}


def _wanted(sheet: Sheet, part: Part, values: dict[str, Any]) -> Wanted:
    return Wanted(**values)


def _called(sheet: Sheet, part: Part, values: dict[str, Any]) -> tuple[Part, dict[str, Any]]:
    notices = {
        node: (Notice(f"script_{node}", texts[0]),)
        for node, texts in values["notices"].items()
        if texts
    }
    steps = tuple(step for step in values["steps"] if step is not None)
    return part, {**values, "steps": steps, "notices": notices}


CALL: Final[Form] = {
    "nome": Key("name", text_of_at_most(SCRIPT_NAME_CHARACTERS)),
    "quando": Key("at", Reading(_moment, matching(_TIME)), instant_of(USUAL_TIME), 0.0),
    "de": Key("caller", Reading(_caller, _CALLER_SCHEMA), "", says=f"O telefone, ou {HIDDEN}."),
    "entrada": Key("entry", digits_like(r"[0-9]{3,15}", "um número discado"), ""),
    "resumido": Key("short", yes_no, False, False, "O menu resumido está ligado."),
    "surdo": Key("relay", yes_no, None, says="Uma intermediação digita por quem não ouve."),
    "avisos": Key("notices", names_to(single, "os avisos"), {}, {}, "Etapa: o que se diz antes."),
    "passos": Key("steps", list_of(record(STEP, "um passo", _step), "passos", SCRIPT_STEPS), ()),
    "espera": Key("wanted", record(WANTED, "espera", _wanted), neutral=Wanted()),
}

_CALLS: Final = list_of(record(CALL, "uma chamada", _called), "chamadas", SCRIPT_CALLS)

SCRIPTS: Final[Form] = {
    "linha": Key("line", one_of(LINES)),
    "chamadas": Key("calls", _CALLS, neutral=()),
}
"""A file of scripts."""
