"""The kinds of nodes (`tipo`): each is one row of NODE_KINDS, its form and what is made of it. A
new kind is a new row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ivr.known import LANGUAGE
from ivr.menu import (
    BACK_KEY,
    BUILT_IN,
    OPTION_KEYS,
    Case,
    CollectNode,
    DecideNode,
    EndNode,
    LookUpNode,
    MenuNode,
    MessageNode,
    Node,
    Part,
    Question,
    SayNode,
    SurveyNode,
    TransferNode,
)
from ivr.texts import Texts, gaps
from ivr.typed import KINDS, LENGTHS, NUMBER
from reader.conditions import when
from reader.forms import (
    Form,
    Key,
    Reading,
    Sheet,
    entries_of,
    keyed,
    list_of,
    names_to,
    place,
    record,
    shown,
)
from reader.queue_nodes import QUEUES, hand_over_node, queue_node
from reader.readings import (
    duration,
    matching,
    name,
    one_of,
    one_text,
    whole,
)
from reader.spoken import texts
from reader.yaml_text import Tree
from terms.limits import (
    CASES_MAX,
    INPUT_TIMEOUT,
    INPUT_TIMEOUT_MAX,
    LOOK_UP_SECONDS_MAX,
    LOOK_UP_SECONDS_MIN,
    MESSAGE_SECONDS,
    MESSAGE_SECONDS_MAX,
    MESSAGE_SECONDS_MIN,
    SURVEY_QUESTIONS,
    TRIES_MAX,
    TYPED_DIGITS,
)
from terms.names import LINES

Values = dict[str, Any]
Make = Callable[[Sheet, Part, Values], Node]


# --- what several kinds have ---
def _options(sheet: Sheet, tree: Tree, part: Part) -> dict[str, str]:
    options = {}
    for entry in entries_of(sheet, tree, part, "teclas") or ():
        if entry.key == BACK_KEY:
            sheet.wrong(entry.mark, "a tecla * já volta ao menu anterior; não a escreva")
            continue
        if len(entry.key) != 1 or entry.key not in OPTION_KEYS:
            sheet.wrong(entry.mark, f"tecla inválida '{shown(entry.key)}'; use de 0 a 9, ou \"#\"")
            continue
        here = (*part, entry.key)
        place(sheet, entry, here)
        options[entry.key] = name(sheet, entry.value, here)
    return options


OPTIONS: Final = Reading(_options, keyed(f"^[{OPTION_KEYS}]$", name.schema))

TRIES: Final = whole(1, TRIES_MAX)
KEY_SECONDS: Final = duration(INPUT_TIMEOUT, INPUT_TIMEOUT_MAX)

_TEXT = Key("text", texts, neutral=(), says="O que é dito.")
_MAY_SAY = Key("text", texts, (), (), "O que é dito antes.")
_NEXT = Key("next", name, says="A etapa que vem depois.")
_LOOK_UP_TIME = duration(LOOK_UP_SECONDS_MIN, LOOK_UP_SECONDS_MAX)
_GIVES_UP = "A etapa de quem não conseguiu; se faltar, um atendente."
_ASKS: Form = {
    "fala": _TEXT,
    "fala_de_novo": Key("again", texts, (), (), "Dito na segunda vez, em lugar de 'fala'."),
    "tentativas": Key("tries", TRIES, None, says="Quantas vezes se pergunta."),
    "espera_da_tecla": Key("key_seconds", KEY_SECONDS, None, says="Por exemplo: 7 s"),
}


# --- what is made of each kind ---
def _plain(kind: Callable[..., Node]) -> Make:
    def make(sheet: Sheet, part: Part, values: Values) -> Node:
        return kind(part[-1], **values)

    return make


def _collect(sheet: Sheet, part: Part, values: Values) -> Node:
    size: tuple[int, int] | None = values.pop("size")
    kind = values["kind"]
    if kind in LENGTHS:
        if size is not None:
            sheet.wrong_at(
                (*part, "size"),
                f"um {kind} tem sempre {LENGTHS[kind]} algarismos; tire 'tamanho'",
            )
        size = (LENGTHS[kind], LENGTHS[kind])
    least, most = size or (1, TYPED_DIGITS)
    variable, echo = values["variable"], values["echo"]
    if variable in (*BUILT_IN, LANGUAGE):
        message = f"'{variable}' é um dado que toda ligação já tem; use outro nome"
        sheet.wrong_at((*part, "variable"), message)
    if variable and echo and not _echoes(echo, variable):
        sheet.wrong_at((*part, "echo"), f"'confirma' precisa da lacuna {{{variable}}}")
    return CollectNode(part[-1], **values, least=least, most=most)


def _echoes(echo: Texts, variable: str) -> bool:
    return any(gap.name == variable for text in echo for gap in gaps(text))


def _size(sheet: Sheet, tree: Tree, part: Part) -> tuple[int, int] | None:
    text = one_text(sheet, tree, part)
    if text is None:
        return None
    found = [int(number) for number in re.findall("[0-9]+", text)]
    if re.fullmatch(_SIZE, text) and 1 <= found[0] <= found[-1] <= TYPED_DIGITS:
        return found[0], found[-1]
    sheet.wrong_at(
        part, f"tamanho inválido '{shown(text)}'; escreva 6, ou 4 a 8 (até {TYPED_DIGITS})"
    )
    return None


_SIZE: Final = r"[0-9]{1,2}(?:\s+a\s+[0-9]{1,2})?"
SIZE: Final = Reading(_size, {"anyOf": [matching(_SIZE), whole(1, TYPED_DIGITS).schema]})


def _case(sheet: Sheet, part: Part, values: Values) -> Case:
    return Case(**values)


CASE: Form = {
    "quando": Key("when", when, neutral=(), says="O que precisa valer, tudo ao mesmo tempo."),
    "vai": Key("next", name, says="A etapa que vem então."),
}
QUESTION: Form = {
    "nome": Key("name", name, says="O nome da pergunta nos relatórios."),
    "fala": Key("text", texts, neutral=(), says="A pergunta, respondida de 1 a 5."),
}


def _question(sheet: Sheet, part: Part, values: Values) -> Question:
    return Question(**values)


def _survey(sheet: Sheet, part: Part, values: Values) -> Node:
    asked = [question.name for question in values["questions"] if question.name]
    for number, question in enumerate(values["questions"]):
        if question.name and question.name in asked[:number]:
            here = (*part, "questions", str(number), "name")
            sheet.wrong_at(here, f"já há uma pergunta com o nome '{question.name}'")
    return SurveyNode(part[-1], **values)


NODE_KINDS: Final[Mapping[str, tuple[Form, Make]]] = {
    "aviso": ({"fala": _TEXT, "segue": _NEXT}, _plain(SayNode)),
    "menu": (
        {
            **_ASKS,
            "teclas": Key("options", OPTIONS, neutral={}, says="Cada tecla e sua etapa."),
            "desiste": Key("gives_up", name, "", says=_GIVES_UP),
        },
        _plain(MenuNode),
    ),
    "digitos": (
        {
            **_ASKS,
            "guarda": Key("variable", name, says="O nome do dado que é digitado."),
            "formato": Key("kind", one_of(KINDS), NUMBER, NUMBER, "O que o número precisa ser."),
            "tamanho": Key("size", SIZE, None, None, "Quantos algarismos: 6, ou 4 a 8."),
            "confirma": Key("echo", texts, (), (), "Dito com o número digitado: 1 confirma."),
            "segue": _NEXT,
            "desiste": Key("failed", name, "", says=_GIVES_UP),
        },
        _collect,
    ),
    "decisao": (
        {
            "casos": Key(
                "cases", list_of(record(CASE, "um caso", _case), "casos", CASES_MAX), neutral=()
            ),
            "senao": Key("otherwise", name, says="A etapa para quando nenhum caso vale."),
        },
        _plain(DecideNode),
    ),
    "consulta": (
        {
            "servico": Key("service", name, says="O nome de um serviço de servicos.yaml."),
            "com": Key("given", names_to(name, "com"), {}, {}, "Cada pergunta e seu dado."),
            "fala": _MAY_SAY,
            "tempo": Key("seconds", _LOOK_UP_TIME, 0.0, 0.0, "Sem isto, o tempo do serviço."),
            "achou": Key("found", name),
            "nao_achou": Key("missing", name),
            "falhou": Key("failed", name, says="A etapa para quando o serviço não responde."),
        },
        _plain(LookUpNode),
    ),
    "fila": (
        {
            **QUEUES,
            "teclas": Key("options", OPTIONS, {}, {}, "Teclas ouvidas enquanto se espera."),
        },
        queue_node,
    ),
    "entrega": (
        {"linha": Key("line", one_of(LINES), says="A linha que recebe a ligação."), **QUEUES},
        hand_over_node,
    ),
    "transferencia": (
        {
            "para": Key("destination", name, says="O nome de um destino de comum.yaml."),
            "fala": _MAY_SAY,
            "segue": _NEXT,
            "nao_atendeu": Key("failed", name),
        },
        _plain(TransferNode),
    ),
    "recado": (
        {
            "fala": _TEXT,
            "tempo": Key(
                "seconds", duration(MESSAGE_SECONDS_MIN, MESSAGE_SECONDS_MAX), MESSAGE_SECONDS
            ),
            "segue": _NEXT,
        },
        _plain(MessageNode),
    ),
    "pesquisa": (
        {
            "fala": _MAY_SAY,
            "perguntas": Key(
                "questions",
                list_of(record(QUESTION, "uma pergunta", _question), "perguntas", SURVEY_QUESTIONS),
                neutral=(),
            ),
            "segue": _NEXT,
        },
        _survey,
    ),
    "fim": ({"fala": Key("text", texts, (), ())}, _plain(EndNode)),
}
