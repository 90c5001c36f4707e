"""A group of commands that are imported when they are called, not when they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are known by name and by their line in `--help`.

    `listed` says of each where it stands (`module:name` in this package) and that line.
    """

    def __init__(self, *args: Any, listed: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self._listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in their order."""
        return list(self._listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; imported now."""
        if cmd_name not in self._listed:
            return None
        module, _, name = self._listed[cmd_name][0].partition(":")
        command = getattr(import_module(f"linkgraph.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lines of `--help`, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._listed.items()])
