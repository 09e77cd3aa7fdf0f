"""A JSON Schema for editors, made from the tables that read: there is no second description.

One schema for all files of a folder; which of its definitions a file must follow is told by its
keys, so that editors need to know nothing but where the schema is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from reader import (
    announcement_file,
    calendar_file,
    campaign_file,
    common_file,
    contract_file,
    line_file,
    look_up_file,
    queue_file,
    trunk_file,
)
from reader.folder import ANNOUNCEMENTS, CALENDAR, COMMON, CONTRACT, LOOK_UPS, QUEUES
from reader.forms import Form, Schema, form_schema
from reader.script_forms import SCRIPTS

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
LINE_DEFINITION, SCRIPT_DEFINITION = "arquivo_linha", "arquivo_roteiros"
CAMPAIGN_DEFINITION: Final = "arquivo_campanha"

KINDS: Final[tuple[tuple[str, tuple[str, ...], Form], ...]] = (
    (SCRIPT_DEFINITION, ("chamadas",), SCRIPTS),
    (CAMPAIGN_DEFINITION, campaign_file.KNOWN_BY, campaign_file.FILE),
    ("arquivo_rotas", tuple(trunk_file.FILE), trunk_file.FILE),
    (LINE_DEFINITION, ("linha",), line_file.LINE),
    (f"arquivo_{QUEUES.removesuffix('.yaml')}", ("filas",), queue_file.FILE),
    (f"arquivo_{CALENDAR.removesuffix('.yaml')}", tuple(calendar_file.FILE), calendar_file.FILE),
    (f"arquivo_{LOOK_UPS.removesuffix('.yaml')}", ("servicos",), look_up_file.FILE),
    (f"arquivo_{ANNOUNCEMENTS.removesuffix('.yaml')}", ("avisos",), announcement_file.FILE),
    (f"arquivo_{CONTRACT.removesuffix('.yaml')}", contract_file.KNOWN_BY, contract_file.FILE),
    (f"arquivo_{COMMON.removesuffix('.yaml')}", (), common_file.COMMON),
)
"""Each kind of file: its definition, the keys that it is known by (one of them; the last kind is
what no other is), and its form."""


def json_schema() -> dict[str, Any]:
    """The whole schema."""
    definitions: dict[str, Any] = {}
    chain: dict[str, Any] = {}
    for name, keys, form in reversed(KINDS):
        then = _hoisted({"title": name, **form_schema(form)}, definitions)
        if not keys:
            chain = then
        else:
            known_by = [{"required": [key]} for key in keys]
            chain = {"if": {"anyOf": known_by}, "then": then, "else": chain}
    return {
        "$schema": DRAFT,
        "title": "Dialplans da Central 156",
        "description": "Feito de reader/: não se edita à mão.",
        "if": {"type": "null"},  # a file that says nothing, and may
        "then": {},
        "else": {"type": "object", **chain},
        "definitions": dict(sorted(definitions.items())),
    }


def _hoisted(schema: Any, definitions: dict[str, Any]) -> Any:
    """The same schema, with each part that has a title moved to the definitions."""
    if isinstance(schema, list | tuple):
        return [_hoisted(one, definitions) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "title" not in schema:
        return {key: _hoisted(value, definitions) for key, value in schema.items()}
    return {"$ref": _defined(schema, definitions), **_described(schema)}


def _defined(schema: Schema, definitions: dict[str, Any]) -> str:
    name = schema["title"]
    if name not in definitions:
        definitions[name] = {}
        body = {key: value for key, value in schema.items() if key not in ("title", "description")}
        definitions[name].update(_hoisted(body, definitions))
    return f"#/definitions/{name}"


def _described(schema: Schema) -> dict[str, Any]:
    return {"description": schema["description"]} if "description" in schema else {}


def schema_text() -> str:
    """The schema as its file has it."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
