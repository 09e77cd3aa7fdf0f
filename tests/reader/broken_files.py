"""A corpus of broken dialplans: small changes to the sound folder `whole`, from two sources.

edits of its data     every key of every form: left empty, of another kind, misspelt, left out
edits of its text     what YAML, keyboards and editors do to people: see TEXT_EDITS, FILES_EDITS
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from broken_queues import QUEUE_EDITS

from reader.node_kinds import NODE_KINDS
from reader.yaml_text import Entries, Items, Text, Tree, read_yaml
from terms.limits import DIALPLAN_BYTES

WHOLE = Path(__file__).with_name("whole")
NAMES = ("queues", "calendar", "comum", "servicos", "156", "199", "153", "announcements")

KINDS = frozenset(NODE_KINDS)

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Broken:
    """One file with one thing wrong. `says` stands in what is told of it; `structure`: the JSON
    Schema must see it too."""

    called: str
    file: str
    content: bytes
    says: str
    structure: bool = False

    @property
    def group(self) -> str:
        """Those that are tested together."""
        kind = self.called.rsplit(": ", 1)[-1].split()[-1] if self.structure else "texto"
        return f"{self.file} {kind}"


def plain(tree: Tree) -> Any:
    """A tree as plain data: texts, lists, mappings; None for a value that is not there."""
    match tree:
        case Text(text=text):
            return unicodedata.normalize("NFC", text) or None
        case Items(items=items):
            return [plain(item) for item in items]
        case Entries(entries=entries):
            return {entry.key: plain(entry.value) for entry in entries}
        case _:
            return None


@cache
def data_of(name: str) -> Any:
    tree, refused = read_yaml((WHOLE / f"{name}.yaml").read_bytes())
    assert not refused
    return plain(tree)


def written(data: Any) -> bytes:
    """YAML again: JSON is YAML."""
    return json.dumps(data, ensure_ascii=False, indent=0).encode()


# --- every key of every form ---
OWN_NAMES = {"etapas", "textos", "destinos", "filas", "servicos", "horarios", "teclas", "codigos"}
"""Mappings whose keys are their author's own."""
LANGUAGES = {"pt", "en", "es"}
REQUIRED = {
    *("linha", "comeca_em", "atendente", "etapas", "tipo", "segue", "teclas", "guarda", "casos"),
    *("senao", "quando", "vai", "servico", "achou", "nao_achou", "falhou", "fila", "para"),
    *("nao_atendeu", "perguntas", "nome", "habilidade", "prioridade", "apos"),
    *("agentes", "chamadas"),
    *("dia", "origem", "etapa", "de", "ate"),
}
NOT_THERE = {
    *(("fila", "prioridade"), ("entrega", "prioridade"), ("fila", "teclas"), ("", "tipo")),
    *(("decisao", "dia"), ("fim", "tipo"), ("emergencia", "tipo"), ("institucional", "tipo")),
}
"""Where keys of these names may be left out, or are all there is: (kind of the node, key)."""
MISSED_ELSEWHERE = {"etapas"}
"""What is missed in another file when it is left out of comum.yaml."""


def places(data: Any, place: Place = ()) -> Iterator[Place]:
    """Where every value stands."""
    if place:
        yield place
    if isinstance(data, dict):
        for key, value in data.items():
            yield from places(value, (*place, key))
    for number, value in enumerate(data if isinstance(data, list) else ()):
        yield from places(value, (*place, number))


def at(data: Any, place: Place) -> Any:
    for key in place:
        data = data[key]
    return data


def kind_of(data: Any, place: Place) -> Place:
    """A place with the authors' own names left out: two places of one kind are read alike."""
    kind: list[str | int] = []
    for number, key in enumerate(place):
        value = at(data, place[: number + 1])
        if isinstance(key, int):
            kind.append("-")
        elif number and place[number - 1] in OWN_NAMES | {"com"}:
            kind.append(f"*{value['tipo']}" if isinstance(value, dict) and "tipo" in value else "*")
        else:
            kind.append(key)
    if kind[-1] == "porque":
        return ("porque",)
    return ("língua", kind[-1]) if kind[-1] in LANGUAGES else tuple(kind)


def changed(name: str, place: Place, value: Any) -> bytes:
    data = json.loads(json.dumps(data_of(name)))
    at(data, place[:-1])[place[-1]] = value
    return written(data)


def without(name: str, place: Place, renamed: str = "") -> bytes:
    data = json.loads(json.dumps(data_of(name)))
    above = at(data, place[:-1])
    value = above.pop(place[-1])
    if renamed:
        above[renamed] = value
    return written(data)


def data_edits() -> Iterator[Broken]:
    """Every key of another kind, once; every key empty, once; every form with a key that it does
    not know; every form without each key that it needs."""
    seen: set[Place] = set()
    for name in NAMES:
        data = data_of(name)
        for place in places(data):
            kind = kind_of(data, place)
            for signature, what, says, content in _edits_of(name, data, place, kind):
                if signature not in seen:
                    seen.add(signature)
                    called = f"{name}: {'/'.join(map(str, kind))} {what}"
                    yield Broken(called, f"{name}.yaml", content(), says, True)


Edit = tuple[Place, str, str, Callable[[], bytes]]
"""What is like another edit, how it is called, what is said of it, and the file that comes out."""


def _edits_of(name: str, data: Any, place: Place, kind: Place) -> Iterator[Edit]:
    key = place[-1]
    strange = {"x": {"y": "z"}} if isinstance(at(data, place), list) else [["x"]]
    last = kind[-1:] if isinstance(key, str) else kind[-2:]
    yield ("tipo", *last), "de outro tipo", "", partial(changed, name, place, strange)
    if isinstance(key, int) or (len(place) > 1 and place[-2] in OWN_NAMES | {"com"}):
        return
    if key != "avisos":
        yield ("vazio", key), "vazio", "", partial(changed, name, place, "")
    tipo = str(at(data, place[:-1]).get("tipo", ""))
    if name != "comum" or key not in MISSED_ELSEWHERE:
        wrong = f"{key}x_x"
        says = f"chave desconhecida '{wrong}'"
        says = "idioma desconhecido" if key in LANGUAGES else says
        says = "dia desconhecido" if len(place) > 2 and place[0] == "horarios" else says
        says = "falta a chave 'tipo'" if key == "tipo" and tipo in KINDS else says
        yield ("nome", *kind[:-1]), "com outro nome", says, partial(without, name, place, wrong)
    needed = key in REQUIRED and (tipo, key) not in NOT_THERE and "dado" not in place
    if needed and name != "comum" and not (key == "dia" and "quando" in place):
        yield ("falta", *kind), "faltando", f"falta a chave '{key}'", partial(without, name, place)


# --- what happens to whole files ---
def file_edits() -> Iterator[Broken]:
    """All of them to one file, a few to every other."""
    for number, name in enumerate(NAMES):
        good = (WHOLE / f"{name}.yaml").read_text(encoding="utf-8")
        for turn, (called, content, says) in enumerate(_file_edits(good)):
            if name == "156" or turn % len(NAMES) in (number, (number + 3) % len(NAMES)):
                yield Broken(f"{name}: {called}", f"{name}.yaml", content, says)


def _file_edits(good: str) -> Iterator[tuple[str, bytes, str]]:
    accented = f"# São Paulo\n{good}"
    yield "em latin-1", accented.encode("latin-1", "replace"), "não está em UTF-8"
    yield "em utf-16", good.encode("utf-16"), "não está em UTF-8"
    yield "em utf-16 sem marca", accented.encode("utf-16-be"), "não está em UTF-8"
    yield "com NUL", good.encode() + b"\0\n", "caractere de controle"
    yield "com um sino", good.encode() + b"# \a\n", "caractere de controle"
    yield "com tabulação", good.encode() + b"\tporque: nada\n", ""
    yield "com dois documentos", f"{good}---\n{good}".encode(), "só pode haver um documento"
    yield "grande demais", good.encode() + b"#" * DIALPLAN_BYTES, "256 KiB"
    yield "fundo demais", f"{good}porque: {'[' * 40}{']' * 40}\n".encode(), "32 níveis"
    yield "fundo sem fim", f"{good}porque: {'[' * 3000}".encode(), "32 níveis"
    bomb = "".join(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]\n" for n in range(1, 30))
    yield "com uma bomba", f"{good}x0: &x0 [a, a]\n{bomb}".encode(), "não são aceit"
    yield "com uma marca", f"{good}porque: &aqui nada\n".encode(), "marcas (&nome) não são aceitas"
    yield "com um tipo", f"{good}porque: !!str nada\n".encode(), "tipos (!nome) não são aceitos"
    yield "com <<", f"{good}<<: {{a: b}}\n".encode(), "chave desconhecida '<<'"
    yield "com aspas sem par", f'{good}porque: "nada\n'.encode(), "faltam aspas"
    yield "com chave sem par", f"{good}porque: {{a: b\n".encode(), ""
    yield "que é uma lista", b"- a\n- b\n", "há uma lista"
    yield "que é um texto", "só um texto\n".encode(), "há um texto"
    first = next(line for line in good.splitlines() if line and line[0] not in "# ")
    again = first.split(":")[0]
    yield "com chave repetida", f"{good}{again}: x\n".encode(), f"chave '{again}' repetida"
    yield "com recuo errado", f"porque:\n- a\n -b: c\n{good}".encode(), ""


# --- what happens to single values ---
def text_edits() -> Iterator[Broken]:
    for number, (name, old, new, says) in enumerate(TEXT_EDITS):
        good = (WHOLE / f"{name}.yaml").read_text(encoding="utf-8")
        assert old in good, (name, old)
        content = good.replace(old, new, 1).encode()
        yield Broken(f"{name} {number}: {new}".strip(), f"{name}.yaml", content, says)


def broken_files() -> tuple[Broken, ...]:
    """The corpus."""
    edits = (*data_edits(), *file_edits(), *text_edits())
    return tuple({edit.content: edit for edit in edits}.values())


NUMBER, CHOICE, TIME = "número inválido", "valor desconhecido", "duração inválida"
LATE, NAME, PHONE = "duração fora do limite", "nome inválido", "não é um número"
HOURS, DAY, WHEN = "horário inválido", "dia inválido", "dia e hora inválidos"

TEXT_EDITS: tuple[tuple[str, str, str, str], ...] = (
    # numbers that other readers would take for others
    ("156", "linha: 156", "linha: 0156", CHOICE),
    ("156", "linha: 156", "linha: 0o234", CHOICE),
    ("156", "linha: 156", "linha: 0x9C", CHOICE),
    ("156", "linha: 156", "linha: 156.0", CHOICE),
    ("156", "linha: 156", "linha: +156", CHOICE),
    ("156", "linha: 156", "linha: 1_5_6", CHOICE),
    ("156", "linha: 156", "linha: 199", CHOICE),
    ("156", "linha: 156", "linha: null", CHOICE),
    ("156", "linha: 156", "linha: ~", CHOICE),
    ("queues", "prioridade: 30", "prioridade: 0o30", NUMBER),
    ("queues", "prioridade: 30", "prioridade: 0x1E", NUMBER),
    ("queues", "prioridade: 30", "prioridade: 3e1", NUMBER),
    ("queues", "prioridade: 30", "prioridade: 30.0", NUMBER),
    ("queues", "prioridade: 30", "prioridade: -30", NUMBER),
    ("queues", "prioridade: 30", "prioridade: +30", NUMBER),
    ("queues", "prioridade: 30", "prioridade: 101", NUMBER),
    ("queues", "prioridade: 30", "prioridade: 1_0", NUMBER),
    ("queues", "prioridade: 30", "prioridade: trinta", NUMBER),
    ("queues", "prioridade: 30", "prioridade: ٣٠", NUMBER),
    ("queues", "prioridade: 30", f"prioridade: {'9' * 400}", NUMBER),
    ("queues", "prioridade: 30", "prioridade: .inf", NUMBER),
    ("queues", "nivel_minimo: 3", "nivel_minimo: 0", NUMBER),
    ("queues", "nivel_minimo: 3", "nivel_minimo: 10", NUMBER),
    ("156", "  tentativas: 3\n", "  tentativas: 99\n", NUMBER),
    ("comum", "tentativas: 2", "tentativas: 0", NUMBER),
    # sim and não
    ("comum", "interrompe: sim", "interrompe: on", CHOICE),
    ("comum", "interrompe: sim", "interrompe: yes", CHOICE),
    ("comum", "interrompe: sim", "interrompe: true", CHOICE),
    ("comum", "interrompe: sim", "interrompe: Sim", CHOICE),
    ("comum", "interrompe: sim", "interrompe: y", CHOICE),
    ("comum", "interrompe: sim", "interrompe: 1", CHOICE),
    ("156", "interrompe: não", "interrompe: no", CHOICE),
    ("156", "interrompe: não", "interrompe: off", CHOICE),
    ("156", "interrompe: não", "interrompe: false", CHOICE),
    ("156", "feriado: não", "feriado: n", CHOICE),
    ("servicos", "grava: sim", "grava: on", CHOICE),
    # times
    ("queues", "toque: 15 s", "toque: 15", TIME),
    ("queues", "toque: 15 s", "toque: 0:15", TIME),
    ("queues", "toque: 15 s", "toque: 00:00:15", TIME),
    ("queues", "toque: 15 s", "toque: 15 segundos", TIME),
    ("queues", "toque: 15 s", "toque: -15 s", TIME),
    ("queues", "toque: 15 s", "toque: 15S", TIME),
    ("queues", "toque: 15 s", "toque: 1.5.0 s", TIME),
    ("queues", "toque: 15 s", "toque: 15 h", LATE),
    ("queues", "toque: 15 s", "toque: 0 s", LATE),
    ("queues", "toque: 15 s", "toque: 999999 h", LATE),
    ("comum", "espera_da_tecla: 7 s", "espera_da_tecla: 3 s", LATE),
    ("comum", "espera_entre_digitos: 3 s", "espera_entre_digitos: 1 min", LATE),
    ("156", "    tempo: 60 s", "    tempo: 1 h", LATE),
    ("156", "    tempo: 2 s", "    tempo: 20 s", LATE),
    ("156", "a_cada: 60 s", "a_cada: 1 s", LATE),
    ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 18:00", "hora inválida"),
    ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 18h a 22h", "hora inválida"),
    ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 18:00-22:00", "hora inválida"),
    ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 18:60 a 22:00", "hora inválida"),
    ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 25:00 a 26:00", "hora inválida"),
    ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 8:00 a 8:00", "hora inválida"),
    ("calendar", "0:00 a 24:00", "0:00 a 24:01", HOURS),
    ("calendar", "0:00 a 24:00", "0:00", HOURS),
    ("calendar", "0:00 a 24:00", "sempre", HOURS),
    ("calendar", "0:00 a 24:00", "no", HOURS),
    ("calendar", "0:00 a 24:00", "1440", HOURS),
    ("calendar", "0:00 a 24:00", "22:00 a 6:00", "horário fora de ordem"),
    ("calendar", "8:00 a 12:00 e 13:00", "8:00 a 14:00 e 13:00", "horário fora de ordem"),
    ("calendar", "8:00 a 12:00 e 13:00 a 18:00", "8:00 a 12:00, 13:00 a 18:00", HOURS),
    ("calendar", "terça-feira:", "tersa-feira:", "dia desconhecido"),
    ("calendar", "terça-feira:", "Terça:", "dia desconhecido"),
    ("calendar", "terça-feira:", "tuesday:", "dia desconhecido"),
    ("calendar", "terça-feira:", "31/02/2026:", "dia desconhecido"),
    ("calendar", "domingo: fechado", "segunda a terça: fechado", "já tem horário acima"),
    ("calendar", "dia: 25/01", "dia: 01/25", DAY),
    ("calendar", "dia: 25/01", "dia: 31/04", DAY),
    ("calendar", "dia: 25/01", "dia: 2026-01-25", DAY),
    ("calendar", "dia: 25/01", "dia: 25 de janeiro", DAY),
    ("calendar", "dia: 24/12/2026", "dia: 29/02/2026", DAY),
    ("calendar", "dia: 24/12/2026", "dia: 24/12/26", DAY),
    ("calendar", "dia: 24/12/2026", "dia: 24/12/1999", "o ano deve ser"),
    ("calendar", "estado: SP", "estado: XX", CHOICE),
    ("calendar", "estado: SP", "estado: NO", CHOICE),
    ("calendar", "[Corpus Christi,", "[Corpos Christi,", "você quis dizer 'Corpus Christi'?"),
    ("announcements", "de: 2026-11-25 08:00", "de: 2026-11-25", WHEN),
    ("announcements", "de: 2026-11-25 08:00", "de: 2026-02-30 08:00", WHEN),
    ("announcements", "de: 2026-11-25 08:00", "de: 2026-11-25T08:00", WHEN),
    ("announcements", "de: 2026-11-25 08:00", "de: 2026-11-25 24:00", WHEN),
    ("announcements", "de: 2026-11-25 08:00", "de: amanhã", WHEN),
    ("announcements", "de: 2026-11-25 08:00", "de: 0000-11-25 08:00", WHEN),
    ("announcements", "ate: 2026-11-25 20:00", "ate: 2026-11-25 07:00", "depois de 'de'"),
    ("announcements", "ate: 2026-11-25 20:00", "ate: 2036-11-25 20:00", "no máximo"),
    # what is said
    ("156", "{assunto}", "{assunto", "lacuna inválida"),
    ("156", "{assunto}", "assunto}", "lacuna inválida"),
    ("156", "{assunto}", "{}", "lacuna inválida"),
    ("156", "{assunto}", "{Assunto}", "lacuna inválida"),
    ("156", "{assunto}", "{{assunto}}", "lacuna inválida"),
    ("156", "{assunto}", "{assunto:}", "lacuna inválida"),
    ("156", "{assunto}", "{assunto!r}", "lacuna inválida"),
    ("156", "{assunto}", "{relação}", "lacuna inválida"),
    ("156", "{aberto_em:data}", "{aberto_em:dato}", "você quis dizer 'data'?"),
    ("156", "{protocolo:protocolo}.", "o número.", "precisa da lacuna {protocolo}"),
    ("156", "fala: Digite a sua idade.", "fala: {idade} é a sua?", ""),
    ("156", "fala: Digite a sua idade.", "fala: {assunto}", "idioma desconhecido"),
    ("156", "fala: Digite a sua idade.", "fala: '...'", "não há nada para dizer"),
    ("156", "fala: Digite a sua idade.", "fala: digite", "não existe em comum.yaml"),
    ("156", "fala: Digite a sua idade.", f"fala: {'Ai. ' * 200}", "o máximo é 600"),
    ("156", "fala: Digite a sua idade.", "fala: {en: Type your age., es: Su edad.}", "falta 'pt'"),
    ("156", "fala: Digite a sua idade.", "fala: {pt: Idade, es: Su edad.}", "não fala 'es'"),
    ("156", "fala: Digite a sua idade.", "fala: {pt: Idade, fr: Votre age.}", "idioma desconhe"),
    ("156", "fala: Digite a sua idade.", "fala: []", "use de 1 a 20"),
    ("156", "fala: Digite a sua idade.", "fala: [[Olá.]]", "um só texto"),
    ("156", "fala: Digite a sua idade.", "fala: Atenção: digite.", "há dois pontos (:)"),
    ("156", "fala: Digite a sua idade.", "fala: 'Digite", "faltam aspas"),
    ("156", "fala: Digite a sua idade.", "fala: 'Digite' a idade.", "entre as outras aspas"),
    ("156", "fala: Digite a sua idade.", "fala: {idade}, digite.", "que começa por { precisa"),
    ("156", "fala: Digite a sua idade.", "fala: {idade, digite.", "que começa aqui"),
    ("156", "fala: Digite a sua idade.", "fala: *Digite* a idade.", "que começa por * precisa"),
    ("156", "fala: Digite a sua idade.", "fala: Digite a idade e tecle #.", "não seria dito"),
    ("156", "fala: Digite a sua idade.", "fala: % de quê?", "este sinal não pode começar"),
    ("156", "fala: Digite a sua idade.", "fala: @prefeitura", "este sinal não pode começar"),
    ("156", "fala: Digite a sua idade.", 'fala: "Olá\\q"', "sinal desconhecido"),
    ("156", "fala: Digite a sua idade.", "fala: # depois", "falta o valor"),
    ("156", "[saudacao, gravada", "[saudasao, gravada", "você quis dizer 'saudacao'?"),
    (
        "comum",
        "gravada: Esta ligação é gravada.",
        "gravada: saudacao",
        "parece o nome de outro texto",
    ),
    ("announcements", "fala: Chove forte na cidade.", "fala: [Chove., Muito.]", "um só texto"),
    ("announcements", "fala: Chove forte na cidade.", "fala: saudacao", "um só texto"),
    # what those who wait are told, and their call-back
    ("156", "    tecla: 3\n", "    tecla: 9\n", "valor desconhecido '9'"),
    ("156", "    tecla: 3\n", "", "falta a chave 'tecla' em retorno"),
    ("156", "    tecla: 3\n", "    tecla: 2\n", "já tem um sentido na fila 'um_atendente'"),
    ("156", "espera_maior_que: 4 min", "espera_maior_que: 5 s", "duração fora do limite"),
    ("156", "    fala: Para receber a", "    flaa: Para receber a", "você quis dizer 'fala'?"),
    ("156", '    espera: "Espera: {espera:minutos}."\n', "", "falta a chave 'espera' em previsao"),
    ("156", "{espera:minutos}", "{espera:minuto}", "você quis dizer 'minutos'?"),
    ("156", "{espera:minutos}", "{espera:numero}", "uma vez em cada idioma"),
    ("156", "    a_cada: 2 min", "    a_cada: 2", "duração inválida"),
    # names and keys
    ("156", "  impostos:\n", "  Impostos:\n", NAME),
    ("156", "  impostos:\n", "  impôstos:\n", NAME),
    ("156", "  impostos:\n", "  1:\n", NAME),
    ("156", "  impostos:\n", f"  {'a' * 41}:\n", NAME),
    ("156", "  impostos:\n", "  ? [a, b]\n  :\n", "uma chave só pode ser um texto"),
    ("156", "  impostos:\n", "  na_espera:\n", "não pode ser o nome de uma etapa"),
    ("156", "  impostos:\n", "  luz:\n", "chave 'luz' repetida"),
    ("156", "  impostos:\n", "  impostos\n", ""),
    ("156", "senao: principal", "senao: pricipal", "você quis dizer 'principal'?"),
    ("156", "senao: principal", "senao: Menu Principal", NAME),
    ("156", '"*11": recado', "*11: recado", ""),
    ("156", '"*11": recado', '"*1": recado', "não é um código direto"),
    ("156", '"*11": recado', '"11": recado', "não é um código direto"),
    ("156", '"*11": recado', '"*111": recado', "não é um código direto"),
    ("156", '"*11": recado', '"*00": recado', "já existe"),
    ("156", '"*11": recado', '"*11": recados', "você quis dizer 'recado'?"),
    ("156", "      2: luz", "      12: luz", "tecla inválida '12'"),
    ("156", "      2: luz", '      "*": luz', "a tecla * já volta"),
    ("156", "      2: luz", "      dois: luz", "tecla inválida 'dois'"),
    ("156", "      2: luz", "      1: luz", "chave '1' repetida"),
    ("comum", 'tecla_do_protocolo: "#"', "tecla_do_protocolo: 9", CHOICE),
    ("comum", 'tecla_do_protocolo: "#"', 'tecla_do_protocolo: "*"', CHOICE),
    ("comum", 'tecla_do_protocolo: "#"', "tecla_do_protocolo: #", "falta o valor"),
    ("156", "idiomas: [pt, en]", "idiomas: [en]", "falta 'pt'"),
    ("156", "idiomas: [pt, en]", "idiomas: [pt, fr]", CHOICE),
    ("156", "idiomas: [pt, en]", "idiomas: [pt, pt, en]", "idioma repetido"),
    ("156", "tipo: menu", "tipo: menus", "você quis dizer 'menu'?"),
    ("156", "tipo: menu", "tipo: Menu", CHOICE),
    # what a node is about
    ("156", "formato: protocolo", "formato: protocolos", "você quis dizer 'protocolo'?"),
    ("156", "formato: protocolo", "formato: protocolo\n    tamanho: 9", "tire 'tamanho'"),
    ("156", "tamanho: 1 a 3", "tamanho: 3 a 1", "tamanho inválido"),
    ("156", "tamanho: 1 a 3", "tamanho: 0", "tamanho inválido"),
    ("156", "tamanho: 1 a 3", "tamanho: 1-3", "tamanho inválido"),
    ("156", "tamanho: 1 a 3", "tamanho: 99", "tamanho inválido"),
    ("156", "guarda: idade", "guarda: telefone", "toda ligação já tem"),
    ("156", "guarda: idade", "guarda: Idade", NAME),
    ("156", "dia: [sabado, domingo]", "dia: [sabado, dom]", "dia desconhecido"),
    ("156", "dia: [sabado, domingo]", "dia: []", "use de 1 a"),
    ("156", "ddd: [11, 13]", "ddd: [011]", "não é um DDD"),
    ("156", "ddd: [11, 13]", "ddd: 1", "não é um DDD"),
    ("156", "entrada: 08000110156", "entrada: 0800-011-0156", PHONE),
    ("156", 'chamador: "+5511"', 'chamador: "+55 11"', "não é o começo de um número"),
    ("156", "telefone: [movel, oculto]", "telefone: [celular]", CHOICE),
    ("156", "{surdo: sim}", "{sudo: sim}", "você quis dizer 'surdo'?"),
    ("156", "{surdo: sim}", "{}", "não há nada em quando"),
    ("156", "{surdo: sim}", "{dado: {nome: idade}}", "falta dizer o que se quer do dado"),
    ("156", "horario: comercial", "horario: comercia", "você quis dizer 'comercial'?"),
    ("156", "servico: protocolo", "servico: protocolos", "não existe em servicos.yaml"),
    ("156", "com: {protocolo: protocolo}", "com: {numero: protocolo}", "não pergunta por 'numero'"),
    ("156", "para: disque_luz", "para: disque_lus", "você quis dizer 'disque_luz'?"),
    ("156", "fila: p156_docs", "fila: p156_dics", "você quis dizer 'p156_docs'?"),
    ("156", "fila: p156_docs", "fila: e199_risco", "da linha 199"),
    ("156", "    linha: 199", "    linha: 190", CHOICE),
    ("156", "assunto: Chuva", f"assunto: {'Chuva ' * 20}", "passa de 60 letras"),
    ("156", "resumido_no_horario: noite", "resumido_no_horario: noites", "não existe em calendar"),
    ("156", "depois_da_conversa: pergunta_final", "depois_da_conversa: pesquisa", "não existe"),
    ("comum", "nome: nota", "nome: clareza", "já há uma pergunta"),
    ("comum", 'disque_luz: "08007220156"', "disque_luz: 0800 722", PHONE),
    ("comum", "bombeiros: 193", "bombeiros: um nove três", PHONE),
    ("comum", "  - 142", "  - 142-CIL", PHONE),
    *QUEUE_EDITS,
    # services, announcements
    ("servicos", "origem: central", "origem: Central", NAME),
    ("servicos", "  protocolo:\n", "  protocolos:\n", "a central responde só a"),
    ("servicos", ":codigo\n", ":codico\n", ":codico não está em pergunta"),
    ("servicos", "SELECT data", "DELETE data", "deve começar com SELECT"),
    ("servicos", "metodo: GET", "metodo: GETS", "você quis dizer 'GET'?"),
    ("servicos", "caminho: /agora", "caminho: agora", "deve começar com uma só /"),
    ("servicos", "{bairro}", "{lugar}", "não está em pergunta"),
    ("announcements", "etapa: principal", "etapa: pricipal", "você quis dizer 'principal'?"),
    ("announcements", "etapa: principal", "etapa: momento", "é uma decisão e não fala"),
    ("announcements", "tipo: emergencia", "tipo: emergência", "você quis dizer 'emergencia'?"),
    ("announcements", "nome: vacina", "nome: chuva_forte", "já há um aviso com o nome"),
    # the hand that slips
    ("156", "    segue: momento", "   segue: momento", "recuo errado"),
    ("156", "    segue: momento", "\tsegue: momento", "tabulação"),
    ("156", "    segue: momento", "    segue momento", "faltam os dois pontos"),
    ("156", "    segue: momento", "    segue:momento", "falta um espaço"),
    ("156", "    segue: momento", "    segue:\u00a0momento", "não é um espaço comum (U+00A0)"),
    ("156", "    segue: momento", "\u00a0   segue: momento", "não é um espaço comum (U+00A0)"),
    ("156", "    segue: momento", "     segue: momento", "mais à direita do que as suas vizinhas"),
    ("156", "    segue: momento", "    segue: mom\u200bento", "invisível neste texto (U+200B)"),
    ("156", "    segue: momento", "    segue: m\u043emento", "'m<U+043E>mento'; use letras"),
    ("156", "    segue: momento", "    s\u0435gue: momento", "'s<U+0435>gue' em etapa"),
    ("156", "    segue: momento", "    - segue: momento", ""),
    ("156", "    segue: momento", "    segue: !momento", "tipos (!nome) não são aceitos"),
    ("156", "    segue: momento", "    segue: &x momento", "marcas (&nome) não são aceitas"),
    ("156", "    segue: momento", "    segue: *momento", "atalhos (*nome) não são aceitos"),
    ("156", "    segue: momento", "    <<: *momento", "atalhos (*nome) não são aceitos"),
    ("156", "    segue: momento", "    segue: [momento, principal]", "um só texto"),
    ("156", "    segue: momento", "    segue: momento\n    segue: principal", "repetida"),
    ("156", "    segue: momento", "    segue: momento\n    Segue: principal", "chave desconhecida"),
    ("156", "    segue: momento", "    segue\u00a0: momento", ""),
    ("156", "    segue: momento", "    segue: momento\u200b", NAME),
)
