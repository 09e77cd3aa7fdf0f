"""The smallest folder of dialplans that is right, for the examples of the administrator's guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LINES: Final = ("156", "199", "153")

QUEUES: Final = "".join(
    f"  {name}:\n    linha: {line}\n    habilidade: {name}\n    prioridade: 30\n"
    for name, line in {
        "e199_risco": "199",
        "e153_ocorrencia": "153",
        "p156_geral": "156",
        "p156_zeladoria": "156",
        "p156_saude_animais": "156",
        "p156_idiomas": "156",
        "p156_financas_docs": "156",
    }.items()
)

NODES_AROUND: Final = "".join(
    f"  {name}:\n    tipo: fila\n    fila: p156_geral\n"
    for name in ("pessoa", "linhas", "bilhete", "especialista", "plantao")
)
"""Nodes that the guide's examples lead to without showing them."""

TOWN: Final[Mapping[str, str]] = {
    "queues.yaml": f"filas:\n{QUEUES}",
    "calendar.yaml": (
        "horarios:\n"
        "  sempre: {todos os dias: '0:00 a 24:00'}\n"
        "  comercial: {segunda a sexta: '8:00 a 18:00', feriados: fechado}\n"
        "  madrugada: {todos os dias: '0:00 a 5:00'}\n"
        "  saude: {todos os dias: '7:00 a 19:00'}\n"
    ),
    "comum.yaml": (
        f"textos:\n  um_momento: Um momento, por favor.\netapas:\n{NODES_AROUND}"
        "destinos:\n  ouvidoria_sp: '08007701234'\n"
    ),
    "servicos.yaml": (
        "servicos:\n  consulta_ver:\n    origem: saude\n"
        "    sql: SELECT data, hora, unidade FROM consultas WHERE codigo = :codigo\n"
        "    pergunta: [codigo]\n    responde: [data, hora, unidade]\n"
    ),
    "announcements.yaml": "avisos: []\n",
    "156.yaml": (
        "linha: 156\ncomeca_em: principal\natendente: p156_geral\netapas:\n"
        "  principal:\n    tipo: menu\n    fala: Falar com um atendente, tecle nove.\n"
        "    teclas: {9: pessoa_geral}\n"
        "  pessoa_geral: {tipo: fila, fila: p156_geral}\n"
    ),
    "199.yaml": (
        "linha: 199\ncomeca_em: risco\natendente: e199_risco\netapas:\n"
        "  risco: {tipo: fila, fila: e199_risco}\n"
    ),
    "153.yaml": (
        "linha: 153\ncomeca_em: ocorrencia\natendente: e153_ocorrencia\netapas:\n"
        "  ocorrencia: {tipo: fila, fila: e153_ocorrencia}\n"
    ),
}
"""The smallest folder that is right: each example takes the place of something in it."""
