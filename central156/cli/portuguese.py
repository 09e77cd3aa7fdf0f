"""click's own words in Portuguese: a catalogue for gettext, put under click's `_`.

The catalogue is a table here instead of a compiled file found by LANG: the command line speaks
Portuguese on every machine, whatever its locale. A test asks click for every text it has.
"""

from __future__ import annotations

import gettext
import sys
from typing import Any, Final

import click

ONE: Final[dict[str, str]] = {
    "d": "d",
    "Aborted!": "Interrompido.",
    "deprecated": "obsoleto",
    "required": "obrigatório",
    "Missing command.": "Falta o comando.",
    "Options": "Opções",
    "Positional arguments": "Argumentos",
    "Commands": "Comandos",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}": (
        "Aviso: o comando {name!r} está obsoleto.{extra_message}"
    ),
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}": (
        "Aviso: {param_type} {name!r}: obsoleto.{extra_message}"
    ),
    "Value must be an iterable.": "O valor deve ser uma lista.",
    "env var: {var}": "variável: {var}",
    "default: {default}": "padrão: {default}",
    "(dynamic)": "(calculado)",
    "Do you want to continue?": "Continuar?",
    "Confirm the action without prompting.": "Confirma sem perguntar.",
    "%(prog)s, version %(version)s": "%(prog)s, versão %(version)s",
    "Show the version and exit.": "Mostra a versão e sai.",
    "Show this message and exit.": "Mostra esta ajuda e sai.",
    "Missing argument": "Falta o argumento",
    "Missing option": "Falta a opção",
    "Missing parameter": "Falta o parâmetro",
    "Missing parameter: {param_name}": "Falta o parâmetro: {param_name}",
    "Missing {param_type}": "Falta: {param_type}",
    "unknown error": "erro desconhecido",
    "Invalid value: {message}": "Valor inválido: {message}",
    "Invalid value for {param_hint}: {message}": "Valor inválido para {param_hint}: {message}",
    "Could not open file {filename!r}: {message}": (
        "O arquivo {filename!r} não pôde ser aberto: {message}"
    ),
    "Error: {message}": "Erro: {message}",
    "Try '{command} {option}' for help.": "Para ajuda: '{command} {option}'.",
    "No such option {name!r}.": "Não há a opção {name!r}.",
    "No such command {name!r}.": "Não há o comando {name!r}.",
    "Usage:": "Uso:",
    "Invalid start character for option ({option})": "Início inválido de opção ({option})",
    "Option {name!r} does not take a value.": "A opção {name!r} não leva valor.",
    "Argument {name!r} takes {nargs} values.": "O argumento {name!r} leva {nargs} valores.",
    "Press any key to continue...": "Tecle algo para continuar...",
    "Repeat for confirmation": "Repita para confirmar",
    "Error: The two entered values do not match.": "Erro: os dois valores não são iguais.",
    "Error: invalid input": "Erro: entrada inválida",
    "file": "arquivo",
    "directory": "pasta",
    "path": "caminho",
    "Choose from:\n\t{choices}": "Escolha entre:\n\t{choices}",
    "Choice({choices})": "Escolha({choices})",
    "{value} is not in the range {range}.": "{value} está fora da faixa {range}.",
    "{value!r} is not a valid boolean. Recognized values: {states}": (
        "{value!r} não é sim nem não. Valores aceitos: {states}"
    ),
    "{value!r} is not a valid {number_type}.": "{value!r} não é um número válido.",
    "{value!r} is not a valid UUID.": "{value!r} não é um UUID.",
    "{name} {filename!r} is a file.": "{name} {filename!r} é um arquivo.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} é uma pasta.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} não pode ser lido.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} não pode ser gravado.",
    "{name} {filename!r} is not executable.": "{name} {filename!r} não pode ser executado.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} não existe.",
}

MANY: Final[dict[str, tuple[str, str]]] = {
    "Got unexpected extra argument ({args})": (
        "Argumento a mais ({args})",
        "Argumentos a mais ({args})",
    ),
    "Takes {nargs} values but 1 was given.": (
        "Leva {nargs} valores, mas foi dado 1.",
        "Leva {nargs} valores, mas foram dados {len}.",
    ),
    "Did you mean {possibility}?": (
        "Você quis dizer {possibility}?",
        "(Você quis dizer um destes: {possibilities}?)",
    ),
    "Option {name!r} requires an argument.": (
        "A opção {name!r} precisa de um valor.",
        "A opção {name!r} precisa de {nargs} valores.",
    ),
    "{value!r} is not {choice}.": (
        "{value!r} não é {choice}.",
        "{value!r} não é um de: {choices}.",
    ),
    "{value!r} does not match the format {format}.": (
        "{value!r} não segue o formato {format}.",
        "{value!r} não segue os formatos {formats}.",
    ),
    "{len_type} values are required, but {len_value} was given.": (
        "São precisos {len_type} valores, mas foi dado {len_value}.",
        "São precisos {len_type} valores, mas foram dados {len_value}.",
    ),
}

PLACES: Final = {
    "text": "TEXTO",
    "integer": "N",
    "integer range": "N",
    "float": "N",
    "float range": "N",
    "file": "ARQUIVO",
    "filename": "ARQUIVO",
    "directory": "PASTA",
    "path": "CAMINHO",
}
"""What stands for a value in the help, by click's name of the type."""

OPTIONS, COMMANDS = "[OPÇÕES]", "COMANDO [ARGUMENTOS]..."


class Portuguese(gettext.NullTranslations):
    """The catalogue. What it lacks stays as it is."""

    def gettext(self, message: str) -> str:
        """One text."""
        return ONE.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """One text that depends on a number."""
        one, many = MANY.get(msgid1, (msgid1, msgid2))
        return one if n == 1 else many


def speak_portuguese() -> None:
    """Give click the catalogue. Its modules hold gettext's functions under names of their own."""
    catalogue = Portuguese()
    for name, module in tuple(sys.modules.items()):
        if name.startswith("click.") and module is not None:
            for theirs, ours in (("_", catalogue.gettext), ("ngettext", catalogue.ngettext)):
                if hasattr(module, theirs):
                    setattr(module, theirs, ours)


def in_portuguese(command: click.Command) -> click.Command:
    """The command with Portuguese place-holders in its help."""
    if command.options_metavar == "[OPTIONS]":
        command.options_metavar = OPTIONS
    if isinstance(command, click.Group):
        command.subcommand_metavar = COMMANDS
        for inner in command.commands.values():
            in_portuguese(inner)
    for parameter in command.params:
        if parameter.metavar is None and not _is_flag(parameter):
            parameter.metavar = PLACES.get(parameter.type.name)
    return command


def _is_flag(parameter: Any) -> bool:
    return isinstance(parameter, click.Argument) or bool(getattr(parameter, "is_flag", False))
