"""Editors and the reader are told the same: the schema is made from the tables that read, lies in
the papers as it is, and passes what the reader passes. What it refuses the reader refuses:
test_corpus.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from broken_files import WHOLE, plain
from jsonschema import Draft7Validator

import reader
from reader.schema import KINDS, json_schema, schema_text
from reader.yaml_text import read_yaml

CHECKOUT = Path(__file__).parents[2]
SHIPPED = sorted((CHECKOUT / "dialplans").glob("**/*.yaml"))
SOUND = [*SHIPPED, *sorted(WHOLE.glob("*.yaml")), *sorted(WHOLE.with_name("menus").glob("*.yaml"))]
SCHEMA = Draft7Validator(json_schema())


class Core(yaml.CSafeLoader):
    """YAML 1.2's core schema, as editors read: 0199 is 199, on and no are texts."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$",
        list("-+.0123456789"),
    ),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", yaml.resolver.re.compile(pattern), first)
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def told(data: Any) -> list[str]:
    return [f"{'/'.join(map(str, one.path))}: {one.message}" for one in SCHEMA.iter_errors(data)]


def test_the_papers_hold_the_schema_as_it_is() -> None:
    written = (CHECKOUT / "docs/dialplan.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), (
        "make it again: central156 dialplan schema > docs/dialplan.schema.json"
    )


def test_it_is_a_schema_and_holds_together() -> None:
    schema = json_schema()
    Draft7Validator.check_schema(schema)
    used = {part.split('"')[0] for part in schema_text().split('"#/definitions/')[1:]}
    assert used == set(schema["definitions"])
    assert {name for name, _, _ in KINDS} <= used


@pytest.mark.parametrize("file", SOUND, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_sound_files_pass(file: Path) -> None:
    content = file.read_bytes()
    tree, refused = read_yaml(content)
    assert not refused
    assert told(plain(tree)) == []
    assert told(yaml.load(content, Core)) == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_shipped_files_say_where_their_schema_is(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    start, _, path = first.partition("$schema=")
    assert start == "# yaml-language-server: "
    assert (file.parent / path).resolve() == CHECKOUT / "docs/dialplan.schema.json"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("156", "linha: 156", 'linha: "156"'),
        ("156", "tentativas: 3\n", "tentativas: 03\n"),
        ("156", "interrompe: não", "interrompe: nao"),
        ("156", "interrompe: não", "interrompe: 'sim'"),
        ("156", "a_cada: 60 s", "a_cada: 1min"),
        ("156", "a_cada: 60 s", "a_cada: 90,5 s"),
        ("156", "a_cada: 60 s", "a_cada: 60000 ms"),
        ("156", "tamanho: 1 a 3", "tamanho: 3"),
        ("156", "hora: 18:00 a 22:00 e 23:00 a 6:00", "hora: 18:00 às 22:00"),
        ("156", "dia: [sabado, domingo]", "dia: terça-feira"),
        ("156", "dia: [sabado, domingo]", "dia:\n            - terca\n            - sábado"),
        ("156", "entrada: 08000110156", "entrada: ['156', 08000110156]"),
        ("156", "ddd: [11, 13]", "ddd: 11"),
        ("156", "igual: [1, 2]", "igual: true"),
        ("156", "fala: Digite a sua idade.", "fala: 'Digite: a sua idade.'"),
        ("156", "fala: Digite a sua idade.", "fala: [Digite., {pt: A sua idade., en: Age.}]"),
        ("156", "fala: Digite a sua idade.", "fala: [gravada, Digite.]"),
        ("156", "fala: Digite a sua idade.", "fala: |\n      Digite\n      a sua idade."),
        ("156", "fala: Digite a sua idade.", "fala: gravada"),
        ("156", "fala: Digite a sua idade.", "fala: 2026"),
        ("156", "porque: A linha da cidade.", "porque: 156"),
        ("156", "porque: A linha da cidade.", "porque: >-\n  Duas\n  linhas."),
        ("queues", "meta: 85 % em 15 s", "meta: 85% em 15 s"),
        ("queues", "meta: 85 % em 15 s", "meta: 100 % em 1 min"),
        ("queues", "habilidades: [p156_geral]", "habilidades: p156_geral"),
        ("calendar", "facultativos: [Corpus Christi, Carnaval]", "facultativos: todos"),
        ("calendar", "sábado: 8:00 a 12:00", "sexta a domingo: 8:00 às 12:00"),
        ("calendar", "24/12/2026: fechado", "1/1/2027: fechado"),
        ("calendar", "dia: 25/01", "dia: 25/1"),
        ("calendar", "dia: 25/01", "dia: 29/02"),
        ("comum", "bombeiros: 193", "bombeiros: '193'"),
        ("comum", "- 142\n", "- '142'\n"),
        ("announcements", "de: 2026-11-25 08:00", "de: 25/11/2026 8:00"),
        ("announcements", "de: 2026-11-25 08:00", "de: '2026-11-25  08:00'"),
        ("servicos", "pergunta: codigo\n    responde", "pergunta: [codigo]\n    responde"),
    ],
)
def test_what_may_be_written_in_another_way_passes_both(name: str, old: str, new: str) -> None:
    file = f"{name}.yaml"
    text = (WHOLE / file).read_text(encoding="utf-8")
    assert old in text
    content = text.replace(old, new, 1).encode()
    files = {**reader.contents_of(WHOLE).files, file: content}
    reader.read_contents(reader.Contents("whole", files))
    assert told(plain(read_yaml(content)[0])) == []
    assert told(yaml.load(content, Core)) == []


@pytest.mark.parametrize("content", [b"", b"# nada\n", b"avisos: []\n", b"avisos:\n"])
def test_no_announcements_are_no_mistake(content: bytes) -> None:
    files = {**reader.contents_of(WHOLE).files, "announcements.yaml": content}
    assert reader.read_contents(reader.Contents("whole", files)).announcements == ()
    assert told(plain(read_yaml(content)[0])) == []
