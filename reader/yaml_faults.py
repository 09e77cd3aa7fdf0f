"""Why a file is not YAML, in the words of who wrote it, and where the slip is rather than where the
parser noticed it: often a line below.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import yaml

from terms.limits import DIALPLAN_DEPTH

Place = tuple[int, int]
"""Line and column; both count from 1."""

TOO_DEEP: Final = f"há mais de {DIALPLAN_DEPTH} níveis, um dentro do outro"
_NO_SPACE: Final = "falta um espaço depois dos dois pontos (:)"
_OPEN_QUOTE: Final = "o arquivo acaba no meio de um texto: faltam aspas no fim do que começa aqui"
_LIKE_YAML: Final = "um texto que começa por {} precisa de aspas"
_QUOTED: Final = (
    "um texto que começa por aspas acaba onde elas se fecham; ponha o texto todo entre as outras "
    "aspas"
)
_EXPLAINED: Final = (
    ("found character that cannot start", "este sinal não pode começar um texto; use aspas"),
    ("mapping values are not allowed", "há dois pontos (:) num texto sem aspas, ou recuo errado"),
    ("could not find expected ':'", "faltam os dois pontos (:) depois da chave"),
    ("did not find expected key", "recuo errado ou aspas sem par: esperava-se outra chave aqui"),
    ("did not find expected '-'", "recuo errado: esperava-se outro item com '-' aqui"),
    ("block sequence entries are not", "um item com '-' não pode começar aqui"),
    (
        "did not find expected ',' or",
        "falta uma vírgula, ou o fim do [ ] ou { } que começa aqui (um texto que começa assim "
        "precisa de aspas)",
    ),
    ("did not find expected node content", "falta um valor, ou o fim de [ ] ou { }"),
    ("unexpected end of stream", _OPEN_QUOTE),
    ("unexpected document indicator", _OPEN_QUOTE),
    ("unknown escape character", "sinal desconhecido depois da barra (\\); use aspas simples"),
    ("control characters", "há um caractere de controle invisível"),
    ("did not find expected alphabetic", "este sinal (& ou *) não pode ficar sem aspas"),
    ("did not find expected <document", "sobrou texto depois do fim do conteúdo"),
    ("exceeded maximum nesting depth", TOO_DEEP),
)
_NOTICED_LATE: Final = (
    *("could not find expected ':'", "did not find expected ',' or"),
    *("unexpected end of stream", "unexpected document indicator"),
)
"""What the parser notices after the place where what it was reading began."""

_BREAK: Final = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_KEY: Final = re.compile(r"(\s*(?:- )?)([\w#*'\"]+):?")
_GLUED: Final = re.compile(r"\s*(?:- )?[\w#*'\"]+:(?=\S)")
_OPENS: Final = re.compile(r"\s*(?:- )?[\w#*'\"]+:\s*(#.*)?$")
_VALUE: Final = re.compile(r"\s*(?:- )*[^\s:]+:\s+([\"'{\[*&!])")


def explained(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str]:
    """Where the slip is, and what it is."""
    problem = str(error.problem or error.context or "")
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and any(late in problem for late in _NOTICED_LATE):
        mark = error.context_mark
    if mark is None:
        return (1, 1), f"o YAML está malformado ({problem})"
    place = (mark.line + 1, mark.column + 1)
    if text[mark.index : mark.index + 1] == "\t":
        return place, "há uma tabulação no recuo; use espaços"
    lines = _Lines(_BREAK.split(text))
    if found := lines.space_like(place) or lines.before_a_colon(place, problem):
        return found
    if "did not find expected" in problem and (sign := lines.begins_value(place)):
        return (place[0], sign[0]), _QUOTED if sign[1] in "'\"" else _LIKE_YAML.format(sign[1])
    meanings = (meaning for known, meaning in _EXPLAINED if known in problem)
    return place, next(meanings, f"o YAML está malformado aqui ({problem})")


@dataclass(frozen=True, slots=True)
class _Lines:
    """A file's lines, to look at those around a fault."""

    lines: list[str]

    def _at(self, number: int) -> str:
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def _above(self, number: int) -> int:
        """The nearest line above that says something; 0 when there is none."""
        while number > 1:
            number -= 1
            said = self._at(number).strip()
            if said and not said.startswith("#"):
                return number
        return 0

    def space_like(self, place: Place) -> tuple[Place, str] | None:
        """A space that looks like one and is none, at the beginning of a line or after a colon:
        texts that were copied from a web page have them."""
        for number in (self._above(place[0]), place[0]):
            line = self._at(number)
            for found in re.finditer(r"[^\S ]", line):
                before = line[: found.start()]
                if unicodedata.category(found[0]) == "Zs" and re.search(r"(^\s*|:\s*)$", before):
                    code = f"U+{ord(found[0]):04X}"
                    return (number, found.start() + 1), (
                        f"o espaço aqui não é um espaço comum ({code}); apague-o e digite outro"
                    )
        return None

    def before_a_colon(self, place: Place, problem: str) -> tuple[Place, str] | None:
        """A key that the parser took for the rest of the line above it: that one lacks its colon,
        or the space after it."""
        number, column = place
        here = self._at(number)
        if "expected ':'" in problem and (glued := _GLUED.match(here)):
            return (number, glued.end()), _NO_SPACE
        key = _KEY.fullmatch(here[:column])
        above = self._above(number)
        if "mapping values" not in problem or not key or not above:
            return None
        line = self._at(above)
        if glued := _GLUED.match(line):
            return (above, glued.end()), _NO_SPACE
        opened = _OPENS.match(self._at(self._above(above)))
        indent = len(line) - len(line.lstrip())
        if opened and ":" not in line and indent == len(key[1]):
            return (above, indent + 1), "faltam os dois pontos (:) depois da chave"
        return (number, len(key[1]) + 1), (
            "recuo errado: esta linha está mais à direita do que as suas vizinhas, ou a de cima "
            "tem um texto sem aspas que não acabou"
        )

    def begins_value(self, place: Place) -> tuple[int, str] | None:
        """The sign with which the value of this line begins, if YAML takes it for its own, and
        its column."""
        line, column = self._at(place[0]), place[1]
        found = _VALUE.match(line)
        if found is None or found.start(1) >= column - 1:
            return None
        return found.start(1) + 1, found[1]
