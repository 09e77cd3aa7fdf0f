"""What was done with a call's recordings, in Portuguese, for its story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Plain = Mapping[str, Any]

HOWS: Final = {"policy": "por prazo de guarda", "request": "a pedido"}


def _sealed(agent: str, said: Plain) -> str:
    return f"gravação cifrada: {said.get('recording', '?')}"


def _heard(agent: str, said: Plain) -> str:
    return f"gravação ouvida ({said.get('format', '?')}): {said.get('reason') or 'sem motivo'}"


def _held(agent: str, said: Plain) -> str:
    return f"gravações retidas (retenção {said.get('hold', '?')}): {said.get('reason') or '?'}"


def _released(agent: str, said: Plain) -> str:
    return f"retenção {said.get('hold', '?')} liberada: {said.get('reason') or '?'}"


def _archived(agent: str, said: Plain) -> str:
    return f"gravação arquivada: {said.get('recording', '?')}"


def _erased(agent: str, said: Plain) -> str:
    how = HOWS.get(said.get("how", ""), said.get("how") or "?")
    return f"gravação apagada {how}: {said.get('because') or '?'}"


RECORDINGS: Final[dict[str, Callable[[str, Plain], str]]] = {
    "recording_sealed": _sealed,
    "recording_heard": _heard,
    "recording_held": _held,
    "recording_released": _released,
    "recording_archived": _archived,
    "recording_erased": _erased,
}
