"""What stands in the boxes of a drawn tree: names, texts, keys and where they lead."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from ivr.difference_words import case_words, kind_of, quantity, shown_text
from ivr.menu import (
    CollectNode,
    DecideNode,
    EndNode,
    HandOverNode,
    LookUpNode,
    MenuNode,
    Node,
    QueueNode,
    SurveyNode,
    TransferNode,
)
from ivr.ways import exits, said
from terms.limits import DRAWN_CHARACTERS

COLOURS: Final[Mapping[str, str]] = {
    "aviso": "#e8eef7",
    "menu": "#cfe2ff",
    "digitos": "#d9f2e6",
    "decisao": "#fff1c9",
    "consulta": "#e6dcf7",
    "fila": "#ffd9c2",
    "entrega": "#ffc2c2",
    "transferencia": "#ffd0e0",
    "recado": "#e3e3c8",
    "pesquisa": "#cdeef2",
    "fim": "#dddddd",
}
"""Of each kind of node; pale, so that black letters stay readable on paper."""

TEXT_COLUMNS, LEAF_COLUMNS, LABEL_COLUMNS = 38, 34, 24

SHORT_EXITS: Final = {
    "next": "segue",
    "gives_up": "desiste",
    "failed": "falhou",
    "found": "achou",
    "missing": "não achou",
    "otherwise": "senão",
}


def is_leaf(node: Node) -> bool:
    """Whether a way through the menu ends here, so that it needs no box of its own."""
    if isinstance(node, QueueNode):
        return not node.options
    return isinstance(node, HandOverNode | EndNode)


def leaf_words(node: Node) -> str:
    """What stands in the row that leads to such a node."""
    match node:
        case QueueNode():
            words, note = f"fila {node.queue}, {node.priority}", f" «{node.note}»"
            words += _needed(node)
            fits = node.note and len(words) + len(note) <= LEAF_COLUMNS
            return words + note if fits else words
        case HandOverNode():
            return f"linha {node.line}: {node.queue}, {node.priority}{_needed(node)}"
        case _:
            text = _text_of(node)
            return f"fim «{text}»" if text else "fim"


def ways(node: Node) -> Iterator[tuple[str, str]]:
    """(label, target) of each way out that was written; keys to the same node stand together."""
    labels: dict[str, list[str]] = {}
    for part, target in exits(node):
        match part:
            case ("options", key):
                label = key
            case ("cases", number, _) if isinstance(node, DecideNode):
                label = case_words(node.cases[int(number)])
            case (name, *_):
                if not target and name in ("gives_up", "failed"):
                    continue
                label = SHORT_EXITS.get(name, name)
                if isinstance(node, TransferNode):
                    label = "atendeu" if name == "next" else "não atendeu"
                if isinstance(node, CollectNode):
                    label = "certo" if name == "next" else "desiste"
        labels.setdefault(target, []).append(label)
    for target, found in labels.items():
        yield ", ".join(found), target


def whole_text(node: Node) -> str:
    """What the pointer shows."""
    return "\n".join(shown_text(texts) for _, texts in said(node))


def _needed(node: QueueNode | HandOverNode) -> str:
    return f", precisa: {node.needs}" if node.needs else ""


def _text_of(node: Node) -> str:
    for _, texts in said(node):
        return _short(shown_text(texts), DRAWN_CHARACTERS)
    return ""


def _short(words: str, most: int) -> str:
    return textwrap.shorten(words, most, placeholder=" …")


def _extra(node: Node) -> str:
    """What a box says besides its text."""
    match node:
        case CollectNode():
            return f"guarda {node.variable} ({node.kind})"
        case LookUpNode():
            return f"serviço {node.service}, até {quantity(node.seconds)} s"
        case QueueNode():
            note = f" «{node.note}»" if node.note else ""
            return f"fila {node.queue}, prioridade {node.priority}{_needed(node)}{note}"
        case TransferNode():
            return f"para {node.destination}"
        case SurveyNode():
            return f"perguntas: {', '.join(one.name for one in node.questions)}"
        case MenuNode() if node.tries is not None:
            return "1 tentativa" if node.tries == 1 else f"{node.tries} tentativas"
        case _:
            return ""


def box_of(node: Node, rows: list[str]) -> str:
    """A node as a table of Graphviz's HTML; the rows are its ways out."""
    kind = kind_of(node)
    head = (
        f"<TR><TD COLSPAN='2' PORT='topo' ALIGN='LEFT' BGCOLOR='{COLOURS[kind]}'>"
        f"<B>{html.escape(node.name)}</B>  <FONT POINT-SIZE='8'>{kind}</FONT></TD></TR>"
    )
    body = [words for words in (_extra(node), _text_of(node)) if words]
    for words in body:
        head += f"<TR><TD COLSPAN='2' ALIGN='LEFT'>{_wrapped(words, TEXT_COLUMNS)}</TD></TR>"
    return (
        "<TABLE BORDER='1' CELLBORDER='0' CELLSPACING='0' CELLPADDING='2' BGCOLOR='white' "
        f"COLOR='#777777'>{head}{''.join(rows)}</TABLE>"
    )


def row_of(port: str, label: str, words: str, colour: str) -> str:
    """One way out: its key or answer, and where it leads."""
    paint = f" BGCOLOR='{colour}'" if colour else ""
    told = _wrapped(_short(words, LEAF_COLUMNS), LEAF_COLUMNS)
    return (
        f"<TR><TD ALIGN='LEFT'><B>{_wrapped(label, LABEL_COLUMNS)}</B></TD>"
        f"<TD PORT='{port}' ALIGN='LEFT'{paint}>{told}</TD></TR>"
    )


def _wrapped(words: str, columns: int) -> str:
    lines = textwrap.wrap(words, columns) or [" "]
    # a space at each end: browsers' letters are a little wider than Graphviz reckons
    return "".join(f"{html.escape(line)} &#160;<BR ALIGN='LEFT'/>" for line in lines)
