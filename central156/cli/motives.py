"""`--motivo`: why a person orders something, by one name in every command.

The older spellings are still heard, for whoever has them in the fingers or in a script; the help
shows one, so that nobody has to learn that there are several.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

KEPT: Final = "Por quê; fica gravado."
_SPELLINGS: Final = ("--motivo", "--reason", "--because")

Command = TypeVar("Command", bound=Callable[..., Any])


class OneName(click.Option):
    """An option that is shown by its first spelling alone, in the help and in complaints."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line of the help, with the first spelling."""
        every, self.opts = self.opts, self.opts[:1]
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = every

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """What a complaint calls this option."""
        return f"'{self.opts[0]}'"


def motive(
    into: str,
    *more: str,
    required: bool = False,
    said: str = KEPT,
    of: click.ParamType[Any] | None = None,
) -> Callable[[Command], Command]:
    """The option; `into` is the name it has in the function, `more` are spellings of old."""
    wanted: dict[str, Any] = {"required": True} if required else {"default": ""}
    shown = None if of else "TEXTO"
    option: Callable[[Command], Command] = click.option(
        *_SPELLINGS, *more, into, cls=OneName, type=of, metavar=shown, help=said, **wanted
    )
    return option
