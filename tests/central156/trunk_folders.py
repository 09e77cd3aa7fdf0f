"""State folders whose dialplans have ways out."""

from __future__ import annotations

from pathlib import Path

from house import CHECKOUT

from central156.settings import Settings, load_settings

TWO = """rotas:
  principal:
    operadora: Primeira
    destino: 10.0.0.5:5060
    por_mes: 1000
  reserva:
    operadora: Segunda
    destino: 10.0.0.6:5060
    prefixo: 021
    canais: 7
    por_segundo: 2
    autenticada: sim
    so_disca: [11, 12]
"""
THREE = TWO + "  terceira: {operadora: Segunda, destino: '10.0.0.7:5060'}\n"


def folder_with(state: Path, rotas: str | None, **more: str) -> Settings:
    """A state folder whose dialplans have this rotas.yaml."""
    dialplans = state / "menus"
    dialplans.mkdir(parents=True, exist_ok=True)
    for file in (CHECKOUT / "dialplans").glob("*.yaml"):
        (dialplans / file.name).write_bytes(file.read_bytes())
    (dialplans / "rotas.yaml").unlink()
    if rotas is not None:
        (dialplans / "rotas.yaml").write_text(rotas, encoding="utf-8")
    said = {"dialplans_dir": str(dialplans), **more}
    lines = [f'{name} = "{value}"' for name, value in said.items()]
    (state / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_settings(state)
